/* test_look.c: questions about one lead: how it stands, what time alone would do with it; and about nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "consumer/engine/standing.h"
#include "engine_site.h"

static void test_nobody_there(void **state) {
  (void)state;
  struct task *task = task_create(0, take_change, NULL);
  struct lead_sight sight;
  struct standing standing;
  memset(&standing, -1, sizeof standing); /* what was there before does not count */
  assert_false(task_look(task, SLICE("x"), BEGIN, &sight));
  task_foresee(task, SLICE("x"), BEGIN);
  assert_int_equal(task_lead_count(task), 0);
  task_destroy(task);
  task_destroy(NULL);
  struct definition *d = first(LADDER "{\"event\":\"Go\"}}]");
  struct site site;
  begin(&site, &d, 1);
  send(&site, "x", "Come", BEGIN, "");
  assert_true(task_stand(lane_task(site.lane), SLICE("x"), BEGIN, &standing));
  assert_int_equal(standing.due_count, 0);
  assert_false(task_stand(lane_task(site.lane), SLICE("y"), BEGIN, &standing));
  task_foresee(lane_task(site.lane), SLICE("y"), BEGIN + 100 * DAY);
  assert_int_equal(site.changes, 0);
  end(&site, &d, 1);
}

/* --- what time alone would do --- */

static struct change foreseen[8];
static int foreseen_count;

static void note_change(void *context, const struct change *change) {
  (void)context;
  assert_true(foreseen_count < 8);
  foreseen[foreseen_count++] = *change;
}

#define BREACHED(name, within) "{\"name\":\"" name "\",\"stage\":\"a\",\"within\":\"" within "\",\"met_by\":\"Met\"}"

/* A lead that was heard of at BEGIN, foreseen up to then. */
static void foresee(const struct definition *const *definitions, int32_t count, int64_t until_ms) {
  const struct event event = {.lead = SLICE("x"), .time_ms = BEGIN, .name_index = -1};
  struct task *task = task_create(7, note_change, NULL);
  for (int32_t i = 0; i < count; i++) assert_true(task_know(task, definitions[i]));
  task_advance(task, (struct position){SLICE("events"), 7, 1}, BEGIN, BEGIN);
  task_apply(task, &event, task_hash(event.lead));
  foreseen_count = 0;
  task_foresee(task, event.lead, until_ms);
  for (int i = 0; i < foreseen_count; i++) {
    assert_true(foreseen[i].clock_mark);
    assert_int_equal(foreseen[i].n, 0);
    assert_int_equal(foreseen[i].position.partition, 7);
    assert_int_equal(foreseen[i].position.offset, foreseen[i].time_ms);
    assert_int_equal(foreseen[i].record_timestamp_ms, foreseen[i].time_ms);
  }
  task_destroy(task);
}

/* SLAs are over one after the other, and then the stage changes, with which it ends; or the time does, or the version. */
static void test_foreseen(void **state) {
  (void)state;
  struct definition *two[] = {
      first("\"slas\":[" BREACHED("p", "2h") "," BREACHED(
          "q", "4h") "]," LADDER
                     "{\"quiet_for\":\"2d\"}},{\"name\":\"c\",\"owner\":\"m\",\"enter\":{\"quiet_for\":\"4d\"}}]"),
      parsed("2", "2026-01-02", LADDER "{\"event\":\"Go\"}}]")};
  const struct definition *const known[] = {two[0], two[1]};
  foresee(known, 1, BEGIN + 9 * DAY);
  assert_int_equal(foreseen_count, 3);
  assert_int_equal(foreseen[0].time_ms, BEGIN + DAY / 12);
  assert_int_equal(foreseen[0].sla, 0);
  assert_int_equal(foreseen[1].time_ms, BEGIN + DAY / 6);
  assert_int_equal(foreseen[1].sla, 1);
  assert_int_equal(foreseen[2].time_ms, BEGIN + 2 * DAY);
  assert_int_equal(foreseen[2].type, CHANGE_STAGE);
  assert_int_equal(foreseen[2].to, 1);
  foresee(known, 1, BEGIN + 2 * DAY - 1);
  assert_int_equal(foreseen_count, 2);
  foresee(known, 1, BEGIN + DAY / 12);
  assert_int_equal(foreseen_count, 1);
  foresee(known, 1, BEGIN + DAY / 12 - 1);
  assert_int_equal(foreseen_count, 0);
  foresee(known, 2, BEGIN + 9 * DAY);
  assert_int_equal(foreseen_count, 2);
  for (int i = 0; i < 2; i++) definition_destroy(two[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_nobody_there),
      cmocka_unit_test(test_foreseen),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
