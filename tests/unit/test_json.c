/* test_json.c: what is strict JSON, where it goes wrong, and what a number is nearest to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "consumer/decode.h"

/* On a heap block of exactly that size, so that a sanitizer sees a read behind it. */
static bool valid(const char *text, size_t length, size_t *at, const char **why) {
  char *exact = malloc(length ? length : 1);
  assert_non_null(exact);
  memcpy(exact, text, length);
  bool good = json_valid(exact, length, at, why);
  free(exact);
  return good;
}

static void test_valid(void **state) {
  (void)state;
  static const char *const cases[] = {
      "{}",
      "[]",
      "0",
      "-0",
      "null",
      "true",
      "false",
      "\"\"",
      " \t\r\n{ } \t\r\n",
      "[1 , 2]",
      "{\"a\" : 1 , \"a\" : [ ] }",
      "[0,-0,0.0,-0.0e0,1E+2,1e-2,1.5E2,10,1e400,123456789012345678901234567890]",
      "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\uABCD\\uabcd\\ud83d\\ude00\\uDBFF\\uDFFF\"",
      "\"\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"",
      "{\"\":{\"\":\"\"}}",
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    size_t at = 0;
    const char *why = "";
    if (!valid(cases[i], strlen(cases[i]), &at, &why)) fail_msg("%s: byte %zu: %s", cases[i], at, why);
  }
}

static const struct {
  const char *text;
  size_t at;
  const char *why;
} invalid[] = {
    {"", 0, "too early"},
    {"  ", 2, "too early"},
    {"\xef\xbb\xbf{}", 0, "byte order mark"},
    {"{} x", 3, "behind the end"},
    {"{}{}", 2, "behind the end"},
    {"{}\v", 2, "behind the end"},
    {"\v{}", 0, "no JSON value"},
    {"{,}", 1, "name"},
    {"{a:1}", 1, "name"},
    {"{'a':1}", 1, "name"},
    {"{1:1}", 1, "name"},
    {"{\"a\"}", 4, "colon"},
    {"{\"a\" 1}", 5, "colon"},
    {"{\"a\":}", 5, "no JSON value"},
    {"{\"a\":1,}", 7, "comma before }"},
    {"{\"a\":1 \"b\":2}", 7, "comma or }"},
    {"{\"a\":1]", 6, "comma or }"},
    {"{\"a\":1", 6, "too early"},
    {"[1,]", 3, "comma before ]"},
    {"[,1]", 1, "no JSON value"},
    {"[1 2]", 3, "comma or ]"},
    {"[1}", 2, "comma or ]"},
    {"[", 1, "too early"},
    {"]", 0, "no JSON value"},
    {"tru", 0, "no JSON value"},
    {"True", 0, "no JSON value"},
    {"nul1", 0, "no JSON value"},
    {"NaN", 0, "no JSON value"},
    {"Infinity", 0, "no JSON value"},
    {"-Infinity", 1, "digit"},
    {"truex", 4, "behind the end"},
    {"01", 1, "0 and another digit"},
    {"-01", 2, "0 and another digit"},
    {"00", 1, "0 and another digit"},
    {"+1", 0, "no JSON value"},
    {".5", 0, "no JSON value"},
    {"-", 1, "too early"},
    {"1.", 2, "too early"},
    {"1.e5", 2, "digit"},
    {"1e", 2, "too early"},
    {"1e+", 3, "too early"},
    {"1e+-1", 3, "digit"},
    {"0x10", 1, "behind the end"},
    {"1_000", 1, "behind the end"},
    {"\"abc", 4, "quotation mark"},
    {"\"a\nb\"", 2, "control character"},
    {"\"a\x1f\"", 2, "control character"},
    {"\"\\x41\"", 2, "no such escape"},
    {"\"\\'\"", 2, "no such escape"},
    {"\"\\", 2, "too early"},
    {"\"\\u12G4\"", 5, "hexadecimal"},
    {"\"\\u123\"", 6, "hexadecimal"},
    {"\"\\u12", 5, "too early"},
    {"\"a\\ud800\"", 2, "half a surrogate pair"},
    {"\"a\\ud800\\n\"", 2, "half a surrogate pair"},
    {"\"a\\ud800\\u0041\"", 2, "half a surrogate pair"},
    {"\"a\\ud800\\ud800\"", 2, "half a surrogate pair"},
    {"\"a\\udc00\"", 2, "half a surrogate pair"},
    {"\"a\\udc00\\ud800\"", 2, "half a surrogate pair"},
    {"\"\x80\"", 1, "UTF-8"},
    {"\"\xc0\x80\"", 1, "UTF-8"},
    {"\"\xc1\xbf\"", 1, "UTF-8"},
    {"\"\xc2\"", 1, "UTF-8"},
    {"\"\xe0\x9f\xbf\"", 1, "UTF-8"},
    {"\"\xed\xa0\x80\"", 1, "UTF-8"},
    {"\"\xe2\x82\"", 1, "UTF-8"},
    {"\"\xf0\x8f\xbf\xbf\"", 1, "UTF-8"},
    {"\"\xf4\x90\x80\x80\"", 1, "UTF-8"},
    {"\"\xf5\x80\x80\x80\"", 1, "UTF-8"},
    {"\"ok\xff\"", 3, "UTF-8"},
    {"{\"\xff\":1}", 2, "UTF-8"},
    {"\xc3\xa9", 0, "no JSON value"},
};

