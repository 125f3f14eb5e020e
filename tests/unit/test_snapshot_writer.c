/* test_snapshot_writer.c: a snapshot is written while its task goes on; each call to the system fails once, and the process dies at each of
 * them and at any other moment: there is always the old snapshot or the new one, whole. The calls are this file's own: write, fsync and
 * rename below. SEEDS=n: how often the process dies at random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "consumer/clock.h"
#include "consumer/snapshot_file.h"
#include "consumer/snapshot_writer.h"
#include "folder.h"
#include "made_state.h"

enum { PARTITION = 3, LEADS = 400, DAY_MS = 86400000, KILLS = 60, WAIT_NS = 5000000 };

static char folder[] = "/tmp/handover-writer-XXXXXX";

/* --- the system, which fails where it is told to --- */

enum harm { HARM_NONE, HARM_FAIL, HARM_DIE, HARM_SHORT /* writes a byte less than it should */ };

static atomic_int harm, calls_left; /* … and when: at the call that makes it 0 */
static atomic_int calls[3];         /* write, fsync, rename: harmed */
static atomic_bool gate;            /* closed: who writes waits */

static bool harmed(int call) {
  while (atomic_load(&gate)) nanosleep(&(struct timespec){0, 200000}, NULL);
  if (atomic_load(&harm) == HARM_NONE || atomic_fetch_sub(&calls_left, 1) != 1) return false;
  atomic_fetch_add(&calls[call], 1);
  if (atomic_load(&harm) == HARM_DIE) raise(SIGKILL);
  errno = EIO;
  return atomic_load(&harm) == HARM_FAIL;
}

ssize_t write(int file, const void *bytes, size_t length) {
  if (harmed(0)) return -1;
  if (atomic_load(&harm) == HARM_SHORT && length > 1) length--;
  return syscall(SYS_write, file, bytes, length);
}

int fsync(int file) { return harmed(1) ? -1 : (int)syscall(SYS_fsync, file); }
int rename(const char *from, const char *to) { return harmed(2) ? -1 : (int)syscall(SYS_rename, from, to); }

static void harm_at(enum harm what, int call) {
  atomic_store(&calls_left, call);
  atomic_store(&harm, what);
}

/* --- around them --- */

static const char *path_of(const char *ending) {
  static char path[256];
  snprintf(path, sizeof path, "%s/%d.snapshot%s", folder, PARTITION, ending);
  return path;
}

static int folder_make(void **state) {
  (void)state;
  harm_at(HARM_NONE, 0);
  return folder_fresh(folder);
}

static int folder_remove(void **state) {
  (void)state;
  return folder_gone(folder);
}

static struct snapshot_head head_of(uint64_t sequence) {
  struct snapshot_head head;
  snapshot_head_init(&head, "cluster", "group", PARTITION);
  snapshot_head_input(&head, "events", 17);
  head.sequence = sequence;
  return head;
}

static void begin(struct snapshot_writer *writer, struct made *made, uint64_t sequence) {
  struct snapshot_head head = head_of(sequence);
  snapshot_writer_begin(writer, &head, lane_task(made->lane));
}

/* To its end, or to what stops it. */
static enum snapshot_writing go_on(struct snapshot_writer *writer) {
  enum snapshot_writing state;
  while ((state = snapshot_writer_step(writer, 0)) == SNAPSHOT_WRITING_ON) snapshot_writer_wait(writer, WAIT_NS);
  return state;
}

static struct snapshot_written take(struct snapshot_writer *writer) {
  struct snapshot_written written;
  snapshot_writer_take(writer, &written);
  if (written.descriptor >= 0) close(written.descriptor);
  assert_int_equal(snapshot_writer_step(writer, 0), SNAPSHOT_WRITING_NONE);
  return written;
}

static void assert_done(struct snapshot_writer *writer) {
  enum snapshot_writing state = go_on(writer);
  struct snapshot_written written = take(writer);
  if (state != SNAPSHOT_WRITING_DONE) fail_msg("%d: %s", (int)state, written.why);
}

/* The sequence of the snapshot that is there, which is whole; 0: none is. */
static uint64_t there(struct buffer *bytes, struct snapshot_state *within) {
  struct snapshot_head head;
  char why[SNAPSHOT_WHY] = "";
  bytes->length = 0;
  enum snapshot_outcome outcome = snapshot_file_read(folder, PARTITION, bytes, why, sizeof why);
  if (outcome == SNAPSHOT_ABSENT) return 0;
  if (outcome != SNAPSHOT_OK || !snapshot_decode(bytes->at, bytes->length, &head, within, why, sizeof why))
    fail_msg("%d: %s", (int)outcome, why);
  return head.sequence;
}

