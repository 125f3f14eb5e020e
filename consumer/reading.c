/* reading.c: the loop of commands that decide a log from files. May use: lane, source_file, envelope, progress. */
#include "reading.h"

#include <inttypes.h>
#include <stdio.h>

#include "engine/memory.h"
#include "envelope.h"
#include "progress.h"
#include "source_file.h"

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3 };

struct reading {
  const struct log_order *order;
  const struct reading_user *user;
  struct source_file *source;
  struct envelope *envelope; /* kcat */
  struct progress progress;
  uint64_t lines, empty;
  struct record records[LANE_BATCH];      /* the batch */
  struct lane *lanes[READING_PARTITIONS]; /* ascending by partition */
  int32_t lane_count;
};

/* Lanes */

static int32_t lane_partition(const struct reading *reading, int32_t index) {
  return task_partition(lane_task(reading->lanes[index]));
}

/* The partition's lane, made where there is none yet; NULL where there are too many. */
static struct lane *lane_for(struct reading *reading, int32_t partition) {
  int32_t low = 0, high = reading->lane_count;
  while (low < high) {
    int32_t middle = low + (high - low) / 2;
    if (lane_partition(reading, middle) < partition) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low < reading->lane_count && lane_partition(reading, low) == partition) return reading->lanes[low];
  if (reading->lane_count == READING_PARTITIONS) return NULL;
  size_t behind = (size_t)(reading->lane_count - low);
  memmove(&reading->lanes[low + 1], &reading->lanes[low], behind * sizeof *reading->lanes);
  const struct log_order *order = reading->order;
  reading->lanes[low] =
      lane_create(partition, order->definitions, order->definition_count, reading->user->sink, order->event_bytes_max);
  reading->lane_count++;
  if (reading->user->lane) reading->user->lane(reading->user->context, reading->lanes[low]);
  return reading->lanes[low];
}

static bool is_wanted(const struct reading *reading, int32_t partition) {
  return !reading->user->wanted || reading->user->wanted(reading->user->context, partition);
}

/* Applies records that stand in one batch, each run of one partition at once. Returns how many, less than `count` where there are
 * too many partitions. */
static int32_t apply(struct reading *reading, const struct record *records, int32_t count) {
  int32_t from = 0;
  if (reading->user->records) {
    reading->user->records(reading->user->context, records, count);
    return count;
  }
  while (from < count) {
    int32_t partition = records[from].position.partition, to = from + 1;
    while (to < count && records[to].position.partition == partition) to++;
    if (is_wanted(reading, partition)) {
      struct lane *lane = lane_for(reading, partition);
      if (!lane) break;
      lane_apply(lane, records + from, to - from);
    }
    from = to;
  }
  return from;
}

/* Lines */

static int say_line(struct reading *reading, int32_t index, const char *why) {
  progress_end(&reading->progress);
  struct source_place place = source_file_place(reading->source, index);
  fprintf(stderr, "handover %s: %s: line %" PRIu64 ": %s\n", reading->user->command, place.path, place.line, why);
  return STATUS_USAGE;
}

static int take_plain(struct reading *reading, const struct slice *lines, int32_t count) {
  struct record *records = reading->records;
  struct position position = {slice_of(reading->order->topic), reading->order->partition, 0};
  int32_t used = 0;
  for (int32_t i = 0; i < count; i++) {
    position.offset = (int64_t)reading->lines++;
    if (source_line_is_empty(lines[i])) {
      reading->empty++;
      continue;
    }
    records[used++] = (struct record){lines[i], {NULL, 0}, TIME_NONE, position};
  }
  apply(reading, records, used);
  return STATUS_OK;
}

