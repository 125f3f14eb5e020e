/* alert_letter.c: an idempotent producer, and the record's headers both ways. */
#include "alert_letter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../consumer/client.h"
#include "../consumer/clock.h"
#include "../consumer/engine/memory.h"
#include "../consumer/log.h"
#include "../consumer/message.h"
#include "encode.h"

enum { ENDS_MOST = 1024, CLOSE_MS = 3000, WHY = 600 };
#define TELL_NS (INT64_C(60) * 1000000000)

struct alert_letters {
  const struct settings *settings;
  rd_kafka_t *client;
  struct alert_letter_end ends[ENDS_MOST];
  int32_t count, sent; /* sent: and not yet ended */
  int64_t told_ns;     /* when the log told last that they do not get there; 0: they do */
  char trouble[WHY];
};

static void note_error(rd_kafka_t *client, int code, const char *reason, void *context) {
  struct alert_letters *letters = context;
  char why[WHY / 2];
  log_warning("kafka error", reason, log_text("code", rd_kafka_err2name(code)), log_text("client", "undelivered"));
  if (code != RD_KAFKA_RESP_ERR__FATAL || *letters->trouble) return;
  rd_kafka_fatal_error(client, why, sizeof why);
  snprintf(letters->trouble, sizeof letters->trouble, "%.250s: %s", letters->settings->undelivered, why);
}

/* Once a minute, and once when it works again. */
static void tell(struct alert_letters *letters, rd_kafka_resp_err_t code) {
  const char *topic = letters->settings->undelivered;
  int64_t now_ns = clock_monotonic_ns();
  if (!code && letters->told_ns) log_info("undelivered", "the topic takes what was given up", log_text("topic", topic));
  if (!code) letters->told_ns = 0;
  if (!code || (letters->told_ns && now_ns - letters->told_ns < TELL_NS)) return;
  log_error("undelivered", "what was given up cannot be written, and is kept until it can", log_text("topic", topic),
            log_text("reason", rd_kafka_err2str(code)));
  letters->told_ns = now_ns;
}

static void note_end(rd_kafka_t *client, const rd_kafka_message_t *message, void *context) {
  (void)client;
  struct alert_letters *letters = context;
  int64_t seq = (int64_t)(intptr_t)message->_private;
  bool purged = message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE || message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
  if (!purged) tell(letters, message->err);
  letters->sent--;
  letters->ends[letters->count++] = (struct alert_letter_end){seq, !message->err};
}

struct alert_letters *alert_letters_open(const struct settings *settings, int socket, char *why, size_t room) {
  rd_kafka_conf_t *conf = client_conf(settings, RD_KAFKA_PRODUCER, why, room);
  if (!conf) return NULL;
  struct alert_letters *letters = memory_zeroed(1, sizeof *letters);
  letters->settings = settings;
  client_set(conf, "enable.idempotence", "true");
  client_set(conf, "message.max.bytes", "2000000");              /* the topic decides */
  client_set(conf, "topic.metadata.propagation.max.ms", "1000"); /* a topic that is missing is told of soon */
  client_set_default(conf, settings, "linger.ms", "5");
  rd_kafka_conf_set_dr_msg_cb(conf, note_end);
  rd_kafka_conf_set_error_cb(conf, note_error);
  rd_kafka_conf_set_opaque(conf, letters);
  letters->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, room);
  if (!letters->client) {
    rd_kafka_conf_destroy(conf);
    memory_free(letters);
    return NULL;
  }
  rd_kafka_queue_t *queue = rd_kafka_queue_get_main(letters->client);
  rd_kafka_queue_io_event_enable(queue, socket, "l", 1);
  rd_kafka_queue_destroy(queue);
  return letters;
}

