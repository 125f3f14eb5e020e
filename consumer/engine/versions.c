/* versions.c: do several versions of a definition fit together? */
#include "state.h"

static bool has_stage(const struct definition *d, struct slice name) {
  for (int32_t i = 0; i < d->stage_count; i++)
    if (slice_equal(d->stages[i].name, name)) return true;
  for (int32_t i = 0; i < d->replace_count; i++)
    if (slice_equal(d->replaces[i].from, name)) return true;
  return false;
}

/* A sentence put together from pieces; cut where it does not fit. */
struct sentence {
  char *at;
  size_t room;
};

static void say(struct sentence *s, struct slice piece) {
  size_t n = piece.length < s->room ? piece.length : s->room - 1;
  memcpy(s->at, piece.at, n);
  s->at += n;
  s->room -= n;
  *s->at = 0;
}

static void say_number(struct sentence *s, uint32_t number) {
  char digits[10];
  uint32_t at = sizeof digits;
  do digits[--at] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  say(s, (struct slice){digits + at, (uint32_t)sizeof digits - at});
}

static bool stages_kept(const struct definition *a, const struct definition *b, struct sentence *why) {
  for (int32_t i = 0; i < a->stage_count; i++) {
    if (has_stage(b, a->stages[i].name)) continue;
    say(why, SLICE("version "));
    say_number(why, b->version);
    say(why, SLICE(" no longer has the stage \""));
    say(why, a->stages[i].name);
    say(why, SLICE("\" of version "));
    say_number(why, a->version);
    say(why, SLICE("; say in its \"replaces\" which stage takes its leads"));
    return false;
  }
  return true;
}

/* The least version above `after`, or NULL. */
static const struct definition *next_above(const struct definition *const *definitions, int32_t count, uint32_t after) {
  const struct definition *least = NULL;
  for (int32_t i = 0; i < count; i++)
    if (definitions[i]->version > after && (!least || definitions[i]->version < least->version)) least = definitions[i];
  return least;
}

static bool names_differ(const struct definition *a, const struct definition *b, struct sentence *why) {
  if (slice_equal(a->name, b->name)) return false;
  say(why, SLICE("the definitions have two names, \""));
  say(why, a->name);
  say(why, SLICE("\" and \""));
  say(why, b->name);
  say(why, SLICE("\"; versions of one definition have one name"));
  return true;
}

static bool version_twice(const struct definition *a, const struct definition *b, struct sentence *why) {
  if (a->version != b->version) return false;
  say(why, SLICE("version "));
  say_number(why, a->version);
  say(why, SLICE(" was given twice"));
  return true;
}

bool versions_check(const struct definition *const *definitions, int32_t count, char *why, size_t size) {
  struct sentence sentence = {why, size};
  for (int32_t i = 1; i < count; i++) {
    if (names_differ(definitions[0], definitions[i], &sentence)) return false;
    for (int32_t j = 0; j < i; j++)
      if (version_twice(definitions[j], definitions[i], &sentence)) return false;
  }
  const struct definition *a = next_above(definitions, count, 0), *b;
  for (; a && (b = next_above(definitions, count, a->version)); a = b)
    if (!stages_kept(a, b, &sentence)) return false;
  return true;
}
