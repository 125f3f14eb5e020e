/* test_metrics.c: the text format by rules of our own (as promtool has them), sums over slots, partitions that come and go;
 * docs/metrics.md is the table's. HANDOVER_UPDATE=1 rewrites docs/metrics.md. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "consumer/decode.h"
#include "consumer/metric_table.h"
#include "consumer/metrics.h"

static char *render(struct metrics *metrics) {
  struct buffer buffer = {0};
  metrics_render(metrics, &buffer);
  char *text = malloc(buffer.length + 1);
  memcpy(text, buffer.at, buffer.length);
  text[buffer.length] = 0;
  assert_null(memchr(text, 0, buffer.length));
  buffer_fini(&buffer);
  return text;
}

/* The whole line stands in the text. */
static void expect_line(const char *text, const char *line) {
  char wanted[1024];
  snprintf(wanted, sizeof wanted, "\n%s\n", line);
  if (!strstr(text, wanted)) fail_msg("\"%s\" is not in\n%s", line, text);
}

static void expect_none(const char *text, const char *part) {
  if (strstr(text, part)) fail_msg("\"%s\" is in\n%s", part, text);
}

/* The rules */

struct family {
  char name[128], type[16];
  bool helped;
};

static size_t name_length(const char *text) {
  return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
}

/* Behind {name="value",…}, or NULL. */
static const char *skip_labels(const char *at) {
  if (*at != '{') return at;
  do {
    size_t length = name_length(++at);
    if (length == 0 || at[length] != '=' || at[length + 1] != '"') return NULL;
    for (at += length + 2; *at && *at != '"'; at++) {
      if (*at == '\\' && !strchr("\\\"n", *++at)) return NULL;
    }
    if (*at++ != '"') return NULL;
  } while (*at == ',');
  return *at == '}' ? at + 1 : NULL;
}

static void check_sample(const struct family *family, const char *line) {
  static const char *const suffixes[] = {"_bucket", "_sum", "_count"};
  size_t length = strlen(family->name), suffix = 0;
  bool histogram = strcmp(family->type, "histogram") == 0;
  if (strncmp(line, family->name, length) != 0) fail_msg("not of the family %s: %s", family->name, line);
  for (size_t i = 0; histogram && i < 3; i++) {
    if (strncmp(line + length, suffixes[i], strlen(suffixes[i])) == 0) suffix = strlen(suffixes[i]);
  }
  const char *at = skip_labels(line + length + suffix);
  char *end;
  if (histogram && suffix == 0) fail_msg("no part of a histogram: %s", line);
  if (!at || *at != ' ' || !at[1]) {
    fail_msg("no labels and value: %s", line);
    return;
  }
  double value = strtod(at + 1, &end);
  if (*end || value < 0) fail_msg("no value: %s", line);
}

static int compare_lines(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void check_unique(char **samples, size_t count) {
  for (size_t i = 0; i < count; i++) *strrchr(samples[i], ' ') = 0;
  qsort(samples, count, sizeof *samples, compare_lines);
  for (size_t i = 1; i < count; i++) {
    if (strcmp(samples[i - 1], samples[i]) == 0) fail_msg("twice: %s", samples[i]);
  }
}

static void check_format(char *text) {
  struct family family = {0};
  char *samples[4096], *rest = NULL;
  size_t count = 0;
  assert_int_equal(text[strlen(text) - 1], '\n');
  for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
    if (strncmp(line, "# HELP ", 7) == 0) {
      size_t length = name_length(line + 7);
      assert_true(length > 0 && length < sizeof family.name && line[7 + length] == ' ');
      family = (struct family){.helped = true};
      memcpy(family.name, line + 7, length);
    } else if (strncmp(line, "# TYPE ", 7) == 0) {
      char name[128];
      assert_int_equal(sscanf(line, "# TYPE %127s %15s", name, family.type), 2);
      assert_true(family.helped);
      assert_string_equal(name, family.name);
      bool total = strlen(name) > 6 && strcmp(name + strlen(name) - 6, "_total") == 0;
      assert_int_equal(strcmp(family.type, "counter") == 0, total);
    } else {
      assert_true(count < sizeof samples / sizeof *samples);
      check_sample(&family, line);
      samples[count++] = line;
    }
  }
  check_unique(samples, count);
}

