/* test_share.c: definitions that share a vocabulary decide as they do alone, whoever decodes; and what makes them read differently. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../config/definition.h"
#include "../../config/share.h"
#include "../../consumer/lane.h"
#include "../../consumer/panel.h"
#include "../../producer/encode.h"

#define HEAD                                                                                                    \
  "{\"handover\":1,\"name\":\"s\",\"version\":1,\"effective_from\":\"2026-01-01T00:00:00Z\",\"teams\":[\"m\"]," \
  "\"events\":"

static struct definition *parsed(const char *text) {
  struct problems problems;
  struct definition *definition = definition_parse(text, strlen(text), &problems);
  if (!definition) fail_msg("%s: %s", problems.at[0].pointer, problems.at[0].message);
  problems_fini(&problems);
  return definition;
}

/* Other fields, names, attributes, patterns with `where` and reasons, in another order each. */
static const char *const documents[] = {
    HEAD
    "\"segment\",\"attributes\":{\"size\":{\"at\":\"/traits/size\",\"type\":\"number\"},\"mail\":\"/traits/mail\"},"
    "\"scores\":{\"e\":{\"from\":\"events\",\"rules\":[{\"name\":\"z\",\"event\":\"Zoom\",\"points\":5}]}},"
    "\"stages\":[{\"name\":\"a\",\"owner\":\"m\"},{\"name\":\"b\",\"owner\":\"m\",\"enter\":{\"all\":[{\"score\":\"e\","
    "\"at_least\":10},"
    "{\"attribute\":\"size\",\"above\":3}]}}],"
    "\"moves\":[{\"name\":\"no\",\"from\":\"b\",\"to\":\"a\",\"when\":{\"event\":\"Back\"},\"reason\":\"/properties/"
    "why\",\"reset\":[\"e\"]}]}",
    HEAD
    "\"segment\",\"attributes\":{\"mail\":\"/traits/mail\",\"code\":\"/traits/size\"},"
    "\"stages\":[{\"name\":\"a\",\"owner\":\"m\"},{\"name\":\"b\",\"owner\":\"m\",\"enter\":{\"any\":[{\"event\":{"
    "\"name\":[\"Back\",\"Apple\"],"
    "\"where\":{\"/properties/n\":{\"at_least\":2}}}},{\"attribute\":\"code\",\"is\":\"7\"}]}}],"
    "\"moves\":[{\"name\":\"no\",\"from\":\"b\",\"to\":\"a\",\"when\":{\"event\":{\"name\":\"*\",\"where\":{\"/"
    "properties/why\":{\"present\":true}}}},"
    "\"reason\":\"/properties/n\"}]}",
    HEAD "\"segment\",\"stages\":[{\"name\":\"a\",\"owner\":\"m\"}]}",
};

enum { DOCUMENTS = sizeof documents / sizeof *documents };

static const char *const events[] = {
    "{\"userId\":\"u\",\"timestamp\":1767225600000,\"event\":\"identify\",\"traits\":{\"size\":\"7\",\"mail\":\"m\"}}",
    "{\"userId\":\"u\",\"timestamp\":1767225601000,\"event\":\"Zoom\"}",
    "{\"userId\":\"u\",\"timestamp\":1767225602000,\"event\":\"Zoom\",\"properties\":{\"why\":\"w\",\"n\":1}}",
    "{\"userId\":\"v\",\"timestamp\":1767225603000,\"event\":\"Apple\",\"properties\":{\"n\":2}}",
    "{\"userId\":\"u\",\"timestamp\":1767225604000,\"event\":\"Back\",\"properties\":{\"n\":\"3\",\"why\":\"x\"}}",
    "{\"userId\":\"v\",\"timestamp\":1767225605000,\"event\":\"Unheard of\",\"properties\":{\"why\":null,\"n\":4}}",
    "no event",
};

enum { EVENTS = sizeof events / sizeof *events };

static void make_records(struct record *records) {
  for (int32_t i = 0; i < EVENTS; i++)
    records[i] = (struct record){slice_of(events[i]), {NULL, 0}, TIME_NONE, {SLICE("events"), 0, i}};
}

