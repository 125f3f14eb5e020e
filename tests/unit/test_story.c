/* test_story.c: what people read of an event, to the letter; and that nothing of a stranger reaches their terminal raw. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consumer/story.h"
#include "consumer/tally.h"

#define CHANGE(time, data) \
  "{\"id\":\"e/0/1/0\",\"type\":\"lead.stage.changed\",\"time\":\"" time "\",\"data\":{" data "}}"
#define BREACH(time, data) \
  "{\"id\":\"e/0/1/0\",\"type\":\"lead.sla.breached\",\"time\":\"" time "\",\"data\":{" data "}}"
#define TIME "2026-11-02T09:30:59.999Z"
#define A_TO_B "\"lead\":\"u-1\",\"from\":\"a\",\"to\":\"b\""
#define BY_EVENT "\"cause\":{\"kind\":\"event\",\"name\":\"Go\"}"

static char *tell(const char *json, bool colour) {
  struct buffer buffer = {0};
  cJSON *event = cJSON_Parse(json);
  assert_non_null(event);
  assert_true(story_event(&buffer, event, colour));
  buffer_append(&buffer, "", 1);
  cJSON_Delete(event);
  return buffer.at;
}

static void expect(const char *json, const char *expected) {
  char *text = tell(json, false);
  assert_string_equal(text, expected);
  free(text);
}

static void test_somebody_has_to_act(void **state) {
  (void)state;
  expect(CHANGE(TIME,
                "\"lead\":\"u-1\",\"from\":\"mql\",\"to\":\"sql\",\"owner\":\"sales\","
                "\"cause\":{\"kind\":\"event\",\"move\":\"hand raised\",\"name\":\"Demo Requested\"},\"reason\":null,"
                "\"scores\":{\"fit\":30,\"engagement\":23.925,\"total\":53.925},"
                "\"contributions\":[{\"score\":\"fit\",\"rule\":\"industry\",\"points\":20},"
                "{\"score\":\"fit\",\"rule\":\"size\",\"points\":10},"
                "{\"score\":\"engagement\",\"rule\":\"pricing page\",\"points\":26.05},"
                "{\"score\":\"engagement\",\"rule\":\"unsubscribed\",\"points\":-2.125}],"
                "\"next\":{\"stage\":\"opportunity\",\"missing\":[\"timescale\",\"need\"]},"
                "\"route\":{\"queue\":\"emea\",\"assignee\":\"bo\"},"
                "\"due\":[{\"sla\":\"sales answers\",\"by\":\"2026-11-03T14:00:00.000Z\"},"
                "{\"sla\":\"call\",\"by\":\"2026-11-13T14:05:00.000Z\"}],"
                "\"attributes\":{\"email\":\"a@b.example\",\"name\":\"Ana Lima\",\"company\":\"Lime Software\"}"),
         "Mon  2 Nov 09:30  Ana Lima, Lime Software       mql → sql                  hand raised: Demo Requested\n"
         "                  total 53.9: pricing page +26, industry +20, size +10, unsubscribed −2.1\n"
         "                  sales: bo (emea), sales answers by Tue 3 Nov 14:00, call by Fri 13 Nov 14:05; missing for\n"
         "                  opportunity: timescale, need\n");
}

static void test_nobody_has_to_act(void **state) {
  (void)state;
  expect(CHANGE(TIME, A_TO_B
                "," BY_EVENT ",\"scores\":{\"x\":4,\"y\":0,\"z\":-3.5},\"contributions\":["
                "{\"score\":\"x\",\"rule\":\"r\",\"points\":4},{\"score\":\"z\",\"rule\":\"s\",\"points\":-3.5}],"
                "\"route\":null,\"due\":[],\"next\":{\"stage\":\"c\",\"missing\":[\"d\"]}"),
         "Mon  2 Nov 09:30  u-1                           a → b                      Go\n"
         "                  x 4, z −3.5: r +4, s −3.5; missing for c: d\n");
  expect(CHANGE(TIME, A_TO_B "," BY_EVENT ",\"scores\":{\"x\":0.099},\"contributions\":["
                             "{\"score\":\"x\",\"rule\":\"r\",\"points\":0.099}],\"next\":null"),
         "Mon  2 Nov 09:30  u-1                           a → b                      Go\n");
}

static void test_causes(void **state) {
  (void)state;
  const char *const causes[][2] = {
      {"\"cause\":{\"kind\":\"move\",\"name\":\"went cold\"}", "went cold"},
      {"\"cause\":{\"kind\":\"climb\"}", "time has passed"},
      {"\"cause\":{\"kind\":\"event\",\"name\":\"Go\"}", "Go"},
      {"\"cause\":{\"kind\":\"event\",\"move\":\"no\",\"name\":\"Go\"},\"reason\":\"\"", "no: Go"},
      {"\"cause\":{\"kind\":\"event\",\"move\":\"no\",\"name\":\"Go\"},\"reason\":\"not now\"", "no: “not now”"},
  };
  for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
    char json[400], expected[400];
    snprintf(json, sizeof json, CHANGE("2026-02-28T23:59:00.000Z", A_TO_B ",%s,\"scores\":{}"), causes[i][0]);
    snprintf(expected, sizeof expected,
             "Sat 28 Feb 23:59  u-1                           a → b                      %s\n", causes[i][1]);
    expect(json, expected);
  }
}

/* A move that explains itself needs no points, unless there is more to come. */
static void test_move_away(void **state) {
  (void)state;
#define MOVE                                                                               \
  A_TO_B                                                                                   \
  ",\"cause\":{\"kind\":\"event\",\"move\":\"no\",\"name\":\"Go\"},\"reason\":\"budget\"," \
  "\"scores\":{\"x\":4},\"contributions\":[{\"score\":\"x\",\"rule\":\"r\",\"points\":4}],"
  expect(CHANGE(TIME, MOVE "\"next\":null"),
         "Mon  2 Nov 09:30  u-1                           a → b                      no: “budget”\n");
  expect(CHANGE(TIME, MOVE "\"next\":{\"stage\":\"c\",\"missing\":[]}"),
         "Mon  2 Nov 09:30  u-1                           a → b                      no: “budget”\n");
  expect(CHANGE(TIME, MOVE "\"next\":{\"stage\":\"c\",\"missing\":[\"d\",\"e\"]}"),
         "Mon  2 Nov 09:30  u-1                           a → b                      no: “budget”\n"
         "                  x 4: r +4; missing for c: d, e\n");
}

