/* load_send.h: a load to a topic: lz4, each lead to the partition that Java's clients choose (murmur2), and no record lost or twice.
 *
 *     load_sender_open → load_send … → load_sender_close
 *
 * One thread. Callbacks come from within load_send, load_sender_poll and load_sender_close. May use: librdkafka, client.h, load.h. */
#ifndef HANDOVER_CONSUMER_LOAD_SEND_H
#define HANDOVER_CONSUMER_LOAD_SEND_H

#include <librdkafka/rdkafka.h>

#include "../config/settings.h"
#include "load.h"

struct load_sender;

/* What became of the record that load_send was given `tag` with: where it is. Only of those that arrived. */
typedef void load_sent(void *context, uint64_t tag, int32_t partition, int64_t offset);

/* `sent` may be NULL. `linger_ms`: how long records may be gathered, unless the settings say so. `topic` must stay. NULL with a sentence in
 * `why`. */
struct load_sender *load_sender_open(const struct settings *settings, const char *topic, int linger_ms, load_sent *sent,
                                     void *context, char *why, size_t room);
/* Waits while the queue is full. False: a record was lost, see load_sender_close. */
bool load_send(struct load_sender *sender, const struct load_event *event, uint64_t tag);
void load_sender_poll(struct load_sender *sender);
/* Waits until all have arrived, or cannot any more; frees. False with a sentence in `why`. */
bool load_sender_close(struct load_sender *sender, char *why, size_t room);

/* Events from…to − 1 of the order at once; stops where `interrupt_seen`. False with a sentence in `why`. */
bool load_fill(const struct settings *settings, const char *topic, const struct load_order *order, uint64_t from,
               uint64_t to, char *why, size_t room);

/* The due time of event `number` of a stream that began at start_ns. */
static inline int64_t load_due_ns(int64_t start_ns, uint64_t number, uint64_t rate) {
  return start_ns + (int64_t)(number / rate * UINT64_C(1000000000) + number % rate * UINT64_C(1000000000) / rate);
}

#endif
