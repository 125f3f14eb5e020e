/* source_file.h: the lines of files, read one after the other; packed ones are unpacked (source_unpack.h).
 *
 * A line ends at LF, which is no part of it, or at the end of its file. Lines are handed out where they stand in the buffer; only
 * one that goes across two reads is moved. A line of more than SOURCE_LINE bytes ends the reading: SOURCE_BAD. */
#ifndef HANDOVER_CONSUMER_SOURCE_FILE_H
#define HANDOVER_CONSUMER_SOURCE_FILE_H

#include "engine/slice.h"
#include "source_unpack.h"

enum { SOURCE_LINE = 64 << 20 };

struct source_file;

/* `paths` outlive the source; none: standard input. Nothing is opened yet. */
struct source_file *source_file_create(const char *const *paths, size_t count);
void source_file_destroy(struct source_file *source);

/* On SOURCE_OK 1..`room` lines, good until the next call. *count is 0 on anything else. */
enum source_outcome source_file_read(struct source_file *source, struct slice *lines, int32_t room, int32_t *count);

/* Nothing but spaces, tabs and CR. */
bool source_line_is_empty(struct slice line);

/* Where lines[index] of the last read stands: its file, and its number in it, from 1. */
struct source_place {
  const char *path;
  uint64_t line;
};
struct source_place source_file_place(const struct source_file *source, int32_t index);

/* Why it was SOURCE_BAD or SOURCE_FAILED: "FILE: reason". */
const char *source_file_why(const struct source_file *source);

/* Nothing is left in the buffer but (perhaps) the beginning of a line, and the next read may have to wait. */
bool source_file_may_wait(const struct source_file *source);

/* How far it has come, for people: bytes of the files as they are, and of how many (0: nobody knows). */
struct source_progress {
  uint64_t done_bytes, all_bytes;
};
struct source_progress source_file_progress(const struct source_file *source);

#endif
