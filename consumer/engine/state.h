/* state.h: what a task is made of. For the files of the engine alone; everybody else uses task.h. */
#ifndef HANDOVER_ENGINE_STATE_H
#define HANDOVER_ENGINE_STATE_H

#include "due.h"
#include "leads.h"
#include "task.h"
#include "view.h"

struct stay_route { /* a queue and who got the lead, by name, so that it outlives the version that said so */
  struct slice queue;
  struct slice assignee; /* at == NULL: none */
};

struct task {
  int32_t partition;
  change_publish *publish;
  void *context;
  bool started; /* something has been applied: the active version is settled */

  const struct definition **known; /* ascending by version */
  int32_t known_count;
  const struct definition *active;
  int64_t
      next_ms; /* when the next version takes over: the least effective_from of those after the active one; TIME_NEVER */

  struct leads leads;
  struct due_queue due;
  int64_t stream_ms, passed_ms; /* TIME_NONE at first */
  uint64_t stage_counts[LIMIT_STAGES];
  struct task_counts counts;

  /* the record, or clock mark, that is being applied */
  struct position position;
  bool clock_mark;
  int64_t timestamp_ms;
  uint32_t published; /* n of the next change */

  struct stay_route *routes; /* 1..route_count; 0 is "none" */
  uint32_t route_count, route_room;
  struct pool texts; /* of routes */
  uint32_t *firing;  /* numbers of the leads whose time has come at one moment */
  uint32_t firing_room;
  struct contribution *contributions; /* room for all of the active version's rules */

  struct save *save; /* NULL: none is going on (save.h) */

  struct follow *follow;       /* NULL: nobody is followed (follow.h) */
  const struct lead *followed; /* the one that is; NULL: none, or not there yet */
};

static inline struct pool *task_pool(struct task *task) { return leads_pool(&task->leads); }

/* step.c: docs/engine.md, step. */
void task_step(struct task *task, uint32_t number, struct lead *lead, int64_t now_ms, const struct event *event);
void step_enter(struct task *task, struct lead *lead, int32_t stage,
                int64_t now_ms); /* stage, entered_at, SLAs fresh */

/* deadline.c */
int64_t sla_deadline(const struct definition *definition, int32_t sla, int64_t entered_at_ms);
/* The earliest moment after the view's at which a step could publish something. `settled`: just now, in this view, no move could be
 * taken and no rung be climbed. */
int64_t deadline_find(struct view *view, bool settled);
static inline int64_t deadline_next(struct view *view, bool settled) {
  const struct plan *plan = view->definition->plan;
  return settled && plan->stages[view->lead->stage].timeless && !plan->review_always ? TIME_NEVER
                                                                                     : deadline_find(view, settled);
}
/* All moments of the specification from `from_ms` on, open SLAs of before at `from_ms`: for an activation. */
int64_t deadline_anew(const struct definition *definition, const struct lead *lead, int64_t from_ms);
void deadline_set(struct task *task, uint32_t number, struct lead *lead, int64_t deadline_ms);

/* timer.c */
int64_t timers_least(struct task *task);
void timers_fire_due(struct task *task, int64_t until_ms);
static inline void timers_fire(struct task *task, int64_t until_ms) {
  if (task->due.count && task->due.at->time_ms <= until_ms) timers_fire_due(task, until_ms);
}

/* step.c */
uint32_t route_intern(struct task *task, struct slice queue, struct slice assignee);

/* takeover.c: docs/engine.md, A new version takes over. */
void versions_take_over_due(struct task *task, int64_t until_ms, int64_t passed_before_ms);
static inline bool versions_take_over(struct task *task, int64_t until_ms, int64_t passed_before_ms) {
  if (task->next_ms > until_ms) return false;
  versions_take_over_due(task, until_ms, passed_before_ms);
  return true;
}
/* To be called where what is known, or active, has changed. */
void versions_look_ahead(struct task *task);

/* task.c: starts without leads under a version. */
void task_use(struct task *task, const struct definition *definition);

/* Room for the contributions of one change. */
static inline size_t definition_contributions(const struct definition *d) {
  size_t count = 1;
  for (int32_t i = 0; i < d->score_count; i++) count += (size_t)d->scores[i].rule_count;
  return count;
}

#endif
