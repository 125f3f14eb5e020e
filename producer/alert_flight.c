/* alert_flight.c: from due to an attempt, from its end to a verdict. */
#include "alert_flight.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "../consumer/clock.h"
#include "../consumer/engine/memory.h"
#include "../consumer/log.h"
#include "alert_verdict.h"

enum { DUE_MOST = 32, DETAIL = 600, TELL_MS = 60000 };
#define MS_NS INT64_C(1000000)

static void count(struct alert_flights *flights, int32_t receiver, enum alert_number number) {
  atomic_fetch_add(&flights->metrics->at[receiver][number], 1);
}

static const char *name_of(const struct alert_flights *flights, int32_t receiver) {
  return flights->targets[receiver].receiver->name;
}

/* --- ends --- */

/* A receiver that fails is told of once a minute, and once when it takes something again; everything is counted. */
static void tell(struct alert_flights *flights, const struct alert_flight *flight, bool good, const char *reason) {
  int64_t *told_ns = &flights->told_ns[flight->receiver], now_ns = clock_monotonic_ns();
  const char *name = name_of(flights, flight->receiver);
  bool lately = *told_ns && now_ns - *told_ns < TELL_MS * MS_NS;
  if (lately) return;
  if (good && *told_ns) log_info("delivering again", "the receiver takes what it is sent", log_text("receiver", name));
  if (!good)
    log_warning("not delivered", "an attempt failed; more follow by the schedule", log_text("receiver", name),
                log_text("id", flight->delivery->id), log_number("attempts", flight->delivery->attempts + 1),
                log_text("reason", reason));
  *told_ns = good ? 0 : now_ns;
}

static void give_up(struct alert_flights *flights, const struct alert_flight *flight, const char *reason,
                    const struct alert_answer *answer, int64_t now_ms) {
  char detail[DETAIL];
  snprintf(detail, sizeof detail, "%s%s%s", answer->reason, *answer->beginning ? ": " : "", answer->beginning);
  alert_state_give_up(flights->state, flight->delivery, reason, detail, now_ms);
  count(flights, flight->receiver, ALERT_METRIC_UNDELIVERED);
  log_error("undelivered", "a delivery was given up", log_text("receiver", name_of(flights, flight->receiver)),
            log_text("id", flight->delivery->id), log_number("attempts", flight->delivery->attempts + 1),
            log_text("reason", reason), log_text("detail", answer->reason));
}

static void disable(struct alert_flights *flights, int32_t receiver, int64_t now_ms) {
  alert_state_disable(flights->state, name_of(flights, receiver), true, now_ms);
  flights->disabled[receiver] = true;
  log_error("disabled", "the receiver answered 410: it is told of nothing more until `handover alert enable`",
            log_text("receiver", name_of(flights, receiver)));
}

static void settle(struct alert_flights *flights, struct alert_flight *flight, const struct alert_answer *answer) {
  const struct alert_target *target = &flights->targets[flight->receiver];
  const struct alert_delivery *delivery = flight->delivery;
  const struct alert_attempt attempt = {answer->status, answer->retry_ms, delivery->attempts + 1,
                                        XXH64(delivery->id, strlen(delivery->id), (uint64_t)delivery->attempts)};
  const struct alert_verdict verdict = alert_judge(target->receiver, &attempt);
  int64_t now_ms = clock_wall_ms();
  bool good = verdict.outcome == ALERT_DELIVERED;
  tell(flights, flight, good, answer->reason);
  if (!good) count(flights, flight->receiver, ALERT_METRIC_FAILED);
  if (verdict.hold) flights->not_before_ns[flight->receiver] = clock_monotonic_ns() + verdict.wait_ms * MS_NS;
  switch (verdict.outcome) {
    case ALERT_DELIVERED:
      alert_state_done(flights->state, delivery, now_ms);
      count(flights, flight->receiver, ALERT_METRIC_DELIVERED);
      break;
    case ALERT_RETRY: alert_state_again(flights->state, delivery, now_ms, now_ms + verdict.wait_ms); break;
    case ALERT_GONE: disable(flights, flight->receiver, now_ms); __attribute__((fallthrough));
    case ALERT_REJECTED:
    case ALERT_EXHAUSTED: give_up(flights, flight, alert_outcome_reasons[verdict.outcome], answer, now_ms); break;
  }
  flights->under_way[flight->receiver]--;
  alert_delivery_free(flight->delivery);
  flight->delivery = NULL;
}

