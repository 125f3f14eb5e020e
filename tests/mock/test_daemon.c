/* test_daemon.c: `run` from its start to its end, on librdkafka's mock cluster: what it publishes, what it does about errors of the
 * broker, when it does not start, and when it gives up. */
#define _GNU_SOURCE /* nftw */
#include "site.h"

#include <pthread.h>
#include <stdatomic.h>

enum { STATUS_OK = 0, STATUS_OUTSIDE = 3, HELD_MS = 2500 };

static void await_ready(void) {
  int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  while (!strstr(site_get("/readyz?verbose"), " 200 ")) check_deadline(until_ns, "/readyz");
}

static void await_lag(const char *series, double wanted) {
  int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  while (!strstr(site_get("/metrics"), series) || site_metric(series) != wanted) check_deadline(until_ns, series);
}

static void await_at_least(const char *series, double wanted) {
  int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  while (site_metric(series) < wanted) check_deadline(until_ns, series);
}

/* What is in the log is not yet committed. */
static void await_committed(void) {
  int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  while ((int64_t)daemon_records(site.instance->daemon) < site.stream.total)
    check_deadline(until_ns, "the last commit");
  assert_int_equal(daemon_records(site.instance->daemon), site.stream.total);
}

static void set_http(const char *more) {
  char http[64];
  site.port = site_free_port();
  snprintf(http, sizeof http, "http=127.0.0.1:%d", (int)site.port);
  site_set(http, more);
}

/* Somebody who asks all the time, from before the start until after the end. */
static void *ask_on(void *context) {
  atomic_bool *enough = context;
  while (!atomic_load(enough)) {
    site_get("/readyz?verbose");
    site_get("/livez");
    site_get("/metrics");
  }
  return NULL;
}

/* --- all is well --- */

static void test_publishes(void **state) {
  (void)state;
  pthread_t asker;
  atomic_bool enough = false;
  set_http("threads=3");
  stream_write(&site.stream, &site.cluster, 300, 1);
  assert_int_equal(pthread_create(&asker, NULL, ask_on, &enough), 0);
  cluster_ill(&site.cluster, API_OFFSET_FETCH, RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT); /* no task is taken up */
  site_start();
  site_await_logged("partitions assigned", 1);
  assert_non_null(strstr(site_get("/readyz?verbose"), " 503 "));
  assert_non_null(strstr(site_get("/livez"), " 200 "));
  cluster_well(&site.cluster, API_OFFSET_FETCH);
  await_ready();
  site_await();
  stream_write(&site.stream, &site.cluster, 100, 1);
  site_await();
  await_committed();
  await_lag("handover_input_lag_records{topic=\"one\",partition=\"0\"}", 0);
  await_lag("handover_tasks", STREAM_PARTITIONS);
  assert_true(site_metric("handover_events_consumed_total") == 400);
  tape_catch_up(&site.letters);
  assert_true(site_metric("handover_events_rejected_total{reason=\"not_json\"}") == (double)site.letters.count);
  assert_non_null(
      strstr(site_get("/metrics"), "handover_last_event_timestamp_seconds{topic=\"one\",partition=\"1\"} 1772"));
  assert_false(daemon_failed(site.instance->daemon));
  assert_int_equal(site_stop(), STATUS_OK);
  atomic_store(&enough, true);
  pthread_join(asker, NULL);
  site_check_changes(false);
  site_check_letters(false);
  for (int32_t p = 0; p < STREAM_PARTITIONS; p++) {
    char name[40];
    snprintf(name, sizeof name, "state/%d.snapshot", (int)p);
    assert_int_equal(access(site_path(name), R_OK), 0);
  }
}

static void test_two_workers_two_inputs(void **state) {
  (void)state;
  site_set("threads=2", "inputs=one,two");
  stream_write(&site.stream, &site.cluster, 250, 2);
  site_start();
  site_await();
  for (int i = 0; i < 10; i++) {
    stream_write(&site.stream, &site.cluster, 25, 2);
    site_await();
  }
  await_committed();
  assert_int_equal(site_stop(), STATUS_OK);
  site_check_changes(false);
  site_check_letters(false);
}

/* --- snapshots in the background --- */

/* Until all but that of task 0 have been taken, and that one has failed. */
static void await_snapshots(void) {
  int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  char name[40];
  for (int32_t p = 1; p < STREAM_PARTITIONS; p++) {
    snprintf(name, sizeof name, "state/%d.snapshot", (int)p);
    while (access(site_path(name), R_OK) != 0) check_deadline(until_ns, name);
  }
  await_at_least("handover_snapshots_total", STREAM_PARTITIONS - 1);
  await_at_least("handover_snapshot_failures_total", 1);
}

