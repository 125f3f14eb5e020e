/* test_save_steps.c: a save in steps, with events between the steps, gives the state of the moment at which it began: loaded, it is and
 * does what a whole save of that moment does. With definitions that use everything that a lead can hold, and with random ones; saves begin,
 * step and are given up at random places. Seeds are fixed; SEEDS=n for more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consumer/engine/save.h"
#include "made_state.h"
#include "random_definition.h"

enum { EVENTS = 160, LEADS = 9, STEP_MS = 40000000, DAY_MS = 86400000 };

/* What has been seen over all seeds: a test that never came to something says nothing about it. */
struct seen {
  uint64_t saves, early, gone, ended, younger, published;
};

struct saving {
  struct buffer whole, steps; /* of the moment; as they come */
  bool going;
};

static void assert_same(struct buffer a, struct buffer b) {
  assert_int_equal(a.length, b.length);
  if (a.length) assert_memory_equal(a.at, b.at, a.length);
}

static struct task *sorted; /* whose leads are being compared */

static int by_name(const void *a, const void *b) {
  uint32_t x, y;
  memcpy(&x, a, sizeof x);
  memcpy(&y, b, sizeof y);
  return slice_compare(task_lead(sorted, x), task_lead(sorted, y));
}

/* All that is kept of a task, its leads by name. */
static struct buffer canonical(struct task *task) {
  struct buffer bytes = {0};
  struct shape shape;
  struct out out = {.write = made_write, .context = &bytes};
  uint32_t count = task->leads.count, *order = calloc(count + 1, sizeof *order);
  assert_non_null(order);
  for (uint32_t i = 0; i < count; i++) order[i] = i;
  sorted = task;
  qsort(order, count, sizeof *order, by_name);
  shape_init(&shape, task->active);
  for (uint32_t i = 0; i < count; i++) lead_put(&out, &shape, leads_at(&task->leads, order[i]));
  out_flush(&out);
  buffer_append(&bytes, (const char *)&task->counts, sizeof task->counts);
  buffer_append(&bytes, (const char *)task->stage_counts, sizeof task->stage_counts);
  buffer_printf(&bytes, "%u %d %lld %lld %lld %u", task->active->version, task->started, (long long)task->stream_ms,
                (long long)task->passed_ms, (long long)task_deadline(task), task->route_count);
  out_fini(&out);
  shape_fini(&shape);
  free(order);
  return bytes;
}

/* A copy, its random state too: the same events come. */
static void load(struct made *copy, const struct made *made, struct buffer bytes) {
  *copy = *made;
  copy->published = (struct buffer){0};
  made_lane(copy, 2);
  assert_true(task_load(lane_task(copy->lane), bytes.at, bytes.length));
  lane_reload(copy->lane);
}

static void assert_same_state(struct made *a, struct made *b) {
  struct buffer x = canonical(lane_task(a->lane)), y = canonical(lane_task(b->lane));
  assert_same(x, y);
  buffer_fini(&x);
  buffer_fini(&y);
}

static void go_on(struct made *made) {
  made_events(made, 40, LEADS, STEP_MS);
  lane_mark(made->lane, made->now_ms + INT64_C(50) * DAY_MS);
}

/* Both copies are the same, and go on the same. */
static void compare(const struct made *made, struct saving *saving, struct seen *seen) {
  struct made a, b;
  load(&a, made, saving->whole);
  load(&b, made, saving->steps);
  assert_same_state(&a, &b);
  go_on(&a);
  go_on(&b);
  assert_same(a.published, b.published);
  assert_same_state(&a, &b);
  seen->published += a.published.length;
  lane_destroy(a.lane);
  lane_destroy(b.lane);
  buffer_fini(&a.published);
  buffer_fini(&b.published);
}

static void begin(struct made *made, struct saving *saving) {
  saving->whole.length = saving->steps.length = 0;
  task_save(lane_task(made->lane), made_write, &saving->whole);
  task_save_begin(lane_task(made->lane), made_write, &saving->steps);
  saving->going = true;
}

