/* metrics_slot.h: what metrics.c fills and metrics_render.c reads; for these two alone. */
#ifndef HANDOVER_CONSUMER_METRICS_SLOT_H
#define HANDOVER_CONSUMER_METRICS_SLOT_H

#include <pthread.h>
#include <stdalign.h>

#include "decode.h"
#include "metrics.h"

enum { METRICS_BUCKETS = 11, METRICS_STAGES = 256, METRICS_KIND = 16, METRICS_DEFINITIONS = 256 };

extern const int64_t metrics_bucket_us[METRICS_BUCKETS]; /* upper bounds of the transaction's duration */

struct metrics_transition { /* of a breach: stage, SLA, and no kind */
  char *from, *to;
  char kind[METRICS_KIND];
  _Atomic uint64_t count;
};

struct metrics_stage {
  char *name;
  _Atomic uint64_t leads;
};

struct metrics_place {
  char *topic;
  int32_t partition;
  bool hidden; /* another slot took it up before this one gave it up; written under this slot's mutex */
  struct metrics_partition numbers;
};

struct metrics_slot {
  alignas(64) _Atomic uint64_t numbers[METRIC_COUNT];
  _Atomic uint64_t rejects[REJECT_COUNT];
  _Atomic uint64_t results[RESULT_COUNT];
  _Atomic uint64_t durations[METRICS_BUCKETS + 1]; /* each its own; the last is +Inf */
  _Atomic uint64_t duration_ns;
  _Atomic uint32_t transition_count, breach_count, stage_count;
  struct metrics_transition transitions[METRICS_SERIES], breaches[METRICS_BREACHES];
  struct metrics_stage stages[METRICS_STAGES];
  pthread_mutex_t mutex; /* partitions */
  struct metrics_place **partitions;
  int32_t partition_count;
};

struct metrics_definition {
  char *name, *digest;
  int64_t version;
  bool agreed;
};

struct metrics {
  struct metrics_slot *slots;
  int32_t slot_count;
  pthread_mutex_t mutex; /* definitions */
  struct metrics_definition definitions[METRICS_DEFINITIONS];
  int32_t definition_count;
};

/* −1: not known. */
static inline int64_t metrics_partition_lag(const struct metrics_partition *numbers) {
  const int64_t position = atomic_load(&numbers->position), log_end = atomic_load(&numbers->log_end);
  if (position < 0 || log_end < 0) return -1;
  return log_end > position ? log_end - position : 0;
}

#endif