static void collect(void *context, const struct change *change) {
  change_encode(context, change);
  buffer_append_text(context, "\n");
}

static void leave_out(void *context, const struct record *record, enum reject reject, const char *detail) {
  (void)context, (void)record, (void)reject, (void)detail;
}

static void decide_alone(const struct definition *definition, struct buffer *out) {
  struct record records[EVENTS];
  struct sink sink = {out, collect, leave_out};
  struct lane *lane = lane_create(0, &definition, 1, &sink, LIMIT_EVENT);
  make_records(records);
  lane_apply(lane, records, EVENTS);
  lane_destroy(lane);
}

static void on_change(void *context, int32_t which, const struct change *change) {
  collect((struct buffer *)context + which, change);
}

static void on_event(void *context, uint32_t lead, const struct event *event) {
  (void)context;
  assert_int_equal(lead, event->lead.at[0] == 'u' ? 0 : 1);
}

static void decides_as_alone(void **state) {
  (void)state;
  struct definition *shared[DOCUMENTS];
  const struct definition *contenders[DOCUMENTS];
  struct buffer together[DOCUMENTS] = {0};
  struct record records[EVENTS];
  struct panel_user user = {together, on_change, on_event};
  for (int i = 0; i < DOCUMENTS; i++) contenders[i] = shared[i] = parsed(documents[i]);
  definitions_share(shared, DOCUMENTS);
  for (int i = 1; i < DOCUMENTS; i++) {
    assert_int_equal(shared[i]->field_count, shared[0]->field_count);
    assert_int_equal(shared[i]->name_count, 3);
  }
  struct panel *panel = panel_create(0, contenders, DOCUMENTS, &user, LIMIT_EVENT);
  make_records(records);
  panel_apply(panel, records, EVENTS);
  assert_int_equal(panel_dead_letters(panel), 1);
  panel_destroy(panel);
  for (int i = 0; i < DOCUMENTS; i++) {
    struct definition *definition = parsed(documents[i]);
    struct buffer alone = {0}, again = {0};
    decide_alone(definition, &alone);
    decide_alone(shared[i], &again); /* its own decoder reads by the shared vocabulary */
    assert_int_equal(alone.length, together[i].length);
    assert_int_equal(alone.length, again.length);
    if (alone.length) assert_memory_equal(alone.at, together[i].at, alone.length);
    if (alone.length) assert_memory_equal(alone.at, again.at, alone.length);
    assert_int_equal(alone.length > 0, i < 2);
    buffer_fini(&alone);
    buffer_fini(&again);
    definition_destroy(definition);
  }
  for (int i = 0; i < DOCUMENTS; i++) buffer_fini(&together[i]);
  for (int i = 0; i < DOCUMENTS; i++) definition_destroy(shared[i]);
}

/* --- more leads than one chunk of the table holds: their records lie side by side --- */

enum { CROWD = 5000, CROWD_EVENTS = 30000, LINE = 160 };

static void crowd_event(char *text, uint64_t *seed) {
  static const char *const kinds[] = {
      "\"event\":\"Zoom\"", "\"event\":\"Apple\",\"properties\":{\"n\":2}",
      "\"event\":\"Back\",\"properties\":{\"why\":\"x\"}",
      "\"event\":\"identify\",\"traits\":{\"size\":7,\"mail\":\"a longer address than most\"}"};
  *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  uint32_t lead = (uint32_t)(*seed >> 33) % CROWD, kind = (uint32_t)(*seed >> 60) % 4;
  snprintf(text, LINE, "{\"userId\":\"lead %u\",\"timestamp\":1767225600000,%s}", lead, kinds[kind]);
}

static void ignore_event(void *context, uint32_t lead, const struct event *event) {
  (void)context, (void)lead, (void)event;
}

