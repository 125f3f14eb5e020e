/* pool.c: size classes of 4, 5, 6, 7, 8, 10, 12, 14, 16, 20 … units of 8 bytes: at most a fifth is lost to rounding. */
#include "pool.h"

#include <assert.h>
#include <string.h>

#include "memory.h"

enum { CHUNK_BYTES = 1 << 20, UNIT = 8 };

struct chunk {
  struct chunk *next;
  uint64_t align; /* what follows is aligned to 16 */
};

static uint32_t class_units(int class) { return (uint32_t)(4 + (class & 3)) << (class >> 2); }

/* The least class that holds so many: four classes a doubling. */
static int class_of(uint32_t units) {
  if (units <= 4) return 0;
  int doublings = 31 - __builtin_clz(units) - 2;
  int class = 4 * doublings + (int)(units >> doublings) - 4;
  if (class_units(class) < units) class ++;
  assert(class < POOL_CLASSES);
  return class;
}

static char *cut(struct pool *pool, size_t bytes) {
  if ((size_t)(pool->end - pool->at) < bytes) {
    size_t size = bytes > CHUNK_BYTES / 4 ? bytes : CHUNK_BYTES;
    struct chunk *chunk = memory_grown(NULL, sizeof *chunk + size);
    chunk->next = pool->chunks;
    pool->chunks = chunk;
    pool->bytes += sizeof *chunk + size;
    if (size == bytes) return (char *)(chunk + 1); /* a large block has a chunk of its own */
    pool->at = (char *)(chunk + 1);
    pool->end = pool->at + size;
  }
  char *taken = pool->at;
  pool->at += bytes;
  return taken;
}

int64_t *pool_take(struct pool *pool, uint32_t units, uint32_t *room) {
  int class = class_of(units);
  *room = class_units(class);
  void *block = pool->free[class];
  if (!block) return (int64_t *)(void *)cut(pool, (size_t)*room * UNIT);
  memcpy(&pool->free[class], block, sizeof(void *));
  return block;
}

void pool_give(struct pool *pool, int64_t *block, uint32_t room) {
  int class = class_of(room);
  memcpy(block, &pool->free[class], sizeof(void *));
  pool->free[class] = block;
}

char *pool_bytes(struct pool *pool, uint32_t length) { return cut(pool, ((size_t)length + UNIT - 1) / UNIT * UNIT); }

void pool_fini(struct pool *pool) {
  for (struct chunk *chunk = pool->chunks, *next; chunk; chunk = next) {
    next = chunk->next;
    memory_free(chunk);
  }
  *pool = (struct pool){0};
}
