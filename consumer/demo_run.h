/* demo_run.h: the daemon over the embedded broker: the demo's log goes in, what is published comes out.
 *
 *   events → broker → daemon (run's own code, run's own settings) → broker → published events and dead letters, in the order of time
 *
 * May use: daemon, demo_cluster, the sample definition, cJSON. */
#ifndef HANDOVER_CONSUMER_DEMO_RUN_H
#define HANDOVER_CONSUMER_DEMO_RUN_H

#include "demo_events.h"
#include "story.h"

struct demo_published {
  char *bytes; /* as they are in Kafka, with a zero behind them */
  size_t length;
  cJSON *event;
};

struct demo_letter {
  struct story_dead_letter story; /* its slices point into `bytes` */
  char *bytes;
};

struct demo_result {
  struct demo_published *published; /* ascending by (time, id) */
  size_t published_count, published_room;
  struct demo_letter *letters; /* ascending by (timestamp, partition, offset) */
  size_t letter_count, letter_room;
};

/* Returns the exit status. Where it is not 0 the trouble has been said on standard error. The caller calls demo_result_fini in any
 * case. Shows how far it has come on standard error where that is a terminal. Heeds interrupt.h. */
int demo_run(const struct demo_events *events, struct demo_result *result);
void demo_result_fini(struct demo_result *result);

#endif
