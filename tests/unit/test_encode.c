/* test_encode.c: what is published, byte by byte, of changes made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "producer/encode.h"

#define COUNT(array) (int32_t)(sizeof(array) / sizeof *(array))

/* --- a definition with a little of everything --- */

enum { UNIVERSE, SUSPECT, MQL, PARKED, SQL, CUSTOMER, RECYCLED };

static struct stage stages[] = {
    {.name = SLICE("universe"), .owner = SLICE("marketing")},
    {.name = SLICE("suspect"), .owner = SLICE("marketing")},
    {.name = SLICE("mql"), .owner = SLICE("marketing")},
    {.name = SLICE("parked"), .owner = SLICE("marketing"), .off_ladder = true}, /* between two rungs, but no rung */
    {.name = SLICE("sql"), .owner = SLICE("sales"), .route = true},
    {.name = SLICE("customer"), .owner = SLICE("sales")},
    {.name = SLICE("recycled"), .owner = SLICE("the \"nurture\" team"), .off_ladder = true},
};
static struct move moves[] = {{.name = SLICE("hand raised"), .to = SQL}, {.name = SLICE("went\tcold"), .to = SUSPECT}};
static struct sla slas[] = {{.name = SLICE("sales answers"), .stage = SQL},
                            {.name = SLICE("sales calls"), .stage = SQL}};
static struct criterion criteria[] = {
    {.name = SLICE("need")}, {.name = SLICE("contact")}, {.name = SLICE("good fit")}, {.name = SLICE("budget")}};
static struct attribute attributes[] = {
    {.name = SLICE("email"), .type = ATTRIBUTE_TEXT, .share = true},
    {.name = SLICE("employees"), .type = ATTRIBUTE_NUMBER, .share = true},
    {.name = SLICE("budget"), .type = ATTRIBUTE_BOOLEAN, .share = true},
};
static struct rule fit_rules[] = {{.name = SLICE("small")}, {.name = SLICE("industry we serve")}};
static struct rule engagement_rules[] = {{.name = SLICE("pricing page")}, {.name = SLICE("unsubscribed")}};
static struct score scores[] = {
    {.name = SLICE("fit"), .kind = SCORE_ATTRIBUTES, .rules = fit_rules, .rule_count = 2},
    {.name = SLICE("engagement"), .kind = SCORE_EVENTS, .rules = engagement_rules, .rule_count = 2},
    {.name = SLICE("total"), .kind = SCORE_SCORES},
};
static struct definition full = {
    .name = SLICE("acme-qualified-lead"),
    .version = 3,
    .digest = SLICE("sha256:00ff"),
    .agreed = true,
    .stages = stages,
    .stage_count = COUNT(stages),
    .moves = moves,
    .move_count = COUNT(moves),
    .slas = slas,
    .sla_count = COUNT(slas),
    .criteria = criteria,
    .criterion_count = COUNT(criteria),
    .attributes = attributes,
    .attribute_count = COUNT(attributes),
    .scores = scores,
    .score_count = COUNT(scores),
};
static struct definition bare = {.name = SLICE("bare"),
                                 .version = 2147483647,
                                 .digest = SLICE("sha256:1"),
                                 .stages = stages,
                                 .stage_count = COUNT(stages)};

static const int64_t score_values[] = {30 * NANOPOINT, INT64_C(23925000000), INT64_C(53925999999)};
static const struct contribution contributions[] = {{0, 1, 30 * NANOPOINT}, {1, 0, INT64_C(23925000000)}};
static const bool criteria_hold[] = {true, true, false, false};
static const bool next_names[] = {true, false, false, true};
static const struct due dues[] = {{0, INT64_C(1772460000000)}, {1, INT64_C(1772460000001)}};
static const struct shared_attribute shared[] = {{.attribute = 0, .text = SLICE("a@example.com")},
                                                 {.attribute = 1, .number = 250},
                                                 {.attribute = 2, .boolean = true}};
static const struct event event = {
    .lead = SLICE("u-17"), .name = SLICE("Demo Requested"), .id = SLICE("m-9"), .time_ms = INT64_C(1772357400000)};

static struct change change_full(void) {
  return (struct change){
      .type = CHANGE_STAGE,
      .definition = &full,
      .lead = SLICE("u-17"),
      .time_ms = INT64_C(1772357400000),
      .since_ms = INT64_C(1772355600000),
      .position = {SLICE("engagement"), 3, 10452},
      .record_timestamp_ms = TIME_NONE,
      .cause = CAUSE_EVENT,
      .move = 0,
      .event = &event,
      .from = SUSPECT,
      .to = SQL,
      .entry = 1,
      .sla = NONE,
      .scores = score_values,
      .contributions = contributions,
      .contribution_count = COUNT(contributions),
      .criteria = criteria_hold,
      .next = CUSTOMER,
      .next_names = next_names,
      .queue = SLICE("emea"),
      .assignee = SLICE("bo"),
      .due = dues,
      .due_count = COUNT(dues),
      .attributes = shared,
      .attribute_count = COUNT(shared),
  };
}

