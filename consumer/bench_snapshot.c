/* bench_snapshot.c: what a snapshot costs: how long each of its steps holds up a task that goes on, how large it is, and how long it takes to
 * be loaded again. All of it as the daemon does it, with a file in the scratch folder. May use: bench_block.h, snapshot_file.h,
 * snapshot_writer.h. */
#include <stdio.h>
#include <unistd.h>

#include "bench_block.h"
#include "clock.h"
#include "engine/memory.h"
#include "interrupt.h"
#include "snapshot_file.h"
#include "snapshot_writer.h"

#define MS INT64_C(1000000) /* nanoseconds */

enum { TURN = 1024 /* events between two steps, as in a worker's loop */, WAIT_MS = 5 };

static bool fail(struct bench *bench, const char *what, const char *why) {
  snprintf(bench->why, BENCH_WHY, "%s: %.400s", what, why);
  return false;
}

/* A task of one event a lead. */
static void fill(struct lane *lane, struct block *block, const struct load_order *order) {
  for (uint64_t i = 0; i < order->leads && !interrupt_seen(); i += BENCH_BLOCK) {
    block_fill(block, order, i, order->leads, true);
    block_decide(lane, block);
  }
}

/* --- writing --- */

struct steps {
  double *ms;
  size_t count, room;
  int64_t most_cpu_ns;
};

static void note_step(struct steps *steps, int64_t ns, int64_t cpu_ns) {
  if (steps->count == steps->room) {
    steps->room = steps->room ? steps->room * 2 : 1024;
    steps->ms = memory_grown(steps->ms, steps->room * sizeof *steps->ms);
  }
  steps->ms[steps->count++] = (double)ns / (double)MS;
  if (cpu_ns > steps->most_cpu_ns) steps->most_cpu_ns = cpu_ns;
}

static void note_steps(struct bench *bench, struct steps *steps) {
  bench_sort(steps->ms, steps->count);
  bench_note(bench, "step", "count", (double)steps->count);
  bench_note(bench, "step", "p50_ms", bench_rank(steps->ms, steps->count, 500));
  bench_note(bench, "step", "p99_ms", bench_rank(steps->ms, steps->count, 990));
  bench_note(bench, "step", "max_ms", bench_rank(steps->ms, steps->count, 1000));
  bench_note(bench, "step", "max_cpu_ms", (double)steps->most_cpu_ns / (double)MS);
}

/* One turn of the loop: some events, then a step. */
static enum snapshot_writing turn(struct snapshot_writer *writer, struct lane *lane, struct block *block,
                                  const struct load_order *order, uint64_t *next, struct steps *steps) {
  uint64_t end = *next + TURN < order->events ? *next + TURN : order->events;
  block_fill(block, order, *next, end, false);
  block_decide(lane, block);
  *next = end;
  int64_t begin_ns = clock_monotonic_ns(), cpu_ns = clock_thread_ns();
  enum snapshot_writing state = snapshot_writer_step(writer, SNAPSHOT_STEP_MS * MS);
  cpu_ns = clock_thread_ns() - cpu_ns;
  note_step(steps, clock_monotonic_ns() - begin_ns, cpu_ns);
  if (end == order->events) snapshot_writer_wait(writer, WAIT_MS * MS);
  return state;
}

static bool write_snapshot(struct bench *bench, struct lane *lane, struct block *block, struct load_order *order) {
  struct snapshot_head head;
  struct snapshot_written written = {.descriptor = -1};
  struct steps steps = {0};
  uint64_t next = order->leads;
  enum snapshot_writing state;
  snapshot_head_init(&head, "bench", "bench", 0);
  struct snapshot_writer *writer = snapshot_writer_create(bench->scratch.folder);
  if (!writer) return fail(bench, "snapshot", "no thread can be started");
  int64_t begin_ns = clock_monotonic_ns();
  snapshot_writer_begin(writer, &head, lane_task(lane));
  while ((state = turn(writer, lane, block, order, &next, &steps)) == SNAPSHOT_WRITING_ON && !interrupt_seen()) {
  }
  double wall_s = (double)(clock_monotonic_ns() - begin_ns) / 1e9;
  if (state != SNAPSHOT_WRITING_ON) snapshot_writer_take(writer, &written);
  if (written.descriptor >= 0) close(written.descriptor);
  snapshot_writer_destroy(writer);
  note_steps(bench, &steps);
  memory_free(steps.ms);
  if (state != SNAPSHOT_WRITING_DONE) return fail(bench, "snapshot", state ? written.why : "interrupted");
  bench_note(bench, "snapshot", "wall_s", wall_s);
  bench_note(bench, "snapshot", "bytes_per_lead", (double)written.bytes / (double)order->leads);
  return true;
}

/* --- loading --- */

static bool load_into(struct bench *bench, struct lane *lane, struct buffer *bytes) {
  struct snapshot_head head;
  struct snapshot_state state;
  struct lap reading = {0}, loading = {0};
  char why[SNAPSHOT_WHY] = "";
  lap_on(&reading);
  bool good = snapshot_file_read(bench->scratch.folder, 0, bytes, why, sizeof why) == SNAPSHOT_OK &&
              snapshot_decode(bytes->at, bytes->length, &head, &state, why, sizeof why);
  lap_off(&reading);
  if (!good) return fail(bench, "snapshot", why);
  lap_on(&loading);
  good = task_load(lane_task(lane), state.at, state.length);
  lap_off(&loading);
  if (!good || task_lead_count(lane_task(lane)) != bench->load.leads)
    return fail(bench, "snapshot", "it does not come back as it was");
  struct child_use read = lap_use(&reading), load = lap_use(&loading);
  bench_note(bench, "back", "read_s", read.wall_s);
  bench_note(bench, "back", "load_s", load.wall_s);
  bench_note(bench, "back", "cpu_ns_per_lead", (read.cpu_s + load.cpu_s) / bench->load.leads * 1e9);
  bench_note(bench, "back", "state_bytes_per_lead", (double)task_bytes(lane_task(lane)) / (double)bench->load.leads);
  return true;
}

static bool load_snapshot(struct bench *bench, const struct definitions *definitions, const struct sink *sink) {
  struct buffer bytes = {0};
  struct lane *lane = bench_lane(definitions, sink);
  bool good = load_into(bench, lane, &bytes);
  buffer_fini(&bytes);
  lane_destroy(lane);
  return good;
}

bool bench_snapshot_round(struct bench *bench) {
  struct definitions definitions = {0};
  struct buffer out = {0};
  const struct sink sink = bench_sink(&out);
  struct load_order order = bench->load;
  if (!bench_definition(bench, &definitions)) return false;
  order.events = order.leads + bench->load.events;
  struct block *block = memory_zeroed(1, sizeof *block);
  struct lane *lane = bench_lane(&definitions, &sink);
  fill(lane, block, &order);
  bool good = write_snapshot(bench, lane, block, &order);
  lane_destroy(lane);
  good = good && load_snapshot(bench, &definitions, &sink);
  buffer_fini(&block->text);
  buffer_fini(&out);
  memory_free(block);
  definitions_fini(&definitions);
  return good;
}
