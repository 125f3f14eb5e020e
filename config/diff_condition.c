/* diff_condition.c: two conditions part by part: what is asked for now and was not, which thresholds moved. */
#include <string.h>
#include <strings.h>

#include "../consumer/engine/memory.h"
#include "diff_find.h"

static void compare(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b);

/* --- what is comparable --- */

static const char *const lower[] = {"at_least", "above"}, *const upper[] = {"at_most", "below"};

static const cJSON *one_of(const cJSON *node, const char *const *names) {
  const cJSON *found = phrase_member(node, names[0]);
  return found ? found : phrase_member(node, names[1]);
}

static const cJSON *values_of(const cJSON *node) {
  static const char *const names[] = {"is", "in"};
  return one_of(node, names);
}

static bool same_text(const cJSON *a, const cJSON *b, const char *member) {
  const cJSON *x = phrase_member(a, member), *y = phrase_member(b, member);
  return cJSON_IsString(x) && cJSON_IsString(y) && strcmp(x->valuestring, y->valuestring) == 0;
}

/* Do both compare the same thing in the same way, so that only the value moved? */
static bool compares_alike(const cJSON *a, const cJSON *b) {
  if (!same_text(a, b, "attribute") && !same_text(a, b, "score")) return false;
  return (one_of(a, lower) && one_of(b, lower)) || (one_of(a, upper) && one_of(b, upper)) ||
         (values_of(a) && values_of(b)) || (phrase_member(a, "like") && phrase_member(b, "like"));
}

static const cJSON *names_of(const cJSON *pattern) {
  return cJSON_IsObject(pattern) ? phrase_member(pattern, "name") : pattern;
}

static bool share_names(const cJSON *a, const cJSON *b) {
  struct buffer text = {0};
  int all = cJSON_IsArray(names_of(b)) ? cJSON_GetArraySize(names_of(b)) : 1, gains = 0;
  const cJSON *first = cJSON_IsArray(names_of(b)) ? names_of(b)->child : names_of(b);
  for (const cJSON *each = first; each; each = cJSON_IsArray(names_of(b)) ? each->next : NULL)
    gains += texts_gained(&text, names_of(a), each, "");
  buffer_fini(&text);
  return gains < all;
}

static bool both_have(const cJSON *a, const cJSON *b, const char *member) {
  return phrase_member(a, member) && phrase_member(b, member);
}

/* The parts of a list, or a condition as the only one, each with its key: lists may be long. */
struct parts {
  const cJSON **at;
  char **keys;
  int count;
};

static void parts_add(struct parts *parts, const cJSON *part) {
  parts->at[parts->count] = part;
  parts->keys[parts->count++] = condition_key(part);
}

static void parts_init(struct parts *parts, const cJSON *node, const char *kind) {
  const cJSON *list = cJSON_IsObject(node) ? phrase_member(node, kind) : NULL;
  size_t count = list ? (size_t)cJSON_GetArraySize(list) : 1;
  *parts =
      (struct parts){.at = memory_zeroed(count, sizeof *parts->at), .keys = memory_zeroed(count, sizeof *parts->keys)};
  if (!list) parts_add(parts, node);
  for
    EACH(part, list) parts_add(parts, part);
}

static void parts_fini(struct parts *parts) {
  for (int i = 0; i < parts->count; i++) memory_free(parts->keys[i]);
  memory_free(parts->keys);
  memory_free(parts->at);
}

static bool share_part(const cJSON *a, const cJSON *b, const char *kind) {
  struct parts x, y;
  bool shared = false;
  parts_init(&x, a, kind);
  parts_init(&y, b, kind);
  for (int i = 0; i < x.count && !shared; i++)
    for (int j = 0; j < y.count && !shared; j++) shared = strcmp(x.keys[i], y.keys[j]) == 0;
  parts_fini(&x);
  parts_fini(&y);
  return shared;
}

static const char *const groups[] = {"all", "any", "of"};

/* Are these one part that was changed, rather than two? */
static bool is_pair(const cJSON *a, const cJSON *b) {
  if (cJSON_IsString(a) || cJSON_IsString(b)) return false;
  for (size_t i = 0; i < 3; i++)
    if (both_have(a, b, groups[i])) return share_part(a, b, groups[i]);
  if (both_have(a, b, "not")) {
    const cJSON *x = phrase_member(a, "not"), *y = phrase_member(b, "not");
    return same_condition(x, y) || is_pair(x, y);
  }
  if (both_have(a, b, "happened")) return share_names(phrase_member(a, "happened"), phrase_member(b, "happened"));
  if (both_have(a, b, "event")) return share_names(phrase_member(a, "event"), phrase_member(b, "event"));
  return both_have(a, b, "quiet_for") || compares_alike(a, b);
}

