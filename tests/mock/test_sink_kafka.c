/* test_sink_kafka.c: the transactional producer against errors of each class, on librdkafka's mock cluster. */
#include "apart.h"
#include "cluster.h"

#include <pthread.h>
#include <time.h>

#include "producer/sink_kafka.h"

enum { PARTITIONS = 2, SLOW_MS = 2500 };

struct bench {
  struct cluster cluster;
  struct settings settings;
  struct shutdown shutdown;
  struct sink_kafka *sink;
  rd_kafka_topic_partition_list_t *offsets;
};

/* Of a group without members: the mock lets it pass, as brokers do. */
static void start(struct bench *bench, const char *more) {
  *bench = (struct bench){0};
  cluster_start(&bench->cluster);
  cluster_topic(&bench->cluster, "in", PARTITIONS);
  cluster_topic(&bench->cluster, "stage-changes", PARTITIONS);
  cluster_topic(&bench->cluster, "handover-dead-letters", PARTITIONS);
  cluster_topic(&bench->cluster, "handover-journal", PARTITIONS);
  cluster_settings(&bench->cluster, more, &bench->settings);
  bench->sink = sink_kafka_create(&bench->settings, 0, &bench->shutdown);
  bench->offsets = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(bench->offsets, "in", 1)->offset = 7;
}

static void stop(struct bench *bench) {
  sink_kafka_destroy(bench->sink);
  rd_kafka_topic_partition_list_destroy(bench->offsets);
  settings_fini(&bench->settings);
  cluster_stop(&bench->cluster);
}

static void open_sink(struct bench *bench) {
  assert_int_equal(sink_kafka_open(bench->sink), SINK_COMMITTED);
  assert_int_equal(sink_kafka_recreated(bench->sink), 0);
}

static void put_letter(struct bench *bench, const char *text) {
  struct record record = {
      .payload = slice_of(text), .key = SLICE("ann"), .timestamp_ms = 1772357400000, .position = {SLICE("in"), 1, 6}};
  sink_kafka_dead_letter(bench->sink, 1, &record, REJECT_NO_LEAD, "no userId", NULL);
}

static void put(struct bench *bench, const char *text) {
  put_letter(bench, text);
  sink_kafka_journal(bench->sink, 1, slice_of(text));
}

static void start_commit(struct bench *bench) {
  sink_kafka_commit_start(bench->sink, rd_kafka_topic_partition_list_copy(bench->offsets),
                          rd_kafka_consumer_group_metadata_new(bench->settings.group));
}

static enum sink_outcome commit(struct bench *bench) {
  start_commit(bench);
  return sink_kafka_commit_end(bench->sink);
}

/* A transaction without trouble, by the producer as it is now. */
static void assert_works(struct bench *bench) {
  uint64_t recreated = sink_kafka_recreated(bench->sink);
  put(bench, "afterwards");
  assert_true(sink_kafka_begun(bench->sink));
  assert_int_equal(commit(bench), SINK_COMMITTED);
  assert_false(sink_kafka_begun(bench->sink));
  assert_int_equal(sink_kafka_recreated(bench->sink), recreated);
}

static size_t count_in(struct bench *bench, const char *topic, const char *text) {
  struct tape tape;
  size_t count = 0;
  tape_start(&tape, &bench->cluster, topic, PARTITIONS);
  tape_catch_up(&tape);
  for (size_t i = 0; i < tape.count; i++) count += message_is(tape.at[i], text);
  tape_stop(&tape);
  return count;
}

static size_t journal_count(struct bench *bench, const char *text) { return count_in(bench, "handover-journal", text); }

static size_t letter_count(struct bench *bench, const char *text) {
  return count_in(bench, "handover-dead-letters", text);
}

/* --- opening --- */

static void test_coordinator_loads(void **state) {
  (void)state;
  struct bench bench;
  start(&bench, "");
  cluster_error(&bench.cluster, API_FIND_COORDINATOR, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, 1);
  cluster_error(&bench.cluster, API_INIT_PRODUCER_ID, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, 3);
  open_sink(&bench);
  assert_works(&bench);
  stop(&bench);
}

