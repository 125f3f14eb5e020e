/* task.c: one record, one clock mark: docs/engine.md, One record. */
#include "task.h"

#include <assert.h>

#include "follow.h"
#include "memory.h"
#include "points.h"
#include "save.h"
#include "value.h"
#include "view.h"

struct task *task_create(int32_t partition, change_publish *publish, void *context) {
  struct task *task = memory_zeroed(1, sizeof *task);
  task->partition = partition;
  task->publish = publish;
  task->context = context;
  task->stream_ms = task->passed_ms = TIME_NONE;
  task->routes = memory_zeroed(2, sizeof *task->routes); /* number 0 is "none" */
  task->route_room = 2;
  return task;
}

void task_destroy(struct task *task) {
  if (!task) return;
  task_save_end(task);
  if (task->active) leads_fini(&task->leads);
  due_fini(&task->due);
  pool_fini(&task->texts);
  memory_free(task->routes);
  memory_free(task->firing);
  memory_free(task->contributions);
  memory_free(task->known);
  follow_destroy(task->follow);
  memory_free(task);
}

/* --- versions --- */

/* Before anything has run, the lowest version there is counts as active. */
static void settle_first(struct task *task) {
  if (task->active == task->known[0]) return;
  task_save_end(task);
  if (task->active) leads_fini(&task->leads);
  task_use(task, task->known[0]);
}

void task_use(struct task *task, const struct definition *definition) {
  task->active = definition;
  leads_init(&task->leads, definition->plan);
  task->contributions =
      memory_grown(task->contributions, definition_contributions(definition) * sizeof *task->contributions);
}

/* The same document, signed since: everything but `agreed` is as it was. */
static bool replace_known(struct task *task, int32_t at, const struct definition *definition) {
  const struct definition *before = task->known[at];
  if (before->agreed == definition->agreed || !slice_equal(before->digest, definition->digest)) return false;
  task->known[at] = definition;
  if (task->active == before) task->active = definition;
  return true;
}

bool task_know(struct task *task, const struct definition *definition) {
  int32_t at = 0;
  while (at < task->known_count && task->known[at]->version < definition->version) at++;
  if (at < task->known_count && task->known[at]->version == definition->version)
    return replace_known(task, at, definition);
  task->known = memory_grown(task->known, ((size_t)task->known_count + 1) * sizeof(*task->known));
  memmove(task->known + at + 1, task->known + at, (size_t)(task->known_count - at) * sizeof(*task->known));
  task->known[at] = definition;
  task->known_count++;
  if (!task->started) settle_first(task);
  versions_look_ahead(task);
  return true;
}

const struct definition *task_definition(const struct task *task) { return task->active; }

/* --- one record --- */

static int64_t later(int64_t a, int64_t b) { return a > b ? a : b; }

static void begin(struct task *task, struct position position, int64_t timestamp_ms, bool clock_mark) {
  assert(task->active);
  task->started = true;
  task->position = position;
  task->timestamp_ms = timestamp_ms;
  task->clock_mark = clock_mark;
  task->published = 0;
}

bool task_advance(struct task *task, struct position position, int64_t timestamp_ms, int64_t time_ms) {
  begin(task, position, timestamp_ms, false);
  int64_t before_ms = task->passed_ms;
  task->stream_ms = later(task->stream_ms, time_ms);
  task->passed_ms = later(before_ms, task->stream_ms - task->active->lateness_ms);
  return versions_take_over(task, task->stream_ms, before_ms);
}

static void begin_life(struct task *task, struct lead *lead, int64_t time_ms) {
  const struct definition *d = task->active;
  struct pool *pool = task_pool(task);
  lead->now_ms = time_ms;
  lead->last_activity_ms = TIME_NONE;
  lead->deadline_ms = lead->queued_ms = TIME_NEVER;
  for (int32_t i = 0; i < d->score_count; i++)
    if (d->scores[i].kind == SCORE_EVENTS)
      lead_set_slot(pool, d->plan, lead, d->plan->scores[i].as_of, time_ms / 60000);
  lead_set_slot(pool, d->plan, lead, d->plan->created, time_ms);
  step_enter(task, lead, 0, time_ms);
  if (task->follow) follow_created(task, lead);
}

