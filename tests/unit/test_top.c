/* test_top.c: rates over rounds and restarts, deadlines from published events, and pictures: at 80 and 40 columns to the letter, at every other
 * size within it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consumer/engine/memory.h"
#include "consumer/terminal.h"
#include "consumer/top_frame.h"

#define SECOND INT64_C(1000000000)
#define NOW_MS INT64_C(1793613000000) /* 2026-11-02T09:50:00Z */

static const char first[] =
    "# HELP x\nhandover_tasks 2\nhandover_tasks_restoring 0\nhandover_state_leads 1500\nhandover_state_bytes 3.4e6\n"
    "process_resident_memory_bytes 1.21e+09\nhandover_events_consumed_total 1000\n"
    "handover_transitions_total{from=\"a\",to=\"b\",kind=\"event\"} 10\nhandover_sla_breaches_total 1\n"
    "handover_events_rejected_total{reason=\"no_lead\"} 3\nhandover_events_rejected_total{reason=\"no_time\"} 0\n"
    "handover_transactions_total{result=\"committed\"} 50\nhandover_transactions_total{result=\"aborted\"} 2\n"
    "handover_leads{stage=\"suspect\"} 1400\nhandover_leads{stage=\"sql\"} 100\n"
    "handover_input_lag_records{topic=\"engagement\",partition=\"0\"} 5\n"
    "handover_input_lag_records{topic=\"engagement\",partition=\"1\"} 123456\n"
    "handover_last_event_timestamp_seconds{topic=\"engagement\",partition=\"1\"} 1793612940\n";
static const char second[] =
    "handover_tasks 1\nhandover_tasks_restoring 1\nhandover_events_consumed_total 7\n"
    "handover_events_rejected_total{reason=\"not_json\"} 40\nhandover_leads{stage=\"sql\"} 1\n"
    "handover_state_restore_remaining_records{topic=\"engagement\",partition=\"2\"} 90000\n";

static void take(struct top_daemons *daemons, int32_t index, const char *text, int64_t now_ns) {
  int32_t line;
  const char *why;
  daemons->asked++;
  assert_true(top_daemons_take(daemons, index, slice_of(text), now_ns, &line, &why));
}

static struct top_daemons *two_rounds(void) {
  struct top_daemons *daemons = memory_zeroed(1, sizeof *daemons);
  top_daemons_begin(daemons);
  take(daemons, 0, first, SECOND);
  take(daemons, 1, second, SECOND);
  top_daemons_end(daemons);
  assert_false(daemons->has_rates);
  top_daemons_begin(daemons);
  take(daemons, 0, first, 3 * SECOND);
  take(daemons, 1, second, 3 * SECOND);
  top_daemons_end(daemons);
  return daemons;
}

static bool near(double a, double b) { return a - b < 1e-9 && b - a < 1e-9; }

static void test_rates(void **state) {
  (void)state;
  struct top_daemons *daemons = two_rounds();
  assert_true(daemons->has_rates && near(daemons->rates.consumed, 0));
  top_daemons_begin(daemons);
  take(daemons, 0, "handover_events_consumed_total 1500\nhandover_transactions_total{result=\"committed\"} 60\n",
       5 * SECOND);
  take(daemons, 1, "handover_events_consumed_total 4\n", 4 * SECOND); /* begun anew */
  top_daemons_end(daemons);
  assert_true(near(daemons->rates.consumed, 250 + 4));
  assert_true(near(daemons->rates.committed, 5));
  assert_int_equal(daemons->partition_count, 0);
  memory_free(daemons);
}

static void test_sums(void **state) {
  (void)state;
  struct top_daemons *daemons = two_rounds();
  assert_true(near(daemons->all.undone, 2) && near(daemons->all.rejected, 43) && near(daemons->all.published, 11));
  assert_true(near(daemons->tasks, 3) && near(daemons->lag, 123461) && near(daemons->restore_left, 90000));
  assert_int_equal(daemons->reason_count, 2);
  assert_string_equal(daemons->reasons[0].name, "not_json");
  assert_int_equal(daemons->partition_count, 3);
  assert_int_equal(daemons->partitions[0].number, 1);
  assert_int_equal(daemons->partitions[1].number, 2);
  assert_string_equal(daemons->stages[1].name, "sql");
  assert_true(near(daemons->stages[1].value, 101));
  memory_free(daemons);
}

