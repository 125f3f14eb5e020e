/* alert_redeliver.c: partition by partition, a batch a transaction. Which records were taken up is noted by their place, so that a second run
 * finds only what has come since. */
#include "alert_redeliver.h"

#include <stdio.h>
#include <string.h>

#include "../consumer/clock.h"
#include "../consumer/topic_reader.h"
#include "alert_letter.h"

enum { BATCH = 200 };

static bool asked_for(const struct alert_redeliver_order *order, const struct alert_delivery *delivery,
                      int64_t timestamp_ms) {
  return (!order->receiver || strcmp(order->receiver, delivery->receiver) == 0) &&
         (!order->id || strcmp(order->id, delivery->id) == 0) && timestamp_ms >= order->since_ms;
}

static enum alert_letter_fate fate_of(const struct alert_redeliver_order *order, const struct alert_delivery *delivery,
                                      const struct position *position) {
  const struct settings *settings = order->settings;
  if (alert_state_redelivered(order->state, settings->undelivered, position->partition, position->offset))
    return LETTER_BEFORE;
  if (!receiver_find(&settings->receivers, delivery->receiver)) return LETTER_STRANGER;
  if (alert_state_disabled(order->state, delivery->receiver)) return LETTER_DISABLED;
  return LETTER_TAKEN;
}

static void take(const struct alert_redeliver_order *order, const rd_kafka_message_t *message,
                 const struct record *record) {
  struct alert_delivery delivery = {.receiver = "", .id = "", .reason = ""};
  struct alert_letter_texts texts;
  if (!alert_letter_read(message, &delivery, &texts)) {
    order->each(order->context, &delivery, LETTER_BROKEN);
    return;
  }
  if (!asked_for(order, &delivery, record->timestamp_ms)) return;
  const struct position *position = &record->position;
  enum alert_letter_fate fate = fate_of(order, &delivery, position);
  if (fate == LETTER_TAKEN && !order->dry) {
    alert_state_put(order->state, &delivery, clock_wall_ms());
    alert_state_redeliver(order->state, order->settings->undelivered, position->partition, position->offset);
  }
  order->each(order->context, &delivery, fate);
}

static bool read_partition(const struct alert_redeliver_order *order, struct topic_reader *reader, int32_t partition,
                           char *why, size_t room) {
  struct record records[BATCH];
  int32_t count;
  struct topic_stream *stream = topic_stream_start(reader, order->settings->undelivered, partition, false, why, room);
  if (!stream) return false;
  if (!order->dry)
    alert_state_redelivered_forget(order->state, order->settings->undelivered, partition, topic_stream_begin(stream));
  while ((count = topic_stream_await(stream, records, BATCH)) > 0) {
    alert_state_begin(order->state);
    for (int32_t i = 0; i < count; i++) take(order, topic_stream_message(stream, i), &records[i]);
    alert_state_end(order->state);
  }
  bool good = count == 0 && !*topic_stream_why(stream);
  if (!good) snprintf(why, room, "%s", topic_stream_why(stream));
  topic_stream_end(stream);
  return good;
}

bool alert_redeliver(const struct alert_redeliver_order *order, char *why, size_t room) {
  const char *topic = order->settings->undelivered;
  struct topic_reader *reader = topic_reader_open(order->settings, why, room);
  if (!reader) return false;
  int32_t partitions = topic_reader_partitions(reader, topic, why, room);
  bool good = partitions > 0;
  if (partitions == 0)
    snprintf(why, room, "%.200s: there is no such topic; `handover topics --create` makes it", topic);
  for (int32_t p = 0; p < partitions && good; p++) good = read_partition(order, reader, p, why, room);
  topic_reader_close(reader);
  if (!good || !alert_state_trouble(order->state)) return good;
  snprintf(why, room, "%s", alert_state_trouble(order->state));
  return false;
}
