/* metrics_render.c: the slots as Prometheus' text format 0.0.4, family by family in the order of the table. Series that several slots
 * have are added up first, so that none is written twice. May use: metrics_slot.h, metric_table.h, process.h. */
#include <assert.h>
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdlib.h>

#include "metric_table.h"
#include "metrics_slot.h"
#include "process.h"

struct rendering {
  struct metrics *metrics;
  struct buffer *buffer;
  int64_t process[PROCESS_COUNT];
};

static uint64_t load(const _Atomic uint64_t *number) { return atomic_load_explicit(number, memory_order_relaxed); }

/* name="value", escaped: \\, \" and \n. */
static void label(struct buffer *buffer, const char *before, const char *name, const char *value) {
  buffer_printf(buffer, "%s%s=\"", before, name);
  for (const char *at = value; *at; at++) {
    if (*at == '\n') {
      buffer_append_text(buffer, "\\n");
    } else {
      if (*at == '\\' || *at == '"') buffer_append_text(buffer, "\\");
      buffer_append(buffer, at, 1);
    }
  }
  buffer_append_text(buffer, "\"");
}

static void close_number(struct buffer *buffer, uint64_t number) { buffer_printf(buffer, "} %" PRIu64 "\n", number); }

static void seconds(struct buffer *buffer, int64_t ms) {
  buffer_printf(buffer, "%" PRId64 ".%03d\n", ms / 1000, (int)(ms % 1000));
}

static void render_build(struct rendering *to, const struct metric_row *row) {
  label(to->buffer, row->name, "{version", HANDOVER_VERSION);
  label(to->buffer, ",", "librdkafka", rd_kafka_version_str());
  close_number(to->buffer, 1);
}

static void render_definitions(struct rendering *to, const struct metric_row *row) {
  struct metrics *metrics = to->metrics;
  pthread_mutex_lock(&metrics->mutex);
  for (int32_t i = 0; i < metrics->definition_count; i++) {
    const struct metrics_definition *at = &metrics->definitions[i];
    label(to->buffer, row->name, "{name", at->name);
    buffer_printf(to->buffer, ",version=\"%" PRId64 "\"", at->version);
    label(to->buffer, ",", "sha256", at->digest);
    label(to->buffer, ",", "agreed", at->agreed ? "true" : "false");
    close_number(to->buffer, 1);
  }
  pthread_mutex_unlock(&metrics->mutex);
}

static void render_number(struct rendering *to, const struct metric_row *row) {
  buffer_printf(to->buffer, "%s %" PRIu64 "\n", row->name, metrics_sum(to->metrics, (enum metric)row->index));
}

static void render_rejects(struct rendering *to, const struct metric_row *row) {
  for (int reject = REJECT_NONE + 1; reject < REJECT_COUNT; reject++) {
    uint64_t sum = 0;
    for (int32_t i = 0; i < to->metrics->slot_count; i++) sum += load(&to->metrics->slots[i].rejects[reject]);
    label(to->buffer, row->name, "{reason", reject_name((enum reject)reject));
    close_number(to->buffer, sum);
  }
}

static void render_results(struct rendering *to, const struct metric_row *row) {
  static const char *const names[RESULT_COUNT] = {"committed", "aborted", "fatal"};
  for (int result = 0; result < RESULT_COUNT; result++) {
    uint64_t sum = 0;
    for (int32_t i = 0; i < to->metrics->slot_count; i++) sum += load(&to->metrics->slots[i].results[result]);
    label(to->buffer, row->name, "{result", names[result]);
    close_number(to->buffer, sum);
  }
}

/* Over the slots: series that read the same are one. */
struct series {
  const char *a, *b, *c;
  uint64_t count;
};

static int series_compare(const void *left, const void *right) {
  const struct series *x = left, *y = right;
  int order = strcmp(x->a, y->a);
  if (!order) order = strcmp(x->b, y->b);
  return order ? order : strcmp(x->c, y->c);
}

