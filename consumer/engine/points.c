/* points.c: docs/engine.md, Score arithmetic: count and quiet. */
#include "points.h"

#include "decay.h"
#include "follow.h"

enum { MINUTE_MS = 60000 };

static int64_t clamped(int64_t value, int64_t limit) { return value > limit ? limit : value < -limit ? -limit : value; }

/* Does at_most allow one more at t? If so it is remembered. */
static bool allowed(struct pool *pool, const struct plan *plan, struct lead *lead, const struct rule *rule,
                    const struct rule_plan *p, int64_t t_ms) {
  if (p->count != NONE) {
    if (lead_slot(lead, p->count) >= rule->at_most_times) return false;
    ++*lead_make(pool, plan, lead, p->count);
  }
  if (p->counted == NONE) return true;
  const struct list *list = lead_list(plan, lead, p->counted);
  const int64_t *times = list_times(lead, list);
  int32_t near = 0;
  for (uint32_t i = 0; i < list->count; i++) {
    int64_t apart = times[i] < t_ms ? t_ms - times[i] : times[i] - t_ms;
    near += apart < rule->at_most_per_ms;
  }
  if (near >= rule->at_most_times) return false;
  lead_keep_time(pool, plan, lead, p->counted, t_ms, rule->at_most_times);
  return true;
}

/* Brings all accumulators of a score to minute m; they are never turned back. Returns how many minutes m is behind them. */
static int64_t fade(struct task *task, struct lead *lead, int32_t score, int64_t minute) {
  const struct definition *d = task->active;
  const struct score_plan *sp = &d->plan->scores[score];
  int64_t *as_of = lead_make(task_pool(task), d->plan, lead, sp->as_of), passed = minute - *as_of;
  if (passed <= 0) return -passed;
  *as_of = minute;
  if (d->scores[score].half_life_min == 0) return 0;
  struct decay decay = decay_of(passed, d->scores[score].half_life_min);
  struct run run = lead_run(lead, sp->as_of + 1, sp->accumulators);
  for (uint32_t i = 0; i < run.count; i++)
    if (run.at[i]) run.at[i] = decay_apply(decay, run.at[i]);
  return 0;
}

/* Of a rule with `lasts`. */
static void keep(struct task *task, struct lead *lead, int32_t index, int64_t t_ms) {
  const struct plan *plan = task->active->plan;
  const struct rule_plan *p = &plan->rules[index];
  int32_t most = task->active->scores[p->score].rules[p->rule].keep;
  bool followed = lead == task->followed, full = lead_list(plan, lead, p->kept)->count == most;
  int64_t before = followed ? follow_contribution(task, lead, index, t_ms) : 0;
  lead_keep_time(task_pool(task), plan, lead, p->kept, t_ms, most);
  if (followed) follow_kept(task, lead, index, t_ms, before, full);
}

void points_count(struct task *task, struct lead *lead, int32_t index, int64_t t_ms) {
  const struct definition *d = task->active;
  const struct rule_plan *p = &d->plan->rules[index];
  const struct score *score = &d->scores[p->score];
  const struct rule *rule = &score->rules[p->rule];
  if (!allowed(task_pool(task), d->plan, lead, rule, p, t_ms)) {
    if (lead == task->followed) follow_refused(task, lead, index, t_ms);
    return;
  }
  if (p->kept != NONE) {
    keep(task, lead, index, t_ms);
    return;
  }
  int64_t late = fade(task, lead, p->score, t_ms / MINUTE_MS);
  int64_t points = late > 0 ? decay_apply(decay_of(late, score->half_life_min), rule->points) : rule->points;
  int64_t *accumulator = lead_make(task_pool(task), d->plan, lead, p->accumulator);
  int64_t before = *accumulator, sum = clamped(before + points, LIMIT_SCORE);
  int64_t after = *accumulator = rule->cap ? clamped(sum, rule->cap) : sum;
  if (lead == task->followed) follow_count(task, lead, index, t_ms, points, after - before);
}

/* The quiet rule of a score whose next period ends first (the first in the document of equal ones), or NONE. */
static int32_t next_quiet(const struct definition *d, const struct lead *lead, int32_t score, int64_t since_ms,
                          int64_t now_ms, int64_t *at_ms) {
  const struct score_plan *sp = &d->plan->scores[score];
  int32_t found = NONE;
  for (int32_t i = 0; i < sp->quiet_count; i++) {
    const struct rule_plan *p = &d->plan->rules[sp->quiet[i]];
    int64_t at = since_ms + (lead_slot(lead, p->quiet) + 1) * d->scores[score].rules[p->rule].quiet_every_ms;
    if (at > now_ms || (found != NONE && at >= *at_ms)) continue;
    found = sp->quiet[i];
    *at_ms = at;
  }
  return found;
}

void points_count_quiet(struct task *task, struct lead *lead, int64_t now_ms) {
  const struct definition *d = task->active;
  int64_t since = lead_quiet_since_ms(d->plan, lead);
  for (int32_t score = 0; score < d->score_count; score++) {
    int64_t at = 0;
    for (int32_t rule; (rule = next_quiet(d, lead, score, since, now_ms, &at)) != NONE;) {
      ++*lead_make(task_pool(task), d->plan, lead, d->plan->rules[rule].quiet);
      points_count(task, lead, rule, at);
    }
  }
}

void points_reset(struct task *task, struct lead *lead, int32_t score) {
  const struct definition *d = task->active;
  const struct score_plan *sp = &d->plan->scores[score];
  for (int32_t i = 0; i < d->scores[score].rule_count; i++) {
    const struct rule_plan *p = &d->plan->rules[sp->first_rule + i];
    if (p->accumulator != NONE) lead_set_slot(task_pool(task), d->plan, lead, p->accumulator, 0);
    if (p->kept != NONE) lead_drop(lead, d->plan->slot_count + p->kept);
  }
}
