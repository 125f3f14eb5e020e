/* backtest.h: two definitions, and the values of a sweep, over one log: what it comes to.
 *
 *   reading, or inputs_kafka → records → panels (one a partition) → ledger → figures → backtest_print.h, backtest_gate.h
 *
 * Shares, lift and figures a week are exact, and printed as whole millionths, cut. May use: reading,
 * inputs_kafka, panel, backtest_ledger.h. */
#ifndef HANDOVER_CONSUMER_BACKTEST_H
#define HANDOVER_CONSUMER_BACKTEST_H

#include "../config/settings.h"
#include "backtest_ledger.h"
#include "panel.h"
#include "reading.h"

enum { BACKTEST_UNKNOWN = -1 };

#define BACKTEST_ONE INT64_C(1000000) /* millionths */

struct backtest_order {
  struct log_order
      log; /* its definitions are the contenders: OLD, NEW, the sweep's; they share one vocabulary with the outcome's */
  const struct settings *settings; /* the log is in Kafka; NULL: it is in the files of `log` */
  const int32_t *handovers;        /* of each: from this rung on */
  const struct outcome *outcome;
  int64_t capacity; /* a week; 0: not said */
};

struct backtest_count { /* leads, and what became of them; the sum of the others */
  uint64_t leads, won, rejected, open;
};

struct backtest_side {         /* a contender */
  struct backtest_count count; /* of those whose first handover is not late */
  uint64_t late;
  uint64_t busiest, weeks_over;
};

enum backtest_how { HOW_SAME, HOW_EARLIER, HOW_LATER, HOW_NEW, HOW_GONE, HOW_COUNT };
extern const char *const backtest_hows[HOW_COUNT];

struct backtest_compared {
  struct backtest_count count;
  int64_t median_ms; /* of HOW_EARLIER and HOW_LATER: by how much; TIME_NONE: of nobody */
};

struct backtest_partition { /* ascending by partition */
  struct panel *panel;
  struct ledger_leads leads;
};

struct backtest_cut { /* an input's partition whose beginning is gone: it begins at `first` */
  struct slice topic;
  int32_t partition;
  int64_t first;
};

struct backtest {
  const struct backtest_order *order;
  struct ledger ledger;
  struct backtest_partition *partitions;
  int32_t partition_count;
  struct backtest_cut *cuts;
  int32_t cut_count;
  struct backtest_count all; /* leads of the log */
  uint64_t dead_letters;
  struct backtest_side *sides;                 /* as the ledger's */
  struct backtest_count *signs[BACKTEST_PAIR]; /* as the ledger's: rules, then criteria */
  struct backtest_compared compared[HOW_COUNT];
};

/* Reads the log and works everything out. Returns the exit status; errors are said on standard error. The caller calls
 * backtest_fini in any case. */
int backtest_run(struct backtest *backtest, const struct backtest_order *order);
void backtest_fini(struct backtest *backtest);

/* --- backtest_figures.c --- */

void backtest_reckon(struct backtest *backtest);
/* How NEW differs from OLD for a lead; HOW_COUNT: neither hands it over. */
enum backtest_how backtest_how_of(const struct backtest *backtest, const struct ledger_leads *leads, uint32_t lead);
/* Was a lead that was handed over at that moment won by then? */
bool backtest_is_late(const struct ledger_leads *leads, uint32_t lead, int64_t handed_ms);

/* A share, a lift or a figure a week, exact; whole 0: there is nothing to divide by. */
__extension__ typedef unsigned __int128 backtest_wide;
struct ratio {
  backtest_wide part, whole;
};
struct ratio backtest_precision(const struct backtest_count *count);
struct ratio backtest_recall(const struct backtest *backtest, const struct backtest_count *count);
struct ratio backtest_lift(const struct backtest *backtest, const struct backtest_count *count);
struct ratio backtest_per_week(const struct backtest *backtest, uint64_t count);
/* Cut to whole millionths; BACKTEST_UNKNOWN where there is nothing to divide by. */
int64_t ratio_millionths(struct ratio ratio);
/* Negative, 0, positive: a is less, the same, more. Neither is unknown. */
int ratio_compare(struct ratio a, struct ratio b);

#endif
