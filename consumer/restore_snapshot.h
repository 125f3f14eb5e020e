/* restore_snapshot.h: of the snapshots that there are, the newest that can be trusted, loaded into the task. For restore.c.
 *
 * First the local file; where it is not there, not to be trusted, or far behind, those of `handover-state` too. One that is torn,
 * foreign, of a version that is not at hand or younger than what was committed is set aside with a warning. */
#ifndef HANDOVER_CONSUMER_RESTORE_SNAPSHOT_H
#define HANDOVER_CONSUMER_RESTORE_SNAPSHOT_H

#include "partition.h"
#include "source_kafka.h"

struct restore_snapshot;

/* The arrays, by input, outlive it. committed: −1 none. */
struct restore_snapshot *restore_snapshot_create(struct partition *partition, struct source_kafka *source,
                                                 const int64_t *committed, const int64_t *input_begin,
                                                 int64_t journal_end);
void restore_snapshot_destroy(struct restore_snapshot *restore);

/* False: call again. True: the partition has a snapshot's lane, positions and journal (or is as it was: there is none), and
 * *journal_offset is where the journal is to be read from. */
bool restore_snapshot_step(struct restore_snapshot *restore, int64_t *journal_offset);

#endif
