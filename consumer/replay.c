/* replay.c: what `handover replay` does with a log: reading.c → lanes → sink_file. With a journal the records go to replay_journal.c
 * instead of lanes. */
#include "replay.h"

#include <errno.h>
#include <unistd.h>

#include "../producer/sink_file.h"
#include "clock.h"
#include "replay_journal.h"

enum { STATUS_OK = 0, STATUS_DIFFERS = 1, STATUS_OUTSIDE = 3 };

struct replay {
  struct summary *summary;
  struct replay_journal *journal; /* NULL: none was given */
  struct sink_file file;
};

static void on_change(void *context, const struct change *change) {
  struct replay *replay = context;
  summary_change(replay->summary, change);
  sink_file_change(&replay->file, change);
}

static void on_dead_letter(void *context, const struct record *record, enum reject reject, const char *detail) {
  sink_file_dead_letter(&((struct replay *)context)->file, record, reject, detail);
}

static void on_records(void *context, const struct record *records, int32_t count) {
  replay_journal_apply(((struct replay *)context)->journal, records, count);
}

/* An output that failed is said at the end. */
static enum reading_next on_batch(void *context, struct reading *reading) {
  struct replay *replay = context;
  if (reading_may_wait(reading)) sink_file_flush(&replay->file);
  return sink_file_failed(&replay->file) ? READING_FAILED : READING_ON;
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

/* The journal, the inputs, and whether they fit. */
static int read_by_journal(struct replay_journal *journal, struct reading *reading) {
  int status = replay_journal_read(journal);
  if (status == STATUS_OK) status = reading_run(reading);
  bool fits = replay_journal_end(journal, status == STATUS_OK);
  return status == STATUS_OK && !fits ? STATUS_DIFFERS : status;
}

int replay_run(const struct replay_order *order, struct summary *summary) {
  struct replay replay = {.summary = summary};
  struct sink sink = {&replay, on_change, on_dead_letter};
  struct reading_user user = {.command = "replay", .context = &replay, .sink = &sink, .batch = on_batch};
  int64_t start_ns = clock_monotonic_ns();
  sink_file_init(&replay.file, STDOUT_FILENO, order->dead_letters, order->dead_letters_name);
  if (order->journal_count) {
    replay.journal = replay_journal_create(order, &sink, summary);
    user.records = on_records;
  }
  struct reading *reading = reading_create(&order->log, &user);
  int status = replay.journal ? read_by_journal(replay.journal, reading) : reading_run(reading);
  status = finish_output(&replay, status);
  for (int32_t i = 0; i < reading_lane_count(reading); i++) summary_lane(summary, reading_lane(reading, i));
  summary->lines = reading_lines(reading);
  summary->empty = reading_empty_lines(reading);
  reading_destroy(reading);
  replay_journal_destroy(replay.journal);
  sink_file_fini(&replay.file);
  summary->elapsed_ns = clock_monotonic_ns() - start_ns;
  return status;
}
