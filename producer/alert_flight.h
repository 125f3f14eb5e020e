/* alert_flight.h: attempts that are under way, and what follows from how they end. May use: alert_http.h, alert_state.h,
 * alert_verdict.h. */
#ifndef HANDOVER_PRODUCER_ALERT_FLIGHT_H
#define HANDOVER_PRODUCER_ALERT_FLIGHT_H

#include "alert_http.h"
#include "alert_metrics.h"
#include "alert_state.h"

enum { ALERT_FLIGHTS = 64 };

struct alert_flight { /* of one delivery; free where there is none */
  struct alert_delivery *delivery;
  int32_t receiver;
};

struct alert_flights {
  struct alert_state *state;
  struct alert_target *targets; /* by the receiver's number */
  struct alert_metrics *metrics;
  struct alert_http *http;
  struct alert_flight at[ALERT_FLIGHTS];
  int32_t under_way[RECEIVERS_MOST];
  int64_t not_before_ns[RECEIVERS_MOST]; /* the pace, and what a receiver asked for */
  int64_t told_ns[RECEIVERS_MOST]; /* when the log told last that an attempt failed; 0: it takes what it is sent */
  bool disabled[RECEIVERS_MOST];   /* nothing is started */
};

/* Starts what is due, as far as each receiver may have it, within alert_state_begin and _end. In ms how long nothing else will be: at least 0, at most `most_ms`. */
int64_t alert_flights_start(struct alert_flights *flights, int32_t receivers, int64_t most_ms);
/* Takes what has ended into the state, within alert_state_begin and _end. */
void alert_flights_end(struct alert_flights *flights);
bool alert_flights_any(const struct alert_flights *flights);
/* Gives up what is under way: it stays due. */
void alert_flights_fini(struct alert_flights *flights, int32_t receivers);

#endif
