/* pool.c: size classes of 4, 5, 6, 7, 8, 10, 12, 14, 16, 20 … units of 8 bytes: at most a fifth is lost to rounding. */
#include "pool.h"

#include <assert.h>
#include <string.h>

enum { UNIT = 8 };

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

int64_t *pool_take(struct pool *pool, uint32_t units, uint32_t *room) {
  int class = class_of(units);
  *room = class_units(class);
  void *block = pool->free[class];
  if (!block) return (int64_t *)(void *)region_cut(&pool->region, (size_t)*room * UNIT);
  memcpy(&pool->free[class], block, sizeof(void *));
  return block;
}

void pool_give(struct pool *pool, int64_t *block, uint32_t room) {
  int class = class_of(room);
  memcpy(block, &pool->free[class], sizeof(void *));
  pool->free[class] = block;
}

char *pool_bytes(struct pool *pool, uint32_t length) {
  return region_cut(&pool->region, ((size_t)length + UNIT - 1) / UNIT * UNIT);
}

void pool_fini(struct pool *pool) {
  region_fini(&pool->region);
  *pool = (struct pool){0};
}
