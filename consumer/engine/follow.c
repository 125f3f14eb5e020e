/* follow.c: the lead that is followed, looked at before and after: what differs is reported. */
#include "follow.h"

#include "memory.h"
#include "publish.h"

struct value_before {
  bool known, boolean;
  int64_t number; /* its bits */
  uint32_t length;
  char text[LIMIT_TEXT];
};

struct follow {
  trace_report *report;
  void *context;
  struct slice id;
  struct value_before values[LIMIT_ATTRIBUTES];
  bool rules[LIMIT_SCORES][LIMIT_RULES]; /* from attributes: did they hold? */
  struct trace_count changed_rules[LIMIT_SCORES * LIMIT_RULES];
  uint32_t met;
  bool fresh; /* just created: a rule may hold of who is not known at all, and counts from here on */
};

void task_follow(struct task *task, struct slice lead, trace_report *report, void *context) {
  struct follow *follow = memory_zeroed(1, sizeof *follow);
  char *id = memory_zeroed(lead.length + 1, 1);
  memcpy(id, lead.at, lead.length);
  follow->id = (struct slice){id, lead.length};
  follow->report = report;
  follow->context = context;
  task->follow = follow;
}

void follow_destroy(struct follow *follow) {
  if (!follow) return;
  memory_free((char *)(uintptr_t)follow->id.at);
  memory_free(follow);
}

static void report(struct task *task, struct view *view, struct trace *trace) {
  trace->definition = task->active;
  trace->now_ms = view->now_ms;
  trace->position = task->position;
  trace->clock_mark = task->clock_mark;
  for (int32_t i = 0; i < task->active->score_count; i++) score_value(view, i);
  trace->scores = view->scores;
  task->follow->report(task->follow->context, trace);
}

static void view_at(struct view *view, const struct task *task, struct lead *lead, int64_t now_ms) {
  view_init(view, task->active, lead, now_ms > lead->now_ms ? now_ms : lead->now_ms, NULL);
}

/* --- which lead --- */

void follow_created(struct task *task, struct lead *lead) {
  if (!slice_equal(lead_id(lead), task->follow->id)) return;
  task->followed = lead;
  task->follow->fresh = true;
}

void follow_activated(struct task *task) {
  uint32_t number;
  struct lead *lead = leads_find(&task->leads, task->follow->id, &number);
  struct view view;
  task->followed = lead;
  if (!lead) return;
  view_at(&view, task, lead, task->active->effective_from_ms);
  report(task, &view, &(struct trace){.kind = TRACE_VERSION});
}

/* --- an event, before and after --- */

static struct value_before value_now(const struct definition *d, const struct lead *lead, int32_t index) {
  struct value_before value = {.known = lead_knows(d->plan, lead, index)};
  int32_t place = d->plan->attribute[index];
  if (!value.known) return value;
  switch (d->attributes[index].type) {
    case ATTRIBUTE_BOOLEAN: value.boolean = lead_slot(lead, place); break;
    case ATTRIBUTE_NUMBER: value.number = lead_slot(lead, place); break;
    case ATTRIBUTE_TEXT: {
      struct slice text = lead_text(d->plan, lead, place);
      value.length = text.length;
      if (text.length) memcpy(value.text, text.at, text.length);
    }
  }
  return value;
}

static bool same_value(const struct value_before *a, const struct value_before *b) {
  return a->known == b->known && a->boolean == b->boolean && a->number == b->number && a->length == b->length &&
         memcmp(a->text, b->text, a->length) == 0;
}

static bool rule_holds(struct view *view, int32_t score, int32_t rule) {
  return condition_holds(view, view->definition->scores[score].rules[rule].when);
}

void follow_event(struct task *task, struct lead *lead, const struct event *event, bool duplicate) {
  struct follow *follow = task->follow;
  const struct definition *d = task->active;
  struct view view;
  view_at(&view, task, lead, lead->now_ms);
  for (int32_t i = 0; i < d->attribute_count; i++) follow->values[i] = value_now(d, lead, i);
  for (int32_t s = 0; s < d->score_count; s++)
    for (int32_t r = 0; d->scores[s].kind == SCORE_ATTRIBUTES && r < d->scores[s].rule_count; r++)
      follow->rules[s][r] = !follow->fresh && rule_holds(&view, s, r);
  follow->met = lead_stay(d->plan, lead).met;
  follow->fresh = false;
  report(task, &view, &(struct trace){.kind = TRACE_EVENT, .event = event, .duplicate = duplicate});
}