static uint64_t sequence_there(void) {
  struct buffer bytes = {0};
  struct snapshot_state within;
  uint64_t sequence = there(&bytes, &within);
  buffer_fini(&bytes);
  return sequence;
}

static void assert_clean(void) { assert_int_equal(access(path_of(".tmp"), F_OK), -1); }

/* --- what is written --- */

static void test_whole(void **state) {
  (void)state;
  struct made made;
  struct buffer wanted = {0}, bytes = {0};
  struct snapshot_state within;
  struct snapshot_written written;
  struct snapshot_head head = head_of(1);
  char first[8];
  made_init(&made, 1);
  made_events(&made, 3 * LEADS, LEADS, 60000);
  struct snapshot_writer *writer = snapshot_writer_create(folder);
  made_snapshot(&made, &head, &wanted);
  begin(writer, &made, 1);
  assert_int_equal(go_on(writer), SNAPSHOT_WRITING_DONE);
  assert_int_equal(there(&bytes, &within), 1);
  assert_int_equal(bytes.length, wanted.length);
  assert_memory_equal(bytes.at, wanted.at, wanted.length);
  snapshot_writer_take(writer, &written);
  assert_int_equal(written.bytes, wanted.length);
  assert_int_equal(pread(written.descriptor, first, sizeof first, 0), sizeof first);
  assert_memory_equal(first, "HANDSNAP", sizeof first);
  close(written.descriptor);
  snapshot_writer_destroy(writer);
  assert_clean();
  buffer_fini(&wanted);
  buffer_fini(&bytes);
  made_fini(&made);
}

static void load(struct made *copy, const struct made *made, const char *at, size_t length) {
  *copy = *made;
  copy->published = (struct buffer){0};
  made_lane(copy, 2);
  assert_true(task_load(lane_task(copy->lane), at, length));
  lane_reload(copy->lane);
}

/* Events come between the steps: what is in the file is the task as it was, and goes on as that does. */
static void test_between(void **state) {
  (void)state;
  struct made made, was, is;
  struct buffer before = {0}, bytes = {0};
  struct snapshot_state within;
  int32_t steps = 0;
  made_init(&made, 2);
  made_events(&made, 3 * LEADS, LEADS, 60000);
  struct snapshot_writer *writer = snapshot_writer_create(folder);
  before = made_save(&made);
  begin(writer, &made, 1);
  while (snapshot_writer_step(writer, 0) == SNAPSHOT_WRITING_ON) {
    made_events(&made, 20, LEADS + 50, 60000);
    steps++;
  }
  assert_true(steps >= LEADS / 64);
  take(writer);
  assert_int_equal(there(&bytes, &within), 1);
  load(&was, &made, before.at, before.length);
  load(&is, &made, within.at, within.length);
  made_events(&was, 200, LEADS, 600000);
  made_events(&is, 200, LEADS, 600000);
  lane_mark(was.lane, was.now_ms + INT64_C(40) * DAY_MS);
  lane_mark(is.lane, is.now_ms + INT64_C(40) * DAY_MS);
  assert_true(was.published.length > 1000 && was.published.length == is.published.length);
  assert_memory_equal(was.published.at, is.published.at, was.published.length);
  lane_destroy(was.lane);
  lane_destroy(is.lane);
  buffer_fini(&was.published);
  buffer_fini(&is.published);
  snapshot_writer_destroy(writer);
  buffer_fini(&before);
  buffer_fini(&bytes);
  made_fini(&made);
}

/* --- what can go wrong --- */

/* The n-th call fails, for each n. After it, the next snapshot is written. */
static void test_every_failure(void **state) {
  (void)state;
  struct made made;
  bool through = false;
  uint64_t sequence = 0, failures = 0;
  made_init(&made, 3);
  made_events(&made, 6 * LEADS, 4 * LEADS, 60000);
  struct snapshot_writer *writer = snapshot_writer_create(folder);
  memset(calls, 0, sizeof calls);
  for (int call = 1; !through; call++) {
    begin(writer, &made, ++sequence);
    assert_done(writer);
    harm_at(HARM_FAIL, call);
    begin(writer, &made, ++sequence);
    through = go_on(writer) == SNAPSHOT_WRITING_DONE;
    harm_at(HARM_NONE, 0);
    struct snapshot_written written = take(writer);
    assert_clean();
    if (through) break;
    failures++;
    assert_non_null(strstr(written.why, "Input/output error"));
    bool folder_only = !strstr(written.why, ".snapshot");
    assert_int_equal(sequence_there(), folder_only ? sequence : sequence - 1);
  }
  assert_true(atomic_load(&calls[0]) >= 2 && atomic_load(&calls[1]) == 2 && atomic_load(&calls[2]) == 1);
  assert_true(failures >= 5);
  snapshot_writer_destroy(writer);
  made_fini(&made);
}

