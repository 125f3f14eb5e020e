/* test_lag.c: ends of the log from librdkafka's statistics, and what is no statistics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "consumer/lag.h"
#include "consumer/metrics.h"

static char seen[512];

static void note(void *context, const char *topic, int32_t partition, int64_t log_end) {
  size_t length = strlen(seen);
  (*(int *)context)++;
  snprintf(seen + length, sizeof seen - length, "%s/%d=%lld ", topic, (int)partition, (long long)log_end);
}

static bool read_text(const char *json, int *count) {
  *count = 0;
  seen[0] = 0;
  return lag_read(json, strlen(json), note, count);
}

static void test_read(void **state) {
  (void)state;
  int count;
  assert_true(
      read_text("{\"name\":\"rdkafka#consumer-1\",\"topics\":{\"a\":{\"topic\":\"a\",\"partitions\":{"
                "\"0\":{\"partition\":0,\"ls_offset\":7,\"hi_offset\":9,\"consumer_lag\":-1},"
                "\"1\":{\"partition\":1,\"ls_offset\":-1001,\"hi_offset\":9},"
                "\"2\":{\"partition\":2,\"ls_offset\":-1001,\"hi_offset\":-1001},"
                "\"-1\":{\"partition\":-1,\"ls_offset\":0,\"hi_offset\":0}}},"
                "\"b\":{\"partitions\":{\"3\":{\"partition\":3,\"ls_offset\":4503599627370497}}},\"c\":{}}}",
                &count));
  assert_string_equal(seen, "a/0=7 a/1=9 b/3=4503599627370497 ");
}

static void test_hostile(void **state) {
  (void)state;
  static const char *const none[] = {"", "{", "[]", "7", "{\"topics\":[]}", "{\"topics\":null}", "{\"brokers\":{}}"};
  static const char *const odd[] = {
      "{\"topics\":{}}",
      "{\"topics\":{\"a\":7}}",
      "{\"topics\":{\"a\":{\"partitions\":[]}}}",
      "{\"topics\":{\"a\":{\"partitions\":{\"0\":7,\"1\":{\"partition\":\"1\",\"ls_offset\":2},\"2\":{\"partition\":"
      "1e99,\"ls_offset\":2},"
      "\"3\":{\"partition\":3,\"ls_offset\":1e99},\"4\":{\"partition\":4294967296,\"ls_offset\":1}}}}}",
  };
  int count;
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) assert_false(read_text(none[i], &count));
  for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
    assert_true(read_text(odd[i], &count));
    assert_int_equal(count, 0);
  }
}

static void test_update(void **state) {
  (void)state;
  static const char json[] =
      "{\"topics\":{\"a\":{\"partitions\":{\"0\":{\"partition\":0,\"ls_offset\":7},\"1\":{\"partition\":1,\"ls_"
      "offset\":8}}}}}";
  struct metrics *metrics = metrics_create(2);
  struct metrics_partition *partition = metrics_partition_open(metrics, 1, "a", 0);
  assert_true(lag_update(metrics, json, sizeof json - 1));
  assert_int_equal(partition->log_end, 7);
  metrics_destroy(metrics);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_read), cmocka_unit_test(test_hostile),
                                     cmocka_unit_test(test_update)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
