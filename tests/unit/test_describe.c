/* test_describe.c: a page to the byte, conditions in words, and what hostile names become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/document.h"
#include "config/page.h"
#include "config/phrase.h"

static void expect_condition(const char *json, const char *wanted) {
  struct document d;
  size_t at;
  const char *why;
  struct buffer text = {0};
  if (!document_parse(&d, json, strlen(json), &at, &why)) fail_msg("%s: %s", json, why);
  phrase_condition(&text, d.root);
  buffer_append(&text, "", 1);
  assert_string_equal(text.at, wanted);
  buffer_fini(&text);
  document_fini(&d);
}

static void conditions_in_words(void **state) {
  (void)state;
  expect_condition("\"contact\"", "“contact”");
  expect_condition("{\"attribute\":\"a\",\"in\":[\"x\",2,true]}", "a is one of “x”, 2 or true");
  expect_condition("{\"attribute\":\"a\",\"present\":false}", "a is not known");
  expect_condition("{\"score\":\"s\",\"below\":1.5}", "the score “s” is below 1.5");
  expect_condition("{\"quiet_for\":\"1d\"}", "no activity for 1 day");
  expect_condition("{\"not\":{\"happened\":\"*\",\"times\":2,\"within\":\"15m\"}}",
                   "not: has happened: any event, at least 2 times, within the last 15 minutes");
  expect_condition("{\"at_least\":2,\"of\":[\"a\",\"b\",{\"any\":[\"c\",{\"all\":[\"d\",\"e\"]}]}]}",
                   "at least 2 of (“a”; “b”; (“c” or (“d” and “e”)))");
  expect_condition("{\"event\":{\"name\":[\"A\",\"B\"],\"where\":{\"/p\":{\"like\":\"x*\"},\"/q\":{\"is\":1}}}}",
                   "this happens: “A” or “B” where /p looks like “x*” and /q is 1");
}

static void expect_page(bool html, const char *wanted) {
  struct buffer out = {0};
  struct page page = {.out = &out, .html = html};
  page_heading(&page, 2, "a <b> & *c*");
  page_item(&page, 1, "+ x\n1. y");
  page_item(&page, 2, "2. z");
  page_item(&page, 1, "\xe2\x80\xae\x07");
  page_row(&page, (const char *[]){"p|q"}, 1);
  page_row(&page, (const char *[]){"\"'"}, 1);
  page_text(&page, "`end`");
  buffer_append(&out, "", 1);
  assert_string_equal(out.at, wanted);
  buffer_fini(&out);
}

static void pages_are_escaped(void **state) {
  (void)state;
  expect_page(
      false,
      "## a \\<b\\> \\& \\*c\\*\n\n- \\+ x 1. y\n  - 2\\. z\n- ��\n\n| p\\|q |\n|---|\n| \"' |\n\n\\`end\\`\n\n");
  expect_page(true,
              "<h2>a &lt;b&gt; &amp; *c*</h2>\n<ul><li>+ x 1. y<ul><li>2. z</li></ul></li>\n<li>��</li></ul>\n"
              "<div class=\"t\"><table>\n<tr><th>p|q</th></tr>\n<tr><td>&quot;&#39;</td></tr>\n</table></div>\n"
              "<p>`end`</p>\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(conditions_in_words), cmocka_unit_test(pages_are_escaped)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
