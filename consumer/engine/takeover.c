/* takeover.c: docs/engine.md, A new version takes over: leads keep by name what the new version still has. */
#include <assert.h>

#include "follow.h"
#include "memory.h"
#include "points.h"
#include "state.h"
#include "value.h"

/* Where what the new version keeps stood in the old one; NONE: it starts empty. */
struct mapping {
  const struct definition *from, *to;
  int64_t moment_ms;            /* effective_from of `to` */
  int32_t stages[LIMIT_STAGES]; /* old → new */
  int32_t attributes[LIMIT_ATTRIBUTES];
  int32_t slas[LIMIT_SLAS];
  int32_t scores[LIMIT_SCORES];
  int32_t *rules; /* new plan's number → old plan's */
  int32_t *happened;
};

static int32_t stage_named(const struct definition *d, struct slice name) {
  for (int32_t i = 0; i < d->stage_count; i++)
    if (slice_equal(d->stages[i].name, name)) return i;
  return NONE;
}

static int32_t stage_replacing(const struct definition *d, struct slice name) {
  for (int32_t i = 0;; i++) {
    assert(i < d->replace_count); /* versions_check: it has the stage, or says what replaces it */
    if (slice_equal(d->replaces[i].from, name)) return d->replaces[i].to;
  }
}

/* Which stage of the next version one is: that of its name, or what replaces it. */
static int32_t stage_in(const struct definition *d, struct slice name) {
  int32_t stage = stage_named(d, name);
  return stage != NONE ? stage : stage_replacing(d, name);
}

/* Versions that are passed over are applied with their `replaces`. */
static int32_t map_stage(const struct task *task, const struct definition *to, int32_t old) {
  struct slice name = task->active->stages[old].name;
  for (int32_t i = 0; i < task->known_count; i++) {
    const struct definition *d = task->known[i];
    if (d->version <= task->active->version || d->version > to->version) continue;
    name = d->stages[stage_in(d, name)].name;
  }
  return stage_named(to, name);
}

static int32_t map_attribute(const struct definition *from, const struct attribute *attribute) {
  for (int32_t i = 0; i < from->attribute_count; i++)
    if (from->attributes[i].type == attribute->type && slice_equal(from->attributes[i].name, attribute->name)) return i;
  return NONE;
}

static int32_t map_sla(const struct definition *from, struct slice name) {
  for (int32_t i = 0; i < from->sla_count; i++)
    if (slice_equal(from->slas[i].name, name)) return i;
  return NONE;
}

static int32_t map_score(const struct definition *from, const struct score *score) {
  for (int32_t i = 0; i < from->score_count; i++)
    if (from->scores[i].kind == score->kind && slice_equal(from->scores[i].name, score->name)) return i;
  return NONE;
}

static int32_t map_rule(const struct mapping *m, const struct rule_plan *p) {
  int32_t old = m->scores[p->score];
  if (old == NONE) return NONE;
  struct slice name = m->to->scores[p->score].rules[p->rule].name;
  for (int32_t i = 0; i < m->from->scores[old].rule_count; i++)
    if (slice_equal(m->from->scores[old].rules[i].name, name)) return m->from->plan->scores[old].first_rule + i;
  return NONE;
}

static int32_t map_happened(const struct definition *from, struct slice text) {
  for (int32_t i = 0; i < from->happened_count; i++)
    if (slice_equal(from->happened[i].text, text)) return i;
  return NONE;
}

static void mapping_init(struct mapping *m, const struct task *task, const struct definition *to) {
  *m = (struct mapping){.from = task->active, .to = to, .moment_ms = to->effective_from_ms};
  for (int32_t i = 0; i < m->from->stage_count; i++) {
    m->stages[i] = map_stage(task, to, i);
    assert(m->stages[i] != NONE); /* versions_check has seen to it */
  }
  for (int32_t i = 0; i < to->attribute_count; i++) m->attributes[i] = map_attribute(m->from, &to->attributes[i]);
  for (int32_t i = 0; i < to->sla_count; i++) m->slas[i] = map_sla(m->from, to->slas[i].name);
  for (int32_t i = 0; i < to->score_count; i++)
    m->scores[i] = to->scores[i].kind == SCORE_EVENTS ? map_score(m->from, &to->scores[i]) : NONE;
  m->rules = memory_zeroed((size_t)to->plan->rule_count, sizeof *m->rules);
  for (int32_t i = 0; i < to->plan->rule_count; i++) m->rules[i] = map_rule(m, &to->plan->rules[i]);
  m->happened = memory_zeroed((size_t)to->happened_count, sizeof *m->happened);
  for (int32_t i = 0; i < to->happened_count; i++) m->happened[i] = map_happened(m->from, to->happened[i].text);
}

