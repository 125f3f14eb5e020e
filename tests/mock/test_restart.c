/* test_restart.c: the daemon is stopped and started again, on librdkafka's mock cluster: from the local snapshot, from the topic's,
 * by the journal alone; and what it refuses, an input that was altered too. The mock discards the group's offsets: the journal alone says where it stood. */
#define _GNU_SOURCE /* nftw */
#include "site.h"

#include <errno.h>

enum { STATUS_OK = 0, STATUS_OUTSIDE = 3 };

/* Starts, waits for its tasks, writes so many records, waits until they are decided, stops. */
static void run_for(int32_t records) {
  site_start();
  site_await_logged("\"task restored\"", STREAM_PARTITIONS);
  stream_write(&site.stream, &site.cluster, records, 1);
  site_await();
  assert_int_equal(site_stop(), STATUS_OK);
  site_check_changes(false);
  site_check_letters(false);
}

static void remove_snapshots(void) {
  char name[40];
  for (int32_t p = 0; p < STREAM_PARTITIONS; p++) {
    snprintf(name, sizeof name, "state/%d.snapshot", (int)p);
    assert_true(unlink(site_path(name)) == 0 || errno == ENOENT);
  }
}

/* Nothing of what was published is published again. */
static void test_continues(void **state) {
  (void)state;
  site_set("threads=1");
  run_for(150);
  assert_int_equal(site_logged("\"snapshot loaded\""), 0);
  run_for(50);
  assert_int_equal(site_logged("from the state directory"), STREAM_PARTITIONS);
  assert_int_equal(site_logged("\"records\":0"), STREAM_PARTITIONS);

  assert_int_equal(truncate(site_path("state/0.snapshot"), 100), 0);
  run_for(30);
  assert_int_equal(site_logged("from the state directory"), STREAM_PARTITIONS - 1);
  assert_int_equal(site_logged("from the state topic"), 1);
  assert_non_null(strstr(site_log(), "\"snapshot not used\",\"message\":\"it is torn"));
  assert_int_equal(access(site_path("state/0.snapshot.aside"), R_OK), 0);

  remove_snapshots();
  cluster_topic(&site.cluster, "empty-state", STREAM_PARTITIONS);
  site_set("threads=1", "state=empty-state");
  run_for(30);
  assert_int_equal(site_logged("\"snapshot loaded\""), 0);
  assert_int_equal(site_logged("\"records\":0"), 0);
}

/* Brokers that are not there yet, or lose their connections, are asked again. */
static void test_restores_through_errors(void **state) {
  (void)state;
  site_set("threads=2", "inputs=one,two");
  stream_write(&site.stream, &site.cluster, 100, 2);
  site_start();
  site_await();
  assert_int_equal(site_stop(), STATUS_OK);
  remove_snapshots();
  cluster_error(&site.cluster, API_OFFSET_FETCH, RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT, 2);
  cluster_error(&site.cluster, API_LIST_OFFSETS, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, 2);
  cluster_error(&site.cluster, API_FETCH, RD_KAFKA_RESP_ERR__TRANSPORT, 2);
  stream_write(&site.stream, &site.cluster, 100, 2);
  site_start();
  site_await();
  assert_int_equal(site_stop(), STATUS_OK);
  site_check_changes(false);
  site_check_letters(false);
}

/* A version that becomes known while nothing is read is in no snapshot before it is in the journal. */
static void test_new_version(void **state) {
  (void)state;
  site_set("threads=1");
  run_for(100);
  remove_snapshots();
  cluster_topic(&site.cluster, "empty-state", STREAM_PARTITIONS);
  site_set("threads=1", "state=empty-state");
  site.definitions[1] = stream_definition(2, "2026-03-01T09:31:45Z", 1); /* at about the 150th record */
  site.version_count = 2;
  run_for(0);
  run_for(100);
  remove_snapshots();
  cluster_topic(&site.cluster, "another-state", STREAM_PARTITIONS);
  site_set("threads=1", "state=another-state");
  run_for(20);
  assert_int_equal(site_logged("\"snapshot loaded\""), 0);
}

