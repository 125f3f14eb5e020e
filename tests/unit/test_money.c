/* test_money.c: amounts from the texts of numbers, exact; sums as text; parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "consumer/money.h"

static void test_parse(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int64_t amount;
    bool good;
  } cases[] = {
      {"0", 0, true},
      {"-0", 0, true},
      {"1", 1000000, true},
      {"-12.5", -12500000, true},
      {"0.000001", 1, true},
      {"0.0000005", 1, true},
      {"-0.0000005", -1, true},
      {"0.00000049999999999999999999", 0, true},
      {"1e-7", 0, true},
      {"5e-7", 1, true},
      {"5E-7", 1, true},
      {"1.5e3", 1500000000, true},
      {"1.5e+3", 1500000000, true},
      {"123456.7891234", 123456789123, true},
      {"123456.7891235", 123456789124, true},
      {"1200e-2", 12000000, true},
      {"0.00012e4", 1200000, true},
      {"0e99999999999999999999", 0, true},
      {"0.000e999999", 0, true},
      {"1e-99999999999999999999", 0, true},
      {"9000000000000", MONEY_MOST, true},
      {"-9e12", -MONEY_MOST, true},
      {"8999999999999.9999999", MONEY_MOST, true},
      {"9000000000000.000001", MONEY_MOST, false},
      {"9000000000000.0000004", MONEY_MOST, true},
      {"9000000000000.0000005", MONEY_MOST, true},
      {"1e13", MONEY_MOST, false},
      {"-1e308", -MONEY_MOST, false},
      {"1e99999999999999999999", MONEY_MOST, false},
      {"10000000000000000000000000000000000000000", MONEY_MOST, false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int64_t amount = MONEY_NONE;
    bool good = money_parse(slice_of(cases[i].text), &amount);
    if (amount != cases[i].amount || good != cases[i].good)
      fail_msg("%s: %lld, %d", cases[i].text, (long long)amount, good);
  }
}

static void assert_text(money_sum sum, const char *plain, const char *words) {
  struct buffer out = {0};
  money_append(&out, sum);
  buffer_append(&out, "", 1);
  assert_string_equal(out.at, plain);
  out.length = 0;
  money_append_words(&out, sum);
  buffer_append(&out, "", 1);
  assert_string_equal(out.at, words);
  buffer_fini(&out);
}

static void test_text(void **state) {
  (void)state;
  assert_text(0, "0", "0");
  assert_text(1000000, "1", "1");
  assert_text(1, "0.000001", "0.000001");
  assert_text(-1, "-0.000001", "-0.000001");
  assert_text(500000, "0.5", "0.50");
  assert_text(-1234567890000, "-1234567.89", "-1,234,567.89");
  assert_text(999000000, "999", "999");
  assert_text(1000000000, "1000", "1,000");
  assert_text(1000001200, "1000.0012", "1,000.0012");
  assert_text((money_sum)MONEY_MOST * INT64_MAX, "83010348331692982263000000000000",
              "83,010,348,331,692,982,263,000,000,000,000");
}

static void test_sums(void **state) {
  (void)state;
  struct money money = {0};
  for (int i = 0; i < 1000; i++) { /* an int64_t would have overflown, and doubles would have forgotten the one */
    money_add(&money, MONEY_MOST);
    if (i == 500) money_add(&money, 1);
    if (i % 2) money_add(&money, MONEY_NONE);
  }
  for (int i = 0; i < 1000; i++) money_add(&money, -MONEY_MOST);
  assert_true(money.sum == 1);
  assert_int_equal(money.unknown, 500);
}

static void test_parts(void **state) {
  (void)state;
  assert_true(money_part(1000000, 3) == 333333);
  assert_true(money_part(2000000, 3) == 666667);
  assert_true(money_part(-2000000, 3) == -666667);
  assert_true(money_part(1, 2) == 1);
  assert_true(money_part(-1, 2) == -1);
  assert_int_equal(money_share(1, 3), 3333);
  assert_int_equal(money_share(2, 3), 6667);
  assert_int_equal(money_share(3, 3), 10000);
  assert_int_equal(money_share(6, 3), 20000);
  assert_int_equal(money_share(1, 0), -1);
  assert_int_equal(money_share(-1, 3), -1);
  assert_int_equal(money_share((money_sum)MONEY_MOST * INT64_MAX, 1), INT64_MAX);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_parse),
      cmocka_unit_test(test_text),
      cmocka_unit_test(test_sums),
      cmocka_unit_test(test_parts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
