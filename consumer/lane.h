/* lane.h: a task and the decoder that it reads through: the one way in which records reach the engine, from Kafka, from
 * files, in the demo and in a restore alike.
 *
 *   records (a batch of one partition) → decode → prefetch → task_advance → task_apply → sink
 *
 * A lane belongs to one thread. The sink's callbacks are called from within lane_apply and lane_mark, in the order of the
 * log: all of one record before anything of the next. May use: engine, decode. Knows neither Kafka nor files. */
#ifndef HANDOVER_CONSUMER_LANE_H
#define HANDOVER_CONSUMER_LANE_H

#include "decode.h"
#include "engine/task.h"

enum { LANE_BATCH = 64 };

/* Where results go. `context` is handed to both. A sink remembers its own failure; callbacks cannot fail. */
struct sink {
  void *context;
  change_publish *change;
  void (*dead_letter)(void *context, const struct record *record, enum reject reject, const char *detail);
};

struct lane;

/* Definitions (at least one, checked by versions_check) and sink's context outlive the lane. */
struct lane *lane_create(int32_t partition, const struct definition *const *definitions, int32_t count,
                         const struct sink *sink, uint32_t event_bytes_max);
void lane_destroy(struct lane *lane);

/* A definition that becomes known later (between two calls of lane_apply). False where it is known already. */
bool lane_know(struct lane *lane, const struct definition *definition);

/* Applies up to LANE_BATCH records, in order. Their bytes must stay until it returns. */
void lane_apply(struct lane *lane, const struct record *records, int32_t count);
void lane_mark(struct lane *lane, int64_t mark_ms);

/* From the first event or mark that is later than `end_ms` on, records are left alone; so is each mark that is later. */
void lane_set_end(struct lane *lane, int64_t end_ms);
bool lane_ended(const struct lane *lane);

struct lane_counts {
  uint64_t records; /* good or not */
  uint64_t rejects[REJECT_COUNT];
};
const struct lane_counts *lane_counts(const struct lane *lane);
struct task *lane_task(struct lane *lane);

/* After task_load into lane_task: takes the decoder of the version that is active now. */
void lane_reload(struct lane *lane);

#endif
