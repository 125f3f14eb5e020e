/* test_envelope.c: what `kcat -J` prints, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consumer/envelope.h"

enum { LINE_MOST = 4 << 20 };

static struct envelope *envelope;
static char why[ENVELOPE_WHY];

static bool read_line(const char *line, int32_t slot, struct record *record) {
  return envelope_read(envelope, slot, slice_of(line), record, why);
}

static void assert_slice(struct slice slice, const char *text) {
  assert_non_null(slice.at);
  assert_int_equal(slice.length, strlen(text));
  assert_memory_equal(slice.at, text, slice.length);
}

static void test_whole(void **state) {
  (void)state;
  struct record record;
  assert_true(read_line(
      "{\"topic\":\"engagement\",\"partition\":3,\"offset\":10452,\"tstype\":\"create\",\"ts\":1772357400000,"
      "\"broker\":1,\"headers\":[\"a\",\"b\"],\"key\":\"u-17\",\"payload\":\"{\\\"a\\\":\\\"\\u00e9\\n\\\"}\"}",
      0, &record));
  assert_slice(record.position.topic, "engagement");
  assert_int_equal(record.position.partition, 3);
  assert_int_equal(record.position.offset, 10452);
  assert_int_equal(record.timestamp_ms, 1772357400000);
  assert_slice(record.key, "u-17");
  assert_slice(record.payload, "{\"a\":\"\xC3\xA9\n\"}");
}

/* By turns names and values; the last of a name counts. */
static void test_headers(void **state) {
  (void)state;
  static const struct {
    const char *headers, *value;
  } cases[] = {
      {"[\"group\",\"ours\"]", "ours"},
      {"[\"group\",\"\"]", ""},
      {"[\"a\",\"group\",\"group\",\"one\",\"group\",\"two\"]", "two"},
      {"[\"group\",\"one\",\"group\",null]", "one"},
      {"[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"group\",\"too far\"]", NULL},
      {"[\"group\",null]", NULL},
      {"[\"group\"]", NULL},
      {"[\"a\",\"group\",\"b\"]", NULL},
      {"[]", NULL},
      {"{\"group\":\"ours\"}", NULL},
      {"\"group\"", NULL},
      {"null", NULL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char line[300];
    struct record record;
    snprintf(line, sizeof line, "{\"topic\":\"t\",\"partition\":0,\"offset\":0,\"headers\":%s,\"payload\":\"p\"}",
             cases[i].headers);
    assert_true(read_line(line, 0, &record));
    struct slice value = envelope_header(envelope, slice_of("group"));
    assert_true((value.at != NULL) == (cases[i].value != NULL));
    if (cases[i].value) assert_slice(value, cases[i].value);
  }
}

static void test_absent(void **state) {
  (void)state;
  static const struct {
    const char *members;
    int64_t timestamp_ms;
    const char *key, *payload;
  } cases[] = {
      {"\"payload\":null", TIME_NONE, NULL, NULL},
      {"\"payload\":\"\"", TIME_NONE, NULL, ""},
      {"\"key\":null,\"payload\":\"p\"", TIME_NONE, NULL, "p"},
      {"\"key\":7,\"payload\":\"p\"", TIME_NONE, NULL, "p"},
      {"\"key\":\"\",\"payload\":\"p\"", TIME_NONE, "", "p"},
      {"\"ts\":-1,\"payload\":\"p\"", TIME_NONE, NULL, "p"},
      {"\"ts\":null,\"payload\":\"p\"", TIME_NONE, NULL, "p"},
      {"\"ts\":0,\"payload\":\"p\"", 0, NULL, "p"},
      {"\"ts\":99999999999999999999,\"payload\":\"p\"", TIME_NONE, NULL, "p"},
      {"\"payload\":\"first\",\"payload\":\"second\"", TIME_NONE, NULL, "first"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char line[300];
    struct record record;
    snprintf(line, sizeof line, "{\"topic\":\"t\",\"partition\":0,\"offset\":0,%s}\r", cases[i].members);
    assert_true(read_line(line, 0, &record));
    assert_int_equal(record.timestamp_ms, cases[i].timestamp_ms);
    if (cases[i].key) assert_slice(record.key, cases[i].key);
    if (cases[i].payload) assert_slice(record.payload, cases[i].payload);
    assert_true((cases[i].key != NULL) == (record.key.at != NULL));
    assert_true((cases[i].payload != NULL) == (record.payload.at != NULL));
  }
}

static void test_refused(void **state) {
  (void)state;
  static const struct {
    const char *line, *why;
  } cases[] = {
      {"{", "not_json"},
      {"{}{}", "not_json"},
      {"[]", "not_object"},
      {"7", "not_object"},
      {"{\"partition\":0,\"offset\":0,\"payload\":\"\"}", "topic"},
      {"{\"topic\":7,\"partition\":0,\"offset\":0,\"payload\":\"\"}", "topic"},
      {"{\"topic\":\"\",\"partition\":0,\"offset\":0,\"payload\":\"\"}", "topic"},
      {"{\"topic\":\"t\",\"offset\":0,\"payload\":\"\"}", "partition"},
      {"{\"topic\":\"t\",\"partition\":\"0\",\"offset\":0,\"payload\":\"\"}", "partition"},
      {"{\"topic\":\"t\",\"partition\":-1,\"offset\":0,\"payload\":\"\"}", "partition"},
      {"{\"topic\":\"t\",\"partition\":2147483648,\"offset\":0,\"payload\":\"\"}", "partition"},
      {"{\"topic\":\"t\",\"partition\":1.0,\"offset\":0,\"payload\":\"\"}", "partition"},
      {"{\"topic\":\"t\",\"partition\":1e0,\"offset\":0,\"payload\":\"\"}", "partition"},
      {"{\"topic\":\"t\",\"partition\":0,\"payload\":\"\"}", "offset"},
      {"{\"topic\":\"t\",\"partition\":0,\"offset\":-1001,\"payload\":\"\"}", "offset"},
      {"{\"topic\":\"t\",\"partition\":0,\"offset\":9223372036854775808,\"payload\":\"\"}", "offset"},
      {"{\"topic\":\"t\",\"partition\":0,\"offset\":0}", "payload"},
      {"{\"topic\":\"t\",\"partition\":0,\"offset\":0,\"payload\":5}", "payload"},
      {"{\"topic\":\"t\",\"partition\":0,\"offset\":0,\"payload\":{\"userId\":\"x\"}}", "payload"},
      {"{\"topic\":\"t\xFF\",\"partition\":0,\"offset\":0,\"payload\":\"\"}", "topic"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct record record;
    why[0] = 0;
    assert_false(read_line(cases[i].line, 0, &record));
    assert_non_null(strstr(why, cases[i].why));
  }
  struct record record;
  assert_true(read_line("{\"topic\":\"t\",\"partition\":2147483647,\"offset\":9223372036854775807,\"payload\":\"\"}", 0,
                        &record));
  assert_int_equal(record.position.partition, INT32_MAX);
  assert_true(record.position.offset == INT64_MAX);
}

/* kcat quotes a payload as it is: what is no UTF-8 in it is the event's affair, not the line's. */
static void test_bytes_that_are_not_utf8(void **state) {
  (void)state;
  struct record record;
  assert_true(read_line("{\"topic\":\"t\",\"partition\":0,\"offset\":0,\"key\":\"\xC3\",\"payload\":\"{\xFF\\n\"}", 0,
                        &record));
  assert_slice(record.payload, "{\xFF\n");
  assert_slice(record.key, "\xC3");
}

/* What stands in one slot stays while others are used, also where a payload is large. */
static void test_slots(void **state) {
  (void)state;
  enum { LARGE = 3 << 20 };
  struct record small, large, third;
  char *line = malloc(LARGE + 200);
  assert_non_null(line);
  assert_true(read_line("{\"topic\":\"t\\u0031\",\"partition\":1,\"offset\":1,\"payload\":\"\\\"a\\\"\"}", 0, &small));
  int start = snprintf(line, 200, "{\"topic\":\"t2\",\"partition\":2,\"offset\":2,\"payload\":\"\\n");
  memset(line + start, 'x', LARGE);
  memcpy(line + start + LARGE, "\"}", 3);
  assert_true(read_line(line, 1, &large));
  assert_true(read_line("{\"topic\":\"t3\",\"partition\":1,\"offset\":1,\"payload\":\"\\\"b\\\"\"}", 2, &third));
  assert_slice(small.position.topic, "t1");
  assert_slice(small.payload, "\"a\"");
  assert_slice(third.payload, "\"b\"");
  assert_int_equal(large.payload.length, LARGE + 1);
  assert_true(large.payload.at[0] == '\n' && large.payload.at[LARGE] == 'x');
  free(line);
}

static int set_up(void **state) {
  (void)state;
  envelope = envelope_create(4, LINE_MOST, 3);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  envelope_destroy(envelope);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_whole),
                                     cmocka_unit_test(test_headers),
                                     cmocka_unit_test(test_absent),
                                     cmocka_unit_test(test_refused),
                                     cmocka_unit_test(test_bytes_that_are_not_utf8),
                                     cmocka_unit_test(test_slots)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
