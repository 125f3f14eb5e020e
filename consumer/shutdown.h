/* shutdown.h: the wish to end, as every part of the daemon sees it: asked for, and later over: what still waits gives up. */
#ifndef HANDOVER_CONSUMER_SHUTDOWN_H
#define HANDOVER_CONSUMER_SHUTDOWN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "clock.h"

struct shutdown { /* zero it to start; any thread may ask, any may look */
  atomic_bool requested;
  _Atomic int64_t give_up_ns; /* monotonic; 0: not asked for yet */
};

static inline void shutdown_request(struct shutdown *shutdown, int64_t patience_ms) {
  if (atomic_exchange(&shutdown->requested, true)) return;
  atomic_store(&shutdown->give_up_ns, clock_monotonic_ns() + patience_ms * 1000000);
}

static inline bool shutdown_requested(const struct shutdown *shutdown) { return atomic_load(&shutdown->requested); }

/* No time is left: waiting for a broker ends here, whatever it leaves undone (nothing is lost: the next start goes on from
 * what was committed). */
static inline bool shutdown_over(const struct shutdown *shutdown) {
  int64_t give_up_ns = atomic_load(&shutdown->give_up_ns);
  return give_up_ns != 0 && clock_monotonic_ns() >= give_up_ns;
}

#endif
