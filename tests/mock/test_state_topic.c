/* test_state_topic.c: snapshots from their files to `handover-state`, on librdkafka's mock cluster: whole, more than may be on its way at
 * once, and what becomes of an upload when the file, the broker or the daemon fails it. */
#include "apart.h"
#include "cluster.h"

#include <fcntl.h>
#include <unistd.h>

#include "consumer/snapshot_chunk.h"
#include "producer/state_topic.h"

enum { PARTITIONS = 2, SMALL = 2 * SNAPSHOT_CHUNK_BYTES + 1000, LARGE = 5 * STATE_TOPIC_KB * 1024 };

struct bench {
  struct cluster cluster;
  struct settings settings;
  struct shutdown shutdown;
  struct state_topic *topic;
  struct tape tape;
};

static void start(struct bench *bench) {
  char why[600];
  *bench = (struct bench){0};
  cluster_start(&bench->cluster);
  cluster_topic(&bench->cluster, "handover-state", PARTITIONS);
  cluster_settings(&bench->cluster, "", &bench->settings);
  bench->topic = state_topic_open(&bench->settings, &bench->shutdown, why, sizeof why);
  assert_non_null(bench->topic);
}

static void stop(struct bench *bench) {
  state_topic_close(bench->topic);
  settings_fini(&bench->settings);
  cluster_stop(&bench->cluster);
}

static char byte_of(uint64_t id, size_t at) { return (char)((id * 2654435761u + at * 40503u) >> 8); }

/* A file of so many bytes that nobody else sees. */
static int file_of(uint64_t id, size_t length) {
  char path[] = "/tmp/handover-upload-XXXXXX", *bytes = malloc(length);
  int file = mkstemp(path);
  assert_true(file >= 0 && bytes);
  unlink(path);
  for (size_t i = 0; i < length; i++) bytes[i] = byte_of(id, i);
  assert_int_equal(write(file, bytes, length), length);
  free(bytes);
  return file;
}

static struct upload_order order_of(uint64_t id, size_t length, int32_t generation, uint32_t end) {
  return (struct upload_order){file_of(id, length), length, id, 1, generation, end};
}

static enum upload_state await(struct upload *upload) {
  int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  while (upload_state(upload) == UPLOAD_MOVING) check_deadline(until_ns, "the upload");
  enum upload_state state = upload_state(upload);
  upload_release(upload);
  return state;
}

static void collect(struct bench *bench, struct snapshot_chunks *chunks) {
  snapshot_chunks_init(chunks, 1);
  tape_start(&bench->tape, &bench->cluster, "handover-state", PARTITIONS);
  tape_catch_up(&bench->tape);
  for (size_t i = 0; i < bench->tape.count; i++) {
    const rd_kafka_message_t *m = bench->tape.at[i];
    assert_int_equal(m->partition, 1);
    snapshot_chunks_add(chunks, (struct slice){m->key, (uint32_t)m->key_len},
                        (struct slice){m->payload, (uint32_t)m->len});
  }
}

static void assert_holds(struct snapshot_chunks *chunks, int32_t generation, uint64_t id, size_t length) {
  struct buffer bytes = {0};
  assert_int_equal(snapshot_chunks_best(chunks), generation);
  snapshot_chunks_assemble(chunks, generation, &bytes);
  assert_int_equal(bytes.length, length);
  for (size_t i = 0; i < length; i++)
    if (bytes.at[i] != byte_of(id, i)) fail_msg("byte %zu", i);
  buffer_fini(&bytes);
}

/* Two snapshots, one after the other; of a longer one before them the rest goes. */
static void test_whole(void **state) {
  (void)state;
  struct bench bench;
  struct snapshot_chunks chunks;
  start(&bench);
  struct upload_order first = order_of(7, SMALL, 0, 0), second = order_of(8, SNAPSHOT_CHUNK_BYTES, 1, 4);
  struct upload *one = upload_begin(bench.topic, &first), *other = upload_begin(bench.topic, &second);
  assert_int_equal(await(one), UPLOAD_DONE);
  assert_int_equal(await(other), UPLOAD_DONE);
  assert_int_equal(lseek(first.descriptor, 0, SEEK_CUR), -1); /* closed */
  collect(&bench, &chunks);
  assert_int_equal(bench.tape.count, 3 + 1 + 3);
  for (size_t i = 0; i < bench.tape.count; i++) assert_int_equal(bench.tape.at[i]->payload == NULL, i > 3);
  assert_holds(&chunks, 1, 8, SNAPSHOT_CHUNK_BYTES);
  snapshot_chunks_drop(&chunks, 1);
  assert_holds(&chunks, 0, 7, SMALL);
  snapshot_chunks_fini(&chunks);
  tape_stop(&bench.tape);
  stop(&bench);
}

