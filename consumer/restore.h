/* restore.h: a task is taken up: the newest snapshot that can be trusted, then the inputs by the journal, up to what was
 * committed.
 *
 *   committed offsets, once no transaction is open ─→ snapshot (local, else handover-state, else none)
 *     ─→ journal records from there to the journal's end; of each its runs, clock marks and versions, at their place
 *     ─→ what was published must be what the journal's chain says, where it stands must be what was committed ─→ running
 *
 * Anything that does not fit is refused, never guessed. In small steps, so that the worker's other tasks go on.
 * One worker uses a restore. May use: partition, membership, source_kafka, stuck, snapshot*. */
#ifndef HANDOVER_CONSUMER_RESTORE_H
#define HANDOVER_CONSUMER_RESTORE_H

#include "../producer/fence.h"
#include "membership.h"
#include "partition.h"
#include "source_kafka.h"

enum restore_outcome {
  RESTORE_MORE,
  RESTORE_DONE,
  RESTORE_REFUSED, /* restore_why: the log does not say what the task was */
};

struct restore;

/* `partition` is new. Its inputs are not started; restore_step leaves them so. */
struct restore *restore_create(struct partition *partition, struct source_kafka *source, struct membership *membership,
                               struct fence *fence);
void restore_destroy(struct restore *restore); /* at any time; stops what it started */

/* Some milliseconds of it. */
enum restore_outcome restore_step(struct restore *restore);
const char *restore_why(const struct restore *restore);

#endif