/* Sorts, adds up equals in place; how many are left. */
static size_t series_merge(struct series *series, size_t count) {
  size_t kept = 0;
  qsort(series, count, sizeof *series, series_compare);
  for (size_t i = 0; i < count; i++) {
    if (kept && series_compare(&series[kept - 1], &series[i]) == 0) {
      series[kept - 1].count += series[i].count;
    } else {
      series[kept++] = series[i];
    }
  }
  return kept;
}

static struct series *series_room(size_t count) {
  struct series *series = calloc(count ? count : 1, sizeof *series);
  assert(series);
  return series;
}

/* Puts `count` series of a slot after the `have` that are there; how many are there then. */
static size_t series_take(struct series *series, size_t have, const struct metrics_transition *from, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    series[have++] = (struct series){from[i].from, from[i].to, from[i].kind, load(&from[i].count)};
  return have;
}

static void render_transitions(struct rendering *to, const struct metric_row *row) {
  struct series *series = series_room((size_t)to->metrics->slot_count * METRICS_SERIES);
  size_t count = 0;
  for (int32_t i = 0; i < to->metrics->slot_count; i++) {
    const struct metrics_slot *slot = &to->metrics->slots[i];
    count = series_take(series, count, slot->transitions,
                        atomic_load_explicit(&slot->transition_count, memory_order_acquire));
  }
  count = series_merge(series, count);
  for (size_t i = 0; i < count; i++) {
    label(to->buffer, row->name, "{from", series[i].a);
    label(to->buffer, ",", "to", series[i].b);
    label(to->buffer, ",", "kind", series[i].c);
    close_number(to->buffer, series[i].count);
  }
  free(series);
}

static void render_breaches(struct rendering *to, const struct metric_row *row) {
  struct series *series = series_room((size_t)to->metrics->slot_count * METRICS_BREACHES);
  size_t count = 0;
  for (int32_t i = 0; i < to->metrics->slot_count; i++) {
    const struct metrics_slot *slot = &to->metrics->slots[i];
    count = series_take(series, count, slot->breaches, atomic_load_explicit(&slot->breach_count, memory_order_acquire));
  }
  count = series_merge(series, count);
  for (size_t i = 0; i < count; i++) {
    label(to->buffer, row->name, "{stage", series[i].a);
    label(to->buffer, ",", "sla", series[i].b);
    close_number(to->buffer, series[i].count);
  }
  free(series);
}

static void render_stages(struct rendering *to, const struct metric_row *row) {
  struct series *series = series_room((size_t)to->metrics->slot_count * METRICS_STAGES);
  size_t count = 0;
  for (int32_t i = 0; i < to->metrics->slot_count; i++) {
    const struct metrics_slot *slot = &to->metrics->slots[i];
    uint32_t end = atomic_load_explicit(&slot->stage_count, memory_order_acquire);
    for (uint32_t j = 0; j < end; j++) {
      series[count++] = (struct series){slot->stages[j].name, "", "", load(&slot->stages[j].leads)};
    }
  }
  count = series_merge(series, count);
  for (size_t i = 0; i < count; i++) {
    label(to->buffer, row->name, "{stage", series[i].a);
    close_number(to->buffer, series[i].count);
  }
  free(series);
}

/* What a row says of a partition, or −1. */
static int64_t partition_number(const struct metrics_partition *numbers, enum metric_source source) {
  if (source == SOURCE_RESTORE) return atomic_load(&numbers->restore_remaining);
  if (source == SOURCE_EVENT_TIME) return atomic_load(&numbers->event_time_ms);
  return metrics_partition_lag(numbers);
}