static int take_kcat(struct reading *reading, const struct slice *lines, int32_t count) {
  struct record *records = reading->records;
  int32_t index[LANE_BATCH], used = 0, bad = NONE, empty = 0;
  char why[ENVELOPE_WHY], text[ENVELOPE_WHY + 64];
  for (int32_t i = 0; i < count && bad == NONE; i++) {
    if (source_line_is_empty(lines[i])) {
      empty++;
    } else if (envelope_read(reading->envelope, used, lines[i], &records[used], why)) {
      index[used++] = i;
    } else {
      bad = i;
    }
  }
  int32_t applied = apply(reading, records, used);
  reading->empty += (uint64_t)empty;
  reading->lines += (uint64_t)(empty + applied);
  if (applied < used) {
    snprintf(text, sizeof text, "more partitions than handover %.20s takes at once", reading->user->command);
    return say_line(reading, index[applied], text);
  }
  if (bad == NONE) return STATUS_OK;
  snprintf(text, sizeof text, "not what `kcat -J` prints: %s", why);
  return say_line(reading, bad, text);
}

/* The run */

static int say_source(const struct reading *reading, enum source_outcome outcome) {
  if (outcome == SOURCE_END) return STATUS_OK;
  if (outcome == SOURCE_INTERRUPTED) {
    fprintf(stderr, "handover %s: interrupted: what had been read so far is decided and written\n",
            reading->user->command);
    return STATUS_OUTSIDE;
  }
  fprintf(stderr, "handover %s: %s\n", reading->user->command, source_file_why(reading->source));
  return outcome == SOURCE_BAD ? STATUS_USAGE : STATUS_OUTSIDE;
}

static int read_all(struct reading *reading) {
  const struct reading_user *user = reading->user;
  struct slice lines[LANE_BATCH];
  int32_t count;
  enum source_outcome outcome;
  while ((outcome = source_file_read(reading->source, lines, LANE_BATCH, &count)) == SOURCE_OK) {
    int status = (reading->envelope ? take_kcat : take_plain)(reading, lines, count);
    if (status != STATUS_OK) return status;
    enum reading_next next = user->batch ? user->batch(user->context, reading) : READING_ON;
    if (next != READING_ON) return next == READING_ENOUGH ? STATUS_OK : STATUS_OUTSIDE;
    struct source_progress progress = source_file_progress(reading->source);
    progress_show(&reading->progress, reading->lines, progress.done_bytes, progress.all_bytes);
  }
  progress_end(&reading->progress);
  return say_source(reading, outcome);
}

struct reading *reading_create(const struct log_order *order, const struct reading_user *user) {
  struct reading *reading = memory_zeroed(1, sizeof *reading);
  reading->order = order;
  reading->user = user;
  reading->source = source_file_create(order->files, order->file_count);
  progress_start(&reading->progress);
  if (order->kcat) {
    reading->envelope = envelope_create(LANE_BATCH, SOURCE_LINE, 0);
  } else if (!user->records) {
    lane_for(reading, order->partition); /* is there, even of an empty log */
  }
  return reading;
}

int reading_run(struct reading *reading) {
  int status = read_all(reading);
  progress_end(&reading->progress);
  if (status != STATUS_OK || reading->order->until_ms == TIME_NONE) return status;
  for (int32_t i = 0; i < reading->lane_count; i++) {
    if (is_wanted(reading, lane_partition(reading, i))) lane_mark(reading->lanes[i], reading->order->until_ms);
  }
  return STATUS_OK;
}

void reading_destroy(struct reading *reading) {
  for (int32_t i = 0; i < reading->lane_count; i++) lane_destroy(reading->lanes[i]);
  envelope_destroy(reading->envelope);
  source_file_destroy(reading->source);
  memory_free(reading);
}

int32_t reading_lane_count(const struct reading *reading) { return reading->lane_count; }
struct lane *reading_lane(const struct reading *reading, int32_t index) {
  return reading->lanes[index];
}
uint64_t reading_lines(const struct reading *reading) { return reading->lines; }
uint64_t reading_empty_lines(const struct reading *reading) { return reading->empty; }
bool reading_may_wait(const struct reading *reading) { return source_file_may_wait(reading->source); }
