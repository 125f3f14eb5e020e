/* alert_metrics.h: what `handover alert` counts, by receiver. One thread counts, any thread renders. The names stand in
 * consumer/metric_table.c. */
#ifndef HANDOVER_PRODUCER_ALERT_METRICS_H
#define HANDOVER_PRODUCER_ALERT_METRICS_H

#include <stdatomic.h>
#include <stdint.h>

#include "../config/receiver.h"
#include "buffer.h"

enum alert_number {
  ALERT_METRIC_DELIVERED,
  ALERT_METRIC_FAILED,
  ALERT_METRIC_UNDELIVERED,
  ALERT_METRIC_PENDING,
  ALERT_METRIC_DISABLED,
  ALERT_METRICS,
};

struct alert_metrics {
  const struct receivers *receivers;
  _Atomic int64_t at[RECEIVERS_MOST][ALERT_METRICS];
  _Atomic int64_t cut; /* records that nobody was told of */
};

/* As Prometheus reads it; with the process' own. `context` is a struct alert_metrics. */
void alert_metrics_render(void *context, struct buffer *buffer);

#endif
