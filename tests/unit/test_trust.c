/* test_trust.c: the lines of a trust file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/trust.h"

#define KEY "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" /* RFC 8032, 7.1, test 1 */

static void good_lines(void **state) {
  static const char text[] = "# who\n\n  \t\nsales " KEY " Sam # yes\r\n\"field \\sales\"\t" KEY "\n  marketing  " KEY;
  struct trust trust = {0};
  struct problems problems = {0};
  uint8_t key[SIGNATURE_KEY];
  (void)state;
  assert_true(trust_parse(&trust, text, sizeof text - 1, &problems));
  assert_int_equal(problems.count, 0);
  assert_int_equal(trust.count, 3);
  assert_true(signature_decode(KEY, 44, key, sizeof key));
  assert_true(trust_has(&trust, "sales", key));
  assert_true(trust_has(&trust, "field \\sales", key));
  assert_true(trust_has(&trust, "marketing", key));
  assert_false(trust_has(&trust, "sale", key));
  assert_false(trust_has(&trust, "Sales", key));
  key[0] ^= 1;
  assert_false(trust_has(&trust, "sales", key));
  assert_true(trust_parse(&trust, text, sizeof text - 1, &problems)); /* the same again says nothing new */
  assert_int_equal(trust.count, 3);
  trust_fini(&trust);
}

static void expect(const char *text, size_t length, int line, int column, const char *words) {
  struct trust trust = {0};
  struct problems problems = {0};
  assert_false(trust_parse(&trust, text, length, &problems));
  assert_true(problems.count >= 1);
  const struct problem *p = &problems.at[0];
  if (p->line != line || p->column != column || !strstr(p->message, words))
    fail_msg("%s: expected %d:%d %s, not %d:%d %s", text, line, column, words, p->line, p->column, p->message);
  problems_fini(&problems);
  trust_fini(&trust);
}

static void bad_lines(void **state) {
  static const struct {
    const char *text;
    int line, column;
    const char *words;
  } table[] = {
      {"sales", 1, 6, "missing"},
      {"#\nsales  \n", 2, 8, "missing"},
      {"\"sales " KEY, 1, 1, "quotation mark"},
      {"\"sales\"" KEY, 1, 8, "blank"},
      {"\"\" " KEY, 1, 1, "1 to 255"},
      {"sales 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo", 1, 7, "base64"},
      {"sales 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURp=", 1, 7, "base64"}, /* bits that mean nothing */
      {"sales AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 1, 7, "weak"},
      {"\xff " KEY, 1, 1, "UTF-8"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    expect(table[i].text, strlen(table[i].text), table[i].line, table[i].column, table[i].words);
  expect("a\0b", 3, 1, 1, "NUL");
  char *large = calloc(1, TRUST_FILE + 1);
  expect(large, TRUST_FILE + 1, 1, 1, "256 KiB");
  free(large);
}

static void every_wrong_line_is_said(void **state) {
  static const char text[] = "a\nb " KEY "\nc x\n";
  struct trust trust = {0};
  struct problems problems = {0};
  (void)state;
  assert_false(trust_parse(&trust, text, sizeof text - 1, &problems));
  assert_int_equal(problems.count, 2);
  assert_int_equal(problems.at[1].line, 3);
  problems_fini(&problems);
  trust_fini(&trust);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(good_lines),
      cmocka_unit_test(bad_lines),
      cmocka_unit_test(every_wrong_line_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
