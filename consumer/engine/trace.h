/* trace.h: what the engine did with one lead that is followed, as facts: for `handover explain`.
 *
 * Facts come in the order in which things happen, between the lead's changes. Everything in one lives until the callback returns.
 *
 *   VERSION                                       a version has taken over
 *   COUNT                                         without an event around it: a period of quiet is over
 *   EVENT → COUNT … → TAKEN, then changes, each with its RESETs
 *   EVENT, duplicate                              nothing else comes of it */
#ifndef HANDOVER_ENGINE_TRACE_H
#define HANDOVER_ENGINE_TRACE_H

#include "change.h"

struct task;

enum trace_kind { TRACE_VERSION, TRACE_EVENT, TRACE_COUNT, TRACE_TAKEN, TRACE_RESET };

/* Why less was added than the rule's points. */
enum trace_less {
  LESS_AT_MOST = 1, /* at_most allowed no more: nothing was counted */
  LESS_CAP = 2,     /* the rule's cap */
  LESS_LATE = 4,    /* the event is late: its points have faded by as much */
  LESS_KEEP = 8,    /* `keep` was full: an older event had to go */
  LESS_LIMIT = 16,  /* ±10⁹ points */
};

struct trace_count {
  int32_t score, rule; /* rule: index within the score */
  int64_t time_ms;     /* of the event, or the end of the period of quiet */
  int64_t points;      /* the rule's; of a rule from attributes that holds no longer, with the other sign */
  int64_t added;       /* what the rule adds to the score now, less what it added before */
  unsigned less;       /* enum trace_less; where anything was taken away */
};

struct trace {
  enum trace_kind kind;
  const struct definition *definition;
  int64_t now_ms;
  struct position position;
  bool clock_mark;
  const int64_t *scores; /* nanopoints; EVENT: before the event, faded up to now. Otherwise after it */

  const struct event *event; /* EVENT */
  bool duplicate;            /* EVENT */

  struct trace_count count; /* COUNT. RESET: `score`, and in `added` what went */

  /* TAKEN */
  const struct trace_count *rules; /* from attributes: those that hold now and did not, or the other way round */
  int32_t rule_count;
  uint64_t changed, known;               /* bit i: attribute i has another value than before; is known now */
  const struct shared_attribute *shared; /* those that are known and shared, in order */
  int32_t shared_count;
  uint32_t met; /* bit i: this event met SLA i */
};

typedef void trace_report(void *context, const struct trace *trace);

/* Follows a lead (the name is copied) from here on, be it there or not. Once a task, before its first record. */
void task_follow(struct task *task, struct slice lead, trace_report *report, void *context);

#endif
