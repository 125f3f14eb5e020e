/* deadline.c: when a lead has to be looked at again though no event comes: docs/engine.md, Deadlines.
 *
 * SLAs and `after` are exact moments. Reviews are left out where nothing can come of them: where no move and no rung of the
 * stage can become true by time alone, whatever the lead (stage_plan.rises), or as this lead stands (condition_possible). Neither ever
 * says no wrongly. */
#include "calendar.h"
#include "state.h"
#include "view.h"

static int64_t earlier(int64_t a, int64_t b) { return a < b ? a : b; }

int64_t sla_deadline(const struct definition *d, int32_t index, int64_t entered_at_ms) {
  const struct sla *sla = &d->slas[index];
  if (sla->calendar == NONE) return entered_at_ms + sla->within_ms;
  return calendar_deadline(&d->calendars[sla->calendar], entered_at_ms, sla->within_ms);
}

static int64_t next_review(const struct definition *d, int64_t after_ms) {
  return (after_ms / d->review_every_ms + 1) * d->review_every_ms;
}

/* The least moment > after of the stage's `after` moves, and of its open SLAs: those whose deadline is not > after are not open any
 * more. `floor_ms`: an open SLA whose deadline is before it has it as its moment (an activation); TIME_NONE otherwise. */
static int64_t exact_moments(const struct definition *d, const struct lead *lead, int64_t after_ms, int64_t floor_ms) {
  const struct stage_plan *stage = &d->plan->stages[lead->stage];
  int64_t least = TIME_NEVER;
  uint32_t open = lead_open_slas(d->plan, lead);
  for (int32_t i = 0; open; i++, open >>= 1) {
    if (!(open & 1)) continue;
    int64_t moment = lead_slot(lead, d->plan->sla_deadline[i]);
    least = earlier(least, moment < floor_ms ? floor_ms : moment);
  }
  uint64_t moves = stage->moves;
  int64_t entered = lead_entered_ms(d->plan, lead);
  for (int32_t i = 0; moves; i++, moves >>= 1) {
    int64_t moment = entered + d->moves[i].after_ms;
    if ((moves & 1) && d->moves[i].after_ms && moment > after_ms) least = earlier(least, moment);
  }
  return least;
}

/* Could a review publish anything? A move whose `after` is still to come has a moment of its own, and one
 * without `when` no other. */
static bool review_possible(struct view *view) {
  const struct definition *d = view->definition;
  const struct stage_plan *stage = &d->plan->stages[view->lead->stage];
  if (stage->climb != NONE && condition_possible(view, d->stages[stage->climb].enter)) return true;
  uint64_t moves = stage->moves;
  int64_t entered = lead_entered_ms(d->plan, view->lead);
  for (int32_t i = 0; moves; i++, moves >>= 1) {
    const struct move *move = &d->moves[i];
    if (!(moves & 1) || !move->when || entered + move->after_ms > view->now_ms) continue;
    if (condition_possible(view, move->when)) return true;
  }
  return false;
}

int64_t deadline_find(struct view *view, bool settled) {
  const struct definition *d = view->definition;
  const struct stage_plan *stage = &d->plan->stages[view->lead->stage];
  int64_t least = stage->slas || stage->moves ? exact_moments(d, view->lead, view->now_ms, TIME_NONE) : TIME_NEVER;
  if (!stage->reviewed) return least;
  int64_t review = next_review(d, view->now_ms);
  if (review >= least) return least;
  if (d->plan->review_always) return review;
  if (settled && !stage->rises) return least;
  return review_possible(view) ? review : least;
}

int64_t deadline_anew(const struct definition *d, const struct lead *lead, int64_t from_ms) {
  int64_t least = exact_moments(d, lead, from_ms - 1, from_ms);
  return d->plan->stages[lead->stage].reviewed ? earlier(least, next_review(d, from_ms - 1)) : least;
}

void deadline_set(struct task *task, uint32_t number, struct lead *lead, int64_t deadline_ms) {
  lead->deadline_ms = deadline_ms;
  if (deadline_ms >= lead->queued_ms) return;
  lead->queued_ms = deadline_ms;
  due_push(&task->due, (struct due_entry){deadline_ms, number});
}
