/* test_template.c: gaps filled, lines that are there or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config/template.h"

static const struct template_value values[] = {{"a", "one"}, {"b", "%{a}\n%if b"}, {"none", NULL}};

static void check(const char *template, const char *expected) {
  struct buffer out = {0};
  template_render(&out, template, strlen(template), values, 3);
  buffer_append(&out, "", 1);
  assert_string_equal(out.at, expected);
  buffer_fini(&out);
}

static void test_gaps(void **state) {
  (void)state;
  check("", "");
  check("nothing 100% {a}\n", "nothing 100% {a}\n");
  check("%{a}, %{a}%\n", "one, one%\n");
  check("<%{b}>\n", "<%{a}\n%if b>\n"); /* a value is not looked into */
}

static void test_lines(void **state) {
  (void)state;
  check("%if a\nx\n%end\ny\n", "x\ny\n");
  check("%if none\n%{none}\n%end\ny\n", "y\n");
  check("%if !none\nx\n%end\n%if !a\ny\n%end\n", "x\n");
}

static void test_nested(void **state) {
  (void)state;
  check("%if none\n%if a\nx\n%end\ny\n%end\nz\n", "z\n");
  check("%if a\n%if none\nx\n%end\ny\n%end\nz\n", "y\nz\n");
  check("%if a\n%if b\nx\n%end\n%end\n", "x\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_gaps), cmocka_unit_test(test_lines),
                                     cmocka_unit_test(test_nested)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