static int32_t rules_changed(struct follow *follow, struct view *view) {
  const struct definition *d = view->definition;
  int32_t count = 0;
  for (int32_t s = 0; s < d->score_count; s++) {
    if (d->scores[s].kind != SCORE_ATTRIBUTES) continue;
    for (int32_t r = 0; r < d->scores[s].rule_count; r++) {
      bool holds = rule_holds(view, s, r);
      int64_t points = d->scores[s].rules[r].points;
      if (holds == follow->rules[s][r]) continue;
      if (!holds) points = -points;
      follow->changed_rules[count++] =
          (struct trace_count){.score = s, .rule = r, .time_ms = view->now_ms, .points = points, .added = points};
    }
  }
  return count;
}

void follow_taken(struct task *task, struct lead *lead) {
  struct follow *follow = task->follow;
  struct shared_attribute shared[LIMIT_ATTRIBUTES];
  struct view view;
  view_at(&view, task, lead, lead->now_ms);
  struct trace trace = {.kind = TRACE_TAKEN, .shared = shared};
  for (int32_t i = 0; i < task->active->attribute_count; i++) {
    struct value_before now = value_now(task->active, lead, i);
    trace.known |= (uint64_t)now.known << i;
    if (!same_value(&now, &follow->values[i])) trace.changed |= UINT64_C(1) << i;
  }
  trace.shared_count = publish_attributes(&view, shared);
  trace.rules = follow->changed_rules;
  trace.rule_count = rules_changed(follow, &view);
  trace.met = lead_stay(task->active->plan, lead).met & ~follow->met;
  report(task, &view, &trace);
}

void follow_reset(struct task *task, struct lead *lead, int32_t score, int64_t points) {
  struct view view;
  view_at(&view, task, lead, lead->now_ms);
  struct trace_count count = {.score = score, .rule = NONE, .time_ms = view.now_ms, .added = -points};
  report(task, &view, &(struct trace){.kind = TRACE_RESET, .count = count});
}

/* --- points --- */

static const struct rule *rule_of(const struct task *task, int32_t index) {
  const struct rule_plan *p = &task->active->plan->rules[index];
  return &task->active->scores[p->score].rules[p->rule];
}

static void report_count(struct task *task, struct lead *lead, int32_t index, int64_t t_ms, int64_t added,
                         unsigned less) {
  const struct rule_plan *p = &task->active->plan->rules[index];
  int64_t points = rule_of(task, index)->points;
  struct view view;
  view_at(&view, task, lead, t_ms);
  struct trace_count count = {p->score, p->rule, t_ms, points, added, added == points ? 0 : less};
  report(task, &view, &(struct trace){.kind = TRACE_COUNT, .count = count});
}

static bool at_cap(const struct rule *rule, int64_t value) {
  return rule->cap && (value >= rule->cap || value <= -rule->cap);
}

void follow_count(struct task *task, struct lead *lead, int32_t index, int64_t t_ms, int64_t points, int64_t added) {
  const struct rule *rule = rule_of(task, index);
  int64_t now = lead_slot(lead, task->active->plan->rules[index].accumulator);
  unsigned less = points != rule->points ? LESS_LATE : 0;
  if (added != points) less |= at_cap(rule, now) ? LESS_CAP : LESS_LIMIT;
  report_count(task, lead, index, t_ms, added, less);
}

void follow_refused(struct task *task, struct lead *lead, int32_t index, int64_t t_ms) {
  report_count(task, lead, index, t_ms, 0, LESS_AT_MOST);
}

int64_t follow_contribution(struct task *task, struct lead *lead, int32_t index, int64_t t_ms) {
  struct view view;
  view_at(&view, task, lead, t_ms);
  return rule_contribution(&view, index);
}

void follow_kept(struct task *task, struct lead *lead, int32_t index, int64_t t_ms, int64_t before, bool full) {
  const struct rule *rule = rule_of(task, index);
  int64_t after = follow_contribution(task, lead, index, t_ms);
  unsigned less = full ? LESS_KEEP : 0;
  if (lead->now_ms > t_ms && (rule->fading || lead->now_ms - t_ms >= rule->lasts_ms)) less |= LESS_LATE;
  if (at_cap(rule, after)) less |= LESS_CAP;
  report_count(task, lead, index, t_ms, after - before, less);
}
