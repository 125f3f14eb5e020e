/* test_commands.c: commands that read from brokers, called against the mock: what tap prints and leaves out, top without a daemon, wrong
 * calls. */
#include "cluster.h"

#include "apart.h"
#include "called.h"
#include "consumer/command.h"

#define CHANGES "stage-changes"
#define DEFINITION "\"definition\":{\"name\":\"d\",\"version\":1,\"digest\":\"sha256:0\",\"agreed\":true}"

static const char change[] =
    "{\"id\":\"e/0/1/"
    "0\",\"type\":\"lead.stage.changed\",\"time\":\"2026-11-02T09:30:59.999Z\",\"data\":{\"lead\":\"u-1\","
    "\"from\":\"mql\",\"to\":\"sql\",\"entry\":1,\"skipped\":[],\"owner\":\"sales\",\"since\":\"2026-11-01T09:30:59."
    "999Z\","
    "\"cause\":{\"kind\":\"event\",\"move\":null,\"name\":\"Demo Requested\"},\"reason\":null,\"scores\":{\"fit\":30},"
    "\"contributions\":[],\"criteria\":{\"met\":[],\"missing\":[]},\"next\":null,"
    "\"route\":{\"queue\":\"emea\",\"assignee\":\"bo\"},\"due\":[],\"attributes\":{\"region\":\"EMEA\"}," DEFINITION
    "}}";
static const char breach[] =
    "{\"id\":\"e/0/2/"
    "0\",\"type\":\"lead.sla.breached\",\"time\":\"2026-11-03T14:00:00.000Z\",\"data\":{\"lead\":\"u-2\","
    "\"stage\":\"sql\",\"owner\":\"sales\",\"sla\":\"sales answers\",\"since\":\"2026-11-02T09:30:59.999Z\","
    "\"route\":{\"queue\":\"emea\",\"assignee\":null},\"attributes\":{\"region\":\"EMEA\"}," DEFINITION "}}";

static void put(struct cluster *cluster, int32_t partition, const char *key, const char *value) {
  rd_kafka_resp_err_t code = rd_kafka_producev(
      cluster->client, RD_KAFKA_V_TOPIC(CHANGES), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_KEY(key, strlen(key)),
      RD_KAFKA_V_VALUE((void *)(uintptr_t)value, value ? strlen(value) : 0), RD_KAFKA_V_TIMESTAMP(1772357400000),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
  assert_int_equal(code, RD_KAFKA_RESP_ERR_NO_ERROR);
}

#define TAP(...) called(cmd_tap, cluster_bootstrap(&cluster), WORDS("--once", __VA_ARGS__))

/* What is there, what is asked for; what is no event is left out. */
static void test_tap(void **state) {
  (void)state;
  struct cluster cluster;
  cluster_start(&cluster);
  cluster_topic(&cluster, CHANGES, 2);
  put(&cluster, 0, "u-1", change);
  put(&cluster, 0, "u-9", "no event");
  put(&cluster, 1, "u-2", breach);
  put(&cluster, 1, "u-8", NULL);
  cluster_flush(&cluster);
  assert_int_equal(called(cmd_tap, cluster_bootstrap(&cluster), WORDS("--once")), 0);
  expect_lines(2);
  assert_int_equal(TAP("--json", "--lead", "u-1"), 0);
  assert_memory_equal(printed, change, sizeof change - 1);
  expect_lines(1);
  assert_int_equal(TAP("--json", "--type", "breaches"), 0);
  assert_memory_equal(printed, breach, sizeof breach - 1);
  assert_int_equal(TAP("--from-stage", "mql", "--to-stage", "sql", "--member", "bo"), 0);
  expect_lines(1);
  assert_int_equal(TAP("--owner", "sales", "--queue", "emea", "--attribute", "region=EMEA"), 0);
  expect_lines(2);
  assert_int_equal(TAP("--attribute", "region=APAC"), 0);
  assert_string_equal(printed, "");
  cluster_stop(&cluster);
}

static void test_tap_called_wrongly(void **state) {
  (void)state;
  static const char *const wrong[][5] = {
      {"more"},      {"--type", "all"}, {"--attribute", "region"}, {"--from", "noon"},
      {"--nothing"}, {"--lead"},        {"--set", "inputs=[]"}};
  expect_wrong(cmd_tap, wrong, sizeof wrong / sizeof *wrong);
}

/* Of a daemon that does not answer it is said, while the brokers do. */
static void test_top(void **state) {
  (void)state;
  struct cluster cluster;
  cluster_start(&cluster);
  cluster_topic(&cluster, CHANGES, 1);
  assert_int_equal(
      called(cmd_top, cluster_bootstrap(&cluster), WORDS("--once", "--from", "beginning", "--url", NOBODY)), 0);
  assert_non_null(strstr(printed, "0 of 1 daemon"));
  assert_non_null(strstr(printed, "http://" NOBODY "/metrics: "));
  cluster_stop(&cluster);
}

static void test_top_called_wrongly(void **state) {
  (void)state;
  static const char *const wrong[][5] = {
      {"more"}, {"--from", "noon"}, {"--nothing"}, {"--url"}, {"--set", "inputs=[]"}};
  expect_wrong(cmd_top, wrong, sizeof wrong / sizeof *wrong);
}

static void test_topics_called_wrongly(void **state) {
  (void)state;
  static const char *const wrong[][5] = {{"more"},
                                         {"--partitions", "0"},
                                         {"--partitions", "many"},
                                         {"--replication", "40000"},
                                         {"--replication", "-1"},
                                         {"--partitions"},
                                         {"--nothing"},
                                         {"--set", "inputs=[]"}};
  expect_wrong(cmd_topics, wrong, sizeof wrong / sizeof *wrong);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tap),
      cmocka_unit_test(test_tap_called_wrongly),
      cmocka_unit_test(test_top),
      cmocka_unit_test(test_top_called_wrongly),
      cmocka_unit_test(test_topics_called_wrongly),
  };
  return apart_run(tests, sizeof tests / sizeof *tests);
}
