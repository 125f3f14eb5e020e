/* test_audit_compare.c: two sequences of events, and what is said of them: each kind of difference alone, and any mixture of them
 * against what was done to make it. */
#include "consumer/audit_compare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consumer/audit_diff.h"

enum { MOST = 6000, TEXT = 80 };

struct found {
  uint64_t kinds[AUDIT_KINDS];
  int64_t offset;          /* of the last one */
  char text[2 * TEXT + 1]; /* of the last one: decided|there */
};

static void on_find(void *context, const struct audit_finding *finding) {
  struct found *found = context;
  found->kinds[finding->kind]++;
  found->offset = finding->offset;
  snprintf(found->text, sizeof found->text, "%.*s|%.*s", (int)finding->decided.length,
           finding->decided.at ? finding->decided.at : "", (int)finding->there.length,
           finding->there.at ? finding->there.at : "");
}

struct events {
  char at[MOST][TEXT];
  int count;
};

static void event(char text[TEXT], int id, int value) {
  snprintf(text, TEXT, "{\"id\":\"e/%d\",\"data\":%d}", id, value);
}

static void fill(struct events *events, int count) {
  events->count = count;
  for (int i = 0; i < count; i++) event(events->at[i], i, i);
}

static void delete_at(struct events *events, int i) {
  memmove(events->at[i], events->at[i + 1], (size_t)(events->count - i - 1) * TEXT);
  events->count--;
}

static void insert_at(struct events *events, int i, const char *text) {
  char copy[TEXT]; /* it may be one of them */
  snprintf(copy, sizeof copy, "%s", text);
  memmove(events->at[i + 1], events->at[i], (size_t)(events->count - i) * TEXT);
  memcpy(events->at[i], copy, TEXT);
  events->count++;
}

/* As the audit does it: what is decided comes in batches, and of what is there so much as is wanted. Returns what was verified. */
static uint64_t compare(const struct events *decided, const struct events *there, struct found *found) {
  struct audit_compare *compare = audit_compare_create(on_find, found);
  int read = 0;
  *found = (struct found){.offset = -2};
  for (int i = 0; i < decided->count; i++) {
    audit_compare_decided(compare, slice_of(decided->at[i]), true);
    for (; read < there->count && audit_compare_wants(compare); read++)
      audit_compare_there(compare, slice_of(there->at[read]), read);
  }
  for (; read < there->count; read++) audit_compare_there(compare, slice_of(there->at[read]), read);
  audit_compare_all_there(compare);
  audit_compare_all_decided(compare, there->count);
  uint64_t verified = audit_compare_verified(compare);
  audit_compare_destroy(compare);
  return verified;
}

static struct events decided, there;

static void assert_found(enum audit_kind kind, uint64_t count, uint64_t verified) {
  struct found found;
  assert_int_equal(compare(&decided, &there, &found), verified);
  for (int k = 0; k < AUDIT_KINDS; k++) {
    uint64_t wanted = k == (int)kind ? count : 0;
    if (found.kinds[k] != wanted) fail_msg("kind %d: %d found, %d wanted", k, (int)found.kinds[k], (int)wanted);
  }
}

static void test_each_kind(void **state) {
  (void)state;
  static const int places[] = {0, 1, 2500, 4998, 4999};
  fill(&decided, 5000);
  fill(&there, 5000);
  assert_found(AUDIT_KINDS, 0, 5000);
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    int at = places[i];
    fill(&there, 5000);
    delete_at(&there, at);
    assert_found(AUDIT_MISSING, 1, 4999);
    fill(&there, 5000);
    insert_at(&there, at, "{\"id\":\"stranger\"}");
    assert_found(AUDIT_UNEXPECTED, 1, 5000);
    fill(&there, 5000);
    insert_at(&there, at, "rubbish");
    assert_found(AUDIT_UNEXPECTED, 1, 5000);
    fill(&there, 5000);
    event(there.at[at], at, -1);
    assert_found(AUDIT_DIFFERENT, 1, 4999);
    fill(&there, 5000);
    insert_at(&there, at + 1, there.at[at]);
    assert_found(AUDIT_TWICE, 1, 5000);
    if (at == 4999) continue;
    fill(&there, 5000);
    event(there.at[at], at + 1, at + 1);
    event(there.at[at + 1], at, at);
    assert_found(AUDIT_MOVED, 1, 5000);
  }
}

