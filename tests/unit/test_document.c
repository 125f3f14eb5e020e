/* test_document.c: the text of a definition: comments blanked, what is left strict, every node's place found again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/document.h"
#include "consumer/engine/limits.h"

static struct document parsed(const char *text) {
  struct document d;
  size_t at;
  const char *why;
  if (!document_parse(&d, text, strlen(text), &at, &why)) fail_msg("%s: %zu: %s", text, at, why);
  return d;
}

static void expect_refused(const char *text, size_t length, size_t wanted, const char *words) {
  struct document d;
  size_t at = SIZE_MAX;
  const char *why = "";
  assert_false(document_parse(&d, text, length, &at, &why));
  if (at != wanted || !strstr(why, words)) fail_msg("expected %zu: %s, not %zu: %s", wanted, words, at, why);
  assert_null(d.root);
  assert_null(d.text);
}

static void comments_are_blanked(void **state) {
  static const char text[] =
      "// first \"one\n/* a\n * b // c */ {\"a\"/**/:/* ** / */1, // \"x\": 2,\n\"b // c\": \"/* d */ \\\" // e\"}//";
  (void)state;
  struct document d = parsed(text);
  assert_int_equal(d.length, strlen(text));
  assert_int_equal(cJSON_GetArraySize(d.root), 2);
  assert_int_equal(cJSON_GetObjectItem(d.root, "a")->valuedouble, 1);
  assert_string_equal(cJSON_GetObjectItem(d.root, "b // c")->valuestring, "/* d */ \" // e");
  for (size_t i = 0; i < d.length; i++)
    assert_true(d.text[i] == text[i] || (d.text[i] == ' ' && text[i] != '\n')); /* everything stays where it was */
  document_fini(&d);
}

static void what_is_no_document(void **state) {
  char deep[200];
  (void)state;
  expect_refused("", 0, 0, "");
  expect_refused("{} /* x", 7, 3, "comment does not end");
  expect_refused("{} /*/", 6, 3, "comment does not end");
  expect_refused("{\"a\": /1}", 9, 6, "");
  expect_refused("{\"a\": \"x}", 9, 9, "");
  expect_refused("{\"a\": \"x\\", 9, 9, "");
  expect_refused("\xEF\xBB\xBF{}", 5, 0, "byte order mark");
  expect_refused("{\"a\": \"\xC3(\"}", 11, 7, "");
  memset(deep, '[', 65);
  memset(deep + 65, ']', 65);
  expect_refused(deep, 130, 64, "");
  struct document d;
  size_t at;
  const char *why;
  assert_true(document_parse(&d, deep + 1, 128, &at, &why));
  document_fini(&d);
}

static void a_mebibyte_is_the_most(void **state) {
  char *text = malloc(LIMIT_DEFINITION + 1);
  struct document d;
  size_t at;
  const char *why;
  (void)state;
  memset(text, ' ', LIMIT_DEFINITION + 1);
  text[0] = '7';
  assert_true(document_parse(&d, text, LIMIT_DEFINITION, &at, &why));
  document_fini(&d);
  expect_refused(text, LIMIT_DEFINITION + 1, 0, "1 MiB");
  free(text);
}

/* The pointer and the place of what stands at the mark ^. */
static void expect_place(const char *marked, const char *pointer, int line, int column) {
  char text[400];
  size_t mark = strcspn(marked, "^");
  int its_line, its_column;
  snprintf(text, sizeof text, "%.*s%s", (int)mark, marked, marked + mark + 1);
  struct document d = parsed(text);
  char *its_pointer = document_pointer(&d, mark);
  document_place(&d, mark, &its_line, &its_column);
  assert_string_equal(its_pointer, pointer);
  assert_int_equal(its_line, line);
  assert_int_equal(its_column, column);
  free(its_pointer);
  document_fini(&d);
}

static void places_and_pointers(void **state) {
  (void)state;
  expect_place("^7", "", 1, 1);
  expect_place("/* */ ^{\"a\": 1}", "", 1, 7);
  expect_place("{\n  ^\"a\" : 1}", "/a", 2, 3);
  expect_place("{\n  \"a\" : ^1}", "/a", 2, 9);
  expect_place("{\"a\": [1, {\"b\": ^null}]}", "/a/1/b", 1, 17);
  expect_place("{\"a\": [1, ^{\"b\": null}]}", "/a/1", 1, 11);
  expect_place("{\"a\": [[], {}, ^\"x\"]}", "/a/2", 1, 16);
  expect_place("{\"a/b\": {\"~\": {\"\": ^[]}}}", "/a~1b/~0/", 1, 20);
  expect_place("{\"é\": \"ü\",\r\n\t\"\\u0061\": ^true}", "/a", 2, 12); /* columns are bytes */
  expect_place("[0, \"a:b\", [\"c\"  ,\"d\"], {\"e\":\"f\" , \"g\" : \"^h\"}]", "/3/g", 1, 43);
}

static void values_and_numbers(void **state) {
  static const struct {
    const char *text;
    double value;
  } numbers[] = {
      {"0", 0},
      {"-0.0", 0},
      {"1e2", 100},
      {"0.1", 0.1},
      {"123456789012345678901234567890123456789012345678901234567890123456789", 1.2345678901234568e68},
      {"1.00000000000000000000000000000000000000000000000000000000000000000000000001e3", 1000},
      {"2.2250738585072011e-308", 2.2250738585072011e-308},
  };
  (void)state;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    char text[200];
    snprintf(text, sizeof text, "{\"a\" :  %s }", numbers[i].text);
    struct document d = parsed(text);
    const cJSON *a = d.root->child;
    assert_int_equal(document_value(&d, a), 8);
    struct slice its = document_number(&d, a);
    assert_true(slice_equal(its, slice_of(numbers[i].text)));
    assert_true(a->valuedouble == numbers[i].value);
    document_fini(&d);
  }
}

static void zeros_in_strings(void **state) {
  (void)state;
  struct document d = parsed("[\"a\\\\u0000\", \"b\\u0000\", \"\\u0001\\u0000\"]");
  assert_int_equal(document_nul(&d, 0), 15);
  assert_int_equal(document_nul(&d, 21), 31);
  assert_int_equal(document_nul(&d, 37), d.length);
  document_fini(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(comments_are_blanked),   cmocka_unit_test(what_is_no_document),
      cmocka_unit_test(a_mebibyte_is_the_most), cmocka_unit_test(places_and_pointers),
      cmocka_unit_test(values_and_numbers),     cmocka_unit_test(zeros_in_strings),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
