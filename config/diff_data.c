/* diff_data.c: working hours, attributes, where an event keeps its parts, times; and what the day of the takeover costs. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../consumer/engine/memory.h"
#include "../producer/encode.h"
#include "diff_find.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MS INT64_C(86400000)

/* --- calendars --- */

static const char *const days[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

/* The openings of a day, those that touch as one; returns the open minutes. */
static int32_t say_openings(struct buffer *text, const struct calendar *calendar, int day) {
  int32_t sum = 0, count = calendar->opening_count[day];
  const struct opening *openings = calendar->openings[day];
  for (int32_t i = 0; i < count; i++) {
    int32_t from = openings[i].from_min;
    while (i + 1 < count && openings[i + 1].from_min == openings[i].to_min) i++;
    int32_t to = openings[i].to_min;
    buffer_printf(text, "%s%02d:%02d-%02d:%02d", sum ? ", " : "", from / 60, from % 60, to / 60, to % 60);
    sum += to - from;
  }
  if (!sum) buffer_append_text(text, "closed");
  return sum;
}

static void compare_hours(struct differ *d, const struct place *place, const struct calendar *a,
                          const struct calendar *b) {
  struct buffer first = {0}, last = {0};
  for (int day = 0; day < 7;) {
    struct buffer x = {0}, y = {0}, what = {0};
    int32_t old = say_openings(&x, a, day), new = say_openings(&y, b, day);
    int end = day + 1;
    for (; end < 7; end++) { /* days that changed alike are one sentence */
      first.length = last.length = 0;
      say_openings(&first, a, end);
      say_openings(&last, b, end);
      if (!same_bytes(&first, &x) || !same_bytes(&last, &y)) break;
    }
    buffer_printf(&what, end - day > 1 ? "%s to %s: " : "%s: ", days[day], days[end - 1]);
    buffer_append(&what, "", 1);
    if (same_bytes(&x, &y)) {
      buffer_fini(&x);
      buffer_fini(&y);
    } else {
      compare_phrases(d, place, new < old ? MORE : new > old ? LESS : EITHER, what.at, &x, &y);
    }
    buffer_fini(&what);
    day = end;
  }
  buffer_fini(&first);
  buffer_fini(&last);
}

static void compare_holidays(struct differ *d, const struct place *place, const struct calendar *a,
                             const struct calendar *b, bool gained) {
  struct buffer text = {0}, list = {0};
  for (int32_t i = 0; i < b->holiday_count; i++) {
    bool there = false;
    for (int32_t j = 0; j < a->holiday_count; j++) there = there || a->holidays[j] == b->holidays[i];
    if (there) continue;
    if (list.length) buffer_append_text(&list, ", ");
    time_append(&list, b->holidays[i] * DAY_MS);
    list.length -= strlen("T00:00:00.000Z");
  }
  if (list.length) {
    buffer_append(&list, "", 1);
    place_begin(place, &text);
    buffer_printf(&text, gained ? "is closed also on %s" : "is no longer closed on %s", list.at);
    place_note(d, place, gained ? MORE : LESS, &text);
  }
  buffer_fini(&list);
}

/* Offsets that say something: each differs from the one before it, the first from UTC. */
static void say_offsets(struct buffer *text, const struct calendar *calendar) {
  int64_t before_ms = 0;
  buffer_append_text(text, "UTC");
  for (int32_t i = 0; i < calendar->offset_count; i++) {
    int64_t offset_ms = calendar->offsets[i].offset_ms;
    if (offset_ms == before_ms) continue;
    int minutes = (int)(llabs(offset_ms) / MINUTE_MS);
    buffer_printf(text, ", UTC%c%02d:%02d from ", offset_ms < 0 ? '-' : '+', minutes / 60, minutes % 60);
    time_append(text, calendar->offsets[i].from_ms);
    before_ms = offset_ms;
  }
}

static void compare_offsets(struct differ *d, const struct place *place, const struct calendar *a,
                            const struct calendar *b) {
  struct buffer x = {0}, y = {0};
  say_offsets(&x, a);
  say_offsets(&y, b);
  if (!same_bytes(&x, &y)) {
    compare_phrases(d, place, SAME, "local time is ", &x, &y);
    return;
  }
  buffer_fini(&x);
  buffer_fini(&y);
}

static const struct calendar *find_calendar(const struct definition *d, struct slice name) {
  for (int32_t i = 0; i < d->calendar_count; i++)
    if (slice_equal(d->calendars[i].name, name)) return &d->calendars[i];
  return NULL;
}

/* The first SLA with the calendar: what becomes of it is what is said of the calendar. */
static const char *sla_of(const struct differ *d, const char *calendar) {
  for
    EACH(sla, phrase_member(d->after->root, "slas"))
  if (strcmp(phrase_text(sla, "calendar"), calendar) == 0) return phrase_text(sla, "name");
  return NULL;
}

static void calendar_alone(struct differ *d, const char *name, const struct calendar *calendar, const char *what) {
  struct buffer text = {0};
  buffer_printf(&text, "working hours “%s” are %s", name, what);
  for (int day = 0; day < 7; day++) {
    buffer_printf(&text, "%s%.3s ", day ? "; " : ": ", days[day]);
    say_openings(&text, calendar, day);
  }
  buffer_printf(&text, "; %d holiday%s", calendar->holiday_count, calendar->holiday_count == 1 ? "" : "s");
  diff_note(d, DIFF_CALENDARS, &text, NULL, 0);
}

void diff_calendars(struct differ *d) {
  const cJSON *a = phrase_member(d->before->root, "calendars"), *b = phrase_member(d->after->root, "calendars");
  for
    EACH(old, a)
  if (!thing_find(b, "", old->string))
    calendar_alone(d, old->string, find_calendar(d->before->definition, slice_of(old->string)), "gone");
  for
    EACH(new, b) {
      const struct calendar *to = find_calendar(d->after->definition, slice_of(new->string));
      const struct calendar *from = find_calendar(d->before->definition, slice_of(new->string));
      const char *sla = sla_of(d, new->string);
      struct buffer label = {0};
      if (!from) {
        calendar_alone(d, new->string, to, "new");
        continue;
      }
      buffer_printf(&label, "working hours “%s”", new->string);
      buffer_append(&label, "", 1);
      struct place place = {DIFF_CALENDARS, label.at, {{sla ? BY_SLA : BY_NONE, sla, MORE}}};
      compare_hours(d, &place, from, to);
      compare_holidays(d, &place, from, to, true);
      compare_holidays(d, &place, to, from, false);
      compare_offsets(d, &place, from, to);
      buffer_fini(&label);
    }
}

/* --- attributes --- */

static const cJSON *at_of(const cJSON *attribute) {
  return cJSON_IsObject(attribute) ? phrase_member(attribute, "at") : attribute;
}

static const char *type_of(const cJSON *attribute) {
  const char *type = cJSON_IsObject(attribute) ? phrase_text(attribute, "type") : "";
  return *type ? type : "text";
}

static bool is_shared(const cJSON *attribute) {
  return !cJSON_IsObject(attribute) || !cJSON_IsFalse(phrase_member(attribute, "share"));
}

/* /a, then /b */
static void say_pointers(struct buffer *text, const cJSON *node) {
  const cJSON *first = cJSON_IsArray(node) ? node->child : node;
  for (const cJSON *each = first; each; each = cJSON_IsArray(node) ? each->next : NULL)
    buffer_printf(text, "%s%s", each == first ? "" : ", then ",
                  *each->valuestring ? each->valuestring : "the whole event");
}

static void attribute_alone(struct differ *d, const cJSON *attribute, const char *what) {
  struct buffer text = {0};
  buffer_printf(&text, "attribute “%s” is %s: %s, read from ", attribute->string, what, type_of(attribute));
  say_pointers(&text, at_of(attribute));
  buffer_append_text(&text, is_shared(attribute) ? ", shared" : ", not shared");
  diff_note(d, DIFF_ATTRIBUTES, &text, NULL, 0);
}

static void compare_attribute(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b) {
  struct buffer text = {0}, x = {0}, y = {0};
  say_pointers(&x, at_of(a));
  say_pointers(&y, at_of(b));
  if (!same_bytes(&x, &y)) compare_phrases(d, place, EITHER, "is read from ", &x, &y);
  buffer_fini(&x);
  buffer_fini(&y);
  if (strcmp(type_of(a), type_of(b)) != 0) {
    place_begin(place, &text);
    buffer_printf(&text, "is taken as %s; before: as %s", type_of(b), type_of(a));
    place_note(d, place, EITHER, &text);
  }
  if (is_shared(a) == is_shared(b)) return;
  place_begin(place, &text);
  buffer_append_text(&text, is_shared(b) ? "is published with every change now" : "is no longer published");
  diff_note(d, DIFF_ATTRIBUTES, &text, NULL, 0);
}

void diff_attributes(struct differ *d) {
  const cJSON *a = phrase_member(d->before->root, "attributes"), *b = phrase_member(d->after->root, "attributes");
  for
    EACH(old, a) if (!thing_find(b, "", old->string)) attribute_alone(d, old, "gone");
  for
    EACH(new, b) {
      const cJSON *old = thing_find(a, "", new->string);
      struct buffer label = {0};
      if (!old) {
        attribute_alone(d, new, "new");
        continue;
      }
      buffer_printf(&label, "attribute “%s”", new->string);
      buffer_append(&label, "", 1);
      struct place place = {DIFF_ATTRIBUTES, label.at, {{BY_ATTRIBUTE, new->string, MORE}}};
      compare_attribute(d, &place, old, new);
      buffer_fini(&label);
    }
}

/* --- events and time --- */

static void say_token(struct buffer *text, struct slice token) {
  buffer_append_text(text, "/");
  for (uint32_t i = 0; i < token.length; i++) {
    if (token.at[i] == '~') buffer_append_text(text, "~0");
    else if (token.at[i] == '/') buffer_append_text(text, "~1");
    else buffer_append(text, token.at + i, 1);
  }
}

static void say_sources(struct buffer *text, const struct definition *d, const struct sources *sources) {
  if (!sources->count) buffer_append_text(text, "nowhere");
  for (int32_t i = 0; i < sources->count; i++) {
    const struct source *source = &sources->at[i];
    if (i) buffer_append_text(text, ", then ");
    if (source->kind == SOURCE_KEY) buffer_append_text(text, "@key");
    if (source->kind == SOURCE_TIMESTAMP) buffer_append_text(text, "@timestamp");
    const struct field *field = source->kind == SOURCE_FIELD ? &d->fields[source->field] : NULL;
    for (int32_t j = 0; field && j < field->token_count; j++) say_token(text, field->tokens[j]);
    if (field && !field->token_count) buffer_append_text(text, "the whole event");
  }
}

static void compare_sources(struct differ *d, const char *what, const struct sources *a, const struct sources *b) {
  static const struct place place = {DIFF_EVENTS, "events", {{BY_NONE, "", SAME}}};
  struct buffer x = {0}, y = {0};
  say_sources(&x, d->before->definition, a);
  say_sources(&y, d->after->definition, b);
  if (!same_bytes(&x, &y)) compare_phrases(d, &place, SAME, what, &x, &y);
  buffer_fini(&x);
  buffer_fini(&y);
}

static void say_ms(struct buffer *text, int64_t ms) {
  static const struct {
    int64_t ms;
    const char *name;
  } units[] = {{DAY_MS, "day"}, {60 * MINUTE_MS, "hour"}, {MINUTE_MS, "minute"}, {1000, "second"}};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    if (ms % units[i].ms) continue;
    buffer_printf(text, "%" PRId64 " %s%s", ms / units[i].ms, units[i].name, ms == units[i].ms ? "" : "s");
    return;
  }
}

