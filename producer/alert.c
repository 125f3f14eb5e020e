/* alert.c: the loop, and what wakes it. */
#define _GNU_SOURCE /* pipe2 */
#include "alert.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../consumer/clock.h"
#include "../consumer/engine/memory.h"
#include "../consumer/interrupt.h"
#include "../consumer/log.h"
#include "alert_flight.h"
#include "alert_letter.h"
#include "alert_plan.h"
#include "alert_reader.h"

enum {
  BATCH = 256,            /* records a transaction */
  LETTERS = 64,           /* of those given up, a turn */
  WAIT_MS = 500,          /* the longest turn */
  LOOK_MS = 1000,         /* between looks at what another process may have changed */
  SOON_MS = 30000,        /* once: what is due later is left to the next run */
  LETTER_AGAIN_MS = 2000, /* after one that did not get there */
  END_MS = 4000,          /* what is under way has so long after a signal */
};
#define MS_NS INT64_C(1000000)

struct alert {
  const struct alert_order *order;
  struct alert_state *state;
  struct alert_flights flights;
  struct alert_reader *reader;
  struct alert_letters *letters;
  int32_t receivers;
  int wake[2]; /* a pipe that librdkafka writes to */
  int64_t next_look_ns, letters_from_ns;
  int64_t letter_after; /* seq of the last that was sent */
  int32_t letters_flying;
  bool letters_failed;
  int64_t count; /* of rows in the file, as of the last look, and since */
};

static const char *receiver_name(const struct alert *alert, int32_t i) {
  return alert->order->targets[i].receiver->name;
}

/* --- records into the file --- */

static void plan(struct alert *alert, const rd_kafka_message_t *message, int64_t now_ms) {
  const struct alert_record record = {alert->order->settings->stage_changes,
                                      message->partition,
                                      message->offset,
                                      {message->key, (uint32_t)message->key_len},
                                      {message->payload, message->payload ? (uint32_t)message->len : 0}};
  if (!alert_plan(alert->state, &alert->order->settings->receivers, &record, now_ms))
    log_warning("passed over", "a record is no published event", log_text("topic", record.topic),
                log_number("partition", record.partition), log_number("offset", record.offset));
  alert_state_move(alert->state, record.topic, record.partition, record.offset + 1);
}

static int32_t read_records(struct alert *alert) {
  rd_kafka_message_t *messages[BATCH];
  int32_t count = 0;
  int64_t now_ms = clock_wall_ms();
  alert_reader_pause(alert->reader, alert->count >= alert->order->settings->alert_pending);
  while (count < BATCH && (messages[count] = alert_reader_poll(alert->reader))) count++;
  if (count > 0) alert_state_begin(alert->state);
  for (int32_t i = 0; i < count; i++) {
    plan(alert, messages[i], now_ms);
    rd_kafka_message_destroy(messages[i]);
  }
  if (count > 0) alert_state_end(alert->state);
  alert->count += count;
  return count;
}

/* --- what was given up into the topic --- */

static void fail_letter(struct alert *alert) {
  alert->letters_failed = true;
  alert->letters_from_ns = clock_monotonic_ns() + LETTER_AGAIN_MS * MS_NS;
}

static void end_letters(struct alert *alert) {
  struct alert_letter_end ends[LETTERS];
  int32_t count;
  while ((count = alert_letters_poll(alert->letters, ends, LETTERS)) > 0) {
    alert_state_begin(alert->state);
    for (int32_t i = 0; i < count; i++) {
      alert->letters_flying--;
      if (ends[i].good) alert_state_told(alert->state, ends[i].seq);
      else fail_letter(alert);
    }
    alert_state_end(alert->state);
  }
  if (alert->letters_flying == 0) alert->letter_after = 0; /* those that failed, once more */
}