static void note(struct task *task, const struct save *save, struct seen *seen) {
  if (!save) return;
  for (uint32_t i = 0; i < save->end; i++) seen->early += save_was_early(save, i);
  seen->younger += task->leads.count > save->end;
}

static void step(struct made *made, struct saving *saving, struct seen *seen) {
  struct task *task = lane_task(made->lane);
  note(task, task->save, seen);
  switch (task_save_step(task, made_below(made, 4))) {
    case SAVE_MORE: return;
    case SAVE_DONE:
      compare(made, saving, seen);
      seen->saves++;
      break;
    case SAVE_GONE: seen->gone++; break;
  }
  saving->going = false;
}

/* What happens to the save between two events. */
static void chance(struct made *made, struct saving *saving, struct seen *seen) {
  if (!saving->going) {
    if (made_below(made, 4) == 0) begin(made, saving);
  } else if (made_below(made, 60) == 0) {
    task_save_end(lane_task(made->lane));
    saving->going = false;
    seen->ended++;
  } else if (made_below(made, 3) > 0) {
    step(made, saving, seen);
  }
}

/* The same lane without any save publishes the same: saving changes nothing. */
static void run(struct made *made, struct made *plain, struct seen *seen) {
  struct saving saving = {0};
  for (int32_t i = 0; i < EVENTS; i++) {
    plain->random = made->random;
    uint32_t leads = 1 + (uint32_t)i * LEADS / EVENTS;
    made_event(made, leads, STEP_MS);
    made_event(plain, leads, STEP_MS);
    if (i % 20 == 19) lane_mark(made->lane, made->now_ms);
    if (i % 20 == 19) lane_mark(plain->lane, plain->now_ms);
    chance(made, &saving, seen);
  }
  assert_same(made->published, plain->published);
  assert_same_state(made, plain);
  buffer_fini(&saving.whole);
  buffer_fini(&saving.steps);
}

static uint64_t seeds(uint64_t most) { return getenv("SEEDS") ? strtoull(getenv("SEEDS"), NULL, 10) : most; }

static void assert_seen(const struct seen *seen) {
  assert_true(seen->saves > 100 && seen->early > 100 && seen->gone > 0 && seen->ended > 0 && seen->younger > 0);
  assert_true(seen->published > 1000);
}

static void test_rich(void **state) {
  (void)state;
  struct seen seen = {0};
  uint64_t most = seeds(40);
  for (uint64_t seed = 1; seed <= most; seed++) {
    struct made made, plain;
    made_init(&made, seed);
    made_init(&plain, seed);
    run(&made, &plain, &seen);
    made_fini(&made); /* with a save going on, now and then */
    made_fini(&plain);
  }
  assert_seen(&seen);
}

/* Two versions of a random definition; the second takes over in the middle. */
static void made_random(struct made *made, uint64_t seed) {
  static const char *const from[] = {"2026-01-01T00:00:00Z", "2026-01-16T00:00:00Z"};
  made_init(made, seed);
  random_state = seed * UINT64_C(0x9e3779b97f4a7c15);
  lane_destroy(made->lane);
  for (uint32_t i = 0; i < 2; i++) {
    struct buffer text = {0};
    struct problems problems = {0};
    add_definition(&text, i + 1, from[i]);
    definition_destroy(made->definitions[i]);
    made->definitions[i] = definition_parse(text.at, text.length, &problems);
    if (!made->definitions[i]) fail_msg("seed %llu: %s", (unsigned long long)seed, problems.at[0].message);
    problems_fini(&problems);
    buffer_fini(&text);
  }
  made_lane(made, 2);
}

static void test_random(void **state) {
  (void)state;
  struct seen seen = {0};
  uint64_t most = seeds(150);
  for (uint64_t seed = 1; seed <= most; seed++) {
    struct made made, plain;
    made_random(&made, seed);
    made_random(&plain, seed);
    run(&made, &plain, &seen);
    made_fini(&made);
    made_fini(&plain);
  }
  assert_seen(&seen);
}