/* What is still under way has not been told of: it will be sent once more. */
void alert_letters_close(struct alert_letters *letters) {
  if (!letters) return;
  rd_kafka_queue_t *queue = rd_kafka_queue_get_main(letters->client);
  rd_kafka_queue_io_event_enable(queue, -1, NULL, 0);
  rd_kafka_queue_destroy(queue);
  rd_kafka_purge(letters->client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  letters->count = 0;
  rd_kafka_flush(letters->client, CLOSE_MS);
  rd_kafka_destroy(letters->client);
  memory_free(letters);
}

static void add(rd_kafka_headers_t *headers, const char *name, const char *value) {
  rd_kafka_header_add(headers, name, -1, value, -1);
}

static void add_number(rd_kafka_headers_t *headers, const char *name, int64_t number) {
  char text[24];
  snprintf(text, sizeof text, "%" PRId64, number);
  add(headers, name, text);
}

static rd_kafka_headers_t *headers_of(const struct alert_delivery *delivery, int64_t now_ms) {
  rd_kafka_headers_t *headers = rd_kafka_headers_new(12);
  struct buffer time = {0};
  time_append(&time, now_ms);
  add(headers, "content-type", "application/cloudevents+json");
  add(headers, "id", delivery->id);
  add(headers, "receiver", delivery->receiver);
  add(headers, "action", delivery->action == ALERT_RESOLVE ? "resolve" : "tell");
  add(headers, "reason", delivery->reason);
  add(headers, "detail", delivery->detail);
  add_number(headers, "attempts", delivery->attempts);
  rd_kafka_header_add(headers, "failed_at", -1, time.at, (ssize_t)time.length);
  add(headers, "topic", delivery->topic);
  add_number(headers, "partition", delivery->partition);
  add_number(headers, "offset", delivery->offset);
  buffer_fini(&time);
  return headers;
}

bool alert_letters_send(struct alert_letters *letters, const struct alert_delivery *delivery, int64_t now_ms) {
  if (letters->count + letters->sent >= ENDS_MOST) return false;
  rd_kafka_headers_t *headers = headers_of(delivery, now_ms);
  rd_kafka_resp_err_t code = rd_kafka_producev(
      letters->client, RD_KAFKA_V_TOPIC(letters->settings->undelivered),
      RD_KAFKA_V_KEY(delivery->lead.at, delivery->lead.length),
      RD_KAFKA_V_VALUE((void *)(uintptr_t)delivery->event.at, delivery->event.length),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_TIMESTAMP(now_ms), RD_KAFKA_V_HEADERS(headers),
      RD_KAFKA_V_OPAQUE((void *)(intptr_t)delivery->seq), RD_KAFKA_V_END);
  if (code) {
    rd_kafka_headers_destroy(headers);
    tell(letters, code);
    letters->ends[letters->count++] = (struct alert_letter_end){delivery->seq, false};
    return true;
  }
  letters->sent++;
  return true;
}

int32_t alert_letters_poll(struct alert_letters *letters, struct alert_letter_end *ends, int32_t room) {
  rd_kafka_poll(letters->client, 0);
  int32_t count = letters->count < room ? letters->count : room;
  memcpy(ends, letters->ends, (size_t)count * sizeof *ends);
  letters->count -= count;
  memmove(letters->ends, letters->ends + count, (size_t)letters->count * sizeof *ends);
  return count;
}

const char *alert_letters_trouble(const struct alert_letters *letters) {
  return *letters->trouble ? letters->trouble : NULL;
}

/* --- and back --- */

static bool text_of(const rd_kafka_message_t *message, const char *name, char *text, size_t room) {
  struct slice value = message_header(message, name);
  if (!value.at || value.length >= room || memchr(value.at, 0, value.length)) return false;
  memcpy(text, value.at, value.length);
  text[value.length] = 0;
  return true;
}

static int64_t number_of(const rd_kafka_message_t *message, const char *name) {
  char text[24];
  return text_of(message, name, text, sizeof text) ? strtoll(text, NULL, 10) : -1;
}

bool alert_letter_read(const rd_kafka_message_t *message, struct alert_delivery *delivery,
                       struct alert_letter_texts *texts) {
  char action[16];
  if (!message->payload || !text_of(message, "id", texts->id, sizeof texts->id) ||
      !text_of(message, "receiver", texts->receiver, sizeof texts->receiver) ||
      !text_of(message, "topic", texts->topic, sizeof texts->topic) ||
      !text_of(message, "action", action, sizeof action))
    return false;
  if (!text_of(message, "reason", texts->reason, sizeof texts->reason)) *texts->reason = 0;
  *delivery = (struct alert_delivery){.receiver = texts->receiver,
                                      .id = texts->id,
                                      .lead = {message->key, (uint32_t)message->key_len},
                                      .topic = texts->topic,
                                      .partition = (int32_t)number_of(message, "partition"),
                                      .offset = number_of(message, "offset"),
                                      .action = strcmp(action, "resolve") == 0 ? ALERT_RESOLVE : ALERT_TELL,
                                      .event = {message->payload, (uint32_t)message->len},
                                      .reason = texts->reason,
                                      .detail = ""};
  return true;
}