/* --- one lead: `was` under the old version becomes `is` under the new one --- */

struct moving {
  const struct mapping *m;
  struct pool *pool;
  const struct lead *was;
  struct lead *is;
};

static void set_slot(const struct moving *v, int32_t slot, int64_t value) {
  lead_set_slot(v->pool, v->m->to->plan, v->is, slot, value);
}
static int64_t slot_was(const struct moving *v, int32_t slot) { return lead_slot(v->was, slot); }

/* The latest `most` elements of a list. */
static void move_list(const struct moving *v, int32_t from, int32_t to, int32_t most) {
  const struct list *was = lead_list(v->m->from->plan, v->was, from);
  uint32_t count = was->count < most ? was->count : (uint32_t)most;
  if (!count) return;
  struct list *is = lead_reserve(v->pool, v->m->to->plan, v->is, to, count);
  memcpy(list_times(v->is, is), list_times(v->was, was) + (was->count - count), count * sizeof(int64_t));
  is->count = (uint16_t)count;
}

/* Ids from the oldest on, whatever place the ring began at. */
static void move_ids(const struct moving *v) {
  const struct plan *from = v->m->from->plan, *to = v->m->to->plan;
  if (from->ids == NONE || to->ids == NONE) return;
  const struct list *was = lead_list(from, v->was, from->ids);
  uint32_t room = (uint32_t)v->m->to->deduplicate, count = was->count < room ? was->count : room;
  if (!count) return;
  struct list *is = lead_reserve(v->pool, to, v->is, to->ids, count);
  for (uint32_t i = 0; i < count; i++)
    list_times(v->is, is)[i] = list_times(v->was, was)[(v->was->oldest_id + (was->count - count) + i) % was->count];
  is->count = (uint16_t)count;
}

static void move_attributes(const struct moving *v) {
  const struct definition *to = v->m->to;
  bool any = false;
  for (int32_t i = 0; i < to->attribute_count; i++) {
    int32_t old = v->m->attributes[i];
    if (old == NONE || !lead_knows(v->m->from->plan, v->was, old)) continue;
    any = true;
    int32_t from = v->m->from->plan->attribute[old], place = to->plan->attribute[i];
    if (to->attributes[i].type == ATTRIBUTE_TEXT) {
      lead_set_text(v->pool, to->plan, v->is, place, lead_text(v->m->from->plan, v->was, from));
    } else {
      *lead_make(v->pool, to->plan, v->is, place) = slot_was(v, from);
    }
  }
  if (any) attributes_changed(v->pool, to, v->is);
}

static int64_t quiet_over(const struct moving *v, int64_t every_ms) {
  int64_t since = lead_quiet_since_ms(v->m->from->plan, v->was);
  return v->m->moment_ms > since ? (v->m->moment_ms - since) / every_ms : 0;
}

static void move_quiet(const struct moving *v, int32_t index, int32_t old) {
  const struct definition *from = v->m->from, *to = v->m->to;
  const struct rule_plan *p = &to->plan->rules[index];
  if (p->quiet == NONE) return;
  int64_t every = to->scores[p->score].rules[p->rule].quiet_every_ms;
  const struct rule_plan *q = old == NONE ? NULL : &from->plan->rules[old];
  bool same = q && q->quiet != NONE && from->scores[q->score].rules[q->rule].quiet_every_ms == every;
  set_slot(v, p->quiet, same ? slot_was(v, q->quiet) : quiet_over(v, every));
}

static void move_rule(const struct moving *v, int32_t index) {
  const struct rule_plan *p = &v->m->to->plan->rules[index];
  const struct rule *rule = &v->m->to->scores[p->score].rules[p->rule];
  int32_t old = v->m->rules[index];
  move_quiet(v, index, old);
  if (old == NONE) return;
  const struct rule_plan *q = &v->m->from->plan->rules[old];
  if (p->accumulator != NONE && q->accumulator != NONE) set_slot(v, p->accumulator, slot_was(v, q->accumulator));
  if (p->kept != NONE && q->kept != NONE) move_list(v, q->kept, p->kept, rule->keep);
  if (p->counted != NONE && q->counted != NONE) move_list(v, q->counted, p->counted, rule->at_most_times);
  if (p->count != NONE && q->count != NONE) set_slot(v, p->count, slot_was(v, q->count));
}

static void move_scores(const struct moving *v) {
  const struct definition *to = v->m->to;
  for (int32_t i = 0; i < to->score_count; i++) {
    if (to->scores[i].kind != SCORE_EVENTS) continue;
    int32_t old = v->m->scores[i];
    set_slot(v, to->plan->scores[i].as_of,
             old != NONE ? slot_was(v, v->m->from->plan->scores[old].as_of)
                         : lead_created_ms(v->m->from->plan, v->was) / 60000);
  }
  for (int32_t i = 0; i < to->plan->rule_count; i++) move_rule(v, i);
  for (int32_t i = 0; i < to->happened_count; i++)
    if (v->m->happened[i] != NONE)
      move_list(v, v->m->from->plan->happened[v->m->happened[i]], to->plan->happened[i], to->happened[i].times);
}

