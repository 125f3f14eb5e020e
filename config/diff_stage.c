/* diff_stage.c: the agreement's own members, stages, criteria and moves. */
#include <stdlib.h>
#include <string.h>

#include "../producer/encode.h"
#include "diff_find.h"

/* --- the agreement --- */

static void note_plain(struct differ *d, enum diff_section section, struct buffer *text) {
  diff_note(d, section, text, NULL, 0);
}

static void diff_heads(struct differ *d) {
  const struct definition *a = d->before->definition, *b = d->after->definition;
  struct buffer text = {0};
  if (!slice_equal(a->name, b->name)) {
    buffer_printf(&text, "another definition: its name is “%.*s”; before: “%.*s”", (int)b->name.length, b->name.at,
                  (int)a->name.length, a->name.at);
    note_plain(d, DIFF_AGREEMENT, &text);
  }
  if (a->effective_from_ms == b->effective_from_ms) return;
  buffer_append_text(&text, "in force from ");
  time_append(&text, b->effective_from_ms);
  buffer_append_text(&text, "; before: ");
  time_append(&text, a->effective_from_ms);
  note_plain(d, DIFF_AGREEMENT, &text);
}

static void diff_teams(struct differ *d) {
  const cJSON *a = phrase_member(d->before->root, "teams"), *b = phrase_member(d->after->root, "teams");
  struct buffer text = {0};
  if (texts_gained(&text, a, b, " and ")) {
    buffer_append_text(&text, " has to sign too");
    note_plain(d, DIFF_AGREEMENT, &text);
  }
  if (texts_gained(&text, b, a, " and ")) {
    buffer_append_text(&text, " no longer has to sign");
    note_plain(d, DIFF_AGREEMENT, &text);
  }
  buffer_fini(&text);
}

static void diff_replaces(struct differ *d) {
  const cJSON *a = phrase_member(d->before->root, "replaces"), *b = phrase_member(d->after->root, "replaces");
  struct buffer text = {0};
  for
    EACH(old, a) if (!b || !phrase_member(b, old->string)) {
      buffer_printf(&text, "nothing is said any more of the earlier stage “%s”, which was “%s”", old->string,
                    old->valuestring);
      note_plain(d, DIFF_AGREEMENT, &text);
    }
  for
    EACH(new, b) {
      const cJSON *old = a ? phrase_member(a, new->string) : NULL;
      if (old && strcmp(old->valuestring, new->valuestring) == 0) continue;
      buffer_printf(&text, "leads in the earlier stage “%s” go on in “%s”", new->string, new->valuestring);
      if (old) buffer_printf(&text, "; before: in “%s”", old->valuestring);
      diff_note(d, DIFF_AGREEMENT, &text, &(struct cause){BY_STAGE, new->valuestring, SAME}, 1);
    }
}

void diff_agreement(struct differ *d) {
  struct buffer text = {0};
  const char *old = phrase_text(d->before->root, "summary"), *new = phrase_text(d->after->root, "summary");
  diff_heads(d);
  diff_teams(d);
  diff_replaces(d);
  diff_description(d, "agreement", d->before->root, d->after->root);
  if (strcmp(old, new) == 0) return;
  buffer_printf(&text, *new ? "agreement: the summary is “%s” now" : "agreement: the summary is gone", new);
  note_plain(d, DIFF_WORDS, &text);
}

/* --- stages --- */

static bool is_true(const cJSON *node, const char *member) { return cJSON_IsTrue(phrase_member(node, member)); }

/* What it takes to come here, of a stage that is new or that had no `enter`. */
static void say_entry(struct buffer *text, const cJSON *stage) {
  const cJSON *enter = phrase_member(stage, "enter");
  buffer_append_text(text, enter ? "leads climb to here as soon as this holds: " : "only a move leads here");
  if (enter) phrase_condition(text, enter);
}

static void stage_new(struct differ *d, const cJSON *stage) {
  const char *name = phrase_text(stage, "name");
  struct buffer text = {0};
  buffer_printf(&text, "stage “%s” of %s is new%s: ", name, phrase_text(stage, "owner"),
                is_true(stage, "off_ladder") ? ", beside the ladder" : "");
  say_entry(&text, stage);
  diff_note(d, DIFF_STAGES, &text, &(struct cause){BY_STAGE, name, SAME}, 1);
}