/* More of everything than there is room for, and numbers that are none. */
static void test_bounds(void **state) {
  (void)state;
  struct top_daemons *daemons = memory_zeroed(1, sizeof *daemons);
  struct buffer text = {0};
  for (int i = 0; i < TOP_PARTITIONS + 5; i++) {
    buffer_printf(&text, "handover_input_lag_records{topic=\"t\",partition=\"%d\"} 1\n", i);
    if (i < 2 * TOP_STAGES) buffer_printf(&text, "handover_leads{stage=\"s%d\"} NaN\n", i);
  }
  buffer_append_text(&text, "handover_input_lag_records{topic=\"t\",partition=\"-1\"} +Inf\n");
  buffer_append_text(&text, "handover_input_lag_records{topic=\"t\",partition=\"99999999999\"} 1\n");
  buffer_append_text(&text, "handover_input_lag_records 1\nhandover_leads 5\n");
  buffer_append(&text, "", 1);
  top_daemons_begin(daemons);
  take(daemons, 0, text.at, SECOND);
  top_daemons_end(daemons);
  assert_int_equal(daemons->partition_count, TOP_PARTITIONS);
  assert_int_equal(daemons->stage_count, TOP_STAGES);
  assert_true(daemons->cut && near(daemons->lag, TOP_PARTITIONS));
  int32_t line;
  const char *why;
  assert_false(top_daemons_take(daemons, 0, SLICE("handover_tasks x\n"), SECOND, &line, &why));
  assert_int_equal(daemons->up, 1);
  buffer_fini(&text);
  memory_free(daemons);
}

/* --- deadlines --- */

static void event(struct top_log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void event(struct top_log *log, const char *format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  assert_true(top_log_take(log, slice_of(text)));
}

static void change(struct top_log *log, const char *lead, const char *to, const char *minute, const char *due) {
  event(log,
        "{\"type\":\"lead.stage.changed\",\"time\":\"2026-11-02T09:%s:00.000Z\",\"data\":{\"lead\":\"%s\",\"from\":"
        "\"mql\","
        "\"to\":\"%s\",\"owner\":\"sales\",\"cause\":{\"kind\":\"event\",\"name\":\"Demo Requested\"},\"due\":[%s]}}",
        minute, lead, to, due);
}

static void breach(struct top_log *log, const char *lead, const char *sla) {
  event(log,
        "{\"type\":\"lead.sla.breached\",\"time\":\"2026-11-02T09:45:00.000Z\",\"data\":{\"lead\":\"%s\",\"stage\":"
        "\"sql\","
        "\"owner\":\"sales\",\"sla\":\"%s\",\"since\":\"2026-11-02T09:30:00.000Z\"}}",
        lead, sla);
}

#define ANSWER(time) "{\"sla\":\"answers\",\"by\":\"2026-11-02T" time ":00.000Z\"}"
#define CALL(time) "{\"sla\":\"calls\",\"by\":\"2026-11-02T" time ":00.000Z\"}"

static struct top_log *some_log(void) {
  struct top_log *log = top_log_create();
  change(log, "u-1", "sql", "30", ANSWER("10:30") "," CALL("11:00"));
  change(log, "u-2", "sql", "20", ANSWER("09:45"));
  change(log, "u-3", "sql", "10", ANSWER("10:10"));
  change(log, "u-4", "sql", "05", ANSWER("09:40")); /* met, or the breach is still to come */
  breach(log, "u-2", "answers");
  breach(log, "u-9", "answers"); /* of a lead whose change lies further back */
  change(log, "u-3", "customer", "40", "");
  return log;
}

static void test_deadlines(void **state) {
  (void)state;
  struct top_log *log = some_log();
  struct top_sla slas[TOP_SLAS];
  assert_int_equal(top_log_slas(log, NOW_MS, slas), 2);
  assert_string_equal(slas[0].name, "answers");
  assert_string_equal(slas[0].owner, "sales");
  assert_int_equal(slas[0].ahead, 1);
  assert_int_equal(slas[0].missed, 1);
  assert_int_equal(slas[0].next_ms, NOW_MS + 2400000);
  assert_int_equal(slas[1].ahead, 1);
  change(log, "u-2", "customer", "46", "");
  change(log, "u-1", "customer", "46", "7,{},{\"sla\":\"x\",\"by\":\"soon\"}");
  assert_int_equal(top_log_slas(log, NOW_MS, slas), 0);
  top_log_destroy(log);
}

static void test_last(void **state) {
  (void)state;
  struct top_log *log = some_log();
  cJSON *last = cJSON_GetObjectItem(top_log_last(log, 0), "time");
  assert_string_equal(last->valuestring, "2026-11-02T09:45:00.000Z");
  assert_non_null(top_log_last(log, 6));
  assert_null(top_log_last(log, 7));
  for (int i = 0; i < 3 * TOP_LAST; i++) {
    char lead[16], minute[4];
    snprintf(lead, sizeof lead, "v-%d", i);
    snprintf(minute, sizeof minute, "%02d", i * 7 % 60);
    change(log, lead, "sql", minute, ANSWER("12:00"));
  }
  const char *before = "9999";
  for (int i = 0; i < TOP_LAST; i++) {
    const char *time = cJSON_GetObjectItem(top_log_last(log, i), "time")->valuestring;
    assert_true(strcmp(time, before) <= 0);
    before = time;
  }
  assert_null(top_log_last(log, TOP_LAST));
  assert_int_equal(top_log_changes(log), 7 + 3 * TOP_LAST);
  top_log_destroy(log);
}

static void test_no_events(void **state) {
  (void)state;
  struct top_log *log = top_log_create();
  static const char *const texts[] = {"", "{", "null", "{\"type\":\"lead.stage.changed\"}",
                                      "{\"type\":\"lead.stage.changed\",\"time\":\"x\",\"data\":{}}"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) assert_false(top_log_take(log, slice_of(texts[i])));
  assert_false(top_log_take(log, (struct slice){NULL, 0}));
  event(log, "{\"type\":\"lead.stage.changed\",\"time\":\"2026-11-02T09:45:00.000Z\",\"data\":{}}"); /* of nobody */
  assert_int_equal(top_log_changes(log), 1);
  top_log_destroy(log);
}

/* --- pictures --- */

struct picture {
  struct top_view view;
  struct top_daemons *daemons;
  struct top_log *log;
};

static void picture_init(struct picture *picture) {
  picture->daemons = two_rounds();
  picture->log = some_log();
  picture->view = (struct top_view){
      .group = "handover", .now_ms = NOW_MS, .daemons = picture->daemons, .log = picture->log, .log_left = 12345};
}

static void picture_fini(struct picture *picture) {
  memory_free(picture->daemons);
  top_log_destroy(picture->log);
}

static void frame(struct buffer *out, const struct top_view *view, int columns, int rows) {
  buffer_printf(out, "--- %d columns, %d rows\n", columns, rows);
  top_frame(out, view, columns, rows, false);
}

static void append_all(struct buffer *out) {
  struct picture picture;
  picture_init(&picture);
  struct top_view *view = &picture.view;
  frame(out, view, 80, 24);
  frame(out, view, 40, 24);
  frame(out, view, 80, 12);
  frame(out, view, 120, 0);
  picture.daemons->up = 1; /* one has gone, and so have the brokers */
  snprintf(view->troubles[view->trouble_count++], TOP_TROUBLE, "http://10.0.0.7:9464/metrics: no answer within 800 ms");
  view->log = NULL;
  frame(out, view, 80, 24);
  picture.daemons->up = 0;
  frame(out, view, 40, 24);
  picture_fini(&picture);
}

static void test_pictures(void **state) {
  (void)state;
  const char *path = HANDOVER_SOURCE_DIR "/tests/unit/top.txt";
  struct buffer made = {0}, kept = {0};
  char block[4096];
  append_all(&made);
  FILE *file = fopen(path, getenv("HANDOVER_UPDATE") ? "w+" : "r");
  assert_non_null(file);
  if (getenv("HANDOVER_UPDATE")) {
    assert_int_equal(fwrite(made.at, 1, made.length, file), made.length);
    rewind(file);
  }
  for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;) buffer_append(&kept, block, got);
  fclose(file);
  if (kept.length != made.length || memcmp(kept.at, made.at, made.length) != 0)
    fail_msg("tests/unit/top.txt differs (HANDOVER_UPDATE=1 rewrites it) from\n%.*s", (int)made.length, made.at);
  buffer_fini(&made);
  buffer_fini(&kept);
}