static void test_not_allowed(void **state) {
  (void)state;
  struct bench bench;
  start(&bench, "");
  cluster_error(&bench.cluster, API_INIT_PRODUCER_ID, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, 1);
  assert_int_equal(sink_kafka_open(bench.sink), SINK_FAILED);
  assert_non_null(strstr(sink_kafka_why(bench.sink), "init_transactions of "));
  stop(&bench);
}

/* --- what passes --- */

static void test_retriable(void **state) {
  (void)state;
  struct bench bench;
  start(&bench, "");
  open_sink(&bench);
  cluster_error(&bench.cluster, API_ADD_PARTITIONS, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, 1);
  cluster_error(&bench.cluster, API_PRODUCE, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, 1);
  cluster_error(&bench.cluster, API_ADD_OFFSETS, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, 1);
  cluster_error(&bench.cluster, API_ADD_OFFSETS, RD_KAFKA_RESP_ERR_NOT_COORDINATOR, 1);
  cluster_error(&bench.cluster, API_TXN_OFFSET_COMMIT, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, 1);
  cluster_error(&bench.cluster, API_TXN_OFFSET_COMMIT, RD_KAFKA_RESP_ERR__TRANSPORT, 1);
  put(&bench, "one");
  assert_int_equal(commit(&bench), SINK_COMMITTED);
  assert_int_equal(sink_kafka_recreated(bench.sink), 0);
  assert_int_equal(journal_count(&bench, "one"), 1);
  assert_works(&bench);
  stop(&bench);
}

/* Committed, but the broker may still have the first EndTxn before it: a new producer. */
static void test_second_end(void **state) {
  (void)state;
  struct bench bench;
  start(&bench, "");
  open_sink(&bench);
  cluster_error(&bench.cluster, API_END_TXN, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, 1);
  put(&bench, "one");
  assert_int_equal(commit(&bench), SINK_COMMITTED);
  assert_int_equal(sink_kafka_recreated(bench.sink), 1);
  assert_int_equal(sink_kafka_fenced(bench.sink), 0);
  assert_works(&bench);
  stop(&bench);
}

static void test_late_answer(void **state) {
  (void)state;
  struct bench bench;
  start(&bench, "\"socket.timeout.ms\":\"1500\"");
  open_sink(&bench);
  cluster_delay(&bench.cluster, API_END_TXN, 4000);
  put(&bench, "one");
  assert_int_equal(commit(&bench), SINK_COMMITTED);
  assert_int_equal(sink_kafka_recreated(bench.sink), 1);
  assert_works(&bench);
  stop(&bench);
}

/* --- what has to be undone --- */

static void assert_undone(enum api api, rd_kafka_resp_err_t error, uint64_t fenced) {
  struct bench bench;
  start(&bench, "");
  open_sink(&bench);
  cluster_error(&bench.cluster, api, error, 1);
  put(&bench, "one");
  assert_int_equal(commit(&bench), SINK_UNDONE);
  assert_int_equal(sink_kafka_recreated(bench.sink), 1);
  assert_int_equal(sink_kafka_fenced(bench.sink), fenced);
  assert_true(strlen(sink_kafka_why(bench.sink)) > 0);
  assert_works(&bench);
  stop(&bench);
}

static void test_abortable(void **state) {
  (void)state;
  assert_undone(API_TXN_OFFSET_COMMIT, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, 0);
  assert_undone(API_TXN_OFFSET_COMMIT, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, 0);
  assert_undone(API_ADD_PARTITIONS, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, 0);
  assert_undone(API_PRODUCE, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, 0);
}

static void test_fatal(void **state) {
  (void)state;
  assert_undone(API_END_TXN, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, 1);
  assert_undone(API_END_TXN, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, 1);
  assert_undone(API_PRODUCE, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, 1);
}