/* Many leads fire at one clock mark while most of them have not been written yet. */
static void test_mark(void **state) {
  (void)state;
  struct made made;
  struct saving saving = {0};
  struct seen seen = {0};
  made_init(&made, 3);
  made_events(&made, 2000, 500, 60000);
  begin(&made, &saving);
  assert_int_equal(task_save_step(lane_task(made.lane), 100), SAVE_MORE);
  uint64_t before = task_counts(lane_task(made.lane))->timers;
  lane_mark(made.lane, made.now_ms + INT64_C(8) * DAY_MS);
  assert_true(task_counts(lane_task(made.lane))->timers > before + 100);
  note(lane_task(made.lane), lane_task(made.lane)->save, &seen);
  assert_true(seen.early > 50);
  assert_int_equal(task_save_step(lane_task(made.lane), UINT32_MAX), SAVE_DONE);
  compare(&made, &saving, &seen);
  assert_int_equal(task_save_step(lane_task(made.lane), 1), SAVE_GONE);
  buffer_fini(&saving.whole);
  buffer_fini(&saving.steps);
  made_fini(&made);
}

/* Who looks at a lead may change it (periods of quiet that are over are counted). */
static void test_look(void **state) {
  (void)state;
  struct made made;
  struct saving saving = {0};
  struct seen seen = {0};
  struct lead_sight sight;
  made_init(&made, 4);
  made_events(&made, 60, LEADS, STEP_MS);
  begin(&made, &saving);
  for (uint32_t i = 0; i < 3; i++)
    assert_true(task_look(lane_task(made.lane), task_lead(lane_task(made.lane), i), made.now_ms + INT64_C(30) * DAY_MS,
                          &sight));
  assert_int_equal(task_save_step(lane_task(made.lane), UINT32_MAX), SAVE_DONE);
  compare(&made, &saving, &seen);
  buffer_fini(&saving.whole);
  buffer_fini(&saving.steps);
  made_fini(&made);
}

/* A task that has applied nothing, saved: the lowest version is still to be settled when one becomes known, in it and in its copy. */
static void test_not_started(void **state) {
  (void)state;
  struct made made, copy;
  struct buffer bytes = {0};
  made_init(&made, 5);
  made_init(&copy, 5);
  lane_destroy(made.lane);
  lane_destroy(copy.lane);
  for (int32_t i = 0; i < 2; i++) {
    struct made *one = i ? &copy : &made;
    one->sink = (struct sink){one, made_change, made_dead_letter};
    one->lane = lane_create(3, (const struct definition *const *)one->definitions + 1, 1, &one->sink, 4096);
  }
  task_save_begin(lane_task(made.lane), made_write, &bytes);
  assert_true(lane_know(made.lane, made.definitions[0]));
  assert_int_equal(task_save_step(lane_task(made.lane), 1), SAVE_GONE); /* the version that it names is no more */
  bytes.length = 0;
  task_save(lane_task(copy.lane), made_write, &bytes);
  lane_destroy(copy.lane);
  copy.lane = lane_create(3, (const struct definition *const *)copy.definitions + 1, 1, &copy.sink, 4096);
  assert_true(task_load(lane_task(copy.lane), bytes.at, bytes.length));
  assert_true(lane_know(copy.lane, copy.definitions[0]));
  made_events(&made, 40, 3, STEP_MS);
  made_events(&copy, 40, 3, STEP_MS);
  assert_same(made.published, copy.published);
  assert_same_state(&made, &copy);
  buffer_fini(&bytes);
  made_fini(&made);
  made_fini(&copy);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rich), cmocka_unit_test(test_random),      cmocka_unit_test(test_mark),
      cmocka_unit_test(test_look), cmocka_unit_test(test_not_started),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
