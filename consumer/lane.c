/* lane.c: decode a batch, bring the leads' memory near, apply in order.
 *
 * A version that takes over in the middle of a batch changes how what follows is decoded, so the rest of the batch is then
 * decoded anew. */
#include "lane.h"

#include <stdlib.h>

#include "engine/memory.h"

enum { DETAIL = 160, APART = 4 /* records between the steps that bring a lead near */ };

struct decoded {
  struct event *event;
  uint64_t hash; /* task_hash of its lead */
  enum reject reject;
  char detail[DETAIL];
};

struct lane {
  struct task *task;
  struct decoder *decoder;
  const struct sink *sink;
  uint32_t event_bytes_max;
  bool ended;
  int64_t end_ms;
  struct lane_counts counts;
  struct decoded batch[LANE_BATCH];
};

static void use_decoder(struct lane *lane) {
  decoder_destroy(lane->decoder);
  lane->decoder = decoder_create(task_definition(lane->task), LANE_BATCH, lane->event_bytes_max);
}

struct lane *lane_create(int32_t partition, const struct definition *const *definitions, int32_t count,
                         const struct sink *sink, uint32_t event_bytes_max) {
  struct lane *lane = memory_zeroed(1, sizeof *lane);
  lane->task = task_create(partition, sink->change, sink->context);
  lane->sink = sink;
  lane->event_bytes_max = event_bytes_max;
  lane->end_ms = TIME_NEVER;
  for (int32_t i = 0; i < count; i++) task_know(lane->task, definitions[i]);
  use_decoder(lane);
  return lane;
}

void lane_destroy(struct lane *lane) {
  if (!lane) return;
  decoder_destroy(lane->decoder);
  task_destroy(lane->task);
  free(lane);
}

bool lane_know(struct lane *lane, const struct definition *definition) {
  const struct definition *before = task_definition(lane->task);
  bool taken = task_know(lane->task, definition);
  if (task_definition(lane->task) != before) use_decoder(lane);
  return taken;
}

void lane_reload(struct lane *lane) { use_decoder(lane); }

static void bring_near(const struct lane *lane, int32_t i, enum task_near step) {
  if (lane->batch[i].reject == REJECT_NONE) task_prefetch(lane->task, lane->batch[i].hash, step);
}

/* The leads' memory comes near meanwhile, step by step. */
static void decode(struct lane *lane, const struct record *records, int32_t from, int32_t count) {
  for (int32_t i = from; i < count + 2 * APART; i++) {
    if (i < count) {
      struct decoded *d = &lane->batch[i];
      d->reject = decoder_decode(lane->decoder, i, &records[i], &d->event, d->detail);
      if (d->reject == REJECT_NONE) d->hash = task_hash(d->event->lead);
      bring_near(lane, i, NEAR_PLACE);
    }
    if (i - APART >= from && i - APART < count) bring_near(lane, i - APART, NEAR_RECORD);
    if (i - 2 * APART >= from) bring_near(lane, i - 2 * APART, NEAR_BLOCK);
  }
}

static void apply_reject(struct lane *lane, const struct record *record, const struct decoded *d) {
  lane->counts.rejects[d->reject]++;
  lane->sink->dead_letter(lane->sink->context, record, d->reject, d->detail);
}

/* A version took over during this record: its fields by the new version, who and when as the old one read them. */
static void take_over(struct lane *lane, const struct record *records, int32_t at, int32_t count) {
  struct decoder *before = lane->decoder;
  lane->decoder = NULL;
  use_decoder(lane);
  lane->batch[at].event = decoder_redecode(lane->decoder, at, &records[at], lane->batch[at].event);
  decoder_destroy(before);
  decode(lane, records, at + 1, count);
}

void lane_apply(struct lane *lane, const struct record *records, int32_t count) {
  if (lane->ended) return;
  decode(lane, records, 0, count);
  for (int32_t i = 0; i < count; i++) {
    lane->ended = lane->batch[i].reject == REJECT_NONE && lane->batch[i].event->time_ms > lane->end_ms;
    if (lane->ended) return;
    lane->counts.records++;
    if (lane->batch[i].reject != REJECT_NONE) {
      apply_reject(lane, &records[i], &lane->batch[i]);
      continue;
    }
    const struct event *event = lane->batch[i].event;
    if (task_advance(lane->task, records[i].position, records[i].timestamp_ms, event->time_ms))
      take_over(lane, records, i, count);
    task_apply(lane->task, lane->batch[i].event, lane->batch[i].hash);
  }
}

void lane_mark(struct lane *lane, int64_t mark_ms) {
  const struct definition *before = task_definition(lane->task);
  lane->ended = lane->ended || mark_ms > lane->end_ms;
  if (mark_ms > lane->end_ms) return;
  task_mark(lane->task, mark_ms);
  if (task_definition(lane->task) != before) use_decoder(lane);
}

void lane_set_end(struct lane *lane, int64_t end_ms) { lane->end_ms = end_ms; }
bool lane_ended(const struct lane *lane) { return lane->ended; }

const struct lane_counts *lane_counts(const struct lane *lane) { return &lane->counts; }
struct task *lane_task(struct lane *lane) {
  return lane->task;
}
