/* backtest_ledger.h: what is noted of a log while several definitions decide it: of each lead its outcome and, by each definition, its
 * first handover; of each definition its changes and weeks.
 *
 * The definitions' places: BACKTEST_OLD, BACKTEST_NEW, then the values of a sweep. Of the first two it is noted besides which rules
 * brought points, and which criteria were met, at a first handover. May use: engine, backtest_outcome.h. */
#ifndef HANDOVER_CONSUMER_BACKTEST_LEDGER_H
#define HANDOVER_CONSUMER_BACKTEST_LEDGER_H

#include "backtest_outcome.h"
#include "engine/change.h"

enum { BACKTEST_OLD, BACKTEST_NEW, BACKTEST_PAIR };

#define BACKTEST_WEEK_MS INT64_C(604800000)
#define LEDGER_MONDAY_MS (INT64_C(3) * 86400000) /* 1970-01-01 was a Thursday: the Monday before is so far away */

struct ledger_signs { /* bits: the rules of all scores in order, then the criteria, of one definition */
  int32_t rules, bits;
  int32_t words; /* of 64 bits */
};

struct ledger_first { /* OLD's and NEW's: a lead's first handover */
  uint32_t lead;
  int32_t from, to, move; /* move: NONE where it climbed */
};

struct ledger_weeks { /* handovers by week */
  int64_t first; /* the number of the first week that is held; weeks are counted from the Monday before 1970-01-01 */
  uint64_t *at;
  int64_t count;
};

struct ledger_side { /* one definition, over all partitions */
  const struct definition *definition;
  int32_t handover; /* the rung */
  uint64_t handovers, breaches;
  uint64_t entered[LIMIT_STAGES];
  struct ledger_weeks weeks;
};

struct ledger_leads { /* one partition */
  int32_t partition;
  uint32_t count, room;
  int64_t *won_ms; /* TIME_NONE: not won */
  bool *rejected;
  int64_t *first_ms;                          /* room × sides: a lead's are together; TIME_NONE: not handed over */
  struct ledger_first *firsts[BACKTEST_PAIR]; /* in the order in which they came */
  uint64_t *signs[BACKTEST_PAIR];             /* of each of them, `words` of its side */
  uint32_t first_count[BACKTEST_PAIR], first_room[BACKTEST_PAIR];
};

struct ledger {
  const struct outcome *outcome;
  struct ledger_side *sides;
  int32_t side_count;
  struct ledger_signs signs[BACKTEST_PAIR];
  uint64_t events;
  int64_t from_ms, to_ms; /* of events; TIME_NONE: there was none */
};

/* Definitions (at least the pair) and outcome outlive the ledger. */
void ledger_begin(struct ledger *ledger, const struct definition *const *definitions, const int32_t *handovers,
                  int32_t count, const struct outcome *outcome);
void ledger_end(struct ledger *ledger);
void ledger_leads_fini(struct ledger_leads *leads);

/* An event of a lead, by the panel's number. */
void ledger_event(struct ledger *ledger, struct ledger_leads *leads, uint32_t lead, const struct event *event);
/* A change by one definition; `lead`: the lead's number. */
void ledger_change(struct ledger *ledger, struct ledger_leads *leads, int32_t side, uint32_t lead,
                   const struct change *change);

/* When a lead was handed over first, or TIME_NONE. */
int64_t ledger_first_ms(const struct ledger *ledger, const struct ledger_leads *leads, int32_t side, uint32_t lead);
/* The number of the week of a moment. */
int64_t ledger_week(int64_t time_ms);
/* The stage of that name, or NONE. */
int32_t ledger_stage(const struct definition *definition, struct slice name);
/* Is it a rung from the handover on? */
bool ledger_is_handed(const struct ledger_side *side, int32_t stage);

#endif
