/* test_demo_events.c: the made-up fortnight: always the same, of the size that it should have, and broken only where it is meant to be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/definition.h"
#include "config/sample.h"
#include "consumer/decode.h"
#include "consumer/demo_cluster.h"
#include "consumer/demo_maker.h"

#define END_MS (DEMO_START_MS + DEMO_DAYS * DEMO_DAY_MS)

static struct demo_events events;

static int set_up(void **state) {
  (void)state;
  demo_events_init(&events);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  demo_events_fini(&events);
  return 0;
}

static void test_the_same_each_time(void **state) {
  (void)state;
  struct demo_events again;
  demo_events_init(&again);
  assert_int_equal(again.count, events.count);
  assert_int_equal(again.leads, events.leads);
  for (int32_t i = 0; i < events.count; i++) {
    assert_int_equal(again.at[i].timestamp_ms, events.at[i].timestamp_ms);
    assert_string_equal(again.at[i].key, events.at[i].key);
    assert_int_equal(again.at[i].length, events.at[i].length);
    assert_memory_equal(again.at[i].payload, events.at[i].payload, events.at[i].length);
  }
  demo_events_fini(&again);
}

static void test_size(void **state) {
  (void)state;
  assert_in_range(events.leads, 120, 200);
  assert_in_range(events.count, 3000, 6000);
}

static void test_order(void **state) {
  (void)state;
  assert_in_range(events.at[0].timestamp_ms, DEMO_START_MS, DEMO_START_MS + DEMO_DAY_MS);
  for (int32_t i = 1; i < events.count; i++) assert_true(events.at[i].timestamp_ms >= events.at[i - 1].timestamp_ms);
  assert_true(events.at[events.count - 1].timestamp_ms < END_MS);
}

/* So that every deadline of the fortnight passes, whoever's it is. */
static void test_time_passes_in_each_partition(void **state) {
  (void)state;
  bool late[DEMO_PARTITIONS] = {false};
  for (int32_t i = 0; i < events.count; i++) {
    if (events.at[i].timestamp_ms >= END_MS - 10 * DEMO_MINUTE_MS) late[demo_partition(events.at[i].key)] = true;
  }
  for (int32_t i = 0; i < DEMO_PARTITIONS; i++) assert_true(late[i]);
}

/* As the sample definition reads them. */
static void test_events(void **state) {
  (void)state;
  struct problems problems = {0};
  struct definition *definition = definition_parse(sample_definition, sample_definition_length, &problems);
  assert_non_null(definition);
  struct decoder *decoder = decoder_create(definition, 1, 1 << 20);
  int rejects[REJECT_COUNT] = {0}, late = 0;
  for (int32_t i = 0; i < events.count; i++) {
    const struct demo_event *event = &events.at[i];
    struct record record = {.payload = {event->payload, event->length}, .timestamp_ms = event->timestamp_ms};
    struct event *decoded;
    char detail[160];
    if (*event->key) record.key = slice_of(event->key);
    enum reject reject = decoder_decode(decoder, 0, &record, &decoded, detail);
    rejects[reject]++;
    if (reject != REJECT_NONE) continue;
    assert_true(slice_equal(decoded->lead, slice_of(event->key)));
    assert_in_range(decoded->time_ms, DEMO_START_MS, event->timestamp_ms);
    late += event->timestamp_ms - decoded->time_ms > 15 * DEMO_MINUTE_MS;
  }
  assert_int_equal(rejects[REJECT_NONE], events.count - events.broken);
  for (int reject = REJECT_NOT_JSON; reject < REJECT_COUNT; reject++)
    assert_int_equal(rejects[reject] > 0, reject != REJECT_NO_TIME); /* the record's own is there for that */
  assert_in_range(late, 20, 200);
  decoder_destroy(decoder);
  definition_destroy(definition);
  problems_fini(&problems);
}

static int by_key(const void *a, const void *b) {
  return strcmp(((const struct demo_event *)a)->key, ((const struct demo_event *)b)->key);
}

static int by_payload(const void *a, const void *b) {
  uint32_t x = ((const struct demo_event *)a)->start, y = ((const struct demo_event *)b)->start;
  return x < y ? -1 : x > y;
}

/* `order` puts equals beside each other; returns how many events have an equal before them. */
static int32_t count_again(int (*order)(const void *, const void *)) {
  size_t size = (size_t)events.count * sizeof *events.at;
  struct demo_event *sorted = malloc(size);
  int32_t again = 0;
  assert_non_null(sorted);
  memcpy(sorted, events.at, size);
  qsort(sorted, (size_t)events.count, sizeof *sorted, order);
  for (int32_t i = 1; i < events.count; i++) again += order(&sorted[i - 1], &sorted[i]) == 0;
  free(sorted);
  return again;
}

static void test_people_and_duplicates(void **state) {
  (void)state;
  int32_t keys = events.count - count_again(by_key);
  assert_int_equal(keys, events.leads + 1); /* and a record without a key */
  assert_in_range(count_again(by_payload), 30, 150);
}

/* The tables say the weekday for those who read them: it has to be right. */
static void check_when(const char *when) {
  static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  char day[3] = {when[4], when[5], 0};
  long number = strtol(day, NULL, 10);
  assert_in_range(number, 2, 15);
  assert_memory_equal(when, days[(number - 2) % 7], 3);
}

static void test_tables(void **state) {
  (void)state;
  for (int32_t i = 0; i < demo_line_count; i++) {
    const struct demo_line *line = &demo_lines[i], *before = line - 1;
    check_when(line->when);
    if (i > 0 && strcmp(before->who, line->who) == 0) assert_true(strcmp(before->when + 4, line->when + 4) < 0);
  }
  for (int32_t i = 0; i < demo_broken_count; i++) check_when(demo_broken_records[i].when);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_the_same_each_time),
      cmocka_unit_test(test_size),
      cmocka_unit_test(test_order),
      cmocka_unit_test(test_time_passes_in_each_partition),
      cmocka_unit_test(test_events),
      cmocka_unit_test(test_people_and_duplicates),
      cmocka_unit_test(test_tables),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