/* --- lists of texts --- */

static bool has_value(const cJSON *list, const cJSON *value, bool cased) {
  const cJSON *first = cJSON_IsArray(list) ? list->child : list;
  for (const cJSON *each = first; each; each = cJSON_IsArray(list) ? each->next : NULL) {
    if (each->type != value->type) continue;
    if (!cJSON_IsString(value) && each->valuedouble == value->valuedouble) return true;
    if (!cJSON_IsString(value)) continue;
    int order =
        cased ? strcmp(each->valuestring, value->valuestring) : strcasecmp(each->valuestring, value->valuestring);
    if (order == 0) return true;
  }
  return false;
}

static bool gained(struct buffer *out, const cJSON *a, const cJSON *b, const char *conjunction, bool cased) {
  bool some = false;
  const cJSON *first = cJSON_IsArray(b) ? b->child : b;
  for (const cJSON *each = first; each; each = cJSON_IsArray(b) ? each->next : NULL) {
    if (has_value(a, each, cased)) continue;
    if (some) buffer_append_text(out, conjunction);
    phrase_value(out, each);
    some = true;
  }
  return some;
}

bool texts_gained(struct buffer *out, const cJSON *a, const cJSON *b, const char *conjunction) {
  return gained(out, a, b, conjunction, true);
}

/* --- single conditions --- */

static enum direction number_direction(const cJSON *a, const cJSON *b) {
  const cJSON *x = one_of(a, lower), *y = one_of(b, lower);
  bool up = x && y;
  if (!up) x = one_of(a, upper), y = one_of(b, upper);
  if (x->valuedouble != y->valuedouble) return (x->valuedouble < y->valuedouble) == up ? LESS : MORE;
  return strcmp(y->string, up ? "above" : "below") == 0 ? LESS : MORE;
}

enum direction pattern_direction(const cJSON *a, const cJSON *b) {
  struct buffer text = {0};
  const cJSON *x = names_of(a), *y = names_of(b);
  bool every_a = cJSON_IsString(x) && strcmp(x->valuestring, "*") == 0;
  bool every_b = cJSON_IsString(y) && strcmp(y->valuestring, "*") == 0;
  enum direction all = SAME;
  if (every_a != every_b) all = every_b ? MORE : LESS;
  else if (texts_gained(&text, x, y, "")) all = MORE;
  if (every_a == every_b && texts_gained(&text, y, x, "")) all = direction_both(all, LESS);
  buffer_fini(&text);
  const cJSON *where_a = cJSON_IsObject(a) ? phrase_member(a, "where") : NULL;
  const cJSON *where_b = cJSON_IsObject(b) ? phrase_member(b, "where") : NULL;
  for
    EACH(each, where_a) {
      const cJSON *other = where_b ? phrase_member(where_b, each->string) : NULL;
      bool numbers =
          other && ((one_of(each, lower) && one_of(other, lower)) || (one_of(each, upper) && one_of(other, upper)));
      if (!other) all = direction_both(all, MORE);
      else if (!cJSON_Compare(each, other, true))
        all = direction_both(all, numbers ? number_direction(each, other) : EITHER);
    }
  for
    EACH(each, where_b) if (!where_a || !phrase_member(where_a, each->string)) all = direction_both(all, LESS);
  return all;
}

static enum direction happened_direction(const cJSON *a, const cJSON *b) {
  const cJSON *x = phrase_member(a, "times"), *y = phrase_member(b, "times");
  int before = x ? (int)x->valuedouble : 1, after = y ? (int)y->valuedouble : 1;
  int64_t within_a = duration_s(phrase_text(a, "within")), within_b = duration_s(phrase_text(b, "within"));
  enum direction all = pattern_direction(phrase_member(a, "happened"), phrase_member(b, "happened"));
  if (before != after) all = direction_both(all, after > before ? LESS : MORE);
  if (within_a != within_b) all = direction_both(all, within_b == 0 || (within_a && within_b > within_a) ? MORE : LESS);
  return all;
}

