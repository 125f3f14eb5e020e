/* test_report.c: the figures of a report, lead by lead: events as bytes in, stays and counts out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "consumer/report.h"
#include "consumer/report_words.h"

#define MINUTE INT64_C(60000)
#define START INT64_C(1772409600000) /* 2026-03-02T00:00:00Z, a Monday */

enum { EVENT = 2048 };

/* "00:07" of that day. */
static const char *moment(int minutes) {
  static char texts[4][40];
  static int next;
  char *text = texts[next++ % 4];
  snprintf(text, sizeof texts[0], "2026-03-02T%02d:%02d:00.000Z", minutes / 60, minutes % 60);
  return text;
}

static void take(struct report_log *log, const char *text) {
  char why[REPORT_WHY] = "";
  if (!report_log_take(log, slice_of(text), why)) fail_msg("%s: %s", text, why);
}

#define DEFINITION "\"definition\":{\"name\":\"d\",\"version\":1,\"digest\":\"sha256:0\",\"agreed\":true}"

/* From minute `since` to minute `time` the lead was in `from`. `more`: further members of data, each with a comma behind. */
static void change(struct report_log *log, int n, const char *lead, const char *from, const char *to, int since,
                   int time, const char *more) {
  char text[EVENT];
  bool sales = strcmp(to, "sql") == 0 || strcmp(to, "won") == 0;
  snprintf(
      text, sizeof text,
      "{\"id\":\"t/0/%d/"
      "0\",\"type\":\"lead.stage.changed\",\"time\":\"%s\",\"data\":{\"lead\":\"%s\",\"from\":\"%s\",\"to\":\"%s\","
      "\"owner\":\"%s\",\"since\":\"%s\",%s" DEFINITION "}}",
      n, moment(time), lead, from, to, sales ? "sales" : "marketing", moment(since), more);
  take(log, text);
}

static void breach(struct report_log *log, int n, const char *lead, const char *stage, int since, int time) {
  char text[EVENT];
  snprintf(
      text, sizeof text,
      "{\"id\":\"t/0/%d/0\",\"type\":\"lead.sla.breached\",\"time\":\"%s\",\"data\":{\"lead\":\"%s\",\"stage\":\"%s\","
      "\"owner\":\"sales\",\"sla\":\"answer\",\"since\":\"%s\"," DEFINITION "}}",
      n, moment(time), lead, stage, moment(since));
  take(log, text);
}

static struct report *reckon(struct report_log *log, int64_t from_ms, int64_t to_ms) {
  const struct report_request request = {from_ms, to_ms, NULL};
  char why[REPORT_WHY];
  struct report *report = report_create(log, &request, why);
  assert_non_null(report);
  assert_true(report->conserved);
  return report;
}

static const struct report_row *row(const struct report *report, const char *name) {
  for (int rank = 0; rank < report->ladder.count; rank++) {
    if (slice_equal(report_stage_name(report, rank), slice_of(name))) return &report->all->rows[rank];
  }
  fail_msg("no stage %s", name);
  return NULL;
}

static void assert_row(const struct report_row *row, uint64_t at_start, uint64_t entered, uint64_t left,
                       uint64_t at_end) {
  assert_int_equal(row->at_start, at_start);
  assert_int_equal(row->entered, entered);
  assert_int_equal(row->left, left);
  assert_int_equal(row->at_end, at_end);
}

/* Three leads: one is won, one is rejected, one waits. */
static struct report_log *made_log(enum report_by by, const char *attribute) {
  struct report_log *log = report_log_create(by, slice_of(attribute), SLICE("amount"));
  const char *due =
      "\"due\":[{\"sla\":\"answer\",\"by\":\"2026-03-02T01:00:00Z\"}],\"route\":{\"queue\":\"q\",\"assignee\":\"ana\"},"
      "\"attributes\":{\"source\":\"fair\",\"size\":7},";
  change(log, 1, "a", "new", "mql", 0, 10, "\"next\":{\"stage\":\"sql\"},");
  change(log, 2, "a", "mql", "sql", 10, 20, due);
  change(log, 3, "a", "sql", "won", 20, 50, "");
  change(log, 4, "b", "new", "sql", 0, 30, due);
  change(log, 5, "b", "sql", "new", 30, 100,
         "\"cause\":{\"kind\":\"event\",\"move\":\"no\"},\"reason\":\"too small\",");
  change(log, 6, "c", "new", "sql", 5, 40, due);
  breach(log, 7, "b", "sql", 30, 60);
  return log;
}

static void test_the_whole(void **state) {
  (void)state;
  struct report_log *log = made_log(REPORT_BY_NOTHING, "");
  struct report *report = reckon(log, TIME_NONE, TIME_NONE);
  assert_int_equal(report->from_ms, START);
  assert_int_equal(report->to_ms, START + 100 * MINUTE + 1);
  assert_int_equal(report->leads, 3);
  assert_row(row(report, "new"), 0, 4, 3, 1);
  assert_row(row(report, "mql"), 0, 1, 1, 0);
  assert_row(row(report, "sql"), 0, 3, 2, 1);
  assert_row(row(report, "won"), 0, 1, 0, 1);
  assert_int_equal(row(report, "sql")->converted, 1);
  assert_int_equal(row(report, "sql")->stay.median_ms, 30 * MINUTE);
  assert_int_equal(row(report, "sql")->stay.p90_ms, 70 * MINUTE);
  assert_int_equal(row(report, "sql")->oldest_ms, 60 * MINUTE + 1);
  const struct report_answers *answers = &report->all->answers;
  assert_int_equal(answers->handed, 3);
  assert_int_equal(answers->accepted, 1);
  assert_int_equal(answers->rejected, 1);
  assert_int_equal(answers->waiting, 1);
  assert_int_equal(report->all->promises.started, 3);
  assert_int_equal(report->all->promises.breached, 1);
  assert_int_equal(report->all->promises.kept, 2);
  assert_int_equal(report->members.count, 1);
  assert_int_equal(report->members.at[0]->promises.breached, 1);
  assert_int_equal(report->backs.count, 1);
  assert_true(slice_equal(report_text(log, report->backs.at[0]->key[3]), SLICE("too small")));
  assert_int_equal(report->bar_count, 1);
  assert_int_equal(report->bars_from_ms, START);
  report_destroy(report);
  report_log_destroy(log);
}