static struct change change_bare(void) {
  return (struct change){
      .type = CHANGE_STAGE,
      .definition = &bare,
      .lead = SLICE("x"),
      .position = {SLICE("events"), 0, 0},
      .cause = CAUSE_CLIMB,
      .move = NONE,
      .from = UNIVERSE,
      .to = SUSPECT,
      .entry = 1,
      .sla = NONE,
      .next = NONE,
  };
}

/* --- checks --- */

static void check(const struct buffer *buffer, const char *expected) {
  if (buffer->length != strlen(expected) || memcmp(buffer->at, expected, buffer->length) != 0)
    fail_msg("\n     got %.*s\nexpected %s", (int)buffer->length, buffer->at, expected);
}

static void check_change(const struct change *change, const char *expected) {
  struct buffer buffer = {0};
  change_encode(&buffer, change);
  check(&buffer, expected);
  buffer_fini(&buffer);
}

/* The text occurs in what is published. */
static void check_part(const struct change *change, const char *expected) {
  struct buffer buffer = {0};
  change_encode(&buffer, change);
  buffer_append(&buffer, "", 1);
  if (!strstr(buffer.at, expected)) fail_msg("\n     got %s\nexpected %s", buffer.at, expected);
  buffer_fini(&buffer);
}

/* --- the whole --- */

/* The example of the specification. */
static void test_event_with_move(void **state) {
  (void)state;
  struct change change = change_full();
  check_change(
      &change,
      "{\"specversion\":\"1.0\",\"id\":\"engagement/3/10452/0\",\"source\":\"handover/acme-qualified-lead\","
      "\"type\":\"lead.stage.changed\",\"dataschema\":\"urn:handover:lead.stage.changed:1\",\"subject\":\"u-17\","
      "\"time\":\"2026-03-01T09:30:00.000Z\",\"datacontenttype\":\"application/json\",\"data\":{\"lead\":\"u-17\","
      "\"from\":\"suspect\",\"to\":\"sql\",\"entry\":1,\"skipped\":[\"mql\"],\"owner\":\"sales\","
      "\"since\":\"2026-03-01T09:00:00.000Z\",\"cause\":{\"kind\":\"event\",\"move\":\"hand raised\","
      "\"name\":\"Demo Requested\",\"id\":\"m-9\",\"time\":\"2026-03-01T09:30:00.000Z\",\"topic\":\"engagement\","
      "\"partition\":3,\"offset\":10452},\"reason\":null,\"scores\":{\"fit\":30,\"engagement\":23.925,\"total\":53.925}"
      ","
      "\"contributions\":[{\"score\":\"fit\",\"rule\":\"industry we serve\",\"points\":30},"
      "{\"score\":\"engagement\",\"rule\":\"pricing page\",\"points\":23.925}],"
      "\"criteria\":{\"met\":[\"need\",\"contact\"],\"missing\":[\"good fit\",\"budget\"]},"
      "\"next\":{\"stage\":\"customer\",\"missing\":[\"budget\"]},\"route\":{\"queue\":\"emea\",\"assignee\":\"bo\"},"
      "\"due\":[{\"sla\":\"sales answers\",\"by\":\"2026-03-02T14:00:00.000Z\"},"
      "{\"sla\":\"sales calls\",\"by\":\"2026-03-02T14:00:00.001Z\"}],"
      "\"attributes\":{\"email\":\"a@example.com\",\"employees\":250,\"budget\":true},"
      "\"definition\":{\"name\":\"acme-qualified-lead\",\"version\":3,\"digest\":\"sha256:00ff\",\"agreed\":true}}}");
}

static void test_nothing_but_a_climb(void **state) {
  (void)state;
  struct change change = change_bare();
  check_change(
      &change,
      "{\"specversion\":\"1.0\",\"id\":\"events/0/0/0\",\"source\":\"handover/bare\",\"type\":\"lead.stage.changed\","
      "\"dataschema\":\"urn:handover:lead.stage.changed:1\",\"subject\":\"x\",\"time\":\"1970-01-01T00:00:00.000Z\","
      "\"datacontenttype\":\"application/"
      "json\",\"data\":{\"lead\":\"x\",\"from\":\"universe\",\"to\":\"suspect\",\"entry\":1,"
      "\"skipped\":[],\"owner\":\"marketing\",\"since\":\"1970-01-01T00:00:00.000Z\",\"cause\":{\"kind\":\"climb\","
      "\"time\":\"1970-01-01T00:00:00.000Z\",\"topic\":\"events\",\"partition\":0,\"offset\":0},\"reason\":null,"
      "\"scores\":{},\"contributions\":[],\"criteria\":{\"met\":[],\"missing\":[]},\"next\":null,\"route\":null,"
      "\"due\":[],"
      "\"attributes\":{},\"definition\":{\"name\":\"bare\",\"version\":2147483647,\"digest\":\"sha256:1\",\"agreed\":"
      "false}}}");
}

