/* top_daemons.c: a table of the metrics that are looked at. Of what has labels there is a function a label. */
#include "top_daemons.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

struct taking {
  struct top_daemons *daemons;
  struct top_counters counters; /* of this daemon */
};

/* --- samples --- */

static double sound(double value) { return isfinite(value) ? value : 0; }

/* A number of nobody's making: names are cut where they would not fit. */
static void keep_name(char name[TOP_NAME], struct slice text) {
  size_t length = text.length < TOP_NAME - 1 ? text.length : TOP_NAME - 1;
  if (length) memcpy(name, text.at, length);
  name[length] = 0;
}

static bool is_named(const char *name, struct slice text) {
  size_t length = text.length < TOP_NAME - 1 ? text.length : TOP_NAME - 1;
  return strlen(name) == length && (length == 0 || memcmp(name, text.at, length) == 0);
}

static struct top_named *named(struct top_daemons *daemons, struct top_named *list, int32_t *count, int32_t most,
                               struct slice name) {
  for (int32_t i = 0; i < *count; i++)
    if (is_named(list[i].name, name)) return &list[i];
  if (*count == most) {
    daemons->cut = true;
    return NULL;
  }
  struct top_named *added = &list[(*count)++];
  *added = (struct top_named){.value = 0};
  keep_name(added->name, name);
  return added;
}

static bool take_partition_number(struct slice text, int32_t *number) {
  int64_t sum = 0;
  for (uint32_t i = 0; i < text.length && sum <= INT32_MAX; i++) {
    if (text.at[i] < '0' || text.at[i] > '9') return false;
    sum = sum * 10 + (text.at[i] - '0');
  }
  *number = (int32_t)sum;
  return text.length > 0 && sum <= INT32_MAX;
}

static struct top_partition *partition_of(struct top_daemons *daemons, const struct metrics_sample *sample) {
  struct slice topic = metrics_label(sample, "topic");
  int32_t number;
  if (!take_partition_number(metrics_label(sample, "partition"), &number)) return NULL;
  for (int32_t i = 0; i < daemons->partition_count; i++) {
    struct top_partition *at = &daemons->partitions[i];
    if (at->number == number && is_named(at->topic, topic)) return at;
  }
  if (daemons->partition_count == TOP_PARTITIONS) {
    daemons->cut = true;
    return NULL;
  }
  struct top_partition *added = &daemons->partitions[daemons->partition_count++];
  *added = (struct top_partition){.number = number};
  keep_name(added->topic, topic);
  return added;
}

enum kind { ADD, COUNT_UP, BY_STAGE, BY_REASON, BY_RESULT, OF_PARTITION };

static const struct known {
  const char *name;
  enum kind kind;
  size_t at; /* of struct top_daemons, of struct top_counters or of struct top_partition */
} known[] = {
    {"handover_tasks", ADD, offsetof(struct top_daemons, tasks)},
    {"handover_tasks_restoring", ADD, offsetof(struct top_daemons, restoring)},
    {"handover_state_leads", ADD, offsetof(struct top_daemons, leads)},
    {"handover_state_bytes", ADD, offsetof(struct top_daemons, state_bytes)},
    {"process_resident_memory_bytes", ADD, offsetof(struct top_daemons, memory_bytes)},
    {"handover_events_consumed_total", COUNT_UP, offsetof(struct top_counters, consumed)},
    {"handover_transitions_total", COUNT_UP, offsetof(struct top_counters, published)},
    {"handover_sla_breaches_total", COUNT_UP, offsetof(struct top_counters, published)},
    {"handover_events_rejected_total", BY_REASON, 0},
    {"handover_transactions_total", BY_RESULT, 0},
    {"handover_leads", BY_STAGE, 0},
    {"handover_input_lag_records", OF_PARTITION, offsetof(struct top_partition, lag)},
    {"handover_state_restore_remaining_records", OF_PARTITION, offsetof(struct top_partition, restoring)},
    {"handover_last_event_timestamp_seconds", OF_PARTITION, offsetof(struct top_partition, event_s)},
};

static void add(void *base, size_t at, double value) {
  double *number = (double *)(void *)((char *)base + at);
  *number += value;
}

static void take_partition(struct top_daemons *daemons, const struct known *metric,
                           const struct metrics_sample *sample) {
  struct top_partition *partition = partition_of(daemons, sample);
  if (partition) add(partition, metric->at, sound(sample->value));
}

