/* report_count.h: one lead after the other into the figures of a report. May use: report.h. */
#ifndef HANDOVER_CONSUMER_REPORT_COUNT_H
#define HANDOVER_CONSUMER_REPORT_COUNT_H

#include "report.h"

struct report_sample { /* a duration, and where it belongs */
  struct report_spread *spread;
  int64_t ms;
};

struct report_count { /* zero it; set `report` */
  struct report *report;
  struct report_sample *samples;
  size_t sample_count, sample_room;
  bool full; /* more groups than there may be */
};

/* A report_see_lead; `context` is a struct report_count. */
void report_count_lead(void *context, const struct report_lead *lead);
/* Medians and the like, after the last lead. Frees the samples. */
void report_count_end(struct report_count *count);

/* The cut of this key, a new one where there is none. NULL: there would be more than REPORT_CUTS. */
struct report_cut *report_cut_at(struct report *report, struct report_cuts *cuts, uint64_t key);
struct report_cut *report_cut_create(const struct report *report, uint64_t key);

#endif
