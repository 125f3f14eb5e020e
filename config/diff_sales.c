/* diff_sales.c: what was promised, and who gets a lead. */
#include <string.h>

#include "diff_find.h"

/* --- SLAs --- */

static void say_promise(struct buffer *text, const cJSON *sla) {
  buffer_printf(text, "a lead in “%s” is answered within ", phrase_text(sla, "stage"));
  phrase_duration(text, phrase_text(sla, "within"));
  if (phrase_member(sla, "calendar")) buffer_printf(text, " of working time (“%s”)", phrase_text(sla, "calendar"));
  buffer_append_text(text, ", by ");
  phrase_pattern(text, phrase_member(sla, "met_by"));
}

static void sla_alone(struct differ *d, const cJSON *sla, const char *what) {
  struct buffer text = {0};
  buffer_printf(&text, "SLA “%s” is %s: ", phrase_text(sla, "name"), what);
  say_promise(&text, sla);
  diff_note(d, DIFF_SLAS, &text, &(struct cause){BY_SLA, phrase_text(sla, "name"), SAME}, 1);
}

static void say_time(struct buffer *text, const cJSON *sla) {
  phrase_duration(text, phrase_text(sla, "within"));
  if (phrase_member(sla, "calendar")) buffer_printf(text, " of working time (“%s”)", phrase_text(sla, "calendar"));
  else buffer_append_text(text, " by the clock on the wall");
}

static void compare_time(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b) {
  const char *calendar_a = phrase_text(a, "calendar"), *calendar_b = phrase_text(b, "calendar");
  int64_t old = duration_s(phrase_text(a, "within")), new = duration_s(phrase_text(b, "within"));
  enum direction direction = SAME;
  struct buffer x = {0}, y = {0};
  bool same_hours = strcmp(calendar_a, calendar_b) == 0;
  if (old == new &&same_hours) return;
  if (old != new) direction = new > old ? MORE : LESS;
  if (!same_hours) direction = direction_both(direction, !*calendar_a ? MORE : !*calendar_b ? LESS : EITHER);
  say_time(&x, a);
  say_time(&y, b);
  compare_phrases(d, place, direction, "within ", &x, &y);
}

static void compare_sla(struct differ *d, const cJSON *a, const cJSON *b) {
  struct buffer label = {0}, text = {0}, x = {0}, y = {0};
  const char *name = phrase_text(b, "name"), *old = phrase_text(a, "stage"), *new = phrase_text(b, "stage");
  buffer_printf(&label, "SLA “%s”", name);
  buffer_append(&label, "", 1);
  struct place place = {DIFF_SLAS, label.at, {{BY_SLA, name, MORE}}};
  if (strcmp(old, new) != 0) {
    place_begin(&place, &text);
    buffer_printf(&text, "runs in “%s”; before: in “%s”", new, old);
    place_note(d, &place, SAME, &text);
  }
  compare_time(d, &place, a, b);
  if (!same_pattern(phrase_member(a, "met_by"), phrase_member(b, "met_by"))) {
    phrase_pattern(&x, phrase_member(a, "met_by"));
    phrase_pattern(&y, phrase_member(b, "met_by"));
    compare_phrases(d, &place, SAME, "is kept by ", &x, &y);
  }
  diff_description(d, label.at, a, b);
  buffer_fini(&label);
}

void diff_slas(struct differ *d) {
  const cJSON *a = phrase_member(d->before->root, "slas"), *b = phrase_member(d->after->root, "slas");
  for
    EACH(old, a) if (!thing_find(b, "name", phrase_text(old, "name"))) sla_alone(d, old, "gone");
  for
    EACH(new, b) {
      const cJSON *old = thing_find(a, "name", phrase_text(new, "name"));
      if (old) compare_sla(d, old, new);
      else sla_alone(d, new, "new");
    }
}

/* --- routes --- */

static int weight_of(const cJSON *member) {
  const cJSON *weight = cJSON_IsObject(member) ? phrase_member(member, "weight") : NULL;
  return weight ? (int)weight->valuedouble : 1;
}

