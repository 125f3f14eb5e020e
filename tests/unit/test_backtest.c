/* test_backtest.c: exact fractions: compared without multiplying, cut when they are printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../consumer/backtest_print.h"

static uint64_t random_state = 7;

static uint64_t draw(int bits) {
  random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  uint64_t high = random_state >> 32;
  random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (high << 32 | random_state >> 32) >> (64 - bits);
}

static int sign(int number) { return (number > 0) - (number < 0); }

/* Of numbers below 2⁶⁰ the products fit. */
static void compares_as_products_do(void **state) {
  (void)state;
  for (int i = 0; i < 200000; i++) {
    int bits = 1 + (int)draw(6) % 60;
    struct ratio a = {draw(bits), draw(bits) + 1}, b = {draw(bits), draw(bits) + 1};
    if (i % 3 == 0) b = (struct ratio){a.part * 3, a.whole * 3};
    if (i % 7 == 0) b.part += 1;
    backtest_wide left = a.part * b.whole, right = b.part * a.whole;
    assert_int_equal(sign(ratio_compare(a, b)), (left > right) - (left < right));
  }
}

static void compares_what_no_product_holds(void **state) {
  (void)state;
  backtest_wide large = (backtest_wide)1 << 120;
  assert_true(ratio_compare((struct ratio){large, large - 1}, (struct ratio){large + 1, large}) > 0);
  assert_true(ratio_compare((struct ratio){large, large + 1}, (struct ratio){large - 1, large}) > 0);
  assert_int_equal(ratio_compare((struct ratio){large * 2, large}, (struct ratio){2, 1}), 0);
  assert_int_equal(ratio_compare((struct ratio){0, large}, (struct ratio){0, 1}), 0);
  assert_true(ratio_compare((struct ratio){0, 1}, (struct ratio){1, large}) < 0);
}

static void prints(struct ratio ratio, const char *text) {
  struct buffer out = {0};
  backtest_append_millionths(&out, ratio_millionths(ratio));
  assert_int_equal(out.length, strlen(text));
  assert_memory_equal(out.at, text, out.length);
  buffer_fini(&out);
}

static void is_cut_to_millionths(void **state) {
  (void)state;
  assert_int_equal(ratio_millionths((struct ratio){5, 0}), BACKTEST_UNKNOWN);
  prints((struct ratio){0, 9}, "0");
  prints((struct ratio){1, 3}, "0.333333");
  prints((struct ratio){2, 3}, "0.666666");
  prints((struct ratio){1, 2}, "0.5");
  prints((struct ratio){10, 1}, "10");
  prints((struct ratio){1, 1000001}, "0");
  prints((struct ratio){1, 1000000}, "0.000001");
  assert_int_equal(ratio_millionths((struct ratio){(backtest_wide)1 << 100, 1}), INT64_MAX);
}

static void weeks_begin_on_mondays(void **state) {
  (void)state;
  int64_t monday = INT64_C(1767571200000); /* 2026-01-05 */
  assert_int_equal(backtest_week_ms(ledger_week(monday)), monday);
  assert_int_equal(ledger_week(monday - 1), ledger_week(monday) - 1);
  assert_int_equal(ledger_week(monday + BACKTEST_WEEK_MS - 1), ledger_week(monday));
  assert_int_equal(backtest_week_ms(ledger_week(0)), 0);
  assert_int_equal(backtest_week_ms(ledger_week(INT64_C(345600000))), 345600000); /* 1970-01-05 */
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(compares_as_products_do),
                                     cmocka_unit_test(compares_what_no_product_holds),
                                     cmocka_unit_test(is_cut_to_millionths), cmocka_unit_test(weeks_begin_on_mondays)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
