/* demo_cluster.c: may use: librdkafka (rdkafka_mock.h too), clock, client.h. */
#include "demo_cluster.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

#include <librdkafka/rdkafka_mock.h> /* wants rdkafka.h before it */

#include "client.h"
#include "clock.h"
#include "engine/memory.h"

enum { WAIT_MS = 10000, POLL_MS = 100, WHY = 512 };

struct demo_cluster {
  rd_kafka_t *client; /* the mock lives in it; it writes, too */
  rd_kafka_mock_cluster_t *mock;
  int64_t outstanding; /* records whose delivery has not been reported */
  rd_kafka_resp_err_t failed;
};

static bool say(char *why, size_t room, const char *what, const char *reason) {
  snprintf(why, room, "%s: %s", what, reason);
  return false;
}

static void ignore_log(const rd_kafka_t *client, int level, const char *facility, const char *text) {
  (void)client, (void)level, (void)facility, (void)text;
}

/* The opaque is the offset that the record has to get, plus one. */
static void note_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *context) {
  (void)client;
  struct demo_cluster *cluster = context;
  cluster->outstanding--;
  if (message->err) cluster->failed = message->err;
  if (!message->err && message->offset + 1 != (int64_t)(intptr_t)message->_private)
    cluster->failed = RD_KAFKA_RESP_ERR__INCONSISTENT;
}

static rd_kafka_t *make_client(rd_kafka_type_t type, rd_kafka_conf_t *conf, char *why, size_t room) {
  rd_kafka_conf_set_log_cb(conf, ignore_log);
  rd_kafka_t *client = rd_kafka_new(type, conf, why, room);
  if (!client) rd_kafka_conf_destroy(conf);
  return client;
}

/* Its threads are born deaf to signals: where one interrupts its poll, the mock takes itself down (rdkafka_mock.c), while others use it. */
static rd_kafka_t *make_mock(rd_kafka_conf_t *conf, char *why, size_t room) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  rd_kafka_t *client = make_client(RD_KAFKA_PRODUCER, conf, why, room);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return client;
}

struct demo_cluster *demo_cluster_start(char *why, size_t room) {
  struct demo_cluster *cluster = memory_zeroed(1, sizeof *cluster);
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  client_set(conf, "test.mock.num.brokers", "1");
  client_set(conf, "max.in.flight", "1"); /* records stay in order */
  rd_kafka_conf_set_opaque(conf, cluster);
  rd_kafka_conf_set_dr_msg_cb(conf, note_delivery);
  cluster->client = make_mock(conf, why, room);
  if (cluster->client) cluster->mock = rd_kafka_handle_mock_cluster(cluster->client);
  if (cluster->mock) return cluster;
  if (cluster->client) say(why, room, "the embedded broker", "librdkafka was built without its mock cluster");
  demo_cluster_stop(cluster);
  return NULL;
}

void demo_cluster_stop(struct demo_cluster *cluster) {
  if (!cluster) return;
  if (cluster->client) rd_kafka_destroy(cluster->client);
  memory_free(cluster);
}

const char *demo_cluster_bootstrap(const struct demo_cluster *cluster) {
  return rd_kafka_mock_cluster_bootstraps(cluster->mock);
}

bool demo_cluster_make_topics(struct demo_cluster *cluster, const struct settings *settings, char *why, size_t room) {
  const char *const names[] = {settings->inputs.at[0], settings->stage_changes, settings->dead_letters,
                               settings->state,        settings->journal,       settings->definitions_topic};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    int partitions = names[i] == settings->definitions_topic ? 1 : DEMO_PARTITIONS;
    rd_kafka_resp_err_t code = rd_kafka_mock_topic_create(cluster->mock, names[i], partitions, 1);
    if (code) return say(why, room, names[i], rd_kafka_err2str(code));
  }
  return true;
}

int32_t demo_partition(const char *key) {
  if (!*key) return 0;
  return rd_kafka_msg_partitioner_murmur2(NULL, key, strlen(key), DEMO_PARTITIONS, NULL, NULL);
}

/* Writing */

