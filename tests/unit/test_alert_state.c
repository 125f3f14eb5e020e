/* test_alert_state.c: the state file: the order of a lead, positions, what is given up, two processes, files that are none of ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include <sqlite3.h>

#include "folder.h"
#include "producer/alert_plan.h"
#include "producer/alert_sample.h"
#include "producer/alert_state.h"

static char folder[] = "/tmp/handover-alert-XXXXXX", path[64];
static struct alert_state *state;

static int set_up(void **context) {
  (void)context;
  char why[600];
  if (folder_fresh(folder) != 0) return -1;
  snprintf(path, sizeof path, "%s/alert.sqlite", folder);
  state = alert_state_open(path, why, sizeof why);
  return state ? 0 : -1;
}

static int tear_down(void **context) {
  (void)context;
  alert_state_close(state);
  state = NULL;
  return folder_gone(folder);
}

static void reopen(void) {
  char why[600];
  alert_state_close(state);
  state = alert_state_open(path, why, sizeof why);
  if (!state) fail_msg("%s", why);
}

static void put(const char *receiver, const char *id, const char *lead, int64_t offset) {
  const struct alert_delivery delivery = {.receiver = receiver,
                                          .id = id,
                                          .lead = slice_of(lead),
                                          .topic = "t",
                                          .partition = 1,
                                          .offset = offset,
                                          .holds = true,
                                          .event = slice_of("{}")};
  alert_state_put(state, &delivery, 100);
}

/* The ids that are due, with spaces between them. */
static const char *due(const char *receiver, int64_t now_ms) {
  static char text[200];
  int64_t seqs[10], next_ms;
  int32_t count = alert_state_due(state, receiver, now_ms, seqs, 10, &next_ms);
  size_t length = 0;
  *text = 0;
  for (int32_t i = 0; i < count; i++) {
    struct alert_delivery *delivery = alert_state_load(state, seqs[i]);
    assert_non_null(delivery);
    length += (size_t)snprintf(text + length, sizeof text - length, "%s%s", i ? " " : "", delivery->id);
    alert_delivery_free(delivery);
  }
  return text;
}

static struct alert_delivery *first(const char *receiver, int64_t now_ms) {
  int64_t seq, next_ms;
  assert_int_equal(alert_state_due(state, receiver, now_ms, &seq, 1, &next_ms), 1);
  return alert_state_load(state, seq);
}

static void test_order_of_a_lead(void **context) {
  (void)context;
  put("r", "a1", "a", 1);
  put("r", "a2", "a", 2);
  put("r", "b1", "b", 3);
  put("r", "a3", "a", 4);
  put("s", "a1s", "a", 1);
  assert_string_equal(due("r", 100), "a1 b1");
  assert_string_equal(due("s", 100), "a1s"); /* receivers are independent of each other */
  struct alert_delivery *a1 = first("r", 100);
  alert_state_again(state, a1, 100, 5000);
  assert_string_equal(due("r", 100), "b1"); /* the lead waits for its first */
  assert_string_equal(due("r", 5000), "b1 a1");
  alert_delivery_free(a1);
  reopen();
  assert_string_equal(due("r", 5000), "b1 a1");
  put("r", "a4", "a", 5);
  put("r", "a4", "a", 5); /* read once more */
  assert_int_equal(alert_state_waiting(state, "r"), 5);
  int64_t seqs[10], next_ms;
  alert_state_due(state, "r", 100, seqs, 10, &next_ms);
  assert_int_equal(next_ms, 5000);
  a1 = alert_state_load(state, 1);
  assert_int_equal(a1->attempts, 1);
  assert_int_equal(a1->first_ms, 100);
  alert_state_done(state, a1, 6000);
  alert_delivery_free(a1);
  assert_string_equal(due("r", 6000), "b1 a2");
}

