/* cluster.h: librdkafka's mock cluster with one broker, for tests: topics, records in and out, errors to come.
 *
 * The mock shows what was aborted and discards the offsets of transactions: what is read here is every record that was ever
 * written. All waiting has a deadline; nothing waits for a time to pass. */
#ifndef HANDOVER_TESTS_CLUSTER_H
#define HANDOVER_TESTS_CLUSTER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>

#include <librdkafka/rdkafka_mock.h> /* wants rdkafka.h before it */

#include "config/settings.h"
#include "consumer/client.h"
#include "consumer/clock.h"

enum { CLUSTER_PATIENCE_MS = 120000 /* ends what hangs */, CLUSTER_BROKER = 1 };

enum api { /* ApiKeys of the protocol */
           API_PRODUCE = 0,
           API_FETCH = 1,
           API_LIST_OFFSETS = 2,
           API_OFFSET_FETCH = 9,
           API_FIND_COORDINATOR = 10,
           API_HEARTBEAT = 12,
           API_INIT_PRODUCER_ID = 22,
           API_ADD_PARTITIONS = 24,
           API_ADD_OFFSETS = 25,
           API_END_TXN = 26,
           API_TXN_OFFSET_COMMIT = 28,
};

struct cluster {
  rd_kafka_t *client; /* the mock lives in it; it writes, too */
  rd_kafka_mock_cluster_t *mock;
};

static inline int64_t deadline_ns(int64_t ms) { return clock_monotonic_ns() + ms * 1000000; }

/* Between two looks. Says what a wait that took too long was for. */
static inline void check_deadline(int64_t until_ns, const char *what) {
  const struct timespec pause = {0, 2000000};
  if (clock_monotonic_ns() >= until_ns) fail_msg("too late: %s", what);
  nanosleep(&pause, NULL);
}

static inline void cluster_start(struct cluster *cluster) {
  char why[600];
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  client_set(conf, "test.mock.num.brokers", "1");
  client_set(conf, "max.in.flight", "1"); /* records stay in order */
  client_set(conf, "linger.ms", "1");
  rd_kafka_conf_set_log_cb(conf, NULL);
  cluster->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  assert_non_null(cluster->client);
  cluster->mock = rd_kafka_handle_mock_cluster(cluster->client);
  assert_non_null(cluster->mock);
}

static inline void cluster_stop(struct cluster *cluster) { rd_kafka_destroy(cluster->client); }

static inline const char *cluster_bootstrap(const struct cluster *cluster) {
  return rd_kafka_mock_cluster_bootstraps(cluster->mock);
}

/* Of a daemon over it with one input, "in"; `kafka`: members for librdkafka, or "". The caller ends them. */
static inline void cluster_settings(const struct cluster *cluster, const char *kafka, struct settings *settings) {
  char text[800];
  struct problems problems;
  int length =
      snprintf(text, sizeof text, "{\"bootstrap\":\"%s\",\"inputs\":[\"in\"],\"instance\":\"test\",\"kafka\":{%s}}",
               cluster_bootstrap(cluster), kafka);
  assert_true(settings_parse(settings, text, (size_t)length, NULL, 0, &problems));
  problems_fini(&problems);
}

