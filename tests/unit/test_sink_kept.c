/* test_sink_kept.c: messages that wait come out as they went in, in order, with their headers, and again after they were dropped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "producer/sink_kept.h"

static struct sink_message message(enum sink_topic topic, const char *key, const char *value) {
  struct sink_message message = {.topic = topic, .partition = (int32_t)topic + 5, .timestamp_ms = 7};
  if (key) message.key = slice_of(key);
  if (value) message.value = slice_of(value);
  message.headers = rd_kafka_headers_new(1);
  rd_kafka_header_add(message.headers, "name", -1, value ? value : "none", -1);
  return message;
}

static void keep(struct kept *kept, enum sink_topic topic, const char *key, const char *value) {
  const struct sink_message kept_message = message(topic, key, value);
  kept_add(kept, &kept_message);
}

static bool same(struct slice slice, const char *text) {
  return text ? slice.at && slice_equal(slice, slice_of(text)) : !slice.at && slice.length == 0;
}

/* Takes it: the headers are the test's. */
static void check(struct kept *kept, int32_t index, enum sink_topic topic, const char *key, const char *value) {
  const void *header;
  size_t length;
  struct sink_message got = kept_take(kept, index);
  assert_int_equal(got.topic, topic);
  assert_int_equal(got.partition, (int32_t)topic + 5);
  assert_true(got.timestamp_ms == 7);
  assert_true(same(got.key, key));
  assert_true(same(got.value, value));
  assert_int_equal(rd_kafka_header_get_last(got.headers, "name", &header, &length), RD_KAFKA_RESP_ERR_NO_ERROR);
  assert_string_equal(header, value ? value : "none");
  rd_kafka_headers_destroy(got.headers);
}

static void test_order(void **state) {
  (void)state;
  struct kept kept = {0};
  char value[40];
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < 1000; i++) { /* the bytes move as they grow */
      snprintf(value, sizeof value, "value %d of %d", i, round);
      keep(&kept, SINK_CHANGES, "ann", value);
    }
    assert_int_equal(kept.count, 1000);
    for (int i = 0; i < 1000; i++) {
      snprintf(value, sizeof value, "value %d of %d", i, round);
      check(&kept, i, SINK_CHANGES, "ann", value);
    }
    kept_clear(&kept);
    assert_int_equal(kept.count, 0);
    assert_int_equal(kept.bytes.length, 0);
  }
  kept_fini(&kept);
}

/* A dead letter is as it came: null is not empty. */
static void test_null(void **state) {
  (void)state;
  struct kept kept = {0};
  keep(&kept, SINK_DEAD_LETTERS, NULL, NULL); /* not a byte is kept yet */
  check(&kept, 0, SINK_DEAD_LETTERS, NULL, NULL);
  keep(&kept, SINK_DEAD_LETTERS, "", "");
  check(&kept, 1, SINK_DEAD_LETTERS, "", "");
  keep(&kept, SINK_JOURNAL, NULL, "{}");
  keep(&kept, SINK_DEAD_LETTERS, "ann", NULL);
  check(&kept, 2, SINK_JOURNAL, NULL, "{}");
  check(&kept, 3, SINK_DEAD_LETTERS, "ann", NULL);
  kept_fini(&kept);
}

/* Headers that nobody took go with it: the leak checkers look. */
static void test_dropped(void **state) {
  (void)state;
  struct kept kept = {0};
  for (int i = 0; i < 3; i++) keep(&kept, SINK_CHANGES, "ann", "one");
  check(&kept, 1, SINK_CHANGES, "ann", "one");
  kept_clear(&kept);
  keep(&kept, SINK_CHANGES, "ben", "two");
  kept_fini(&kept);
  assert_int_equal(kept.count, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_order),
      cmocka_unit_test(test_null),
      cmocka_unit_test(test_dropped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
