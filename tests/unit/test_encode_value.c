/* test_encode_value.c: numbers, strings and times as text, and the buffer that they are written to. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "producer/encode.h"

#define COUNT(array) (int32_t)(sizeof(array) / sizeof *(array))

static void check(const struct buffer *buffer, const char *expected) {
  if (buffer->length != strlen(expected) || memcmp(buffer->at, expected, buffer->length) != 0)
    fail_msg("\n     got %.*s\nexpected %s", (int)buffer->length, buffer->at, expected);
}

/* --- strings --- */

static void check_string(struct slice text, const char *expected) {
  struct buffer buffer = {0};
  json_append_string(&buffer, text);
  check(&buffer, expected);
  buffer_fini(&buffer);
}

static void test_control_characters(void **state) {
  (void)state;
  for (unsigned byte = 0; byte < 0x20; byte++) {
    char text[3] = {'a', (char)byte, 'b'}, expected[16];
    const char *letter = byte ? strchr("\bb\ff\nn\rr\tt", (int)byte) : NULL;
    if (letter) snprintf(expected, sizeof expected, "\"a\\%cb\"", letter[1]);
    else snprintf(expected, sizeof expected, "\"a\\u%04xb\"", byte);
    check_string((struct slice){text, sizeof text}, expected);
  }
}

static void test_strings(void **state) {
  (void)state;
  check_string((struct slice){NULL, 0}, "\"\"");
  check_string(SLICE("plain"), "\"plain\"");
  check_string(SLICE("\"\\/'"), "\"\\\"\\\\/'\"");
  check_string(SLICE("\\\\\"\""), "\"\\\\\\\\\\\"\\\"\"");
  check_string(SLICE("\0"), "\"\\u0000\"");
  check_string(SLICE("\x1f\x20\x7f"), "\"\\u001f \x7f\""); /* DEL is no control character of JSON */
  check_string(SLICE("\xE2\x80\xA8\xE2\x80\xA9"), "\"\xE2\x80\xA8\xE2\x80\xA9\""); /* U+2028, U+2029 */
  check_string(SLICE("\xC2\x85\xEF\xBB\xBF\xF0\x9F\x98\x80"), "\"\xC2\x85\xEF\xBB\xBF\xF0\x9F\x98\x80\"");
  check_string(SLICE("e\xCC\x81 \xC3\xA9"), "\"e\xCC\x81 \xC3\xA9\""); /* not normalised */
  check_string(SLICE("<script>&\xEF\xBF\xBF"), "\"<script>&\xEF\xBF\xBF\"");
}

/* --- points --- */

static void test_points(void **state) {
  (void)state;
  static const struct {
    int64_t nanopoints;
    const char *expected;
  } cases[] = {
      {0, "0"},
      {1, "0"},
      {999999, "0"},
      {-999999, "0"},
      {-400000, "0"}, /* −0.0004 */
      {1000000, "0.001"},
      {-1000000, "-0.001"},
      {-1999999, "-0.001"},
      {10000000, "0.01"},
      {100000000, "0.1"},
      {120000000, "0.12"},
      {999999999, "0.999"},
      {-999999999, "-0.999"},
      {NANOPOINT, "1"},
      {-NANOPOINT, "-1"},
      {100 * NANOPOINT, "100"},
      {INT64_C(23925000000), "23.925"},
      {INT64_C(23920999999), "23.92"},
      {INT64_C(-23900999999), "-23.9"},
      {INT64_C(23005000000), "23.005"},
      {LIMIT_SCORE, "1000000000"},
      {-LIMIT_SCORE, "-1000000000"},
      {LIMIT_SCORE - 1, "999999999.999"},
      {INT64_MAX, "9223372036.854"},
      {INT64_MIN, "-9223372036.854"},
  };
  for (int32_t i = 0; i < COUNT(cases); i++) {
    struct buffer buffer = {0};
    json_append_points(&buffer, cases[i].nanopoints);
    check(&buffer, cases[i].expected);
    buffer_fini(&buffer);
  }
}

static void test_integers(void **state) {
  (void)state;
  struct buffer buffer = {0};
  static const int64_t numbers[] = {0, 9, 10, -1, INT64_MAX, INT64_MIN};
  for (int32_t i = 0; i < COUNT(numbers); i++) {
    json_append_integer(&buffer, numbers[i]);
    buffer_append_text(&buffer, " ");
  }
  check(&buffer, "0 9 10 -1 9223372036854775807 -9223372036854775808 ");
  buffer_fini(&buffer);
}

