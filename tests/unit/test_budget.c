/* test_budget.c: shares of a budget: within the whole wherever it is large enough, and it is said where it is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "consumer/budget.h"

static int64_t total_mb(struct budget budget, int64_t partitions, int64_t inputs, int64_t workers) {
  return (budget.queue_kb * partitions * inputs + budget.publish_kb * workers) / 1024;
}

static void test_shares(void **state) {
  (void)state;
  struct budget budget = budget_share(512, 12, 1, 1);
  assert_int_equal(budget.queue_kb, 256 * 1024 / 12);
  assert_int_equal(budget.publish_kb, 128 * 1024);
  assert_int_equal(budget.fetch_kb, 50 * 1024);
  budget = budget_share(64, 4, 2, 2);
  assert_int_equal(budget.queue_kb, 4096);
  assert_int_equal(budget.publish_kb, 8192);
  assert_int_equal(budget.fetch_kb, 8192);
}

static void test_is_kept(void **state) {
  (void)state;
  for (int64_t mb = 32; mb <= 65536; mb = mb * 3 / 2) {
    for (int64_t partitions = 1; partitions <= 1000; partitions = partitions * 2 + 1) {
      for (int64_t inputs = 1; inputs <= 8; inputs++) {
        for (int64_t workers = 1; workers <= 64; workers *= 4) {
          struct budget budget = budget_share(mb, partitions, inputs, workers);
          assert_true(budget.queue_kb >= 1024 && budget.fetch_kb >= 1024 && budget.publish_kb >= 8192);
          if (budget.needed_mb <= mb) assert_true(total_mb(budget, partitions, inputs, workers) <= mb);
        }
      }
    }
  }
}

/* What is said to be needed is enough, and one less is not. */
static void test_needed(void **state) {
  (void)state;
  int64_t needed = budget_share(1, 100, 2, 1).needed_mb;
  assert_int_equal(needed, 400);
  assert_true(total_mb(budget_share(needed, 100, 2, 1), 100, 2, 1) <= needed);
  assert_int_equal(budget_share(needed - 1, 100, 2, 1).queue_kb, 1024); /* as small as they may be: more than half */
  assert_int_equal(budget_share(1, 1, 1, 16).needed_mb, 512);
}

/* However large: no more than anybody can use. */
static void test_most(void **state) {
  (void)state;
  struct budget budget = budget_share(1 << 20, 1, 1, 1);
  assert_int_equal(budget.queue_kb, 64 * 1024);
  assert_int_equal(budget.fetch_kb, 50 * 1024);
  assert_int_equal(budget.publish_kb, 1024 * 1024);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_shares), cmocka_unit_test(test_is_kept),
                                     cmocka_unit_test(test_needed), cmocka_unit_test(test_most)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
