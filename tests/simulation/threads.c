/* threads.c: pthread, the clocks, sleeping and giving up, as the sources of the daemon call them (the linker is told to --wrap).
 *
 * A mutex is held across no step but that of a wait, so one that is locked is waited for. */
#include "threads.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "consumer/clock.h"
#include "machine.h"

enum { THREADS_STATUS = 3 };

/* What the linker calls in place of the functions that are named behind __wrap_. */
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *context);
int __wrap_pthread_join(pthread_t thread, void **result);
int __wrap_pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes);
int __wrap_pthread_mutex_destroy(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex);
int __wrap_pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes);
int __wrap_pthread_cond_destroy(pthread_cond_t *condition);
int __wrap_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex);
int __wrap_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until);
int __wrap_pthread_cond_signal(pthread_cond_t *condition);
int __wrap_pthread_cond_broadcast(pthread_cond_t *condition);
int __wrap_nanosleep(const struct timespec *time, struct timespec *left);
_Noreturn void __wrap_abort(void);
_Noreturn void __wrap__exit(int status);
_Noreturn void __wrap___assert_fail(const char *text, const char *file, unsigned line, const char *function);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *context) {
  (void)attributes;
  *thread = (pthread_t)(uintptr_t)thread_start(run, context);
  return 0;
}

int __wrap_pthread_join(pthread_t thread, void **result) {
  if (result) *result = NULL;
  thread_await((void *)(uintptr_t)thread);
  return 0;
}

/* --- mutexes: the first int says whether it is locked --- */

static int *lock_of(pthread_mutex_t *mutex) { return (int *)(void *)mutex; }
static bool is_free(const void *mutex) { return *(const int *)mutex == 0; }

int __wrap_pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes) {
  (void)attributes;
  *lock_of(mutex) = 0;
  return 0;
}

int __wrap_pthread_mutex_destroy(pthread_mutex_t *mutex) {
  if (*lock_of(mutex)) machine_fail("a mutex is destroyed while it is locked");
  return 0;
}

int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex) {
  machine_step();
  while (*lock_of(mutex)) machine_wait(NEVER, is_free, mutex);
  *lock_of(mutex) = 1;
  return 0;
}

int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex) {
  *lock_of(mutex) = 0;
  return 0;
}

/* --- condition variables --- */

int __wrap_pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes) {
  (void)condition, (void)attributes;
  return 0;
}

int __wrap_pthread_cond_destroy(pthread_cond_t *condition) {
  (void)condition;
  return 0;
}

static bool wait_for(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t until_ns) {
  __wrap_pthread_mutex_unlock(mutex);
  bool signalled = thread_await_signal(condition, until_ns);
  __wrap_pthread_mutex_lock(mutex);
  return signalled;
}

int __wrap_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
  wait_for(condition, mutex, NEVER);
  return 0;
}

int __wrap_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until) {
  return wait_for(condition, mutex, (int64_t)until->tv_sec * 1000 * MS + until->tv_nsec) ? 0 : ETIMEDOUT;
}

int __wrap_pthread_cond_signal(pthread_cond_t *condition) {
  thread_signal(condition, false);
  return 0;
}

int __wrap_pthread_cond_broadcast(pthread_cond_t *condition) {
  thread_signal(condition, true);
  return 0;
}

/* --- time: an hour of the wall clock is a second of the others --- */

enum { FASTER = 3600 };
#define BEGIN_MS INT64_C(1772357400000) /* 2026-03-01T09:30:00Z */

int64_t machine_wall_at(int64_t now_ns) { return BEGIN_MS + now_ns / MS * FASTER; }
int64_t machine_wall_ms(void) { return machine_wall_at(machine_now_ns()); }

int64_t clock_wall_ms(void) { return machine_wall_ms(); }
int64_t clock_monotonic_ns(void) { return machine_now_ns(); }
int64_t clock_thread_ns(void) { return machine_now_ns(); }

int __wrap_nanosleep(const struct timespec *time, struct timespec *left) {
  (void)left;
  machine_step();
  machine_sleep((int64_t)time->tv_sec * 1000 * MS + time->tv_nsec);
  return 0;
}

/* --- the end of a process --- */

_Noreturn void __wrap_abort(void) { machine_fail("abort was called"); }

_Noreturn void __wrap___assert_fail(const char *text, const char *file, unsigned line, const char *function) {
  machine_fail("%s:%u: %s: assertion %s", file, line, function, text);
}

_Noreturn void __wrap__exit(int status) {
  machine_say("_exit(%d)", status);
  if (status != THREADS_STATUS) machine_fail("_exit(%d)", status);
  process_kill(process_current());
  machine_fail("a process went on after its end");
}