static void test_invalid(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
    size_t at = 99;
    const char *why = "";
    if (valid(invalid[i].text, strlen(invalid[i].text), &at, &why)) fail_msg("%s", invalid[i].text);
    if (at != invalid[i].at || !strstr(why, invalid[i].why)) fail_msg("%s: byte %zu: %s", invalid[i].text, at, why);
  }
  size_t at = 99;
  const char *why = "";
  assert_false(valid("{}\0", 3, &at, &why));
  assert_int_equal(at, 2);
  assert_false(valid("\"\0\"", 3, &at, &why));
  assert_int_equal(at, 1);
}

static void test_nesting(void **state) {
  (void)state;
  char text[400];
  size_t at = 0;
  const char *why = "";
  for (size_t depth = 63; depth <= 66; depth++) {
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    assert_true(valid(text, 2 * depth, &at, &why) == (depth <= LIMIT_DEPTH));
  }
  assert_int_equal(at, LIMIT_DEPTH);
  assert_non_null(strstr(why, "64"));
  assert_false(valid(text, 64, &at, &why));
}

static void test_number(void **state) {
  (void)state;
  static const struct {
    const char *text;
    double number;
  } cases[] = {
      {"0", 0},
      {"-0", -0.0},
      {"-0.0", -0.0},
      {"0e999999999999999999999", 0},
      {"0.000e-99999999999999999999", 0},
      {"7", 7},
      {"-12.50", -12.5},
      {"0.1", 0.1},
      {"1e22", 1e22},
      {"1e23", 1e23},
      {"123e-22", 123e-22},
      {"9007199254740992", 9007199254740992.0},
      {"9007199254740993", 9007199254740992.0},
      {"9007199254740993.00000000000000000001", 9007199254740994.0},
      {"9007199254740995", 9007199254740996.0},
      {"9999999999999999999", 1e19},
      {"18446744073709551616", 18446744073709551616.0},
      {"1173122633160899525e2", 1173122633160899525e2},
      {"123456789012345680000", 123456789012345680000.0},
      {"0.30000000000000004", 0.30000000000000004},
      {"1.7976931348623157e308", 1.7976931348623157e308},
      {"1.7976931348623159e308", INFINITY},
      {"-1e400", -INFINITY},
      {"1E+400", INFINITY},
      {"1e99999999999999999999999", INFINITY},
      {"1e-99999999999999999999999", 0},
      {"4.9e-324", 4.9e-324},
      {"2.4e-324", 0},
      {"2.5e-324", 4.9e-324},
      {"2.2250738585072011e-308", 2.2250738585072011e-308},
      {"2.2250738585072014e-308", 2.2250738585072014e-308},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double number = 42;
    if (!json_number(slice_of(cases[i].text), &number)) fail_msg("%s", cases[i].text);
    if (memcmp(&number, &cases[i].number, sizeof number) != 0) fail_msg("%s: %.17g", cases[i].text, number);
  }
}

static void test_no_number(void **state) {
  (void)state;
  static const char *const cases[] = {"",    "-",    "+1",       "01",  "-01",  ".5",   "5.",    "1e",
                                      "1e+", "1.e1", " 1",       "1 ",  "1a",   "0x1",  "1e1.5", "--1",
                                      "NaN", "inf",  "Infinity", "1,5", "true", "1\xb9"};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double number = 42;
    if (json_number(slice_of(cases[i]), &number)) fail_msg("%s", cases[i]);
    assert_true(number == 42);
  }
  double number;
  assert_false(json_number((struct slice){NULL, 0}, &number));
  assert_false(json_number((struct slice){"1\0", 2}, &number));
}

/* What is behind many digits still decides which way a number is rounded. */
static void test_long_numbers(void **state) {
  (void)state;
  enum { LONG = 1 << 20 };
  char *text = malloc(LONG);
  assert_non_null(text);
  static const char half[] = "9007199254740993.";
  double number;
  memset(text, '0', LONG);
  memcpy(text, half, strlen(half));
  assert_true(json_number((struct slice){text, LONG}, &number));
  assert_true(number == 9007199254740992.0);
  text[LONG - 1] = '1';
  assert_true(json_number((struct slice){text, LONG}, &number));
  assert_true(number == 9007199254740994.0);

  memset(text, '0', LONG);
  text[0] = '1';
  assert_true(json_number((struct slice){text, LONG}, &number));
  assert_true(isinf(number));
  memcpy(text + LONG - 9, "e-1048567", 9); /* 1 and 1,048,566 zeros before it */
  assert_true(json_number((struct slice){text, LONG}, &number));
  assert_true(number == 0.1);

  memset(text, '0', LONG);
  text[1] = '.';
  memcpy(text + LONG - 9, "1e1048566", 9); /* 1,048,565 zeros behind the point */
  assert_true(json_number((struct slice){text, LONG}, &number));
  assert_true(number == 1);
  text[0] = '-';
  assert_false(json_number((struct slice){text, LONG}, &number));
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_valid),     cmocka_unit_test(test_invalid),
                                     cmocka_unit_test(test_nesting),   cmocka_unit_test(test_number),
                                     cmocka_unit_test(test_no_number), cmocka_unit_test(test_long_numbers)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
