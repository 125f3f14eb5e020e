/* points.h: what an event, or its absence, adds to a lead's scores. */
#ifndef HANDOVER_ENGINE_POINTS_H
#define HANDOVER_ENGINE_POINTS_H

#include "state.h"

/* Counts an event at time t for a rule (the plan's number) of a score from events, within its at_most. */
void points_count(struct task *task, struct lead *lead, int32_t rule, int64_t t_ms);

/* Counts the periods of quiet that have passed by now, of all quiet_every rules. */
void points_count_quiet(struct task *task, struct lead *lead, int64_t now_ms);
static inline void points_quiet(struct task *task, struct lead *lead, int64_t now_ms) {
  if (task->active->plan->quiet) points_count_quiet(task, lead, now_ms);
}

/* Sets a score from events to zero: accumulators and kept times; at_most and happened stay. */
void points_reset(struct task *task, struct lead *lead, int32_t score);

#endif