/* The tests */

static void test_empty(void **state) {
  (void)state;
  struct metrics *metrics = metrics_create(1);
  char *text = render(metrics);
  expect_line(text, "handover_events_consumed_total 0");
  expect_line(text, "handover_events_rejected_total{reason=\"not_json\"} 0");
  expect_line(text, "handover_transaction_duration_seconds_bucket{le=\"+Inf\"} 0");
  expect_none(text, "handover_input_lag_records{");
  check_format(text);
  free(text);
  metrics_destroy(metrics);
}

static void test_sums(void **state) {
  (void)state;
  struct metrics *metrics = metrics_create(3);
  for (int32_t slot = 0; slot < 3; slot++) {
    metrics_add(metrics, slot, METRIC_EVENTS_CONSUMED, UINT64_C(4000000000));
    metrics_set(metrics, slot, METRIC_LEADS, (uint64_t)slot + 1);
    metrics_reject(metrics, slot, REJECT_NO_LEAD, 2);
    metrics_transition(metrics, slot, SLICE("known"), SLICE("ready \"now\"\\\n"), "event");
    metrics_stage(metrics, slot, SLICE("known"), 5);
    metrics_breach(metrics, slot, SLICE("asked"), SLICE("sales \"answers\""), (uint64_t)slot);
    metrics_breach(metrics, slot, SLICE("asked"), SLICE("sales looks"), 0);
  }
  metrics_transition(metrics, 1, SLICE("known"), SLICE("gone"), "move");
  metrics_stage(metrics, 1, SLICE("known"), 7);
  char *text = render(metrics);
  expect_line(text, "handover_events_consumed_total 12000000000");
  expect_line(text, "handover_state_leads 6");
  expect_line(text, "handover_events_rejected_total{reason=\"no_lead\"} 6");
  expect_line(text, "handover_transitions_total{from=\"known\",to=\"ready \\\"now\\\"\\\\\\n\",kind=\"event\"} 3");
  expect_line(text, "handover_transitions_total{from=\"known\",to=\"gone\",kind=\"move\"} 1");
  expect_line(text, "handover_leads{stage=\"known\"} 17");
  expect_line(text, "handover_sla_breaches_total{stage=\"asked\",sla=\"sales \\\"answers\\\"\"} 3");
  expect_line(text, "handover_sla_breaches_total{stage=\"asked\",sla=\"sales looks\"} 0");
  check_format(text);
  free(text);
  metrics_destroy(metrics);
}

static void test_histogram(void **state) {
  (void)state;
  struct metrics *metrics = metrics_create(2);
  metrics_transaction(metrics, 0, RESULT_COMMITTED, 5000000); /* on the bound: within it */
  metrics_transaction(metrics, 1, RESULT_COMMITTED, 5000001);
  metrics_transaction(metrics, 1, RESULT_ABORTED, INT64_C(20000000000));
  metrics_transaction(metrics, 0, RESULT_FATAL, 0);
  char *text = render(metrics);
  expect_line(text, "handover_transaction_duration_seconds_bucket{le=\"0.005\"} 2");
  expect_line(text, "handover_transaction_duration_seconds_bucket{le=\"0.01\"} 3");
  expect_line(text, "handover_transaction_duration_seconds_bucket{le=\"10\"} 3");
  expect_line(text, "handover_transaction_duration_seconds_bucket{le=\"+Inf\"} 4");
  expect_line(text, "handover_transaction_duration_seconds_sum 20.010000001");
  expect_line(text, "handover_transaction_duration_seconds_count 4");
  expect_line(text, "handover_transactions_total{result=\"committed\"} 2");
  check_format(text);
  free(text);
  metrics_destroy(metrics);
}

