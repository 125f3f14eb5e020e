/* test_log.c: the log's lines: JSON, escaping, cutting, text for people, one write a line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <cmocka.h>
#include <pthread.h>

#include "consumer/log.h"

static char line[LOG_LINE];

static const char *format(bool text, const char *message, size_t count, const struct log_field *fields) {
  struct log_record record = {1772357400123, LOG_WARNING, "happened", message, count, fields};
  size_t length = log_format(line, sizeof line - 1, text, &record);
  assert_true(length < sizeof line);
  line[length] = 0;
  return line;
}

static void test_json(void **state) {
  (void)state;
  assert_string_equal(
      format(false, "it is", LOG_FIELDS(log_text("topic", "t"), log_number("offset", INT64_MIN))),
      "{\"time\":\"2026-03-01T09:30:00.123Z\",\"level\":\"warning\",\"event\":\"happened\",\"message\":\"it is\","
      "\"topic\":\"t\",\"offset\":-9223372036854775808}\n");
  assert_string_equal(
      format(false, "", LOG_FIELDS()),
      "{\"time\":\"2026-03-01T09:30:00.123Z\",\"level\":\"warning\",\"event\":\"happened\",\"message\":\"\"}\n");
  assert_non_null(strstr(format(false, "m", LOG_FIELDS(log_text("a", NULL))), ",\"a\":\"\"}"));
}

static void test_escapes(void **state) {
  (void)state;
  format(false, "a\"b\\c\n\x1b[31m\x7f\xC2\x9B\xE2\x82\xAC\xFF\xED\xA0\x80\xF0\x9F\x98\x80\xE2\x82", LOG_FIELDS());
  assert_non_null(strstr(line, "a\\\"b\\\\c\\u000a\\u001b[31m\\u007f\\u009b\xE2\x82\xAC\xEF\xBF\xBD"));
  cJSON *parsed = cJSON_Parse(line);
  assert_non_null(parsed);
  cJSON_Delete(parsed);
  assert_null(memchr(line, 0x1B, strlen(line)));
  assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void test_text(void **state) {
  (void)state;
  assert_string_equal(
      format(true, "it is\nso", LOG_FIELDS(log_text("topic", "t"), log_text("why", "a b"), log_number("n", 7))),
      "2026-03-01T09:30:00.123Z  warning  happened: it is\\u000aso  topic=t  why=\"a b\"  n=7\n");
}

/* Whatever does not fit is left out whole; the line stays JSON. */
static void test_cut(void **state) {
  (void)state;
  static char longest[2 * LOG_LINE];
  for (size_t length = 0; length < sizeof longest - 1; length += 97) {
    memset(longest, '"', length);
    longest[length] = 0;
    format(false, "m", LOG_FIELDS(log_text("long", longest), log_number("n", 1)));
    cJSON *parsed = cJSON_Parse(line);
    assert_non_null(parsed);
    assert_int_equal(line[strlen(line) - 1], '\n');
    cJSON_Delete(parsed);
    format(false, longest, LOG_FIELDS(log_text("long", longest)));
    parsed = cJSON_Parse(line);
    assert_non_null(parsed);
    cJSON_Delete(parsed);
  }
}

static void test_levels(void **state) {
  (void)state;
  enum log_level level;
  int ends[2];
  char got[LOG_LINE];
  assert_true(log_level_parse("debug", &level));
  assert_int_equal(level, LOG_DEBUG);
  assert_false(log_level_parse("Info", &level));
  assert_int_equal(pipe(ends), 0);
  log_open(ends[1], LOG_WARNING, false);
  log_info("quiet", "not to be seen");
  log_error("loud", "to be seen", log_number("n", 1));
  ssize_t length = read(ends[0], got, sizeof got - 1);
  assert_true(length > 0);
  got[length] = 0;
  assert_null(strstr(got, "quiet"));
  assert_non_null(strstr(got, "\"event\":\"loud\",\"message\":\"to be seen\",\"n\":1}\n"));
  close(ends[0]);
  close(ends[1]);
}

enum { THREADS = 4, LINES = 200 };

static void *chatter(void *context) {
  char filler[300];
  memset(filler, 'a' + *(int *)context, sizeof filler);
  filler[sizeof filler - 1] = 0;
  for (int i = 0; i < LINES; i++) log_info("chatter", filler, log_number("n", i));
  return NULL;
}

static void test_threads(void **state) {
  (void)state;
  pthread_t threads[THREADS];
  int numbers[THREADS], lines = 0;
  char got[LOG_LINE];
  FILE *file = tmpfile();
  assert_non_null(file);
  log_open(fileno(file), LOG_INFO, false);
  for (int i = 0; i < THREADS; i++) {
    numbers[i] = i;
    assert_int_equal(pthread_create(&threads[i], NULL, chatter, &numbers[i]), 0);
  }
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  rewind(file);
  for (; fgets(got, sizeof got, file); lines++) {
    cJSON *parsed = cJSON_Parse(got);
    assert_non_null(parsed);
    const char *message = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(parsed, "message"));
    assert_int_equal(strspn(message, (char[]){message[0], 0}), 299);
    cJSON_Delete(parsed);
  }
  assert_int_equal(lines, THREADS * LINES);
  fclose(file);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_json), cmocka_unit_test(test_escapes), cmocka_unit_test(test_text),
      cmocka_unit_test(test_cut),  cmocka_unit_test(test_levels),  cmocka_unit_test(test_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