static void take_sample(void *context, const struct metrics_sample *sample) {
  struct taking *taking = context;
  struct top_daemons *daemons = taking->daemons;
  const struct known *metric = NULL;
  struct top_named *entry = NULL;
  double value = sound(sample->value);
  for (size_t i = 0; i < sizeof known / sizeof *known && !metric; i++)
    if (slice_equal(sample->name, slice_of(known[i].name))) metric = &known[i];
  if (!metric) return;
  switch (metric->kind) {
    case ADD: add(daemons, metric->at, value); return;
    case COUNT_UP: add(&taking->counters, metric->at, value); return;
    case OF_PARTITION: take_partition(daemons, metric, sample); return;
    case BY_RESULT:
      if (slice_equal(metrics_label(sample, "result"), SLICE("committed"))) taking->counters.committed += value;
      else taking->counters.undone += value;
      return;
    case BY_STAGE:
      entry = named(daemons, daemons->stages, &daemons->stage_count, TOP_STAGES, metrics_label(sample, "stage"));
      break;
    case BY_REASON:
      taking->counters.rejected += value;
      if (value > 0)
        entry = named(daemons, daemons->reasons, &daemons->reason_count, TOP_REASONS, metrics_label(sample, "reason"));
      break;
  }
  if (entry) entry->value += value;
}

/* --- rounds --- */

void top_daemons_begin(struct top_daemons *daemons) {
  daemons->asked = daemons->up = daemons->stage_count = daemons->reason_count = daemons->partition_count = 0;
  daemons->tasks = daemons->restoring = daemons->leads = daemons->state_bytes = daemons->memory_bytes = 0;
  daemons->lag = daemons->restore_left = 0;
  daemons->cut = daemons->has_rates = false;
  daemons->all = daemons->rates = (struct top_counters){0};
}

static double since(double now, double before) { return now < before ? now : now - before; }

static void add_rates(struct top_counters *rates, const struct top_counters *now, const struct top_counters *before,
                      double seconds) {
  rates->consumed += since(now->consumed, before->consumed) / seconds;
  rates->rejected += since(now->rejected, before->rejected) / seconds;
  rates->published += since(now->published, before->published) / seconds;
  rates->committed += since(now->committed, before->committed) / seconds;
  rates->undone += since(now->undone, before->undone) / seconds;
}

static void add_all(struct top_counters *all, const struct top_counters *one) {
  all->consumed += one->consumed;
  all->rejected += one->rejected;
  all->published += one->published;
  all->committed += one->committed;
  all->undone += one->undone;
}

bool top_daemons_take(struct top_daemons *daemons, int32_t index, struct slice text, int64_t now_ns, int32_t *line,
                      const char **why) {
  struct taking taking = {.daemons = daemons};
  if (!metrics_text_read(text, take_sample, &taking, line, why)) return false;
  daemons->up++;
  add_all(&daemons->all, &taking.counters);
  int64_t passed_ns = now_ns - daemons->before_ns[index];
  if (daemons->had[index] && passed_ns > 0) {
    daemons->has_rates = true;
    add_rates(&daemons->rates, &taking.counters, &daemons->before[index], (double)passed_ns / 1e9);
  }
  daemons->before[index] = taking.counters;
  daemons->had[index] = true;
  daemons->before_ns[index] = now_ns;
  return true;
}

static int worse(const void *a, const void *b) {
  const struct top_partition *x = a, *y = b;
  double left_x = x->lag + x->restoring, left_y = y->lag + y->restoring;
  if (left_x != left_y) return left_x < left_y ? 1 : -1;
  int topics = strcmp(x->topic, y->topic);
  return topics ? topics : (x->number > y->number) - (x->number < y->number);
}

static int more(const void *a, const void *b) {
  const struct top_named *x = a, *y = b;
  if (x->value != y->value) return x->value < y->value ? 1 : -1;
  return strcmp(x->name, y->name);
}

void top_daemons_end(struct top_daemons *daemons) {
  for (int32_t i = 0; i < daemons->partition_count; i++) {
    daemons->lag += daemons->partitions[i].lag;
    daemons->restore_left += daemons->partitions[i].restoring;
  }
  qsort(daemons->partitions, (size_t)daemons->partition_count, sizeof *daemons->partitions, worse);
  qsort(daemons->reasons, (size_t)daemons->reason_count, sizeof *daemons->reasons, more);
}
