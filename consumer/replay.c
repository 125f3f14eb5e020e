/* replay.c: the loop of `handover replay`.
 *
 *   source_file → LANE_BATCH lines → records (plain, or by envelope) → runs of one partition → lane → sink_file
 *
 * Lines stay where they are in the source's buffer until the batch is done. Output is in the order of the lines, because a batch is
 * applied run by run and each lane calls the sink before it returns. With a journal the records go to replay_journal instead of lanes. */
#include "replay.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "../producer/sink_file.h"
#include "clock.h"
#include "engine/memory.h"
#include "envelope.h"
#include "progress.h"
#include "replay_journal.h"

enum { STATUS_OK = 0, STATUS_DIFFERS = 1, STATUS_USAGE = 2, STATUS_OUTSIDE = 3 };

struct replay {
  const struct replay_order *order;
  struct summary *summary;
  struct source_file *source;
  struct envelope *envelope;      /* kcat */
  struct replay_journal *journal; /* NULL: none was given */
  struct sink_file file;
  struct sink sink;
  struct progress progress;
  struct record records[LANE_BATCH];     /* the batch */
  struct lane *lanes[REPLAY_PARTITIONS]; /* ascending by partition */
  int32_t lane_count;
};

/* The sink */

static void on_change(void *context, const struct change *change) {
  struct replay *replay = context;
  summary_change(replay->summary, change);
  sink_file_change(&replay->file, change);
}

static void on_dead_letter(void *context, const struct record *record, enum reject reject, const char *detail) {
  sink_file_dead_letter(&((struct replay *)context)->file, record, reject, detail);
}

/* Lanes */

static int32_t lane_partition(const struct replay *replay, int32_t index) {
  return task_partition(lane_task(replay->lanes[index]));
}

/* The partition's lane, made where there is none yet; NULL where there are too many. */
static struct lane *lane_for(struct replay *replay, int32_t partition) {
  int32_t low = 0, high = replay->lane_count;
  while (low < high) {
    int32_t middle = low + (high - low) / 2;
    if (lane_partition(replay, middle) < partition) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low < replay->lane_count && lane_partition(replay, low) == partition) return replay->lanes[low];
  if (replay->lane_count == REPLAY_PARTITIONS) return NULL;
  size_t behind = (size_t)(replay->lane_count - low);
  memmove(&replay->lanes[low + 1], &replay->lanes[low], behind * sizeof *replay->lanes);
  const struct replay_order *order = replay->order;
  replay->lanes[low] =
      lane_create(partition, order->definitions, order->definition_count, &replay->sink, order->event_bytes_max);
  replay->lane_count++;
  return replay->lanes[low];
}

/* Applies records that stand in one batch, each run of one partition at once. Returns how many, less than `count` where there are
 * too many partitions. */
static int32_t apply(struct replay *replay, const struct record *records, int32_t count) {
  int32_t from = 0;
  if (replay->journal) {
    replay_journal_apply(replay->journal, records, count);
    return count;
  }
  while (from < count) {
    int32_t partition = records[from].position.partition, to = from + 1;
    while (to < count && records[to].position.partition == partition) to++;
    struct lane *lane = lane_for(replay, partition);
    if (!lane) break;
    lane_apply(lane, records + from, to - from);
    from = to;
  }
  return from;
}

/* Lines */

static int say_line(struct replay *replay, int32_t index, const char *why) {
  progress_end(&replay->progress);
  struct source_place place = source_file_place(replay->source, index);
  fprintf(stderr, "handover replay: %s: line %" PRIu64 ": %s\n", place.path, place.line, why);
  return STATUS_USAGE;
}

static int take_plain(struct replay *replay, const struct slice *lines, int32_t count) {
  struct record *records = replay->records;
  struct summary *summary = replay->summary;
  struct position position = {slice_of(replay->order->topic), replay->order->partition, 0};
  int32_t used = 0;
  for (int32_t i = 0; i < count; i++) {
    position.offset = (int64_t)summary->lines++;
    if (source_line_is_empty(lines[i])) {
      summary->empty++;
      continue;
    }
    records[used++] = (struct record){lines[i], {NULL, 0}, TIME_NONE, position};
  }
  apply(replay, records, used);
  return STATUS_OK;
}

