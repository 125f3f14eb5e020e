/* test_tap.c: which events are wanted, and how one reads as a line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consumer/tap.h"
#include "consumer/terminal.h"

static const char change[] =
    "{\"id\":\"e/0/1/"
    "0\",\"type\":\"lead.stage.changed\",\"time\":\"2026-11-02T09:30:59.999Z\",\"data\":{\"lead\":\"u-1\","
    "\"from\":\"mql\",\"to\":\"sql\",\"owner\":\"sales\","
    "\"cause\":{\"kind\":\"event\",\"move\":\"hand raised\",\"name\":\"Demo Requested\"},"
    "\"route\":{\"queue\":\"emea\",\"assignee\":\"bo\"},\"due\":[{\"sla\":\"sales "
    "answers\",\"by\":\"2026-11-03T14:00:00.000Z\"}],"
    "\"attributes\":{\"region\":\"EMEA\",\"employees\":250,\"vip\":true,\"none\":null}}}";
static const char breach[] =
    "{\"id\":\"e/0/2/"
    "0\",\"type\":\"lead.sla.breached\",\"time\":\"2026-11-03T14:00:00.000Z\",\"data\":{\"lead\":\"u-1\","
    "\"stage\":\"sql\",\"owner\":\"sales\",\"sla\":\"sales answers\",\"since\":\"2026-11-02T09:30:59.999Z\","
    "\"route\":{\"queue\":\"emea\",\"assignee\":null},\"attributes\":{\"region\":\"EMEA\"}}}";

static bool wants(const struct tap_filter *filter, const char *json) {
  cJSON *event = cJSON_Parse(json);
  bool wanted = tap_wants(filter, event);
  cJSON_Delete(event);
  return wanted;
}

static void expect(struct tap_filter filter, bool of_change, bool of_breach) {
  assert_int_equal(wants(&filter, change), of_change);
  assert_int_equal(wants(&filter, breach), of_breach);
}

static void test_filters(void **state) {
  (void)state;
  expect((struct tap_filter){0}, true, true);
  expect((struct tap_filter){.type = TAP_CHANGES}, true, false);
  expect((struct tap_filter){.type = TAP_BREACHES}, false, true);
  expect((struct tap_filter){.lead = "u-1"}, true, true);
  expect((struct tap_filter){.lead = "u-10"}, false, false);
  expect((struct tap_filter){.from = "mql"}, true, false);
  expect((struct tap_filter){.from = "sql"}, false, true); /* a breach is where the lead is */
  expect((struct tap_filter){.to = "sql"}, true, false);
  expect((struct tap_filter){.to = "sql", .from = "suspect"}, false, false);
  expect((struct tap_filter){.owner = "sales", .queue = "emea"}, true, true);
  expect((struct tap_filter){.owner = "marketing"}, false, false);
  expect((struct tap_filter){.member = "bo"}, true, false);
  expect((struct tap_filter){.queue = ""}, false, false);
}

static void expect_attributes(const char *one, const char *two, bool of_change) {
  struct tap_filter filter = {0};
  assert_true(tap_attribute_take(&filter, one));
  if (two) assert_true(tap_attribute_take(&filter, two));
  assert_int_equal(wants(&filter, change), of_change);
}

static void test_attributes(void **state) {
  (void)state;
  expect_attributes("region=EMEA", NULL, true);
  expect_attributes("region=emea", NULL, false);
  expect_attributes("regio=EMEA", NULL, false);
  expect_attributes("employees=250", "vip=true", true);
  expect_attributes("employees=250.0", NULL, false);
  expect_attributes("vip=false", NULL, false);
  expect_attributes("region=EMEA", "vip=no", false);
  expect_attributes("none=null", NULL, false);
  expect_attributes("nothing=", NULL, false);
  struct tap_filter filter = {0};
  assert_false(tap_attribute_take(&filter, "region"));
  assert_false(tap_attribute_take(&filter, "=EMEA"));
  for (int i = 0; i < TAP_ATTRIBUTES; i++) assert_true(tap_attribute_take(&filter, "a=b=c"));
  assert_false(tap_attribute_take(&filter, "a=b"));
}