static void test_breach(void **state) {
  (void)state;
  expect(BREACH("2026-11-09T10:45:00.000Z",
                "\"lead\":\"u-1\",\"stage\":\"sql\",\"owner\":\"sales\",\"sla\":\"sales answers\","
                "\"since\":\"2026-11-06T13:45:00.000Z\",\"route\":{\"queue\":\"emea\",\"assignee\":null},"
                "\"attributes\":{\"email\":\"a@b.example\"}"),
         "Mon  9 Nov 10:45  a@b.example                   sql: SLA BREACHED          sales answers\n"
         "                  sales: emea, waiting since Fri 6 Nov 13:45\n");
  expect(BREACH("2026-11-09T10:45:00.000Z",
                "\"lead\":\"u-1\",\"stage\":\"mql\",\"owner\":\"marketing\",\"sla\":\"follow "
                "up\",\"since\":\"2026-11-06T13:45:00.000Z\","
                "\"route\":null,\"attributes\":{}"),
         "Mon  9 Nov 10:45  u-1                           mql: SLA BREACHED          follow up\n"
         "                  marketing: waiting since Fri 6 Nov 13:45\n");
}

static void test_who(void **state) {
  (void)state;
  const char *const people[][2] = {
      {"\"Name\":\"Ana\",\"ACCOUNT\":\"Lime\"", "Ana, Lime                     "},
      {"\"first_name\":\"Ana\",\"last name\":\"Lima\"", "Ana Lima                      "},
      {"\"lastname\":\"Lima\",\"email\":\"a@b\"", "Lima                          "},
      {"\"name\":\"\",\"email\":\"a@b\",\"organization\":\"O\"", "a@b, O                        "},
      {"\"name\":7,\"employees\":250", "u-1                           "},
      {"\"name\":\"佐藤 明子\",\"company\":\"カゼ\"", "佐藤 明子, カゼ               "},
      {"\"name\":\"Zoe\xCC\x88 L\"", "Zoe\xCC\x88 L                         "},
      {"\"name\":\"A person of a name that is long\"", "A person of a name that is l… "},
      {"\"name\":\"佐藤佐藤佐藤佐藤佐藤佐藤佐藤佐藤\"", "佐藤佐藤佐藤佐藤佐藤佐藤佐藤… "},
  };
  for (size_t i = 0; i < sizeof people / sizeof *people; i++) {
    char json[600], expected[400];
    snprintf(json, sizeof json, CHANGE(TIME, A_TO_B "," BY_EVENT ",\"attributes\":{%s}"), people[i][0]);
    snprintf(expected, sizeof expected, "Mon  2 Nov 09:30  %sa → b                      Go\n", people[i][1]);
    expect(json, expected);
  }
}