static void compare_values(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b,
                           const cJSON *node, const char *how) {
  struct buffer text = {0}, list = {0};
  const char *subject = phrase_text(node, "attribute");
  if (gained(&list, a, b, ", ", false)) {
    place_begin(place, &text);
    buffer_append(&list, "", 1);
    buffer_printf(&text, "%s may %s %s too", subject, how, list.at);
    place_note(d, place, MORE, &text);
  }
  list.length = 0;
  if (gained(&list, b, a, ", ", false)) {
    place_begin(place, &text);
    buffer_append(&list, "", 1);
    buffer_printf(&text, "%s may no longer %s %s", subject, how, list.at);
    place_note(d, place, LESS, &text);
  }
  buffer_fini(&list);
}

/* "at least 40", after a phrase that has said what is. */
static void say_threshold(struct buffer *text, const cJSON *node) {
  static const char is[] = "is ";
  struct buffer phrase = {0};
  phrase_operator(&phrase, node);
  bool begins = phrase.length > strlen(is) && memcmp(phrase.at, is, strlen(is)) == 0;
  size_t from = begins ? strlen(is) : 0;
  buffer_append(text, phrase.at + from, phrase.length - from);
  buffer_fini(&phrase);
}

static void compare_leaf(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b) {
  struct buffer old = {0}, new = {0};
  enum direction direction = EITHER;
  if (compares_alike(a, b) && values_of(a)) {
    compare_values(d, place, values_of(a), values_of(b), b, "be");
    return;
  }
  if (compares_alike(a, b) && phrase_member(a, "like")) {
    compare_values(d, place, phrase_member(a, "like"), phrase_member(b, "like"), b, "look like");
    return;
  }
  if (compares_alike(a, b)) direction = number_direction(a, b);
  else if (both_have(a, b, "happened")) direction = happened_direction(a, b);
  else if (both_have(a, b, "event"))
    direction = pattern_direction(phrase_member(a, "event"), phrase_member(b, "event"));
  else if (both_have(a, b, "quiet_for"))
    direction = duration_s(phrase_text(b, "quiet_for")) > duration_s(phrase_text(a, "quiet_for")) ? LESS : MORE;
  if (compares_alike(a, b)) say_threshold(&old, a);
  else phrase_condition(&old, a);
  phrase_condition(&new, b);
  compare_phrases(d, place, direction, "", &old, &new);
}

void compare_phrases(struct differ *d, const struct place *place, enum direction direction, const char *what,
                     struct buffer *a, struct buffer *b) {
  struct buffer text = {0};
  buffer_append(a, "", 1);
  buffer_append(b, "", 1);
  place_begin(place, &text);
  buffer_printf(&text, "%s%s; before: %s", what, b->at, a->at);
  place_note(d, place, direction, &text);
  buffer_fini(a);
  buffer_fini(b);
}

/* --- lists of conditions --- */

/* Each part's partner among the parts of the other list: the same one, else one that was changed. */
struct partners {
  struct parts old, new;
  int *of_old; /* place in new, or NONE */
  bool *taken; /* of new */
};

static bool is_partner(const struct partners *p, int i, int j, bool same) {
  return same ? strcmp(p->old.keys[i], p->new.keys[j]) == 0 : is_pair(p->old.at[i], p->new.at[j]);
}

static void find_partners(struct partners *p, bool same) {
  for (int i = 0; i < p->old.count; i++) {
    for (int j = 0; j < p->new.count && p->of_old[i] == NONE; j++) {
      if (p->taken[j] || !is_partner(p, i, j, same)) continue;
      p->of_old[i] = j;
      p->taken[j] = true;
    }
  }
}

static void partners_init(struct partners *p, const cJSON *a, const cJSON *b, const char *kind) {
  parts_init(&p->old, a, kind);
  parts_init(&p->new, b, kind);
  p->of_old = memory_zeroed((size_t)p->old.count, sizeof *p->of_old);
  p->taken = memory_zeroed((size_t)p->new.count, sizeof *p->taken);
  for (int i = 0; i < p->old.count; i++) p->of_old[i] = NONE;
  find_partners(p, true);
  find_partners(p, false);
}

static void partners_fini(struct partners *p) {
  parts_fini(&p->old);
  parts_fini(&p->new);
  memory_free(p->of_old);
  memory_free(p->taken);
}

