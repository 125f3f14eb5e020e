/* sink_file.c: a buffer and write(2). */
#include "sink_file.h"

#include <errno.h>
#include <unistd.h>

enum { ROOM_KEPT = 4 * SINK_FILE_PIECE };
enum { PATIENCE = 5 }; /* how often a write that nobody takes may be interrupted before it is given up */

/* Writes all of it. A reader that takes nothing cannot hold back the end: after a signal write is interrupted every second. */
static int write_all(int descriptor, const char *at, size_t length) {
  int interrupted = 0;
  while (length > 0) {
    ssize_t count = write(descriptor, at, length);
    if (count < 0 && errno == EINTR && ++interrupted < PATIENCE) continue;
    if (count < 0) return errno;
    if (count > 0) interrupted = 0;
    at += count;
    length -= (size_t)count;
  }
  return 0;
}

static bool output_flush(struct sink_output *output) {
  if (output->error == 0 && output->descriptor >= 0)
    output->error = write_all(output->descriptor, output->buffer.at, output->buffer.length);
  output->buffer.length = 0;
  if (output->buffer.room > ROOM_KEPT) buffer_fini(&output->buffer); /* one giant must not stay */
  return output->error == 0;
}

static void output_flush_if_full(struct sink_output *output) {
  if (output->buffer.length >= SINK_FILE_PIECE) output_flush(output);
}

void sink_file_init(struct sink_file *sink, int changes, int dead_letters, const char *dead_letters_name) {
  sink->changes = (struct sink_output){.descriptor = changes, .name = "standard output"};
  sink->dead_letters = (struct sink_output){.descriptor = dead_letters, .name = dead_letters_name};
}

void sink_file_fini(struct sink_file *sink) {
  buffer_fini(&sink->changes.buffer);
  buffer_fini(&sink->dead_letters.buffer);
}

void sink_file_change(struct sink_file *sink, const struct change *change) {
  change_encode(&sink->changes.buffer, change);
  buffer_append(&sink->changes.buffer, "\n", 1);
  output_flush_if_full(&sink->changes);
}

void sink_file_dead_letter(struct sink_file *sink, const struct record *record, enum reject reject,
                           const char *detail) {
  if (sink->dead_letters.descriptor < 0) return;
  dead_letter_encode(&sink->dead_letters.buffer, record, reject, detail);
  output_flush_if_full(&sink->dead_letters);
}

bool sink_file_flush(struct sink_file *sink) {
  bool changes = output_flush(&sink->changes);
  return output_flush(&sink->dead_letters) && changes;
}

const struct sink_output *sink_file_failed(const struct sink_file *sink) {
  if (sink->changes.error) return &sink->changes;
  return sink->dead_letters.error ? &sink->dead_letters : NULL;
}
