/* machine.c: fibers on stacks of their own, events in a heap by time, and who comes next by chance.
 *
 * Switching is _setjmp and _longjmp, which leave signals alone; a context of ucontext.h only begins a fiber. */
#include "machine.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "threads.h"

enum { FIBERS = 256, STACK = 512 << 10, EVENTS = 1 << 16, PROCESSES = 4096, ARENA = 64 << 20, WHY = 2000 };

enum fiber_state { FIBER_NONE, FIBER_ALIVE, FIBER_DONE };

struct fiber {
  enum fiber_state state;
  bool begun;
  jmp_buf place;
  ucontext_t begin;
  char *stack;
  void *(*run)(void *);
  void *context;
  struct process *process;
  int64_t until_ns;
  bool (*ready)(const void *);
  const void *on;
  const void *signal; /* the condition variable that it waits for */
};

struct event {
  int64_t at_ns;
  uint64_t number; /* of equal times the first that was asked for comes first */
  void (*run)(void *, int64_t);
  void *context;
  int64_t argument;
};

static struct {
  struct chance chance;
  uint32_t hurry;
  int64_t now_ns;
  uint64_t steps, numbers;
  struct fiber fibers[FIBERS];
  int32_t fiber_count;
  struct fiber *current;
  struct event events[EVENTS];
  int32_t event_count;
  struct process *processes;
  int32_t process_count;
  jmp_buf home;     /* of the scheduler */
  jmp_buf failed;   /* of machine_run */
  ucontext_t spare; /* where makecontext wants one */
  char why[WHY];
} machine;

static struct {
  char *bytes;
  size_t used;
  struct large {
    struct large *next;
  } * large;
} arena;

bool machine_verbose;

/* --- chance: splitmix64 --- */

uint64_t chance_next(struct chance *chance) {
  uint64_t z = chance->state += UINT64_C(0x9E3779B97F4A7C15);
  z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
  return z ^ z >> 31;
}

uint32_t chance_below(struct chance *chance, uint32_t limit) {
  return limit ? (uint32_t)((chance_next(chance) >> 32) * limit >> 32) : 0;
}

uint32_t draw(uint32_t limit) { return chance_below(&machine.chance, limit); }
bool one_in(uint32_t times) { return draw(times) == 0; }
int64_t draw_ns(int64_t least_ns, int64_t most_ns) {
  return least_ns + (int64_t)(chance_next(&machine.chance) % (uint64_t)(most_ns - least_ns + 1));
}

/* --- memory of the simulation --- */

void *arena_zeroed(size_t bytes) {
  bytes = (bytes + 15) & ~(size_t)15;
  if (arena.used + bytes > ARENA) {
    struct large *large = calloc(1, sizeof *large + 16 + bytes);
    if (!large) abort();
    large->next = arena.large;
    arena.large = large;
    return (char *)large + 16;
  }
  void *at = arena.bytes + arena.used;
  arena.used += bytes;
  return memset(at, 0, bytes);
}