/* Own deadlines up to the event's time come before it, even where not all of that time has passed for others. */
static void fire_own(struct task *task, struct lead *lead, uint32_t number, int64_t time_ms) {
  while (lead->deadline_ms <= time_ms) {
    task->counts.timers++;
    task_step(task, number, lead, later(lead->deadline_ms, lead->now_ms), NULL);
  }
}

static bool is_duplicate(struct task *task, struct lead *lead, const struct event *event) {
  if (!event->id.at || task->active->plan->ids == NONE) return false;
  return lead_seen_id(task_pool(task), task->active->plan, lead, event->id, task->active->deduplicate);
}

static const struct dispatch *dispatch_of(const struct definition *d, const struct event *event) {
  return &d->plan->dispatch[event->name_index >= 0 ? event->name_index : d->name_count];
}

static void take_happened(struct task *task, struct lead *lead, const struct event *event) {
  const struct definition *d = task->active;
  const struct dispatch *dispatch = dispatch_of(d, event);
  for (int32_t i = 0; i < dispatch->happened_count; i++) {
    int32_t index = dispatch->happened[i];
    if (!pattern_wheres_hold(&d->patterns[d->happened[index].pattern], event)) continue;
    lead_keep_time(task_pool(task), d->plan, lead, d->plan->happened[index], event->time_ms, d->happened[index].times);
  }
}

/* Activity at t: periods of quiet start from zero. */
static void set_active(struct task *task, struct lead *lead, int64_t t_ms) {
  const struct plan *plan = task->active->plan;
  if (t_ms <= lead->last_activity_ms) return;
  lead->last_activity_ms = t_ms;
  if (!plan->quiet) return;
  for (int32_t s = 0; s < task->active->score_count; s++)
    for (int32_t i = 0; i < plan->scores[s].quiet_count; i++)
      lead_set_slot(task_pool(task), plan, lead, plan->rules[plan->scores[s].quiet[i]].quiet, 0);
}

static void take_points(struct task *task, struct lead *lead, const struct event *event) {
  const struct definition *d = task->active;
  const struct dispatch *dispatch = dispatch_of(d, event);
  bool activity = false;
  for (int32_t i = 0; i < dispatch->rule_count; i++) {
    const struct rule_plan *p = &d->plan->rules[dispatch->rules[i]];
    const struct rule *rule = &d->scores[p->score].rules[p->rule];
    if (!pattern_wheres_hold(&d->patterns[rule->pattern], event)) continue;
    points_count(task, lead, dispatch->rules[i], event->time_ms);
    activity |= rule->points > 0;
  }
  if (activity) set_active(task, lead, event->time_ms);
}

static void meet_slas(struct task *task, struct lead *lead, const struct event *event) {
  const struct definition *d = task->active;
  uint32_t open = lead_open_slas(d->plan, lead);
  if (!open) return;
  struct stay stay = lead_stay(d->plan, lead);
  for (int32_t i = 0; open; i++, open >>= 1)
    if ((open & 1) && pattern_matches(&d->patterns[d->slas[i].met_by], event)) stay.met |= (uint16_t)(1u << i);
  lead_set_stay(task_pool(task), d->plan, lead, stay);
}

/* The event comes to its lead, which may be new. */
static void apply(struct task *task, const struct event *event, struct lead *lead, uint32_t number) {
  const struct definition *d = task->active;
  points_quiet(task, lead, later(later(event->time_ms, lead->now_ms), task->passed_ms));
  bool followed = lead == task->followed;
  if (is_duplicate(task, lead, event)) {
    task->counts.duplicates++;
    if (followed) follow_event(task, lead, event, true);
    return;
  }
  lead->now_ms = later(event->time_ms, lead->now_ms);
  if (followed) follow_event(task, lead, event, false);
  task->counts.ignored_attributes += attributes_take(task_pool(task), d, lead, event);
  take_happened(task, lead, event);
  take_points(task, lead, event);
  meet_slas(task, lead, event);
  if (followed) follow_taken(task, lead);
  task_step(task, number, lead, lead->now_ms, event);
}