static void render_partitions(struct rendering *to, const struct metric_row *row) {
  for (int32_t i = 0; i < to->metrics->slot_count; i++) {
    struct metrics_slot *slot = &to->metrics->slots[i];
    pthread_mutex_lock(&slot->mutex);
    for (int32_t j = 0; j < slot->partition_count; j++) {
      struct metrics_place *place = slot->partitions[j];
      int64_t number = partition_number(&place->numbers, row->source);
      if (number < 0 || place->hidden) continue;
      label(to->buffer, row->name, "{topic", place->topic);
      buffer_printf(to->buffer, ",partition=\"%" PRId32 "\"} ", place->partition);
      if (row->source == SOURCE_EVENT_TIME) {
        seconds(to->buffer, number);
      } else {
        buffer_printf(to->buffer, "%" PRId64 "\n", number);
      }
    }
    pthread_mutex_unlock(&slot->mutex);
  }
}

static void render_duration(struct rendering *to, const struct metric_row *row) {
  uint64_t below = 0, sum_ns = 0;
  for (int bucket = 0; bucket <= METRICS_BUCKETS; bucket++) {
    for (int32_t i = 0; i < to->metrics->slot_count; i++) below += load(&to->metrics->slots[i].durations[bucket]);
    buffer_printf(to->buffer, "%s_bucket{le=\"", row->name);
    if (bucket < METRICS_BUCKETS) {
      buffer_printf(to->buffer, "%g", (double)metrics_bucket_us[bucket] / 1e6);
    } else {
      buffer_append_text(to->buffer, "+Inf");
    }
    buffer_printf(to->buffer, "\"} %" PRIu64 "\n", below);
  }
  for (int32_t i = 0; i < to->metrics->slot_count; i++) sum_ns += load(&to->metrics->slots[i].duration_ns);
  buffer_printf(to->buffer, "%s_sum %" PRIu64 ".%09" PRIu64 "\n", row->name, sum_ns / 1000000000, sum_ns % 1000000000);
  buffer_printf(to->buffer, "%s_count %" PRIu64 "\n", row->name, below);
}

static void render_process(struct rendering *to, const struct metric_row *row) {
  int64_t number = to->process[row->index];
  if (number < 0) return;
  buffer_printf(to->buffer, "%s ", row->name);
  if (row->index == PROCESS_CPU_MS || row->index == PROCESS_START_MS) {
    seconds(to->buffer, number);
  } else {
    buffer_printf(to->buffer, "%" PRId64 "\n", number);
  }
}

typedef void render_row(struct rendering *to, const struct metric_row *row);

static render_row *const renderers[SOURCE_COUNT] = {
    [SOURCE_BUILD] = render_build,
    [SOURCE_DEFINITIONS] = render_definitions,
    [SOURCE_NUMBER] = render_number,
    [SOURCE_REJECTS] = render_rejects,
    [SOURCE_TRANSITIONS] = render_transitions,
    [SOURCE_STAGES] = render_stages,
    [SOURCE_LAG] = render_partitions,
    [SOURCE_EVENT_TIME] = render_partitions,
    [SOURCE_RESTORE] = render_partitions,
    [SOURCE_BREACHES] = render_breaches,
    [SOURCE_RESULTS] = render_results,
    [SOURCE_DURATION] = render_duration,
    [SOURCE_PROCESS] = render_process,
};

void metrics_render_head(struct buffer *buffer, const struct metric_row *row) {
  buffer_printf(buffer, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name, row->type);
}

void metrics_render(struct metrics *metrics, struct buffer *buffer) {
  struct rendering to = {.metrics = metrics, .buffer = buffer};
  process_read(to.process);
  for (size_t i = 0; i < metric_table_rows; i++) {
    const struct metric_row *row = &metric_table[i];
    if (row->source == SOURCE_ALERT || row->source == SOURCE_ALERT_CUT) continue;
    metrics_render_head(buffer, row);
    renderers[row->source](&to, row);
  }
}

void metrics_render_process(struct buffer *buffer) {
  struct rendering to = {.buffer = buffer};
  process_read(to.process);
  for (size_t i = 0; i < metric_table_rows; i++) {
    const struct metric_row *row = &metric_table[i];
    if (row->source != SOURCE_PROCESS && row->source != SOURCE_BUILD) continue;
    metrics_render_head(buffer, row);
    renderers[row->source](&to, row);
  }
}
