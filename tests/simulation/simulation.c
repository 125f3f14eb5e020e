/* simulation.c: runs seeds, and cuts down what fails.
 *
 *   simulation --seeds 1:5000         each of them, until one fails
 *   simulation --minutes 30           from a seed of the clock on
 *   simulation --seed 17 -v           one, telling everything
 *   simulation --seed 17 --events 20 --without 0,3    as a failure is told: less of it
 *
 * Exit status 0: all is well; 1: a seed failed; 2: wrong usage. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "world.h"

enum { STATUS_OK, STATUS_FAILED, STATUS_USAGE, SHRINKS = 400, REPEATED = 100 /* one in so many is run twice */ };

struct cut {        /* what is left out of a plan */
  int32_t events;   /* so many are written; −1: all */
  uint64_t without; /* faults: a bit each */
  bool first_only;  /* version 2 is never published */
};

static struct plan plan;
/* What is told of a crash. */
static char crash[80];
static size_t crash_length;

static void note_seed(uint64_t seed) {
  crash_length = (size_t)snprintf(crash, sizeof crash, "it crashed in seed %" PRIu64 "\n", seed);
}

static bool run(uint64_t seed, const struct cut *cut) {
  note_seed(seed);
  machine_reset();
  plan_draw(&plan, seed);
  if (cut->events >= 0 && cut->events < plan.event_count) plan.event_limit = cut->events;
  for (int32_t i = 0; i < plan.fault_count; i++) plan.faults[i].dropped = cut->without >> i & 1;
  if (cut->first_only) plan.second_ns = NEVER;
  machine_begin(plan.course, plan.hurry);
  return world_run(&plan);
}

/* A seed takes the same course each time. */
static bool repeats(uint64_t seed, const struct cut *cut) {
  uint64_t steps = machine_steps();
  int64_t end_ns = machine_now_ns();
  run(seed, cut);
  return steps == machine_steps() && end_ns == machine_now_ns();
}

/* --- cutting down --- */

static bool still_fails(uint64_t seed, struct cut *best, struct cut attempt, int *left) {
  if (*left == 0) return false;
  --*left;
  if (run(seed, &attempt)) return false;
  *best = attempt;
  return true;
}

static void shrink_events(uint64_t seed, struct cut *cut, int *left) {
  for (int32_t step = plan.event_count / 2; step > 0; step /= 2) {
    struct cut attempt = *cut;
    attempt.events -= step;
    while (attempt.events >= 0 && still_fails(seed, cut, attempt, left)) attempt.events -= step;
  }
}

static void shrink_faults(uint64_t seed, struct cut *cut, int *left) {
  for (int32_t i = 0; i < PLAN_FAULTS; i++) {
    struct cut attempt = *cut;
    attempt.without |= UINT64_C(1) << i;
    if (i < plan.fault_count && attempt.without != cut->without) still_fails(seed, cut, attempt, left);
  }
}

/* Until nothing more can be left out, or it has been tried often enough. */
static void shrink(uint64_t seed, struct cut *cut) {
  int left = SHRINKS;
  if (cut->events < 0) cut->events = plan.event_limit;
  struct cut before, attempt = *cut;
  attempt.first_only = true;
  still_fails(seed, cut, attempt, &left);
  do {
    before = *cut;
    shrink_faults(seed, cut, &left);
    shrink_events(seed, cut, &left);
  } while (left > 0 && (before.events != cut->events || before.without != cut->without));
}

static void print_command(uint64_t seed, const struct cut *cut) {
  printf("  simulation --seed %" PRIu64 " --events %d%s", seed, (int)cut->events,
         cut->first_only ? " --first-only" : "");
  const char *separator = " --without ";
  for (int32_t i = 0; i < plan.fault_count; i++) {
    if (!(cut->without >> i & 1)) continue;
    printf("%s%d", separator, (int)i);
    separator = ",";
  }
  putchar('\n');
}

static void tell(uint64_t seed, struct cut cut) {
  printf("seed %" PRIu64 " fails: %s\n", seed, machine_why());
  plan_print(&plan);
  shrink(seed, &cut);
  run(seed, &cut);
  printf("cut down: %s\n", machine_why());
  plan_print(&plan);
  print_command(seed, &cut);
}

/* --- options --- */

struct options {
  uint64_t from, to; /* seeds; `to` is the last */
  double minutes;
  bool one, no_shrink;
  struct cut cut;
};

static int usage(void) {
  fputs(
      "usage: simulation --seeds FROM:TO [--no-shrink] | --minutes M | --seed N [-v] [--events N] [--without FAULT,…] "
      "[--first-only]\n",
      stderr);
  return STATUS_USAGE;
}

static void take_faults(struct cut *cut, const char *list) {
  for (char *end; *list; list = *end ? end + 1 : end) {
    cut->without |= UINT64_C(1) << (strtoul(list, &end, 10) & 63);
    if (end == list) return;
  }
}

static bool take_option(struct options *o, const char *name, const char *value) {
  char *end;
  if (!value) return false;
  if (strcmp(name, "--seeds") == 0) {
    o->from = strtoull(value, &end, 10);
    o->to = *end == ':' ? strtoull(end + 1, NULL, 10) : o->from;
  } else if (strcmp(name, "--seed") == 0) {
    o->from = o->to = strtoull(value, NULL, 10);
    o->one = true;
  } else if (strcmp(name, "--minutes") == 0) {
    o->minutes = strtod(value, NULL);
    o->from = (uint64_t)time(NULL) * 1000000;
    o->to = UINT64_MAX;
  } else if (strcmp(name, "--events") == 0) {
    o->cut.events = (int32_t)strtol(value, NULL, 10);
  } else if (strcmp(name, "--without") == 0) {
    take_faults(&o->cut, value);
  } else {
    return false;
  }
  return true;
}

static bool take_options(struct options *o, int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "-v") == 0) machine_verbose = true;
    else if (strcmp(argv[i], "--no-shrink") == 0) o->no_shrink = true;
    else if (strcmp(argv[i], "--first-only") == 0) o->cut.first_only = true;
    else if (!take_option(o, argv[i], argv[i + 1])) return false;
    else i++;
  }
  return o->to > 0;
}

/* --- the run --- */

static void say_seed(int signal) {
  (void)signal;
  _exit(write(STDOUT_FILENO, crash, crash_length) == (ssize_t)crash_length ? STATUS_FAILED : STATUS_USAGE);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  struct options o = {.cut = {.events = -1}};
  uint64_t steps = 0, count = 0;
  double begin = seconds();
  if (!take_options(&o, argc, argv)) return usage();
  signal(SIGSEGV, say_seed);
  signal(SIGBUS, say_seed);
  signal(SIGFPE, say_seed);
  for (uint64_t seed = o.from; seed <= o.to; seed++, count++) {
    if (o.minutes > 0 && seconds() - begin > o.minutes * 60) break;
    bool good = run(seed, &o.cut);
    steps += machine_steps();
    if (seed % REPEATED == 0 && !repeats(seed, &o.cut)) {
      printf("seed %" PRIu64 " does not take the same course again\n", seed);
      return STATUS_FAILED;
    }
    if (good) continue;
    if (o.one || o.no_shrink) {
      printf("seed %" PRIu64 " fails: %s\n", seed, machine_why());
      plan_print(&plan);
    } else {
      tell(seed, o.cut);
    }
    return STATUS_FAILED;
  }
  printf("%" PRIu64 " seeds from %" PRIu64 " on, %" PRIu64 " steps, %.1f s: all is well\n", count, o.from, steps,
         seconds() - begin);
  return STATUS_OK;
}