/* However small and large: no line is longer than the screen, and there are no more of them. */
static void test_sizes(void **state) {
  (void)state;
  struct picture picture;
  picture_init(&picture);
  for (int columns = 20; columns <= 260; columns += 3) {
    for (int rows = 1; rows <= 90; rows += rows < 30 ? 1 : 7) {
      struct buffer out = {0};
      int lines = 0;
      top_frame(&out, &picture.view, columns, rows, false);
      for (const char *at = out.at, *stop; at < out.at + out.length; at = stop + 1, lines++) {
        stop = memchr(at, '\n', (size_t)(out.at + out.length - at));
        assert_non_null(stop);
        assert_true(terminal_columns((struct slice){at, (uint32_t)(stop - at)}) <= columns);
      }
      assert_true(lines >= 1 && lines <= rows);
      buffer_fini(&out);
    }
  }
  picture_fini(&picture);
}

/* Colours go through the same words: without them the picture is the same. */
static void test_colour(void **state) {
  (void)state;
  struct picture picture;
  struct buffer plain = {0}, coloured = {0}, stripped = {0};
  picture_init(&picture);
  top_frame(&plain, &picture.view, 80, 24, false);
  top_frame(&coloured, &picture.view, 80, 24, true);
  for (size_t i = 0; i < coloured.length; i++) {
    if (coloured.at[i] != '\033') buffer_append(&stripped, &coloured.at[i], 1);
    else
      while (coloured.at[i] != 'm') i++;
  }
  assert_true(coloured.length > plain.length);
  assert_int_equal(stripped.length, plain.length);
  assert_memory_equal(stripped.at, plain.at, plain.length);
  buffer_fini(&plain);
  buffer_fini(&coloured);
  buffer_fini(&stripped);
  picture_fini(&picture);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rates),     cmocka_unit_test(test_sums),  cmocka_unit_test(test_bounds),
      cmocka_unit_test(test_deadlines), cmocka_unit_test(test_last),  cmocka_unit_test(test_no_events),
      cmocka_unit_test(test_pictures),  cmocka_unit_test(test_sizes), cmocka_unit_test(test_colour),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
