/* alert_trial.h: a made-up event for one receiver, at once and once, past the state file. May use: alert_http.h. */
#ifndef HANDOVER_PRODUCER_ALERT_TRIAL_H
#define HANDOVER_PRODUCER_ALERT_TRIAL_H

#include "alert_target.h"

enum alert_trial_end { ALERT_TRIAL_TAKEN, ALERT_TRIAL_REFUSED, ALERT_TRIAL_FAILED /* no answer */ };

/* Prints on standard output what is sent (`dry`, and then nothing is) or what came of it: an incident is triggered and resolved. No secret is
 * printed. */
enum alert_trial_end alert_trial(const struct alert_target *target, bool dry);

#endif
