/* alert_letter.h: what could not be delivered, as a record of the topic `undelivered`: the event as published, its lead as key, and as
 * headers id, receiver, action, reason, detail, attempts, failed_at (the time), topic, partition and offset (of the event).
 * May use: librdkafka, client.h, alert_delivery.h. */
#ifndef HANDOVER_PRODUCER_ALERT_LETTER_H
#define HANDOVER_PRODUCER_ALERT_LETTER_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

#include "../config/settings.h"
#include "alert_delivery.h"

struct alert_letters;

/* NULL with a sentence in `why`. `socket`: something is written to it when there is something to poll. */
struct alert_letters *alert_letters_open(const struct settings *settings, int socket, char *why, size_t room);
void alert_letters_close(struct alert_letters *letters);

/* Sends. `seq` comes back from alert_letters_poll. False: no room, later. */
bool alert_letters_send(struct alert_letters *letters, const struct alert_delivery *delivery, int64_t now_ms);
/* What has become of those that were sent, up to `room`: `good`, it is there. */
struct alert_letter_end {
  int64_t seq;
  bool good;
};
int32_t alert_letters_poll(struct alert_letters *letters, struct alert_letter_end *ends, int32_t room);

/* NULL: all is well. Else nothing more can be sent, and why: no right to write, as a rule. */
const char *alert_letters_trouble(const struct alert_letters *letters);

/* A record back into a delivery that borrows from it; its texts are in `texts`. False: it is none. */
struct alert_letter_texts {
  char id[ALERT_ID], receiver[80], topic[256], reason[200];
};
bool alert_letter_read(const rd_kafka_message_t *message, struct alert_delivery *delivery,
                       struct alert_letter_texts *texts);

#endif
