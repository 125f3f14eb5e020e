/* test_letters_print.c: dead letters as lines, as JSON and as sums: columns, sizes, hostile bytes, more reasons than there is room for. */
#define _GNU_SOURCE 1
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "consumer/letters_print.h"

#define NOON INT64_C(1772366400000) /* 2026-03-01T12:00:00Z */

static struct letter letter_of(const char *reason, const char *detail, struct slice value) {
  return (struct letter){.partition = 3,
                         .offset = 17,
                         .timestamp_ms = NOON,
                         .key = SLICE("u-1"),
                         .value = value,
                         .reason = slice_of(reason),
                         .detail = slice_of(detail),
                         .record = {SLICE("engagement"), 3, 42}};
}

static void expect(struct buffer *out, const char *text) {
  buffer_append(out, "", 1);
  assert_string_equal(out->at, text);
  out->length = 0;
}

static void test_rows(void **state) {
  (void)state;
  struct buffer out = {0};
  struct letter letter = letter_of("not_json", "byte 2", SLICE("{,"));
  letters_print_head(&out);
  letters_print_row(&out, &letter, false, false);
  letter.attempts = 2;
  letters_print_row(&out, &letter, true, false);
  letter.detail = (struct slice){0};
  letter.key = letter.detail;
  letter.timestamp_ms = TIME_NONE;
  letters_print_row(&out, &letter, true, false);
  letter.attempts = 0;
  letters_print_row(&out, &letter, true, false);
  expect(
      &out,
      "letter      time                reason     record                       size  key              what is wrong\n"
      "3:17        2026-03-01 12:00:00 not_json   engagement/3/42               2 B  u-1              byte 2\n"
      "3:17        2026-03-01 12:00:00 not_json   engagement/3/42               2 B  u-1              redriven; try 3; "
      "byte 2\n"
      "3:17        no time             not_json   engagement/3/42               2 B  \u2013                redriven; "
      "try 3\n"
      "3:17        no time             not_json   engagement/3/42               2 B  \u2013                redriven\n");
  letters_print_row(&out, &letter, false, true);
  letters_print_row(&out, &letter, true, true);
  expect(&out,
         "3:17        \x1b[2mno time             \x1b[0m\x1b[33mnot_json   \x1b[0mengagement/3/42               2 B  "
         "\u2013\n"
         "3:17        \x1b[2mno time             \x1b[0m\x1b[2mnot_json   \x1b[0mengagement/3/42               2 B  "
         "\u2013                "
         "redriven\n");
  buffer_fini(&out);
}

/* What was in column 68 of the line: the size of a value of so many bytes. */
static void test_sizes(void **state) {
  (void)state;
  static const struct {
    uint32_t bytes;
    const char *text;
  } sizes[] = {{0, "     0 B"},         {999, "   999 B"},       {1000, "  1.0 kB"},      {1049, "  1.0 kB"},
               {1050, "  1.1 kB"},      {999949, "999.9 kB"},    {999950, "  1.0 MB"},    {1000000, "  1.0 MB"},
               {999900000, "999.9 MB"}, {999950000, "  1.0 GB"}, {4294967295, "  4.3 GB"}};
  struct buffer out = {0};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    const struct letter letter = letter_of("too_large", "", (struct slice){"", sizes[i].bytes});
    letters_print_row(&out, &letter, false, false);
    assert_memory_equal(out.at + 68, sizes[i].text, 8);
    out.length = 0;
  }
  buffer_fini(&out);
}

static void test_json(void **state) {
  (void)state;
  struct buffer out = {0};
  struct letter letter = letter_of("not_json", "byte \"2\"", SLICE("{,"));
  letters_print_json(&out, &letter, false);
  letter.value = letter.key = (struct slice){0};
  letter.timestamp_ms = TIME_NONE;
  letter.attempts = 1;
  letters_print_json(&out, &letter, true);
  expect(&out,
         "{\"letter\":\"3:17\",\"time\":\"2026-03-01T12:00:00.000Z\",\"reason\":\"not_json\",\"detail\":\"byte "
         "\\\"2\\\"\","
         "\"topic\":\"engagement\",\"partition\":3,\"offset\":42,\"key\":\"u-1\",\"bytes\":2,\"attempts\":0,"
         "\"redriven\":false}\n"
         "{\"letter\":\"3:17\",\"time\":null,\"reason\":\"not_json\",\"detail\":\"byte "
         "\\\"2\\\"\",\"topic\":\"engagement\","
         "\"partition\":3,\"offset\":42,\"key\":null,\"bytes\":null,\"attempts\":1,\"redriven\":true}\n");
  buffer_fini(&out);
}

