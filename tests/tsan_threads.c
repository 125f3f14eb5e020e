/* tsan_threads.c: for builds with ThreadSanitizer alone: C11's threads by way of POSIX'.
 *
 * Debian's librdkafka starts its threads with glibc's thrd_create and locks with mtx_lock, which GCC 12's ThreadSanitizer does not
 * know: it ends in the first such thread, and sees no order between it and ours. An executable's own functions come before a
 * library's, so that these, which it does know, are called. */
#define _GNU_SOURCE /* PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

_Static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t) && sizeof(cnd_t) == sizeof(pthread_cond_t),
               "one for the other");

struct start {
  thrd_start_t run;
  void *argument;
};

static int result_of(int error) {
  return error == 0 ? thrd_success : error == ETIMEDOUT ? thrd_timedout : error == ENOMEM ? thrd_nomem : thrd_error;
}

static void *run(void *context) {
  struct start start = *(struct start *)context;
  free(context);
  return (void *)(intptr_t)start.run(start.argument);
}

int thrd_create(thrd_t *thread, thrd_start_t function, void *argument) {
  struct start *start = malloc(sizeof *start);
  if (!start) return thrd_nomem;
  *start = (struct start){function, argument};
  return result_of(pthread_create(thread, NULL, run, start));
}

int thrd_join(thrd_t thread, int *status) {
  void *result = NULL;
  int error = pthread_join(thread, &result);
  if (status) *status = (int)(intptr_t)result;
  return result_of(error);
}

/* Made and ended without its knowledge: librdkafka hands a new lock to other threads by means that it does not see. */
#define UNSEEN __attribute__((no_sanitize("thread")))

UNSEEN int mtx_init(mtx_t *mutex, int type) {
  static const pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER, recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
  *(pthread_mutex_t *)mutex = type & mtx_recursive ? recursive : plain;
  return thrd_success;
}

void mtx_destroy(mtx_t *mutex) { (void)mutex; }
int mtx_lock(mtx_t *mutex) { return result_of(pthread_mutex_lock((pthread_mutex_t *)mutex)); }
int mtx_unlock(mtx_t *mutex) { return result_of(pthread_mutex_unlock((pthread_mutex_t *)mutex)); }

UNSEEN int cnd_init(cnd_t *condition) {
  static const pthread_cond_t plain = PTHREAD_COND_INITIALIZER;
  *(pthread_cond_t *)condition = plain;
  return thrd_success;
}

void cnd_destroy(cnd_t *condition) { (void)condition; }
int cnd_signal(cnd_t *condition) { return result_of(pthread_cond_signal((pthread_cond_t *)condition)); }
int cnd_broadcast(cnd_t *condition) { return result_of(pthread_cond_broadcast((pthread_cond_t *)condition)); }

int cnd_wait(cnd_t *condition, mtx_t *mutex) {
  return result_of(pthread_cond_wait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex));
}

int cnd_timedwait(cnd_t *condition, mtx_t *mutex, const struct timespec *until) {
  return result_of(pthread_cond_timedwait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex, until));
}