static int take_kcat(struct replay *replay, const struct slice *lines, int32_t count) {
  struct record *records = replay->records;
  int32_t index[LANE_BATCH], used = 0, bad = NONE, empty = 0;
  char why[ENVELOPE_WHY], text[ENVELOPE_WHY + 64];
  for (int32_t i = 0; i < count && bad == NONE; i++) {
    if (source_line_is_empty(lines[i])) {
      empty++;
    } else if (envelope_read(replay->envelope, used, lines[i], &records[used], why)) {
      index[used++] = i;
    } else {
      bad = i;
    }
  }
  int32_t applied = apply(replay, records, used);
  replay->summary->empty += (uint64_t)empty;
  replay->summary->lines += (uint64_t)(empty + applied);
  if (applied < used) return say_line(replay, index[applied], "more partitions than handover replay takes at once");
  if (bad == NONE) return STATUS_OK;
  snprintf(text, sizeof text, "not what `kcat -J` prints: %s", why);
  return say_line(replay, bad, text);
}

/* The run */

static int say_source(const struct replay *replay, enum source_outcome outcome) {
  if (outcome == SOURCE_END) return STATUS_OK;
  if (outcome == SOURCE_INTERRUPTED) {
    fprintf(stderr, "handover replay: interrupted: what had been read so far is decided and written\n");
    return STATUS_OUTSIDE;
  }
  fprintf(stderr, "handover replay: %s\n", source_file_why(replay->source));
  return outcome == SOURCE_BAD ? STATUS_USAGE : STATUS_OUTSIDE;
}

static int read_all(struct replay *replay) {
  struct slice lines[LANE_BATCH];
  int32_t count;
  enum source_outcome outcome;
  while ((outcome = source_file_read(replay->source, lines, LANE_BATCH, &count)) == SOURCE_OK) {
    int status = (replay->envelope ? take_kcat : take_plain)(replay, lines, count);
    if (status != STATUS_OK) return status;
    if (source_file_may_wait(replay->source)) sink_file_flush(&replay->file);
    if (sink_file_failed(&replay->file)) return STATUS_OUTSIDE; /* said at the end */
    struct source_progress progress = source_file_progress(replay->source);
    progress_show(&replay->progress, replay->summary->lines, progress.done_bytes, progress.all_bytes);
  }
  progress_end(&replay->progress);
  return say_source(replay, outcome);
}

static void start(struct replay *replay, const struct replay_order *order, struct summary *summary) {
  replay->order = order;
  replay->summary = summary;
  replay->source = source_file_create(order->files, order->file_count);
  replay->sink = (struct sink){replay, on_change, on_dead_letter};
  sink_file_init(&replay->file, STDOUT_FILENO, order->dead_letters, order->dead_letters_name);
  progress_start(&replay->progress);
  if (order->journal_count) replay->journal = replay_journal_create(order, &replay->sink, summary);
  if (order->kcat) {
    replay->envelope = envelope_create(LANE_BATCH, SOURCE_LINE, 0);
  } else {
    lane_for(replay, order->partition); /* is there, even of an empty log */
  }
}

/* Writes what is left; says what could not be written. */
static int finish_output(struct replay *replay, int status) {
  if (sink_file_flush(&replay->file)) return status;
  const struct sink_output *failed = sink_file_failed(&replay->file);
  const char *why = strerror(failed->error);
  if (failed->error == EPIPE) why = "closed by its reader";
  if (failed->error == EINTR) why = "interrupted, and its reader takes nothing: the end is missing";
  fprintf(stderr, "handover replay: %s: %s\n", failed->name, why);
  return STATUS_OUTSIDE;
}

static void stop(struct replay *replay) {
  for (int32_t i = 0; i < replay->lane_count; i++) {
    summary_lane(replay->summary, replay->lanes[i]);
    lane_destroy(replay->lanes[i]);
  }
  replay_journal_destroy(replay->journal);
  sink_file_fini(&replay->file);
  envelope_destroy(replay->envelope);
  source_file_destroy(replay->source);
}

int replay_run(const struct replay_order *order, struct summary *summary) {
  struct replay *replay = memory_zeroed(1, sizeof *replay);
  int64_t start_ns = clock_monotonic_ns();
  start(replay, order, summary);
  int status = replay->journal ? replay_journal_read(replay->journal) : STATUS_OK;
  if (status == STATUS_OK) status = read_all(replay);
  progress_end(&replay->progress);
  if (replay->journal && !replay_journal_end(replay->journal, status == STATUS_OK) && status == STATUS_OK)
    status = STATUS_DIFFERS;
  if (status == STATUS_OK && order->until_ms != TIME_NONE) {
    for (int32_t i = 0; i < replay->lane_count; i++) lane_mark(replay->lanes[i], order->until_ms);
  }
  status = finish_output(replay, status);
  stop(replay);
  summary->elapsed_ns = clock_monotonic_ns() - start_ns;
  memory_free(replay);
  return status;
}
