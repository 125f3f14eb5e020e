/* clock.c: the wall clock and the monotonic clock. May use: libc. */
#include "clock.h"

#include <assert.h>
#include <time.h>

static struct timespec clock_now(clockid_t clock) {
  struct timespec now;
  int failed = clock_gettime(clock, &now);
  assert(!failed);
  (void)failed;
  return now;
}

int64_t clock_wall_ms(void) {
  struct timespec now = clock_now(CLOCK_REALTIME);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_monotonic_ns(void) {
  struct timespec now = clock_now(CLOCK_MONOTONIC);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
