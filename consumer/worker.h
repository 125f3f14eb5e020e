/* worker.h: one thread of the daemon: a member of the group, with a reader, a transactional producer, and the tasks it owns.
 *
 *   loop:   group (rebalances) → messages → lanes → sink ─→ transaction.h: journal, offsets, commit, meanwhile it goes on
 *           restores, step by step                              undone: the tasks that had a part in it are restored
 *           clock marks of quiet tasks; snapshots, while nothing is open or being committed
 *
 * May use: everything of the daemon but daemon.h. */
#ifndef HANDOVER_CONSUMER_WORKER_H
#define HANDOVER_CONSUMER_WORKER_H

#include "shared.h"

struct worker;

/* Starts the thread. NULL with a sentence in `why`. `number`: the worker's, and its slot in the metrics. */
struct worker *worker_start(struct shared *shared, int32_t number, char *why, size_t room);
/* Waits for its end until the monotonic time; false: it has not come. */
bool worker_wait(struct worker *worker, int64_t until_ns);
void worker_destroy(struct worker *worker); /* after it has ended */

/* Any thread, at any time: */
bool worker_failed(const struct worker *worker);      /* it ends, or has ended, by itself */
const char *worker_why(const struct worker *worker);  /* once it has failed */
int64_t worker_beat_ns(const struct worker *worker);  /* when it last came round, or back from waiting; monotonic */
bool worker_ready(const struct worker *worker);       /* a settled member, and every task runs */
uint64_t worker_records(const struct worker *worker); /* decided and committed */

#endif
