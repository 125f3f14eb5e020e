/* replay.c: what `handover replay` does with a log: reading.c → lanes → sink_file. */
#include "replay.h"

#include <errno.h>
#include <unistd.h>

#include "../producer/sink_file.h"
#include "clock.h"

enum { STATUS_OK = 0, STATUS_OUTSIDE = 3 };

struct replay {
  struct summary *summary;
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

/* An output that failed is said at the end. */
static bool on_batch(void *context, struct reading *reading) {
  struct replay *replay = context;
  if (reading_may_wait(reading)) sink_file_flush(&replay->file);
  return !sink_file_failed(&replay->file);
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

int replay_run(const struct replay_order *order, struct summary *summary) {
  struct replay replay = {.summary = summary};
  struct sink sink = {&replay, on_change, on_dead_letter};
  struct reading_user user = {.command = "replay", .context = &replay, .sink = &sink, .batch = on_batch};
  int64_t start_ns = clock_monotonic_ns();
  sink_file_init(&replay.file, STDOUT_FILENO, order->dead_letters, order->dead_letters_name);
  struct reading *reading = reading_create(&order->log, &user);
  int status = finish_output(&replay, reading_run(reading));
  for (int32_t i = 0; i < reading_lane_count(reading); i++) summary_lane(summary, reading_lane(reading, i));
  summary->lines = reading_lines(reading);
  summary->empty = reading_empty_lines(reading);
  reading_destroy(reading);
  sink_file_fini(&replay.file);
  summary->elapsed_ns = clock_monotonic_ns() - start_ns;
  return status;
}
