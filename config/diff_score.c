/* diff_score.c: scores and their rules: points, limits, how they fade. */
#include <string.h>

#include "../producer/encode.h"
#include "diff_find.h"

static double number_of(const cJSON *node, const char *member, double otherwise) {
  const cJSON *number = phrase_member(node, member);
  return number ? number->valuedouble : otherwise;
}

/* "LABEL: WHAT NEW; before: OLD" of numbers. */
static void note_numbers(struct differ *d, const struct place *place, enum direction direction, const char *what,
                         double old, double new) {
  struct buffer a = {0}, b = {0};
  json_append_double(&a, old);
  json_append_double(&b, new);
  compare_phrases(d, place, direction, what, &a, &b);
}

static void note_durations(struct differ *d, const struct place *place, enum direction direction, const char *what,
                           const char *old, const char *new, const char *without) {
  struct buffer a = {0}, b = {0};
  if (*old) phrase_duration(&a, old);
  else buffer_append_text(&a, without);
  if (*new) phrase_duration(&b, new);
  else buffer_append_text(&b, without);
  compare_phrases(d, place, direction, what, &a, &b);
}

/* --- rules --- */

static void say_points(struct buffer *text, const cJSON *rule) {
  double points = phrase_member(rule, "points")->valuedouble;
  if (points > 0) buffer_append_text(text, "+");
  json_append_double(text, points);
}

static void say_trigger(struct buffer *text, const cJSON *rule) {
  if (phrase_member(rule, "when")) {
    phrase_condition(text, phrase_member(rule, "when"));
  } else if (phrase_member(rule, "event")) {
    phrase_pattern(text, phrase_member(rule, "event"));
  } else {
    buffer_append_text(text, "each time without activity for ");
    phrase_duration(text, phrase_text(rule, "quiet_every"));
  }
}

/* What a rule does to its score where it counts more often; an event with positive points is activity, too. */
static struct place rule_place(const char *label, const char *score, const cJSON *rule) {
  bool positive = phrase_member(rule, "points")->valuedouble > 0;
  struct place place = {DIFF_SCORES, label, {{BY_SCORE, score, positive ? MORE : LESS}}};
  if (positive && phrase_member(rule, "event")) place.causes[1] = (struct cause){BY_ACTIVITY, "", MORE};
  return place;
}

static void rule_alone(struct differ *d, const char *score, const cJSON *rule, bool new) {
  struct buffer label = {0}, text = {0};
  buffer_printf(&label, "score “%s”, rule “%s” is %s", score, phrase_text(rule, "name"), new ? "new" : "gone");
  buffer_append(&label, "", 1);
  struct place place = rule_place(label.at, score, rule);
  place_begin(&place, &text);
  say_points(&text, rule);
  buffer_append_text(&text, " for ");
  say_trigger(&text, rule);
  place_note(d, &place, new ? MORE : LESS, &text);
  buffer_fini(&label);
}

static void compare_points(struct differ *d, const struct place *place, const char *score, const cJSON *a,
                           const cJSON *b) {
  double old = phrase_member(a, "points")->valuedouble, new = phrase_member(b, "points")->valuedouble;
  struct buffer x = {0}, y = {0};
  struct place own = *place;
  own.causes[0] = (struct cause){BY_SCORE, score, MORE};
  own.causes[1] = (struct cause){BY_NONE, "", SAME};
  if (old == new) return;
  if ((old > 0) != (new > 0) && phrase_member(b, "event")) own.causes[1] = (struct cause){BY_ACTIVITY, "", MORE};
  say_points(&x, a);
  say_points(&y, b);
  compare_phrases(d, &own, new > old ? MORE : LESS, "points ", &x, &y);
}

static void compare_trigger(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b) {
  const cJSON *event_a = phrase_member(a, "event"), *event_b = phrase_member(b, "event");
  const char *quiet_a = phrase_text(a, "quiet_every"), *quiet_b = phrase_text(b, "quiet_every");
  struct buffer x = {0}, y = {0};
  if (phrase_member(a, "when") && phrase_member(b, "when")) {
    compare_conditions(d, place, phrase_member(a, "when"), phrase_member(b, "when"));
    return;
  }
  if (event_a && event_b && same_pattern(event_a, event_b)) return;
  if (*quiet_a && *quiet_b && duration_s(quiet_a) == duration_s(quiet_b)) return;
  enum direction direction = EITHER;
  if (event_a && event_b) direction = pattern_direction(event_a, event_b);
  if (*quiet_a && *quiet_b) direction = duration_s(quiet_b) > duration_s(quiet_a) ? LESS : MORE;
  say_trigger(&x, a);
  say_trigger(&y, b);
  compare_phrases(d, place, direction, "counts ", &x, &y);
}