static struct change change_breach(void) {
  struct change change = change_full();
  change.type = CHANGE_BREACH;
  change.cause = CAUSE_TIMER;
  change.move = NONE;
  change.event = NULL;
  change.from = change.to = SQL;
  change.sla = 1;
  change.contribution_count = change.due_count = 0;
  change.contributions = NULL;
  change.criteria = NULL;
  change.next = NONE;
  change.next_names = NULL;
  change.due = NULL;
  return change;
}

static void test_breach(void **state) {
  (void)state;
  struct change change = change_breach();
  change.n = 2;
  check_change(
      &change,
      "{\"specversion\":\"1.0\",\"id\":\"engagement/3/10452/2\",\"source\":\"handover/acme-qualified-lead\","
      "\"type\":\"lead.sla.breached\",\"dataschema\":\"urn:handover:lead.sla.breached:1\",\"subject\":\"u-17\","
      "\"time\":\"2026-03-01T09:30:00.000Z\",\"datacontenttype\":\"application/json\",\"data\":{\"lead\":\"u-17\","
      "\"stage\":\"sql\",\"owner\":\"sales\",\"sla\":\"sales calls\",\"since\":\"2026-03-01T09:00:00.000Z\","
      "\"deadline\":\"2026-03-01T09:30:00.000Z\",\"cause\":{\"kind\":\"timer\",\"topic\":\"engagement\",\"partition\":"
      "3,"
      "\"offset\":10452},\"scores\":{\"fit\":30,\"engagement\":23.925,\"total\":53.925},"
      "\"route\":{\"queue\":\"emea\",\"assignee\":\"bo\"},"
      "\"attributes\":{\"email\":\"a@example.com\",\"employees\":250,\"budget\":true},"
      "\"definition\":{\"name\":\"acme-qualified-lead\",\"version\":3,\"digest\":\"sha256:00ff\",\"agreed\":true}}}");
}

/* --- causes --- */

static struct change by_clock_mark(struct change change) {
  change.clock_mark = true;
  change.position = (struct position){SLICE("clock"), 3, INT64_C(1772409600000)};
  change.n = 4294967295u;
  return change;
}

static void test_causes(void **state) {
  (void)state;
  struct event late = event;
  struct change change = change_full();
  late.id = (struct slice){NULL, 0};
  late.name = SLICE("Lead \\ Rejected");
  late.time_ms = 1;
  change.event = &late;
  change.move = NONE;
  check_part(&change,
             "\"cause\":{\"kind\":\"event\",\"name\":\"Lead \\\\ Rejected\",\"id\":null,\"time\":"
             "\"1970-01-01T00:00:00.001Z\",\"topic\":\"engagement\",\"partition\":3,\"offset\":10452},\"reason\"");
  change.event = NULL;
  change.cause = CAUSE_MOVE;
  change.move = 1;
  check_part(&change,
             "\"cause\":{\"kind\":\"move\",\"name\":\"went\\tcold\",\"time\":\"2026-03-01T09:30:00.000Z\","
             "\"topic\":\"engagement\",\"partition\":3,\"offset\":10452},\"reason\"");
  change.cause = CAUSE_CLIMB;
  change.move = NONE;
  check_part(&change,
             "\"cause\":{\"kind\":\"climb\",\"time\":\"2026-03-01T09:30:00.000Z\","
             "\"topic\":\"engagement\",\"partition\":3,\"offset\":10452},\"reason\"");
}

static void test_clock_marks(void **state) {
  (void)state;
  struct change change = by_clock_mark(change_full());
  change.cause = CAUSE_MOVE;
  check_part(&change, "\"id\":\"clock/3/1772409600000/4294967295\",");
  check_part(&change,
             "\"cause\":{\"kind\":\"move\",\"name\":\"hand raised\",\"time\":\"2026-03-01T09:30:00.000Z\","
             "\"topic\":\"clock\",\"partition\":3},\"reason\"");
  change.cause = CAUSE_CLIMB;
  check_part(&change,
             "\"cause\":{\"kind\":\"climb\",\"time\":\"2026-03-01T09:30:00.000Z\","
             "\"topic\":\"clock\",\"partition\":3},\"reason\"");
  change = by_clock_mark(change_breach());
  check_part(&change, "\"cause\":{\"kind\":\"timer\",\"topic\":\"clock\",\"partition\":3},\"scores\"");
}