static void test_given_up(void **context) {
  (void)context;
  put("r", "a1", "a", 1);
  put("r", "a2", "a", 2);
  struct alert_delivery *a1 = first("r", 100);
  alert_state_give_up(state, a1, "exhausted", "status 503", 200);
  alert_delivery_free(a1);
  assert_string_equal(due("r", 200), "a2");             /* the next has its turn */
  assert_int_equal(alert_state_held(state, "t", 1), 1); /* until it is told of */
  int64_t seqs[4];
  reopen();
  assert_int_equal(alert_state_given_up(state, 0, seqs, 4), 1);
  assert_int_equal(alert_state_given_up(state, seqs[0], seqs + 1, 3), 0);
  a1 = alert_state_load(state, seqs[0]);
  assert_string_equal(a1->reason, "exhausted");
  assert_string_equal(a1->detail, "status 503");
  assert_int_equal(a1->attempts, 1);
  alert_delivery_free(a1);
  alert_state_told(state, seqs[0]);
  assert_int_equal(alert_state_held(state, "t", 1), 2);
  alert_state_give_up_all(state, "r", "disabled");
  assert_string_equal(due("r", 1000), "");
  assert_int_equal(alert_state_count(state), 1);
  assert_int_equal(alert_state_first_due(state), INT64_MAX);
}

static void test_positions(void **context) {
  (void)context;
  assert_int_equal(alert_state_position(state, "t", 1), -1);
  assert_int_equal(alert_state_held(state, "t", 1), -1);
  alert_state_begin(state);
  put("r", "a1", "a", 7);
  alert_state_move(state, "t", 1, 8);
  alert_state_end(state);
  alert_state_begin(state);
  put("r", "a2", "a", 9);
  alert_state_move(state, "t", 1, 10);
  reopen(); /* as after a crash: all of it or nothing */
  assert_int_equal(alert_state_position(state, "t", 1), 8);
  assert_int_equal(alert_state_position(state, "t", 0), -1);
  assert_int_equal(alert_state_waiting(state, "r"), 1);
  assert_int_equal(alert_state_held(state, "t", 1), 7);
}

static void test_disabled_and_redelivered(void **context) {
  (void)context;
  assert_false(alert_state_disabled(state, "r"));
  alert_state_disable(state, "r", true, 5);
  reopen();
  assert_true(alert_state_disabled(state, "r"));
  alert_state_disable(state, "r", false, 6);
  assert_false(alert_state_disabled(state, "r"));
  alert_state_redeliver(state, "u", 0, 5);
  alert_state_redeliver(state, "u", 0, 9);
  reopen();
  assert_true(alert_state_redelivered(state, "u", 0, 5));
  assert_false(alert_state_redelivered(state, "u", 1, 5));
  alert_state_redelivered_forget(state, "u", 0, 9);
  assert_false(alert_state_redelivered(state, "u", 0, 5));
  assert_true(alert_state_redelivered(state, "u", 0, 9));
}

/* One delivers from a file; others may look and queue. */
static void test_two_processes(void **context) {
  (void)context;
  char why[600];
  struct stat status;
  struct alert_state *other = alert_state_open(path, why, sizeof why);
  assert_non_null(other);
  assert_true(alert_state_lock(state));
  assert_false(alert_state_lock(other));
  put("r", "a1", "a", 1);
  assert_int_equal(alert_state_waiting(other, "r"), 1);
  alert_state_close(other);
  assert_int_equal(stat(path, &status), 0);
  assert_int_equal(status.st_mode & 0777, 0600);
}

static void refused(const char *file, const char *words) {
  char why[600] = "";
  struct alert_state *none = alert_state_open(file, why, sizeof why);
  assert_null(none);
  if (!strstr(why, words)) fail_msg("%s", why);
}

