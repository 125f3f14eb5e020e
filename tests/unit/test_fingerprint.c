/* test_fingerprint.c: fingerprints as tests/oracle/fingerprint.py reckons them; whatever differs in what was read differs in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/setting_table.h"
#include "consumer/fingerprint.h"

static struct record record_of(const char *topic, int64_t offset, int64_t timestamp_ms, const char *key,
                               const char *payload) {
  const struct slice null = {NULL, 0};
  return (struct record){.payload = payload ? slice_of(payload) : null,
                         .key = key ? slice_of(key) : null,
                         .timestamp_ms = timestamp_ms,
                         .position = {slice_of(topic), 0, offset}};
}

#define FIRST record_of("engagement", 0, INT64_C(1772357400000), "ana", "{\"userId\":\"ana\"}")

static void assert_comes_to(struct fingerprint *fingerprint, const char *wanted) {
  char text[FINGERPRINT_TEXT];
  fingerprint_format(fingerprint, text);
  assert_string_equal(text, wanted);
}

static const struct {
  enum fingerprint_kind kind;
  const char *none, *one, *three, *many;
} wanted[] = {
    {FINGERPRINT_XXH3, "xxh3:99aa06d3014798d86001c324468d497f", "xxh3:db2e3e7739bc29019dcf49a514d58dfc",
     "xxh3:81fa43eb6bb7808ac540cca139a197dc", "xxh3:0322c6473afb0022eb7e5a8eed58ad1b"},
    {FINGERPRINT_SHA256, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
     "sha256:d759fa9de7d1e3eb5649c6cb0f98d7842e4978f3484321ba802fcb1418e71c29",
     "sha256:d9be8453e566c056aeb95378a551c65ca93f8ae9b58de89631f8d58468166f62",
     "sha256:4022fb00d58af633ec17dea4ce8fb80ecfcd40bfffb08f6c99266fc1af1f7f23"},
};

/* Three hundred records, the payload of each one byte longer; in calls of so many. */
static void take_many(struct fingerprint *fingerprint, int32_t at_once) {
  static char payload[300];
  memset(payload, 'x', sizeof payload);
  for (int32_t i = 0; i < 300; i += at_once) {
    struct record records[300];
    char keys[300][20];
    int32_t count = 300 - i < at_once ? 300 - i : at_once;
    for (int32_t j = 0; j < count; j++) {
      int32_t number = i + j;
      snprintf(keys[j], sizeof keys[j], "lead-%d", (int)number);
      records[j] = record_of("engagement", number, INT64_C(1772357400000) + number, keys[j], "");
      records[j].payload = (struct slice){payload, (uint32_t)number};
    }
    fingerprint_take(fingerprint, records, count);
  }
}

static void test_as_the_oracle(void **state) {
  (void)state;
  struct fingerprint fingerprint;
  fingerprint_init(&fingerprint);
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    fingerprint_start(&fingerprint, wanted[i].kind);
    assert_comes_to(&fingerprint, wanted[i].none);
    struct record record = FIRST;
    fingerprint_take(&fingerprint, &record, 1);
    assert_comes_to(&fingerprint, wanted[i].one);
    assert_comes_to(&fingerprint, wanted[i].one);
    record = record_of("engagement", 7, TIME_NONE, NULL, NULL);
    fingerprint_take(&fingerprint, &record, 1);
    record = record_of("crm", 7, 0, "", "");
    fingerprint_take(&fingerprint, &record, 1);
    fingerprint_take(&fingerprint, &record, 0);
    assert_comes_to(&fingerprint, wanted[i].three);
    for (int32_t at_once = 1; at_once <= 300; at_once += 23) {
      fingerprint_start(&fingerprint, wanted[i].kind);
      take_many(&fingerprint, at_once);
      assert_comes_to(&fingerprint, wanted[i].many);
    }
  }
  fingerprint_fini(&fingerprint);
}

/* Two records each; no two of these are told alike. */
static void test_everything_counts(void **state) {
  (void)state;
  const struct record pairs[][2] = {
      {FIRST, record_of("crm", 1, 5, "k", "v")},          {FIRST, record_of("engagement", 1, 5, "k", "v")},
      {FIRST, record_of("engagement", 2, 5, "k", "v")},   {FIRST, record_of("engagement", 1, 6, "k", "v")},
      {FIRST, record_of("engagement", 1, 0, "k", "v")},   {FIRST, record_of("engagement", 1, TIME_NONE, "k", "v")},
      {FIRST, record_of("engagement", 1, 5, NULL, "v")},  {FIRST, record_of("engagement", 1, 5, "", "v")},
      {FIRST, record_of("engagement", 1, 5, "kv", "")},   {FIRST, record_of("engagement", 1, 5, "", "kv")},
      {FIRST, record_of("engagement", 1, 5, "kv", NULL)}, {FIRST, record_of("engagement", 1, 5, "k", "w")},
      {record_of("engagement", 1, 5, "k", "v"), FIRST},   {record_of("crm", 1, 5, "k", "v"), FIRST},
  };
  enum { PAIRS = sizeof pairs / sizeof *pairs };
  char texts[PAIRS][FINGERPRINT_TEXT];
  struct fingerprint fingerprint;
  fingerprint_init(&fingerprint);
  for (int kind = 0; kind < FINGERPRINT_KINDS; kind++) {
    for (int i = 0; i < PAIRS; i++) {
      fingerprint_start(&fingerprint, (enum fingerprint_kind)kind);
      fingerprint_take(&fingerprint, &pairs[i][0], 1);
      fingerprint_take(&fingerprint, &pairs[i][1], 1);
      fingerprint_format(&fingerprint, texts[i]);
      for (int j = 0; j < i; j++) assert_string_not_equal(texts[i], texts[j]);
    }
  }
  fingerprint_fini(&fingerprint);
}

static void test_parse(void **state) {
  (void)state;
  static const char *const refused[] = {"",
                                        "xxh3:",
                                        "xxh3",
                                        "md5:99aa06d3014798d86001c324468d497f",
                                        "xxh3:99aa06d3014798d86001c324468d497F",
                                        "xxh3:99aa06d3014798d86001c324468d497",
                                        "xxh3:99aa06d3014798d86001c324468d497f0",
                                        "sha256:99aa06d3014798d86001c324468d497f",
                                        "xxh3:99aa06d3014798d86001c324468d497 ",
                                        "XXH3:99aa06d3014798d86001c324468d497f"};
  enum fingerprint_kind kind;
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    assert_true(fingerprint_parse(slice_of(wanted[i].none), &kind));
    assert_int_equal(kind, wanted[i].kind);
  }
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    assert_false(fingerprint_parse(slice_of(refused[i]), &kind));
}

/* The setting's words are the texts' beginnings, in the same order. */
static void test_setting(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    char text[80];
    struct settings settings;
    struct problems problems;
    size_t word = strcspn(wanted[i].none, ":");
    snprintf(text, sizeof text, "{\"bootstrap\":\"b\",\"journal_inputs\":\"%.*s\"}", (int)word, wanted[i].none);
    assert_true(settings_parse(&settings, text, strlen(text), NULL, 0, &problems));
    assert_int_equal(settings.journal_inputs, wanted[i].kind);
    settings_fini(&settings);
    problems_fini(&problems);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_as_the_oracle),
      cmocka_unit_test(test_everything_counts),
      cmocka_unit_test(test_parse),
      cmocka_unit_test(test_setting),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
