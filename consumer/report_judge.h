/* report_judge.h: what a stay comes to: is it a handover, and what became of it; which SLAs ran in it, and were they kept. All by the end
 * of the report's period. For the figures (report_count.h) and for the read model (report_model.h).
 *
 * A handover is a change into a rung of another owner, from a lower rung or from beside the ladder; any other change to another owner is a
 * way back. May use: report.h. */
#ifndef HANDOVER_CONSUMER_REPORT_JUDGE_H
#define HANDOVER_CONSUMER_REPORT_JUDGE_H

#include "report.h"

enum report_outcome { REPORT_ACCEPTED, REPORT_REJECTED, REPORT_RETURNED, REPORT_ELSEWHERE, REPORT_WAITING };

static inline bool report_within(const struct report *report, int64_t ms) {
  return ms >= report->from_ms && ms < report->to_ms;
}
/* Did the stay end before the period's end? */
bool report_is_over(const struct report *report, const struct report_stay *stay);
/* By ranks: is `to` a higher rung? */
bool report_is_up(const struct report *report, int from, int to);
/* Did the stay begin with a handover? */
bool report_is_handover(const struct report *report, const struct report_stay *stay);
/* Did it end with a way back? */
bool report_is_back(const struct report *report, const struct report_stay *stay);
/* Of a handover. */
enum report_outcome report_outcome(const struct report *report, const struct report_stay *stay);

/* What the stay is grouped by, in the log's texts; 0: no value. One whose way in is not in the log takes the value from its way out, but for
 * its route. */
uint32_t report_value(const struct report *report, const struct report_stay *stay);

/* What it is worth, as value goes; MONEY_NONE: nobody says. */
int64_t report_amount(const struct report_stay *stay);
/* Of a handover: the stay in the highest rung to which it led before the period's end and before the lead was handed over again; NULL: none.
 * A handover into the highest rung is such a stay itself. */
const struct report_stay *report_win(const struct report *report, const struct report_lead *lead,
                                     const struct report_stay *stay);

struct report_sla_run { /* an SLA that began in a stay */
  uint32_t sla;         /* into the log's slas */
  int64_t since_ms;
  int64_t by_ms; /* TIME_NONE: no change announced it, it is known by its breach */
  bool breached, running;
  const struct report_fact *told; /* the change that announced it, or the breach */
  const struct report_stay *stay; /* NULL: of a breach whose stay is not known */
};

typedef void report_see_sla(void *context, const struct report_sla_run *run);

/* Calls for each SLA of the lead, of any period. */
void report_judge_slas(const struct report *report, const struct report_lead *lead, report_see_sla *see, void *context);

#endif
