/* test_time.c: which texts are times, and when they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consumer/decode.h"

/* On a heap block of exactly that size, so that a sanitizer sees a read behind it. */
static bool parse(const char *text, size_t length, int64_t *time_ms) {
  char *exact = malloc(length ? length : 1);
  assert_non_null(exact);
  memcpy(exact, text, length);
  bool good = time_parse((struct slice){exact, (uint32_t)length}, time_ms);
  free(exact);
  return good;
}

static void test_good(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int64_t time_ms;
  } cases[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"1970-01-01T00:00:00.001Z", 1},
      {"1969-12-31T23:59:59.999-00:01", 59999},
      {"1970-01-01T23:59:00+23:59", 0},
      {"1969-12-31T00:01:00-23:59", 0},
      {"2199-12-31T23:59:59.999Z", TIME_END - 1},
      {"2200-01-01T23:58:59.9999+23:59", TIME_END - 1},
      {"2026-03-01T09:30:00Z", 1772357400000},
      {"2026-03-01t09:30:00z", 1772357400000},
      {"2026-03-01 09:30:00Z", 1772357400000},
      {"2026-03-01T09:30:00-00:00", 1772357400000},
      {"2026-03-01T11:00:00+01:30", 1772357400000},
      {"2026-02-28T22:00:00-11:30", 1772357400000},
      {"2026-03-01T09:30:00.9Z", 1772357400900},
      {"2026-03-01T09:30:00.09Z", 1772357400090},
      {"2026-03-01T09:30:00.9999999999999999999999Z", 1772357400999},
      {"2026-03-01T09:30:00.0000000000000000000001+00:00", 1772357400000},
      {"2024-02-29T00:00:00Z", 1709164800000},
      {"2000-02-29T00:00:00Z", 951782400000},
      {"2100-02-28T23:59:59Z", 4107542399000},
      {"2100-03-01T00:00:00Z", 4107542400000},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int64_t time_ms = -1;
    if (!parse(cases[i].text, strlen(cases[i].text), &time_ms)) fail_msg("%s", cases[i].text);
    if (time_ms != cases[i].time_ms) fail_msg("%s: %lld", cases[i].text, (long long)time_ms);
  }
}

static void test_bad(void **state) {
  (void)state;
  static const char *const cases[] = {
      "",
      "Z",
      "1969-12-31T23:59:59.999Z",
      "1970-01-01T00:30:00+00:31",
      "1970-01-01T23:58:00+23:59",
      "2200-01-01T00:00:00Z",
      "2199-12-31T23:59:00-00:01",
      "0000-01-01T00:00:00Z",
      "9999-12-31T23:59:59Z",
      "2016-12-31T23:59:60Z",
      "2026-03-01T24:00:00Z",
      "2026-03-01T23:60:00Z",
      "2026-00-01T00:00:00Z",
      "2026-13-01T00:00:00Z",
      "2026-01-00T00:00:00Z",
      "2026-01-32T00:00:00Z",
      "2026-04-31T00:00:00Z",
      "2026-02-29T00:00:00Z",
      "2100-02-29T00:00:00Z",
      "2026-03-01T00:00:00",
      "2026-03-01T00:00:00.Z",
      "2026-03-01T00:00:00.",
      "2026-03-01T00:00:00,5Z",
      "2026-03-01T00:00:00.5",
      "2026-03-01T00:00:00.5X",
      "2026-03-01T00:00:00ZZ",
      "2026-03-01T00:00:00Z ",
      " 2026-03-01T00:00:00Z",
      "2026-03-01T00:00:00+24:00",
      "2026-03-01T00:00:00+23:60",
      "2026-03-01T00:00:00+0100",
      "2026-03-01T00:00:00+01",
      "2026-03-01T00:00:00+01:0",
      "2026-03-01T00:00:00+01:000",
      "2026-03-01T00:00:00*01:00",
      "2026-03-01T00:00:00+01-00",
      "2026-03-01_00:00:00Z",
      "2026-03-01T00-00-00Z",
      "2026/03/01T00:00:00Z",
      "2026-03-01T00:00Z   ",
      "2026-3-01T00:00:00Z ",
      "20260301T000000Z    ",
      "+026-03-01T00:00:00Z",
      "2026-03-0\xb1T00:00:00Z",
      "1772357400000",
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int64_t time_ms = -1;
    if (parse(cases[i], strlen(cases[i]), &time_ms)) fail_msg("%s", cases[i]);
    assert_int_equal(time_ms, -1);
  }
}

/* No text that ends too early is a time, and none is read behind its end. */
static void test_cut(void **state) {
  (void)state;
  static const char whole[] = "2026-03-01T09:30:00.25+01:00";
  int64_t time_ms;
  for (size_t length = 0; length < strlen(whole); length++) assert_false(parse(whole, length, &time_ms));
  assert_true(parse(whole, strlen(whole), &time_ms));
}

/* Every day there is, by counting. */
static void test_every_day(void **state) {
  (void)state;
  static const int lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int64_t expected = 0;
  for (int year = 1970; year < 2200; year++) {
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    for (int month = 1; month <= 12; month++) {
      int days = lengths[month - 1] + (leap && month == 2);
      for (int day = 1; day <= days + 1; day++) {
        char text[40];
        int64_t time_ms;
        snprintf(text, sizeof text, "%04d-%02d-%02dT00:00:00Z", year, month, day);
        assert_true(parse(text, strlen(text), &time_ms) == (day <= days));
        if (day > days) continue;
        assert_true(time_ms == expected);
        expected += 86400000;
      }
    }
  }
  assert_true(expected == TIME_END);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_good), cmocka_unit_test(test_bad),
                                     cmocka_unit_test(test_cut), cmocka_unit_test(test_every_day)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
