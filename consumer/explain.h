/* explain.h: the story of one lead, from a log, as one JSON object; docs/commands.md tells its members.
 *
 * Everything else that `handover explain` prints is made from that object (explain_show.h). */
#ifndef HANDOVER_CONSUMER_EXPLAIN_H
#define HANDOVER_CONSUMER_EXPLAIN_H

#include "../producer/buffer.h"
#include "reading.h"

struct explain_order {
  struct log_order log;
  struct slice lead;
  int64_t
      at_ms; /* TIME_NONE: the whole log. Otherwise the log ends before the first later event, and time comes up to here */
};

/* Appends the story. Returns the exit status: 1 where the lead is not in the log, which is said, with ids that are near. */
int explain_run(const struct explain_order *order, struct buffer *story);

#endif
