/* apart.h: each test of a program in a process of its own, all at once: most of the time goes by in waiting for the mock's group, which takes
 * 3 s to let anybody in, and a daemon that does not end in time ends its process.
 *
 * A test that failed while the machine stood still is run again: brokers throw out whom they have not heard for some seconds, and a daemon
 * has ten to end. Nothing that holds on a machine that runs needs it. */
#ifndef HANDOVER_TESTS_APART_H
#define HANDOVER_TESTS_APART_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "consumer/clock.h"

enum { APART_MOST = 32, APART_TRIES = 4, APART_TICK_MS = 20, APART_STOOD_MS = 1000 };

struct apart {
  const struct CMUnitTest *test;
  FILE *output;
  pid_t child;
  int tries;
  int64_t stood_ms; /* for how long at a time nothing ran, at most, since it was started */
  bool ended;
};

static inline void apart_start(struct apart *apart) {
  apart->output = tmpfile();
  apart->stood_ms = 0;
  apart->tries++;
  fflush(NULL);
  apart->child = fork();
  if (apart->child != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(fileno(apart->output), STDOUT_FILENO);
  dup2(fileno(apart->output), STDERR_FILENO);
  exit(_cmocka_run_group_tests(apart->test->name, apart->test, 1, NULL, NULL));
}

static inline void apart_show(const struct apart *apart, int status) {
  char text[4096];
  rewind(apart->output);
  for (size_t got; (got = fread(text, 1, sizeof text, apart->output)) > 0;) fwrite(text, 1, got, stdout);
  if (status != 0) printf("%s ended with status %#x\n", apart->test->name, (unsigned)status);
}

/* Whether it has failed, and does not run any more. */
static inline bool apart_look(struct apart *apart) {
  int status = 0;
  if (waitpid(apart->child, &status, WNOHANG) == 0) return false;
  apart_show(apart, status);
  fclose(apart->output);
  apart->ended = status == 0 || apart->stood_ms < APART_STOOD_MS || apart->tries == APART_TRIES;
  if (apart->ended) return status != 0;
  printf("the machine stood still for %d ms: %s is run again\n", (int)apart->stood_ms, apart->test->name);
  apart_start(apart);
  return false;
}

/* For how long a pause of APART_TICK_MS took longer. */
static inline int64_t apart_pause_ms(void) {
  const struct timespec tick = {0, APART_TICK_MS * 1000000L};
  int64_t begin_ns = clock_monotonic_ns();
  nanosleep(&tick, NULL);
  return (clock_monotonic_ns() - begin_ns) / 1000000 - APART_TICK_MS;
}

static inline int apart_run(const struct CMUnitTest *tests, size_t count) {
  struct apart all[APART_MOST] = {0};
  size_t running = count;
  int failed = 0;
  for (size_t i = 0; i < count; i++) {
    all[i].test = &tests[i];
    apart_start(&all[i]);
  }
  while (running > 0) {
    int64_t stood_ms = apart_pause_ms();
    running = 0;
    for (size_t i = 0; i < count; i++) {
      if (all[i].ended) continue;
      if (stood_ms > all[i].stood_ms) all[i].stood_ms = stood_ms;
      failed += apart_look(&all[i]);
      running += !all[i].ended;
    }
  }
  return failed;
}

#endif