static void compare_ms(struct differ *d, const char *label, const char *what, int64_t old, int64_t new) {
  const struct place place = {DIFF_EVENTS, label, {{BY_NONE, "", SAME}}};
  struct buffer x = {0}, y = {0};
  if (old == new) return;
  say_ms(&x, old);
  say_ms(&y, new);
  compare_phrases(d, &place, SAME, what, &x, &y);
}

void diff_events(struct differ *d) {
  const struct definition *a = d->before->definition, *b = d->after->definition;
  struct buffer text = {0};
  compare_sources(d, "the lead is read from ", &a->lead, &b->lead);
  compare_sources(d, "the time is read from ", &a->time, &b->time);
  compare_sources(d, "the id is read from ", &a->id, &b->id);
  compare_sources(d, "the name is read from ", &a->event_name, &b->event_name);
  compare_ms(d, "events", "a clock may be ahead by ", a->max_ahead_ms, b->max_ahead_ms);
  compare_ms(d, "lateness", "late events are waited for ", a->lateness_ms, b->lateness_ms);
  compare_ms(d, "reviews", "what time alone can change is looked at every ", a->review_every_ms, b->review_every_ms);
  diff_description(d, "events", phrase_member(d->before->root, "events"), phrase_member(d->after->root, "events"));
  if (a->deduplicate == b->deduplicate) return;
  buffer_printf(&text, "duplicates: the last %d message ids of a lead are remembered; before: %d", b->deduplicate,
                a->deduplicate);
  diff_note(d, DIFF_EVENTS, &text, NULL, 0);
}

