/* message.h: a message of librdkafka as the decoder takes it, and its headers. */
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

/* A header's value, the last of that name; borrowed from the message. at == NULL: there is none, or it is null. */
static inline struct slice message_header(const rd_kafka_message_t *message, const char *name) {
  rd_kafka_headers_t *headers;
  const void *value;
  size_t length;
  if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
      rd_kafka_header_get_last(headers, name, &value, &length) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return (struct slice){NULL, 0};
  return (struct slice){value, (uint32_t)length};
}

#endif