static void say_frequency(struct buffer *text, const cJSON *at_most) {
  if (!at_most) {
    buffer_append_text(text, "every time");
    return;
  }
  int times = (int)phrase_member(at_most, "times")->valuedouble;
  buffer_printf(text, times == 1 ? "at most once" : "at most %d times", times);
  buffer_append_text(text, phrase_member(at_most, "per") ? " within any " : " ever");
  phrase_duration(text, phrase_text(at_most, "per"));
}

static void compare_frequency(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b) {
  const cJSON *old = phrase_member(a, "at_most"), *new = phrase_member(b, "at_most");
  struct buffer x = {0}, y = {0};
  int times_a = (int)number_of(old, "times", 0), times_b = (int)number_of(new, "times", 0);
  int64_t per_a = old ? duration_s(phrase_text(old, "per")) : 0, per_b = new ? duration_s(phrase_text(new, "per")) : 0;
  enum direction direction = SAME;
  if (times_a == times_b && per_a == per_b) return;
  if (!old || !new) {
    direction = new ? LESS : MORE;
  } else {
    if (times_a != times_b) direction = times_b > times_a ? MORE : LESS;
    if (per_a != per_b) direction = direction_both(direction, per_b == 0 || (per_a && per_b > per_a) ? LESS : MORE);
  }
  say_frequency(&x, old);
  say_frequency(&y, new);
  compare_phrases(d, place, direction, "counts ", &x, &y);
}

static void say_lasting(struct buffer *text, const cJSON *rule) {
  const cJSON *lasts = phrase_member(rule, "lasts");
  if (!lasts) {
    buffer_append_text(text, "as the score's half-life says");
    return;
  }
  bool fading = cJSON_IsTrue(phrase_member(rule, "fading"));
  buffer_append_text(text, fading ? "ever less, to nothing over " : "in full for ");
  phrase_duration(text, phrase_text(rule, "lasts"));
  if (!fading) buffer_append_text(text, ", then not at all");
}

static void compare_lasting(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b) {
  int64_t old = duration_s(phrase_text(a, "lasts")), new = duration_s(phrase_text(b, "lasts"));
  bool fading_a = cJSON_IsTrue(phrase_member(a, "fading")), fading_b = cJSON_IsTrue(phrase_member(b, "fading"));
  struct buffer x = {0}, y = {0};
  if (old != new || fading_a != fading_b) {
    enum direction direction = old && new &&old != new ? (new > old ? MORE : LESS) : SAME;
    if (fading_a != fading_b) direction = direction_both(direction, fading_b ? LESS : MORE);
    say_lasting(&x, a);
    say_lasting(&y, b);
    compare_phrases(d, place, old && new ? direction : EITHER, "points last ", &x, &y);
  }
  int keep_a = (int)number_of(a, "keep", 32), keep_b = (int)number_of(b, "keep", 32);
  if (old && new &&keep_a != keep_b)
    note_numbers(d, place, keep_b > keep_a ? MORE : LESS, "how many of the latest events count: ", keep_a, keep_b);
}

static struct buffer *append_most(struct buffer *text) {
  buffer_append_text(text, "at most ");
  return text;
}

static void compare_cap(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b) {
  const cJSON *old = phrase_member(a, "cap"), *new = phrase_member(b, "cap");
  struct buffer x = {0}, y = {0};
  if (number_of(a, "cap", 0) == number_of(b, "cap", 0)) return;
  bool more = !new || (old && new->valuedouble > old->valuedouble);
  if (old) json_append_double(append_most(&x), old->valuedouble);
  else buffer_append_text(&x, "any number");
  if (new) json_append_double(append_most(&y), new->valuedouble);
  else buffer_append_text(&y, "any number");
  compare_phrases(d, place, more ? MORE : LESS, "its points add up to ", &x, &y);
}

static void compare_rule(struct differ *d, const char *score, const cJSON *a, const cJSON *b) {
  struct buffer label = {0};
  buffer_printf(&label, "score “%s”, rule “%s”", score, phrase_text(b, "name"));
  buffer_append(&label, "", 1);
  struct place place = rule_place(label.at, score, b), limits = place;
  limits.causes[1] = (struct cause){BY_NONE, "", SAME}; /* what is not counted is activity all the same */
  compare_points(d, &place, score, a, b);
  compare_trigger(d, &place, a, b);
  compare_cap(d, &limits, a, b);
  compare_frequency(d, &limits, a, b);
  compare_lasting(d, &limits, a, b);
  diff_description(d, label.at, a, b);
  buffer_fini(&label);
}

