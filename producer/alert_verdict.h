/* alert_verdict.h: what follows from an attempt: delivered, once more and when, or given up. Pure. May use: config/receiver.h. */
#ifndef HANDOVER_PRODUCER_ALERT_VERDICT_H
#define HANDOVER_PRODUCER_ALERT_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "../config/receiver.h"

#define ALERT_WAIT_MOST_MS (INT64_C(24) * 3600 * 1000) /* that a receiver may ask for */

enum alert_outcome {
  ALERT_DELIVERED,
  ALERT_RETRY,
  ALERT_EXHAUSTED, /* the schedule is over */
  ALERT_REJECTED,  /* the receiver will never take this body */
  ALERT_GONE,      /* the receiver wants nothing any more: 410 */
};

/* An attempt and what came of it. */
struct alert_attempt {
  int status;       /* of HTTP; 0: no answer came */
  int64_t retry_ms; /* what Retry-After asks for, −1: nothing */
  int32_t attempts; /* this one included */
  uint64_t seed;    /* of the jitter */
};

struct alert_verdict {
  enum alert_outcome outcome;
  int64_t wait_ms; /* ALERT_RETRY: from now */
  bool hold;       /* the receiver as a whole wants to be left alone for so long */
};

struct alert_verdict alert_judge(const struct receiver *receiver, const struct alert_attempt *attempt);

/* The value of Retry-After: seconds, or a date as HTTP writes it (RFC 9110). In ms from now, 0 for a past one; −1: neither. */
int64_t alert_retry_after(const char *value, int64_t now_ms);

extern const char *const alert_outcome_reasons[]; /* "", "", "exhausted", "rejected", "gone" */

#endif
