/* alert_plan.h: what follows from one published event: a delivery for each receiver that it is for. May use: alert_state.h,
 * alert_event.h. */
#ifndef HANDOVER_PRODUCER_ALERT_PLAN_H
#define HANDOVER_PRODUCER_ALERT_PLAN_H

#include "../config/receiver.h"
#include "alert_state.h"

struct alert_record { /* as it was read */
  const char *topic;
  int32_t partition;
  int64_t offset;
  struct slice key, value;
};

/* Within alert_state_begin and _end. False: the record is no published event, and nothing follows from it. */
bool alert_plan(struct alert_state *state, const struct receivers *receivers, const struct alert_record *record,
                int64_t now_ms);

#endif