static void send_letters(struct alert *alert) {
  int64_t seqs[LETTERS];
  if (clock_monotonic_ns() < alert->letters_from_ns) return;
  int32_t count = alert_state_given_up(alert->state, alert->letter_after, seqs, LETTERS);
  for (int32_t i = 0; i < count; i++) {
    struct alert_delivery *delivery = alert_state_load(alert->state, seqs[i]);
    bool sent = delivery && alert_letters_send(alert->letters, delivery, clock_wall_ms());
    alert_delivery_free(delivery);
    if (!sent) break;
    alert->letter_after = seqs[i];
    alert->letters_flying++;
  }
}

/* --- receivers that are told of nothing --- */

/* Those of the file that the settings do not have any more. */
struct strangers {
  const struct receivers *receivers;
  char names[RECEIVERS_MOST][RECEIVER_NAME + 1];
  int32_t count;
};

static void note_stranger(void *context, const char *name) {
  struct strangers *strangers = context;
  if (receiver_find(strangers->receivers, name) || strangers->count == RECEIVERS_MOST) return;
  snprintf(strangers->names[strangers->count++], RECEIVER_NAME + 1, "%s", name);
}

static void give_up_strangers(struct alert *alert) {
  struct strangers strangers = {.receivers = &alert->order->settings->receivers};
  alert_state_receivers(alert->state, note_stranger, &strangers);
  for (int32_t i = 0; i < strangers.count; i++) {
    log_warning("undelivered", "the settings have no such receiver any more: what waited for it was given up",
                log_text("receiver", strangers.names[i]));
    alert_state_give_up_all(alert->state, strangers.names[i], "removed");
  }
}

/* What is under way ends by itself. */
static void give_up_disabled(struct alert *alert) {
  for (int32_t i = 0; i < alert->receivers; i++) {
    if (!alert->flights.disabled[i] || alert->flights.under_way[i] > 0) continue;
    int64_t waiting = alert_state_waiting(alert->state, receiver_name(alert, i));
    if (waiting == 0) continue;
    alert_state_give_up_all(alert->state, receiver_name(alert, i), "disabled");
    atomic_fetch_add(&alert->order->metrics->at[i][ALERT_METRIC_UNDELIVERED], waiting);
  }
}

/* --- the loop --- */

static void look_around(struct alert *alert) {
  if (clock_monotonic_ns() < alert->next_look_ns) return;
  alert->next_look_ns = clock_monotonic_ns() + LOOK_MS * MS_NS;
  for (int32_t i = 0; i < alert->receivers; i++) {
    bool disabled = alert_state_disabled(alert->state, receiver_name(alert, i));
    alert->flights.disabled[i] = disabled;
    atomic_store(&alert->order->metrics->at[i][ALERT_METRIC_DISABLED], disabled);
    atomic_store(&alert->order->metrics->at[i][ALERT_METRIC_PENDING],
                 alert_state_waiting(alert->state, receiver_name(alert, i)));
  }
  alert->count = alert_state_count(alert->state);
  if (!alert->reader) return;
  atomic_store(&alert->order->metrics->cut, alert_reader_cut(alert->reader));
  alert_reader_commit(alert->reader);
}

static void empty_pipe(const struct alert *alert) {
  char bytes[256];
  while (read(alert->wake[0], bytes, sizeof bytes) > 0) {
  }
}

static void wait_for_something(struct alert *alert, int64_t wait_ms) {
  alert_http_wait(alert->flights.http, &alert->wake[0], 1, (int)wait_ms);
  empty_pipe(alert);
  alert_state_begin(alert->state);
  alert_flights_end(&alert->flights);
  alert_state_end(alert->state);
}

static void turn(struct alert *alert, bool reads) {
  look_around(alert);
  int32_t count = alert->reader && reads ? read_records(alert) : 0;
  alert_state_begin(alert->state);
  give_up_disabled(alert);
  int64_t wait_ms = reads ? alert_flights_start(&alert->flights, alert->receivers, WAIT_MS) : WAIT_MS;
  alert_state_end(alert->state);
  end_letters(alert);
  if (reads) send_letters(alert);
  if (count == BATCH) wait_ms = 0;
  wait_for_something(alert, wait_ms);
  atomic_store(alert->order->beat_ns, clock_monotonic_ns());
  if (alert->reader) atomic_store(alert->order->ready, alert_reader_assigned(alert->reader));
  supervisor_look(alert->order->supervisor, alert->order->supervised);
}

