/* test_source_kafka.c: the reading client behind a queue that is full, on librdkafka's mock cluster: all comes, each record once and in order, and
 * a librdkafka before 2.2 is nudged where it would sleep. */
#include "apart.h"
#include "cluster.h"

#include <unistd.h>

#include "consumer/library.h"
#include "consumer/source_kafka.h"

enum { RECORDS = 40, LONG = 50000, FILLED_MS = 200, WAIT_MS = 30 };

struct bench {
  struct cluster cluster;
  struct settings settings;
  struct shared shared;
  struct source_kafka *source;
  rd_kafka_queue_t *stream;
};

/* A queue takes two of the records. */
static void start(struct bench *bench) {
  char why[600];
  *bench = (struct bench){0};
  cluster_start(&bench->cluster);
  cluster_topic(&bench->cluster, "in", 1);
  cluster_topic(&bench->cluster, "handover-journal", 1);
  cluster_settings(&bench->cluster, "\"queued.max.messages.kbytes\":\"80\",\"max.partition.fetch.bytes\":\"60000\"",
                   &bench->settings);
  bench->shared = (struct shared){.settings = &bench->settings, .partitions = 1};
  bench->source = source_kafka_create(&bench->shared, why, sizeof why);
  assert_non_null(bench->source);
  bench->stream = source_stream(bench->source);
}

static void stop(struct bench *bench) {
  source_stop(bench->source, 0, 0);
  stream_destroy(bench->stream);
  source_kafka_destroy(bench->source);
  settings_fini(&bench->settings);
  cluster_stop(&bench->cluster);
}

static void fill(struct bench *bench) {
  char *value = malloc(LONG + 1);
  assert_non_null(value);
  memset(value, 'x', LONG);
  value[LONG] = 0;
  for (int i = 0; i < RECORDS; i++) cluster_put(&bench->cluster, &(struct put){"in", 0, "lead", value, 1 + i});
  cluster_flush(&bench->cluster);
  free(value);
}

static bool full(const struct bench *bench) { return rd_kafka_queue_length(bench->stream) >= 2; }

/* Counts nudges; takes what comes up to the end. */
static int read_all(struct bench *bench) {
  int64_t next = 0, until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  int nudged = 0;
  for (bool ended = false; !ended; check_deadline(until_ns, "the records")) {
    rd_kafka_message_t *message;
    if (!stream_read(bench->stream, &message, 1, WAIT_MS)) {
      nudged += source_nudge(bench->source, 0, 0, next);
      continue;
    }
    ended = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (!ended) {
      assert_int_equal(message->err, RD_KAFKA_RESP_ERR_NO_ERROR);
      assert_int_equal(message->offset, next++);
      assert_int_equal(message->len, LONG);
    }
    rd_kafka_message_destroy(message);
  }
  assert_int_equal(next, RECORDS);
  return nudged;
}

static void test_full_queue(void **state) {
  (void)state;
  struct bench bench;
  start(&bench);
  fill(&bench);
  source_start(bench.source, 0, 0, 0, bench.stream);
  for (int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS); !full(&bench);) check_deadline(until_ns, "a full queue");
  usleep(FILLED_MS * 1000); /* whoever fetches has seen that it is full */
  int nudged = read_all(&bench);
  if (library_looks_again(rd_kafka_version())) assert_int_equal(nudged, 0);
  else assert_true(nudged > 0);
  assert_false(source_nudge(bench.source, 0, 0, RECORDS)); /* there is nothing to wait for */
  stop(&bench);
}

/* Nobody knows yet where the log ends: nothing is asked. */
static void test_not_started(void **state) {
  (void)state;
  struct bench bench;
  start(&bench);
  assert_false(source_nudge(bench.source, 0, 0, 0));
  stop(&bench);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_full_queue), cmocka_unit_test(test_not_started)};
  return apart_run(tests, sizeof tests / sizeof *tests);
}
