/* test_topics_check.c: the daemon's question at its start, against librdkafka's mock cluster. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>

#include <librdkafka/rdkafka_mock.h> /* wants rdkafka.h before it */

#include "consumer/client.h"
#include "producer/topics.h"

struct cluster {
  struct settings settings;
  rd_kafka_t *client;
  rd_kafka_mock_cluster_t *mock;
};

static void cluster_start(struct cluster *cluster) {
  static const char text[] = "{\"bootstrap\":\"mock\",\"inputs\":[\"one\",\"two\"]}";
  char why[600];
  struct problems problems;
  assert_true(settings_parse(&cluster->settings, text, sizeof text - 1, NULL, 0, &problems));
  problems_fini(&problems);
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  client_set(conf, "test.mock.num.brokers", "3");
  cluster->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  assert_non_null(cluster->client);
  cluster->mock = rd_kafka_handle_mock_cluster(cluster->client);
  assert_non_null(cluster->mock);
}

static void cluster_stop(struct cluster *cluster) {
  rd_kafka_destroy(cluster->client);
  settings_fini(&cluster->settings);
}

static void make(struct cluster *cluster, const char *name, int partitions) {
  assert_int_equal(rd_kafka_mock_topic_create(cluster->mock, name, partitions, 3), RD_KAFKA_RESP_ERR_NO_ERROR);
}

static void make_outputs(struct cluster *cluster, int partitions) {
  make(cluster, "stage-changes", partitions);
  make(cluster, "handover-dead-letters", partitions);
  make(cluster, "handover-state", partitions);
  make(cluster, "handover-journal", partitions);
  make(cluster, "handover-definitions", 1);
}

static void test_good(void **state) {
  (void)state;
  struct cluster cluster;
  struct problems problems = {0};
  int32_t partitions = 0;
  cluster_start(&cluster);
  make(&cluster, "one", 4);
  make(&cluster, "two", 4);
  make(&cluster, "somebody-elses", 9);
  make_outputs(&cluster, 4);
  assert_int_equal(topics_check(&cluster.settings, cluster.client, &partitions, &problems), TOPICS_OK);
  assert_int_equal(partitions, 4);
  assert_int_equal(problems.count, 0);
  cluster_stop(&cluster);
}

static void test_wrong(void **state) {
  (void)state;
  struct cluster cluster;
  struct problems problems = {0};
  int32_t partitions = 0;
  cluster_start(&cluster);
  make(&cluster, "one", 4);
  make_outputs(&cluster, 5);
  assert_int_equal(topics_check(&cluster.settings, cluster.client, &partitions, &problems), TOPICS_WRONG);
  assert_int_equal(problems.count, 5); /* two is missing, four outputs have 5 partitions */
  assert_string_equal(problems.at[0].pointer, "two");
  assert_non_null(strstr(problems.at[0].message, "is missing"));
  assert_string_equal(problems.at[1].pointer, "stage-changes");
  assert_non_null(strstr(problems.at[1].message, "has 5 partitions, should have 4"));
  problems_fini(&problems);
  cluster_stop(&cluster);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_good), cmocka_unit_test(test_wrong)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
