/* view.h: one lead at one moment: what conditions are judged by. Scores and criteria are worked out at most once a view.
 *
 * A view is good while the lead and the moment stay as they are; view_init starts it anew. */
#ifndef HANDOVER_ENGINE_VIEW_H
#define HANDOVER_ENGINE_VIEW_H

#include "event.h"
#include "lead.h"

enum { CRITERIA_WORDS = LIMIT_CRITERIA / 64 };

struct view {
  const struct definition *definition;
  struct lead *lead;
  int64_t now_ms;
  const struct event *event;    /* NULL: a timer fires */
  int64_t scores[LIMIT_SCORES]; /* where known */
  uint32_t scores_known;
  uint64_t criteria_known[CRITERIA_WORDS], criteria_hold[CRITERIA_WORDS]; /* by bits */
};

static inline void view_init(struct view *view, const struct definition *definition, struct lead *lead, int64_t now_ms,
                             const struct event *event) {
  view->definition = definition;
  view->lead = lead;
  view->now_ms = now_ms;
  view->event = event;
  view->scores_known = 0;
  for (int32_t i = 0; i < CRITERIA_WORDS; i++) view->criteria_known[i] = view->criteria_hold[i] = 0;
}

/* condition.c */
bool condition_holds(struct view *view, const struct condition *condition);
bool criterion_judge(struct view *view, int32_t criterion);
static inline bool criterion_holds(struct view *view, int32_t criterion) {
  uint64_t bit = UINT64_C(1) << (criterion & 63);
  if (view->criteria_known[criterion >> 6] & bit) return view->criteria_hold[criterion >> 6] & bit;
  return criterion_judge(view, criterion);
}
/* Can the condition hold at some moment from now on, if no event comes? Never says no wrongly. */
bool condition_possible(struct view *view, const struct condition *condition);

/* compare.c */
bool pattern_matches(const struct pattern *pattern, const struct event *event);
bool where_holds(const struct where *where, const struct event *event);
/* Of an event whose name is among the pattern's (plan.dispatch sees to it): does the rest match? */
static inline bool pattern_wheres_hold(const struct pattern *pattern, const struct event *event) {
  for (int32_t i = 0; i < pattern->where_count; i++)
    if (!where_holds(&pattern->wheres[i], event)) return false;
  return true;
}
bool attribute_compares(const struct view *view, int32_t attribute, const struct comparison *comparison);

/* score.c */
int64_t score_value(struct view *view, int32_t score); /* nanopoints, within min and max */
int64_t score_sum(struct view *view, int32_t score);   /* the same before min and max keep it */
int64_t rule_contribution(const struct view *view,
                          int32_t rule); /* of a score from events; rule by the plan's number */
struct range {
  int64_t low, high;
};
/* What the score can be from now on, if no event comes: a range that is never too small. */
struct range score_range(struct view *view, int32_t score);

#endif
