/* test_save.c: a task's state as bytes: back from them it goes on as if nothing had been; what no task can come to is refused.
 * Seeds are fixed; SEEDS=n for more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consumer/engine/state.h"
#include "made_state.h"

static void assert_same(struct buffer a, struct buffer b) {
  assert_int_equal(a.length, b.length);
  if (a.length) assert_memory_equal(a.at, b.at, a.length);
}

static bool loads(const struct made *made, const void *bytes, size_t length) {
  struct task *task = task_create(3, made_change, NULL);
  for (int32_t i = 0; i < 2; i++) task_know(task, made->definitions[i]);
  bool good = task_load(task, bytes, length);
  task_destroy(task);
  return good;
}

static void reload(struct made *made) {
  struct buffer before = made_save(made), after;
  struct lane *old = made->lane;
  made_lane(made, 2);
  assert_true(task_load(lane_task(made->lane), before.at, before.length));
  lane_reload(made->lane);
  after = made_save(made);
  assert_same(before, after);
  assert_int_equal(task_lead_count(lane_task(made->lane)), task_lead_count(lane_task(old)));
  for (int32_t i = 0; i < task_definition(lane_task(old))->stage_count; i++)
    assert_int_equal(task_stage_count(lane_task(made->lane), i), task_stage_count(lane_task(old), i));
  assert_int_equal(task_deadline(lane_task(made->lane)), task_deadline(lane_task(old)));
  lane_destroy(old);
  buffer_fini(&before);
  buffer_fini(&after);
}

/* Saved and loaded between any two events, within each version and over the takeover: the same bytes are published. */
static void test_goes_on(void **state) {
  (void)state;
  uint64_t seeds = getenv("SEEDS") ? strtoull(getenv("SEEDS"), NULL, 10) : 25;
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    struct made straight, broken;
    made_init(&straight, seed);
    made_init(&broken, seed);
    for (int32_t i = 0; i < 150; i++) {
      made_event(&straight, 7, 40000000);
      made_event(&broken, 7, 40000000);
      if (i % 7 == (int32_t)(seed % 7)) reload(&broken);
    }
    lane_mark(straight.lane, straight.now_ms + INT64_C(40) * 86400000);
    lane_mark(broken.lane, broken.now_ms + INT64_C(40) * 86400000);
    reload(&broken);
    struct buffer a = made_save(&straight), b = made_save(&broken);
    assert_same(straight.published, broken.published);
    assert_same(a, b);
    assert_true(straight.published.length > 1000);
    assert_true(straight.now_ms > MADE_TAKEOVER);
    buffer_fini(&a);
    buffer_fini(&b);
    made_fini(&straight);
    made_fini(&broken);
  }
}

static void test_empty(void **state) {
  (void)state;
  struct made made;
  made_init(&made, 1);
  reload(&made);
  made_fini(&made);
}

static void test_cut(void **state) {
  (void)state;
  struct made made;
  made_init(&made, 5);
  made_events(&made, 60, 2, 40000000);
  struct buffer bytes = made_save(&made);
  for (size_t length = 0; length < bytes.length; length++) {
    char *copy = malloc(length + 1); /* of exactly this length, for the sanitizer */
    assert_non_null(copy);
    memcpy(copy, bytes.at, length);
    assert_false(loads(&made, copy, length));
    free(copy);
  }
  buffer_append_text(&bytes, "x");
  assert_false(loads(&made, bytes.at, bytes.length));
  assert_true(loads(&made, bytes.at, bytes.length - 1));
  buffer_fini(&bytes);
  made_fini(&made);
}

/* Without the checksum of the snapshot around it, an altered state may load; then nothing that is done with it goes wrong. */
static void test_altered(void **state) {
  (void)state;
  struct made made;
  uint64_t loaded = 0;
  made_init(&made, 6);
  made_events(&made, 90, 2, 40000000);
  struct buffer bytes = made_save(&made);
  for (size_t at = 0; at < bytes.length; at++) {
    const char before = bytes.at[at];
    bytes.at[at] = (char)(before ^ (at % 2 ? 1 : 128));
    if (loads(&made, bytes.at, bytes.length)) {
      struct made other = made;
      other.published = (struct buffer){0};
      made_lane(&other, 2);
      assert_true(task_load(lane_task(other.lane), bytes.at, bytes.length));
      lane_reload(other.lane);
      made_events(&other, 20, 3, 80000000);
      lane_mark(other.lane, other.now_ms + INT64_C(40) * 86400000);
      loaded++;
      lane_destroy(other.lane);
      buffer_fini(&other.published);
    }
    bytes.at[at] = before;
  }
  assert_true(loaded > 0);
  buffer_fini(&bytes);
  made_fini(&made);
}

