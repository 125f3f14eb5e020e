/* decay.h: how points fade: halving every so many minutes, in whole nanopoints, the same on every machine. */
#ifndef HANDOVER_ENGINE_DECAY_H
#define HANDOVER_ENGINE_DECAY_H

#include <stdint.h>

/* What n minutes do to any value: computed once, applied to many. */
struct decay {
  uint64_t factor; /* of 2^62 */
  uint32_t halvings;
};

/* minutes >= 0; half_life_min 0: nothing fades. */
struct decay decay_of(int64_t minutes, int64_t half_life_min);
int64_t decay_apply(struct decay decay, int64_t nanopoints);

#endif
