/* bench_local.c: what is measured without a broker: decoding, `replay`, `backtest`, and state by the number of leads. May use:
 * bench_block.h, child.h. */
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "bench_block.h"
#include "decode.h"
#include "engine/memory.h"
#include "interrupt.h"
#include "source_file.h"

enum { LINES = 1024, SCALE_LEAST = 10000, SCALE_STEP = 10 };

/* decode */

static void decode_block(struct decoder *decoder, const struct block *block) {
  struct event *event;
  char detail[160];
  for (int32_t i = 0; i < block->count; i++)
    (void)decoder_decode(decoder, 0, &block->records[i], &event, detail); /* definitions may want other events */
}

bool bench_decode_round(struct bench *bench) {
  struct definitions definitions = {0};
  struct buffer out = {0};
  const struct sink sink = bench_sink(&out);
  struct lap decoding = {0}, deciding = {0};
  uint64_t events = bench->load.events;
  if (!bench_definition(bench, &definitions)) return false;
  struct block *block = memory_zeroed(1, sizeof *block);
  struct decoder *decoder = decoder_create(definitions.at[0], 1, BENCH_EVENT);
  struct lane *lane = bench_lane(&definitions, &sink);
  for (uint64_t i = 0; i < events && !interrupt_seen(); i += BENCH_BLOCK) {
    block_fill(block, &bench->load, i, events, false);
    lap_on(&decoding);
    decode_block(decoder, block);
    lap_off(&decoding);
    lap_on(&deciding);
    block_decide(lane, block);
    lap_off(&deciding);
  }
  struct child_use floor = lap_use(&decoding), use = lap_use(&deciding);
  floor.rss_mb = 0;
  bench_note_use(bench, "decode", events, &floor);
  bench_note_use(bench, "decide", events, &use);
  lane_destroy(lane);
  decoder_destroy(decoder);
  buffer_fini(&block->text);
  buffer_fini(&out);
  memory_free(block);
  definitions_fini(&definitions);
  return true;
}

/* scale */

static void apply_blocks(struct lane *lane, struct block *block, const struct load_order *order, uint64_t from,
                         uint64_t to, struct lap *lap) {
  bool each = from == 0;
  for (uint64_t i = from; i < to && !interrupt_seen(); i += BENCH_BLOCK) {
    block_fill(block, order, i, to, each);
    lap_on(lap);
    block_decide(lane, block);
    lap_off(lap);
  }
}

/* From here on the peak is that of what comes: what was freed goes back to the kernel, which forgets (proc(5), clear_refs). */
static void forget_peak(void) {
  malloc_trim(0);
  FILE *file = fopen("/proc/self/clear_refs", "w");
  if (file) fputs("5", file);
  if (file) fclose(file);
}

/* First an event of every lead, then as many as --events says. */
static void scale(struct bench *bench, const struct definitions *definitions, struct block *block, uint32_t leads) {
  char row[BENCH_NAME];
  struct buffer out = {0};
  const struct sink sink = bench_sink(&out);
  struct load_order order = bench->load;
  struct lap first = {0}, later = {0};
  forget_peak();
  order.leads = leads;
  order.events = leads + bench->load.events;
  struct lane *lane = bench_lane(definitions, &sink);
  apply_blocks(lane, block, &order, 0, leads, &first);
  apply_blocks(lane, block, &order, leads, order.events, &later);
  uint64_t there = task_lead_count(lane_task(lane));
  struct child_use creating = lap_use(&first), use = lap_use(&later);
  snprintf(row, sizeof row, "%" PRIu32 " leads", leads);
  bench_note(bench, row, "state_bytes_per_lead", there ? (double)task_bytes(lane_task(lane)) / (double)there : 0);
  bench_note(bench, row, "first_cpu_s_per_million", creating.cpu_s / leads * 1e6);
  bench_note_use(bench, row, bench->load.events, &use);
  lane_destroy(lane);
  buffer_fini(&out);
}