static void execute(const char *file, const char *sql) {
  sqlite3 *base;
  assert_int_equal(sqlite3_open(file, &base), SQLITE_OK);
  assert_int_equal(sqlite3_exec(base, sql, NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close(base);
}

static void test_foreign_files(void **context) {
  (void)context;
  char other[80], noise[80];
  snprintf(other, sizeof other, "%s/other.sqlite", folder);
  snprintf(noise, sizeof noise, "%s/noise", folder);
  execute(other, "CREATE TABLE x(y)");
  refused(other, "not of handover alert");
  FILE *file = fopen(noise, "w");
  assert_non_null(file);
  for (int i = 0; i < 5000; i++) fputc('x', file);
  fclose(file);
  refused(noise, "not a database");
  refused("/tmp/handover-no-such-folder/alert.sqlite", "No such file");
  alert_state_close(state);
  state = NULL;
  execute(path, "PRAGMA user_version = 2");
  refused(path, "does not know");
}

/* What cannot be written is said, and nothing is done afterwards. */
static void test_trouble(void **context) {
  (void)context;
  assert_null(alert_state_trouble(state));
  execute(path, "DROP TABLE delivery");
  put("r", "a1", "a", 1);
  assert_non_null(alert_state_trouble(state));
  assert_non_null(strstr(alert_state_trouble(state), "alert.sqlite"));
  assert_int_equal(alert_state_waiting(state, "r"), 0);
  assert_null(alert_state_load(state, 1));
}

/* --- what follows from an event --- */

static bool plan(const struct receivers *receivers, const char *event, int64_t offset) {
  const struct alert_record record = {
      "t", 1, offset, slice_of("test-lead"), {event, event ? (uint32_t)strlen(event) : 0}};
  return alert_plan(state, receivers, &record, 100);
}

static void test_plan(void **context) {
  (void)context;
  char hook[] = "hook", pager[] = "pager", pointer[] = "/data/to", sql[] = "sql", *values[] = {sql};
  struct receiver_test test = {pointer, values, 1};
  const struct receivers receivers = {
      {{.name = hook, .kind = RECEIVER_WEBHOOK, .filter = {&test, 1}}, {.name = pager, .kind = RECEIVER_PAGERDUTY}}, 2};
  static const char left[] =
      "{\"id\":\"t/"
      "2\",\"type\":\"lead.stage.changed\",\"data\":{\"lead\":\"test-lead\",\"from\":\"sql\",\"to\":\"customer\","
      "\"since\":\"2026-03-01T09:30:00.000Z\",\"definition\":{\"name\":\"test\"}}}";
  assert_false(plan(&receivers, NULL, 1));
  assert_false(plan(&receivers, "", 1));
  assert_false(plan(&receivers, "[]", 1));
  assert_false(plan(&receivers, "{\"id\":\"x\"}", 1));
  assert_true(plan(&receivers, left, 2)); /* nothing was late: nothing to be resolved */
  assert_int_equal(alert_state_count(state), 0);
  assert_true(plan(&receivers, alert_sample_change, 3));
  assert_string_equal(due("hook", 100), "test/0/0/0/hook");
  assert_string_equal(due("pager", 100), "");
  assert_true(plan(&receivers, alert_sample_breach, 4));
  assert_true(plan(&receivers, left, 5));
  assert_true(plan(&receivers, left, 6)); /* once is enough */
  assert_int_equal(alert_state_waiting(state, "pager"), 2);
  struct alert_delivery *trigger = first("pager", 100);
  assert_int_equal(trigger->action, ALERT_TELL);
  alert_state_done(state, trigger, 200);
  alert_delivery_free(trigger);
  struct alert_delivery *resolve = first("pager", 200);
  assert_int_equal(resolve->action, ALERT_RESOLVE);
  assert_string_equal(resolve->id, "t/2/pager");
  assert_int_equal(resolve->offset, 5);
  alert_delivery_free(resolve);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_order_of_a_lead, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_given_up, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_positions, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_disabled_and_redelivered, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_two_processes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_foreign_files, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_trouble, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_plan, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
