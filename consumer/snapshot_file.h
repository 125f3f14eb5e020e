/* snapshot_file.h: a task's snapshot in the state directory: FOLDER/PARTITION.snapshot, replaced atomically.
 *
 * It is written beside its place (PARTITION.snapshot.tmp), brought to the disk, and renamed over the one before: after a crash
 * there is the old one or the new one, whole. What cannot be trusted is renamed to PARTITION.snapshot.aside. Every failure is a
 * sentence that names the path. Any thread, one at a time for a partition. May use: the system, buffer.h. */
#ifndef HANDOVER_CONSUMER_SNAPSHOT_FILE_H
#define HANDOVER_CONSUMER_SNAPSHOT_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "../producer/buffer.h"

#define SNAPSHOT_FILE_BYTES (INT64_C(64) << 30) /* a larger file is none of ours */

enum { SNAPSHOT_FILE_PATH = 4096 };

enum snapshot_outcome {
  SNAPSHOT_OK,
  SNAPSHOT_ABSENT,
  SNAPSHOT_BAD, /* there, but cannot be read */
};

/* Makes the folder where it is not there (and those above it; 0700) and proves that files can be written in it. */
bool snapshot_file_folder(const char *folder, char *why, size_t room);

/* Takes the folder for this process, until the descriptor is closed or the process ends. -1: another process has it, or the
 * lock cannot be made; `why` says so. */
int snapshot_file_lock(const char *folder, char *why, size_t room);

/* One that is being written: begin, append …, commit. Where one of them fails nothing is left of it, and of the one before nothing is
 * lost. */
struct snapshot_file {
  const char *folder;                                        /* must stay */
  char path[SNAPSHOT_FILE_PATH], beside[SNAPSHOT_FILE_PATH]; /* its place, and where it is until then */
  int descriptor;                                            /* for reading too; −1: none */
};
bool snapshot_file_begin(struct snapshot_file *file, const char *folder, int32_t partition, char *why, size_t room);
bool snapshot_file_append(struct snapshot_file *file, const void *bytes, size_t length, char *why, size_t room);
/* It is on the disk and in its place. The descriptor stays open, and is the caller's. False after the place had been taken: the folder
 * could not be brought to the disk; then the old one or the new one is there after a crash, as ever. */
bool snapshot_file_commit(struct snapshot_file *file, char *why, size_t room);
void snapshot_file_abandon(struct snapshot_file *file); /* one that is not being written is no error */

/* Appends the file to an empty buffer. `why` is set on SNAPSHOT_BAD; the buffer then holds nothing. */
enum snapshot_outcome snapshot_file_read(const char *folder, int32_t partition, struct buffer *buffer, char *why,
                                         size_t room);

/* Renames it; what lay aside before is lost. One that is not there is no failure. */
bool snapshot_file_aside(const char *folder, int32_t partition, char *why, size_t room);

#endif
