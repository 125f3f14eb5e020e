/* backtest_sweep.h: one number of a definition, from value to value: POINTER=FROM:TO:STEP.
 *
 * Values are numbers of up to six decimals, or durations as the language writes them. May use: config. */
#ifndef HANDOVER_CONSUMER_BACKTEST_SWEEP_H
#define HANDOVER_CONSUMER_BACKTEST_SWEEP_H

#include "agreement.h"

enum { SWEEP_MOST = 100, SWEEP_VALUE = 32 };

struct sweep { /* zero it to start */
  struct slice pointer;
  bool durations; /* values are seconds; else millionths */
  int64_t from, to, step;
  int32_t count;
  char values[SWEEP_MOST][SWEEP_VALUE]; /* as they stand in a document: 40, "14d" with its quotes */
  char as_it_stands[SWEEP_VALUE];
  struct definition *definitions[SWEEP_MOST];
};

/* What was said. False: said what is wrong. The text outlives the sweep. */
bool sweep_parse(struct sweep *sweep, const char *command, const char *text);
/* Makes the definitions. `text`: the document's, as it stands in its file. False: said what is wrong. */
bool sweep_make(struct sweep *sweep, const char *command, const struct agreement *agreement, const char *text,
                size_t length);
void sweep_fini(struct sweep *sweep);

#endif