static void test_of_no_use(void **state) {
  (void)state;
  static const char *const texts[] = {"null",
                                      "[]",
                                      "{}",
                                      "{\"type\":\"lead.stage.changed\"}",
                                      "{\"type\":\"lead.stage.changed\",\"data\":[]}",
                                      "{\"type\":\"x\",\"data\":{}}"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    struct buffer out = {0};
    cJSON *event = cJSON_Parse(texts[i]);
    assert_false(tap_wants(&(struct tap_filter){0}, event));
    tap_line(&out, event, 80, false);
    assert_int_equal(out.length, 0);
    cJSON_Delete(event);
  }
}

static char *line_of(const char *json, int columns, bool colour) {
  struct buffer out = {0};
  cJSON *event = cJSON_Parse(json);
  tap_line(&out, event, columns, colour);
  buffer_append(&out, "", 1);
  cJSON_Delete(event);
  return out.at;
}

static void expect_line(const char *json, int columns, bool colour, const char *expected) {
  char *line = line_of(json, columns, colour);
  assert_string_equal(line, expected);
  free(line);
}

static void test_lines(void **state) {
  (void)state;
  expect_line(change, 0, false,
              "2026-11-02 09:30:59  u-1                    mql → sql                   hand raised: Demo Requested; "
              "sales: bo (emea), sales answers by Tue 3 Nov 14:00\n");
  expect_line(breach, 0, false,
              "2026-11-03 14:00:00  u-1                    sql: SLA BREACHED           sales answers; "
              "sales: emea, waiting since Mon 2 Nov 09:30\n");
  expect_line(change, 80, false, "2026-11-02 09:30:59  u-1  mql → sql  hand raised: Demo Requested; sales: bo (em…\n");
  expect_line(change, 30, false, "2026-11-02 09:30:59  u-1  mql…\n");
  expect_line(
      change, 60, true,
      "\033[2m2026-11-02 09:30:59\033[0m  \033[1mu-1\033[0m  \033[36mmql → sql\033[0m  \033[0mhand raised: Demo "
      "Requ…\033[0m\n");
}

/* Names are whatever somebody has sent; the line has its width, and nothing that a terminal obeys. */
static void test_hostile(void **state) {
  (void)state;
  static const char event[] =
      "{\"type\":\"lead.stage.changed\",\"time\":\"\\u001b[31m\",\"data\":{\"lead\":\"\\u001b]0;x\\u0007\\u202e\","
      "\"from\":\"\\n\\r\",\"to\":\"\\u009b2J\",\"cause\":{\"move\":\"\\u001b[2J\"},"
      "\"owner\":\"\\u4f60\\u597d\\u4f60\\u597d\\u4f60\\u597d\",\"route\":{\"queue\":\"q\"},\"due\":7}}";
  for (int columns = 1; columns < 200; columns++) {
    char *line = line_of(event, columns, false);
    size_t length = strlen(line);
    assert_true(length > 0 && line[length - 1] == '\n');
    assert_int_equal(strcspn(line, "\033\r\a\n"), length - 1);
    assert_true(terminal_columns((struct slice){line, (uint32_t)length - 1}) <= columns);
    free(line);
  }
}

static void test_escaped(void **state) {
  (void)state;
  struct buffer out = {0};
  struct terminal terminal = {.buffer = &out};
  terminal_escaped(&terminal, SLICE("a\tb\n\033[2J\xFF\xC3\xA9\xE2\x80\xAE\x7F"));
  buffer_append(&out, "", 1);
  assert_string_equal(out.at, "a\tb\n\\x1b[2J\\xff\xC3\xA9\\xe2\\x80\\xae\\x7f");
  buffer_fini(&out);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_filters), cmocka_unit_test(test_attributes), cmocka_unit_test(test_of_no_use),
      cmocka_unit_test(test_lines),   cmocka_unit_test(test_hostile),    cmocka_unit_test(test_escaped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