static void stage_gone(struct differ *d, const cJSON *stage) {
  const char *name = phrase_text(stage, "name");
  const cJSON *replaces = phrase_member(d->after->root, "replaces");
  const cJSON *to = replaces ? phrase_member(replaces, name) : NULL;
  struct buffer text = {0};
  buffer_printf(&text, "stage “%s” is gone", name);
  if (to) buffer_printf(&text, "; its leads go on in “%s”", to->valuestring);
  diff_note(d, DIFF_STAGES, &text, &(struct cause){BY_STAGE, to ? to->valuestring : name, SAME}, 1);
}

static void compare_stage_flags(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b) {
  struct buffer text = {0};
  const char *old = phrase_text(a, "owner"), *new = phrase_text(b, "owner");
  if (strcmp(old, new) != 0) {
    place_begin(place, &text);
    buffer_printf(&text, "belongs to “%s”; before: to “%s”", new, old);
    place_note(d, place, SAME, &text);
  }
  if (is_true(a, "off_ladder") != is_true(b, "off_ladder")) {
    place_begin(place, &text);
    buffer_append_text(&text,
                       is_true(b, "off_ladder") ? "stands beside the ladder now" : "is a rung of the ladder now");
    place_note(d, place, SAME, &text);
  }
  if (is_true(a, "route") != is_true(b, "route")) {
    place_begin(place, &text);
    buffer_append_text(&text, is_true(b, "route") ? "leads are given to a queue here now"
                                                  : "leads are no longer given to a queue here");
    place_note(d, place, SAME, &text);
  }
}

static void compare_stage(struct differ *d, const cJSON *a, const cJSON *b) {
  struct buffer label = {0}, text = {0};
  const char *name = phrase_text(b, "name");
  const cJSON *old = phrase_member(a, "enter"), *new = phrase_member(b, "enter");
  buffer_printf(&label, "stage “%s”", name);
  buffer_append(&label, "", 1);
  struct place place = {DIFF_STAGES, label.at, {{BY_STAGE, name, MORE}}};
  compare_stage_flags(d, &place, a, b);
  if (old && new) {
    compare_conditions(d, &place, old, new);
  } else if (old || new) {
    place_begin(&place, &text);
    if (new) say_entry(&text, b);
    else buffer_append_text(&text, "no lead climbs to here any more; only a move leads here");
    place_note(d, &place, new ? MORE : LESS, &text);
  }
  diff_description(d, label.at, a, b);
  buffer_fini(&label);
}

/* The rungs in their order, with the stage that new leads begin in at its head. */
static void say_ladder(struct buffer *text, const cJSON *stages) {
  const char *between = "";
  for
    EACH(stage, stages) {
      if (is_true(stage, "off_ladder")) continue;
      buffer_printf(text, "%s%s", between, phrase_text(stage, "name"));
      between = " → ";
    }
}

/* Are those that are rungs in both in one order, and does the same one begin? */
static bool same_ladder(const cJSON *a, const cJSON *b) {
  const cJSON *first = thing_find(b, "name", phrase_text(a->child, "name"));
  const cJSON *y = b->child;
  for
    EACH(x, a) {
      const cJSON *other = thing_find(b, "name", phrase_text(x, "name"));
      if (is_true(x, "off_ladder") || !other || is_true(other, "off_ladder")) continue;
      while (y && y != other) y = y->next;
      if (!y) return false;
    }
  return first == b->child;
}

void diff_stages(struct differ *d) {
  const cJSON *a = phrase_member(d->before->root, "stages"), *b = phrase_member(d->after->root, "stages");
  struct buffer text = {0};
  if (!same_ladder(a, b)) {
    buffer_append_text(&text, "the ladder is ");
    say_ladder(&text, b);
    buffer_append_text(&text, "; before: ");
    say_ladder(&text, a);
    note_plain(d, DIFF_STAGES, &text);
  }
  for
    EACH(old, a) if (!thing_find(b, "name", phrase_text(old, "name"))) stage_gone(d, old);
  for
    EACH(new, b) {
      const cJSON *old = thing_find(a, "name", phrase_text(new, "name"));
      if (old) compare_stage(d, old, new);
      else stage_new(d, new);
    }
}

