/* test_lead.c: leads that know a great deal: more cells than a word has bits, lists that grow side by side. What each rule has brought is
 * reckoned here a second time, and the state as bytes and back is the same state. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/definition.h"
#include "consumer/engine/leads.h"
#include "consumer/engine/memory.h"
#include "consumer/engine/standing.h"
#include "consumer/engine/state.h"
#include "consumer/lane.h"
#include "producer/buffer.h"

#define BEGIN INT64_C(1767225600000) /* 2026-01-01 */

enum { RULES = 100, KEEP = 7, EVENTS = 1500, LEADS = 3 };

static void no_change(void *context, const struct change *change) {
  (void)context, (void)change;
  fail();
}

static void no_letter(void *context, const struct record *record, enum reject reject, const char *detail) {
  (void)context, (void)record, (void)reject;
  fail_msg("%s", detail);
}

static void keep_bytes(void *context, const void *bytes, size_t length) { buffer_append(context, bytes, length); }

static struct definition *parsed(struct buffer *text) {
  struct problems problems;
  struct definition *definition = definition_parse(text->at, text->length, &problems);
  if (!definition) fail_msg("%s: %s", problems.at[0].pointer, problems.at[0].message);
  problems_fini(&problems);
  buffer_fini(text);
  return definition;
}

/* A score whose points stay, of "S0", "S1" …, and one whose last seven events each count, of "K0", "K1" …; rule i is worth i + 1. */
static struct definition *definition_of_many(void) {
  struct buffer text = {0};
  buffer_append_text(&text,
                     "{\"handover\":1,\"name\":\"e\",\"version\":1,\"effective_from\":\"2026-01-01T00:00:00Z\","
                     "\"teams\":[\"m\"],\"events\":\"segment\",\"scores\":{");
  for (int s = 0; s < 2; s++) {
    buffer_printf(&text, "%s\"%c\":{\"from\":\"events\",\"rules\":[", s ? "," : "", "SK"[s]);
    for (int i = 0; i < RULES; i++)
      buffer_printf(&text, "%s{\"name\":\"r%d\",\"event\":\"%c%d\",\"points\":%d%s}", i ? "," : "", i, "SK"[s], i,
                    i + 1, s ? ",\"lasts\":\"90d\",\"keep\":7" : "");
    buffer_append_text(&text, "]}");
  }
  buffer_append_text(&text, "},\"stages\":[{\"name\":\"a\",\"owner\":\"m\"}]}");
  return parsed(&text);
}

static void send(struct lane *lane, int lead, int score, int rule, int64_t offset) {
  struct buffer line = {0};
  buffer_printf(&line, "{\"userId\":\"lead-%d\",\"event\":\"%c%d\",\"timestamp\":%lld}", lead, "SK"[score], rule,
                (long long)(BEGIN + offset));
  struct record record = {{line.at, (uint32_t)line.length}, {0}, TIME_NONE, {SLICE("events"), 0, offset}};
  lane_apply(lane, &record, 1);
  buffer_fini(&line);
}

/* In each of its rules a lead has what so many events bring. */
static void compare(struct task *task, int lead, int counts[2][RULES], int64_t now_ms) {
  char name[16];
  struct standing standing;
  int64_t sums[2] = {0};
  int32_t at = 0;
  assert_true(task_stand(task, (struct slice){name, (uint32_t)snprintf(name, sizeof name, "lead-%d", lead)}, now_ms,
                         &standing));
  for (int s = 0; s < 2; s++) {
    for (int i = 0; i < RULES; i++) {
      const int counted = s && counts[s][i] > KEEP ? KEEP : counts[s][i];
      if (!counted) continue;
      const struct contribution *c = &standing.contributions[at++];
      assert_int_equal(c->score, s);
      assert_int_equal(c->rule, i);
      assert_int_equal(c->points, NANOPOINT * counted * (i + 1));
      sums[s] += c->points;
    }
    assert_int_equal(standing.view.scores[s], sums[s]);
  }
  assert_int_equal(standing.contribution_count, at);
}

/* The state, loaded and saved again, is the same bytes, and the same state. */
static void compare_saved(struct task *task, const struct definition *d, int counts[LEADS][2][RULES], int64_t now_ms) {
  struct buffer before = {0}, after = {0};
  task_save(task, keep_bytes, &before);
  struct task *other = task_create(0, no_change, NULL);
  assert_true(task_know(other, d));
  assert_true(task_load(other, before.at, before.length));
  for (int lead = 0; lead < LEADS; lead++) compare(other, lead, counts[lead], now_ms);
  task_save(other, keep_bytes, &after);
  assert_int_equal(after.length, before.length);
  assert_memory_equal(after.at, before.at, before.length);
  task_destroy(other);
  buffer_fini(&before);
  buffer_fini(&after);
}