static void test_abort(void **state) {
  (void)state;
  struct bench bench;
  start(&bench, "");
  open_sink(&bench);
  assert_int_equal(sink_kafka_abort(bench.sink), SINK_UNDONE); /* there is nothing to abort */
  assert_int_equal(sink_kafka_recreated(bench.sink), 0);
  put(&bench, "one");
  assert_int_equal(sink_kafka_abort(bench.sink), SINK_UNDONE);
  assert_false(sink_kafka_begun(bench.sink));
  assert_int_equal(sink_kafka_recreated(bench.sink), 1);
  assert_works(&bench);
  stop(&bench);
}

/* --- by the sink's own thread --- */

/* EndTxn is answered late, with an error (0: none). */
static void start_slow_commit(struct bench *bench, rd_kafka_resp_err_t error) {
  cluster_answer(&bench->cluster, API_END_TXN, error, SLOW_MS);
  put(bench, "one");
  start_commit(bench);
  assert_true(sink_kafka_committing(bench->sink));
}

static void test_kept_meanwhile(void **state) {
  (void)state;
  struct bench bench;
  start(&bench, "");
  open_sink(&bench);
  start_slow_commit(&bench, RD_KAFKA_RESP_ERR_NO_ERROR);
  put_letter(&bench, "two");
  sink_kafka_poll(bench.sink);
  assert_int_equal(sink_kafka_commit_end(bench.sink), SINK_COMMITTED);
  assert_false(sink_kafka_committing(bench.sink));
  assert_true(sink_kafka_begun(bench.sink));
  assert_int_equal(journal_count(&bench, "one"), 1);
  assert_int_equal(letter_count(&bench, "two"), 0);
  assert_int_equal(commit(&bench), SINK_COMMITTED);
  assert_int_equal(letter_count(&bench, "two"), 1);
  assert_int_equal(sink_kafka_recreated(bench.sink), 0);
  stop(&bench);
}

/* What was published meanwhile followed from what has been undone. */
static void test_undone_meanwhile(void **state) {
  (void)state;
  struct bench bench;
  start(&bench, "");
  open_sink(&bench);
  start_slow_commit(&bench, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH);
  put_letter(&bench, "two");
  while (sink_kafka_committing(bench.sink)) put_letter(&bench, "two");
  put_letter(&bench, "two"); /* nobody has been told yet */
  assert_int_equal(sink_kafka_commit_end(bench.sink), SINK_UNDONE);
  assert_int_equal(sink_kafka_fenced(bench.sink), 1);
  assert_false(sink_kafka_begun(bench.sink));
  assert_works(&bench);
  assert_int_equal(letter_count(&bench, "two"), 0);
  stop(&bench);
}

/* More than is kept: the commit is waited for, however it ends. */
static void assert_full(rd_kafka_resp_err_t error, enum sink_outcome outcome) {
  enum { LARGE = 200000, MANY = 48 }; /* 9.6 MB */
  static char large[LARGE];
  struct bench bench;
  memset(large, 'x', sizeof large - 1);
  start(&bench, "");
  open_sink(&bench);
  start_slow_commit(&bench, error);
  for (int i = 0; i < MANY; i++) put_letter(&bench, large);
  assert_false(sink_kafka_committing(bench.sink));
  assert_int_equal(sink_kafka_commit_end(bench.sink), outcome);
  assert_int_equal(sink_kafka_begun(bench.sink), outcome == SINK_COMMITTED);
  if (outcome == SINK_COMMITTED) assert_int_equal(commit(&bench), SINK_COMMITTED);
  assert_works(&bench);
  stop(&bench);
}

static void test_full(void **state) {
  (void)state;
  assert_full(RD_KAFKA_RESP_ERR_NO_ERROR, SINK_COMMITTED);
  assert_full(RD_KAFKA_RESP_ERR_PRODUCER_FENCED, SINK_UNDONE);
}