/* --- criteria --- */

static const cJSON *condition_of(const cJSON *criterion) {
  const cJSON *when = cJSON_IsObject(criterion) ? phrase_member(criterion, "when") : NULL;
  return when ? when : criterion;
}

static void criterion_alone(struct differ *d, const cJSON *criterion, const char *what) {
  struct buffer text = {0};
  buffer_printf(&text, "criterion “%s” is %s: ", criterion->string, what);
  phrase_condition(&text, condition_of(criterion));
  note_plain(d, DIFF_CRITERIA, &text);
}

void diff_criteria(struct differ *d) {
  const cJSON *a = phrase_member(d->before->root, "criteria"), *b = phrase_member(d->after->root, "criteria");
  for
    EACH(old, a) if (!thing_find(b, "", old->string)) criterion_alone(d, old, "gone");
  for
    EACH(new, b) {
      const cJSON *old = thing_find(a, "", new->string);
      struct buffer label = {0};
      if (!old) {
        criterion_alone(d, new, "new");
        continue;
      }
      buffer_printf(&label, "criterion “%s”", new->string);
      buffer_append(&label, "", 1);
      struct place place = {DIFF_CRITERIA, label.at, {{BY_CRITERION, new->string, MORE}}};
      compare_conditions(d, &place, condition_of(old), condition_of(new));
      /* a bare condition that is an event pattern's object has no description of its own */
      diff_description(d, label.at, condition_of(old) == old ? NULL : old, condition_of(new) == new ? NULL : new);
      buffer_fini(&label);
    }
}

/* --- moves --- */

static bool from_everywhere(const cJSON *move) {
  const cJSON *from = phrase_member(move, "from");
  return cJSON_IsString(from) && strcmp(from->valuestring, "*") == 0;
}

static void say_move(struct buffer *text, const cJSON *move) {
  const cJSON *from = phrase_member(move, "from"), *when = phrase_member(move, "when");
  buffer_append_text(text, "from ");
  if (from_everywhere(move)) buffer_append_text(text, "every other stage");
  else phrase_list(text, from, " or ");
  buffer_printf(text, " to “%s”", phrase_text(move, "to"));
  if (phrase_member(move, "after")) {
    buffer_append_text(text, ", once the lead has been there for ");
    phrase_duration(text, phrase_text(move, "after"));
  }
  if (!when) return;
  buffer_append_text(text, phrase_member(move, "after") ? " and this holds: " : ", as soon as this holds: ");
  phrase_condition(text, when);
}

static void move_alone(struct differ *d, const cJSON *move, const char *what, enum direction direction) {
  struct buffer text = {0};
  buffer_printf(&text, "move “%s” is %s: ", phrase_text(move, "name"), what);
  say_move(&text, move);
  diff_note(d, DIFF_MOVES, &text, &(struct cause){BY_MOVE_ALONE, phrase_text(move, "name"), direction}, 1);
}

/* The stages that a move of this side starts from, by name: "*" is every other. */
static bool starts_from(const struct diff_side *side, const cJSON *move, const char *stage) {
  const cJSON *from = phrase_member(move, "from");
  if (from_everywhere(move))
    return strcmp(phrase_text(move, "to"), stage) != 0 &&
           thing_find(phrase_member(side->root, "stages"), "name", stage);
  struct buffer text = {0};
  cJSON name = {.type = cJSON_String, .valuestring = (char *)(uintptr_t)stage};
  bool is = !texts_gained(&text, from, &name, "");
  buffer_fini(&text);
  return is;
}

static void compare_from(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b) {
  static const char *const words[] = {"also starts from", "no longer starts from"};
  if (from_everywhere(a) && from_everywhere(b)) return;
  for (int i = 0; i < 2; i++) { /* gained, then lost */
    const struct diff_side *side = i ? d->before : d->after, *other = i ? d->after : d->before;
    const cJSON *here = i ? a : b, *there = i ? b : a;
    struct buffer text = {0};
    bool some = false;
    place_begin(place, &text);
    for
      EACH(stage, phrase_member(side->root, "stages")) {
        const char *name = phrase_text(stage, "name");
        if (!starts_from(side, here, name) || starts_from(other, there, name)) continue;
        buffer_printf(&text, "%s “%s”", some ? " and" : words[i], name);
        some = true;
      }
    if (some) place_note(d, place, i ? LESS : MORE, &text);
    buffer_fini(&text);
  }
}