/* More than may be on its way: the thread waits for the broker; nobody waits for the thread. */
static void test_large(void **state) {
  (void)state;
  struct bench bench;
  start(&bench);
  cluster_delay(&bench.cluster, API_PRODUCE, 3000);
  struct upload_order order = order_of(9, LARGE, 0, 0);
  struct upload *upload = upload_begin(bench.topic, &order);
  assert_int_equal(upload_state(upload), UPLOAD_MOVING);
  assert_int_equal(await(upload), UPLOAD_DONE);
  stop(&bench);
}

static void test_refused(void **state) {
  (void)state;
  struct bench bench;
  struct snapshot_chunks chunks;
  start(&bench);
  cluster_error(&bench.cluster, API_PRODUCE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 1);
  struct upload_order refused = order_of(10, 100, 0, 0), next = order_of(11, SMALL, 0, 0);
  assert_int_equal(await(upload_begin(bench.topic, &refused)), UPLOAD_FAILED);
  assert_int_equal(await(upload_begin(bench.topic, &next)), UPLOAD_DONE);
  collect(&bench, &chunks);
  assert_holds(&chunks, 0, 11, SMALL);
  snapshot_chunks_fini(&chunks);
  tape_stop(&bench.tape);
  stop(&bench);
}

/* A file that has become shorter, and one that cannot be read: nothing of it counts as whole. */
static void test_file_fails(void **state) {
  (void)state;
  struct bench bench;
  struct snapshot_chunks chunks;
  start(&bench);
  struct upload_order cut = order_of(12, SMALL, 0, 0), closed = order_of(13, SMALL, 0, 0);
  assert_int_equal(ftruncate(cut.descriptor, SMALL - 1), 0);
  close(closed.descriptor);
  closed.descriptor = open("/dev/null", O_WRONLY | O_CLOEXEC);
  assert_int_equal(await(upload_begin(bench.topic, &cut)), UPLOAD_FAILED);
  assert_int_equal(await(upload_begin(bench.topic, &closed)), UPLOAD_FAILED);
  state_topic_close(bench.topic); /* what was sent arrives before it is looked for */
  bench.topic = NULL;
  collect(&bench, &chunks);
  assert_int_equal(bench.tape.count, 2);
  assert_int_equal(snapshot_chunks_best(&chunks), -1);
  snapshot_chunks_fini(&chunks);
  tape_stop(&bench.tape);
  stop(&bench);
}

/* What has been begun is finished before the topic is closed; its worker may be gone. */
static void test_close_waits(void **state) {
  (void)state;
  struct bench bench;
  struct snapshot_chunks chunks;
  start(&bench);
  cluster_delay(&bench.cluster, API_PRODUCE, 300);
  struct upload_order order = order_of(14, SMALL, 1, 0);
  upload_release(upload_begin(bench.topic, &order));
  state_topic_close(bench.topic);
  bench.topic = NULL;
  collect(&bench, &chunks);
  assert_holds(&chunks, 1, 14, SMALL);
  snapshot_chunks_fini(&chunks);
  tape_stop(&bench.tape);
  stop(&bench);
}

/* … but not for ever: no broker answers, and the daemon's time is over. */
static void test_close_gives_up(void **state) {
  (void)state;
  struct bench bench;
  start(&bench);
  cluster_up(&bench.cluster, false);
  struct upload_order large = order_of(15, LARGE, 0, 0), next = order_of(16, SMALL, 1, 0);
  struct upload *first = upload_begin(bench.topic, &large), *second = upload_begin(bench.topic, &next);
  shutdown_request(&bench.shutdown, 500);
  int64_t until_ns = deadline_ns(20000);
  state_topic_close(bench.topic);
  check_deadline(until_ns, "closing");
  bench.topic = NULL;
  assert_int_equal(await(first), UPLOAD_FAILED);
  assert_int_equal(await(second), UPLOAD_FAILED);
  stop(&bench);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_whole),      cmocka_unit_test(test_large),       cmocka_unit_test(test_refused),
      cmocka_unit_test(test_file_fails), cmocka_unit_test(test_close_waits), cmocka_unit_test(test_close_gives_up),
  };
  return apart_run(tests, sizeof tests / sizeof *tests);
}
