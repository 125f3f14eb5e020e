/* test_suite.c: how test files write durations and times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above first */
#include <cmocka.h>

#include <stdlib.h>

#include "consumer/suite.h"

static void test_durations(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int64_t ms;
  } good[] = {{"0s", 0},           {"2d3h", 183600000},  {"-5m", -300000},
              {"1w1s", 604801000}, {"12001w", TIME_END}, {"-1000000w1000000w", -TIME_END}};
  static const char *const bad[] = {"",    "-",    "5",    "h",        "1x",
                                    "1h ", "1.5h", "--1h", "1000001s", "99999999999999999999s"};
  int64_t ms;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    assert_true(suite_duration(good[i].text, &ms));
    assert_int_equal(ms, good[i].ms);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(suite_duration(bad[i], &ms));
}

static void test_times(void **state) {
  (void)state;
  int64_t ms;
  cJSON *node = cJSON_CreateString("1970-01-01T00:00:01Z");
  assert_true(suite_time(node, 5000, &ms));
  assert_int_equal(ms, 1000);
  cJSON_SetValuestring(node, "1m");
  assert_true(suite_time(node, 5000, &ms));
  assert_int_equal(ms, 65000);
  cJSON_SetValuestring(node, "-1m");
  assert_false(suite_time(node, 5000, &ms)); /* before 1970 */
  cJSON_Delete(node);
}

static void test_beside(void **state) {
  (void)state;
  static const char *const rows[][3] = {{"a/b.json", "c.json", "a/c.json"}, {"b", "c", "c"}, {"a/b", "/c", "/c"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char *path = suite_beside(rows[i][0], rows[i][1]);
    assert_string_equal(path, rows[i][2]);
    free(path);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_durations), cmocka_unit_test(test_times),
                                     cmocka_unit_test(test_beside)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