static rd_kafka_resp_err_t write_event(struct demo_cluster *cluster, const char *topic, const struct demo_event *event,
                                       int32_t partition, int64_t offset) {
  size_t key_length = strlen(event->key);
  const char *key = key_length > 0 ? event->key : NULL;
  return rd_kafka_producev(
      cluster->client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_KEY(key, key_length),
      RD_KAFKA_V_VALUE((void *)(uintptr_t)event->payload, event->length), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_TIMESTAMP(event->timestamp_ms), RD_KAFKA_V_OPAQUE((void *)(intptr_t)(offset + 1)), RD_KAFKA_V_END);
}

bool demo_cluster_write(struct demo_cluster *cluster, const char *topic, const struct demo_events *events, char *why,
                        size_t room) {
  int64_t next[DEMO_PARTITIONS] = {0};
  for (int32_t i = 0; i < events->count && !cluster->failed; i++) {
    int32_t partition = demo_partition(events->at[i].key);
    cluster->failed = write_event(cluster, topic, &events->at[i], partition, next[partition]++);
    cluster->outstanding += !cluster->failed;
  }
  rd_kafka_resp_err_t flushed = rd_kafka_flush(cluster->client, WAIT_MS);
  if (!cluster->failed) cluster->failed = flushed;
  if (!cluster->failed && cluster->outstanding > 0) cluster->failed = RD_KAFKA_RESP_ERR__FAIL;
  return !cluster->failed || say(why, room, topic, rd_kafka_err2str(cluster->failed));
}

/* Reading */

static rd_kafka_t *make_reader(const struct demo_cluster *cluster, char *why, size_t room) {
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  client_set(conf, "bootstrap.servers", demo_cluster_bootstrap(cluster));
  client_set(conf, "group.id", "handover-demo-reader"); /* assign() asks for one */
  client_set(conf, "enable.auto.commit", "false");
  client_set(conf, "enable.partition.eof", "true");
  client_set(conf, "auto.offset.reset", "error");
  client_set(conf, "isolation.level", "read_uncommitted"); /* the mock knows no other; all is committed by now */
  client_set(conf, "fetch.wait.max.ms", "10");
  return make_client(RD_KAFKA_CONSUMER, conf, why, room);
}

static rd_kafka_resp_err_t assign(rd_kafka_t *reader, const char *topic) {
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(DEMO_PARTITIONS);
  for (int32_t i = 0; i < DEMO_PARTITIONS; i++) rd_kafka_topic_partition_list_add(list, topic, i)->offset = 0;
  rd_kafka_resp_err_t code = rd_kafka_assign(reader, list);
  rd_kafka_topic_partition_list_destroy(list);
  return code;
}

/* Until each partition has ended. */
static rd_kafka_resp_err_t read_all(rd_kafka_t *reader, demo_cluster_take *take, void *context) {
  int64_t end_ns = clock_monotonic_ns() + WAIT_MS * INT64_C(1000000);
  bool ended[DEMO_PARTITIONS] = {false};
  int32_t left = DEMO_PARTITIONS;
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  while (left > 0 && !code) {
    rd_kafka_message_t *message = rd_kafka_consumer_poll(reader, POLL_MS);
    if (!message || message->err == RD_KAFKA_RESP_ERR__TRANSPORT) {
      if (clock_monotonic_ns() > end_ns) code = RD_KAFKA_RESP_ERR__TIMED_OUT;
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      left -= !ended[message->partition];
      ended[message->partition] = true;
    } else if (message->err) {
      code = message->err;
    } else {
      take(context, message);
    }
    if (message) rd_kafka_message_destroy(message);
  }
  return code;
}

bool demo_cluster_read(struct demo_cluster *cluster, const char *topic, demo_cluster_take *take, void *context,
                       char *why, size_t room) {
  rd_kafka_t *reader = make_reader(cluster, why, room);
  if (!reader) return false;
  rd_kafka_poll_set_consumer(reader);
  rd_kafka_resp_err_t code = assign(reader, topic);
  if (!code) code = read_all(reader, take, context);
  rd_kafka_destroy(reader);
  return !code || say(why, room, topic, rd_kafka_err2str(code));
}