/* --- what no task can come to --- */

typedef void spoil(struct task *task, const struct plan *plan, struct lead *lead);

static const struct rule_plan *rule_with(const struct plan *plan, size_t member) {
  for (int32_t i = 0; i < plan->rule_count; i++) {
    int32_t place;
    memcpy(&place, (const char *)&plan->rules[i] + member, sizeof place);
    if (place != NONE) return &plan->rules[i];
  }
  fail_msg("no rule has that");
  return NULL;
}
#define RULE_WITH(member) rule_with(plan, offsetof(struct rule_plan, member))

static void set_list(struct task *task, const struct plan *plan, struct lead *lead, int32_t list, uint16_t count,
                     int64_t first, int64_t step) {
  struct list *made = lead_reserve(task_pool(task), plan, lead, list, count);
  made->count = count;
  for (uint16_t i = 0; i < count; i++) list_times(lead, made)[i] = first + i * step;
}

#define SPOIL(name) static void name(struct task *task, const struct plan *plan, struct lead *lead)
#define UNUSED (void)task, (void)plan, (void)lead
#define SET(slot, value) (*lead_make(task_pool(task), plan, lead, slot) = (value))

static void set_stay(struct task *task, const struct plan *plan, struct lead *lead, uint32_t route, uint16_t met,
                     uint16_t breached) {
  lead_set_stay(task_pool(task), plan, lead, (struct stay){route, met, breached});
}

static int32_t attribute_of(const struct task *task, enum attribute_type type) {
  const struct definition *d = task_definition(task);
  for (int32_t i = 0; i < d->attribute_count; i++)
    if (d->attributes[i].type == type) return d->plan->attribute[i];
  fail_msg("no attribute is of that type");
  return NONE;
}

/* clang-format off */
SPOIL(nothing) { UNUSED; }
SPOIL(stage) { UNUSED; lead->stage = 4; }
SPOIL(route) { UNUSED; set_stay(task, plan, lead, task->route_count + 1, 0, 0); }
SPOIL(entered) { UNUSED; SET(plan->entered, -1); }
SPOIL(now) { UNUSED; lead->now_ms = TIME_END; }
SPOIL(created) { UNUSED; SET(plan->created, INT64_MIN); }
SPOIL(activity) { UNUSED; lead->last_activity_ms = INT64_MIN + 1; }
SPOIL(deadline) { UNUSED; lead->deadline_ms = -1; }
SPOIL(boolean) { UNUSED; SET(attribute_of(task, ATTRIBUTE_BOOLEAN), 2); }
SPOIL(entries) { UNUSED; SET(plan->entries, -1); }
SPOIL(entries_many) { UNUSED; SET(plan->entries, INT64_C(1) << 32); }
SPOIL(met) { UNUSED; set_stay(task, plan, lead, 0, 1u << 15, 0); }
SPOIL(breached) { UNUSED; lead->stage = 0; set_stay(task, plan, lead, 0, 0, 1); }
SPOIL(met_and_breached) { UNUSED; lead->stage = 2; set_stay(task, plan, lead, 0, 1, 1); }
SPOIL(oldest) { UNUSED; lead->oldest_id = 3; }
SPOIL(oldest_early) { UNUSED; set_list(task, plan, lead, plan->ids, 1, 0, 1); lead->oldest_id = 1; }
SPOIL(number) { UNUSED; SET(attribute_of(task, ATTRIBUTE_NUMBER), INT64_C(0x7ff0000000000000)); }
SPOIL(as_of) { UNUSED; SET(plan->scores[1].as_of, INT64_MIN); }
SPOIL(as_of_late) { UNUSED; SET(plan->scores[1].as_of, TIME_END / 60000 + 1); }
SPOIL(accumulator) { UNUSED; SET(RULE_WITH(accumulator)->accumulator, INT64_MIN); }
SPOIL(accumulator_much) { UNUSED; SET(RULE_WITH(accumulator)->accumulator, LIMIT_SCORE + 1); }
SPOIL(count) { UNUSED; SET(RULE_WITH(count)->count, -1); }
SPOIL(count_much) { UNUSED; SET(RULE_WITH(count)->count, LIMIT_TIMES + 1); }
SPOIL(quiet) { UNUSED; SET(RULE_WITH(quiet)->quiet, INT64_MAX); }
SPOIL(sla) { UNUSED; SET(plan->sla_deadline[0], INT64_MIN); }
SPOIL(kept_many) { UNUSED; set_list(task, plan, lead, RULE_WITH(kept)->kept, 4, 1000, 1); }
SPOIL(kept_back) { UNUSED; set_list(task, plan, lead, RULE_WITH(kept)->kept, 2, 1000, -1); }
SPOIL(kept_early) { UNUSED; set_list(task, plan, lead, RULE_WITH(kept)->kept, 1, INT64_MIN, 1); }
SPOIL(counted_many) { UNUSED; set_list(task, plan, lead, RULE_WITH(counted)->counted, 256, 1000, 1); }
SPOIL(counted_late) { UNUSED; set_list(task, plan, lead, RULE_WITH(counted)->counted, 1, TIME_END, 1); }
SPOIL(happened_many) { UNUSED; set_list(task, plan, lead, plan->happened[0], 4, 1000, 1); }
SPOIL(ids_many) { UNUSED; set_list(task, plan, lead, plan->ids, 4, 1000, 1); }
SPOIL(text_long) { UNUSED; set_list(task, plan, lead, 0, 256, 0, 0); }
SPOIL(stream) { UNUSED; task->stream_ms = INT64_MIN + 1; }
SPOIL(passed) { UNUSED; task->passed_ms = TIME_END; }
SPOIL(no_id) { UNUSED; lead->id_length = 0; lead->cells = 0; memset(lead->there, 0, plan->stride - sizeof *lead); }
SPOIL(one_id) { UNUSED; memcpy(lead_name(lead), lead_name(leads_at(&task->leads, 1)), lead->id_length); }
SPOIL(queue) { UNUSED; task->routes[1].queue.length = 0; }
SPOIL(one_route) { UNUSED; for (uint32_t i = 0; i < task->leads.count; i++) set_stay(task, plan, leads_at(&task->leads, i), 0, 0, 0); task->routes[1] = task->routes[2]; }
/* clang-format on */

