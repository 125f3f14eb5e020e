/* region.c: pieces, and what is cut off them. */
#include "region.h"

#include "memory.h"

enum { LINE = 64, LEAST = 64 << 10, SHARE = 4 };

struct piece {
  char *at;
  size_t bytes;
};

static char *add(struct region *region, size_t bytes) {
  char *at = memory_large(bytes);
  region->pieces = memory_grown(region->pieces, (region->count + 1) * sizeof *region->pieces);
  region->pieces[region->count++] = (struct piece){at, bytes};
  region->bytes += bytes;
  return at;
}

static size_t next_piece(const struct region *region) {
  uint64_t share = region->bytes / SHARE / LINE * LINE;
  if (share < LEAST) return LEAST;
  return share < MEMORY_LARGE ? share : MEMORY_LARGE;
}

static char *cut_anew(struct region *region, size_t bytes) {
  size_t size = next_piece(region);
  if (bytes > size / SHARE) return add(region, (bytes + LINE - 1) / LINE * LINE); /* what is large has its own */
  char *at = add(region, size);
  region->at = at + bytes;
  region->end = at + size;
  return at;
}

char *region_cut(struct region *region, size_t bytes) {
  if ((size_t)(region->end - region->at) < bytes) return cut_anew(region, bytes);
  char *taken = region->at;
  region->at += bytes;
  return taken;
}

void region_fini(struct region *region) {
  for (uint32_t i = 0; i < region->count; i++) memory_large_free(region->pieces[i].at, region->pieces[i].bytes);
  memory_free(region->pieces);
  *region = (struct region){0};
}