static void test_ends(void **state) {
  (void)state;
  fill(&decided, 3000);
  fill(&there, 0);
  assert_found(AUDIT_MISSING, 3000, 0);
  fill(&decided, 0);
  fill(&there, 3000);
  assert_found(AUDIT_UNEXPECTED, 3000, 0);
  fill(&decided, 3000);
  fill(&there, 1000);
  assert_found(AUDIT_MISSING, 2000, 1000);
  fill(&decided, 1000);
  assert_found(AUDIT_KINDS, 0, 1000);
}

/* What lies behind the place up to which the log is looked at is nobody's affair. */
static void test_before(void **state) {
  (void)state;
  struct found found = {0};
  struct audit_compare *one = audit_compare_create(on_find, &found);
  audit_compare_there(one, SLICE("a"), 7);
  audit_compare_there(one, SLICE("b"), 8);
  audit_compare_all_decided(one, 8);
  assert_int_equal(found.kinds[AUDIT_UNEXPECTED], 1);
  assert_int_equal(found.offset, 7);
  assert_string_equal(found.text, "|a");
  audit_compare_destroy(one);
}

/* Any mixture of deletions, insertions and alterations is told for what it was. */
static void test_mixtures(void **state) {
  (void)state;
  char text[TEXT];
  for (unsigned seed = 1; seed <= 60; seed++) {
    struct found found;
    uint64_t done[AUDIT_KINDS] = {0};
    unsigned random = seed * 2654435761u;
    fill(&decided, 3000);
    there.count = 0;
    for (int i = 0; i < decided.count; i++) {
      random = random * 1664525u + 1013904223u;
      unsigned what = (random >> 16) % (seed % 3 == 0 ? 20 : 300);
      if (what == 0) {
        done[AUDIT_MISSING]++;
        continue;
      }
      if (what == 1) {
        snprintf(text, sizeof text, "{\"id\":\"x/%d\"}", i);
        insert_at(&there, there.count, text);
        done[AUDIT_UNEXPECTED]++;
      }
      event(text, i, what == 2 ? -i - 1 : i);
      done[AUDIT_DIFFERENT] += what == 2;
      insert_at(&there, there.count, text);
    }
    uint64_t verified = compare(&decided, &there, &found);
    assert_int_equal(verified, 3000 - done[AUDIT_MISSING] - done[AUDIT_DIFFERENT]);
    for (int kind = 0; kind < AUDIT_KINDS; kind++) assert_int_equal(found.kinds[kind], done[kind]);
  }
}

static void assert_diff(const char *was, const char *is, const char *wanted) {
  struct buffer out = {0};
  audit_diff(&out, slice_of(was), slice_of(is));
  buffer_append(&out, "", 1);
  assert_string_equal(out.at, wanted);
  buffer_fini(&out);
}

static void test_diff(void **state) {
  (void)state;
  assert_diff("{\"a\":1}", "{\"a\":2}", "/a is 2, decided was 1");
  assert_diff("{\"a\":{\"b\":[1,2]}}", "{\"a\":{\"b\":[1,3,4]}}",
              "/a/b/1 is 3, decided was 2; /a/b/2 is 4, decided was missing");
  assert_diff("{\"a\":1}", "{\"b\":1}", "/a is missing, decided was 1; /b is 1, decided was missing");
  assert_diff("{\"a\":1}", "{ \"a\":1}", "the same members, written in other bytes");
  assert_diff("{\"a\":1}", "nonsense", "what is there is no JSON");
  assert_diff("{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1}", "{}",
              "/a is missing, decided was 1; /b is missing, decided was 1; /c is missing, decided was 1; /d is "
              "missing, decided was "
              "1; /e is missing, decided was 1; /f is missing, decided was 1; and 2 more members");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_each_kind), cmocka_unit_test(test_ends), cmocka_unit_test(test_before),
      cmocka_unit_test(test_mixtures),  cmocka_unit_test(test_diff),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
