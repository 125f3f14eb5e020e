/* decay.h: how points fade: halving every so many minutes, in whole nanopoints, the same on every machine. */
#ifndef HANDOVER_ENGINE_DECAY_H
#define HANDOVER_ENGINE_DECAY_H

#include <stdint.h>

enum { DECAY_ONE_BITS = 62 };

/* What n minutes do to any value: computed once, applied to many. */
struct decay {
  uint64_t factor; /* of 2^DECAY_ONE_BITS */
  uint32_t halvings;
};

/* minutes >= 0; half_life_min 0: nothing fades. */
struct decay decay_of(int64_t minutes, int64_t half_life_min);

/* value × factor / 2^62, rounded down; the product has 128 bits. */
static inline uint64_t decay_scaled(uint64_t value, uint64_t factor) {
  __extension__ typedef unsigned __int128 wide;
  return (uint64_t)(((wide)value * factor) >> DECAY_ONE_BITS);
}

static inline int64_t decay_apply(struct decay decay, int64_t nanopoints) {
  uint64_t size = nanopoints < 0 ? 0 - (uint64_t)nanopoints : (uint64_t)nanopoints;
  int64_t left = (int64_t)(decay_scaled(size, decay.factor) >> decay.halvings);
  return nanopoints < 0 ? -left : left;
}

#endif
