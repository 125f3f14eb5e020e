/* look.c: how one lead stands at a moment, and what time alone would do with it. Nothing of it is part of deciding. */
#include "points.h"
#include "publish.h"
#include "save.h"
#include "standing.h"

static struct lead *look(struct task *task, struct slice name, int64_t now_ms, struct view *view) {
  uint32_t number;
  struct lead *lead = task->active ? leads_find(&task->leads, name, &number) : NULL;
  if (!lead) return NULL;
  save_before_change(task, number, lead);
  points_quiet(task, lead, now_ms);
  view_init(view, task->active, lead, now_ms, NULL);
  return lead;
}

bool task_look(struct task *task, struct slice lead_name, int64_t now_ms, struct lead_sight *sight) {
  struct view view;
  const struct lead *lead = look(task, lead_name, now_ms, &view);
  if (!lead) return false;
  *sight = (struct lead_sight){.stage = lead->stage, .since_ms = lead_entered_ms(task->active->plan, lead)};
  for (int32_t i = 0; i < task->active->score_count; i++) sight->scores[i] = score_value(&view, i);
  for (int32_t i = 0; i < task->active->criterion_count; i++) sight->criteria[i] = criterion_holds(&view, i);
  return true;
}

bool task_stand(struct task *task, struct slice name, int64_t now_ms, struct standing *standing) {
  struct view *view = &standing->view;
  const struct lead *lead = look(task, name, now_ms, view);
  if (!lead) return false;
  const struct definition *d = task->active;
  for (int32_t i = 0; i < d->score_count; i++) score_value(view, i);
  standing->entry = lead_entries(d->plan, lead, lead->stage);
  const struct stay_route *route = &task->routes[lead_stay(d->plan, lead).route];
  standing->queue = route->queue;
  standing->assignee = route->assignee;
  standing->contributions = task->contributions;
  standing->contribution_count = publish_contributions(view, task->contributions);
  standing->attribute_count = publish_attributes(view, standing->attributes);
  standing->due_count = 0;
  uint32_t open = lead_open_slas(d->plan, lead);
  for (int32_t i = 0; open; i++, open >>= 1)
    if (open & 1) standing->due[standing->due_count++] = (struct due){i, lead_slot(lead, d->plan->sla_deadline[i])};
  return true;
}

/* Before the day of the next version. */
static int64_t before_next_version(const struct task *task, int64_t until_ms) {
  for (int32_t i = 0; i < task->known_count; i++) {
    const struct definition *d = task->known[i];
    if (d->version > task->active->version && d->effective_from_ms <= until_ms) until_ms = d->effective_from_ms - 1;
  }
  return until_ms;
}

void task_foresee(struct task *task, struct slice name, int64_t until_ms) {
  uint32_t number;
  struct lead *lead = task->active ? leads_find(&task->leads, name, &number) : NULL;
  if (!lead) return;
  save_before_change(task, number, lead);
  until_ms = before_next_version(task, until_ms);
  uint8_t stage = lead->stage;
  uint32_t entry = lead_entries(task->active->plan, lead, stage);
  task->clock_mark = true;
  while (lead->deadline_ms <= until_ms) {
    int64_t moment = lead->deadline_ms > lead->now_ms ? lead->deadline_ms : lead->now_ms;
    task->position = (struct position){SLICE("clock"), task->partition, moment};
    task->timestamp_ms = moment;
    task->published = 0;
    task_step(task, number, lead, moment, NULL);
    if (lead->stage != stage || lead_entries(task->active->plan, lead, stage) != entry) return;
  }
}