static void move_stage(const struct moving *v) {
  const struct definition *from = v->m->from, *to = v->m->to;
  v->is->stage = (uint8_t)v->m->stages[v->was->stage];
  for (int32_t i = 0; i < from->stage_count; i++) {
    int32_t slot = to->plan->entries + v->m->stages[i];
    set_slot(v, slot, lead_slot(v->is, slot) + lead_slot(v->was, from->plan->entries + i));
  }
  struct stay was = lead_stay(from->plan, v->was), is = {.route = was.route};
  for (int32_t i = 0; i < to->sla_count; i++) {
    if (to->slas[i].stage != v->is->stage) continue;
    set_slot(v, to->plan->sla_deadline[i], sla_deadline(to, i, lead_entered_ms(from->plan, v->was)));
    int32_t old = v->m->slas[i];
    if (old == NONE || from->slas[old].stage != v->was->stage) continue;
    is.met |= (uint16_t)((was.met >> old & 1) << i);
    is.breached |= (uint16_t)((was.breached >> old & 1) << i);
  }
  lead_set_stay(v->pool, to->plan, v->is, is);
}

static void move_lead(const struct moving *v) {
  const struct plan *from = v->m->from->plan, *to = v->m->to->plan;
  set_slot(v, to->entered, lead_entered_ms(from, v->was));
  set_slot(v, to->created, lead_created_ms(from, v->was));
  v->is->now_ms = v->was->now_ms;
  v->is->last_activity_ms = v->was->last_activity_ms;
  v->is->queued_ms = TIME_NEVER;
  move_stage(v);
  move_attributes(v);
  move_scores(v);
  move_ids(v);
}

static void activate(struct task *task, const struct definition *to) {
  struct mapping mapping;
  mapping_init(&mapping, task, to);
  struct leads old = task->leads;
  leads_init(&task->leads, to->plan);
  due_fini(&task->due);
  task->active = to;
  task->contributions = memory_grown(task->contributions, definition_contributions(to) * sizeof *task->contributions);
  memset(task->stage_counts, 0, sizeof task->stage_counts);
  for (uint32_t i = 0; i < old.count; i++) {
    struct moving moving = {&mapping, task_pool(task), leads_at(&old, i), NULL};
    uint32_t number;
    moving.is = leads_add(&task->leads, lead_id(moving.was), &number);
    move_lead(&moving);
    task->stage_counts[moving.is->stage]++;
    deadline_set(task, number, moving.is, deadline_anew(to, moving.is, to->effective_from_ms));
  }
  leads_fini(&old);
  memory_free(mapping.rules);
  memory_free(mapping.happened);
  if (task->follow) follow_activated(task);
}

/* The version that takes over next by `until`, or NULL. */
static const struct definition *next_version(const struct task *task, int64_t until_ms) {
  const struct definition *next = NULL;
  for (int32_t i = 0; i < task->known_count; i++) {
    const struct definition *d = task->known[i];
    if (d->version <= task->active->version || d->effective_from_ms > until_ms) continue;
    if (!next || d->effective_from_ms <= next->effective_from_ms) next = d; /* ascending: of equal ones the highest */
  }
  return next;
}

void versions_look_ahead(struct task *task) {
  task->next_ms = TIME_NEVER;
  for (int32_t i = 0; i < task->known_count; i++) {
    const struct definition *d = task->known[i];
    if (d->version > task->active->version && d->effective_from_ms < task->next_ms)
      task->next_ms = d->effective_from_ms;
  }
}

static void quiet_all(struct task *task, int64_t at_ms) {
  if (!task->active->plan->quiet) return;
  for (uint32_t i = 0; i < task->leads.count; i++) {
    struct lead *lead = leads_at(&task->leads, i);
    points_quiet(task, lead, at_ms > lead->now_ms ? at_ms : lead->now_ms);
  }
}

void versions_take_over_due(struct task *task, int64_t until_ms, int64_t passed_before_ms) {
  const struct definition *next;
  while ((next = next_version(task, until_ms))) {
    int64_t last = next->effective_from_ms - 1;
    if (passed_before_ms > last)
      last = passed_before_ms; /* it was learned of late: that time is the active version's */
    if (task->passed_ms < last) last = task->passed_ms;
    task_save_end(task);
    timers_fire(task, last);
    quiet_all(task, last);
    activate(task, next);
    versions_look_ahead(task);
  }
}
