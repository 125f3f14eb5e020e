/* report_read.c: the loop over lines, for both kinds of files. */
#include "report_read.h"

#include <inttypes.h>
#include <stdio.h>

#include "envelope.h"
#include "progress.h"
#include "report_letter.h"
#include "source_file.h"

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, LINES = 256 };

struct reading {
  struct report_log *log;
  struct source_file *source;
  struct envelope *envelope; /* kcat */
  struct letter_reader *letters;
  struct progress progress;
  uint64_t lines;
};

typedef bool take_line(struct reading *reading, struct slice line, char *why);

static bool take_event(struct reading *reading, struct slice line, char *why) {
  if (!reading->envelope) return report_log_take(reading->log, line, why);
  struct record record;
  char what[ENVELOPE_WHY];
  if (!envelope_read(reading->envelope, 0, line, &record, what)) {
    snprintf(why, REPORT_WHY, "not what `kcat -J` prints: %s", what);
    return false;
  }
  return report_log_take(reading->log, record.payload, why);
}

static bool take_letter(struct reading *reading, struct slice line, char *why) {
  struct slice reason;
  if (!letter_reader_read(reading->letters, line, &reason, why)) return false;
  if (reason.at) report_log_dead_letter(reading->log, reason);
  return true;
}

static bool is_empty(struct slice line) {
  for (uint32_t i = 0; i < line.length; i++) {
    if (line.at[i] != ' ' && line.at[i] != '\t' && line.at[i] != '\r') return false;
  }
  return true;
}

static int say_line(struct reading *reading, int32_t index, const char *why) {
  struct source_place place = source_file_place(reading->source, index);
  progress_end(&reading->progress);
  fprintf(stderr, "handover report: %.300s: line %" PRIu64 ": %s\n", place.path, place.line, why);
  return STATUS_USAGE;
}

static int say_end(struct reading *reading, enum source_outcome outcome) {
  progress_end(&reading->progress);
  if (outcome == SOURCE_END) return STATUS_OK;
  fprintf(stderr, "handover report: %s\n",
          outcome == SOURCE_INTERRUPTED ? "interrupted: there is no report" : source_file_why(reading->source));
  return outcome == SOURCE_BAD ? STATUS_USAGE : STATUS_OUTSIDE;
}

static int read_lines(struct reading *reading, take_line *take) {
  struct slice lines[LINES];
  int32_t count;
  char why[REPORT_WHY];
  enum source_outcome outcome;
  while ((outcome = source_file_read(reading->source, lines, LINES, &count)) == SOURCE_OK) {
    for (int32_t i = 0; i < count; i++) {
      if (!is_empty(lines[i]) && !take(reading, lines[i], why)) return say_line(reading, i, why);
    }
    reading->lines += (uint64_t)count;
    struct source_progress progress = source_file_progress(reading->source);
    progress_show(&reading->progress, reading->lines, progress.done_bytes, progress.all_bytes);
  }
  return say_end(reading, outcome);
}

static int read_files(struct reading *reading, const char *const *paths, size_t count, take_line *take) {
  reading->source = source_file_create(paths, count);
  int status = read_lines(reading, take);
  source_file_destroy(reading->source);
  return status;
}

int report_read(struct report_log *log, const struct report_files *files) {
  struct reading reading = {.log = log};
  if (files->kcat) reading.envelope = envelope_create(1, SOURCE_LINE, 0);
  reading.letters = letter_reader_create(files->kcat);
  progress_start(&reading.progress);
  int status = read_files(&reading, files->events, files->event_count, take_event);
  if (status == STATUS_OK && files->letter_count > 0)
    status = read_files(&reading, files->letters, files->letter_count, take_letter);
  letter_reader_destroy(reading.letters);
  envelope_destroy(reading.envelope);
  return status;
}