/* Nothing of a stranger's is obeyed, and a long topic loses its beginning. */
static void test_hostile(void **state) {
  (void)state;
  struct buffer out = {0};
  struct letter letter = letter_of("\x1b[2J", "a\x07\xff\xe2\x80\xae", SLICE("\x1b]0;x\x07"));
  letter.key = SLICE("\x9b\n\r\x1b");
  letter.record.topic = SLICE("a-topic-with-a-name-that-is-too-long-for-its-column");
  letters_print_row(&out, &letter, false, false);
  for (size_t i = 0; i + 1 < out.length; i++) assert_true((unsigned char)out.at[i] >= ' ');
  assert_int_equal(out.at[out.length - 1], '\n');
  assert_non_null(memmem(out.at, out.length, "/3/42 ", 6));
  letters_print_json(&out, &letter, false);
  for (size_t i = 0; i < out.length; i++) assert_true((unsigned char)out.at[i] >= ' ' || out.at[i] == '\n');
  buffer_fini(&out);
}

static void test_sums(void **state) {
  (void)state;
  static struct letters_sums sums;
  struct buffer out = {0};
  letters_sums_print(&out, &sums);
  expect(&out, "no dead letters\n");
  letters_sums_json(&out, &sums);
  expect(&out, "[]\n");
  struct letter letter = letter_of("no_lead", "", SLICE("12345"));
  letters_sums_add(&sums, &letter, false);
  letter.timestamp_ms = NOON - 1000;
  letters_sums_add(&sums, &letter, true);
  letter.timestamp_ms = NOON + 1000;
  letters_sums_add(&sums, &letter, false);
  letter.timestamp_ms = TIME_NONE;
  letter.reason = SLICE("not_json");
  letters_sums_add(&sums, &letter, true);
  letter.reason = SLICE("bad_time");
  letters_sums_add(&sums, &letter, false);
  letters_sums_print(&out, &sums);
  expect(&out,
         "reason                       letters    redriven      size  first                last\n"
         "no_lead                            3           1       15 B   2026-03-01 11:59:59  2026-03-01 12:00:01\n"
         "bad_time                           1           0        5 B   no time              no time\n"
         "not_json                           1           1        5 B   no time              no time\n");
  letters_sums_json(&out, &sums);
  expect(&out,
         "[{\"reason\":\"no_lead\",\"letters\":3,\"redriven\":1,\"bytes\":15,\"first\":\"2026-03-01T11:59:59.000Z\","
         "\"last\":\"2026-03-01T12:00:01.000Z\"},"
         "{\"reason\":\"bad_time\",\"letters\":1,\"redriven\":0,\"bytes\":5,\"first\":null,\"last\":null},"
         "{\"reason\":\"not_json\",\"letters\":1,\"redriven\":1,\"bytes\":5,\"first\":null,\"last\":null}]\n");
  buffer_fini(&out);
}

/* Of more reasons than there is room for the last ones are one; so are those that are no reason. */
static void test_many_reasons(void **state) {
  (void)state;
  static struct letters_sums sums;
  for (int i = 0; i < 100; i++) {
    char reason[100];
    snprintf(reason, sizeof reason, "reason %02d", i);
    const struct letter letter = letter_of(reason, "", SLICE("x"));
    letters_sums_add(&sums, &letter, false);
  }
  assert_int_equal(sums.count, LETTERS_SUMS);
  assert_string_equal(sums.at[LETTERS_SUMS - 2].reason, "reason 62");
  assert_string_equal(sums.at[LETTERS_SUMS - 1].reason, "other reasons");
  assert_int_equal(sums.at[LETTERS_SUMS - 1].letters, 100 - (LETTERS_SUMS - 1));
  struct letter letter =
      letter_of("a reason that is longer than any that handover gives, by a good deal of bytes", "", SLICE("x"));
  letters_sums_add(&sums, &letter, false);
  letter.reason = (struct slice){"a\0b", 3};
  letters_sums_add(&sums, &letter, false);
  assert_int_equal(sums.at[LETTERS_SUMS - 1].letters, 100 - (LETTERS_SUMS - 1) + 2);
  assert_int_equal(sums.count, LETTERS_SUMS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rows),    cmocka_unit_test(test_sizes), cmocka_unit_test(test_json),
      cmocka_unit_test(test_hostile), cmocka_unit_test(test_sums),  cmocka_unit_test(test_many_reasons),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
