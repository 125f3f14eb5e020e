/* load_send.c: an idempotent producer. */
#include "load_send.h"

#include <stdio.h>

#include "client.h"
#include "clock.h"
#include "engine/memory.h"
#include "interrupt.h"

enum { FULL_MS = 20, FLUSH_MS = 60000, STEP_MS = 100, GATHER_MS = 50, ASK_MS = 5000, TROUBLE = 400 };

struct load_sender {
  rd_kafka_t *client;
  rd_kafka_topic_t *at;
  const char *topic;
  load_sent *sent;
  void *context;
  uint64_t lost;
  char trouble[TROUBLE]; /* the first record's that was lost, or the last that librdkafka told */
};

static void note_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *context) {
  (void)client;
  struct load_sender *sender = context;
  if (message->err) {
    if (sender->lost++ == 0)
      snprintf(sender->trouble, TROUBLE, "%.300s", rd_kafka_err2str(message->err)); /* its text would be the payload */
  } else if (sender->sent) {
    sender->sent(sender->context, (uint64_t)(uintptr_t)message->_private, message->partition, message->offset);
  }
}

static void note_error(rd_kafka_t *client, int code, const char *reason, void *context) {
  (void)client, (void)code;
  struct load_sender *sender = context;
  if (sender->lost == 0) snprintf(sender->trouble, TROUBLE, "%.300s", reason);
}

static void ignore_log(const rd_kafka_t *client, int level, const char *facility, const char *text) {
  (void)client, (void)level, (void)facility, (void)text;
}

/* Where the topic's partitions are, beforehand: a first record would otherwise wait for it for up to a second. What is wrong with the
 * topic is found by the records. */
static void know_topic(struct load_sender *sender) {
  const struct rd_kafka_metadata *metadata;
  sender->at = rd_kafka_topic_new(sender->client, sender->topic, NULL);
  if (rd_kafka_metadata(sender->client, 0, sender->at, &metadata, ASK_MS) == RD_KAFKA_RESP_ERR_NO_ERROR)
    rd_kafka_metadata_destroy(metadata);
}

struct load_sender *load_sender_open(const struct settings *settings, const char *topic, int linger_ms, load_sent *sent,
                                     void *context, char *why, size_t room) {
  char number[16];
  rd_kafka_conf_t *conf = client_conf(settings, RD_KAFKA_PRODUCER, why, room);
  if (!conf) return NULL;
  struct load_sender *sender = memory_zeroed(1, sizeof *sender);
  *sender = (struct load_sender){.topic = topic, .sent = sent, .context = context};
  snprintf(number, sizeof number, "%d", linger_ms);
  client_set(conf, "enable.idempotence", "true");
  client_set(conf, "partitioner", "murmur2_random");
  client_set_default(conf, settings, "compression.codec", "lz4");
  client_set_default(conf, settings, "linger.ms", number);
  client_set_default(conf, settings, "queue.buffering.max.messages", "200000");
  rd_kafka_conf_set_dr_msg_cb(conf, note_delivery);
  rd_kafka_conf_set_error_cb(conf, note_error);
  rd_kafka_conf_set_log_cb(conf, ignore_log);
  rd_kafka_conf_set_opaque(conf, sender);
  sender->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, room);
  if (sender->client) {
    know_topic(sender);
    return sender;
  }
  rd_kafka_conf_destroy(conf);
  memory_free(sender);
  return NULL;
}

bool load_send(struct load_sender *sender, const struct load_event *event, uint64_t tag) {
  rd_kafka_resp_err_t code;
  do {
    code = rd_kafka_producev(sender->client, RD_KAFKA_V_RKT(sender->at), RD_KAFKA_V_KEY(event->key, event->key_length),
                             RD_KAFKA_V_VALUE(event->payload.at, event->payload.length),
                             RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE((void *)(uintptr_t)tag),
                             RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) rd_kafka_poll(sender->client, FULL_MS);
  } while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && sender->lost == 0 && !interrupt_seen());
  if (code && code != RD_KAFKA_RESP_ERR__QUEUE_FULL && sender->lost++ == 0)
    snprintf(sender->trouble, TROUBLE, "%.300s", rd_kafka_err2str(code));
  return sender->lost == 0;
}

void load_sender_poll(struct load_sender *sender) { rd_kafka_poll(sender->client, 0); }

bool load_sender_close(struct load_sender *sender, char *why, size_t room) {
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__TIMED_OUT;
  for (int waited = 0; code && waited < FLUSH_MS && sender->lost == 0 && !interrupt_seen(); waited += STEP_MS)
    code = rd_kafka_flush(sender->client, STEP_MS);
  bool good = !code && sender->lost == 0;
  if (!good) {
    const char *trouble = *sender->trouble ? sender->trouble : rd_kafka_err2str(code);
    snprintf(why, room, "%.200s: %.400s", sender->topic, interrupt_seen() ? "interrupted" : trouble);
  }
  rd_kafka_purge(sender->client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_topic_destroy(sender->at);
  rd_kafka_destroy(sender->client);
  memory_free(sender);
  return good;
}

bool load_fill(const struct settings *settings, const char *topic, const struct load_order *order, uint64_t from,
               uint64_t to, char *why, size_t room) {
  struct load_event event = {0};
  struct load_sender *sender = load_sender_open(settings, topic, GATHER_MS, NULL, NULL, why, room);
  if (!sender) return false;
  for (uint64_t i = from; i < to && !interrupt_seen(); i++) {
    load_make(order, i, &event);
    if (!load_send(sender, &event, i)) break;
    if (i % 1024 == 0) load_sender_poll(sender);
  }
  load_event_fini(&event);
  return load_sender_close(sender, why, room);
}