/* Long names do not run into their neighbours. */
static void test_long_names(void **state) {
  (void)state;
  expect(
      CHANGE(TIME, "\"lead\":\"u-1\",\"from\":\"Marketing Qualified Lead\",\"to\":\"Sales Qualified Lead\"," BY_EVENT),
      "Mon  2 Nov 09:30  u-1                           Marketing Qualified Lead → Sales Qualified Lead\n"
      "                                                                           Go\n");
  expect(
      CHANGE(TIME, A_TO_B ",\"cause\":{\"kind\":\"event\",\"move\":\"sales have said that it is no\",\"name\":\"Go\"},"
                          "\"reason\":\"they are not a business that we serve\""),
      "Mon  2 Nov 09:30  u-1                           a → b                      sales have said that it is no:\n"
      "                                                                           “they are not a business that we\n"
      "                                                                           serve”\n");
}

static void test_lists_end(void **state) {
  (void)state;
  struct buffer json = {0};
  buffer_append_text(&json, "{\"type\":\"lead.stage.changed\",\"time\":\"" TIME "\",\"data\":{" A_TO_B "," BY_EVENT
                            ",\"scores\":{\"x\":9},\"contributions\":[");
  for (int i = 0; i < 20; i++)
    buffer_printf(&json, "%s{\"score\":\"x\",\"rule\":\"rule %d\",\"points\":%d}", i ? "," : "", i, i);
  buffer_append_text(&json, "],\"next\":{\"stage\":\"c\",\"missing\":[");
  for (int i = 0; i < 20; i++) buffer_printf(&json, "%s\"m%d\"", i ? "," : "", i);
  buffer_append_text(&json, "]}}}");
  buffer_append(&json, "", 1);
  expect(json.at,
         "Mon  2 Nov 09:30  u-1                           a → b                      Go\n"
         "                  x 9: rule 19 +19 and 19 more; missing for c: m0, m1, m2, m3, m4, m5 and 14 more\n");
  buffer_fini(&json);
}

/* Hostile */

static void test_nothing_that_a_terminal_obeys(void **state) {
  (void)state;
  expect(CHANGE("\\u001b[2J",
                "\"lead\":\"\\u001b]0;x\\u0007\\u009b\\u202e\\ufeff\\r\\n\",\"from\":\"\\u0008\",\"to\":\"\\u007f\","
                "\"cause\":{\"kind\":\"event\",\"name\":\"\\u001b[31m\"},\"reason\":null"),
         "\uFFFD[2J              \uFFFD]0;x\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD                   \uFFFD → \uFFFD     "
         "                 \uFFFD[31m\n");
}

static void test_not_utf8(void **state) {
  (void)state;
  expect(CHANGE(TIME,
                "\"lead\":\"a\xFF\xC3\xE2\x82"
                "b\xED\xA0\x80\xC0\xAF\",\"from\":\"\xF4\x90\x80\x80\",\"to\":\"\uFFFD\"," BY_EVENT),
         "Mon  2 Nov 09:30  a\uFFFD\uFFFD\uFFFD\uFFFDb\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD                   "
         "\uFFFD\uFFFD\uFFFD\uFFFD → \uFFFD                   Go\n");
}

/* Shapes that nobody publishes: something is said, nothing breaks. */
static void test_other_shapes(void **state) {
  (void)state;
  static const char *const values[] = {"null",         "7",    "\"x\"", "true", "[]", "{}", "[[]]", "[1,null,\"x\",{}]",
                                       "{\"x\":[{}]}", "1e999"};
  static const char *const members[] = {"lead",       "from",          "to",       "owner", "cause", "reason",
                                        "scores",     "contributions", "criteria", "next",  "route", "due",
                                        "attributes", "stage",         "sla",      "since"};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    struct buffer json = {0};
    buffer_append_text(&json, "{\"time\":");
    buffer_append_text(&json, values[i]);
    buffer_append_text(&json, ",\"data\":{\"x\":0");
    for (size_t j = 0; j < sizeof members / sizeof *members; j++)
      buffer_printf(&json, ",\"%s\":%s", members[j], values[i]);
    buffer_append_text(&json, "},\"type\":\"lead.stage.changed\"}");
    buffer_append(&json, "", 1);
    free(tell(json.at, true));
    memcpy(strstr(json.at, "stage.changed"), "sla.breached\"", 13);
    strstr(json.at, "breached\"")[9] = ' ';
    free(tell(json.at, true));
    buffer_fini(&json);
  }
}