static void say_members(struct buffer *text, const cJSON *members) {
  if (!members) buffer_append_text(text, "nobody by name");
  for
    EACH(member, members) {
      buffer_printf(text, "%s“%s”", member == members->child ? "" : ", ", thing_name(member, "name"));
      if (weight_of(member) != 1) buffer_printf(text, " (weight %d)", weight_of(member));
    }
}

static void route_alone(struct differ *d, const cJSON *route, bool new) {
  struct buffer text = {0};
  const char *queue = phrase_text(route, "queue");
  buffer_printf(&text, "route to “%s” is %s: ", queue, new ? "new" : "gone");
  if (phrase_member(route, "when")) phrase_condition(&text, phrase_member(route, "when"));
  else buffer_append_text(&text, "every lead");
  buffer_append_text(&text, "; shared by ");
  say_members(&text, phrase_member(route, "members"));
  diff_note(d, DIFF_ROUTES, &text, NULL, 0);
}

static void compare_member(struct differ *d, const struct place *place, const cJSON *old, const cJSON *new) {
  struct buffer text = {0}, label = {0};
  const char *name = thing_name(old ? old : new, "name");
  buffer_printf(&label, "%s, member “%s”", place->label, name);
  buffer_append(&label, "", 1);
  buffer_printf(&text, "%s ", label.at);
  if (!new) buffer_append_text(&text, "gets no leads any more");
  else if (!old) buffer_printf(&text, "gets leads too, with weight %d", weight_of(new));
  else buffer_printf(&text, "has weight %d; before: %d", weight_of(new), weight_of(old));
  if (!old || !new || weight_of(old) != weight_of(new)) diff_note(d, DIFF_ROUTES, &text, NULL, 0);
  if (old && new) diff_description(d, label.at, old, new);
  buffer_fini(&label);
  buffer_fini(&text);
}

static void compare_members(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b) {
  for
    EACH(old, a) compare_member(d, place, old, thing_find(b, "name", thing_name(old, "name")));
  for
    EACH(new, b) if (!thing_find(a, "name", thing_name(new, "name"))) compare_member(d, place, NULL, new);
}

static void compare_route(struct differ *d, const cJSON *a, const cJSON *b) {
  const cJSON *old = phrase_member(a, "when"), *new = phrase_member(b, "when");
  struct buffer label = {0}, text = {0};
  buffer_printf(&label, "route to “%s”", phrase_text(b, "queue"));
  buffer_append(&label, "", 1);
  struct place place = {DIFF_ROUTES, label.at, {{BY_ROUTE, phrase_text(b, "queue"), MORE}}};
  if (old && new) {
    compare_conditions(d, &place, old, new);
  } else if (old || new) {
    place_begin(&place, &text);
    buffer_append_text(
        &text, new ? "takes leads only where this holds: " : "takes every lead; before, only where this held: ");
    phrase_condition(&text, new ? new : old);
    place_note(d, &place, new ? LESS : MORE, &text);
  }
  compare_members(d, &place, phrase_member(a, "members"), phrase_member(b, "members"));
  diff_description(d, label.at, a, b);
  buffer_fini(&label);
}

void diff_routes(struct differ *d) {
  const cJSON *a = phrase_member(d->before->root, "routes"), *b = phrase_member(d->after->root, "routes");
  struct buffer text = {0};
  for
    EACH(old, a) if (!thing_find(b, "queue", phrase_text(old, "queue"))) route_alone(d, old, false);
  for
    EACH(new, b) {
      const cJSON *old = thing_find(a, "queue", phrase_text(new, "queue"));
      if (old) compare_route(d, old, new);
      else route_alone(d, new, true);
    }
  if (things_ordered("queue", a, b)) return;
  buffer_append_text(&text, "routes are tried in another order: a lead that fits two of them may get another queue");
  diff_note(d, DIFF_ROUTES, &text, NULL, 0);
}
