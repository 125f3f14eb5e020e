/* score.c: what a score is at a moment, what each rule adds to it, and what it can become without events. */
#include "decay.h"
#include "view.h"

__extension__ typedef __int128 wide;

enum { MINUTE_MS = 60000 };

static int64_t within(wide value, int64_t low, int64_t high) {
  return value < low ? low : value > high ? high : (int64_t)value;
}

static const struct rule *rule_at(const struct definition *d, int32_t rule) {
  const struct rule_plan *p = &d->plan->rules[rule];
  return &d->scores[p->score].rules[p->rule];
}

/* The decay from the accumulators' minute to now. */
static struct decay decay_now(const struct view *view, int32_t score) {
  int64_t minutes = view->now_ms / MINUTE_MS - lead_slot(view->lead, view->definition->plan->scores[score].as_of);
  return decay_of(minutes > 0 ? minutes : 0, view->definition->scores[score].half_life_min);
}

static int64_t faded(const struct rule *rule, int64_t age_ms) {
  if (age_ms < 0 || age_ms >= rule->lasts_ms) return 0;
  if (!rule->fading) return rule->points;
  int64_t size = rule->points < 0 ? -rule->points : rule->points;
  int64_t left = (int64_t)((wide)size * (rule->lasts_ms - age_ms) / rule->lasts_ms);
  return rule->points < 0 ? -left : left;
}

static int64_t lasting_contribution(const struct view *view, int32_t index) {
  const struct rule *rule = rule_at(view->definition, index);
  const struct plan *plan = view->definition->plan;
  const struct list *kept = lead_list(plan, view->lead, plan->rules[index].kept);
  const int64_t *times = list_times(view->lead, kept);
  int64_t sum = 0;
  for (uint32_t i = 0; i < kept->count; i++) sum += faded(rule, view->now_ms - times[i]);
  return rule->cap ? within(sum, -rule->cap, rule->cap) : sum;
}

int64_t rule_contribution(const struct view *view, int32_t index) {
  const struct rule_plan *p = &view->definition->plan->rules[index];
  if (p->accumulator == NONE) return lasting_contribution(view, index);
  return decay_apply(decay_now(view, p->score), lead_slot(view->lead, p->accumulator));
}

/* As they were when points were counted last; of rules that have brought any. */
static struct run accumulators(const struct view *view, int32_t score) {
  const struct score_plan *p = &view->definition->plan->scores[score];
  return lead_run(view->lead, p->as_of + 1, p->accumulators);
}

/* The sum of the accumulators now. */
static int64_t accumulated_now(const struct view *view, int32_t score) {
  struct run run = accumulators(view, score);
  wide sum = 0;
  for (uint32_t i = 0; i < run.count; i++) sum += run.at[i];
  return sum ? decay_apply(decay_now(view, score), within(sum, -LIMIT_SCORE, LIMIT_SCORE)) : 0;
}

static wide sum_of_events(const struct view *view, int32_t index) {
  const struct score *score = &view->definition->scores[index];
  const struct plan *plan = view->definition->plan;
  int32_t first = plan->scores[index].first_rule;
  wide sum = accumulated_now(view, index);
  if (!plan->scores[index].lasting) return sum;
  for (int32_t i = first; i < first + score->rule_count; i++)
    if (plan->rules[i].kept != NONE) sum += lasting_contribution(view, i);
  return sum;
}

static int64_t value_of_events(const struct view *view, int32_t index) {
  const struct score *score = &view->definition->scores[index];
  return within(sum_of_events(view, index), score->min, score->max);
}

static wide sum_of_attributes(struct view *view, int32_t index) {
  const struct score *score = &view->definition->scores[index];
  wide sum = 0;
  for (int32_t i = 0; i < score->rule_count; i++)
    if (condition_holds(view, score->rules[i].when)) sum += score->rules[i].points;
  return sum;
}

/* Worked out when an attribute has changed, kept in the lead until the next one does: where it is 0, or there is a slot for it
 * (attributes_changed). */
static int64_t value_of_attributes(struct view *view, int32_t index) {
  const struct score *score = &view->definition->scores[index];
  int32_t slot = view->definition->plan->scores[index].cached;
  if (view->lead->scores_cached >> index & 1) return lead_slot(view->lead, slot);
  int64_t value = within(sum_of_attributes(view, index), score->min, score->max);
  bool has_slot = lead_has(view->lead, slot);
  if (has_slot) *lead_cell(view->lead, slot) = value;
  if (has_slot || value == 0) view->lead->scores_cached |= (uint8_t)(1u << index);
  return value;
}

