/* explain.c: reading.c → lanes → what the engine tells of one lead (engine/trace.h) and publishes of it → the story.
 *
 * A lead's events are all in one partition. Until it is seen every partition is decided, for each may be the one; from then on only
 * its own. All of a partition has to be decided, for any record may let the lead's deadlines pass. */
#include "explain.h"

#include <stdio.h>

#include "../config/names.h"
#include "engine/memory.h"
#include "engine/trace.h"
#include "explain_entry.h"
#include "explain_standing.h"
#include "terminal.h"

enum { STATUS_OK = 0, STATUS_NO = 1, NEAR = 3 };

struct explain {
  const struct explain_order *order;
  struct lane *lane; /* the lead's; NULL: not seen yet */
  int32_t partition;
  struct explain_entries timeline;
};

/* --- while the log is read --- */

static void on_trace(void *context, const struct trace *trace) {
  struct explain *explain = context;
  explain->partition = trace->position.partition;
  explain_entry_trace(&explain->timeline, trace);
}

static void on_change(void *context, const struct change *change) {
  struct explain *explain = context;
  if (slice_equal(change->lead, explain->order->lead)) explain_entry_change(&explain->timeline, change);
}

static void on_dead_letter(void *context, const struct record *record, enum reject reject, const char *detail) {
  (void)context, (void)record, (void)reject, (void)detail; /* it has no lead, so it is nobody's */
}

static void on_lane(void *context, struct lane *lane) {
  struct explain *explain = context;
  task_follow(lane_task(lane), explain->order->lead, on_trace, explain);
  if (explain->order->at_ms != TIME_NONE) lane_set_end(lane, explain->order->at_ms);
}

static bool is_wanted(void *context, int32_t partition) {
  const struct explain *explain = context;
  return explain->partition == NONE || explain->partition == partition;
}

static struct lane *find_lane(const struct explain *explain, const struct reading *reading) {
  for (int32_t i = 0; explain->partition != NONE && i < reading_lane_count(reading); i++) {
    struct lane *lane = reading_lane(reading, i);
    if (task_partition(lane_task(lane)) == explain->partition) return lane;
  }
  return NULL;
}

static enum reading_next on_batch(void *context, struct reading *reading) {
  struct explain *explain = context;
  if (!explain->lane) explain->lane = find_lane(explain, reading);
  return explain->lane && lane_ended(explain->lane) ? READING_ENOUGH : READING_ON;
}

/* --- a lead that is not there --- */

static bool is_among(char *const *names, int32_t count, const char *name) {
  for (int32_t i = 0; i < count; i++)
    if (strcmp(names[i], name) == 0) return true;
  return false;
}

static char *copy(struct slice text) {
  char *made = memory_zeroed(text.length + 1, 1);
  memcpy(made, text.at, text.length);
  return made;
}

/* Of those that have not been taken, in all lanes, the nearest; the caller frees it. NULL: none is near. */
static char *nearest(const struct reading *reading, const char *lead, char *const *taken, int32_t count) {
  char *best = NULL;
  for (int32_t i = 0; i < reading_lane_count(reading); i++) {
    const struct task *task = lane_task(reading_lane(reading, i));
    for (uint32_t n = 0; n < task_lead_count(task); n++) {
      char *name = copy(task_lead(task, n));
      const char *both[] = {best ? best : name, name};
      bool better = !is_among(taken, count, name) && (name_nearest(lead, both, 2) == (best ? name : both[0]));
      memory_free(better ? best : name);
      if (better) best = name;
    }
  }
  return best;
}

static void say_name(const char *name) {
  struct buffer words = {0};
  struct terminal terminal = {.buffer = &words};
  terminal_text(&terminal, slice_of(name), TERMINAL_COLUMNS);
  fprintf(stderr, "%.*s", (int)words.length, words.at);
  buffer_fini(&words);
}

static int say_absent(const struct explain *explain, const struct reading *reading) {
  char *lead = copy(explain->order->lead), *near[NEAR];
  int32_t count = 0;
  while (count < NEAR && (near[count] = nearest(reading, lead, near, count))) count++;
  fputs("handover explain: ", stderr);
  say_name(lead);
  fputs(explain->order->at_ms == TIME_NONE ? ": there is no such lead in the log" : ": there is no such lead by then",
        stderr);
  for (int32_t i = 0; i < count; i++) {
    fputs(i == 0 ? "; did you mean " : i + 1 < count ? ", " : " or ", stderr);
    say_name(near[i]);
    memory_free(near[i]);
  }
  fputs(count ? "?\n" : "\n", stderr);
  memory_free(lead);
  return STATUS_NO;
}

/* --- the story --- */

static void tell(struct explain *explain, struct buffer *story) {
  struct task *task = lane_task(explain->lane);
  buffer_append_text(story, "{\"lead\":");
  json_append_string(story, explain->order->lead);
  buffer_append_text(story, ",\"partition\":");
  json_append_integer(story, explain->partition);
  buffer_append_text(story, ",\"timeline\":[");
  buffer_append(story, explain->timeline.out.at, explain->timeline.out.length);
  buffer_append_text(story, "],\"standing\":");
  explain_standing(story, task, explain->order->lead);
  explain->timeline.out.length = 0;
  explain->timeline.changes_only = true;
  explain_foresee(task, explain->order->lead);
  buffer_append_text(story, ",\"foreseen\":[");
  buffer_append(story, explain->timeline.out.at, explain->timeline.out.length);
  buffer_append_text(story, "]}");
}

int explain_run(const struct explain_order *order, struct buffer *story) {
  struct explain explain = {.order = order, .partition = NONE};
  struct sink sink = {&explain, on_change, on_dead_letter};
  struct reading_user user = {"explain", &explain, &sink, on_lane, is_wanted, NULL, on_batch};
  struct reading *reading = reading_create(&order->log, &user);
  int status = reading_run(reading);
  explain.lane = find_lane(&explain, reading);
  if (status == STATUS_OK && explain.lane) tell(&explain, story);
  if (status == STATUS_OK && !explain.lane) status = say_absent(&explain, reading);
  explain_entries_fini(&explain.timeline);
  reading_destroy(reading);
  return status;
}
