/* metrics.h: what the daemon counts, and how Prometheus reads it (text format 0.0.4, names begin with handover_).
 *
 * The table in metric_table.c names every metric; docs/metrics.md follows from it. Each worker has a slot that it alone writes:
 * no lock, no shared cache line; a scrape sums over the slots. "The worker" below is the thread that owns the slot; any
 * thread may render. Never a lead's id in a label. May use: libc, engine/slice.h. */
#ifndef HANDOVER_CONSUMER_METRICS_H
#define HANDOVER_CONSUMER_METRICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../producer/encode.h"
#include "engine/slice.h"

enum {
  METRICS_PARTITIONS = 4096 /* a slot, over all inputs */,
  METRICS_SERIES = 1024 /* transitions a slot */,
  METRICS_BREACHES = 256 /* stages and SLAs a slot */
};

enum metric {                         /* one number a slot; added up over slots */
              METRIC_EVENTS_CONSUMED, /* records read, good or not */
              METRIC_EVENT_BYTES,     /* their payloads */
              METRIC_EVENTS_DUPLICATE,
              METRIC_ATTRIBUTES_IGNORED,
              METRIC_TIMERS,
              METRIC_CLOCK_MARKS,
              METRIC_SNAPSHOTS,
              METRIC_SNAPSHOT_FAILURES,
              METRIC_REBALANCES,
              METRIC_KAFKA_ERRORS,
              METRIC_PRODUCERS_RECREATED,
              METRIC_DEFINITIONS_REFUSED,
              METRIC_LEADS, /* gauges: metrics_set; what the slot holds now */
              METRIC_TASKS,
              METRIC_TASKS_RESTORING,
              METRIC_STATE_BYTES,
              METRIC_COUNT,
};

enum metric_result { RESULT_COMMITTED, RESULT_ABORTED, RESULT_FATAL, RESULT_COUNT }; /* of a transaction */

/* One input's partition that a slot has. The worker writes all but log_end, which comes from librdkafka's statistics
 * (consumer/lag.h). Lag = log_end − position, never negative. −1: not known, and left out. */
struct metrics_partition {
  _Atomic int64_t position;          /* the next offset to read, as of the last commit */
  _Atomic int64_t log_end;           /* last stable offset of the log */
  _Atomic int64_t event_time_ms;     /* stream: the latest event time */
  _Atomic int64_t restore_remaining; /* records still to replay; 0 once it runs */
};

struct metrics;

/* `slots`: the workers, 1..64. */
struct metrics *metrics_create(int32_t slots);
void metrics_destroy(struct metrics *metrics);

/* The worker: */
void metrics_add(struct metrics *metrics, int32_t slot, enum metric metric, uint64_t count);
void metrics_set(struct metrics *metrics, int32_t slot, enum metric metric, uint64_t value); /* the gauges */
void metrics_reject(struct metrics *metrics, int32_t slot, int32_t reject, uint64_t count);  /* enum reject */
/* `kind`: "event", "move", "climb", "timer", … at most 15 bytes. Names are copied. Too many series: counted under "other". */
void metrics_transition(struct metrics *metrics, int32_t slot, struct slice from, struct slice to, const char *kind);
/* The same of breached SLAs. `count` 0: the series is there from now on, so that its first breach is an increase. */
void metrics_breach(struct metrics *metrics, int32_t slot, struct slice stage, struct slice sla, uint64_t count);
void metrics_transaction(struct metrics *metrics, int32_t slot, enum metric_result result, int64_t duration_ns);
/* What stands in a stage, over the slot's tasks. Names are copied; at most 256 stages a slot. */
void metrics_stage(struct metrics *metrics, int32_t slot, struct slice stage, uint64_t leads);
/* Takes up a partition (all of it −1), or finds it. NULL where the slot has METRICS_PARTITIONS already. */
struct metrics_partition *metrics_partition_open(struct metrics *metrics, int32_t slot, const char *topic,
                                                 int32_t partition);
void metrics_partition_close(struct metrics *metrics, int32_t slot, const char *topic, int32_t partition);

/* Any thread: */
void metrics_log_end(struct metrics *metrics, const char *topic, int32_t partition,
                     int64_t offset); /* where a slot has it */
void metrics_definition(struct metrics *metrics, const char *name, int64_t version, const char *digest, bool agreed);
void metrics_render(struct metrics *metrics, struct buffer *buffer);
uint64_t metrics_sum(const struct metrics *metrics, enum metric metric); /* over the slots */
/* Records over all partitions that the slots have, as far as they are known. */
int64_t metrics_lag(struct metrics *metrics);
int64_t metrics_restore_remaining(struct metrics *metrics);

/* For a process that counts otherwise: a family's first lines; and what is of the process. */
struct metric_row;
void metrics_render_head(struct buffer *buffer, const struct metric_row *row);
void metrics_render_process(struct buffer *buffer);

#endif
