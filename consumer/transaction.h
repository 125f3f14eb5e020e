/* transaction.h: what a worker's tasks have decided is committed: when (pace.h), of which tasks, and what follows from how it ended.
 *
 *   tasks touched ─ pace ─┬─ PACE_ALL ────→ journal records, offsets of all that are touched ─┐
 *                         └─ PACE_AWAITED → … of those that published something ──────────────┴→ commit ─┬─ committed: go on
 *        meanwhile the loop reads and decides on; what that publishes is of the next one                └─ undone: they are restored,
 *                                                                                                          and who published since
 *
 * The producer has one transaction at a time, and it holds messages of every task that has published something since the last
 * commit; so all of those are in each commit. A task that only read has nothing in it that could be half seen: its journal record
 * and its offsets may wait for the interval. One worker uses a transaction. May use: partition, membership, sink_kafka, pace. */
#ifndef HANDOVER_CONSUMER_TRANSACTION_H
#define HANDOVER_CONSUMER_TRANSACTION_H

#include "membership.h"
#include "partition.h"

struct transaction_handlers { /* called from within a commit or an abort */
  void *context;
  void (*restore)(void *context, int32_t partition); /* the task is ahead of the log */
  void (*fail)(void *context, const char *why);      /* no use in going on */
};

struct transaction;

/* `partitions`, by number, and everything else outlives it. `slot`: the worker's, in the metrics. */
struct transaction *transaction_create(struct shared *shared, int32_t slot, struct sink_kafka *sink,
                                       struct membership *membership, struct partition *const *partitions,
                                       const struct transaction_handlers *handlers);
void transaction_destroy(struct transaction *transaction);

/* Records have been taken; `more`: some are there that have not. */
void transaction_taken(struct transaction *transaction, uint64_t records, bool more);
/* Takes how a commit ended; begins one where it is due. `quiet`: the next one is waited for, so that afterwards nothing is open
 * (a snapshot wants it). */
void transaction_step(struct transaction *transaction, bool quiet);
/* How long the worker may wait for messages, at most `most_ms`. */
int transaction_wait_ms(const struct transaction *transaction, int most_ms);

/* Everything, now; waits for it. */
void transaction_commit(struct transaction *transaction);
/* Nothing of it: all tasks that it touched are restored. A commit that is under way is waited for. */
void transaction_undo(struct transaction *transaction);
/* Nothing is open or being committed: every task stands where the log says. */
bool transaction_idle(const struct transaction *transaction);

uint64_t transaction_records(const struct transaction *transaction); /* decided and committed; any thread may ask */

#endif