static void test_refused(void **state) {
  (void)state;
  static const char *const events[] = {"null",
                                       "[]",
                                       "{}",
                                       "{\"type\":\"lead.stage.changed\"}",
                                       "{\"type\":\"lead.stage.changed\",\"data\":[]}",
                                       "{\"type\":\"other\",\"data\":{}}",
                                       "{\"type\":7,\"data\":{}}"};
  for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
    struct buffer buffer = {0};
    cJSON *event = cJSON_Parse(events[i]);
    assert_non_null(event);
    assert_false(story_event(&buffer, event, true));
    assert_int_equal(buffer.length, 0);
    cJSON_Delete(event);
  }
}

static void test_colour(void **state) {
  (void)state;
  char *text = tell(CHANGE(TIME, A_TO_B "," BY_EVENT), true);
  assert_string_equal(text,
                      "\033[2mMon  2 Nov 09:30\033[0m  \033[1mu-1\033[0m                           \033[36ma → b\033[0m"
                      "                      \033[0mGo\033[0m\n");
  free(text);
}

static void test_colour_is_asked_for(void **state) {
  (void)state;
  assert_false(terminal_colour(-1));
  setenv("NO_COLOR", "1", 1);
  assert_false(terminal_colour(1));
  unsetenv("NO_COLOR");
}

static void test_dead_letter(void **state) {
  (void)state;
  struct buffer buffer = {0};
  struct story_dead_letter letter = {
      SLICE("not_json"),
      SLICE("byte 93: \033[31m ends in a string; a quotation mark is missing, and more of it"),
      SLICE("engagement"),
      3,
      91,
      INT64_C(1793617320000)};
  story_dead_letter(&buffer, &letter, false);
  letter.timestamp_ms = -1;
  letter.detail = SLICE("");
  letter.offset = INT64_MAX;
  story_dead_letter(&buffer, &letter, false);
  buffer_append(&buffer, "", 1);
  assert_string_equal(buffer.at,
                      "Mon  2 Nov 11:02  engagement/3/91     not_json    byte 93: \uFFFD[31m ends in a string; a "
                      "quotation mark is missin…\n"
                      "                  engagement/3/92233… not_json    \n");
  buffer_fini(&buffer);
}

static void test_tally(void **state) {
  (void)state;
  struct tally tally = {.records = 1234567, .leads = 1};
  struct buffer buffer = {0};
  cJSON *change = cJSON_Parse(CHANGE(TIME, A_TO_B)),
        *other = cJSON_Parse(CHANGE(TIME, "\"from\":\"b\",\"to\":\"\\u001b\""));
  cJSON *breach = cJSON_Parse(BREACH(TIME, "\"sla\":\"answer\"")), *none = cJSON_Parse("{}");
  tally_event(&tally, change);
  tally_event(&tally, other);
  tally_event(&tally, change);
  tally_event(&tally, breach);
  tally_event(&tally, none);
  tally_print(&tally, &buffer, false);
  tally_dead_letter(&tally, SLICE("not_json"));
  tally_dead_letter(&tally, SLICE("no_lead"));
  tally_dead_letter(&tally, SLICE("no_name"));
  tally_dead_letter(&tally, SLICE("bad_time"));
  tally_print(&tally, &buffer, false);
  buffer_append(&buffer, "", 1);
#define ROWS                                                             \
  "  stage changes    2 a → b                        1 b → \uFFFD\n" \
  "  SLA breaches     1 answer\n"
  assert_string_equal(buffer.at,
                      "1,234,567 records of 1 lead: 3 stage changes, 1 SLA breach, 0 dead letters\n" ROWS
                      "1,234,567 records of 1 lead: 3 stage changes, 1 SLA breach, 4 dead letters\n" ROWS
                      "  dead letters     1 not_json                     1 no_lead                      1 no_name\n"
                      "                   1 bad_time\n");
  buffer_fini(&buffer);
  tally_fini(&tally);
  cJSON_Delete(change);
  cJSON_Delete(other);
  cJSON_Delete(breach);
  cJSON_Delete(none);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_somebody_has_to_act),
      cmocka_unit_test(test_nobody_has_to_act),
      cmocka_unit_test(test_causes),
      cmocka_unit_test(test_move_away),
      cmocka_unit_test(test_breach),
      cmocka_unit_test(test_who),
      cmocka_unit_test(test_long_names),
      cmocka_unit_test(test_lists_end),
      cmocka_unit_test(test_nothing_that_a_terminal_obeys),
      cmocka_unit_test(test_not_utf8),
      cmocka_unit_test(test_other_shapes),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_colour),
      cmocka_unit_test(test_colour_is_asked_for),
      cmocka_unit_test(test_dead_letter),
      cmocka_unit_test(test_tally),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
