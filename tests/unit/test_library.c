/* test_library.c: what is said of versions of librdkafka. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "consumer/library.h"

static int version(int major, int minor, int patch) { return major << 24 | minor << 16 | patch << 8 | 0xff; }

static void test_judge(void **state) {
  (void)state;
  static const struct {
    int major, minor, patch;
    enum library_verdict verdict;
    const char *says;
  } rows[] = {
      {1, 9, 2, LIBRARY_REFUSED, "older than 2.0.2"},
      {2, 0, 1, LIBRARY_REFUSED, "older than 2.0.2"},
      {2, 0, 2, LIBRARY_ADVICE, "2.14.2"},
      {2, 1, 1, LIBRARY_ADVICE, "2.14.2"},
      {2, 2, 0, LIBRARY_WARNING, "#4750"},
      {2, 4, 0, LIBRARY_WARNING, "#4750"},
      {2, 5, 0, LIBRARY_WARNING, "#4826"},
      {2, 5, 3, LIBRARY_ADVICE, "2.10.1"},
      {2, 6, 1, LIBRARY_ADVICE, "2.10.1"},
      {2, 8, 0, LIBRARY_ADVICE, "2.10.1"},
      {2, 10, 0, LIBRARY_WARNING, "#5088"},
      {2, 10, 1, LIBRARY_ADVICE, "2.14.2"},
      {2, 14, 1, LIBRARY_ADVICE, "2.14.2"},
      {2, 14, 2, LIBRARY_GOOD, ""},
      {2, 16, 0, LIBRARY_GOOD, ""},
      {3, 0, 0, LIBRARY_GOOD, ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const char *text;
    assert_int_equal(library_judge(version(rows[i].major, rows[i].minor, rows[i].patch), &text), rows[i].verdict);
    assert_non_null(strstr(text, rows[i].says));
    assert_int_equal(*text == 0, rows[i].verdict == LIBRARY_GOOD);
  }
}

static void test_scram(void **state) {
  (void)state;
  assert_non_null(strstr(library_scram_trouble(version(2, 0, 2), "SCRAM-SHA-512"), "2.6.1"));
  assert_non_null(library_scram_trouble(version(2, 6, 0), "scram-sha-256"));
  assert_null(library_scram_trouble(version(2, 6, 1), "SCRAM-SHA-512"));
  assert_null(library_scram_trouble(version(2, 16, 0), "SCRAM-SHA-256"));
  assert_null(library_scram_trouble(version(2, 0, 2), "PLAIN"));
  assert_null(library_scram_trouble(version(2, 0, 2), ""));
}

static void test_mended(void **state) {
  (void)state;
  assert_false(library_looks_again(version(2, 1, 1)));
  assert_true(library_looks_again(version(2, 2, 0)));
  assert_false(library_destroys_unassigned(version(2, 2, 0)));
  assert_true(library_destroys_unassigned(version(2, 3, 0)));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_judge), cmocka_unit_test(test_scram),
                                     cmocka_unit_test(test_mended)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
