/* definition_arena.c: chunks in a list, each filled from its start; and a hash table of texts. */
#include "definition_arena.h"

#include <stdalign.h>

#include "../consumer/engine/memory.h"

enum { CHUNK = 16384, ALIGN = alignof(max_align_t) };

struct arena_chunk {
  struct arena_chunk *before;
  alignas(max_align_t) unsigned char bytes[];
};

void *arena_take(struct arena *arena, size_t count, size_t size) {
  size_t bytes = (count * size + ALIGN - 1) / ALIGN * ALIGN;
  if (bytes == 0) return NULL;
  if (bytes > arena->left) {
    size_t room = bytes > CHUNK ? bytes : CHUNK;
    struct arena_chunk *chunk = memory_zeroed(1, sizeof *chunk + room);
    chunk->before = arena->last;
    arena->last = chunk;
    arena->left = room;
    if (bytes > CHUNK) { /* full at once */
      arena->left = 0;
      return chunk->bytes;
    }
  }
  void *taken = arena->last->bytes + (CHUNK - arena->left);
  arena->left -= bytes;
  return taken;
}

struct slice arena_text(struct arena *arena, struct slice text) {
  char *copy = arena_take(arena, (size_t)text.length + 1, 1);
  if (text.length) memcpy(copy, text.at, text.length);
  return (struct slice){copy, text.length};
}

void arena_fini(struct arena *arena) {
  for (struct arena_chunk *chunk = arena->last, *before; chunk; chunk = before) {
    before = chunk->before;
    memory_free(chunk);
  }
  *arena = (struct arena){0};
}

/* FNV-1a, 64 bits. */
static uint64_t hash(struct slice text) {
  uint64_t sum = UINT64_C(14695981039346656037);
  for (uint32_t i = 0; i < text.length; i++) sum = (sum ^ (unsigned char)text.at[i]) * UINT64_C(1099511628211);
  return sum ^ sum >> 32;
}

/* Where the text is, or would be. */
static int32_t *find_slot(const struct texts *texts, struct slice text) {
  size_t i = (size_t)hash(text) & (texts->slot_count - 1);
  while (texts->slots[i] >= 0 && !slice_equal(texts->at[texts->slots[i]], text)) i = (i + 1) & (texts->slot_count - 1);
  return &texts->slots[i];
}

static void grow(struct texts *texts) {
  texts->room = texts->room ? 2 * texts->room : 64;
  texts->slot_count = 2 * texts->room;
  texts->at = memory_grown(texts->at, texts->room * sizeof *texts->at);
  texts->slots = memory_grown(texts->slots, texts->slot_count * sizeof *texts->slots);
  for (size_t i = 0; i < texts->slot_count; i++) texts->slots[i] = -1;
  for (size_t i = 0; i < texts->count; i++) *find_slot(texts, texts->at[i]) = (int32_t)i;
}

int32_t texts_add(struct texts *texts, struct arena *arena, struct slice text) {
  if (texts->count == texts->room) grow(texts);
  int32_t *slot = find_slot(texts, text);
  if (*slot < 0) {
    *slot = (int32_t)texts->count;
    texts->at[texts->count++] = arena_text(arena, text);
  }
  return *slot;
}

void texts_fini(struct texts *texts) {
  memory_free(texts->at);
  memory_free(texts->slots);
  *texts = (struct texts){0};
}
