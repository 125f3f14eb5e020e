/* clock.h: the only place where the time is asked for. */
#ifndef HANDOVER_CONSUMER_CLOCK_H
#define HANDOVER_CONSUMER_CLOCK_H

#include <stdint.h>

int64_t clock_wall_ms(void);      /* since 1970, UTC */
int64_t clock_monotonic_ns(void); /* since an arbitrary moment; never goes back */
int64_t clock_thread_ns(void);    /* what this thread has spent of a processor */

#endif
