/* machine.h: the machine that everything runs on, within one thread of one program: chance, virtual time, processes, their threads.
 *
 * A process is one run of the daemon. Its threads are fibers: one runs until it waits, or until chance takes it from the processor at
 * one of its steps (each call of librdkafka, pthread or the file system is one). At any step it may be killed: its fibers are never
 * resumed, and what it had allocated is freed. All chance is of one seed, so the same seed takes the same course.
 *
 * Everything that the simulation itself allocates comes from an arena that is emptied before each seed. */
#ifndef HANDOVER_TESTS_MACHINE_H
#define HANDOVER_TESTS_MACHINE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define US INT64_C(1000) /* nanoseconds */
#define MS INT64_C(1000000)
#define NEVER INT64_MAX

/* --- chance --- */

struct chance {
  uint64_t state;
};
uint64_t chance_next(struct chance *chance);
uint32_t chance_below(struct chance *chance, uint32_t limit); /* 0 … limit − 1 */
/* Of the course of events; what the world is made of has a chance of its own (world.h). */
uint32_t draw(uint32_t limit);
bool one_in(uint32_t times);
int64_t draw_ns(int64_t least_ns, int64_t most_ns);

/* --- memory of the simulation --- */

void *arena_zeroed(size_t bytes);
void *arena_copy(const void *bytes, size_t length); /* NULL stays NULL */
char *arena_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* --- processes --- */

struct process {
  struct process *next;
  int32_t number;   /* from 1 */
  int32_t instance; /* of the world's */
  struct host *host;
  bool dead;
  int64_t frozen_until_ns; /* it does not run */
  int64_t cut_until_ns;    /* it is not connected */
  int32_t doomed_steps;    /* it is killed after so many steps; −1: no */
  int32_t allocated;       /* pieces of memory; memory.c counts */
  bool power;              /* … and with it what its disk had not yet written */
};

struct process *process_start(int32_t instance, struct host *host, void *(*run)(void *), void *context);
struct process *process_current(void); /* NULL: the simulation itself */
/* Does not return where it is the current one. */
void process_kill(struct process *process);
bool process_frozen(const struct process *process);

/* What follows is for the process that runs now. */
void machine_step(void);
/* Until `ready`, or the time; false: it was the time. */
bool machine_wait(int64_t until_ns, bool (*ready)(const void *context), const void *context);
void machine_sleep(int64_t ns);

/* --- time --- */

int64_t machine_now_ns(void);
int64_t machine_wall_ms(void);
int64_t machine_wall_at(int64_t now_ns);
/* Runs later, between the steps of the processes. */
void machine_after(int64_t delay_ns, void (*run)(void *context, int64_t argument), void *context, int64_t argument);

/* --- a run --- */

/* Empties the arena, forgets all processes. */
void machine_reset(void);
/* `hurry`: fibers are taken from the processor at one of so many steps. */
void machine_begin(uint64_t seed, uint32_t hurry);
/* Until `over` says so, or something failed: then false, and machine_why says what. */
bool machine_run(bool (*over)(void));
_Noreturn void machine_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *machine_why(void);
uint64_t machine_steps(void);
extern bool machine_verbose;
void machine_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* memory.c: what processes have allocated. */
void memory_release(const struct process *process);
/* disk.c: what they have open. */
void disk_release(const struct process *process);

#endif