/* A task whose snapshot cannot be written goes on, and is saved when it can be. One that was written in the middle is as good as one of
 * the end: what came after it is replayed, and the journal says that it is the same. */
static void test_snapshots(void **state) {
  (void)state;
  set_http("snapshot_interval_ms=1000");
  site_start();
  site_await_logged("\"task restored\"", STREAM_PARTITIONS);
  assert_int_equal(mkdir(site_path("state/0.snapshot.tmp"), 0700), 0);
  stream_write(&site.stream, &site.cluster, 100, 1);
  site_await();
  await_snapshots();
  assert_non_null(strstr(site_log(), "\"snapshot not written\",\"message\":\""));
  assert_int_equal(access(site_path("state/0.snapshot"), F_OK), -1);
  char kept[300];
  snprintf(kept, sizeof kept, "%s", site_path("state/kept"));
  assert_int_equal(link(site_path("state/1.snapshot"), kept), 0);
  stream_write(&site.stream, &site.cluster, 200, 1);
  site_await();
  assert_int_equal(rmdir(site_path("state/0.snapshot.tmp")), 0);
  assert_int_equal(site_stop(), STATUS_OK);
  assert_int_equal(access(site_path("state/0.snapshot"), R_OK), 0);
  assert_int_equal(rename(kept, site_path("state/1.snapshot")), 0);
  site_start();
  site_await_logged("\"task restored\"", STREAM_PARTITIONS);
  assert_int_equal(site_logged("from the state directory"), STREAM_PARTITIONS);
  assert_int_equal(site_logged("\"records\":0"), STREAM_PARTITIONS - 1);
  stream_write(&site.stream, &site.cluster, 50, 1);
  site_await();
  assert_int_equal(site_stop(), STATUS_OK);
  site_check_changes(false);
  site_check_letters(false);
}

/* --- early commits --- */

static size_t journal_records(int32_t partition) {
  size_t count = 0;
  for (size_t i = 0; i < site.journal.count; i++) count += site.journal.at[i]->partition == partition;
  return count;
}

static void await_journal(int32_t partition, size_t count) {
  int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  while (journal_records(partition) < count) {
    tape_pull(&site.journal, 20);
    check_deadline(until_ns, "the journal's record");
  }
}

static void write_event(int32_t partition, const char *lead, const char *event) {
  char text[160];
  snprintf(text, sizeof text, "{\"userId\":\"%s\",\"event\":\"%s\",\"timestamp\":\"2026-03-01T09:30:00Z\"}", lead,
           event);
  cluster_put(&site.cluster, &(struct put){stream_inputs[0], partition, lead, text, STREAM_BEGIN_MS});
  cluster_flush(&site.cluster);
}

/* Long before the interval is over: a change and a dead letter, each with its task's offsets and journal. A task that nobody waits
 * for is in none of these transactions: only in that of the end, and in one at most for each interval that went by. */
static void test_commits_early(void **state) {
  enum { INTERVAL_MS = 5000 };
  (void)state;
  site_set("threads=1", "commit_interval_ms=5000");
  site_start();
  const int64_t begin_ns = clock_monotonic_ns();
  for (size_t round = 1; round <= 4; round++) {
    write_event(1, "quiet", "Something else");
    write_event(0, "loud", round % 2 ? "Asked" : "Answered");
    await_journal(0, 2 * round - 1);
    write_event(0, "", "{");
    await_journal(0, 2 * round);
  }
  assert_int_equal(site_stop(), STATUS_OK);
  const int64_t intervals = (clock_monotonic_ns() - begin_ns) / (INTERVAL_MS * INT64_C(1000000));
  tape_catch_up(&site.journal);
  assert_int_equal(journal_records(0), 8);
  assert_in_range(journal_records(1), 1, 1 + (uint64_t)intervals);
  tape_catch_up(&site.changes);
  tape_catch_up(&site.letters);
  assert_int_equal(site.changes.count, 4);
  assert_int_equal(site.letters.count, 4);
}

/* --- errors that it gets over --- */

/* As often as the log says why. */
static double recreated(void) {
  return (double)(site_logged("\"transaction undone\"") + site_logged("\"producer made anew\""));
}

/* Both of them, though one of them be written a moment after the other. */
static void await_told(void) {
  int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  while (site_metric("handover_transactions_total{result=\"aborted\"}") !=
             (double)site_logged("\"transaction undone\"") ||
         site_metric("handover_producers_recreated_total") != recreated())
    check_deadline(until_ns, "as many producers and aborts as the log tells of");
}

/* Also where the machine was so slow that a commit needed a second request without that error. */
static void error_then_records(enum api api, rd_kafka_resp_err_t error, double more) {
  double before = recreated();
  cluster_error(&site.cluster, api, error, 1);
  stream_write(&site.stream, &site.cluster, 40, 1);
  site_await();
  await_at_least("handover_producers_recreated_total", before + more);
}