/* --- the takeover --- */

static bool has_happened(const struct definition *d, struct slice text) {
  for (int32_t i = 0; i < d->happened_count; i++)
    if (slice_equal(d->happened[i].text, text)) return true;
  return false;
}

/* The condition that the text of another definition says in another way, or NONE. */
static int32_t find_rewritten(const struct definition *d, const cJSON *condition) {
  for (int32_t i = 0; i < d->happened_count; i++) {
    cJSON *other = cJSON_ParseWithLength(d->happened[i].text.at, d->happened[i].text.length);
    bool same = other && same_condition(other, condition);
    cJSON_Delete(other);
    if (same) return i;
  }
  return NONE;
}

/* The engine knows a `happened` condition by its text: one that is new, or written in another way, begins to count at zero. */
void diff_takeover(struct differ *d) {
  const struct definition *a = d->before->definition, *b = d->after->definition;
  for (int32_t i = 0; i < b->happened_count; i++) {
    struct slice own = b->happened[i].text;
    struct buffer text = {0};
    if (has_happened(a, own)) continue;
    cJSON *condition = cJSON_ParseWithLength(own.at, own.length);
    if (!condition) abort();
    phrase_condition(&text, condition);
    bool rewritten = find_rewritten(a, condition) != NONE;
    buffer_append_text(&text, rewritten ? ": the same in another notation, and so counted anew when this version takes "
                                          "over; write it as it was to keep "
                                          "what was counted"
                                        : ": is counted from the day on which this version takes over");
    diff_note(d, rewritten ? DIFF_EVENTS : DIFF_TAKEOVER, &text, NULL, 0);
    cJSON_Delete(condition);
  }
}
