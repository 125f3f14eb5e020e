/* report.h: the figures of a report, and what makes them. docs/commands.md, report, says what each one is, exactly.
 *
 * The period is [from_ms, to_ms). Everything by stage is by rank (report_ladder.h). Texts belong to the log, which outlives the report.
 * May use: report_log.h, report_ladder.h, report_stays.h. */
#ifndef HANDOVER_CONSUMER_REPORT_H
#define HANDOVER_CONSUMER_REPORT_H

#include "report_ladder.h"
#include "report_stays.h"

#define REPORT_WEEK_MS INT64_C(604800000)
enum { REPORT_CUTS = 10000, REPORT_BARS = 60 }; /* values that are grouped by; bars along the time */

struct report_spread { /* of durations */
  uint64_t count;
  int64_t median_ms, p90_ms; /* nearest rank; 0 where count is 0 */
};

struct report_row { /* one stage */
  uint64_t at_start, entered, left, at_end;
  uint64_t up;           /* of left: to a higher rung */
  uint64_t converted;    /* of entered: to a higher rung by the end */
  uint64_t passed;       /* skipped by a change in the period */
  struct money pipeline; /* of at_end */
  struct money came;     /* of entered */
  struct report_spread stay;
  int64_t oldest_ms; /* of at_end: for how long the one that was there longest; -1: nobody is */
};

struct report_answers { /* what became of what was handed over in the period, by its end */
  uint64_t handed, accepted, rejected, returned, elsewhere, waiting;
  uint64_t won;         /* the highest rung was entered before the end, and before the lead was handed over again */
  struct money revenue; /* of won */
  struct report_spread answer; /* of all but waiting */
  int64_t oldest_ms;           /* of waiting; -1: none */
};

struct report_promises { /* SLAs that began in the period */
  uint64_t started, kept, breached, running;
};

struct report_cut {     /* all leads' stays, or those of one value */
  uint64_t key;         /* what cuts are told apart by */
  uint32_t name, queue; /* in texts; queue: of a member's cut */
  struct report_row *rows;
  struct report_answers answers;
  struct report_promises promises;
};

struct report_cuts {
  struct report_cut **at;
  uint32_t count, room;
  struct table table; /* by key */
};

struct report_receiver { /* an owner that leads are handed over to */
  uint32_t owner;        /* in texts; 0: not known */
  struct report_answers answers;
};

struct report_back { /* a way back from one owner's stage to another's */
  uint32_t key[4];   /* from and to (ranks), move and reason (in texts) */
  uint64_t count;
};

struct report_backs {
  struct report_back **at;
  uint32_t count, room;
  struct table table; /* by key */
};

struct report_bar {                /* some weeks, from Monday on */
  uint64_t entered[REPORT_STAGES]; /* by rank */
  struct report_answers answers;
  struct money pipeline[REPORT_STAGES]; /* by rank: of those inside when the bar ends */
  struct money revenue;                 /* of those that entered the highest rung */
};

struct report_revenue {
  struct money pipeline; /* of the rungs below the highest, at the end */
  uint64_t open;         /* leads there */
  struct money revenue;  /* of those that entered the highest rung in the period */
  uint64_t wins;         /* how many did */
};

enum { REPORT_WHOLE = 10000 };

struct report_shares { /* of a value, of all, in parts of REPORT_WHOLE; -1: of nothing */
  int64_t handed, accepted, wins, pipeline, revenue;
};

struct report {
  const struct report_log *log;
  struct report_ladder ladder;
  int64_t from_ms, to_ms;
  uint64_t leads, later_leads; /* known; of them those whose first changes are not in the log */
  uint64_t gaps, renamed;
  struct report_cut *all;
  struct report_cuts members, groups; /* by name; groups only where something is grouped by */
  struct report_receiver *receivers;
  uint32_t receiver_count;
  struct report_backs backs;
  struct report_promises *slas; /* by SLA of the log */
  int *sla_order;               /* SLAs, by rank and name */
  uint64_t *versions;           /* by version of the log: changes in the period */
  int *version_order;
  struct report_bar *bars;
  int bar_count, bar_weeks; /* how many weeks a bar is */
  int64_t bars_from_ms;
  bool conserved; /* for every stage, of all and of every group: at_start + entered = left + at_end */
};

struct report_request {
  int64_t from_ms, to_ms;              /* TIME_NONE: from the first event on; up to and with the last one */
  const struct definition *definition; /* may be NULL */
};

/* NULL, and `why` (of REPORT_WHY bytes) says why: another definition, too many stages or groups. The log takes nothing more from here on. */
struct report *report_create(struct report_log *log, const struct report_request *request, char *why);
void report_destroy(struct report *report);

/* When bar i begins. */
static inline int64_t report_bar_from(const struct report *report, int i) {
  return report->bars_from_ms + (int64_t)i * report->bar_weeks * REPORT_WEEK_MS;
}
static inline struct slice report_stage_name(const struct report *report, int rank) {
  return report_text(report->log, report->log->stages[report->ladder.stages[rank]].name);
}
/* The highest rung; NONE: there is none. */
static inline int report_top(const struct report *report) { return report->ladder.rungs - 1; }
/* Of all, or of one value. */
struct report_revenue report_revenue(const struct report *report, const struct report_cut *cut);
struct report_shares report_shares(const struct report *report, const struct report_cut *cut);
static inline uint32_t report_owner(const struct report *report, int rank) {
  return report->log->stages[report->ladder.stages[rank]].owner;
}

#endif
