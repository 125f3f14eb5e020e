/* alert_redeliver.h: what lies in the topic `undelivered` goes into the state file once more, under the same ids, each record once.
 * May use: topic_reader.h, alert_state.h, alert_letter.h. */
#ifndef HANDOVER_PRODUCER_ALERT_REDELIVER_H
#define HANDOVER_PRODUCER_ALERT_REDELIVER_H

#include "../config/settings.h"
#include "alert_state.h"

enum alert_letter_fate {
  LETTER_TAKEN,    /* queued, or would be */
  LETTER_BEFORE,   /* it was taken up already */
  LETTER_STRANGER, /* the settings have no such receiver */
  LETTER_DISABLED, /* the receiver is disabled */
  LETTER_BROKEN,   /* no record of handover alert */
  LETTER_FATES,
};

struct alert_redeliver_order {
  const struct settings *settings;
  struct alert_state *state;
  const char *receiver, *id; /* NULL: any */
  int64_t since_ms;          /* given up then or later; INT64_MIN: whenever */
  bool dry;                  /* queues nothing */
  /* Is told of each that was asked for. */
  void (*each)(void *context, const struct alert_delivery *delivery, enum alert_letter_fate fate);
  void *context;
};

/* False with a sentence in `why`. */
bool alert_redeliver(const struct alert_redeliver_order *order, char *why, size_t room);

#endif
