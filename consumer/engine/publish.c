/* publish.c: a change's facts, in the task's scratch, good until the callback returns. */
#include "publish.h"

#include "value.h"

enum { SHOWN = 1000000 /* nanopoints: less is cut to nothing */ };

static int32_t contributions_of_attributes(struct view *view, int32_t score, struct contribution *out) {
  const struct score *s = &view->definition->scores[score];
  int32_t count = 0;
  for (int32_t i = 0; i < s->rule_count; i++)
    if (condition_holds(view, s->rules[i].when)) out[count++] = (struct contribution){score, i, s->rules[i].points};
  return count;
}

static int32_t contributions_of_events(struct view *view, int32_t score, struct contribution *out) {
  const struct plan *plan = view->definition->plan;
  int32_t count = 0;
  for (int32_t i = 0; i < view->definition->scores[score].rule_count; i++) {
    int64_t points = rule_contribution(view, plan->scores[score].first_rule + i);
    if (points >= SHOWN || points <= -SHOWN) out[count++] = (struct contribution){score, i, points};
  }
  return count;
}

int32_t publish_contributions(struct view *view, struct contribution *out) {
  int32_t count = 0;
  for (int32_t i = 0; i < view->definition->score_count; i++) {
    enum score_kind kind = view->definition->scores[i].kind;
    if (kind == SCORE_ATTRIBUTES) count += contributions_of_attributes(view, i, out + count);
    if (kind == SCORE_EVENTS) count += contributions_of_events(view, i, out + count);
  }
  return count;
}

int32_t publish_attributes(const struct view *view, struct shared_attribute *out) {
  const struct definition *d = view->definition;
  int32_t count = 0;
  for (int32_t i = 0; i < d->attribute_count; i++) {
    if (!d->attributes[i].share || !lead_knows(d->plan, view->lead, i)) continue;
    struct shared_attribute *a = &out[count++];
    *a = (struct shared_attribute){.attribute = i};
    int32_t place = d->plan->attribute[i];
    switch (d->attributes[i].type) {
      case ATTRIBUTE_TEXT: a->text = lead_text(d->plan, view->lead, place); break;
      case ATTRIBUTE_NUMBER: a->number = lead_number(view->lead, place); break;
      case ATTRIBUTE_BOOLEAN: a->boolean = lead_slot(view->lead, place); break;
    }
  }
  return count;
}

static int32_t dues_of(const struct definition *d, int32_t stage, int64_t entered_at_ms, struct due *out) {
  int32_t count = 0;
  for (int32_t i = 0; i < d->sla_count; i++)
    if (d->slas[i].stage == stage) out[count++] = (struct due){i, sla_deadline(d, i, entered_at_ms)};
  return count;
}

/* What every change says, and the call. */
static void publish(struct task *task, struct view *view, struct change *change) {
  struct shared_attribute attributes[LIMIT_ATTRIBUTES];
  change->definition = view->definition;
  change->lead = lead_id(view->lead);
  change->since_ms = lead_entered_ms(view->definition->plan, view->lead);
  change->position = task->position;
  change->clock_mark = task->clock_mark;
  change->record_timestamp_ms = task->timestamp_ms;
  change->n = task->published;
  change->from = view->lead->stage;
  for (int32_t i = 0; i < view->definition->score_count; i++) score_value(view, i);
  change->scores = view->scores;
  change->attributes = attributes;
  change->attribute_count = publish_attributes(view, attributes);
  task->publish(task->context, change);
}

static void reason_of(const struct view *view, int32_t move, struct change *change) {
  if (!view->event || move == NONE || view->definition->moves[move].reason == NONE) return;
  change->has_reason = value_text(&view->event->values[view->definition->moves[move].reason], &change->reason);
}

static enum cause_kind cause_of(const struct view *view, int32_t move) {
  return view->event ? CAUSE_EVENT : move == NONE ? CAUSE_CLIMB : CAUSE_MOVE;
}

void publish_stage(struct task *task, struct view *view, int32_t to, int32_t move, const struct stay_route *route) {
  const struct definition *d = view->definition;
  struct due dues[LIMIT_SLAS];
  bool criteria[LIMIT_CRITERIA];
  for (int32_t i = 0; i < d->criterion_count; i++) criteria[i] = criterion_holds(view, i);
  struct change change = {
      .type = CHANGE_STAGE,
      .time_ms = view->now_ms,
      .cause = cause_of(view, move),
      .move = move,
      .event = view->event,
      .to = to,
      .entry = lead_entries(d->plan, view->lead, to) + 1,
      .sla = NONE,
      .contributions = task->contributions,
      .contribution_count = publish_contributions(view, task->contributions),
      .criteria = criteria,
      .next = d->plan->stages[to].climb,
      .next_names = d->plan->stages[to].next_names,
      .queue = route->queue,
      .assignee = route->assignee,
      .due = dues,
      .due_count = dues_of(d, to, view->now_ms, dues),
  };
  reason_of(view, move, &change);
  publish(task, view, &change);
  task->published++;
}

void publish_breach(struct task *task, struct view *view, int32_t sla, int64_t deadline_ms) {
  const struct stay_route *route = &task->routes[lead_stay(view->definition->plan, view->lead).route];
  struct change change = {
      .type = CHANGE_BREACH,
      .time_ms = deadline_ms,
      .cause = CAUSE_TIMER,
      .move = NONE,
      .to = view->lead->stage,
      .sla = sla,
      .next = NONE,
      .queue = route->queue,
      .assignee = route->assignee,
  };
  publish(task, view, &change);
  task->published++;
}
