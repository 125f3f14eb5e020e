/* report_ladder.h: the order of the stages, and who owns them: by a definition, or as far as the events say it.
 *
 * Without a definition: a climb leads one rung up, `skipped` names rungs in their order, and `next` is the rung above. Rungs whose
 * order nobody says stand as they were first entered. A stage of which nothing of the kind is said is taken to be beside the ladder.
 *
 * A rung whose owner nobody says, such as the first one, is taken to have that of the rung above it.
 *
 * Stages have a rank from here on: rungs first, lowest first, then those beside the ladder. May use: report_log.h, definition.h. */
#ifndef HANDOVER_CONSUMER_REPORT_LADDER_H
#define HANDOVER_CONSUMER_REPORT_LADDER_H

#include "engine/definition.h"
#include "report_log.h"

struct report_ladder {
  int count;
  int rungs;                 /* the ranks below are rungs */
  int stages[REPORT_STAGES]; /* by rank: stage */
  int ranks[REPORT_STAGES];  /* by stage: rank; a stage that was replaced has that of its successor */
  int defined;               /* the ranks below are those of the definition */
  bool inferred;
};

/* `definition`: NULL where there is none. False: more than REPORT_STAGES. */
bool report_ladder_make(struct report_ladder *ladder, struct report_log *log, const struct definition *definition);

#endif
