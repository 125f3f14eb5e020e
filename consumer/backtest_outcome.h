/* backtest_outcome.h: which events say what became of a lead: won, rejected.
 *
 * Patterns are the language's own: they are compiled as the stages of a small definition that nobody runs. May use: config, cJSON. */
#ifndef HANDOVER_CONSUMER_BACKTEST_OUTCOME_H
#define HANDOVER_CONSUMER_BACKTEST_OUTCOME_H

#include "agreement.h"
#include "engine/event.h"

enum { OUTCOME_EVENTS = 64 }; /* of each kind */

struct outcome_list { /* what was said on the command line */
  const char *at[OUTCOME_EVENTS];
  int32_t count;
};

struct outcome {                 /* zero it to start */
  struct definition *definition; /* to be shared with those that decide; its own */
  cJSON *won, *rejected;         /* lists of patterns, as they stand in a document */
};

/* Compiles what was said; of a list that is empty, what `agreement` itself says: the events for which its highest rung asks, where
 * that is above `handover`; those of its moves that have a `reason`. False: said what is wrong. */
bool outcome_make(struct outcome *outcome, const char *command, const struct agreement *agreement, int32_t handover,
                  const struct outcome_list *won, const struct outcome_list *rejected);
void outcome_fini(struct outcome *outcome);

/* Decoded by the vocabulary of `definition`. */
bool outcome_won(const struct outcome *outcome, const struct event *event);
bool outcome_rejected(const struct outcome *outcome, const struct event *event);

#endif
