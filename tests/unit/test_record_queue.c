/* test_record_queue.c: what is pushed comes out, in order, whole, and whatever was taken out in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consumer/record_queue.h"

enum { RECORDS = 20000, POP = 64, BYTES = 700 };

static char bytes[BYTES];

/* The n-th record: lengths and contents follow from n. */
static struct record made(int64_t n) {
  struct record record = {.timestamp_ms = n * 3, .position = {SLICE("engagement"), 7, n}};
  if (n % 5) record.payload = (struct slice){bytes + n % 100, (uint32_t)(n * 31 % 500)};
  if (n % 3) record.key = (struct slice){bytes + n % 200, (uint32_t)(n % 40)};
  return record;
}

static void assert_same(struct slice slice, struct slice wanted) {
  assert_true((slice.at != NULL) == (wanted.at != NULL));
  assert_true(slice_equal(slice, wanted));
}

static void assert_record(const struct record *record, int64_t n) {
  struct record wanted = made(n);
  assert_same(record->payload, wanted.payload);
  assert_same(record->key, wanted.key);
  assert_same(record->position.topic, wanted.position.topic);
  assert_int_equal(record->position.partition, 7);
  assert_int_equal(record->position.offset, n);
  assert_int_equal(record->timestamp_ms, n * 3);
}

/* Pushes and pops by turns: it grows, drains, and grows again. */
static void test_order(void **state) {
  (void)state;
  struct record_queue queue = {0};
  struct record records[POP];
  int64_t pushed = 0, popped = 0;
  for (int32_t turn = 0; popped < RECORDS; turn++) {
    for (int32_t i = 0; i < turn * 37 % 1000 && pushed < RECORDS; i++) {
      struct record record = made(pushed++);
      record_queue_push(&queue, &record);
    }
    int32_t rounds = turn % 7 == 0 ? 100 : turn % 5;
    while (rounds-- > 0) {
      int32_t room = 1 + turn % POP, count = record_queue_pop(&queue, records, room);
      assert_int_equal(count, pushed - popped < room ? pushed - popped : room);
      for (int32_t i = 0; i < count; i++) assert_record(&records[i], popped++);
    }
    assert_int_equal(queue.count, pushed - popped);
  }
  assert_int_equal(record_queue_pop(&queue, records, POP), 0);
  record_queue_fini(&queue);
}

/* A queue through which much goes but in which little is does not grow; one that was large and is empty gives its memory back. */
static void test_memory(void **state) {
  (void)state;
  struct record_queue queue = {0};
  struct record records[POP];
  for (int64_t n = 0; n < RECORDS; n++) {
    struct record record = made(n);
    record_queue_push(&queue, &record);
    if (n >= 3) assert_int_equal(record_queue_pop(&queue, records, 1), 1);
  }
  assert_true(queue.room <= 16 << 10);
  for (int64_t n = 0; n < RECORDS; n++) {
    struct record record = made(n);
    record_queue_push(&queue, &record);
  }
  assert_true(queue.room > 4 << 20);
  while (record_queue_pop(&queue, records, POP) > 0) continue;
  struct record record = made(1);
  record_queue_push(&queue, &record);
  assert_true(queue.room <= 16 << 10);
  record_queue_fini(&queue);
}

int main(void) {
  for (size_t i = 0; i < BYTES; i++) bytes[i] = (char)(i * 7);
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_order), cmocka_unit_test(test_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
