/* due.c: a heap of four children a node: fewer levels, and the children of a node share a cache line. */
#include "due.h"

#include "memory.h"

enum { CHILDREN = 4, FIRST = 64 };

void due_push(struct due_queue *queue, struct due_entry entry) {
  if (queue->count == queue->room) {
    queue->room = queue->room ? queue->room * 2 : FIRST;
    queue->at = memory_grown(queue->at, queue->room * sizeof *queue->at);
  }
  uint32_t i = queue->count++;
  while (i > 0 && queue->at[(i - 1) / CHILDREN].time_ms > entry.time_ms) {
    queue->at[i] = queue->at[(i - 1) / CHILDREN];
    i = (i - 1) / CHILDREN;
  }
  queue->at[i] = entry;
}

const struct due_entry *due_least(const struct due_queue *queue) { return queue->count ? queue->at : NULL; }

static uint32_t least_child(const struct due_queue *queue, uint32_t parent) {
  uint32_t least = parent * CHILDREN + 1, end = least + CHILDREN;
  if (end > queue->count) end = queue->count;
  for (uint32_t i = least + 1; i < end; i++)
    if (queue->at[i].time_ms < queue->at[least].time_ms) least = i;
  return least;
}

void due_pop(struct due_queue *queue) {
  struct due_entry last = queue->at[--queue->count];
  uint32_t i = 0;
  while (i * CHILDREN + 1 < queue->count) {
    uint32_t child = least_child(queue, i);
    if (queue->at[child].time_ms >= last.time_ms) break;
    queue->at[i] = queue->at[child];
    i = child;
  }
  queue->at[i] = last;
}

void due_fini(struct due_queue *queue) {
  memory_free(queue->at);
  *queue = (struct due_queue){0};
}
