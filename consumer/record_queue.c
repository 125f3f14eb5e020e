/* record_queue.c: one block of memory; what has been taken out at its front is moved over when room is wanted. */
#include "record_queue.h"

#include "engine/memory.h"

enum { ROOM_FIRST = 4 << 10, ROOM_KEPT = 1 << 20 };

void record_queue_fini(struct record_queue *queue) {
  memory_free(queue->at);
  *queue = (struct record_queue){0};
}

static void make_room(struct record_queue *queue, size_t bytes) {
  if (queue->count == 0) {
    queue->start = queue->end = 0;
    if (queue->room > ROOM_KEPT) record_queue_fini(queue);
  }
  if (queue->room - queue->end >= bytes) return;
  if (queue->start > queue->end / 2) {
    memmove(queue->at, queue->at + queue->start, queue->end - queue->start);
    queue->end -= queue->start;
    queue->start = 0;
  }
  size_t room = queue->room ? queue->room : ROOM_FIRST;
  while (room - queue->end < bytes) room *= 2;
  if (room == queue->room) return;
  queue->at = memory_grown(queue->at, room);
  queue->room = room;
}

static void append(struct record_queue *queue, const void *bytes, size_t length) {
  if (length) memcpy(queue->at + queue->end, bytes, length);
  queue->end += length;
}

void record_queue_push(struct record_queue *queue, const struct record *record) {
  make_room(queue, sizeof *record + record->key.length + record->payload.length);
  append(queue, record, sizeof *record);
  append(queue, record->key.at, record->key.length);
  append(queue, record->payload.at, record->payload.length);
  queue->count++;
}

/* A slice that was there is there again, where its bytes lie now. */
static struct slice take(struct record_queue *queue, struct slice before) {
  struct slice slice = {before.at ? queue->at + queue->start : NULL, before.length};
  queue->start += before.length;
  return slice;
}

int32_t record_queue_pop(struct record_queue *queue, struct record *records, int32_t room) {
  int32_t count = 0;
  while (count < room && queue->count > 0) {
    struct record *record = &records[count++];
    memcpy(record, queue->at + queue->start, sizeof *record);
    queue->start += sizeof *record;
    record->key = take(queue, record->key);
    record->payload = take(queue, record->payload);
    queue->count--;
  }
  return count;
}