uint32_t task_apply(struct task *task, const struct event *event, uint64_t hash) {
  uint32_t number = 0;
  task->counts.events++;
  timers_fire(task, task->passed_ms);
  struct lead *lead = leads_find_hashed(&task->leads, event->lead, hash, &number);
  if (lead) {
    save_before_change(task, number, lead);
    fire_own(task, lead, number, event->time_ms);
  } else {
    lead = leads_add_hashed(&task->leads, event->lead, hash, &number);
    begin_life(task, lead, event->time_ms);
  }
  apply(task, event, lead, number);
  return number;
}

void task_apply_at(struct task *task, const struct event *event, uint32_t number) {
  struct lead *lead;
  task->counts.events++;
  timers_fire(task, task->passed_ms);
  if (number < task->leads.count) {
    lead = leads_at(&task->leads, number);
    save_before_change(task, number, lead);
    fire_own(task, lead, number, event->time_ms);
  } else {
    assert(number == task->leads.count);
    lead = leads_append(&task->leads, event->lead);
    begin_life(task, lead, event->time_ms);
  }
  apply(task, event, lead, number);
}

void task_mark(struct task *task, int64_t mark_ms) {
  struct position position = {SLICE("clock"), task->partition, mark_ms};
  begin(task, position, mark_ms, true);
  int64_t before_ms = task->passed_ms;
  task->passed_ms = later(before_ms, mark_ms);
  versions_take_over(task, mark_ms, before_ms);
  timers_fire(task, task->passed_ms);
}

/* --- questions --- */

int64_t task_deadline(struct task *task) {
  int64_t least = timers_least(task);
  return task->next_ms < least ? task->next_ms : least;
}

uint64_t task_hash(struct slice lead) { return leads_hash(lead); }

void task_prefetch(const struct task *task, uint64_t hash, enum task_near step) {
  switch (step) {
    case NEAR_PLACE: leads_prefetch_place(&task->leads, hash); break;
    case NEAR_RECORD: leads_prefetch_record(&task->leads, hash); break;
    case NEAR_BLOCK: leads_prefetch_block(&task->leads, leads_guess(&task->leads, hash)); break;
  }
}

void tasks_share(struct task *const *tasks, int32_t count) {
  struct leads **tables = memory_zeroed((size_t)count, sizeof *tables);
  for (int32_t i = 0; i < count; i++) {
    assert(!tasks[i]->started && tasks[i]->known_count == 1);
    tables[i] = &tasks[i]->leads;
  }
  leads_share(tables, count);
  memory_free(tables);
}

void tasks_prefetch_block(struct task *const *tasks, int32_t count, uint64_t hash) {
  uint32_t number = leads_guess(&tasks[0]->leads, hash);
  for (int32_t i = 0; i < count; i++) leads_prefetch_block(&tasks[i]->leads, number);
}

int32_t task_partition(const struct task *task) { return task->partition; }
int64_t task_stream(const struct task *task) { return task->stream_ms; }
int64_t task_passed(const struct task *task) { return task->passed_ms; }
uint64_t task_lead_count(const struct task *task) { return task->leads.count; }
struct slice task_lead(const struct task *task, uint32_t number) {
  return lead_id(leads_at(&task->leads, number));
}

bool task_number(const struct task *task, struct slice lead, uint32_t *number) {
  return leads_find(&task->leads, lead, number) != NULL;
}

uint64_t task_bytes(const struct task *task) {
  return leads_bytes(&task->leads) + task->texts.region.bytes + task->due.room * sizeof *task->due.at;
}

uint64_t task_stage_count(const struct task *task, int32_t stage) { return task->stage_counts[stage]; }
const struct task_counts *task_counts(const struct task *task) { return &task->counts; }