static void test_partitions(void **state) {
  (void)state;
  struct metrics *metrics = metrics_create(2);
  struct metrics_partition *first = metrics_partition_open(metrics, 0, "in", 3), *second;
  assert_ptr_equal(first, metrics_partition_open(metrics, 0, "in", 3));
  first->position = 40;
  metrics_log_end(metrics, "in", 3, 45);
  metrics_log_end(metrics, "in", 4, 45); /* nobody's */
  first->event_time_ms = 1772357400123;
  first->restore_remaining = 9;
  char *text = render(metrics);
  expect_line(text, "handover_input_lag_records{topic=\"in\",partition=\"3\"} 5");
  expect_line(text, "handover_last_event_timestamp_seconds{topic=\"in\",partition=\"3\"} 1772357400.123");
  expect_line(text, "handover_state_restore_remaining_records{topic=\"in\",partition=\"3\"} 9");
  expect_none(text, "partition=\"4\"");
  free(text);
  first->position = 46; /* the statistics are older than the commit */
  text = render(metrics);
  expect_line(text, "handover_input_lag_records{topic=\"in\",partition=\"3\"} 0");
  free(text);
  second = metrics_partition_open(metrics, 1, "in", 3); /* moves to another worker before the first gave it up */
  second->position = 10;
  second->log_end = 30;
  text = render(metrics);
  expect_line(text, "handover_input_lag_records{topic=\"in\",partition=\"3\"} 20");
  check_format(text);
  free(text);
  metrics_partition_close(metrics, 0, "in", 3);
  metrics_partition_close(metrics, 1, "in", 3);
  metrics_partition_close(metrics, 1, "in", 3);
  text = render(metrics);
  expect_none(text, "handover_input_lag_records{");
  free(text);
  metrics_destroy(metrics);
}

static void test_definitions(void **state) {
  (void)state;
  struct metrics *metrics = metrics_create(1);
  metrics_definition(metrics, "sample", 3, "ab12", false);
  metrics_definition(metrics, "sample", 3, "ab12", true);
  metrics_definition(metrics, "sample", 4, "cd34", false);
  char *text = render(metrics);
  expect_line(text, "handover_definition_info{name=\"sample\",version=\"3\",sha256=\"ab12\",agreed=\"true\"} 1");
  expect_line(text, "handover_definition_info{name=\"sample\",version=\"4\",sha256=\"cd34\",agreed=\"false\"} 1");
  check_format(text);
  free(text);
  metrics_destroy(metrics);
}

/* Whoever writes the definitions cannot fill the memory, nor break the format. */
static void test_bounds(void **state) {
  (void)state;
  struct metrics *metrics = metrics_create(1);
  char name[16];
  for (int i = 0; i < METRICS_SERIES + 500; i++) {
    int length = snprintf(name, sizeof name, "s%d", i);
    metrics_transition(metrics, 0, (struct slice){name, (uint32_t)length}, SLICE(""), "event");
    metrics_stage(metrics, 0, (struct slice){name, (uint32_t)length}, 1);
    metrics_breach(metrics, 0, (struct slice){name, (uint32_t)length}, SLICE(""), 1);
  }
  for (int32_t i = 0; i < METRICS_PARTITIONS; i++) assert_non_null(metrics_partition_open(metrics, 0, "in", i));
  assert_null(metrics_partition_open(metrics, 0, "in", METRICS_PARTITIONS));
  char *text = render(metrics);
  expect_line(text, "handover_transitions_total{from=\"other\",to=\"other\",kind=\"other\"} 501");
  expect_line(text, "handover_sla_breaches_total{stage=\"other\",sla=\"other\"} 1269");
  check_format(text);
  free(text);
  metrics_destroy(metrics);
}

enum { WRITERS = 2, ROUNDS = 20000 };

