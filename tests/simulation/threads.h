/* threads.h: what threads.c has of machine.c. */
#ifndef HANDOVER_TESTS_THREADS_H
#define HANDOVER_TESTS_THREADS_H

#include <stdbool.h>
#include <stdint.h>

/* A thread of the process that runs now; the fiber. */
void *thread_start(void *(*run)(void *), void *context);
void thread_await(void *thread); /* its end; it is no more */
/* False: it was the time. */
bool thread_await_signal(const void *signal, int64_t until_ns);
void thread_signal(const void *signal, bool all);

#endif
