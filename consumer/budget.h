/* budget.h: how the memory for records on their way (setting buffers_mb) is shared out between librdkafka's queues.
 *
 *   half       is read ahead: a queue a partition of each input, and what a fetch may bring into it
 *   a quarter  waits to be published: a queue a worker
 *   the rest   is left to what cannot be set: requests, copies, batches
 *
 * A queue that is full is not filled any further, so whoever is behind reads more slowly; nothing is dropped. What leads take is not in
 * it. Arithmetic alone. May use: libc. */
#ifndef HANDOVER_CONSUMER_BUDGET_H
#define HANDOVER_CONSUMER_BUDGET_H

#include <stdint.h>

struct budget {
  int64_t queue_kb;   /* KiB read ahead, of one partition of one input */
  int64_t fetch_kb;   /* KiB that one answer of a broker may have */
  int64_t publish_kb; /* KiB waiting to be published, of one worker */
  int64_t needed_mb; /* MiB without which queues would be smaller than they may be; above buffers_mb: it is too small */
};

/* buffers_mb >= 1 MiB; the counts >= 1. */
struct budget budget_share(int64_t buffers_mb, int64_t partitions, int64_t inputs, int64_t workers);

#endif
