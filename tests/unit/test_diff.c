/* test_diff.c: what changed in meaning, to the letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/diff.h"
#include "config/document.h"

static void expect(const char *a, const char *b, bool json, const char *wanted) {
  struct document before, after;
  size_t at;
  const char *why;
  struct buffer out = {0};
  if (!document_parse(&before, a, strlen(a), &at, &why)) fail_msg("%s: %s", a, why);
  if (!document_parse(&after, b, strlen(b), &at, &why)) fail_msg("%s: %s", b, why);
  int count = diff_append(&out, before.root, after.root, json);
  buffer_append(&out, "", 1);
  assert_string_equal(out.at, wanted);
  assert_int_equal(count > 0, *wanted != 0);
  buffer_fini(&out);
  document_fini(&after);
  document_fini(&before);
}

static void what_is_no_change(void **state) {
  (void)state;
  expect("{\"criteria\":{\"description\":\"x\",\"b\":{\"when\":\"x\",\"description\":\"d\"}},\"lateness\":\"5m\"}",
         "{/* c */\"criteria\":{\"b\":\"x\",\"description\":{\"when\":\"x\"}}}", false, "");
  expect("{\"attributes\":{\"a\":{\"at\":\"/a\",\"type\":\"text\",\"share\":true}},\"deduplicate\":16}",
         "{\"attributes\":{\"a\":\"/a\"},\"review_every\":\"24h\"}", false, "");
  expect("{\"stages\":[{\"name\":\"s\",\"enter\":{\"all\":[\"a\",\"b\"]}}]}",
         "{\"stages\":[{\"enter\":{\"all\":[\"b\",\"a\"]},\"name\":\"s\"}]}", false, "");
}

static void what_changed(void **state) {
  (void)state;
  expect("{\"stages\":[{\"name\":\"mql\",\"enter\":{\"all\":[\"engaged\",\"b\"]}},{\"name\":\"x\"}]}",
         "{\"stages\":[{\"name\":\"x\"},{\"name\":\"mql\",\"enter\":\"b\"}]}", false,
         "stage mql: engaged is no longer asked\nstage: the order is another\n");
  expect("{\"scores\":{\"s\":{\"half_life\":\"14d\",\"rules\":[{\"name\":\"r\",\"points\":8}]}}}",
         "{\"scores\":{\"s\":{\"rules\":[{\"name\":\"r\",\"points\":10},{\"name\":\"q\"}]}}}", false,
         "score s: half_life 14 days is gone\nscore s, rule r: 8 points become 10\nscore s, rule q is new\n");
  expect("{\"slas\":[{\"name\":\"a\",\"within\":\"4h\"}]}", "{\"slas\":[{\"name\":\"a\",\"within\":\"120m\"}]}", true,
         "\"SLA a: 4 hours become 2 hours\"");
  expect("{\"attributes\":{\"a\":\"/a\"}}", "{\"attributes\":{\"a\":{\"at\":\"/a\",\"share\":false}}}", false,
         "attribute a: is no longer shared\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_no_change), cmocka_unit_test(what_changed)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