void alert_flights_end(struct alert_flights *flights) {
  struct alert_answer answer;
  while (alert_http_next(flights->http, &answer)) settle(flights, answer.context, &answer);
}

bool alert_flights_any(const struct alert_flights *flights) {
  for (int i = 0; i < ALERT_FLIGHTS; i++) {
    if (flights->at[i].delivery) return true;
  }
  return false;
}

void alert_flights_fini(struct alert_flights *flights, int32_t receivers) {
  for (int i = 0; i < ALERT_FLIGHTS; i++) {
    alert_delivery_free(flights->at[i].delivery);
    flights->at[i].delivery = NULL;
  }
  for (int32_t i = 0; i < receivers; i++) flights->under_way[i] = 0;
}

/* --- beginnings --- */

static bool is_flying(const struct alert_flights *flights, int64_t seq) {
  for (int i = 0; i < ALERT_FLIGHTS; i++) {
    if (flights->at[i].delivery && flights->at[i].delivery->seq == seq) return true;
  }
  return false;
}

static struct alert_flight *free_flight(struct alert_flights *flights) {
  for (int i = 0; i < ALERT_FLIGHTS; i++) {
    if (!flights->at[i].delivery) return &flights->at[i];
  }
  return NULL;
}

/* At once: there is nobody to wait for. A pipe whose reader has gone fails like a receiver. */
static void print(struct alert_flights *flights, struct alert_flight *flight, const struct alert_message *message) {
  struct alert_answer answer = {.context = flight, .retry_ms = -1, .status = 200};
  bool good =
      fwrite(message->body.at ? message->body.at : "", 1, message->body.length, stdout) == message->body.length &&
      fflush(stdout) == 0;
  if (!good) {
    answer.status = 0;
    snprintf(answer.reason, sizeof answer.reason, "standard output: %s", strerror(errno));
    clearerr(stdout);
  }
  settle(flights, flight, &answer);
}

static void start(struct alert_flights *flights, int32_t receiver, int64_t seq) {
  struct alert_flight *flight = free_flight(flights);
  const struct alert_target *target = &flights->targets[receiver];
  struct alert_delivery *delivery = flight ? alert_state_load(flights->state, seq) : NULL;
  if (!delivery) return;
  struct alert_message *message = memory_zeroed(1, sizeof *message);
  cJSON *event = cJSON_ParseWithLength(delivery->event.at, delivery->event.length);
  *flight = (struct alert_flight){delivery, receiver};
  flights->under_way[receiver]++;
  flights->not_before_ns[receiver] = clock_monotonic_ns() + target->pace_ms * MS_NS;
  alert_message_make(message, target, delivery, event, clock_wall_ms() / 1000);
  if (target->receiver->kind == RECEIVER_STDOUT) print(flights, flight, message);
  else alert_http_call(flights->http, target, message, flight);
  cJSON_Delete(event);
  alert_message_fini(message);
  memory_free(message);
}

/* In ms when there is something to be started next; INT64_MAX: an answer comes first. */
static int64_t start_of(struct alert_flights *flights, int32_t receiver) {
  const struct alert_target *target = &flights->targets[receiver];
  const int32_t *under_way = &flights->under_way[receiver];
  int64_t seqs[DUE_MOST], next_ms, now_ms = clock_wall_ms();
  if (flights->disabled[receiver] || *under_way >= target->at_once) return INT64_MAX;
  int32_t due = alert_state_due(flights->state, target->receiver->name, now_ms, seqs, DUE_MOST, &next_ms);
  int32_t i = 0;
  for (; i < due && *under_way < target->at_once; i++) {
    int64_t wait_ns = flights->not_before_ns[receiver] - clock_monotonic_ns();
    if (is_flying(flights, seqs[i])) continue;
    if (wait_ns > 0) return wait_ns / MS_NS + 1;
    start(flights, receiver, seqs[i]);
  }
  if (*under_way >= target->at_once) return INT64_MAX;
  if (due == DUE_MOST) return 0;
  return next_ms == INT64_MAX ? INT64_MAX : next_ms > now_ms ? next_ms - now_ms : 0;
}

int64_t alert_flights_start(struct alert_flights *flights, int32_t receivers, int64_t most_ms) {
  int64_t wait_ms = most_ms;
  for (int32_t i = 0; i < receivers && !alert_state_trouble(flights->state); i++) {
    int64_t of_this_ms = start_of(flights, i);
    if (of_this_ms < wait_ms) wait_ms = of_this_ms;
  }
  return wait_ms;
}
