/* pool.h: memory of a task's leads: blocks in size classes, cut from a region, kept in free lists, freed all at once. */
#ifndef HANDOVER_ENGINE_POOL_H
#define HANDOVER_ENGINE_POOL_H

#include <stdint.h>

#include "region.h"

enum { POOL_CLASSES = 96 };

struct pool {
  struct region region;
  void *free[POOL_CLASSES];
};

/* A block of at least `units` × 8 bytes; *room is what it holds. Whatever was in it before is there. */
int64_t *pool_take(struct pool *pool, uint32_t units, uint32_t *room);
void pool_give(struct pool *pool, int64_t *block, uint32_t room);
/* Bytes that stay until the pool is gone. */
char *pool_bytes(struct pool *pool, uint32_t length);
void pool_fini(struct pool *pool);

#endif
