/* alert.h: the loop of `handover alert`: published events into the state file, and from there to receivers.
 *
 *     ┌─→ reader: records, a batch ─────────→ what follows from them, and the positions → state file, one transaction
 *     │   due, for each receiver ───────────→ requests, of one lead one at a time; few at once, not faster than the pace
 *     │   given up ─────────────────────────→ records of the topic `undelivered`
 *     │   wait: an answer, a record, a time
 *     └── answers, records that are there ──→ done, again at …, given up → state file, one transaction
 *
 * One thread, beside librdkafka's and curl's own. A receiver that is slow, or fails, holds up nobody but itself.
 * May use: everything of alert_*.h. */
#ifndef HANDOVER_PRODUCER_ALERT_H
#define HANDOVER_PRODUCER_ALERT_H

#include "../config/settings.h"
#include "../consumer/supervise.h"
#include "alert_metrics.h"
#include "alert_state.h"
#include "alert_target.h"

struct alert_order {
  const struct settings *settings;
  struct alert_target *targets; /* of settings->receivers, in their order */
  struct alert_state *state;    /* locked by this process */
  bool read;                    /* published events, too; else what is in the file alone */
  bool once;                    /* ends when nothing is left to be done soon */
  struct alert_metrics *metrics;
  _Atomic int64_t *beat_ns;      /* when the loop came round last */
  _Atomic bool *ready;           /* partitions have been assigned */
  struct supervisor *supervisor; /* told after each turn, and of the end */
  const struct supervised *supervised;
};

enum alert_end {
  ALERT_END_DONE, /* once: everything is delivered, or told of */
  ALERT_END_LEFT, /* once: something waits for an attempt that is far off */
  ALERT_END_SIGNAL,
  ALERT_END_FAILED, /* `why` says it */
};

/* Until a signal comes (interrupt_seen), it fails, or, once, it is done. */
enum alert_end alert_run(const struct alert_order *order, char *why, size_t room);

#endif