static void compare_rules(struct differ *d, const char *score, const cJSON *a, const cJSON *b) {
  for
    EACH(old, a) if (!thing_find(b, "name", phrase_text(old, "name"))) rule_alone(d, score, old, false);
  for
    EACH(new, b) {
      const cJSON *old = thing_find(a, "name", phrase_text(new, "name"));
      if (old) compare_rule(d, score, old, new);
      else rule_alone(d, score, new, true);
    }
}

/* --- scores --- */

static void compare_half_life(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b) {
  const char *old = phrase_text(a, "half_life"), *new = phrase_text(b, "half_life");
  bool negative = false;
  if (duration_s(old) == duration_s(new)) return;
  for
    EACH(rule, phrase_member(b, "rules")) negative = negative || phrase_member(rule, "points")->valuedouble < 0;
  bool longer = !*new || (*old && duration_s(new) > duration_s(old));
  note_durations(d, place,
                 negative ? EITHER
                 : longer ? MORE
                          : LESS,
                 "half of the points are gone after ", old, new, "no time at all: they stay");
}

static void compare_range(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b) {
  double min_a = number_of(a, "min", 0), min_b = number_of(b, "min", 0);
  double max_a = number_of(a, "max", 1000000), max_b = number_of(b, "max", 1000000);
  if (min_a != min_b) note_numbers(d, place, min_b > min_a ? MORE : LESS, "is never below ", min_a, min_b);
  if (max_a != max_b) note_numbers(d, place, max_b > max_a ? MORE : LESS, "is never above ", max_a, max_b);
}

/* Is a score that is added always 0 or more? */
static bool is_positive(const struct diff_side *side, const cJSON *name) {
  return number_of(phrase_member(phrase_member(side->root, "scores"), name->valuestring), "min", 0) >= 0;
}

static void compare_sum(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b) {
  for (int i = 0; i < 2; i++) { /* gained, then lost */
    const cJSON *list = i ? a : b, *other = i ? b : a;
    for
      EACH(name, list) {
        struct buffer text = {0}, gained = {0};
        bool own = texts_gained(&gained, other, name, "");
        buffer_fini(&gained);
        if (!own) continue;
        place_begin(place, &text);
        buffer_printf(&text, "“%s” is %s", name->valuestring, i ? "no longer added" : "added too");
        bool positive = is_positive(i ? d->before : d->after, name);
        place_note(d, place, !positive ? EITHER : i ? LESS : MORE, &text);
      }
  }
}

static void score_alone(struct differ *d, const cJSON *score, const char *what) {
  struct buffer text = {0};
  buffer_printf(&text, "score “%s” is %s: from %s", score->string, what, phrase_text(score, "from"));
  const char *between = ": ";
  for
    EACH(rule, phrase_member(score, "rules")) {
      buffer_printf(&text, "%s“%s” ", between, phrase_text(rule, "name"));
      say_points(&text, rule);
      between = ", ";
    }
  if (phrase_member(score, "of")) {
    buffer_append_text(&text, ": ");
    phrase_list(&text, phrase_member(score, "of"), " and ");
  }
  diff_note(d, DIFF_SCORES, &text, NULL, 0);
}

static void compare_score(struct differ *d, const cJSON *a, const cJSON *b) {
  struct buffer label = {0}, text = {0};
  const char *name = b->string, *old = phrase_text(a, "from"), *new = phrase_text(b, "from");
  buffer_printf(&label, "score “%s”", name);
  buffer_append(&label, "", 1);
  struct place place = {DIFF_SCORES, label.at, {{BY_SCORE, name, MORE}}};
  if (strcmp(old, new) != 0) {
    place_begin(&place, &text);
    buffer_printf(&text, "its points come from %s; before: from %s", new, old);
    place_note(d, &place, EITHER, &text);
  }
  compare_half_life(d, &place, a, b);
  compare_range(d, &place, a, b);
  compare_sum(d, &place, phrase_member(a, "of"), phrase_member(b, "of"));
  compare_rules(d, name, phrase_member(a, "rules"), phrase_member(b, "rules"));
  buffer_fini(&label);
}

void diff_scores(struct differ *d) {
  const cJSON *a = phrase_member(d->before->root, "scores"), *b = phrase_member(d->after->root, "scores");
  for
    EACH(old, a) if (!thing_find(b, "", old->string)) score_alone(d, old, "gone");
  for
    EACH(new, b) {
      const cJSON *old = thing_find(a, "", new->string);
      if (old) compare_score(d, old, new);
      else score_alone(d, new, "new");
    }
}