struct writer {
  struct metrics *metrics;
  int32_t slot;
};

static void *writer_run(void *context) {
  struct writer *writer = context;
  char name[16];
  for (int i = 0; i < ROUNDS; i++) {
    int length = snprintf(name, sizeof name, "s%d", i % 40);
    metrics_add(writer->metrics, writer->slot, METRIC_EVENTS_CONSUMED, 1);
    metrics_transition(writer->metrics, writer->slot, (struct slice){name, (uint32_t)length}, SLICE("to"), "event");
    if (i % 100 == 0) {
      metrics_partition_open(writer->metrics, writer->slot, "in", i / 100 % 7)->position = i;
      metrics_partition_close(writer->metrics, writer->slot, "in", i / 100 % 5);
    }
  }
  return NULL;
}

static void test_threads(void **state) {
  (void)state;
  struct metrics *metrics = metrics_create(WRITERS);
  struct writer writers[WRITERS];
  pthread_t threads[WRITERS];
  for (int32_t i = 0; i < WRITERS; i++) {
    writers[i] = (struct writer){metrics, i};
    assert_int_equal(pthread_create(&threads[i], NULL, writer_run, &writers[i]), 0);
  }
  for (int i = 0; i < 20; i++) {
    char *text = render(metrics);
    metrics_log_end(metrics, "in", i % 7, i);
    check_format(text);
    free(text);
  }
  for (int i = 0; i < WRITERS; i++) pthread_join(threads[i], NULL);
  char *text = render(metrics);
  expect_line(text, "handover_events_consumed_total 40000");
  expect_line(text, "handover_transitions_total{from=\"s7\",to=\"to\",kind=\"event\"} 1000");
  free(text);
  metrics_destroy(metrics);
}

static void test_table(void **state) {
  (void)state;
  for (size_t i = 0; i < metric_table_rows; i++) {
    const struct metric_row *row = &metric_table[i];
    assert_true(strncmp(row->name, "handover_", 9) == 0 || strncmp(row->name, "process_", 8) == 0);
    assert_null(strpbrk(row->help, "\\\n|"));
    assert_int_equal(row->help[strlen(row->help) - 1], '.');
    for (size_t j = 0; j < i; j++) assert_string_not_equal(row->name, metric_table[j].name);
  }
  for (int metric = 0; metric < METRIC_COUNT; metric++) { /* none is counted and not shown */
    int rows = 0;
    for (size_t i = 0; i < metric_table_rows; i++)
      rows += metric_table[i].source == SOURCE_NUMBER && metric_table[i].index == metric;
    assert_int_equal(rows, 1);
  }
}

static void test_document(void **state) {
  (void)state;
  static const char path[] = HANDOVER_SOURCE_DIR "/docs/metrics.md";
  struct buffer made = {0}, kept = {0};
  char block[4096];
  metric_table_document(&made);
  FILE *file = fopen(path, getenv("HANDOVER_UPDATE") ? "w+" : "r");
  if (!file) {
    fail_msg("%s cannot be opened", path);
    return;
  }
  if (getenv("HANDOVER_UPDATE")) {
    assert_int_equal(fwrite(made.at, 1, made.length, file), made.length);
    rewind(file);
  }
  for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;) buffer_append(&kept, block, got);
  fclose(file);
  if (kept.length != made.length || memcmp(kept.at, made.at, made.length) != 0) {
    fail_msg("docs/metrics.md differs from the table: HANDOVER_UPDATE=1 rewrites it");
  }
  buffer_fini(&made);
  buffer_fini(&kept);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_empty),      cmocka_unit_test(test_sums),        cmocka_unit_test(test_histogram),
      cmocka_unit_test(test_partitions), cmocka_unit_test(test_definitions), cmocka_unit_test(test_bounds),
      cmocka_unit_test(test_threads),    cmocka_unit_test(test_table),       cmocka_unit_test(test_document),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