/* Right after a commit: its markers are still being written. */
static void test_too_soon(void **state) {
  (void)state;
  struct bench bench;
  start(&bench, "");
  open_sink(&bench);
  for (int i = 0; i < 5; i++) {
    put(&bench, "one");
    assert_true(sink_kafka_begun(bench.sink));
    cluster_error(&bench.cluster, API_ADD_OFFSETS, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, 2);
    assert_int_equal(commit(&bench), SINK_COMMITTED);
  }
  assert_int_equal(journal_count(&bench, "one"), 5);
  assert_int_equal(sink_kafka_recreated(bench.sink), 0);
  stop(&bench);
}

/* Nobody asks any more how it ended; it is ended all the same, and what was kept is dropped. */
static void test_closed_meanwhile(void **state) {
  (void)state;
  struct bench bench;
  start(&bench, "");
  open_sink(&bench);
  start_slow_commit(&bench, RD_KAFKA_RESP_ERR_NO_ERROR);
  put_letter(&bench, "two");
  sink_kafka_close(bench.sink);
  assert_false(sink_kafka_committing(bench.sink));
  assert_int_equal(journal_count(&bench, "one"), 1);
  assert_int_equal(letter_count(&bench, "two"), 0);
  stop(&bench);
}

/* --- what is hopeless --- */

/* With so many messages librdkafka refuses some before it says why. */
static void test_too_large(void **state) {
  (void)state;
  struct bench bench;
  start(&bench, "");
  open_sink(&bench);
  cluster_error(&bench.cluster, API_PRODUCE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 1);
  for (int i = 0; i < 30000; i++) put(&bench, "one");
  assert_int_equal(commit(&bench), SINK_FAILED);
  const char *why = sink_kafka_why(bench.sink);
  assert_non_null(strstr(why, "stage-changes, handover-dead-letters or handover-journal"));
  assert_non_null(strstr(why, "handover topics"));
  stop(&bench);
}

/* librdkafka tells which topic it was in its log alone. */
static void test_no_right(void **state) {
  (void)state;
  struct bench bench;
  start(&bench, "");
  open_sink(&bench);
  cluster_error(&bench.cluster, API_ADD_PARTITIONS, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 1);
  put(&bench, "one");
  assert_int_equal(commit(&bench), SINK_FAILED);
  const char *why = sink_kafka_why(bench.sink);
  assert_non_null(strstr(why, "publishing: adding partition \"handover-"));
  assert_non_null(strstr(why, "authorization failed"));
  stop(&bench);
}

/* Why the transaction before was undone is not forgotten over the new producer. */
static void test_why_is_kept(void **state) {
  (void)state;
  struct bench bench;
  start(&bench, "");
  open_sink(&bench);
  cluster_error(&bench.cluster, API_TXN_OFFSET_COMMIT, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, 1);
  put(&bench, "one");
  assert_int_equal(commit(&bench), SINK_UNDONE);
  assert_non_null(strstr(sink_kafka_why(bench.sink), "send_offsets_to_transaction: "));
  stop(&bench);
}

/* --- shutting down --- */

struct asker {
  pthread_t thread;
  struct shutdown *shutdown;
  int64_t after_ms, patience_ms, asked_ns;
};

static void *ask(void *context) {
  struct asker *asker = context;
  const struct timespec pause = {0, (long)asker->after_ms * 1000000};
  nanosleep(&pause, NULL);
  asker->asked_ns = clock_monotonic_ns();
  shutdown_request(asker->shutdown, asker->patience_ms);
  return NULL;
}

static void ask_soon(struct asker *asker, struct bench *bench, int64_t patience_ms) {
  *asker = (struct asker){.shutdown = &bench->shutdown, .after_ms = 200, .patience_ms = patience_ms};
  assert_int_equal(pthread_create(&asker->thread, NULL, ask, asker), 0);
}

/* So long after it was asked. */
static int64_t asked_ms(struct asker *asker) {
  int64_t now_ns = clock_monotonic_ns();
  pthread_join(asker->thread, NULL);
  return (now_ns - asker->asked_ns) / 1000000;
}

