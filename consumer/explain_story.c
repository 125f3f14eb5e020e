/* explain_story.c: what the engine tells of one lead (engine/trace.h) and publishes of it becomes the story. */
#include "explain_story.h"

#include <stdio.h>

#include "../config/names.h"
#include "engine/memory.h"
#include "explain_standing.h"
#include "terminal.h"

enum { NEAR = 3 };

/* --- while the log is read --- */

static void on_trace(void *context, const struct trace *trace) {
  struct explain_story *story = context;
  story->partition = trace->position.partition;
  explain_entry_trace(&story->timeline, trace);
}

static void on_change(void *context, const struct change *change) {
  struct explain_story *story = context;
  if (slice_equal(change->lead, story->lead)) explain_entry_change(&story->timeline, change);
}

static void on_dead_letter(void *context, const struct record *record, enum reject reject, const char *detail) {
  (void)context, (void)record, (void)reject, (void)detail; /* it has no lead, so it is nobody's */
}

void explain_story_init(struct explain_story *story, struct slice lead, int64_t at_ms) {
  *story = (struct explain_story){.lead = lead, .at_ms = at_ms, .partition = NONE};
  story->sink = (struct sink){story, on_change, on_dead_letter};
}

void explain_story_fini(struct explain_story *story) { explain_entries_fini(&story->timeline); }

void explain_story_follow(void *context, struct lane *lane) {
  struct explain_story *story = context;
  task_follow(lane_task(lane), story->lead, on_trace, story);
  if (story->at_ms != TIME_NONE) lane_set_end(lane, story->at_ms);
}

struct lane *explain_story_lane(const struct explain_story *story, struct lane *const *lanes, int32_t count) {
  for (int32_t i = 0; story->partition != NONE && i < count; i++) {
    if (task_partition(lane_task(lanes[i])) == story->partition) return lanes[i];
  }
  return NULL;
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

/* Of those that have not been taken, in all lanes, the nearest, of equally near ones the first by name; the caller frees it.
 * NULL: none is near. */
static char *nearest(struct lane *const *lanes, int32_t lane_count, const char *lead, char *const *taken,
                     int32_t count) {
  char *best = NULL;
  for (int32_t i = 0; i < lane_count; i++) {
    const struct task *task = lane_task(lanes[i]);
    for (uint32_t n = 0; n < task_lead_count(task); n++) {
      char *name = copy(task_lead(task, n));
      bool first = !best || strcmp(name, best) < 0;
      const char *pair[] = {first ? name : best, first ? best : name};
      bool better = !is_among(taken, count, name) && name_nearest(lead, pair, best ? 2 : 1) == name;
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

void explain_story_absent(const struct explain_story *story, struct lane *const *lanes, int32_t lane_count) {
  char *lead = copy(story->lead), *near[NEAR];
  int32_t count = 0;
  while (count < NEAR && (near[count] = nearest(lanes, lane_count, lead, near, count))) count++;
  fputs("handover explain: ", stderr);
  say_name(lead);
  fputs(story->at_ms == TIME_NONE ? ": there is no such lead in the log" : ": there is no such lead by then", stderr);
  for (int32_t i = 0; i < count; i++) {
    fputs(i == 0 ? "; did you mean " : i + 1 < count ? ", " : " or ", stderr);
    say_name(near[i]);
    memory_free(near[i]);
  }
  fputs(count ? "?\n" : "\n", stderr);
  memory_free(lead);
}

/* --- the story --- */

void explain_story_tell(struct explain_story *story, struct lane *lane, struct buffer *out) {
  struct task *task = lane_task(lane);
  buffer_append_text(out, "{\"lead\":");
  json_append_string(out, story->lead);
  buffer_append_text(out, ",\"partition\":");
  json_append_integer(out, story->partition);
  buffer_append_text(out, ",\"timeline\":[");
  buffer_append(out, story->timeline.out.at, story->timeline.out.length);
  buffer_append_text(out, "],\"standing\":");
  explain_standing(out, task, story->lead);
  story->timeline.out.length = 0;
  story->timeline.changes_only = true;
  explain_foresee(task, story->lead);
  buffer_append_text(out, ",\"foreseen\":[");
  buffer_append(out, story->timeline.out.at, story->timeline.out.length);
  buffer_append_text(out, "]}");
}