static void compare_after(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b) {
  const char *old = phrase_text(a, "after"), *new = phrase_text(b, "after");
  struct buffer text = {0};
  if (duration_s(old) == duration_s(new)) return;
  place_begin(place, &text);
  if (*new) {
    buffer_append_text(&text, "takes the lead once it has been there for ");
    phrase_duration(&text, new);
    buffer_append_text(&text, "; before: ");
  } else {
    buffer_append_text(&text, "no longer waits; before: ");
  }
  if (*old) phrase_duration(&text, old);
  else buffer_append_text(&text, "at once");
  place_note(d, place, duration_s(new) > duration_s(old) ? LESS : MORE, &text);
}

static void compare_when(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b) {
  const cJSON *old = phrase_member(a, "when"), *new = phrase_member(b, "when");
  struct buffer text = {0};
  if (old && new) {
    compare_conditions(d, place, old, new);
    return;
  }
  if (!old && !new) return;
  place_begin(place, &text);
  buffer_append_text(&text, new ? "asks also: " : "no longer asks: ");
  phrase_condition(&text, new ? new : old);
  place_note(d, place, new ? LESS : MORE, &text);
}

static void compare_rest(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b) {
  struct buffer text = {0};
  const char *old = phrase_text(a, "to"), *new = phrase_text(b, "to");
  if (strcmp(old, new) != 0) {
    place_begin(place, &text);
    buffer_printf(&text, "leads to “%s”; before: to “%s”", new, old);
    place_note(d, place, SAME, &text);
  }
  const cJSON *reason_a = phrase_member(a, "reason"), *reason_b = phrase_member(b, "reason");
  if (!cJSON_Compare(reason_a, reason_b, true) && (reason_a || reason_b)) {
    place_begin(place, &text);
    buffer_printf(&text, "the reason is read from %s; before: %s", reason_b ? reason_b->valuestring : "nowhere",
                  reason_a ? reason_a->valuestring : "nowhere");
    diff_note(d, DIFF_MOVES, &text, NULL, 0);
  }
  const cJSON *reset_a = phrase_member(a, "reset"), *reset_b = phrase_member(b, "reset");
  const cJSON *lists[] = {reset_a, reset_b};
  for (int i = 0; i < 2; i++) {
    struct buffer names = {0};
    if (texts_gained(&names, lists[i], lists[!i], " and ")) {
      place_begin(place, &text);
      buffer_append(&names, "", 1);
      buffer_printf(&text, "%s the points of %s to zero", i ? "no longer sets" : "sets", names.at);
      diff_note(d, DIFF_MOVES, &text, NULL, 0);
    }
    buffer_fini(&names);
  }
}

void diff_moves(struct differ *d) {
  const cJSON *a = phrase_member(d->before->root, "moves"), *b = phrase_member(d->after->root, "moves");
  struct buffer text = {0};
  for
    EACH(old, a) if (!thing_find(b, "name", phrase_text(old, "name"))) move_alone(d, old, "gone", LESS);
  for
    EACH(new, b) {
      const cJSON *old = thing_find(a, "name", phrase_text(new, "name"));
      struct buffer label = {0};
      if (!old) {
        move_alone(d, new, "new", MORE);
        continue;
      }
      buffer_printf(&label, "move “%s”", phrase_text(new, "name"));
      buffer_append(&label, "", 1);
      struct place place = {DIFF_MOVES, label.at, {{BY_MOVE, phrase_text(new, "name"), MORE}}};
      compare_from(d, &place, old, new);
      compare_after(d, &place, old, new);
      compare_when(d, &place, old, new);
      compare_rest(d, &place, old, new);
      diff_description(d, label.at, old, new);
      buffer_fini(&label);
    }
  if (things_ordered("name", a, b)) return;
  buffer_append_text(&text, "moves are tried in another order: where two hold at once, another one may be taken");
  note_plain(d, DIFF_MOVES, &text);
}