static void test_ends_without_broker(void **state) {
  (void)state;
  struct bench bench;
  struct asker asker;
  start(&bench, "");
  cluster_up(&bench.cluster, false);
  ask_soon(&asker, &bench, 60000);
  assert_int_equal(sink_kafka_open(bench.sink), SINK_FAILED);
  assert_true(asked_ms(&asker) < 20000);
  stop(&bench);
}

/* send_offsets does not end before its request does (librdkafka 2.0.2): the socket's time-out, 10 s where nothing is set. */
static void assert_ends(enum api api) {
  struct bench bench;
  struct asker asker;
  start(&bench, "\"socket.timeout.ms\":\"1000\"");
  open_sink(&bench);
  cluster_delay(&bench.cluster, api, 60000);
  put(&bench, "one");
  ask_soon(&asker, &bench, 300);
  assert_int_equal(commit(&bench), SINK_FAILED);
  assert_true(asked_ms(&asker) < 20000);
  stop(&bench);
}

static void test_ends_while_committing(void **state) {
  (void)state;
  assert_ends(API_TXN_OFFSET_COMMIT);
  assert_ends(API_END_TXN);
}

/* Asked to end, a commit goes on for as long as there is time. */
static void test_commits_while_ending(void **state) {
  (void)state;
  struct bench bench;
  start(&bench, "");
  open_sink(&bench);
  put(&bench, "one");
  shutdown_request(&bench.shutdown, 8000);
  assert_int_equal(commit(&bench), SINK_COMMITTED);
  assert_int_equal(journal_count(&bench, "one"), 1);
  stop(&bench);
}

/* Without the group's metadata: whoever is no member any more commits nothing, and goes on with a new producer. */
static void test_no_member(void **state) {
  (void)state;
  struct bench bench;
  start(&bench, "");
  open_sink(&bench);
  put(&bench, "one");
  sink_kafka_commit_start(bench.sink, rd_kafka_topic_partition_list_copy(bench.offsets), NULL);
  assert_int_equal(sink_kafka_commit_end(bench.sink), SINK_UNDONE);
  assert_non_null(strstr(sink_kafka_why(bench.sink), "no member of the group"));
  assert_int_equal(sink_kafka_recreated(bench.sink), 1);
  assert_works(&bench);
  stop(&bench);
}

/* Nothing is made anew any more, so nothing may be published after a commit of which an EndTxn may still be on its way. */
static void test_ends_after_second_end(void **state) {
  (void)state;
  struct bench bench;
  start(&bench, "");
  open_sink(&bench);
  cluster_error(&bench.cluster, API_END_TXN, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, 1);
  put(&bench, "one");
  shutdown_request(&bench.shutdown, 8000);
  assert_int_equal(commit(&bench), SINK_COMMITTED);
  assert_int_equal(sink_kafka_recreated(bench.sink), 0);
  put(&bench, "two");
  assert_int_not_equal(commit(&bench), SINK_COMMITTED);
  assert_int_equal(journal_count(&bench, "two"), 0);
  stop(&bench);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_coordinator_loads),
      cmocka_unit_test(test_not_allowed),
      cmocka_unit_test(test_retriable),
      cmocka_unit_test(test_second_end),
      cmocka_unit_test(test_late_answer),
      cmocka_unit_test(test_abortable),
      cmocka_unit_test(test_fatal),
      cmocka_unit_test(test_abort),
      cmocka_unit_test(test_kept_meanwhile),
      cmocka_unit_test(test_undone_meanwhile),
      cmocka_unit_test(test_full),
      cmocka_unit_test(test_too_soon),
      cmocka_unit_test(test_closed_meanwhile),
      cmocka_unit_test(test_too_large),
      cmocka_unit_test(test_no_right),
      cmocka_unit_test(test_why_is_kept),
      cmocka_unit_test(test_ends_without_broker),
      cmocka_unit_test(test_ends_while_committing),
      cmocka_unit_test(test_commits_while_ending),
      cmocka_unit_test(test_no_member),
      cmocka_unit_test(test_ends_after_second_end),
  };
  return apart_run(tests, sizeof tests / sizeof *tests);
}