bool bench_scale_round(struct bench *bench) {
  struct definitions definitions = {0};
  uint32_t most = bench->load.leads;
  if (!bench_definition(bench, &definitions)) return false;
  struct block *block = memory_zeroed(1, sizeof *block);
  for (uint64_t leads = SCALE_LEAST; leads < most && !interrupt_seen(); leads *= SCALE_STEP)
    scale(bench, &definitions, block, (uint32_t)leads);
  if (!interrupt_seen()) scale(bench, &definitions, block, most);
  buffer_fini(&block->text);
  memory_free(block);
  definitions_fini(&definitions);
  return true;
}

/* replay and backtest: processes over one file */

void bench_path(const struct bench *bench, const char *name, char path[BENCH_PATH]) {
  snprintf(path, BENCH_PATH, "%s/%s", bench->scratch.folder, name);
}

bool bench_child(struct bench *bench, struct child *child, const char *output, struct child_use *use) {
  char errors[BENCH_PATH], out[BENCH_PATH];
  bench_path(bench, "errors", errors);
  bench_path(bench, output ? output : "", out);
  if (!child_start(child, output ? out : NULL, errors, bench->why, BENCH_WHY)) return false;
  int status = child_wait(child, use, bench->why, BENCH_WHY);
  bench->useless = status == 2;
  return status == 0;
}

static void write_text(char *text, size_t room, uint64_t number) { snprintf(text, room, "%" PRIu64, number); }

bool bench_file(struct bench *bench, char path[BENCH_PATH]) {
  static const char *const names[] = {"--events", "--leads", "--days", "--seed"};
  const uint64_t values[] = {bench->load.events, bench->load.leads, bench->load.days, bench->load.seed};
  char texts[4][24];
  struct child child = {0};
  struct child_use use;
  bench_path(bench, "events.ndjson", path);
  FILE *there = fopen(path, "r");
  if (there) {
    fclose(there);
    return true;
  }
  child_word(&child, "handover");
  child_word(&child, "generate");
  child_word(&child, bench->load.uniform ? "--uniform" : "--zipf");
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    write_text(texts[i], sizeof texts[i], values[i]);
    child_word(&child, names[i]);
    child_word(&child, texts[i]);
  }
  return bench_child(bench, &child, "events.ndjson", &use);
}

bool bench_replay(struct bench *bench, struct child_use *use) {
  char path[BENCH_PATH];
  struct child child = {0};
  const char *const words[] = {"handover", "replay", "--definition", bench->definition, path};
  if (!bench_file(bench, path)) return false;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) child_word(&child, words[i]);
  return bench_child(bench, &child, "changes.ndjson", use);
}

/* What reading its lines alone costs. */
static bool note_lines(struct bench *bench) {
  char path[BENCH_PATH];
  if (!bench_file(bench, path)) return false;
  const char *paths[] = {path};
  struct slice lines[LINES];
  struct lap lap = {0};
  uint64_t count = 0;
  int32_t some;
  struct source_file *source = source_file_create(paths, 1);
  lap_on(&lap);
  while (source_file_read(source, lines, LINES, &some) == SOURCE_OK) count += (uint64_t)some;
  lap_off(&lap);
  source_file_destroy(source);
  struct child_use use = lap_use(&lap);
  use.rss_mb = 0; /* is this process', not theirs */
  bench_note_use(bench, "lines", count ? count : 1, &use);
  return true;
}

bool bench_replay_round(struct bench *bench) {
  struct child_use use;
  if (!note_lines(bench) || !bench_replay(bench, &use)) return false;
  bench_note_use(bench, "replay", bench->load.events, &use);
  return true;
}

bool bench_backtest_round(struct bench *bench) {
  char path[BENCH_PATH];
  struct child child = {0};
  struct child_use replay, use;
  if (!note_lines(bench) || !bench_replay(bench, &replay) || !bench_file(bench, path)) return false;
  const char *const words[] = {"handover", "backtest", bench->definition, bench->definition, path};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) child_word(&child, words[i]);
  if (!bench_child(bench, &child, NULL, &use)) return false;
  bench_note_use(bench, "replay", bench->load.events, &replay);
  bench_note_use(bench, "backtest", bench->load.events, &use);
  bench_note(bench, "backtest", "times_replay", use.cpu_s / replay.cpu_s);
  return true;
}
