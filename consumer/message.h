/* message.h: a message of librdkafka as the decoder takes it. */
#ifndef HANDOVER_CONSUMER_MESSAGE_H
#define HANDOVER_CONSUMER_MESSAGE_H

#include <librdkafka/rdkafka.h>

#include "decode.h"

/* Borrowed from the message and the topic's name. */
static inline struct record message_record(const rd_kafka_message_t *message, struct slice topic) {
  rd_kafka_timestamp_type_t type;
  int64_t timestamp_ms = rd_kafka_message_timestamp(message, &type);
  if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || timestamp_ms < 0) timestamp_ms = TIME_NONE;
  return (struct record){.payload = {message->payload, message->payload ? (uint32_t)message->len : 0},
                         .key = {message->key, message->key ? (uint32_t)message->key_len : 0},
                         .timestamp_ms = timestamp_ms,
                         .position = {topic, message->partition, message->offset}};
}

#endif