static wide sum_of_scores(struct view *view, int32_t index) {
  const struct score *score = &view->definition->scores[index];
  wide sum = 0;
  for (int32_t i = 0; i < score->of_count; i++) sum += score_value(view, score->of[i]);
  return sum;
}

static int64_t value_of_scores(struct view *view, int32_t index) {
  const struct score *score = &view->definition->scores[index];
  return within(sum_of_scores(view, index), score->min, score->max);
}

int64_t score_sum(struct view *view, int32_t index) {
  switch (view->definition->scores[index].kind) {
    case SCORE_EVENTS: return (int64_t)sum_of_events(view, index);
    case SCORE_ATTRIBUTES: return (int64_t)sum_of_attributes(view, index);
    case SCORE_SCORES: break;
  }
  return (int64_t)sum_of_scores(view, index);
}

int64_t score_value(struct view *view, int32_t index) {
  if (view->scores_known >> index & 1) return view->scores[index];
  int64_t value = 0;
  switch (view->definition->scores[index].kind) {
    case SCORE_EVENTS: value = value_of_events(view, index); break;
    case SCORE_ATTRIBUTES: value = value_of_attributes(view, index); break;
    case SCORE_SCORES: value = value_of_scores(view, index); break;
  }
  view->scores_known |= 1u << index;
  return view->scores[index] = value;
}

/* --- what a score can become --- */

struct span {
  wide low, high;
};

/* The accumulators' sums by sign, as they were when they were counted. */
static struct span signs_apart(const struct view *view, int32_t index) {
  struct run run = accumulators(view, index);
  struct span span = {0, 0};
  for (uint32_t i = 0; i < run.count; i++) {
    if (run.at[i] > 0) span.high += run.at[i];
    else span.low += run.at[i];
  }
  return (struct span){within(span.low, -LIMIT_SCORE, 0), within(span.high, 0, LIMIT_SCORE)};
}

/* Points fade toward zero. Where periods of quiet are counted, the accumulators are rounded one by one, so each sign is bounded
 * apart, and the quiet rules' own points may come any number of times. */
static struct span span_of_accumulators(const struct view *view, int32_t index) {
  const struct score *score = &view->definition->scores[index];
  if (!view->definition->plan->scores[index].quiet_count) {
    int64_t now = accumulated_now(view, index);
    if (!score->half_life_min) return (struct span){now, now};
    return (struct span){now < 0 ? now : 0, now > 0 ? now : 0};
  }
  struct span span = signs_apart(view, index);
  for (int32_t i = 0; i < score->rule_count; i++) {
    if (!score->rules[i].quiet_every_ms) continue;
    if (score->rules[i].points > 0) span.high = LIMIT_SCORE;
    else span.low = -LIMIT_SCORE;
  }
  return span;
}

static struct range range_of_events(const struct view *view, int32_t index) {
  const struct score *score = &view->definition->scores[index];
  const struct plan *plan = view->definition->plan;
  struct span span = span_of_accumulators(view, index);
  int32_t first = plan->scores[index].first_rule;
  for (int32_t i = first; i < first + score->rule_count; i++) {
    int64_t points = plan->rules[i].kept == NONE ? 0 : lasting_contribution(view, i);
    if (points > 0) span.high += points; /* may expire, so the low end stays */
    else span.low += points;
  }
  return (struct range){within(span.low, score->min, score->max), within(span.high, score->min, score->max)};
}

struct range score_range(struct view *view, int32_t index) {
  const struct score *score = &view->definition->scores[index];
  if (score->kind == SCORE_EVENTS) return range_of_events(view, index);
  if (score->kind == SCORE_ATTRIBUTES) return (struct range){score_value(view, index), score_value(view, index)};
  struct span span = {0, 0};
  for (int32_t i = 0; i < score->of_count; i++) {
    struct range part = score_range(view, score->of[i]);
    span.low += part.low;
    span.high += part.high;
  }
  return (struct range){within(span.low, score->min, score->max), within(span.high, score->min, score->max)};
}
