/* alert_target.h: a receiver with what its files hold: address, secrets, words. Nothing of it is ever shown or logged.
 * May use: config/receiver.h, consumer/secret.h. */
#ifndef HANDOVER_PRODUCER_ALERT_TARGET_H
#define HANDOVER_PRODUCER_ALERT_TARGET_H

#include "../config/receiver.h"
#include "alert_sign.h"

enum { ALERT_SECRET = 1024, ALERT_KEYS = 2 };

struct alert_target {
  const struct receiver *receiver;
  char url[ALERT_SECRET];
  char routing_key[ALERT_SECRET];    /* PagerDuty's */
  struct alert_key keys[ALERT_KEYS]; /* a webhook's, the new one first */
  int32_t key_count;
  char *words; /* the template, a good one */
  bool own_words;
  int64_t pace_ms;
  int32_t at_once; /* attempts that may be under way */
};

/* Reads and checks. False with a sentence in `why`. alert_target_fini in any case. */
bool alert_target_load(struct alert_target *target, const struct receiver *receiver, char *why, size_t room);
/* Wipes. */
void alert_target_fini(struct alert_target *target);

#endif
