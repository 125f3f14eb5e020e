/* test_load.c: made-up events: a function of order and number, in time, with few leads that have most of them, and fit for the sample. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/definition.h"
#include "config/sample.h"
#include "consumer/decode.h"
#include "consumer/load.h"
#include "consumer/load_send.h"

enum { EVENTS = 200000, LEADS = 1000 };

#define DAY_MS INT64_C(86400000)

static const struct load_order zipf = {.events = EVENTS, .seed = 5, .leads = LEADS, .days = 30};
static const struct load_order even = {.events = EVENTS, .seed = 5, .leads = LEADS, .days = 30, .uniform = true};

static void count(const struct load_order *order, uint32_t counts[LEADS]) {
  memset(counts, 0, LEADS * sizeof *counts);
  for (uint64_t i = 0; i < EVENTS; i++) {
    uint32_t lead = load_lead(order, i);
    assert_true(lead < LEADS);
    counts[lead]++;
  }
}

/* H(1000) = 7.4855: the first has 13.36 %, the tenth a tenth of it, the second half together 9.25 %. */
static void test_zipf(void **state) {
  (void)state;
  static uint32_t counts[LEADS];
  uint32_t half = 0;
  count(&zipf, counts);
  for (int i = LEADS / 2; i < LEADS; i++) half += counts[i];
  assert_in_range(counts[0], 26718 - 700, 26718 + 700);
  assert_in_range(counts[9], 2672 - 250, 2672 + 250);
  assert_in_range(half, 18507 - 600, 18507 + 600);
}

static void test_uniform(void **state) {
  (void)state;
  static uint32_t counts[LEADS];
  count(&even, counts);
  for (int i = 0; i < LEADS; i++) assert_in_range(counts[i], 200 - 75, 200 + 75);
}

static void test_one_lead(void **state) {
  (void)state;
  struct load_order order = zipf;
  order.leads = 1;
  for (uint64_t i = 0; i < 100; i++) assert_int_equal(load_lead(&order, i), 0);
  order.leads = 3;
  for (uint64_t i = 0; i < 1000; i++) assert_true(load_lead(&order, i) < 3);
}

static void test_time(void **state) {
  (void)state;
  assert_int_equal(load_time(&zipf, 0), LOAD_START_MS);
  assert_int_equal(load_time(&zipf, EVENTS / 2), LOAD_START_MS + 15 * DAY_MS);
  for (uint64_t i = 1; i < EVENTS; i++) assert_true(load_time(&zipf, i) >= load_time(&zipf, i - 1));
  assert_true(load_time(&zipf, EVENTS - 1) < LOAD_START_MS + 30 * DAY_MS);
  const struct load_order most = {.events = LOAD_EVENTS, .leads = 1, .days = LOAD_DAYS};
  int64_t last_ms = load_time(&most, LOAD_EVENTS - 1), end_ms = LOAD_START_MS + LOAD_DAYS * DAY_MS;
  assert_true(last_ms < end_ms && last_ms >= end_ms - 400);
}

/* Whatever was made before. */
static void test_a_function_of_its_number(void **state) {
  (void)state;
  struct load_event one = {0}, other = {0};
  for (uint64_t i = 0; i < 100; i++) load_make(&zipf, i, &other);
  load_make(&zipf, 12345, &one);
  load_make_of(&zipf, 12345, load_lead(&zipf, 12345), load_time(&zipf, 12345), &other);
  assert_int_equal(one.payload.length, other.payload.length);
  assert_memory_equal(one.payload.at, other.payload.at, one.payload.length);
  load_make(&zipf, 12346, &other);
  assert_true(one.payload.length != other.payload.length ||
              memcmp(one.payload.at, other.payload.at, one.payload.length) != 0);
  load_event_fini(&one);
  load_event_fini(&other);
}

/* The key is the lead, and the sample takes each. */
static void test_decodes(void **state) {
  (void)state;
  struct problems problems = {0};
  struct definition *definition = definition_parse(sample_definition, sample_definition_length, &problems);
  assert_non_null(definition);
  struct decoder *decoder = decoder_create(definition, 1, 1 << 20);
  struct load_event made = {0};
  size_t bytes = 0;
  for (uint64_t i = 0; i < 10000; i++) {
    struct event *event;
    char detail[160];
    load_make(&zipf, i, &made);
    bytes += made.payload.length;
    struct record record = {.payload = {made.payload.at, (uint32_t)made.payload.length}, .timestamp_ms = TIME_NONE};
    assert_int_equal(decoder_decode(decoder, 0, &record, &event, detail), REJECT_NONE);
    assert_true(slice_equal(event->lead, (struct slice){made.key, made.key_length}));
    assert_int_equal(event->time_ms, load_time(&zipf, i));
  }
  assert_in_range(bytes / 10000, 340, 390);
  load_event_fini(&made);
  decoder_destroy(decoder);
  definition_destroy(definition);
  problems_fini(&problems);
}

static void test_due(void **state) {
  (void)state;
  assert_int_equal(load_due_ns(7, 0, 5000), 7);
  assert_int_equal(load_due_ns(7, 1, 5000), 200007);
  assert_int_equal(load_due_ns(0, 3, 7), 428571428);
  assert_int_equal(load_due_ns(0, LOAD_EVENTS, 1), INT64_C(1000000000000000000));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_zipf),
      cmocka_unit_test(test_uniform),
      cmocka_unit_test(test_one_lead),
      cmocka_unit_test(test_time),
      cmocka_unit_test(test_a_function_of_its_number),
      cmocka_unit_test(test_decodes),
      cmocka_unit_test(test_due),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