/* Deadlines pass by the wall clock; what followed from it is replayed by the journal's marks. */
static void test_clock_marks(void **state) {
  (void)state;
  site_set("threads=1", "clock_grace_ms=0");
  site.wall_clock = true;
  cluster_error(&site.cluster, API_END_TXN, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, 1);
  stream_write(&site.stream, &site.cluster, STREAM_LEADS, 1); /* all of them ask */
  site_start();
  int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  while (site.journal.count == 0 || !memmem(site.journal.at[site.journal.count - 1]->payload,
                                            site.journal.at[site.journal.count - 1]->len, "{\"clock\":", 9)) {
    tape_pull(&site.journal, 20);
    check_deadline(until_ns, "a clock mark");
  }
  site_await();
  assert_int_equal(site_stop(), STATUS_OK);
  remove_snapshots();
  cluster_topic(&site.cluster, "empty-state", STREAM_PARTITIONS);
  site_set("threads=1", "clock_grace_ms=0", "state=empty-state");
  site_start();
  site_await_logged("\"task restored\"", STREAM_PARTITIONS);
  stream_write(&site.stream, &site.cluster, 30, 1);
  site_await();
  assert_int_equal(site_stop(), STATUS_OK);
}

/* --- what it refuses --- */

static void assert_refuses(const char *why) {
  int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  site_start();
  while (!daemon_failed(site.instance->daemon)) check_deadline(until_ns, why);
  assert_int_equal(site_stop(), STATUS_OUTSIDE);
  if (!strstr(site_log(), why)) fail_msg("\"%s\" is wanted, not: %s", why, site_log());
}

static void test_refuses(void **state) {
  (void)state;
  site_set("threads=1");
  run_for(100);
  remove_snapshots();
  size_t published = site.changes.count;
  cluster_topic(&site.cluster, "empty-state", STREAM_PARTITIONS);

  struct definition *before = site.definitions[0];
  site.definitions[0] = stream_definition(1, "2026-01-01T00:00:00Z", 4);
  site_set("threads=1", "state=empty-state");
  assert_refuses("it was decided by version 1 of the definition with digest");
  definition_destroy(site.definitions[0]);
  site.definitions[0] = before;

  cluster_put(&site.cluster, &(struct put){"handover-journal", 1, NULL, "{\"journal\":1}", STREAM_BEGIN_MS});
  cluster_flush(&site.cluster);
  assert_refuses("partition 1: handover-journal at offset");
  tape_catch_up(&site.changes);
  assert_int_equal(site.changes.count, published);
}

/* --- an input that was altered --- */

/* The journal's records as they are now. */
static void read_journal(struct texts journals[STREAM_PARTITIONS]) {
  tape_catch_up(&site.journal);
  for (size_t i = 0; i < site.journal.count; i++) {
    const rd_kafka_message_t *message = site.journal.at[i];
    texts_add(&journals[message->partition], message->payload, message->len);
  }
}

/* A cluster of its own with the same inputs and the same journal, as if somebody had a hand in the broker's files. No snapshots. */
static void move_to_another_cluster(const struct texts journals[STREAM_PARTITIONS]) {
  site_close_cluster();
  site_open_cluster();
  for (int32_t p = 0; p < STREAM_PARTITIONS; p++) {
    for (int32_t i = 0; i < site.stream.count[0][p]; i++) {
      const struct stream_record *record = &site.stream.at[0][p][i];
      cluster_put(&site.cluster, &(struct put){"one", p, record->key, record->value, record->timestamp_ms});
    }
    for (size_t i = 0; i < journals[p].count; i++)
      cluster_put(&site.cluster, &(struct put){"handover-journal", p, NULL, journals[p].at[i], STREAM_BEGIN_MS});
  }
  cluster_flush(&site.cluster);
  remove_snapshots();
}

