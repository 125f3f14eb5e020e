/* stuck.h: a task cannot be taken up because a transaction is open; is it one that nobody ends any more?
 *
 *   "not stable yet" ─→ for a moment: wait; whoever had the task may just be committing
 *     ─→ longer: is something open (the journal has more than what is committed of it; or offsets come at once where they need not be
 *        stable), or is the broker only slow?
 *     ─→ open: the journal's last record, committed or not, says which producer wrote it (header "producer")
 *     ─→ once more not stable: that one is shut out (fence.h) ─→ from the beginning
 *
 * Whoever had the task before has lost it, by the group's word: else it were not ours to take up. So nobody who may still commit for it is
 * shut out; but for the moment in which this instance has lost the task in turn and not heard of it, and then the other one restores, no
 * more. One worker uses it. May use: source_kafka, fence, message. */
#ifndef HANDOVER_CONSUMER_STUCK_H
#define HANDOVER_CONSUMER_STUCK_H

#include "../producer/fence.h"
#include "source_kafka.h"

struct stuck { /* zeroed but for the first three to start */
  struct source_kafka *source;
  struct fence *fence;
  int32_t partition;
  int64_t since_ns;             /* 0: it goes on */
  rd_kafka_queue_t *journal;    /* NULL: nothing is being read */
  char producer[PRODUCER_NAME]; /* whose it must be; "": not known */
};

/* To be said each time something had to wait. True: for long; from here on stuck_look. */
bool stuck_for_long(struct stuck *stuck);
/* Something has come: the waiting begins anew. */
void stuck_over(struct stuck *stuck);
/* False: call again. */
bool stuck_look(struct stuck *stuck);
void stuck_fini(struct stuck *stuck); /* at any time */

#endif
