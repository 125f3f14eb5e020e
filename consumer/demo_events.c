/* demo_events.c: cast, broken records and crowd into one log, in the order in which the records arrive. May use: libc. */
#include "demo_events.h"

#include <assert.h>
#include <stdlib.h>

#include "demo_maker.h"
#include "engine/memory.h"

#define SEED UINT64_C(20261102)

static int64_t two_digits(const char *text) { return (text[0] - '0') * 10 + text[1] - '0'; }

/* "Mon 02 09:30" */
static int64_t when_ms(const char *when) {
  int64_t day = two_digits(when + 4) - 2, hour = two_digits(when + 7), minute = two_digits(when + 10);
  assert(day >= 0 && day < DEMO_DAYS && hour >= 0 && hour < 24 && minute >= 0 && minute < 60);
  return DEMO_START_MS + day * DEMO_DAY_MS + hour * DEMO_HOUR_MS + minute * DEMO_MINUTE_MS;
}

static const struct demo_person *person_of(const char *lead) {
  const struct demo_person *person = demo_people;
  while (strcmp(person->lead, lead) != 0) {
    person++;
    assert(person < demo_people + demo_people_count);
  }
  return person;
}

static void make_line(struct demo_maker *maker, const struct demo_line *line) {
  struct demo_draft draft = {.person = person_of(line->who), .event = line->event, .says = line->says};
  const char *late = strchr(line->when, '+');
  draft.time_ms = when_ms(line->when) + INT64_C(1000) * demo_draw(maker, 30);
  if (late) draft.delay_ms = strtol(late, NULL, 10) * DEMO_MINUTE_MS;
  demo_make(maker, &draft);
}

static void make_broken(struct demo_maker *maker, const struct demo_broken *broken) {
  demo_make_raw(maker, broken->key, when_ms(broken->when) + demo_draw(maker, 60000), broken->payload);
}

static int by_arrival(const void *a, const void *b) {
  const struct demo_event *x = a, *y = b;
  if (x->timestamp_ms != y->timestamp_ms) return x->timestamp_ms < y->timestamp_ms ? -1 : 1;
  return x->sequence < y->sequence ? -1 : x->sequence > y->sequence;
}

void demo_events_init(struct demo_events *events) {
  *events = (struct demo_events){.broken = demo_broken_count};
  struct demo_maker maker = {events, SEED};
  for (int32_t i = 0; i < demo_line_count; i++) make_line(&maker, &demo_lines[i]);
  for (int32_t i = 0; i < demo_broken_count; i++) make_broken(&maker, &demo_broken_records[i]);
  events->leads = demo_people_count + demo_crowd(&maker);
  for (int32_t i = 0; i < events->count; i++) events->at[i].payload = events->text.at + events->at[i].start;
  qsort(events->at, (size_t)events->count, sizeof *events->at, by_arrival);
}

void demo_events_fini(struct demo_events *events) {
  memory_free(events->at);
  buffer_fini(&events->text);
  *events = (struct demo_events){0};
}