static spoil *const spoils[] = {
    nothing,      stage,        route,         entered,      now,        created,     activity,
    deadline,     boolean,      entries,       entries_many, met,        breached,    met_and_breached,
    oldest,       oldest_early, number,        as_of,        as_of_late, accumulator, accumulator_much,
    count,        count_much,   quiet,         sla,          kept_many,  kept_back,   kept_early,
    counted_many, counted_late, happened_many, ids_many,     text_long,  stream,      passed,
    no_id,        one_id,       queue,         one_route};

/* One lead is spoiled, in the ways above; each state is saved, and refused (but for the one where nothing is wrong). */
static void test_refused(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof spoils / sizeof *spoils; i++) {
    struct made made;
    made_init(&made, 7);
    made_events(&made, 150, 6, 40000000);
    struct task *task = lane_task(made.lane);
    assert_int_equal(task_definition(task)->version, 2);
    assert_true(task->route_count >= 2);
    spoils[i](task, task_definition(task)->plan, leads_at(&task->leads, 0));
    struct buffer bytes = made_save(&made);
    if (loads(&made, bytes.at, bytes.length) != (spoils[i] == nothing)) fail_msg("spoil %zu", i);
    buffer_fini(&bytes);
    made_fini(&made);
  }
}

/* The version that was active is not known; a format that is not ours; a task that is not fresh. */
static void test_versions(void **state) {
  (void)state;
  struct made made;
  made_init(&made, 8);
  made_events(&made, 150, 6, 40000000);
  struct buffer bytes = made_save(&made);
  struct made other = made;
  made_lane(&other, 1);
  assert_false(task_load(lane_task(other.lane), bytes.at, bytes.length));
  lane_destroy(other.lane);
  bytes.at[0]++;
  assert_false(loads(&made, bytes.at, bytes.length)); /* another format */
  bytes.at[0]--;
  assert_false(task_load(lane_task(made.lane), bytes.at, bytes.length)); /* a task that has begun */
  buffer_fini(&bytes);
  made_fini(&made);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_goes_on), cmocka_unit_test(test_empty),   cmocka_unit_test(test_cut),
      cmocka_unit_test(test_altered), cmocka_unit_test(test_refused), cmocka_unit_test(test_versions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