/* Errors that come before anything is written, or after all is: the mock shows the journal of what was aborted, and the changes have to
 * be there, too. */
static void test_goes_on(void **state) {
  (void)state;
  set_http("threads=1");
  stream_write(&site.stream, &site.cluster, 50, 1);
  cluster_error(&site.cluster, API_ADD_PARTITIONS, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, 1);
  site_start();
  site_await();
  await_at_least("handover_producers_recreated_total", 1);
  error_then_records(API_END_TXN, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, 1);
  error_then_records(API_END_TXN, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, 1);
  error_then_records(API_FETCH, RD_KAFKA_RESP_ERR__TRANSPORT, 0);
  assert_true(site_logged("\"transaction undone\"") >= 2 && site_logged("\"producer made anew\"") >= 1);
  await_told();
  assert_int_equal(site_stop(), STATUS_OK);
  site_check_changes(true);
}

/* EndTxn of the next commit is answered so late, with an error (0: none). Returns once it is under way: the mock shows its journal. */
static void hold_commit(rd_kafka_resp_err_t error, int32_t count) {
  int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  tape_catch_up(&site.journal);
  size_t before = site.journal.count;
  cluster_answer(&site.cluster, API_END_TXN, error, HELD_MS);
  stream_write(&site.stream, &site.cluster, count, 1);
  while (site.journal.count == before) {
    tape_pull(&site.journal, 20);
    check_deadline(until_ns, "a commit");
  }
}

/* Everything, each record once or more. */
static void await_consumed(void) { await_at_least("handover_events_consumed_total", site.stream.total); }

/* Commits that are over, well or not. */
static double ended(void) {
  return site_metric("handover_transactions_total{result=\"committed\"}") +
         site_metric("handover_transactions_total{result=\"aborted\"}");
}

/* It reads and decides on while a commit is under way: so it has been seen once. A slow machine may come to it later than that commit
 * takes; then another is held. */
static void assert_goes_on_beside(rd_kafka_resp_err_t error) {
  int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  double before;
  do {
    check_deadline(until_ns, "records that are decided beside a commit");
    hold_commit(error, 40);
    before = ended();
    double consumed = site_metric("handover_events_consumed_total");
    stream_write(&site.stream, &site.cluster, 40, 1);
    await_at_least("handover_events_consumed_total", consumed + 40);
  } while (ended() != before);
}

/* What follows from a commit that is undone is undone with it. */
static void test_undone_while_it_goes_on(void **state) {
  (void)state;
  set_http("threads=1");
  site_start();
  await_ready();
  assert_goes_on_beside(RD_KAFKA_RESP_ERR_NO_ERROR);
  site_await();
  await_committed();
  assert_goes_on_beside(RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH);
  site_await();
  await_at_least("handover_transactions_total{result=\"aborted\"}", 1);
  assert_int_equal(site_stop(), STATUS_OK);
  site_check_changes(true);
}

/* Asked to end, it waits for the commit that is under way and makes another of the rest. */
static void test_stops_while_committing(void **state) {
  (void)state;
  set_http("threads=1");
  site_start();
  await_ready();
  hold_commit(RD_KAFKA_RESP_ERR_NO_ERROR, 40);
  stream_write(&site.stream, &site.cluster, 40, 1);
  await_consumed();
  assert_int_equal(site_stop(), STATUS_OK);
  site_await();
  site_check_changes(false);
  site_check_letters(false);
}

/* The commit that is under way is waited for, the rest is dropped. */
static void test_loses_its_tasks_while_committing(void **state) {
  (void)state;
  set_http("threads=1");
  site_start();
  await_ready();
  hold_commit(RD_KAFKA_RESP_ERR_NO_ERROR, 40);
  cluster_error(&site.cluster, API_HEARTBEAT, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, 1);
  stream_write(&site.stream, &site.cluster, 40, 1);
  site_await_logged("partitions lost", 1);
  site_await();
  assert_int_equal(site_stop(), STATUS_OK);
  site_check_changes(site_undone());
  site_check_letters(site_undone());
}

/* Nothing is open and nothing is being committed once when a snapshot is due, though records come in all the time. */
static void test_snapshots_while_committing(void **state) {
  (void)state;
  int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  set_http("snapshot_interval_ms=1000");
  site_start();
  await_ready();
  do {
    if (site.stream.total < 900) stream_write(&site.stream, &site.cluster, 1, 1);
    tape_pull(&site.journal, 10);
    check_deadline(until_ns, "a snapshot of each task");
  } while (site_metric("handover_snapshots_total") < STREAM_PARTITIONS);
  site_await();
  assert_int_equal(site_stop(), STATUS_OK);
  site_check_changes(false);
}

