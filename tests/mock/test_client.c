/* test_client.c: what a client asks where the leader of a partition has changed, or nobody is there. May use: everything. */
#include "cluster.h"

#include <stdatomic.h>

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

static atomic_int lines;

static void count_line(const rd_kafka_t *client, int level, const char *facility, const char *text) {
  (void)client, (void)level, (void)facility, (void)text;
  atomic_fetch_add(&lines, 1);
}

/* The mock's brokers are gone: they are tried less and less often, by each librdkafka, and once there again found. */
static void test_nobody_there(void **state) {
  (void)state;
  struct cluster cluster;
  struct settings settings;
  char why[600];
  int64_t offset = -1;
  start(&cluster);
  cluster_settings(&cluster, "", &settings);
  for (int32_t broker = FIRST; broker <= SECOND; broker++) rd_kafka_mock_broker_set_down(cluster.mock, broker);
  rd_kafka_conf_t *conf = client_conf(&settings, RD_KAFKA_CONSUMER, why, sizeof why);
  assert_non_null(conf);
  rd_kafka_conf_set_log_cb(conf, count_line);
  rd_kafka_t *reader = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
  assert_non_null(reader);
  assert_true(client_offset(reader, "log", 0, RD_KAFKA_OFFSET_END, ASK_MS, &offset) != RD_KAFKA_RESP_ERR_NO_ERROR);
  assert_in_range(atomic_load(&lines), 1, 12);
  for (int32_t broker = FIRST; broker <= SECOND; broker++) rd_kafka_mock_broker_set_up(cluster.mock, broker);
  ask(reader, &offset);
  assert_int_equal(offset, 0);
  rd_kafka_destroy(reader);
  settings_fini(&settings);
  cluster_stop(&cluster);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_another_leads), cmocka_unit_test(test_leader_gone),
                                     cmocka_unit_test(test_nobody_there)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
