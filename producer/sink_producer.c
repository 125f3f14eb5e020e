/* sink_producer.c: the sink's client: how it is set up, and what librdkafka reports of it while calls go on elsewhere: requests sent, messages
 * delivered or not, errors, rights that are missing. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "../consumer/budget.h"
#include "../consumer/client.h"
#include "../consumer/crash.h"
#include "../consumer/log.h"
#include "sink_inside.h"

enum {
  TRANSACTION_MS = 10000, /* the broker aborts what a dead worker left open after so long */
  END_TXN = 26,           /* ApiKey */
};

/* --- what it reports --- */

/* NOLINTNEXTLINE(readability-function-size): librdkafka's own parameters */
static rd_kafka_resp_err_t count_request(rd_kafka_t *client, int descriptor, const char *broker, int32_t broker_id,
                                         int16_t api_key, int16_t version, int32_t correlation, size_t size,
                                         void *context) {
  (void)client, (void)descriptor, (void)broker, (void)broker_id, (void)version, (void)correlation, (void)size;
  struct sink_kafka *sink = context;
  if (api_key == END_TXN) atomic_fetch_add(&sink->end_txn, 1);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t watch_requests(rd_kafka_t *client, const rd_kafka_conf_t *conf, void *context, char *error,
                                          size_t room) {
  (void)conf, (void)error, (void)room;
  return rd_kafka_interceptor_add_on_request_sent(client, "handover", count_request, context);
}

/* It says no more than that something else went wrong before: messages are purged, and no more are taken. */
static bool is_consequence(int code) {
  return code == RD_KAFKA_RESP_ERR__PURGE_QUEUE || code == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT ||
         code == RD_KAFKA_RESP_ERR__STATE || code == RD_KAFKA_RESP_ERR__FATAL;
}

/* The cause may be reported after its consequences. */
void sink_fail(struct sink_kafka *sink, rd_kafka_resp_err_t code) {
  int before = atomic_load(&sink->failed);
  if (before == RD_KAFKA_RESP_ERR_NO_ERROR || is_consequence(before)) atomic_store(&sink->failed, (int)code);
}

/* A broker that had the record from an earlier try may not say where it is. */
static void note_journal(struct sink_kafka *sink, const rd_kafka_message_t *message) {
  bool is_journal = strcmp(rd_kafka_topic_name(message->rkt), sink->settings->journal) == 0;
  if (is_journal && message->offset >= 0) sink->journal_next[message->partition] = message->offset + 1;
}

/* A delivery report; calls of the worker serve them, and of the thread that commits for it. */
static void note_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *context) {
  (void)client;
  struct sink_kafka *sink = context;
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    CRASH_POINT("delivery-reported");
    note_journal(sink, message);
    return;
  }
  int before = atomic_load(&sink->failed);
  sink_fail(sink, message->err);
  bool told = before != RD_KAFKA_RESP_ERR_NO_ERROR && !is_consequence(before);
  if (told || is_consequence(message->err)) return;
  log_warning("delivery failed", rd_kafka_err2str(message->err), log_text("topic", rd_kafka_topic_name(message->rkt)),
              log_number("partition", message->partition));
}

static void note_error(rd_kafka_t *client, int code, const char *reason, void *context) {
  (void)client;
  struct sink_kafka *sink = context;
  atomic_fetch_add(&sink->errors, 1);
  log_warning("kafka error", reason, log_text("code", rd_kafka_err2name(code)), log_text("client", "producer"));
}

/* What a transaction may not write to is said in librdkafka's log alone; later errors say that the transaction has failed. */
static void note_log(const rd_kafka_t *client, int level, const char *facility, const char *text) {
  struct sink_kafka *sink = client ? rd_kafka_opaque(client) : NULL;
  const char *what = strstr(text, "partition \"");
  if (sink && what && strstr(what, rd_kafka_err2str(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED))) {
    pthread_mutex_lock(&sink->mutex);
    snprintf(sink->refused, sizeof sink->refused, "%s", what);
    pthread_mutex_unlock(&sink->mutex);
    sink_fail(sink, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  }
  client_log(client, level, facility, text);
}

/* --- its life --- */

static rd_kafka_conf_t *configure(struct sink_kafka *sink) {
  char number[24];
  rd_kafka_conf_t *conf = client_conf(sink->settings, RD_KAFKA_PRODUCER, sink->why, sizeof sink->why);
  if (!conf) return NULL;
  client_set(conf, "transactional.id", sink->name);
  snprintf(number, sizeof number, "%d", TRANSACTION_MS);
  client_set(conf, "transaction.timeout.ms", number);
  client_set(conf, "message.max.bytes", "1000000000"); /* dead letters are as large as they came; the topic decides */
  struct budget budget = budget_share(sink->settings->buffers_mb, 1, 1, sink->settings->threads);
  client_set_default_number(conf, sink->settings, "queue.buffering.max.kbytes", budget.publish_kb);
  client_set(conf, "retry.backoff.ms", "5"); /* the broker is still writing the markers of the transaction before */
  /* A request that is not answered is given up before a transaction's time is over, and before a shutdown's. */
  client_set_default(conf, sink->settings, "socket.timeout.ms", "5000");
  rd_kafka_conf_set_dr_msg_cb(conf, note_delivery);
  rd_kafka_conf_set_error_cb(conf, note_error);
  rd_kafka_conf_set_log_cb(conf, note_log);
  rd_kafka_conf_set_opaque(conf, sink);
  rd_kafka_conf_interceptor_add_on_new(conf, "handover", watch_requests, sink);
  return conf;
}

void sink_producer_close(struct sink_kafka *sink) {
  if (!sink->producer) return;
  rd_kafka_purge(sink->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_poll(sink->producer, 0);
  for (int i = 0; i < SINK_TOPICS; i++) rd_kafka_topic_destroy(sink->topics[i]);
  rd_kafka_destroy(sink->producer);
  sink->producer = NULL;
}

bool sink_producer_open(struct sink_kafka *sink) {
  rd_kafka_conf_t *conf = configure(sink);
  if (!conf) return false;
  sink->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, sink->why, sizeof sink->why);
  if (!sink->producer) {
    rd_kafka_conf_destroy(conf);
    return false;
  }
  const char *const names[] = {[SINK_CHANGES] = sink->settings->stage_changes,
                               [SINK_DEAD_LETTERS] = sink->settings->dead_letters,
                               [SINK_JOURNAL] = sink->settings->journal};
  for (int i = 0; i < SINK_TOPICS; i++) {
    sink->topics[i] = rd_kafka_topic_new(sink->producer, names[i], NULL);
    assert(sink->topics[i]);
  }
  return true;
}

void sink_producer_warm_up(struct sink_kafka *sink) {
  for (int i = 0; i < SINK_TOPICS; i++) {
    const struct rd_kafka_metadata *metadata;
    if (rd_kafka_metadata(sink->producer, 0, sink->topics[i], &metadata, SINK_CALL_MS) == RD_KAFKA_RESP_ERR_NO_ERROR)
      rd_kafka_metadata_destroy(metadata);
  }
}