static void test_id(void **state) {
  (void)state;
  struct buffer buffer = {0};
  struct change change = change_full();
  change.position = (struct position){SLICE("a\"b"), 2147483647, INT64_MAX};
  change.n = 7;
  change_encode_id(&buffer, &change); /* a header: as it is */
  check(&buffer, "a\"b/2147483647/9223372036854775807/7");
  check_part(&change, "\"id\":\"a\\\"b/2147483647/9223372036854775807/7\"");
  check_part(&change, "\"topic\":\"a\\\"b\"");
  change = by_clock_mark(change);
  buffer.length = 0;
  change_encode_id(&buffer, &change);
  check(&buffer, "clock/3/1772409600000/4294967295");
  buffer_fini(&buffer);
}

/* --- members --- */

static void test_skipped(void **state) {
  (void)state;
  static const struct {
    int32_t from, to;
    const char *expected;
  } cases[] = {
      {UNIVERSE, SUSPECT, "\"skipped\":[],"},
      {UNIVERSE, MQL, "\"skipped\":[\"suspect\"],"},
      {UNIVERSE, CUSTOMER, "\"skipped\":[\"suspect\",\"mql\",\"sql\"],"},
      {MQL, SQL, "\"skipped\":[],"}, /* "parked" is no rung */
      {CUSTOMER, UNIVERSE, "\"skipped\":[],"},
      {PARKED, CUSTOMER, "\"skipped\":[],"}, /* it comes from no rung */
      {UNIVERSE, RECYCLED, "\"skipped\":[],"},
      {RECYCLED, SQL, "\"skipped\":[],"},
  };
  for (int32_t i = 0; i < COUNT(cases); i++) {
    struct change change = change_full();
    change.from = cases[i].from;
    change.to = cases[i].to;
    check_part(&change, cases[i].expected);
  }
}

static void test_null_or_not(void **state) {
  (void)state;
  struct change change = change_full();
  change.assignee = (struct slice){NULL, 0};
  check_part(&change, "\"route\":{\"queue\":\"emea\",\"assignee\":null},");
  change.queue = (struct slice){NULL, 0};
  check_part(&change, "\"route\":null,");
  check_part(&change, "\"reason\":null,");
  change.has_reason = true;
  check_part(&change, "\"reason\":\"\","); /* there, and empty */
  change.reason = SLICE("no \xE2\x82\xAC");
  check_part(&change, "\"reason\":\"no \xE2\x82\xAC\",");
  change.next = NONE;
  change.next_names = NULL;
  check_part(&change, "\"next\":null,");
  change = change_breach();
  change.queue = (struct slice){NULL, 0};
  check_part(&change, "\"route\":null,\"attributes\"");
}

static void test_names_are_escaped(void **state) {
  (void)state;
  struct change change = change_full();
  change.lead = SLICE("a\"\n");
  change.to = RECYCLED;
  check_part(&change, "\"subject\":\"a\\\"\\n\",");
  check_part(&change, "\"data\":{\"lead\":\"a\\\"\\n\",");
  check_part(&change, "\"owner\":\"the \\\"nurture\\\" team\",");
}

static void test_criteria(void **state) {
  (void)state;
  static const bool all[] = {true, true, true, true}, none[] = {false, false, false, false};
  struct change change = change_full();
  change.criteria = all;
  check_part(&change,
             "\"criteria\":{\"met\":[\"need\",\"contact\",\"good fit\",\"budget\"],\"missing\":[]},"
             "\"next\":{\"stage\":\"customer\",\"missing\":[]},");
  change.criteria = none;
  check_part(&change,
             "\"criteria\":{\"met\":[],\"missing\":[\"need\",\"contact\",\"good fit\",\"budget\"]},"
             "\"next\":{\"stage\":\"customer\",\"missing\":[\"need\",\"budget\"]},");
}

static void test_attributes(void **state) {
  (void)state;
  static const struct shared_attribute some[] = {{.attribute = 1, .number = -0.0}, {.attribute = 2}};
  struct change change = change_full();
  change.attributes = some;
  change.attribute_count = 2;
  check_part(&change, "\"attributes\":{\"employees\":0,\"budget\":false},");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_event_with_move),
      cmocka_unit_test(test_nothing_but_a_climb),
      cmocka_unit_test(test_breach),
      cmocka_unit_test(test_causes),
      cmocka_unit_test(test_clock_marks),
      cmocka_unit_test(test_id),
      cmocka_unit_test(test_skipped),
      cmocka_unit_test(test_null_or_not),
      cmocka_unit_test(test_names_are_escaped),
      cmocka_unit_test(test_criteria),
      cmocka_unit_test(test_attributes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
