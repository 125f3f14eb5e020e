/* bench_block.c: blocks of events, and the clock around what is done with them. */
#include "bench_block.h"

#include <stdio.h>
#include <sys/resource.h>

#include "../producer/encode.h"
#include "clock.h"

/* The clock */

void lap_on(struct lap *lap) {
  lap->wall_ns -= clock_monotonic_ns();
  lap->cpu_ns -= clock_thread_ns();
}

void lap_off(struct lap *lap) {
  lap->cpu_ns += clock_thread_ns();
  lap->wall_ns += clock_monotonic_ns();
}

struct child_use lap_use(const struct lap *lap) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (struct child_use){(double)lap->cpu_ns / 1e9, (double)lap->wall_ns / 1e9, (double)usage.ru_maxrss / 1024};
}

/* Blocks of records */

static void block_add(struct block *block, const struct load_event *event, uint64_t number) {
  struct record *record = &block->records[block->count++];
  *record = (struct record){.payload = {NULL, (uint32_t)event->payload.length},
                            .timestamp_ms = TIME_NONE,
                            .position = {.topic = SLICE("events"), .offset = (int64_t)number}};
  buffer_append(&block->text, event->payload.at, event->payload.length);
}

/* The text has stopped moving: payloads get their places in it. */
static void block_close(struct block *block) {
  const char *at = block->text.at;
  for (int32_t i = 0; i < block->count; i++) {
    block->records[i].payload.at = at;
    at += block->records[i].payload.length;
  }
}

void block_fill(struct block *block, const struct load_order *order, uint64_t from, uint64_t to, bool each) {
  struct load_event event = {0};
  block->text.length = 0;
  block->count = 0;
  for (uint64_t i = from; i < to && block->count < BENCH_BLOCK; i++) {
    uint32_t lead = each ? (uint32_t)i : load_lead(order, i);
    load_make_of(order, i, lead, load_time(order, i), &event);
    block_add(block, &event, i);
  }
  block_close(block);
  load_event_fini(&event);
}

/* The definition: checked before, so that it can be read */

bool bench_definition(struct bench *bench, struct definitions *definitions) {
  const char *path = bench->definition;
  const struct trust trust = {0};
  bench->useless = !definitions_read(definitions, "bench", &path, 1, &trust);
  if (bench->useless) snprintf(bench->why, BENCH_WHY, "--definition: is of no use");
  return !bench->useless;
}

/* Decoding and all that follows, without input and output */

static void encode_change(void *context, const struct change *change) {
  struct buffer *out = context;
  out->length = 0;
  change_encode(out, change);
}

static void drop_letter(void *context, const struct record *record, enum reject reject, const char *detail) {
  (void)context, (void)record, (void)reject, (void)detail;
}

struct sink bench_sink(struct buffer *out) {
  return (struct sink){out, encode_change, drop_letter};
}

void block_decide(struct lane *lane, const struct block *block) {
  for (int32_t at = 0; at < block->count; at += LANE_BATCH)
    lane_apply(lane, &block->records[at], block->count - at < LANE_BATCH ? block->count - at : LANE_BATCH);
}

struct lane *bench_lane(const struct definitions *definitions, const struct sink *sink) {
  return lane_create(0, (const struct definition *const *)definitions->at, 1, sink, BENCH_EVENT);
}
