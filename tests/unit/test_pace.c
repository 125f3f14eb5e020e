/* test_pace.c: when a transaction is committed: early, by the interval, by size, and not so often that commits are all that is done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "consumer/pace.h"

#define MS INT64_C(1000000)

enum { START = 1000, INTERVAL = 100, RATE_MS = 1000 / PACE_RECORD_US /* records a millisecond, at most */ };

/* A commit is over at START. */
static struct pace paced(void) {
  struct pace pace = {.interval_ns = INTERVAL * MS};
  pace_taken(&pace, 1000000); /* in the transaction before: forgotten */
  pace_committed(&pace, START * MS);
  return pace;
}

static void test_nothing(void **state) {
  (void)state;
  struct pace pace = paced();
  assert_int_equal(pace_look(&pace, &(struct pace_open){0}, 1000000 * MS), PACE_WAIT);
  assert_true(pace_wait_ns(&pace, &(struct pace_open){0}, 0) == INT64_MAX);
}

static void test_interval(void **state) {
  (void)state;
  struct pace pace = paced();
  const struct pace_open open = {.begun_ns = (START + 50) * MS, .records = 3};
  assert_int_equal(pace_look(&pace, &open, (START + 149) * MS), PACE_WAIT);
  assert_int_equal(pace_wait_ns(&pace, &open, (START + 149) * MS), MS);
  assert_int_equal(pace_look(&pace, &open, (START + 150) * MS), PACE_ALL);
  assert_int_equal(pace_wait_ns(&pace, &open, (START + 160) * MS), 0);
}

static void test_size(void **state) {
  (void)state;
  struct pace pace = paced();
  struct pace_open open = {.begun_ns = START * MS, .records = PACE_RECORDS - 1, .bytes = PACE_BYTES - 1, .more = true};
  assert_int_equal(pace_look(&pace, &open, START * MS), PACE_WAIT);
  assert_false(pace_full(&open));
  open.records++;
  assert_true(pace_full(&open));
  assert_int_equal(pace_look(&pace, &open, START * MS), PACE_ALL);
  open.records--;
  open.bytes++;
  assert_true(pace_full(&open));
  assert_int_equal(pace_look(&pace, &open, START * MS), PACE_ALL);
}

/* A lone event of a quiet time is committed at once, also the first of all. */
static void test_lone(void **state) {
  (void)state;
  struct pace pace = paced(), first = {.interval_ns = INTERVAL * MS};
  const struct pace_open open = {.begun_ns = (START + 5000) * MS, .records = 1, .awaited = true};
  assert_int_equal(pace_look(&pace, &open, (START + 5000) * MS), PACE_AWAITED);
  assert_int_equal(pace_look(&first, &open, (START + 5000) * MS), PACE_AWAITED);
  assert_int_equal(pace_wait_ns(&pace, &open, (START + 5000) * MS), 0);
}

/* Two early ones are so far apart. */
static void test_apart(void **state) {
  (void)state;
  struct pace pace = paced();
  const struct pace_open open = {.begun_ns = START * MS, .records = 1, .awaited = true};
  assert_int_equal(pace_look(&pace, &open, (START + PACE_APART_MS) * MS - 1), PACE_WAIT);
  assert_int_equal(pace_wait_ns(&pace, &open, START * MS), PACE_APART_MS * MS);
  assert_int_equal(pace_look(&pace, &open, (START + PACE_APART_MS) * MS), PACE_AWAITED);
}

/* Who catches up commits by the interval: where more is there, and where more than a record in PACE_RECORD_US was taken. */
static void test_catching_up(void **state) {
  (void)state;
  struct pace pace = paced();
  struct pace_open open = {.begun_ns = START * MS, .records = 1, .awaited = true, .more = true};
  assert_int_equal(pace_look(&pace, &open, (START + 99) * MS), PACE_WAIT);
  open.more = false;
  pace_taken(&pace, UINT64_C(20) * RATE_MS);
  assert_int_equal(pace_look(&pace, &open, (START + 19) * MS), PACE_WAIT);
  assert_int_equal(pace_look(&pace, &open, (START + 20) * MS), PACE_AWAITED);
  pace_taken(&pace, UINT64_C(5000) * RATE_MS);
  assert_int_equal(pace_look(&pace, &open, (START + 99) * MS), PACE_WAIT);
  assert_int_equal(pace_look(&pace, &open, (START + 100) * MS), PACE_ALL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_nothing), cmocka_unit_test(test_interval), cmocka_unit_test(test_size),
      cmocka_unit_test(test_lone),    cmocka_unit_test(test_apart),    cmocka_unit_test(test_catching_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
