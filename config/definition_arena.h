/* definition_arena.h: the memory of one definition: taken in pieces, given back at once. May use: engine/memory.h. */
#ifndef HANDOVER_CONFIG_DEFINITION_ARENA_H
#define HANDOVER_CONFIG_DEFINITION_ARENA_H

#include <stddef.h>

#include "../consumer/engine/slice.h"

struct arena { /* zero it to start */
  struct arena_chunk *last;
  size_t left; /* bytes free in it */
};

/* Zeroed, aligned for anything; NULL for nothing. Memory that runs out ends the process. */
void *arena_take(struct arena *arena, size_t count, size_t size);
struct slice arena_text(struct arena *arena, struct slice text); /* a copy, with a NUL behind it */
void arena_fini(struct arena *arena);

/* Distinct texts, numbered as they come. The texts' own memory is the arena's; the table is texts_fini's. Zero it to start. */
struct texts {
  struct slice *at;
  size_t count, room;
  int32_t *slots; /* open addressing; -1: free */
  size_t slot_count;
};

/* The text's number; a new one is copied into the arena and gets the number `count` was. */
int32_t texts_add(struct texts *texts, struct arena *arena, struct slice text);
void texts_fini(struct texts *texts);

#endif
