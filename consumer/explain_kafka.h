/* explain_kafka.h: the story of one lead from the brokers: its partition is decided again as its journal tells (replay_kafka.h).
 *
 * May use: replay_kafka, explain_story. */
#ifndef HANDOVER_CONSUMER_EXPLAIN_KAFKA_H
#define HANDOVER_CONSUMER_EXPLAIN_KAFKA_H

#include "../config/settings.h"
#include "../producer/buffer.h"
#include "catalog.h"
#include "engine/slice.h"

struct explain_kafka_order {
  const struct settings *settings;
  const struct catalog *catalog;
  bool signatures; /* trust is given: what the journal calls agreed has to be */
  struct slice lead;
  int32_t partition; /* NONE: by the lead's id, then all of them */
  int64_t
      at_ms; /* TIME_NONE: the whole log. Otherwise it ends before the first later event, and time comes up to here */
  int64_t until_ms; /* TIME_NONE: no clock mark behind the journal's end */
};

/* Appends the story. Returns the exit status: 1 where the lead is not in the log, which is said, with ids that are near. */
int explain_kafka_run(const struct explain_kafka_order *order, struct buffer *out);

#endif