/* --- doubles --- */

static void check_double(double number, const char *expected) {
  struct buffer buffer = {0};
  json_append_double(&buffer, number);
  check(&buffer, expected);
  buffer_fini(&buffer);
}

/* And the same below zero. */
static void check_size(double number, const char *expected) {
  char negative[40];
  snprintf(negative, sizeof negative, "-%s", expected);
  check_double(number, expected);
  check_double(-number, negative);
}

static void test_doubles(void **state) {
  (void)state;
  static const struct {
    double number;
    const char *expected;
  } cases[] = {
      {1, "1"},
      {250, "250"},
      {0.1, "0.1"},
      {0.5, "0.5"},
      {0.30000000000000004, "0.30000000000000004"},
      {1.1, "1.1"},
      {4.35, "4.35"},
      {1234.5678, "1234.5678"},
      {99999999.999999, "99999999.999999"},
      {999999999999999.9, "999999999999999.9"},
      {0.000001, "0.000001"},
      {0.0000012, "0.0000012"},
      {1e-7, "1e-7"},
      {1.2e-7, "1.2e-7"},
      {9.999999999999997e-7, "9.999999999999997e-7"},
      {1e15, "1000000000000000"},
      {9007199254740991, "9007199254740991"},
      {9007199254740992, "9007199254740992"},
      {9007199254740994, "9007199254740994"},
      {1e20, "100000000000000000000"},
      {123456789012345680000.0, "123456789012345680000"},
      {999999999999999900000.0, "999999999999999900000"},
      {1e21, "1e+21"},
      {1.5e21, "1.5e+21"},
      {1e22, "1e+22"},
      {1e23, "1e+23"},
      {5e-324, "5e-324"},
      {1e-323, "1e-323"},
      {1.5e-323, "1.5e-323"},
      {2.225073858507201e-308, "2.225073858507201e-308"},
      {2.2250738585072014e-308, "2.2250738585072014e-308"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {333333333.33333329, "333333333.3333333"}, /* from here: RFC 8785 and its appendix B */
      {4.50, "4.5"},
      {2e-3, "0.002"},
      {1e-27, "1e-27"},
      {9.5367431640625e-7, "9.5367431640625e-7"},
      {295147905179352830000.0, "295147905179352830000"},
      {9.999999999999997e22, "9.999999999999997e+22"},
      {1.0000000000000001e23, "1.0000000000000001e+23"},
      {999999999999999700000.0, "999999999999999700000"},
      {333333333.3333332, "333333333.3333332"},
      {333333333.33333325, "333333333.33333325"},
      {0.000001, "0.000001"},
      {1424953923781206.2, "1424953923781206.2"},
  };
  for (int32_t i = 0; i < COUNT(cases); i++) check_size(cases[i].number, cases[i].expected);
  check_double(0, "0");
  check_double(-0.0, "0");
}

/* At powers of two the nearest decimal of 16 digits may read as the neighbour below, and the one above it does not. */
static void test_powers_of_two(void **state) {
  (void)state;
  check_size(0x1p-44, "5.684341886080802e-14");
  check_size(0x1p-24, "5.960464477539063e-8");
  check_size(0x1p-1022, "2.2250738585072014e-308");
  check_size(0x1p89, "6.189700196426902e+26");
  check_size(0x1p1023, "8.98846567431158e+307");
}

static uint64_t seed = 42;

static uint64_t draw(void) { /* splitmix64 */
  uint64_t z = seed += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

static double draw_double(void) {
  uint64_t bits = draw();
  double number;
  switch (draw() % 6) {
    case 0: return (double)(int64_t)bits / 1000.0;
    case 1: return (double)(bits % 100000000) / 100.0;
    case 2: return ldexp(1, (int)(bits % 2098) - 1074);
    case 3: bits &= UINT64_C(0x800FFFFFFFFFFFFF); break; /* subnormal */
    default: break;
  }
  memcpy(&number, &bits, sizeof number);
  return isfinite(number) ? number : 1.0;
}

static size_t digit_count(const char *text) {
  size_t count = 0;
  for (; *text && *text != 'e'; text++)
    if (*text >= '0' && *text <= '9' && (count || *text != '0')) count++;
  return count;
}

/* Reads back as the same double; nothing a digit shorter does. */
static void test_doubles_round_trip(void **state) {
  (void)state;
  struct buffer buffer = {0};
  for (int i = 0; i < 100000; i++) {
    double number = draw_double(), back;
    buffer.length = 0;
    json_append_double(&buffer, number);
    buffer_append(&buffer, "", 1);
    back = strtod(buffer.at, NULL);
    if (memcmp(&back, &number, sizeof back) != 0 && !(number == 0 && back == 0))
      fail_msg("%.17g: %s", number, buffer.at);
    size_t count = digit_count(buffer.at);
    if (count < 2 || (number == rint(number) && !strchr(buffer.at, 'e'))) continue; /* its zeros are no digits */
    char shorter[40];
    snprintf(shorter, sizeof shorter, "%.*e", (int)count - 2, number);
    if (strtod(shorter, NULL) == number) fail_msg("%.17g: %s, and not %s", number, buffer.at, shorter);
  }
  buffer_fini(&buffer);
}

/* --- times --- */

static void test_times(void **state) {
  (void)state;
  static const struct {
    int64_t time_ms;
    const char *expected;
  } cases[] = {
      {0, "1970-01-01T00:00:00.000Z"},
      {1, "1970-01-01T00:00:00.001Z"},
      {86399999, "1970-01-01T23:59:59.999Z"},
      {INT64_C(68169600000), "1972-02-29T00:00:00.000Z"},
      {INT64_C(68255999999), "1972-02-29T23:59:59.999Z"},
      {INT64_C(68256000000), "1972-03-01T00:00:00.000Z"},
      {INT64_C(951782400000), "2000-02-29T00:00:00.000Z"},
      {INT64_C(1772357400000), "2026-03-01T09:30:00.000Z"},
      {INT64_C(4107542400000), "2100-03-01T00:00:00.000Z"}, /* 2100 has no leap day */
      {INT64_C(4107542399999), "2100-02-28T23:59:59.999Z"},
      {TIME_END - 1, "2199-12-31T23:59:59.999Z"},
      {TIME_END, "2200-01-01T00:00:00.000Z"}, /* deadlines may lie beyond */
      {INT64_C(253402300799999), "9999-12-31T23:59:59.999Z"},
  };
  for (int32_t i = 0; i < COUNT(cases); i++) {
    struct buffer buffer = {0};
    time_append(&buffer, cases[i].time_ms);
    check(&buffer, cases[i].expected);
    buffer_fini(&buffer);
  }
}

/* Every day of 230 years, counted by hand. */
static void test_days(void **state) {
  (void)state;
  static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  struct buffer buffer = {0};
  int64_t day_ms = 0;
  for (int year = 1970; year < 2200; year++) {
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    for (int month = 0; month < 12; month++) {
      for (int day = 1; day <= lengths[month] + (leap && month == 1); day++, day_ms += 86400000) {
        char expected[64];
        snprintf(expected, sizeof expected, "%d-%02d-%02dT00:00:00.000Z", year, month + 1, day);
        buffer.length = 0;
        time_append(&buffer, day_ms);
        check(&buffer, expected);
      }
    }
  }
  assert_int_equal(day_ms, TIME_END);
  buffer_fini(&buffer);
}

/* --- the buffer --- */

static void test_buffer(void **state) {
  (void)state;
  struct buffer buffer = {0};
  buffer_append(&buffer, NULL, 0);
  assert_null(buffer.at);
  for (int i = 0; i < 10000; i++) buffer_printf(&buffer, "%d,", i % 10);
  assert_int_equal(buffer.length, 20000);
  for (size_t i = 0; i < buffer.length; i++) assert_int_equal(buffer.at[i], i % 2 ? ',' : '0' + (int)(i / 2 % 10));
  buffer_fini(&buffer);
  assert_int_equal(buffer.length + buffer.room, 0);
  buffer_fini(&buffer); /* twice does no harm */

  char word[1001];
  memset(word, 'x', sizeof word - 1);
  word[1000] = 0;
  buffer_printf(&buffer, "%s|%s", word, word); /* longer than the room of the beginning */
  assert_int_equal(buffer.length, 2001);
  assert_int_equal(buffer.at[1000], '|');
  buffer_append_text(&buffer, word);
  assert_memory_equal(buffer.at + 2001, word, 1000);
  buffer_fini(&buffer);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_control_characters),
      cmocka_unit_test(test_strings),
      cmocka_unit_test(test_points),
      cmocka_unit_test(test_integers),
      cmocka_unit_test(test_doubles),
      cmocka_unit_test(test_powers_of_two),
      cmocka_unit_test(test_doubles_round_trip),
      cmocka_unit_test(test_times),
      cmocka_unit_test(test_days),
      cmocka_unit_test(test_buffer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