static void test_a_part_of_it(void **state) {
  (void)state;
  struct report_log *log = made_log(REPORT_BY_ATTRIBUTE, "size");
  struct report *report = reckon(log, START + 20 * MINUTE, START + 50 * MINUTE);
  assert_row(row(report, "new"), 2, 0, 2, 0);
  assert_row(row(report, "mql"), 1, 0, 1, 0); /* a left at the very start */
  assert_row(row(report, "sql"), 0, 3, 0, 3); /* a leaves at the very end, which is outside */
  assert_row(row(report, "won"), 0, 0, 0, 0);
  assert_int_equal(row(report, "sql")->converted, 0);
  assert_int_equal(report->all->answers.waiting, 3);
  assert_int_equal(report->all->promises.running, 3);
  assert_int_equal(report->groups.count, 2); /* 7, and nothing */
  report_destroy(report);
  report_log_destroy(log);
}

static void test_the_order_is_inferred(void **state) {
  (void)state;
  struct report_log *log = made_log(REPORT_BY_NOTHING, "");
  struct report *report = reckon(log, TIME_NONE, TIME_NONE);
  static const char *const rungs[] = {"new", "mql", "sql", "won"};
  assert_int_equal(report->ladder.rungs, 4);
  for (int rank = 0; rank < 4; rank++) assert_true(slice_equal(report_stage_name(report, rank), slice_of(rungs[rank])));
  assert_true(report->ladder.inferred);
  report_destroy(report);
  report_log_destroy(log);
}

/* Changes of one moment go one behind the other, however they came and whatever their ids are. */
static void test_one_moment(void **state) {
  (void)state;
  struct report_log *log = report_log_create(REPORT_BY_NOTHING, SLICE(""), SLICE(""));
  change(log, 1, "a", "sql", "won", 10, 10, "");
  change(log, 2, "a", "mql", "sql", 10, 10, "");
  change(log, 3, "a", "new", "mql", 0, 10, "");
  change(log, 3, "a", "new", "mql", 0, 10, ""); /* again */
  struct report *report = reckon(log, TIME_NONE, TIME_NONE);
  assert_int_equal(log->duplicates, 1);
  assert_int_equal(report->gaps, 0);
  assert_row(row(report, "mql"), 0, 1, 1, 0);
  assert_row(row(report, "won"), 0, 1, 0, 1);
  assert_int_equal(row(report, "sql")->stay.median_ms, 0);
  report_destroy(report);
  report_log_destroy(log);
}

static void test_what_is_missing(void **state) {
  (void)state;
  struct report_log *log = report_log_create(REPORT_BY_NOTHING, SLICE(""), SLICE(""));
  change(log, 1, "a", "new", "mql", 0, 10, "");
  change(log, 2, "a", "sql", "won", 30, 40, ""); /* mql to sql is not there */
  change(log, 3, "b", "new", "mql", 0, 20, "");
  change(log, 4, "b", "marketed", "sql", 20, 30, ""); /* mql had another name by then */
  breach(log, 5, "c", "new", 5, 50);
  struct report *report = reckon(log, TIME_NONE, TIME_NONE);
  assert_int_equal(report->gaps, 1);
  assert_int_equal(report->renamed, 1);
  assert_row(row(report, "mql"), 0, 1, 1, 0);
  assert_row(row(report, "marketed"), 0, 1, 1, 0);
  assert_int_equal(row(report, "mql")->stay.median_ms, 20 * MINUTE);
  assert_row(row(report, "new"), 0, 3, 2, 1);
  assert_int_equal(report->all->promises.breached, 1);
  report_destroy(report);
  report_log_destroy(log);
}

static void assert_words(struct buffer *words, const char *expected) {
  buffer_append(words, "", 1);
  assert_string_equal(words->at, expected);
  buffer_fini(words);
}

static void test_words(void **state) {
  (void)state;
  static const struct {
    int64_t ms;
    const char *words;
  } durations[] = {
      {0, "0s"},       {999, "0s"},           {59999, "59s"},   {60000, "1m"},       {3599999, "59m 59s"},
      {3600000, "1h"}, {86399999, "23h 59m"}, {86400000, "1d"}, {90000000, "1d 1h"}, {86400000000, "1000d"}};
  struct buffer words = {0};
  for (size_t i = 0; i < sizeof durations / sizeof *durations; i++) {
    report_duration(&words, durations[i].ms);
    assert_words(&words, durations[i].words);
  }
  report_per_cent(&words, 1, 3);
  assert_words(&words, "33.3%");
  report_per_cent(&words, 2, 3);
  assert_words(&words, "66.7%");
  report_per_cent(&words, 0, 0);
  assert_words(&words, "\u2013");
  report_time(&words, START + 65 * MINUTE, false);
  assert_words(&words, "2026-03-02 01:05");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_the_whole),
      cmocka_unit_test(test_a_part_of_it),
      cmocka_unit_test(test_the_order_is_inferred),
      cmocka_unit_test(test_one_moment),
      cmocka_unit_test(test_what_is_missing),
      cmocka_unit_test(test_words),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
