/* test_catalog.c: what comes into a catalog, and what does not; keys of published definitions. */
#include "consumer/catalog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "config/definition.h"
#include "consumer/definition_topic.h"

static struct definition *made(const char *name, int version, const char *stage) {
  char text[400];
  struct problems problems;
  int length = snprintf(
      text, sizeof text,
      "{\"handover\":1,\"name\":\"%s\",\"version\":%d,\"effective_from\":\"2026-01-01T00:00:00Z\","
      "\"teams\":[\"marketing\",\"sales\"],\"events\":{\"lead\":\"/lead\",\"time\":\"/time\",\"name\":\"/event\"},"
      "\"stages\":[{\"name\":\"new\",\"owner\":\"marketing\"},{\"name\":\"%s\",\"owner\":\"sales\"}]}",
      name, version, stage);
  struct definition *definition = definition_parse(text, (size_t)length, &problems);
  if (!definition) fail_msg("%s: %s", problems.at[0].pointer, problems.at[0].message);
  problems_fini(&problems);
  return definition;
}

static enum catalog_outcome add(struct catalog *catalog, struct definition *definition, const char *wanted_why) {
  char why[500] = "";
  enum catalog_outcome outcome = catalog_add(catalog, definition, why, sizeof why);
  if (wanted_why && !strstr(why, wanted_why)) fail_msg("\"%s\" is wanted, not \"%s\"", wanted_why, why);
  return outcome;
}

static void test_versions(void **state) {
  (void)state;
  struct catalog *catalog = catalog_create();
  struct definition *one = made("a", 1, "mql"), *two = made("a", 2, "mql"), *other_two = made("a", 2, "sql"),
                    *foreign = made("b", 3, "mql"), *gone = made("a", 3, "sql");
  assert_null(catalog_newest(catalog));
  assert_int_equal(add(catalog, two, NULL), CATALOG_ADDED);
  assert_int_equal(add(catalog, one, NULL), CATALOG_ADDED);
  assert_int_equal(catalog_count(catalog), 2);
  assert_int_equal(catalog_at(catalog, 0)->version, 2);
  assert_int_equal(catalog_newest(catalog)->version, 2);
  uint32_t stamp = catalog_stamp(catalog);
  assert_int_equal(add(catalog, one, NULL), CATALOG_KNOWN);
  assert_int_equal(add(catalog, other_two, "version 2 is known with other content (sha256:"), CATALOG_OTHER);
  assert_int_equal(add(catalog, foreign, "b"), CATALOG_MISFIT);
  assert_int_equal(add(catalog, gone, "replaces"), CATALOG_MISFIT);
  assert_int_equal(catalog_count(catalog), 2);
  assert_int_equal(catalog_stamp(catalog), stamp);
  assert_null(catalog_find(catalog, 3, gone->digest, false));
  assert_null(catalog_find(catalog, 2, other_two->digest, false));
  catalog_destroy(catalog);
  definition_destroy(one);
  definition_destroy(two);
  definition_destroy(other_two);
  definition_destroy(foreign);
  definition_destroy(gone);
}

/* What was published by the draft is still found after the teams have signed. */
static void test_signed_later(void **state) {
  (void)state;
  struct catalog *catalog = catalog_create();
  struct definition *draft = made("a", 1, "mql"), *agreed = made("a", 1, "mql");
  agreed->agreed = true;
  assert_int_equal(add(catalog, draft, NULL), CATALOG_ADDED);
  assert_false(catalog_at(catalog, 0)->agreed);
  const struct definition *before = catalog_at(catalog, 0);
  uint32_t stamp = catalog_stamp(catalog);
  assert_int_equal(add(catalog, agreed, NULL), CATALOG_SIGNED);
  definition_destroy(agreed); /* it was not kept */
  assert_int_not_equal(catalog_stamp(catalog), stamp);
  assert_int_equal(catalog_count(catalog), 1);
  assert_true(catalog_at(catalog, 0)->agreed);
  assert_ptr_equal(catalog_find(catalog, 1, draft->digest, true), catalog_at(catalog, 0));
  assert_ptr_equal(catalog_find(catalog, 1, draft->digest, false), before);
  assert_false(before->agreed);
  assert_int_equal(add(catalog, draft, NULL), CATALOG_KNOWN); /* a signature is not taken back */
  assert_true(catalog_at(catalog, 0)->agreed);
  catalog_destroy(catalog);
  definition_destroy(draft);
}

static void test_full(void **state) {
  (void)state;
  struct catalog *catalog = catalog_create();
  struct definition *all[CATALOG_MOST + 1];
  for (int i = 0; i <= CATALOG_MOST; i++) all[i] = made("a", i + 1, "mql");
  for (int i = 0; i < CATALOG_MOST; i++) assert_int_equal(add(catalog, all[i], NULL), CATALOG_ADDED);
  assert_int_equal(add(catalog, all[CATALOG_MOST], "more than 256 versions"), CATALOG_MISFIT);
  catalog_destroy(catalog);
  for (int i = 0; i <= CATALOG_MOST; i++) definition_destroy(all[i]);
}

/* --- keys of handover-definitions --- */

static void test_keys(void **state) {
  (void)state;
  static const char *const bad[] = {"",     "a",    "/1",   "a/",           "a/0",           "a/01", "a/1b",
                                    "a/-1", "a/ 1", "a/1 ", "a/4294967296", "a/99999999999", "1"};
  char key[DEFINITION_KEY], name_text[256];
  struct slice name;
  uint32_t version;
  memset(name_text, 'n', 255);
  name_text[255] = 0;
  definition_key(key, slice_of(name_text), UINT32_MAX);
  assert_true(definition_key_parse(slice_of(key), &name, &version));
  assert_int_equal(name.length, 255);
  assert_int_equal(version, UINT32_MAX);
  definition_key(key, SLICE("a/2 b"), 7);
  assert_string_equal(key, "a/2 b/7");
  assert_true(definition_key_parse(slice_of(key), &name, &version));
  assert_true(slice_equal(name, SLICE("a/2 b")));
  assert_int_equal(version, 7);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (definition_key_parse(slice_of(bad[i]), &name, &version)) fail_msg("\"%s\" is taken", bad[i]);
  assert_false(definition_key_parse((struct slice){0}, &name, &version));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_versions),
      cmocka_unit_test(test_signed_later),
      cmocka_unit_test(test_full),
      cmocka_unit_test(test_keys),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