/* Has everything been read, and is nothing left to be done soon? */
static bool is_over(struct alert *alert, enum alert_end *end) {
  if (alert->reader && !alert_reader_over(alert->reader)) return false;
  if (alert_flights_any(&alert->flights) || alert->letters_flying > 0) return false;
  int64_t seq, left = alert_state_count(alert->state);
  if (left > 0 && (alert_state_given_up(alert->state, 0, &seq, 1) > 0 ||
                   alert_state_first_due(alert->state) < clock_wall_ms() + SOON_MS))
    return false;
  *end = left > 0 ? ALERT_END_LEFT : ALERT_END_DONE;
  return true;
}

/* After a signal: answers that are on their way are taken, nothing new is begun. */
static void finish(struct alert *alert) {
  int64_t until_ns = clock_monotonic_ns() + END_MS * MS_NS;
  while ((alert_flights_any(&alert->flights) || alert->letters_flying > 0) && clock_monotonic_ns() < until_ns &&
         !alert_state_trouble(alert->state))
    turn(alert, false);
}

static const char *trouble_of(const struct alert *alert) {
  const char *trouble = alert_state_trouble(alert->state);
  if (!trouble && alert->reader) trouble = alert_reader_trouble(alert->reader);
  if (!trouble) trouble = alert_letters_trouble(alert->letters);
  if (!trouble && alert->order->once && alert->letters_failed)
    trouble = "what was given up cannot be written to the topic undelivered";
  return trouble;
}

static enum alert_end loop(struct alert *alert, char *why, size_t room) {
  enum alert_end end = ALERT_END_SIGNAL;
  give_up_strangers(alert);
  while (!interrupt_seen()) {
    turn(alert, true);
    const char *trouble = trouble_of(alert);
    if (trouble) {
      snprintf(why, room, "%s", trouble);
      supervisor_stop(alert->order->supervisor, "it has failed");
      return ALERT_END_FAILED;
    }
    if (alert->order->once && is_over(alert, &end)) return end;
  }
  supervisor_stop(alert->order->supervisor, "taking the answers that are on their way");
  finish(alert);
  return end;
}

static bool open_all(struct alert *alert, char *why, size_t room) {
  const struct settings *settings = alert->order->settings;
  if (pipe2(alert->wake, O_CLOEXEC | O_NONBLOCK) != 0) {
    snprintf(why, room, "no pipe can be made");
    return false;
  }
  alert->flights.http = alert_http_open();
  if (!alert->flights.http) {
    snprintf(why, room, "libcurl cannot be started");
    return false;
  }
  alert->letters = alert_letters_open(settings, alert->wake[1], why, room);
  if (!alert->letters) return false;
  if (alert->order->read) alert->reader = alert_reader_open(settings, alert->state, alert->wake[1], why, room);
  return alert->reader || !alert->order->read;
}

enum alert_end alert_run(const struct alert_order *order, char *why, size_t room) {
  struct alert *alert = memory_zeroed(1, sizeof *alert);
  *alert = (struct alert){.order = order,
                          .state = order->state,
                          .flights = {.state = order->state, .targets = order->targets, .metrics = order->metrics},
                          .receivers = order->settings->receivers.count,
                          .wake = {-1, -1}};
  enum alert_end end = open_all(alert, why, room) ? loop(alert, why, room) : ALERT_END_FAILED;
  alert_reader_close(alert->reader);
  alert_letters_close(alert->letters);
  alert_http_close(alert->flights.http);
  alert_flights_fini(&alert->flights, alert->receivers);
  for (int i = 0; i < 2; i++) {
    if (alert->wake[i] >= 0) close(alert->wake[i]);
  }
  memory_free(alert);
  return end;
}