/* The group shuts the member out: nothing of it is published any more, and it joins anew. */
static void test_loses_its_tasks(void **state) {
  (void)state;
  site_set("threads=1");
  site_start();
  stream_write(&site.stream, &site.cluster, 50, 1);
  site_await();
  cluster_error(&site.cluster, API_HEARTBEAT, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, 1);
  site_await_logged("partitions lost", 1);
  stream_write(&site.stream, &site.cluster, 50, 1);
  site_await();
  assert_int_equal(site_stop(), STATUS_OK);
  site_check_changes(site_undone());
}

/* A second instance takes tasks over, and then, once the first has gone, all of them; what was published is not published again. Whether it finds
 * the first's snapshots in the topic already depends on who is faster. */
static void test_shares_its_tasks(void **state) {
  (void)state;
  site_set("threads=1");
  site_start();
  stream_write(&site.stream, &site.cluster, 100, 1);
  site_await();
  site.instance++;
  char folder[140];
  snprintf(folder, sizeof folder, "state_dir=%s", site_path("other"));
  site_set("threads=1", "instance=other", folder);
  site_start();
  stream_write(&site.stream, &site.cluster, 100, 1);
  site_await_logged("\"task restored\"", 1); /* since the second one's start */
  stream_write(&site.stream, &site.cluster, 50, 1);
  site_await();
  site.instance--;
  assert_int_equal(site_stop(), STATUS_OK);
  stream_write(&site.stream, &site.cluster, 50, 1);
  site_await();
  site.instance++;
  assert_int_equal(site_stop(), STATUS_OK);
  site_check_changes(site_undone());
  site_check_letters(site_undone());
}

/* --- when it gives up --- */

static void await_failed(void) {
  int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  while (!daemon_failed(site.instance->daemon)) check_deadline(until_ns, "the daemon's end");
}

/* Before anything of the transaction is written. */
static void assert_gives_up(enum api api, rd_kafka_resp_err_t error, const char *why) {
  site_set("threads=1");
  stream_write(&site.stream, &site.cluster, 50, 1);
  cluster_error(&site.cluster, api, error, 30);
  site_start();
  await_failed();
  assert_int_equal(site_stop(), STATUS_OUTSIDE);
  if (!strstr(site_log(), why)) fail_msg("\"%s\" is wanted, not: %s", why, site_log());
  tape_catch_up(&site.changes);
  assert_int_equal(site.changes.count, 0);
}

static void test_fenced_too_often(void **state) {
  (void)state;
  assert_gives_up(API_PRODUCE, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH,
                  "3 producers were shut out within 300 s (does another instance run as");
}

static void test_too_large(void **state) {
  (void)state;
  assert_gives_up(
      API_PRODUCE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
      "publishing to stage-changes, handover-dead-letters or handover-journal: Broker: Message size too large");
}

/* --- it does not start --- */

static void assert_not_started(const char *why) {
  assert_false(site_try());
  if (!strstr(site.why, why)) fail_msg("\"%s\" is wanted, not: %s", why, site.why);
}

static void test_does_not_start(void **state) {
  (void)state;
  site_set("inputs=one,three", "journal=somewhere-else");
  assert_not_started("three: is missing");
  assert_non_null(strstr(site.why, "somewhere-else: is missing"));
  site_set("state_dir=/dev/null/state");
  assert_not_started("/dev/null: the folder cannot be made");
  site_set("http=127.0.0.1:1", "inputs=one");
  if (geteuid() != 0) assert_not_started("127.0.0.1:1");
  site_set("bootstrap=127.0.0.1:1");
  assert_not_started("no broker answers");
  assert_non_null(strstr(site.why, "refused"));
}

/* --- it ends in time --- */

static void test_stops_without_broker(void **state) {
  (void)state;
  site_set("threads=1");
  site_start();
  stream_write(&site.stream, &site.cluster, 50, 1);
  site_await();
  await_committed(); /* else a call of librdkafka that nothing ends may go beyond the time: the process ends with 3 then */
  cluster_up(&site.cluster, false);
  assert_int_equal(site_stop(), STATUS_OK);
  cluster_up(&site.cluster, true);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      site_test(test_publishes),
      site_test(test_two_workers_two_inputs),
      site_test(test_commits_early),
      site_test(test_undone_while_it_goes_on),
      site_test(test_stops_while_committing),
      site_test(test_loses_its_tasks_while_committing),
      site_test(test_snapshots_while_committing),
      site_test(test_snapshots),
      site_test(test_goes_on),
      site_test(test_loses_its_tasks),
      site_test(test_shares_its_tasks),
      site_test(test_fenced_too_often),
      site_test(test_too_large),
      site_test(test_does_not_start),
      site_test(test_stops_without_broker),
  };
  return apart_run(tests, sizeof tests / sizeof *tests);
}
