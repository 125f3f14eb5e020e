/* test_sink_file.c: dead letters as text, whatever bytes they hold, and outputs that fail. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "producer/sink_file.h"

#define BAD "\xEF\xBF\xBD"

static void check_text(struct slice bytes, const char *expected) {
  struct buffer buffer = {0};
  dead_letter_append_text(&buffer, bytes);
  assert_int_equal(buffer.length, strlen(expected));
  assert_memory_equal(buffer.at, expected, buffer.length);
  buffer_fini(&buffer);
}

static void test_escapes(void **state) {
  (void)state;
  check_text(SLICE(""), "\"\"");
  check_text((struct slice){NULL, 0}, "\"\"");
  check_text(SLICE("a"), "\"a\"");
  check_text(SLICE("\"\\/\b\f\n\r\t"), "\"\\\"\\\\/\\b\\f\\n\\r\\t\"");
  check_text(SLICE("\0\x01\x1f\x7f"), "\"\\u0000\\u0001\\u001f\x7f\"");
  check_text(SLICE("a\"b\xC3\xA9\nc"), "\"a\\\"b\xC3\xA9\\nc\"");
}

/* As Python's errors="replace", and every browser, does it. */
static void test_replacement(void **state) {
  (void)state;
  static const struct {
    const char *bytes, *expected;
  } cases[] = {
      {"\x80", "\"" BAD "\""},
      {"\xC0\x80", "\"" BAD BAD "\""}, /* overlong */
      {"\xC1\xBF", "\"" BAD BAD "\""},
      {"\xC3(", "\"" BAD "(\""},
      {"\xE2\x82", "\"" BAD "\""}, /* cut: one */
      {"\xE2\x82z", "\"" BAD "z\""},
      {"\xE0\x80\x80", "\"" BAD BAD BAD "\""}, /* overlong: the second byte cannot follow */
      {"\xED\xA0\x80", "\"" BAD BAD BAD "\""}, /* a surrogate */
      {"\xED\x9F\xBF", "\"\xED\x9F\xBF\""},
      {"\xF0\x9F\x98\x80", "\"\xF0\x9F\x98\x80\""},
      {"\xF0\x9F\x98", "\"" BAD "\""},
      {"\xF0\x9F\x98\"", "\"" BAD "\\\"\""},
      {"\xF0\x80\x80\x80", "\"" BAD BAD BAD BAD "\""},
      {"\xF4\x8F\xBF\xBF", "\"\xF4\x8F\xBF\xBF\""},
      {"\xF4\x90\x80\x80", "\"" BAD BAD BAD BAD "\""}, /* beyond U+10FFFF */
      {"\xF5\x80", "\"" BAD BAD "\""},
      {"\xFF\xFE"
       "a",
       "\"" BAD BAD "a\""},
      {"\xF0\x9F\xF0\x9F\x98\x80", "\"" BAD "\xF0\x9F\x98\x80\""},
      {"a\xE2\x82\xE2\x82\xAC", "\"a" BAD "\xE2\x82\xAC\""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_text(slice_of(cases[i].bytes), cases[i].expected);
}

static struct record record_of(struct slice payload) {
  return (struct record){
      .payload = payload, .timestamp_ms = TIME_NONE, .position = {SLICE("e\"v"), 3, INT64_C(1) << 40}};
}

static void test_line(void **state) {
  (void)state;
  struct buffer buffer = {0};
  struct record record = record_of(SLICE("{\xFF"));
  dead_letter_encode(&buffer, &record, REJECT_NOT_JSON, "at\n1");
  record.payload = (struct slice){NULL, 0};
  dead_letter_encode(&buffer, &record, REJECT_NO_LEAD, "");
  static const char expected[] =
      "{\"reason\":\"not_json\",\"detail\":\"at\\n1\",\"topic\":\"e\\\"v\",\"partition\":3,\"offset\":1099511627776,"
      "\"value\":\"{" BAD
      "\"}\n"
      "{\"reason\":\"no_lead\",\"detail\":\"\",\"topic\":\"e\\\"v\",\"partition\":3,\"offset\":1099511627776,"
      "\"value\":\"\"}\n";
  assert_int_equal(buffer.length, sizeof expected - 1);
  assert_memory_equal(buffer.at, expected, buffer.length);
  buffer_fini(&buffer);
}

static void test_written(void **state) {
  (void)state;
  int ends[2];
  char text[2000];
  struct sink_file sink;
  struct record record = record_of(SLICE("{"));
  assert_int_equal(pipe(ends), 0);
  sink_file_init(&sink, -1, ends[1], "dead");
  for (int i = 0; i < 3; i++) sink_file_dead_letter(&sink, &record, REJECT_NOT_JSON, "x");
  assert_true(sink_file_flush(&sink));
  assert_null(sink_file_failed(&sink));
  ssize_t length = read(ends[0], text, sizeof text);
  assert_true(length > 0 && length % 3 == 0);
  assert_memory_equal(text, text + length / 3, (size_t)length / 3 * 2);
  assert_true(sink_file_flush(&sink)); /* nothing twice */
  close(ends[1]);
  assert_int_equal(read(ends[0], text, sizeof text), 0);
  close(ends[0]);
  sink_file_fini(&sink);
}

/* The first failure is kept, and nothing is written after it. */
static void test_failure(void **state) {
  (void)state;
  int ends[2];
  struct sink_file sink;
  struct record record = record_of(SLICE("{"));
  signal(SIGPIPE, SIG_IGN);
  assert_int_equal(pipe(ends), 0);
  close(ends[0]);
  sink_file_init(&sink, -1, ends[1], "dead");
  sink_file_dead_letter(&sink, &record, REJECT_NOT_JSON, "x");
  assert_null(sink_file_failed(&sink));
  assert_false(sink_file_flush(&sink));
  assert_ptr_equal(sink_file_failed(&sink), &sink.dead_letters);
  assert_int_equal(sink.dead_letters.error, EPIPE);
  assert_string_equal(sink_file_failed(&sink)->name, "dead");
  close(ends[1]);
  int full = open("/dev/full", O_WRONLY);
  assert_true(full >= 0);
  sink.dead_letters.descriptor = full;
  assert_false(sink_file_flush(&sink));
  assert_int_equal(sink.dead_letters.error, EPIPE);
  sink_file_fini(&sink);

  sink_file_init(&sink, -1, full, "full");
  for (int i = 0; i < 10000; i++) sink_file_dead_letter(&sink, &record, REJECT_NOT_JSON, "x");
  assert_int_equal(sink.dead_letters.error, ENOSPC); /* seen without a flush */
  assert_true(sink.dead_letters.buffer.room <= 4 * SINK_FILE_PIECE);
  sink_file_fini(&sink);
  close(full);
}

static void test_none(void **state) {
  (void)state;
  struct sink_file sink;
  struct record record = record_of(SLICE("{"));
  sink_file_init(&sink, -1, -1, NULL);
  sink_file_dead_letter(&sink, &record, REJECT_NOT_JSON, "x");
  assert_int_equal(sink.dead_letters.buffer.length, 0);
  assert_true(sink_file_flush(&sink));
  sink_file_fini(&sink);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_escapes), cmocka_unit_test(test_replacement), cmocka_unit_test(test_line),
      cmocka_unit_test(test_written), cmocka_unit_test(test_failure),     cmocka_unit_test(test_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
