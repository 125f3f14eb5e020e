/* report_stays.h: facts to stays: for each lead, from when to when it was in which stage.
 *
 * A lead's changes are put in their order: by time, and within one moment so that each begins where the one before ended. A change
 * says since when the lead was in the stage that it leaves, so the first known stay of a lead has a beginning too. Where changes are
 * missing in between, the lead is taken to have gone straight on. A lead of which only breaches are known is where the last one says.
 *
 * Stays of a lead follow each other without gap, and only the last one may be open. May use: report_log.h. */
#ifndef HANDOVER_CONSUMER_REPORT_STAYS_H
#define HANDOVER_CONSUMER_REPORT_STAYS_H

#include "report_log.h"

struct report_stay {
  int stage;
  int64_t entered_ms, left_ms;   /* left_ms TIME_NONE: still there */
  const struct report_fact *in;  /* the change that led here; NULL: it is not in the log */
  const struct report_fact *out; /* the change that led away; NULL: still there, or it is not in the log */
  int after;                     /* the stage after it, or NONE */
};

struct report_lead { /* good until the callback returns */
  uint32_t number;   /* in the log's leads */
  const struct report_stay *stays;
  size_t stay_count;
  const struct report_fact *const *breaches; /* by since_ms */
  size_t breach_count;
  uint64_t gaps, renamed; /* changes that are missing; stays whose stage got another name */
};

typedef void report_see_lead(void *context, const struct report_lead *lead);

/* Calls for each lead. The log's topics have been sorted (report_log_sort). */
void report_stays_walk(const struct report_log *log, report_see_lead *see, void *context);

#endif
