/* snapshot_writer.h: a task's snapshot on its way to the state directory: the task's thread puts bytes and never waits for the disk; a
 * thread of the writer's own writes them.
 *
 *   task's thread:   begin → step … → (DONE) take        give_up at any time
 *   writer's thread:           chunks → checksum, file beside → disk, rename
 *
 * One snapshot at a time. What waits for the disk is in chunks: SNAPSHOT_WRITER_AHEAD bytes of it by steps, and beyond that what leads need that
 * change before their turn; more than SNAPSHOT_WRITER_MOST in all, and the snapshot is given up: the disk is too slow. May use: the engine,
 * snapshot, snapshot_file, clock, pthread. */
#ifndef HANDOVER_CONSUMER_SNAPSHOT_WRITER_H
#define HANDOVER_CONSUMER_SNAPSHOT_WRITER_H

#include "snapshot.h"

enum {
  SNAPSHOT_WRITER_AHEAD = 4 << 20,
  SNAPSHOT_WRITER_MOST = 64 << 20,
  SNAPSHOT_STEP_MS = 1, /* for which a worker's loop stands, each time it comes round */
};

struct snapshot_writer;

/* `folder` must stay. NULL: no thread can be started. */
struct snapshot_writer *snapshot_writer_create(const char *folder);
/* Gives up what is going on, and waits until the thread has ended. */
void snapshot_writer_destroy(struct snapshot_writer *writer);

enum snapshot_writing {
  SNAPSHOT_WRITING_NONE,   /* one may begin */
  SNAPSHOT_WRITING_ON,     /* or it is being given up */
  SNAPSHOT_WRITING_DONE,   /* it is on the disk and in its place; wants to be taken */
  SNAPSHOT_WRITING_FAILED, /* likewise */
  SNAPSHOT_WRITING_GONE,   /* likewise; a version took over meanwhile, and it would be of no use: begin again */
};

/* The task's state as of now. Where nothing is written. */
void snapshot_writer_begin(struct snapshot_writer *writer, const struct snapshot_head *head, struct task *task);
/* Writes on for up to `budget_ns`, less where the disk does not keep up. */
enum snapshot_writing snapshot_writer_step(struct snapshot_writer *writer, int64_t budget_ns);
/* Waits for the thread, for up to `most_ns`: a step will get further, or another state has come. */
void snapshot_writer_wait(struct snapshot_writer *writer, int64_t most_ns);
/* Ends the task's part at once; the state is NONE when the thread has cleaned up. Before the task is destroyed. */
void snapshot_writer_give_up(struct snapshot_writer *writer);

struct snapshot_written {
  int descriptor; /* of the file, for reading; the caller's; −1: it failed */
  uint64_t bytes;
  char why[SNAPSHOT_WHY]; /* it failed */
};
/* After DONE, FAILED and GONE; then it is NONE. */
void snapshot_writer_take(struct snapshot_writer *writer, struct snapshot_written *written);

#endif
