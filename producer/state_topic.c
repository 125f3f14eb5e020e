/* state_topic.c: delivery reports count an upload's records down. An upload is held by its worker and by each record that is on
 * its way; whoever lets go last frees it. */
#include "state_topic.h"

#include <assert.h>
#include <librdkafka/rdkafka.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "../consumer/client.h"
#include "../consumer/engine/memory.h"
#include "../consumer/log.h"

enum { POLL_MS = 100, FLUSH_MS = 200 };

struct state_topic {
  const struct shutdown *shutdown;
  rd_kafka_t *producer;
  rd_kafka_topic_t *topic;
};

struct upload {
  struct state_topic *topic;
  atomic_int holders;
  atomic_int moving; /* records, and one until upload_end */
  atomic_bool failed;
};

static void let_go(struct upload *upload) {
  if (atomic_fetch_sub(&upload->holders, 1) == 1) memory_free(upload);
}

static void note_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *context) {
  (void)client, (void)context;
  struct upload *upload = message->_private;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && !atomic_exchange(&upload->failed, true))
    log_warning("snapshot not uploaded", rd_kafka_err2str(message->err), log_number("partition", message->partition));
  atomic_fetch_sub(&upload->moving, 1);
  let_go(upload);
}

static void note_error(rd_kafka_t *client, int code, const char *reason, void *context) {
  (void)client, (void)context;
  log_warning("kafka error", reason, log_text("code", rd_kafka_err2name(code)), log_text("client", "snapshots"));
}

struct state_topic *state_topic_open(const struct settings *settings, const struct shutdown *shutdown, char *why,
                                     size_t room) {
  rd_kafka_conf_t *conf = client_conf(settings, RD_KAFKA_PRODUCER, why, room);
  if (!conf) return NULL;
  client_set(conf, "enable.idempotence", "true");
  client_set(conf, "message.max.bytes", "1000000"); /* a chunk and its head */
  client_set(conf, "compression.codec", "lz4");
  rd_kafka_conf_set_dr_msg_cb(conf, note_delivery);
  rd_kafka_conf_set_error_cb(conf, note_error);
  rd_kafka_t *producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, room);
  if (!producer) {
    rd_kafka_conf_destroy(conf);
    return NULL;
  }
  struct state_topic *topic = memory_zeroed(1, sizeof *topic);
  topic->shutdown = shutdown;
  topic->producer = producer;
  topic->topic = rd_kafka_topic_new(producer, settings->state, NULL);
  assert(topic->topic);
  return topic;
}

void state_topic_close(struct state_topic *topic) {
  if (!topic) return;
  while (rd_kafka_outq_len(topic->producer) > 0 && !shutdown_over(topic->shutdown))
    rd_kafka_flush(topic->producer, FLUSH_MS);
  rd_kafka_purge(topic->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(topic->producer, FLUSH_MS);
  rd_kafka_topic_destroy(topic->topic);
  rd_kafka_destroy(topic->producer);
  memory_free(topic);
}

void state_topic_poll(struct state_topic *topic) { rd_kafka_poll(topic->producer, 0); }

struct upload *upload_begin(struct state_topic *topic) {
  struct upload *upload = memory_zeroed(1, sizeof *upload);
  upload->topic = topic;
  atomic_init(&upload->holders, 1);
  atomic_init(&upload->moving, 1);
  return upload;
}

void upload_put(struct upload *upload, int32_t partition, struct slice key, struct slice value) {
  struct state_topic *topic = upload->topic;
  if (atomic_load(&upload->failed)) return;
  atomic_fetch_add(&upload->holders, 1);
  atomic_fetch_add(&upload->moving, 1);
  rd_kafka_resp_err_t code;
  do {
    code = rd_kafka_producev(topic->producer, RD_KAFKA_V_RKT(topic->topic), RD_KAFKA_V_PARTITION(partition),
                             RD_KAFKA_V_KEY(key.at, key.length),
                             RD_KAFKA_V_VALUE((void *)(uintptr_t)value.at, value.length),
                             RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE(upload), RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) rd_kafka_poll(topic->producer, POLL_MS);
  } while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && !shutdown_over(topic->shutdown));
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  atomic_store(&upload->failed, true);
  atomic_fetch_sub(&upload->moving, 1);
  let_go(upload);
}

void upload_end(struct upload *upload) { atomic_fetch_sub(&upload->moving, 1); }

enum upload_state upload_state(const struct upload *upload) {
  rd_kafka_poll(upload->topic->producer, 0);
  if (atomic_load(&upload->failed)) return UPLOAD_FAILED;
  return atomic_load(&upload->moving) == 0 ? UPLOAD_DONE : UPLOAD_MOVING;
}

void upload_release(struct upload *upload) { let_go(upload); }
