/* test_client.c: what a client asks where the leader of a partition has changed. May use: everything. */
#include "cluster.h"

enum { ASK_MS = 2000, FIRST = 1, SECOND = 2 };

static void start(struct cluster *cluster) {
  char why[600];
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  client_set(conf, "test.mock.num.brokers", "2");
  rd_kafka_conf_set_log_cb(conf, NULL);
  cluster->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  assert_non_null(cluster->client);
  cluster->mock = rd_kafka_handle_mock_cluster(cluster->client);
  assert_int_equal(rd_kafka_mock_topic_create(cluster->mock, "log", 1, 2), RD_KAFKA_RESP_ERR_NO_ERROR);
}

static rd_kafka_t *open_reader(const struct cluster *cluster) {
  char why[600];
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  client_set(conf, "bootstrap.servers", cluster_bootstrap(cluster));
  rd_kafka_conf_set_log_cb(conf, NULL);
  rd_kafka_t *reader = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
  assert_non_null(reader);
  return reader;
}

static void lead(const struct cluster *cluster, int32_t broker) {
  assert_int_equal(rd_kafka_mock_partition_set_leader(cluster->mock, "log", 0, broker), RD_KAFKA_RESP_ERR_NO_ERROR);
}

/* Until there is an answer. */
static void ask(rd_kafka_t *reader, int64_t *offset) {
  int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  while (client_offset(reader, "log", 0, RD_KAFKA_OFFSET_END, ASK_MS, offset))
    check_deadline(until_ns, "where the log ends");
}

/* librdkafka 2.0 would go on asking the old leader until its metadata are due again, which is after minutes. */
static void test_another_leads(void **state) {
  (void)state;
  struct cluster cluster;
  int64_t offset = -1;
  start(&cluster);
  rd_kafka_t *reader = open_reader(&cluster);
  lead(&cluster, FIRST);
  ask(reader, &offset);
  assert_int_equal(offset, 0);
  for (int i = 0; i < 4; i++) {
    lead(&cluster, i % 2 ? FIRST : SECOND);
    offset = -1;
    assert_int_equal(client_offset(reader, "log", 0, RD_KAFKA_OFFSET_END, CLUSTER_PATIENCE_MS, &offset), 0);
    assert_int_equal(offset, 0);
  }
  rd_kafka_destroy(reader);
  cluster_stop(&cluster);
}

/* The leader has gone, and nobody says so: the request's time is over, and then the other one is asked. */
static void test_leader_gone(void **state) {
  (void)state;
  struct cluster cluster;
  int64_t offset = -1;
  start(&cluster);
  rd_kafka_t *reader = open_reader(&cluster);
  lead(&cluster, SECOND);
  ask(reader, &offset);
  rd_kafka_mock_broker_set_down(cluster.mock, SECOND);
  lead(&cluster, FIRST);
  offset = -1;
  ask(reader, &offset);
  assert_int_equal(offset, 0);
  rd_kafka_destroy(reader);
  cluster_stop(&cluster);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_another_leads), cmocka_unit_test(test_leader_gone)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