static void test_short_writes(void **state) {
  (void)state;
  struct made made;
  made_init(&made, 4);
  made_events(&made, 3 * LEADS, LEADS, 60000);
  struct snapshot_writer *writer = snapshot_writer_create(folder);
  harm_at(HARM_SHORT, 0);
  begin(writer, &made, 1);
  assert_done(writer);
  assert_int_equal(sequence_there(), 1);
  snapshot_writer_destroy(writer);
  made_fini(&made);
}

static void test_no_folder(void **state) {
  (void)state;
  struct made made;
  made_init(&made, 5);
  assert_int_equal(rmdir(folder), 0);
  struct snapshot_writer *writer = snapshot_writer_create(folder);
  begin(writer, &made, 1);
  assert_int_equal(go_on(writer), SNAPSHOT_WRITING_FAILED);
  assert_non_null(strstr(take(writer).why, "No such file or directory"));
  assert_int_equal(mkdir(folder, 0700), 0);
  begin(writer, &made, 2);
  assert_done(writer);
  assert_int_equal(sequence_there(), 2);
  snapshot_writer_destroy(writer);
  made_fini(&made);
}

/* --- dying --- */

/* Snapshots, the last of which `there` is, until the end comes; with a change between any two. */
static void write_on(struct made *made, uint64_t sequence, int32_t count) {
  struct snapshot_writer *writer = snapshot_writer_create(folder);
  for (int32_t i = 0; i < count; i++) {
    begin(writer, made, ++sequence);
    made_events(made, 5, 4 * LEADS, 60000);
    if (go_on(writer) != SNAPSHOT_WRITING_DONE) _exit(2);
    take(writer);
  }
  _exit(0);
}

/* The process dies at the n-th call, for each n. */
static void test_die_at_every_call(void **state) {
  (void)state;
  struct made made;
  int status = 0, call = 0;
  made_init(&made, 6);
  made_events(&made, 6 * LEADS, 4 * LEADS, 60000);
  do {
    uint64_t before = sequence_there();
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
      harm_at(HARM_DIE, call + 1);
      write_on(&made, before, 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    uint64_t after = sequence_there();
    assert_true(after == before || after == before + 1);
    call++;
  } while (WIFSIGNALED(status));
  assert_int_equal(status, 0);
  assert_true(call > 5);
  assert_clean();
  made_fini(&made);
}

/* How long one takes here: with a process of its own, as what is killed has. */
static int64_t one_ns(struct made *made) {
  int status = 0;
  int64_t begin_ns = clock_monotonic_ns();
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) write_on(made, sequence_there(), 1);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  return clock_monotonic_ns() - begin_ns;
}

static void test_die_at_random(void **state) {
  (void)state;
  struct made made;
  uint64_t kills = getenv("SEEDS") ? strtoull(getenv("SEEDS"), NULL, 10) : KILLS, written = 0;
  made_init(&made, 7);
  made_events(&made, 6 * LEADS, 4 * LEADS, 60000);
  int64_t most_ns = 4 * one_ns(&made);
  for (uint64_t i = 0; i < kills || written == 0; i++) {
    if (i >= kills) most_ns *= 2; /* one has to come so far, however slow the machine has become */
    int status = 0;
    const int64_t pause_ns = most_ns / 1000 * made_below(&made, 1000);
    uint64_t before = sequence_there();
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) write_on(&made, before, INT32_MAX);
    nanosleep(&(struct timespec){pause_ns / 1000000000, pause_ns % 1000000000}, NULL);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    written += sequence_there() - before;
  }
  made_fini(&made);
}

/* --- giving up --- */

static void await(struct snapshot_writer *writer, enum snapshot_writing wanted) {
  while (snapshot_writer_step(writer, 0) == SNAPSHOT_WRITING_ON) snapshot_writer_wait(writer, WAIT_NS);
  assert_int_equal(snapshot_writer_step(writer, 0), wanted);
}

