/* state_topic.c: a thread that takes uploads from a queue, one after the other. Delivery reports count an upload's records down. An upload
 * is held by its worker, by the thread and by each record that is on its way; whoever lets go last frees it. */
#include "state_topic.h"

#include <assert.h>
#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../consumer/client.h"
#include "../consumer/crash.h"
#include "../consumer/engine/memory.h"
#include "../consumer/log.h"
#include "../consumer/snapshot_chunk.h"

enum { POLL_MS = 100, FLUSH_MS = 200 };

struct state_topic {
  const struct shutdown *shutdown;
  rd_kafka_t *producer;
  rd_kafka_topic_t *topic;
  const char *name;
  pthread_t thread;
  pthread_mutex_t mutex; /* of the queue */
  struct upload *first, *last;
  atomic_bool closing;
};

struct upload {
  struct upload *next;
  struct upload_order order;
  const char *topic; /* its name, of the settings */
  atomic_int holders;
  atomic_int moving; /* records, and one until all are sent */
  atomic_bool failed;
};

static void let_go(struct upload *upload) {
  if (atomic_fetch_sub(&upload->holders, 1) == 1) memory_free(upload);
}

static void fail(struct upload *upload, const char *why) {
  if (atomic_exchange(&upload->failed, true)) return;
  log_warning("snapshot not uploaded", why, log_text("topic", upload->topic),
              log_number("partition", upload->order.partition));
}

static void note_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *context) {
  (void)client, (void)context;
  struct upload *upload = message->_private;
  CRASH_POINT("upload-delivered");
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) fail(upload, rd_kafka_err2str(message->err));
  atomic_fetch_sub(&upload->moving, 1);
  let_go(upload);
}

static void note_error(rd_kafka_t *client, int code, const char *reason, void *context) {
  (void)client, (void)context;
  log_warning("kafka error", reason, log_text("code", rd_kafka_err2name(code)), log_text("client", "snapshots"));
}

/* --- the thread --- */

/* value.at == NULL: null, the key is no more. A full queue is waited for. */
static void produce(struct state_topic *topic, struct upload *upload, const char *key, struct slice value) {
  rd_kafka_resp_err_t code;
  atomic_fetch_add(&upload->holders, 1);
  atomic_fetch_add(&upload->moving, 1);
  do {
    code =
        rd_kafka_producev(topic->producer, RD_KAFKA_V_RKT(topic->topic), RD_KAFKA_V_PARTITION(upload->order.partition),
                          RD_KAFKA_V_KEY(key, strlen(key)), RD_KAFKA_V_VALUE((void *)(uintptr_t)value.at, value.length),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE(upload), RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) rd_kafka_poll(topic->producer, POLL_MS);
  } while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && !shutdown_over(topic->shutdown));
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  fail(upload, rd_kafka_err2str(code));
  atomic_fetch_sub(&upload->moving, 1);
  let_go(upload);
}