static void test_many_cells(void **state) {
  (void)state;
  static int counts[LEADS][2][RULES];
  struct definition *d = definition_of_many();
  const struct definition *const known[] = {d};
  const struct sink sink = {NULL, no_change, no_letter};
  struct lane *lane = lane_create(0, known, 1, &sink, 4096);
  assert_in_range(d->plan->slot_count, 101, 127); /* lists begin in the second word, and go on to the fourth */
  assert_in_range(d->plan->slot_count + d->plan->list_count, 193, 255);
  uint32_t random = 1;
  for (int i = 0; i < LEADS; i++) {
    send(lane, i, 0, RULES - 1, i);
    counts[i][0][RULES - 1]++;
  }
  for (int64_t i = LEADS; i < EVENTS; i++) {
    random = random * 1664525 + 1013904223;
    const int lead = (int)(random >> 28) % LEADS, score = random >> 27 & 1;
    const int rule = (int)(random >> 8 & 0xffff) % (i % 5 ? RULES : 9); /* some come often */
    send(lane, lead, score, rule, i);
    counts[lead][score][rule]++;
    if (i % 50 == 0) compare(lane_task(lane), lead, counts[lead], BEGIN + i);
  }
  compare_saved(lane_task(lane), d, counts, BEGIN + EVENTS);
  lane_destroy(lane);
  definition_destroy(d);
}

/* Texts are replaced by shorter and longer ones, each by any length; those beside it stay. */
static void test_texts_change(void **state) {
  (void)state;
  enum { TEXTS = 3, CHANGES = 6000, AGE = 12 };
  char texts[TEXTS][LIMIT_TEXT + 1] = {"", "", ""};
  struct buffer text = {0};
  buffer_append_text(&text,
                     "{\"handover\":1,\"name\":\"e\",\"version\":1,\"effective_from\":\"2026-01-01T00:00:00Z\","
                     "\"teams\":[\"m\"],\"events\":\"segment\",\"attributes\":{");
  for (int i = 0; i < TEXTS; i++)
    buffer_printf(&text, "%s\"t%d\":{\"at\":\"/traits/t%d\",\"share\":true}", i ? "," : "", i, i);
  buffer_append_text(&text, "},\"stages\":[{\"name\":\"a\",\"owner\":\"m\"}]}");
  struct definition *d = parsed(&text);
  const struct definition *const known[] = {d};
  const struct sink sink = {NULL, no_change, no_letter};
  struct lane *lane = lane_create(0, known, 1, &sink, 4096);
  uint32_t random = 1;
  for (int64_t i = 0; i < CHANGES; i++) {
    struct standing standing;
    struct buffer line = {0};
    random = random * 1664525 + 1013904223;
    if (i % AGE == 0) memset(texts, 0, sizeof texts); /* another lead: lists that are large grow no more */
    char *changed = texts[(random >> 30) % TEXTS];
    const size_t length = (random >> 12 & 255) >> (random >> 8 & 7); /* short ones more often */
    memset(changed, 'a' + (int)(random >> 20) % 26, length);
    changed[length] = 0;
    buffer_printf(&line, "{\"userId\":\"%lld\",\"event\":\"identify\",\"timestamp\":%lld,\"traits\":{\"t%d\":\"%s\"}}",
                  (long long)i / AGE, (long long)(BEGIN + i), (int)((random >> 30) % TEXTS), changed);
    lane_apply(lane, &(struct record){{line.at, (uint32_t)line.length}, {0}, TIME_NONE, {SLICE("events"), 0, i}}, 1);
    buffer_fini(&line);
    assert_true(task_stand(lane_task(lane), task_lead(lane_task(lane), (uint32_t)(i / AGE)), BEGIN + i, &standing));
    for (int j = 0; j < standing.attribute_count; j++)
      assert_true(slice_equal(standing.attributes[j].text, slice_of(texts[standing.attributes[j].attribute])));
  }
  lane_destroy(lane);
  definition_destroy(d);
}

static struct slice name_of(uint32_t number, char name[16]) {
  return (struct slice){name, (uint32_t)snprintf(name, 16, "lead-%" PRIu32, number)};
}

/* So many that index and blocks lie on large pages; two have one place in the index now and then. Each is found by its name, and comes near. */
static void test_many_leads(void **state) {
  (void)state;
  enum { MANY = 250000 };
  struct definition *d = definition_of_many();
  struct leads leads;
  char name[16];
  uint64_t bytes = 0;
  leads_init(&leads, d->plan);
  for (uint32_t i = 0, number; i < MANY; i++) {
    const struct slice id = name_of(i, name);
    assert_null(leads_find(&leads, id, &number));
    leads_add(&leads, id, &number);
    assert_int_equal(number, i);
    assert_true(leads_guess(&leads, leads_hash(id)) < leads.count);
    assert_true(leads_bytes(&leads) >= bytes);
    bytes = leads_bytes(&leads);
  }
  for (uint32_t i = 0, number; i < MANY; i++) {
    const struct slice id = name_of(i, name);
    const struct lead *lead = leads_find(&leads, id, &number);
    assert_non_null(lead);
    assert_int_equal(number, i);
    assert_true(slice_equal(lead_id(lead), id));
    assert_int_equal((uintptr_t)lead % LEAD_ALIGN, 0);
  }
  assert_true((leads.mask + 1) * sizeof *leads.index >= MEMORY_LARGE);
  assert_true(leads_guess(&leads, leads_hash(SLICE("nobody"))) >= leads.count);
  assert_in_range(leads_bytes(&leads), (uint64_t)MANY * LEAD_ALIGN, (uint64_t)MANY * 1024);
  leads_fini(&leads);
  definition_destroy(d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_many_cells),
      cmocka_unit_test(test_many_leads),
      cmocka_unit_test(test_texts_change),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
