/* due.h: the moments at which leads are to be looked at: a heap by time. It may show a lead too early or twice, never too
 * late; the lead's own `queued_ms` tells a valid entry from a stale one, so moving a deadline away costs nothing. */
#ifndef HANDOVER_ENGINE_DUE_H
#define HANDOVER_ENGINE_DUE_H

#include <stdbool.h>
#include <stdint.h>

struct due_entry {
  int64_t time_ms;
  uint32_t lead; /* number in the table */
};

struct due_queue {
  struct due_entry *at;
  uint32_t count, room;
};

void due_push(struct due_queue *queue, struct due_entry entry);
/* The least entry, without order among equal times. */
const struct due_entry *due_least(const struct due_queue *queue); /* NULL: empty */
void due_pop(struct due_queue *queue);
void due_fini(struct due_queue *queue);

#endif