/* A piece of the file. */
static bool read_piece(struct upload *upload, struct snapshot_piece piece, char *to) {
  for (size_t done = 0; done < piece.length;) {
    ssize_t count = pread(upload->order.descriptor, to + done, piece.length - done, (off_t)(piece.at + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      fail(upload, count < 0 ? strerror(errno) : "the file is shorter than it was written");
      return false;
    }
    done += (size_t)count;
  }
  return true;
}

static void send_upload(struct state_topic *topic, struct upload *upload) {
  const struct upload_order *order = &upload->order;
  const uint32_t count = snapshot_chunk_count(order->bytes);
  char key[SNAPSHOT_CHUNK_KEY], *bytes = memory_grown(NULL, SNAPSHOT_CHUNK_BYTES);
  CRASH_POINT("upload-begun");
  struct buffer value = {0};
  for (uint32_t i = 0; i < count && !atomic_load(&upload->failed); i++) {
    if (!read_piece(upload, snapshot_chunk_piece(order->bytes, i), bytes)) break;
    value.length = 0;
    snapshot_chunk_key(key, order->partition, order->generation, i);
    snapshot_chunk_encode(&value, order->id, order->bytes, i, bytes);
    produce(topic, upload, key, (struct slice){value.at, (uint32_t)value.length});
    CRASH_POINT("upload-piece-sent");
  }
  for (uint32_t i = count; i < order->end && !atomic_load(&upload->failed); i++) {
    snapshot_chunk_key(key, order->partition, order->generation, i);
    produce(topic, upload, key, (struct slice){0});
  }
  memory_free(bytes);
  buffer_fini(&value);
}

static struct upload *queue_take(struct state_topic *topic) {
  pthread_mutex_lock(&topic->mutex);
  struct upload *upload = topic->first;
  if (upload) topic->first = upload->next;
  pthread_mutex_unlock(&topic->mutex);
  return upload;
}

static void *run(void *context) {
  struct state_topic *topic = context;
  struct upload *upload;
  do {
    rd_kafka_poll(topic->producer, POLL_MS);
    while ((upload = queue_take(topic))) {
      if (shutdown_over(topic->shutdown)) fail(upload, "the daemon ends");
      else send_upload(topic, upload);
      close(upload->order.descriptor);
      atomic_fetch_sub(&upload->moving, 1);
      let_go(upload);
    }
  } while (!atomic_load(&topic->closing) ||
           (rd_kafka_outq_len(topic->producer) > 0 && !shutdown_over(topic->shutdown)));
  return NULL;
}

/* --- opening and closing --- */

static rd_kafka_t *open_producer(const struct settings *settings, char *why, size_t room) {
  char kilobytes[16];
  rd_kafka_conf_t *conf = client_conf(settings, RD_KAFKA_PRODUCER, why, room);
  if (!conf) return NULL;
  snprintf(kilobytes, sizeof kilobytes, "%d", STATE_TOPIC_KB);
  client_set(conf, "enable.idempotence", "true");
  client_set(conf, "message.max.bytes", "1000000"); /* a chunk and its head */
  client_set(conf, "queue.buffering.max.kbytes", kilobytes);
  client_set(conf, "compression.codec", "lz4");
  rd_kafka_conf_set_dr_msg_cb(conf, note_delivery);
  rd_kafka_conf_set_error_cb(conf, note_error);
  rd_kafka_t *producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, room);
  if (!producer) rd_kafka_conf_destroy(conf);
  return producer;
}

static void take_down(struct state_topic *topic) {
  rd_kafka_topic_destroy(topic->topic);
  rd_kafka_destroy(topic->producer);
  pthread_mutex_destroy(&topic->mutex);
  memory_free(topic);
}

struct state_topic *state_topic_open(const struct settings *settings, const struct shutdown *shutdown, char *why,
                                     size_t room) {
  rd_kafka_t *producer = open_producer(settings, why, room);
  if (!producer) return NULL;
  struct state_topic *topic = memory_zeroed(1, sizeof *topic);
  topic->shutdown = shutdown;
  topic->producer = producer;
  topic->name = settings->state;
  topic->topic = rd_kafka_topic_new(producer, settings->state, NULL);
  assert(topic->topic);
  pthread_mutex_init(&topic->mutex, NULL);
  if (pthread_create(&topic->thread, NULL, run, topic) == 0) return topic;
  snprintf(why, room, "no thread can be started");
  take_down(topic);
  return NULL;
}

void state_topic_close(struct state_topic *topic) {
  if (!topic) return;
  atomic_store(&topic->closing, true);
  pthread_join(topic->thread, NULL);
  rd_kafka_purge(topic->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(topic->producer, FLUSH_MS);
  take_down(topic);
}

/* --- uploads, by their workers --- */

struct upload *upload_begin(struct state_topic *topic, const struct upload_order *order) {
  struct upload *upload = memory_zeroed(1, sizeof *upload);
  upload->order = *order;
  upload->topic = topic->name;
  atomic_init(&upload->holders, 2); /* the worker and the thread */
  atomic_init(&upload->moving, 1);
  pthread_mutex_lock(&topic->mutex);
  if (topic->first) topic->last->next = upload;
  else topic->first = upload;
  topic->last = upload;
  pthread_mutex_unlock(&topic->mutex);
  return upload;
}

enum upload_state upload_state(const struct upload *upload) {
  if (atomic_load(&upload->failed)) return UPLOAD_FAILED;
  return atomic_load(&upload->moving) == 0 ? UPLOAD_DONE : UPLOAD_MOVING;
}

void upload_release(struct upload *upload) { let_go(upload); }
