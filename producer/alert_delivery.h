/* alert_delivery.h: one event on its way to one receiver. */
#ifndef HANDOVER_PRODUCER_ALERT_DELIVERY_H
#define HANDOVER_PRODUCER_ALERT_DELIVERY_H

#include <stdint.h>

#include "../consumer/engine/slice.h"

enum { ALERT_ID = 1100 /* bytes, NUL included */, ALERT_INCIDENT = 64 + 1 };

enum alert_action {
  ALERT_TELL,    /* of the event */
  ALERT_RESOLVE, /* the incident that an earlier event began is over */
};

struct alert_delivery {
  int64_t seq; /* its place in the order of everything; set by the state file */
  const char *receiver, *id;
  struct slice lead; /* the record's key: of one lead one is under way at a time */
  const char *topic; /* where the event was read */
  int32_t partition;
  int64_t offset;
  bool holds; /* its group's offset stays before it as long as it is there */
  enum alert_action action;
  struct slice event; /* as published */
  int32_t attempts;
  int64_t first_ms;            /* the first attempt; 0: none yet */
  const char *reason, *detail; /* of one that could not be delivered, else "" */
};

#endif
