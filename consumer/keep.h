/* keep.h: a running task's snapshot is taken, at a transaction's boundary, and put in its two places: the state directory and
 * `handover-state`. May use: partition, snapshot*, state_topic. */
#ifndef HANDOVER_CONSUMER_KEEP_H
#define HANDOVER_CONSUMER_KEEP_H

#include "partition.h"

/* Is it time (settings: snapshot_records, snapshot_interval_ms), and is there anything new? */
bool keep_wanted(const struct partition *partition, int64_t now_ns);
/* … and nothing of the task is open or being committed. */
bool keep_due(const struct partition *partition, int64_t now_ns);

/* Between transactions only. A failure is logged and counted, and the next one is tried in its time. */
void keep_task(struct partition *partition);

#endif