/* In the middle; while the disk is waited for; when it is there already; and with the writer itself. */
static void test_give_up(void **state) {
  (void)state;
  struct made made;
  made_init(&made, 8);
  made_events(&made, 3 * LEADS, LEADS, 60000);
  struct snapshot_writer *writer = snapshot_writer_create(folder);
  begin(writer, &made, 1);
  assert_int_equal(snapshot_writer_step(writer, 0), SNAPSHOT_WRITING_ON);
  snapshot_writer_give_up(writer);
  await(writer, SNAPSHOT_WRITING_NONE);
  assert_int_equal(sequence_there(), 0);
  assert_clean();
  atomic_store(&gate, true);
  begin(writer, &made, 2);
  for (int32_t i = 0; i < 20; i++) assert_int_equal(snapshot_writer_step(writer, 0), SNAPSHOT_WRITING_ON);
  snapshot_writer_give_up(writer);
  assert_int_equal(snapshot_writer_step(writer, 0), SNAPSHOT_WRITING_ON); /* the disk has not answered yet */
  atomic_store(&gate, false);
  await(writer, SNAPSHOT_WRITING_NONE);
  begin(writer, &made, 3);
  assert_int_equal(go_on(writer), SNAPSHOT_WRITING_DONE);
  snapshot_writer_give_up(writer);
  assert_int_equal(snapshot_writer_step(writer, 0), SNAPSHOT_WRITING_NONE);
  assert_int_equal(sequence_there(), 3);
  begin(writer, &made, 4);
  assert_int_equal(snapshot_writer_step(writer, 0), SNAPSHOT_WRITING_ON);
  snapshot_writer_destroy(writer);
  assert_int_equal(sequence_there(), 3);
  assert_clean();
  made_fini(&made); /* the task has no save that would still write */
}

static void test_takeover(void **state) {
  (void)state;
  struct made made;
  made_init(&made, 9);
  made_events(&made, 3 * LEADS, LEADS, 60000);
  struct snapshot_writer *writer = snapshot_writer_create(folder);
  begin(writer, &made, 1);
  assert_int_equal(snapshot_writer_step(writer, 0), SNAPSHOT_WRITING_ON);
  lane_mark(made.lane, MADE_TAKEOVER + 1);
  assert_int_equal(go_on(writer), SNAPSHOT_WRITING_GONE);
  take(writer);
  assert_int_equal(sequence_there(), 0);
  assert_clean();
  begin(writer, &made, 2);
  assert_done(writer);
  assert_int_equal(sequence_there(), 2);
  snapshot_writer_destroy(writer);
  made_fini(&made);
}

/* --- a disk that does not keep up --- */

enum { MANY = 110000, LONG = 240 };

/* An event of a lead with long texts: 700 bytes of a snapshot. */
static void long_event(struct made *made, uint32_t lead, const char *text) {
  struct buffer line = {0};
  made->now_ms += 10;
  buffer_printf(
      &line,
      "{\"userId\":\"%.200s%u\",\"timestamp\":%lld,\"event\":\"V\",\"traits\":{\"email\":\"%s\",\"title\":\"%s\"}}",
      text, lead, (long long)made->now_ms, text, text);
  struct record record = {{line.at, (uint32_t)line.length}, {0}, TIME_NONE, {SLICE("events"), 3, made->offset++}};
  lane_apply(made->lane, &record, 1);
  buffer_fini(&line);
}

/* The disk stands. Steps go no further than a few megabytes; leads that change are kept until too much waits. Nothing waits for the disk,
 * and when it answers again, the next snapshot is written. */
static void test_disk_stands(void **state) {
  (void)state;
  struct made made;
  char text[LONG + 1];
  memset(text, 'x', LONG);
  text[LONG] = 0;
  made_init(&made, 10);
  for (uint32_t i = 0; i < MANY; i++) long_event(&made, i, text);
  struct snapshot_writer *writer = snapshot_writer_create(folder);
  atomic_store(&gate, true);
  begin(writer, &made, 1);
  for (int32_t i = 0; i < 1000; i++) assert_int_equal(snapshot_writer_step(writer, WAIT_NS), SNAPSHOT_WRITING_ON);
  uint32_t touched = 0;
  for (; touched < MANY; touched++) long_event(&made, touched, text);
  assert_int_equal(snapshot_writer_step(writer, WAIT_NS), SNAPSHOT_WRITING_ON);
  atomic_store(&gate, false);
  assert_int_equal(go_on(writer), SNAPSHOT_WRITING_FAILED);
  assert_string_equal(take(writer).why, "the disk does not keep up");
  assert_clean();
  begin(writer, &made, 2);
  assert_done(writer);
  assert_int_equal(sequence_there(), 2);
  snapshot_writer_destroy(writer);
  made_fini(&made);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_whole),     TEST(test_between),           TEST(test_every_failure), TEST(test_short_writes),
      TEST(test_no_folder), TEST(test_die_at_every_call), TEST(test_die_at_random), TEST(test_give_up),
      TEST(test_takeover),  TEST(test_disk_stands),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