static void crowd_decides_as_alone(void **state) {
  (void)state;
  struct definition *shared[DOCUMENTS];
  const struct definition *contenders[DOCUMENTS];
  struct buffer together[DOCUMENTS] = {0}, alone[DOCUMENTS] = {0};
  struct panel_user user = {together, on_change, ignore_event};
  struct lane *lanes[DOCUMENTS];
  struct sink sinks[DOCUMENTS];
  for (int i = 0; i < DOCUMENTS; i++) contenders[i] = shared[i] = parsed(documents[i]);
  definitions_share(shared, DOCUMENTS);
  struct panel *panel = panel_create(0, contenders, DOCUMENTS, &user, LIMIT_EVENT);
  for (int i = 0; i < DOCUMENTS; i++) {
    sinks[i] = (struct sink){&alone[i], collect, leave_out};
    lanes[i] = lane_create(0, &contenders[i], 1, &sinks[i], LIMIT_EVENT);
  }
  uint64_t seed = 1;
  for (int32_t at = 0; at < CROWD_EVENTS; at += PANEL_BATCH) {
    char texts[PANEL_BATCH][LINE];
    struct record records[PANEL_BATCH];
    for (int32_t i = 0; i < PANEL_BATCH; i++) {
      crowd_event(texts[i], &seed);
      records[i] = (struct record){slice_of(texts[i]), {NULL, 0}, TIME_NONE, {SLICE("events"), 0, at + i}};
    }
    panel_apply(panel, records, PANEL_BATCH);
    for (int i = 0; i < DOCUMENTS; i++) lane_apply(lanes[i], records, PANEL_BATCH);
  }
  assert_true(task_lead_count(panel_task(panel)) > 4000);
  panel_destroy(panel);
  for (int i = 0; i < DOCUMENTS; i++) {
    assert_int_equal(alone[i].length, together[i].length);
    if (alone[i].length) assert_memory_equal(alone[i].at, together[i].at, alone[i].length);
    assert_int_equal(alone[i].length > 100000, i < 2);
    lane_destroy(lanes[i]);
    buffer_fini(&alone[i]);
    buffer_fini(&together[i]);
    definition_destroy(shared[i]);
  }
}

static void differ_in(const char *events_of, const char *part) {
  char text[600];
  struct definition *usual = parsed(documents[0]), *other;
  snprintf(text, sizeof text, HEAD "%s,\"stages\":[{\"name\":\"a\",\"owner\":\"m\"}]}", events_of);
  other = parsed(text);
  const char *found = definitions_differ(usual, other);
  if (part) assert_string_equal(found, part);
  else assert_null(found);
  definition_destroy(usual);
  definition_destroy(other);
}

#define PARTS(lead, time, id, name, more) \
  "{\"lead\":[" lead "],\"time\":[" time "],\"id\":[" id "],\"name\":[" name "]" more "}"
#define LEAD "\"/userId\",\"/traits/email\",\"@key\""
#define TIME "\"/timestamp\",\"@timestamp\""
#define ID "\"/messageId\""
#define NAME "\"/event\",\"/type\""

static void reads_differently(void **state) {
  (void)state;
  differ_in("\"segment\"", NULL);
  differ_in(PARTS(LEAD, TIME, ID, NAME, ""), NULL);
  differ_in(PARTS(LEAD, TIME, ID, NAME, ",\"max_ahead\":\"300s\""), NULL);
  differ_in(PARTS("\"/userId\",\"@key\"", TIME, ID, NAME, ""), "lead");
  differ_in(PARTS("\"/userId\",\"@key\",\"/traits/email\"", TIME, ID, NAME, ""), "lead");
  differ_in(PARTS(LEAD, "\"/timestamp\"", ID, NAME, ""), "time");
  differ_in(PARTS(LEAD, TIME, "\"/message~1Id\"", NAME, ""), "id");
  differ_in(PARTS(LEAD, TIME, ID, "\"/event\",\"/type/x\"", ""), "name");
  differ_in(PARTS(LEAD, TIME, ID, NAME, ",\"max_ahead\":\"6m\""), "max_ahead");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(decides_as_alone), cmocka_unit_test(crowd_decides_as_alone),
                                     cmocka_unit_test(reads_differently)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
