/* region.h: memory that is cut from large pieces and given back all at once.
 *
 * A piece is a quarter of what there is already, so that little lies idle. From 8 MiB on pieces are of 2 MiB, on pages of that size where
 * the kernel gives such: leads are looked at in no order, and each look at another page of 4 KiB would begin with a walk through tables
 * that are not near either. */
#ifndef HANDOVER_ENGINE_REGION_H
#define HANDOVER_ENGINE_REGION_H

#include <stddef.h>
#include <stdint.h>

struct region {
  struct piece *pieces; /* `count` of them */
  uint32_t count;
  char *at, *end; /* what is left of the newest that is not one request's own */
  uint64_t bytes; /* of all pieces */
};

/* `bytes` is a multiple of 8. Where all are multiples of 64, each begins a cache line. It is zeroed. */
char *region_cut(struct region *region, size_t bytes);
void region_fini(struct region *region);

#endif
