/* look.c: how one lead stands at a moment, for tests of definitions. Publishes nothing. */
#include "points.h"
#include "state.h"
#include "view.h"

bool task_look(struct task *task, struct slice lead_name, int64_t now_ms, struct lead_sight *sight) {
  uint32_t number;
  struct lead *lead = task->active ? leads_find(&task->leads, lead_name, &number) : NULL;
  if (!lead) return false;
  points_quiet(task_pool(task), task->active, lead, now_ms);
  struct view view;
  view_init(&view, task->active, lead, now_ms, NULL);
  *sight = (struct lead_sight){.stage = lead->stage, .since_ms = lead->entered_at_ms};
  for (int32_t i = 0; i < task->active->score_count; i++) sight->scores[i] = score_value(&view, i);
  for (int32_t i = 0; i < task->active->criterion_count; i++) sight->criteria[i] = criterion_holds(&view, i);
  return true;
}
