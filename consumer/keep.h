/* keep.h: running tasks' snapshots are taken, as of a transaction's boundary, while the tasks go on, and put in their two places: the
 * state directory and `handover-state`. May use: partition, snapshot*, state_topic.
 *
 *   due → begin (between transactions) → a step each time the worker's loop comes round → in state_dir → the upload, which goes on by itself */
#ifndef HANDOVER_CONSUMER_KEEP_H
#define HANDOVER_CONSUMER_KEEP_H

#include "partition.h"

struct keeper; /* a worker's, which takes one snapshot at a time */

/* NULL: no thread can be started. */
struct keeper *keeper_create(const struct shared *shared);
void keeper_destroy(struct keeper *keeper);

/* Is it time (settings: snapshot_records, snapshot_interval_ms), and is there anything new? */
bool keep_wanted(const struct partition *partition, int64_t now_ns);
/* … and nothing of the task is open or being committed. */
bool keep_due(const struct partition *partition, int64_t now_ns);
/* Is one going on? */
bool keeper_busy(const struct keeper *keeper);
/* Between transactions, and while none is going on. */
void keep_begin(struct keeper *keeper, struct partition *partition);
/* A step of the one that is going on, some milliseconds at most; whether one is still going on. A failure is logged and counted, and the next
 * one is tried in its time. */
bool keep_step(struct keeper *keeper);

/* Between transactions: the task as of now, before this returns; one that is going on is given up for it. For a task that is about to
 * be given up itself. */
void keep_now(struct keeper *keeper, struct partition *partition);
/* The partition is about to be destroyed. */
void keep_drop(struct keeper *keeper, const struct partition *partition);

#endif