static void arena_reset(void) {
  if (!arena.bytes) arena.bytes = mmap(NULL, ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (arena.bytes == MAP_FAILED) abort();
  arena.used = 0;
  for (struct large *next; arena.large; arena.large = next) {
    next = arena.large->next;
    free(arena.large);
  }
}

void *arena_copy(const void *bytes, size_t length) {
  return bytes ? memcpy(arena_zeroed(length + 1), bytes, length) : NULL;
}

char *arena_format(const char *format, ...) {
  char text[WHY];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return arena_copy(text, length < WHY ? (size_t)length : WHY - 1);
}

/* --- events --- */

static bool earlier(const struct event *a, const struct event *b) {
  return a->at_ns < b->at_ns || (a->at_ns == b->at_ns && a->number < b->number);
}

void machine_after(int64_t delay_ns, void (*run)(void *, int64_t), void *context, int64_t argument) {
  struct event event = {machine.now_ns + delay_ns, machine.numbers++, run, context, argument};
  if (machine.event_count == EVENTS) abort();
  int32_t at = machine.event_count++;
  for (; at > 0 && earlier(&event, &machine.events[(at - 1) / 2]); at = (at - 1) / 2)
    machine.events[at] = machine.events[(at - 1) / 2];
  machine.events[at] = event;
}

static struct event take_event(void) {
  struct event first = machine.events[0], last = machine.events[--machine.event_count];
  int32_t at = 0;
  for (int32_t child; (child = 2 * at + 1) < machine.event_count; at = child) {
    if (child + 1 < machine.event_count && earlier(&machine.events[child + 1], &machine.events[child])) child++;
    if (!earlier(&machine.events[child], &last)) break;
    machine.events[at] = machine.events[child];
  }
  machine.events[at] = last;
  return first;
}

static bool event_due(void) { return machine.event_count > 0 && machine.events[0].at_ns <= machine.now_ns; }

/* --- fibers --- */

static void begin(void) {
  struct fiber *fiber = machine.current;
  fiber->run(fiber->context);
  fiber->state = FIBER_DONE;
  _longjmp(machine.home, 1);
}

static void prepare(struct fiber *fiber) {
  if (!fiber->stack)
    fiber->stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (fiber->stack == MAP_FAILED) abort();
  getcontext(&fiber->begin);
  fiber->begin.uc_stack.ss_sp = fiber->stack;
  fiber->begin.uc_stack.ss_size = STACK;
  fiber->begin.uc_link = &machine.spare;
  makecontext(&fiber->begin, begin, 0);
}

static struct fiber *fiber_start(struct process *process, void *(*run)(void *), void *context) {
  struct fiber *fiber = machine.fibers;
  while (fiber < machine.fibers + FIBERS && fiber->state != FIBER_NONE) fiber++;
  if (fiber == machine.fibers + FIBERS) abort();
  if (fiber == machine.fibers + machine.fiber_count) machine.fiber_count++;
  char *stack = fiber->stack;
  *fiber = (struct fiber){.state = FIBER_ALIVE, .stack = stack, .run = run, .context = context, .process = process};
  prepare(fiber);
  return fiber;
}

static bool can_run(const struct fiber *fiber) {
  if (fiber->state != FIBER_ALIVE || process_frozen(fiber->process)) return false;
  return fiber->until_ns <= machine.now_ns || (fiber->ready && fiber->ready(fiber->on));
}

static struct fiber *choose(void) {
  struct fiber *able[FIBERS];
  uint32_t count = 0;
  for (int32_t i = 0; i < machine.fiber_count; i++)
    if (can_run(&machine.fibers[i])) able[count++] = &machine.fibers[i];
  return count ? able[draw(count)] : NULL;
}

/* Runs it until it gives the processor up. */
static void resume(struct fiber *fiber) {
  machine.current = fiber;
  if (_setjmp(machine.home) == 0) {
    if (fiber->begun) _longjmp(fiber->place, 1);
    fiber->begun = true;
    setcontext(&fiber->begin);
  }
  machine.current = NULL;
}

static void leave(void) {
  if (_setjmp(machine.current->place) == 0) _longjmp(machine.home, 1);
}

bool machine_wait(int64_t until_ns, bool (*ready)(const void *), const void *context) {
  struct fiber *fiber = machine.current;
  if (!fiber) machine_fail("the simulation itself waits");
  fiber->until_ns = until_ns;
  fiber->ready = ready;
  fiber->on = context;
  leave();
  fiber->ready = NULL;
  return ready && ready(context);
}

void machine_sleep(int64_t ns) { machine_wait(machine.now_ns + ns, NULL, NULL); }

void machine_step(void) {
  struct fiber *fiber = machine.current;
  if (!fiber) return;
  machine.steps++;
  machine.now_ns += 1 * US + draw(8) * US;
  struct process *process = fiber->process;
  if (process->doomed_steps >= 0 && process->doomed_steps-- == 0) process_kill(process);
  if (!event_due() && !one_in(machine.hurry)) return;
  fiber->until_ns = machine.now_ns;
  leave();
}

/* --- processes --- */

struct process *process_current(void) {
  return machine.current ? machine.current->process : NULL;
}

bool process_frozen(const struct process *process) { return process->frozen_until_ns > machine.now_ns; }

struct process *process_start(int32_t instance, struct host *host, void *(*run)(void *), void *context) {
  struct process *process = arena_zeroed(sizeof *process);
  process->next = machine.processes;
  process->number = ++machine.process_count;
  process->instance = instance;
  process->host = host;
  process->doomed_steps = -1;
  machine.processes = process;
  fiber_start(process, run, context);
  return process;
}

void process_kill(struct process *process) {
  if (process->dead) return;
  process->dead = true;
  machine_say("process %d is dead", (int)process->number);
  for (int32_t i = 0; i < machine.fiber_count; i++)
    if (machine.fibers[i].process == process) machine.fibers[i].state = FIBER_NONE;
  disk_release(process);
  memory_release(process);
  if (machine.current && machine.current->process == process) _longjmp(machine.home, 1);
}

/* --- threads of a process, for threads.c --- */

void *thread_start(void *(*run)(void *), void *context) {
  machine_step();
  return fiber_start(machine.current->process, run, context);
}

static bool is_done(const void *context) { return ((const struct fiber *)context)->state == FIBER_DONE; }

void thread_await(void *thread) {
  machine_wait(NEVER, is_done, thread);
  ((struct fiber *)thread)->state = FIBER_NONE;
}

static bool was_signalled(const void *context) { return ((const struct fiber *)context)->signal == NULL; }

bool thread_await_signal(const void *signal, int64_t until_ns) {
  struct fiber *fiber = machine.current;
  fiber->signal = signal;
  bool signalled = machine_wait(until_ns, was_signalled, fiber);
  fiber->signal = NULL;
  return signalled;
}

void thread_signal(const void *signal, bool all) {
  struct fiber *waiting[FIBERS];
  uint32_t count = 0;
  for (int32_t i = 0; i < machine.fiber_count; i++)
    if (machine.fibers[i].state == FIBER_ALIVE && machine.fibers[i].signal == signal)
      waiting[count++] = &machine.fibers[i];
  if (count == 0) return;
  uint32_t one = draw(count);
  for (uint32_t i = 0; i < count; i++)
    if (all || i == one) waiting[i]->signal = NULL;
}

/* --- time --- */

int64_t machine_now_ns(void) { return machine.now_ns; }

/* --- a run --- */

void machine_begin(uint64_t seed, uint32_t hurry) {
  machine.chance.state = seed;
  machine.hurry = hurry;
}

void machine_reset(void) {
  for (struct process *p = machine.processes; p; p = p->next) process_kill(p);
  arena_reset();
  for (int32_t i = 0; i < machine.fiber_count; i++) machine.fibers[i].state = FIBER_NONE;
  machine.now_ns = 1000 * MS;
  machine.steps = machine.numbers = 0;
  machine.event_count = machine.process_count = 0;
  machine.processes = NULL;
  machine.current = NULL;
  *machine.why = 0;
}

/* Nobody can run: on to where somebody can. */
static void let_time_pass(void) {
  int64_t next_ns = machine.event_count > 0 ? machine.events[0].at_ns : NEVER;
  for (int32_t i = 0; i < machine.fiber_count; i++) {
    const struct fiber *fiber = &machine.fibers[i];
    if (fiber->state != FIBER_ALIVE) continue;
    int64_t at_ns = fiber->until_ns;
    if (process_frozen(fiber->process)) at_ns = fiber->process->frozen_until_ns;
    if (at_ns < next_ns) next_ns = at_ns;
  }
  if (next_ns == NEVER) machine_fail("nothing will ever happen again");
  if (next_ns > machine.now_ns) machine.now_ns = next_ns;
}

static void run_one(void) {
  if (event_due()) {
    struct event event = take_event();
    event.run(event.context, event.argument);
    return;
  }
  struct fiber *fiber = choose();
  if (fiber) resume(fiber);
  else let_time_pass();
}

bool machine_run(bool (*over)(void)) {
  if (_setjmp(machine.failed)) return false;
  while (!over()) run_one();
  return true;
}

void machine_fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(machine.why, sizeof machine.why, format, arguments);
  va_end(arguments);
  machine_say("failed: %s", machine.why);
  machine.current = NULL;
  _longjmp(machine.failed, 1);
}

const char *machine_why(void) { return machine.why; }
uint64_t machine_steps(void) { return machine.steps; }

void machine_say(const char *format, ...) {
  if (!machine_verbose) return;
  va_list arguments;
  printf("%10.3f %3d ", (double)machine.now_ns / 1e6, machine.current ? (int)machine.current->process->number : 0);
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  putchar('\n');
}