/* Metadata at once: a first message would otherwise wait for it for a second. */
static inline void cluster_topic(struct cluster *cluster, const char *name, int partitions) {
  const struct rd_kafka_metadata *metadata;
  assert_int_equal(rd_kafka_mock_topic_create(cluster->mock, name, partitions, 1), RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_topic_t *topic = rd_kafka_topic_new(cluster->client, name, NULL);
  assert_int_equal(rd_kafka_metadata(cluster->client, 0, topic, &metadata, CLUSTER_PATIENCE_MS),
                   RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_metadata_destroy(metadata);
  rd_kafka_topic_destroy(topic);
}

/* --- errors to come --- */

/* The next request of this kind is answered with an error (0: none), and so late. The test's own requests count too. */
static inline void cluster_answer(struct cluster *cluster, enum api api, rd_kafka_resp_err_t error, int ms) {
  rd_kafka_resp_err_t code =
      rd_kafka_mock_broker_push_request_error_rtts(cluster->mock, CLUSTER_BROKER, (int16_t)api, 1, error, ms);
  assert_int_equal(code, RD_KAFKA_RESP_ERR_NO_ERROR);
}

static inline void cluster_delay(struct cluster *cluster, enum api api, int ms) {
  cluster_answer(cluster, api, RD_KAFKA_RESP_ERR_NO_ERROR, ms);
}

static inline void cluster_error(struct cluster *cluster, enum api api, rd_kafka_resp_err_t error, int times) {
  for (int i = 0; i < times; i++) cluster_answer(cluster, api, error, 0);
}

/* No errors are to come any more. */
static inline void cluster_well(struct cluster *cluster, enum api api) {
  rd_kafka_mock_clear_request_errors(cluster->mock, (int16_t)api);
}

/* Every request of this kind, until cluster_well. */
static inline void cluster_ill(struct cluster *cluster, enum api api, rd_kafka_resp_err_t error) {
  enum { MANY = 4096 };
  static rd_kafka_resp_err_t errors[MANY];
  for (size_t i = 0; i < MANY; i++) errors[i] = error;
  rd_kafka_mock_push_request_errors_array(cluster->mock, (int16_t)api, MANY, errors);
}

static inline void cluster_up(struct cluster *cluster, bool up) {
  rd_kafka_resp_err_t code =
      up ? rd_kafka_mock_broker_set_up(cluster->mock, -1) : rd_kafka_mock_broker_set_down(cluster->mock, -1);
  assert_int_equal(code, RD_KAFKA_RESP_ERR_NO_ERROR);
}

/* --- records in --- */

struct put {
  const char *topic;
  int32_t partition;
  const char *key; /* NULL: none */
  const char *value;
  int64_t timestamp_ms;
};

static inline void cluster_put(struct cluster *cluster, const struct put *put) {
  size_t key_length = put->key ? strlen(put->key) : 0;
  rd_kafka_resp_err_t code = rd_kafka_producev(
      cluster->client, RD_KAFKA_V_TOPIC(put->topic), RD_KAFKA_V_PARTITION(put->partition),
      RD_KAFKA_V_KEY(put->key, key_length), RD_KAFKA_V_VALUE((void *)(uintptr_t)put->value, strlen(put->value)),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_TIMESTAMP(put->timestamp_ms), RD_KAFKA_V_END);
  assert_int_equal(code, RD_KAFKA_RESP_ERR_NO_ERROR);
}

static inline void cluster_flush(struct cluster *cluster) {
  assert_int_equal(rd_kafka_flush(cluster->client, CLUSTER_PATIENCE_MS), RD_KAFKA_RESP_ERR_NO_ERROR);
}

/* --- records out --- */

/* Everything that is in a topic, and comes to it, in the order of each partition. */
struct tape {
  rd_kafka_t *client;
  rd_kafka_topic_t *topic;
  rd_kafka_queue_t *queue;
  int partitions;
  int64_t ends[16];        /* by partition: what is known to be read */
  rd_kafka_message_t **at; /* the tape's */
  size_t count, room;
};

static inline void tape_start(struct tape *tape, const struct cluster *cluster, const char *topic, int partitions) {
  char why[600];
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  *tape = (struct tape){.partitions = partitions};
  client_set(conf, "bootstrap.servers", cluster_bootstrap(cluster));
  client_set(conf, "fetch.wait.max.ms", "10");
  rd_kafka_conf_set_log_cb(conf, NULL);
  client_set(conf, "auto.offset.reset", "error");
  client_set(conf, "enable.partition.eof", "true");
  rd_kafka_conf_set(conf, "metadata.recovery.strategy", "none", why,
                    sizeof why); /* as client_conf, where it is known */
  tape->client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
  assert_non_null(tape->client);
  tape->topic = rd_kafka_topic_new(tape->client, topic, NULL);
  tape->queue = rd_kafka_queue_new(tape->client);
  for (int32_t p = 0; p < partitions; p++)
    assert_int_equal(rd_kafka_consume_start_queue(tape->topic, p, 0, tape->queue), 0);
}

static inline void tape_stop(struct tape *tape) {
  for (size_t i = 0; i < tape->count; i++) rd_kafka_message_destroy(tape->at[i]);
  free(tape->at);
  for (int32_t p = 0; p < tape->partitions; p++) rd_kafka_consume_stop(tape->topic, p);
  rd_kafka_queue_destroy(tape->queue);
  rd_kafka_topic_destroy(tape->topic);
  rd_kafka_destroy(tape->client);
}

/* Takes one message where one comes. An end is not always behind a message: the mock of librdkafka 2.16 puts a marker behind each transaction. */
static inline void tape_pull(struct tape *tape, int wait_ms) {
  rd_kafka_message_t *message = rd_kafka_consume_queue(tape->queue, wait_ms);
  if (!message) return;
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    tape->ends[message->partition] = message->offset;
    rd_kafka_message_destroy(message);
    return;
  }
  assert_int_equal(message->err, RD_KAFKA_RESP_ERR_NO_ERROR);
  if (tape->count == tape->room) {
    tape->room = tape->room ? tape->room * 2 : 256;
    tape->at = realloc(tape->at, tape->room * sizeof(rd_kafka_message_t *));
    assert_non_null(tape->at);
  }
  tape->ends[message->partition] = message->offset + 1;
  tape->at[tape->count++] = message;
}

/* Takes all that is there now. */
static inline void tape_catch_up(struct tape *tape) {
  int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS), begin, end;
  for (int32_t p = 0; p < tape->partitions; p++) {
    rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(tape->client, rd_kafka_topic_name(tape->topic), p,
                                                                &begin, &end, CLUSTER_PATIENCE_MS);
    assert_int_equal(code, RD_KAFKA_RESP_ERR_NO_ERROR);
    while (tape->ends[p] < end) {
      tape_pull(tape, 20);
      check_deadline(until_ns, rd_kafka_topic_name(tape->topic));
    }
  }
}

/* Compares a message's value with a text. */
static inline bool message_is(const rd_kafka_message_t *message, const char *text) {
  return message->len == strlen(text) && memcmp(message->payload, text, message->len) == 0;
}

/* A header as text, into `text`; "" where it is not there. */
static inline const char *message_header(const rd_kafka_message_t *message, const char *name, char *text, size_t room) {
  rd_kafka_headers_t *headers;
  const void *value;
  size_t length = 0;
  if (rd_kafka_message_headers(message, &headers) || rd_kafka_header_get_last(headers, name, &value, &length))
    length = 0;
  snprintf(text, room, "%.*s", (int)length, length ? (const char *)value : "");
  return text;
}

#endif
