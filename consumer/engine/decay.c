/* decay.c: decay(v, n) of docs/engine.md, Score arithmetic. Only whole numbers; products have 128 bits. */
#include "decay.h"

#include "decay_table.h"

enum { HALVINGS_MAX = 63 };

struct decay decay_of(int64_t minutes, int64_t half_life_min) {
  if (half_life_min == 0 || minutes == 0) return (struct decay){UINT64_C(1) << DECAY_ONE_BITS, 0};
  int64_t whole = minutes < half_life_min ? 0 : minutes / half_life_min; /* a division that most calls are spared */
  if (whole >= HALVINGS_MAX) return (struct decay){0, 0};
  uint64_t part = (((uint64_t)(minutes - whole * half_life_min)) << 32) / (uint64_t)half_life_min;
  uint64_t factor = decay_table[0][part >> 24];
  factor = decay_scaled(factor, decay_table[1][part >> 16 & 255]);
  factor = decay_scaled(factor, decay_table[2][part >> 8 & 255]);
  factor = decay_scaled(factor, decay_table[3][part & 255]);
  return (struct decay){factor, (uint32_t)whole};
}
