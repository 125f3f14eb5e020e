/* sink_kept.h: messages that wait for their transaction to begin, because the one before it has not ended yet: copies, in order.
 *
 * A message owns its headers. Zero a struct kept to start. One thread at a time. May use: librdkafka, buffer. */
#ifndef HANDOVER_PRODUCER_SINK_KEPT_H
#define HANDOVER_PRODUCER_SINK_KEPT_H

#include <librdkafka/rdkafka.h>

#include "../consumer/engine/slice.h"
#include "buffer.h"

enum sink_topic { SINK_CHANGES, SINK_DEAD_LETTERS, SINK_JOURNAL, SINK_TOPICS };

struct sink_message {
  enum sink_topic topic;
  int32_t partition;
  struct slice key, value; /* at == NULL: null */
  int64_t timestamp_ms;    /* TIME_NONE: the broker's or the client's own */
  rd_kafka_headers_t *headers;
};

struct kept_message;

struct kept {
  struct buffer bytes; /* keys and values, one behind the other */
  struct kept_message *at;
  int32_t count, room;
};

void kept_fini(struct kept *kept);
/* Copies bytes, takes the headers. */
void kept_add(struct kept *kept, const struct sink_message *message);
/* The message, and with it its headers; its bytes stay until the next kept_add or kept_clear. */
struct sink_message kept_take(struct kept *kept, int32_t index);
/* Empties it; headers that have not been taken are destroyed. */
void kept_clear(struct kept *kept);

#endif
