/* condition.c: is a condition true of a lead now, and can time alone make it true? */
#include "view.h"

static bool threshold_holds(enum operator op, int64_t value, int64_t threshold) {
  switch (op) {
    case OP_AT_LEAST: return value >= threshold;
    case OP_AT_MOST: return value <= threshold;
    case OP_ABOVE: return value > threshold;
    default: return value < threshold;
  }
}

static bool happened_holds(const struct view *view, int32_t index) {
  const struct happened *happened = &view->definition->happened[index];
  const struct plan *plan = view->definition->plan;
  const struct list *list = lead_list(plan, view->lead, plan->happened[index]);
  if (list->count < happened->times) return false;
  if (!happened->within_ms) return true;
  return list_times(view->lead, list)[list->count - happened->times] > view->now_ms - happened->within_ms;
}

static bool judge(struct view *view, int32_t criterion) {
  return condition_holds(view, view->definition->criteria[criterion].when);
}

/* One that attributes alone decide is judged once after one of them has changed, where there is a slot for it. */
static bool judge_attributes(struct view *view, int32_t criterion, int32_t bit) {
  const struct plan *plan = view->definition->plan;
  struct judged judged = lead_judged(plan, view->lead);
  if (judged.known >> bit & 1) return judged.hold >> bit & 1;
  bool holds = judge(view, criterion);
  int64_t *cell = lead_find(view->lead, plan->judged);
  if (!cell) return holds;
  judged = lead_judged(plan, view->lead); /* others may have been judged for it */
  judged.known |= UINT32_C(1) << bit;
  judged.hold |= (uint32_t)holds << bit;
  memcpy(cell, &judged, sizeof judged);
  return holds;
}

bool criterion_judge(struct view *view, int32_t criterion) {
  int32_t bit = view->definition->plan->of_attributes[criterion];
  bool holds = bit == NONE ? judge(view, criterion) : judge_attributes(view, criterion, bit);
  view->criteria_known[criterion >> 6] |= UINT64_C(1) << (criterion & 63);
  view->criteria_hold[criterion >> 6] |= (uint64_t)holds << (criterion & 63);
  return holds;
}

/* Do at least `wanted` of the children hold? */
static bool children_hold(struct view *view, const struct condition *c, int32_t wanted) {
  for (int32_t i = 0; i < c->child_count && wanted > 0; i++) {
    if (c->child_count - i < wanted) return false;
    if (condition_holds(view, c->by_cost[i])) wanted--;
  }
  return wanted <= 0;
}

bool condition_holds(struct view *view, const struct condition *c) {
  switch (c->kind) {
    case CONDITION_ALL: return children_hold(view, c, c->child_count);
    case CONDITION_ANY: return children_hold(view, c, 1);
    case CONDITION_AT_LEAST: return children_hold(view, c, c->number);
    case CONDITION_NOT: return !condition_holds(view, c->children[0]);
    case CONDITION_CRITERION: return criterion_holds(view, c->index);
    case CONDITION_ATTRIBUTE: return attribute_compares(view, c->index, &c->compare);
    case CONDITION_SCORE: return threshold_holds(c->op, score_value(view, c->index), c->threshold);
    case CONDITION_HAPPENED: return happened_holds(view, c->index);
    case CONDITION_QUIET_FOR:
      return view->now_ms - lead_quiet_since_ms(view->definition->plan, view->lead) >= c->duration_ms;
    case CONDITION_EVENT: break;
  }
  return view->event && pattern_matches(&view->definition->patterns[c->index], view->event);
}

/* --- what time alone can make of it: a set of the truths that are possible from now on --- */

enum { CAN_BE_FALSE = 1, CAN_BE_TRUE = 2, CAN_BE_BOTH = 3 };

struct outlook {
  struct view *view;
  uint8_t criteria[LIMIT_CRITERIA]; /* 0: not known yet */
};

static unsigned outlook_of(struct outlook *outlook, const struct condition *c);

static unsigned sure(bool truth) { return truth ? CAN_BE_TRUE : CAN_BE_FALSE; }

static unsigned outlook_threshold(struct range range, const struct condition *c) {
  return sure(threshold_holds(c->op, range.low, c->threshold)) | sure(threshold_holds(c->op, range.high, c->threshold));
}

/* Those that can be true and those that must be, against what is wanted. */
static unsigned outlook_children(struct outlook *outlook, const struct condition *c, int32_t wanted) {
  int32_t can = 0, must = 0;
  for (int32_t i = 0; i < c->child_count; i++) {
    unsigned child = outlook_of(outlook, c->by_cost[i]);
    can += (child & CAN_BE_TRUE) != 0;
    must += child == CAN_BE_TRUE;
    if (can + c->child_count - i - 1 < wanted) return CAN_BE_FALSE;
  }
  return CAN_BE_TRUE | (must < wanted ? CAN_BE_FALSE : 0u);
}

/* Where time works one way at the most, what is true now says it; the view knows that already, more often than not. */
static unsigned outlook_criterion(struct outlook *outlook, int32_t criterion) {
  const struct definition *d = outlook->view->definition;
  unsigned motion = d->plan->criteria[criterion];
  if (motion != (MOTION_RISES | MOTION_FALLS)) {
    bool now = criterion_holds(outlook->view, criterion);
    return sure(now) | (motion & (now ? MOTION_FALLS : MOTION_RISES) ? sure(!now) : 0u);
  }
  if (!outlook->criteria[criterion])
    outlook->criteria[criterion] = (uint8_t)outlook_of(outlook, d->criteria[criterion].when);
  return outlook->criteria[criterion];
}

static unsigned outlook_of(struct outlook *outlook, const struct condition *c) {
  struct view *view = outlook->view;
  switch (c->kind) {
    case CONDITION_ALL: return outlook_children(outlook, c, c->child_count);
    case CONDITION_ANY: return outlook_children(outlook, c, 1);
    case CONDITION_AT_LEAST: return outlook_children(outlook, c, c->number);
    case CONDITION_NOT: {
      unsigned child = outlook_of(outlook, c->children[0]);
      return (child & CAN_BE_TRUE ? CAN_BE_FALSE : 0u) | (child & CAN_BE_FALSE ? CAN_BE_TRUE : 0u);
    }
    case CONDITION_CRITERION: return outlook_criterion(outlook, c->index);
    case CONDITION_SCORE: return outlook_threshold(score_range(view, c->index), c);
    case CONDITION_HAPPENED: /* a window only empties */
      if (!happened_holds(view, c->index)) return CAN_BE_FALSE;
      return view->definition->happened[c->index].within_ms ? CAN_BE_BOTH : CAN_BE_TRUE;
    case CONDITION_QUIET_FOR: return condition_holds(view, c) ? CAN_BE_TRUE : CAN_BE_BOTH;
    case CONDITION_EVENT: return CAN_BE_FALSE;
    case CONDITION_ATTRIBUTE: break;
  }
  return sure(condition_holds(view, c));
}

bool condition_possible(struct view *view, const struct condition *condition) {
  struct outlook outlook;
  outlook.view = view;
  memset(outlook.criteria, 0, (size_t)view->definition->criterion_count);
  return (outlook_of(&outlook, condition) & CAN_BE_TRUE) != 0;
}