static void say_part(struct differ *d, const struct place *place, enum direction direction, const char *before,
                     const cJSON *part) {
  struct buffer text = {0};
  place_begin(place, &text);
  buffer_append_text(&text, before);
  phrase_condition(&text, part);
  place_note(d, place, direction, &text);
}

static void compare_parts(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b,
                          const char *kind) {
  static const char *const words[][2] = {{"asks also: ", "no longer asks: "},
                                         {"is also met by: ", "is no longer met by: "},
                                         {"one more counts: ", "one fewer counts: "}};
  const char *const *say = words[*kind == 'o' ? 2 : kind[1] == 'n'];
  enum direction gain = *kind == 'a' && kind[1] == 'l' ? LESS : MORE;
  struct partners p;
  partners_init(&p, a, b, kind);
  for (int i = 0; i < p.old.count; i++) {
    int j = p.of_old[i];
    if (j == NONE) say_part(d, place, direction_flipped(gain), say[1], p.old.at[i]);
    else if (!is_partner(&p, i, j, true)) compare(d, place, p.old.at[i], p.new.at[j]);
  }
  for (int j = 0; j < p.new.count; j++)
    if (!p.taken[j]) say_part(d, place, gain, say[0], p.new.at[j]);
  partners_fini(&p);
}

/* The place within: its label says which part of the condition is meant, as it was. */
static void compare_within(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b,
                           const char *kind) {
  struct buffer label = {0};
  buffer_printf(&label, "%s, where it asks ", place->label);
  phrase_condition(&label, a);
  buffer_append(&label, "", 1);
  struct place within = *place;
  within.label = label.at;
  compare_parts(d, &within, a, b, kind);
  buffer_fini(&label);
}

static void compare_number(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b) {
  int old = (int)phrase_member(a, "at_least")->valuedouble, new = (int)phrase_member(b, "at_least")->valuedouble;
  struct buffer text = {0};
  if (old == new) return;
  place_begin(place, &text);
  phrase_condition(&text, b);
  buffer_printf(&text, "; before: at least %d", old);
  place_note(d, place, new > old ? LESS : MORE, &text);
}

static void compare(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b) {
  if (cJSON_IsString(a) || cJSON_IsString(b)) {
    compare_leaf(d, place, a, b);
  } else if (both_have(a, b, "not")) {
    struct place inverted = *place;
    struct buffer label = {0};
    buffer_printf(&label, "%s, in what it rules out", place->label);
    buffer_append(&label, "", 1);
    inverted.label = label.at;
    for (size_t i = 0; i < 2; i++) inverted.causes[i].direction = direction_flipped(inverted.causes[i].direction);
    compare(d, &inverted, phrase_member(a, "not"), phrase_member(b, "not"));
    buffer_fini(&label);
  } else if (both_have(a, b, "of")) {
    compare_number(d, place, a, b);
    compare_within(d, place, a, b, "of");
  } else if (both_have(a, b, "any")) {
    compare_within(d, place, a, b, "any");
  } else if (both_have(a, b, "all")) {
    compare_within(d, place, a, b, "all");
  } else {
    compare_leaf(d, place, a, b);
  }
}

/* Of one condition and a list of which it is a part, the list says how they are compared. */
static const char *kind_of_both(const cJSON *a, const cJSON *b) {
  for (size_t i = 0; i < 2; i++) {
    bool x = cJSON_IsObject(a) && phrase_member(a, groups[i]), y = cJSON_IsObject(b) && phrase_member(b, groups[i]);
    if (x && y) return groups[i];
    const cJSON *list = x ? phrase_member(a, groups[i]) : y ? phrase_member(b, groups[i]) : NULL;
    for
      EACH(part, list) if (same_condition(part, x ? b : a)) return groups[i];
  }
  return NULL;
}

void compare_conditions(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b) {
  if (same_condition(a, b)) return;
  cJSON *old = flat_condition(a), *new = flat_condition(b);
  size_t count = d->diff->count;
  const char *kind = kind_of_both(old, new);
  if (kind) compare_parts(d, place, old, new, kind);
  else if (is_pair(old, new)) compare(d, place, old, new);
  else if (cJSON_IsString(old) == cJSON_IsString(new) && cJSON_IsString(old)) compare_parts(d, place, old, new, "all");
  if (d->diff->count == count) compare_leaf(d, place, old, new); /* nothing smaller to say */
  cJSON_Delete(old);
  cJSON_Delete(new);
}
