/* clock.c: the wall clock, the monotonic clock, the thread's own. May use: libc. */
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

static int64_t clock_ns(clockid_t clock) {
  struct timespec now = clock_now(clock);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t clock_monotonic_ns(void) { return clock_ns(CLOCK_MONOTONIC); }
int64_t clock_thread_ns(void) { return clock_ns(CLOCK_THREAD_CPUTIME_ID); }
