/* record_queue.h: records of one topic that came before they were wanted: first in, first out, with copies of their bytes.
 *
 * May use: decode.h, engine/memory.h. */
#ifndef HANDOVER_CONSUMER_RECORD_QUEUE_H
#define HANDOVER_CONSUMER_RECORD_QUEUE_H

#include <stddef.h>

#include "decode.h"

struct record_queue { /* zero it to start; record_queue_fini frees */
  char *at;           /* [start, end): of each record its structure, its key, its payload */
  size_t start, end, room;
  uint64_t count;
};
void record_queue_fini(struct record_queue *queue);

/* Everything is copied but the topic's name. */
void record_queue_push(struct record_queue *queue, const struct record *record);
/* Takes out the first ones, up to `room`, and returns how many. They are good until the next push. */
int32_t record_queue_pop(struct record_queue *queue, struct record *records, int32_t room);

#endif