static const char *const kinds[FINGERPRINT_KINDS] = {"journal_inputs=xxh3", "journal_inputs=sha256"};

/* Starts on a cluster with what the stream and the journals hold now. */
static void restart_elsewhere(const struct texts journals[STREAM_PARTITIONS], const char *setting) {
  move_to_another_cluster(journals);
  site_set("threads=1", setting);
}

/* Nothing that is decided depends on what is changed here. What was written by one kind is checked by it, whatever the setting is now. */
static void refuse_altered(enum fingerprint_kind kind) {
  static const char wanted[] = " of handover-journal: an input was altered, or this record: one ";
  struct texts journals[STREAM_PARTITIONS] = {0};
  struct stream_record *record = &site.stream.at[0][1][20], before;
  const char *other = kinds[kind == FINGERPRINT_XXH3 ? FINGERPRINT_SHA256 : FINGERPRINT_XXH3];
  site_set("threads=1", kinds[kind]);
  run_for(100);
  read_journal(journals);
  assert_non_null(strstr(journals[1].at[0], kind == FINGERPRINT_XXH3 ? "\"inputs\":\"xxh3:" : "\"inputs\":\"sha256:"));
  restart_elsewhere(journals, other);
  site_start();
  site_await_logged("\"task restored\"", STREAM_PARTITIONS);
  assert_int_equal(site_stop(), STATUS_OK);

  before = *record;
  memcpy(record->value + strlen(record->value), " ", 2);
  restart_elsewhere(journals, other);
  assert_refuses(wanted);
  assert_non_null(strstr(site_log(), "partition 1: record "));
  *record = before;
  record->timestamp_ms++;
  restart_elsewhere(journals, other);
  assert_refuses(wanted);
  *record = before;
  memcpy(record->key, "nobody", sizeof "nobody");
  restart_elsewhere(journals, other);
  assert_refuses(wanted);
  for (int32_t p = 0; p < STREAM_PARTITIONS; p++) texts_fini(&journals[p]);
}

static void test_altered_by_xxh3(void **state) {
  (void)state;
  refuse_altered(FINGERPRINT_XXH3);
}

static void test_altered_by_sha256(void **state) {
  (void)state;
  refuse_altered(FINGERPRINT_SHA256);
}

/* An instance that was asleep writes its snapshot when another has gone on: what that one wrote comes after the snapshot. */
static void test_snapshot_of_a_zombie(void **state) {
  (void)state;
  site_set("threads=1");
  site_start();
  site_await_logged("\"task restored\"", STREAM_PARTITIONS);
  stream_write(&site.stream, &site.cluster, 100, 1);
  site_await();
  cluster_put(&site.cluster, &(struct put){"handover-journal", 1, NULL, "{\"journal\":1}", STREAM_BEGIN_MS});
  cluster_flush(&site.cluster);
  assert_int_equal(site_stop(), STATUS_OK);
  assert_refuses("partition 1: handover-journal at offset");
  assert_true(site_logged("from the state directory") > 0);
}

/* --- it ends in time --- */

static void test_stops_while_restoring(void **state) {
  (void)state;
  site_set("threads=1");
  stream_write(&site.stream, &site.cluster, 10, 1);
  for (int i = 0; i < 20; i++) cluster_delay(&site.cluster, API_LIST_OFFSETS, 60000);
  site_start();
  site_await_logged("partitions assigned", 1);
  assert_int_equal(site_stop(), STATUS_OK);
  assert_int_equal(site_logged("\"task restored\""), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      site_test(test_continues),
      site_test(test_restores_through_errors),
      site_test(test_new_version),
      site_test(test_clock_marks),
      site_test(test_refuses),
      site_test(test_altered_by_xxh3),
      site_test(test_altered_by_sha256),
      site_test(test_snapshot_of_a_zombie),
      site_test(test_stops_while_restoring),
  };
  return apart_run(tests, sizeof tests / sizeof *tests);
}
