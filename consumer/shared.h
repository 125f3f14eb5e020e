/* shared.h: what the workers of one daemon share: set up before the first starts, not changed afterwards
 * but for the catalog, which grows. */
#ifndef HANDOVER_CONSUMER_SHARED_H
#define HANDOVER_CONSUMER_SHARED_H

#include "../config/settings.h"
#include "catalog.h"
#include "metrics.h"
#include "shutdown.h"

struct state_topic;

struct shared {
  const struct settings *settings;
  const struct catalog *catalog; /* grows while it runs */
  bool follows;                  /* definitions that are published come into the catalog */
  bool wall_clock;               /* quiet partitions get clock marks */
  char *cluster;                 /* Kafka's id of itself, "" where it has none */
  int32_t partitions;            /* N: of each input, and of the outputs */
  struct metrics *metrics;       /* a slot a worker */
  struct state_topic *state_topic;
  struct shutdown shutdown;
};

#endif
