/* test_bundle_write.c: a bundle is written while each write, fsync, rename and link fails in turn: a bundle under its name is whole, what
 * was there before stays otherwise, and nothing stays beside it. What is read of bundles is tests/stories/test_audit_bundle.py's matter. */
#define FAULTS_OF_WRITES_ONLY
#include "tests/faults/faults.c" /* NOLINT(bugprone-suspicious-include): its calls are this program's */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h wants these */
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "consumer/bundle_write.h"
#include "folder.h"

enum { NOISE = 700000, ROOM = 2 * NOISE, WHY = 500, CALLS_MOST = 100 };

static char folder[] = "/tmp/handover-bundle-XXXXXX";
static char path[64];
static char before[] = "what was there before";

static int folder_make(void **state) {
  (void)state;
  faults.writes = false;
  if (folder_fresh(folder) != 0) return -1;
  snprintf(path, sizeof path, "%s/b.tar.zst", folder);
  return 0;
}

static int folder_remove(void **state) {
  (void)state;
  faults.writes = false;
  return folder_gone(folder);
}

static void fail_at(long nth, int error, bool on, bool halves) {
  faults.seen = 0;
  faults.nth = nth;
  faults.error = error;
  faults.on = on;
  faults.halves = halves;
  faults.told = -1;
  faults.writes = true;
}

/* Records that cannot be packed, so that there are several writes. */
static void add_records(struct bundle_writer *writer) {
  static char noise[NOISE];
  uint64_t random = 1;
  for (size_t i = 0; i < sizeof noise; i++) {
    random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    noise[i] = (char)(random >> 56);
  }
  struct bundle_name name = {.kind = BUNDLE_INPUT};
  snprintf(name.topic, sizeof name.topic, "engagement");
  struct bundle_copy *copy = bundle_copy_start(writer, &name, 0);
  struct record record = {.payload = {noise, sizeof noise}, .timestamp_ms = 1};
  record.position = (struct position){SLICE("engagement"), 0, 7};
  bundle_copy_add(copy, &record, (struct slice){"", 0});
  bundle_copy_end(copy);
}

static bool write_bundle(bool over, char sha256[SHA256_HEX], char *why) {
  struct bundle_writer *writer = bundle_writer_open(path, over, why, WHY);
  if (!writer) return false;
  bundle_writer_manifest(writer)->partitions = 1;
  add_records(writer);
  return bundle_writer_finish(writer, (struct slice){"null", 4}, sha256, why, WHY);
}

/* --- what is there then --- */

static char *read_path(size_t *length) {
  char *bytes = calloc(1, ROOM);
  FILE *file = fopen(path, "rb");
  assert_non_null(bytes);
  if (!file) {
    free(bytes);
    return NULL;
  }
  *length = fread(bytes, 1, ROOM, file);
  (void)fclose(file);
  return bytes;
}

static void assert_whole(const char *sha256) {
  char is[SHA256_HEX];
  struct sha256 hash;
  size_t length = 0;
  char *bytes = read_path(&length);
  assert_non_null(bytes);
  assert_true(length > NOISE);
  sha256_init(&hash);
  sha256_add(&hash, bytes, length);
  sha256_take(&hash, is);
  sha256_fini(&hash);
  assert_string_equal(is, sha256);
  free(bytes);
}

static void assert_untouched(bool over) {
  size_t length = 0;
  char *bytes = read_path(&length);
  if (over) assert_string_equal(bytes, before);
  else assert_null(bytes);
  free(bytes);
}

static void assert_alone(int32_t files) {
  DIR *dir = opendir(folder);
  assert_non_null(dir);
  for (const struct dirent *entry; (entry = readdir(dir));) files -= entry->d_name[0] != '.';
  closedir(dir);
  assert_int_equal(files, 0);
}

static void clear(bool over) {
  unlink(path);
  if (!over) return;
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(before, 1, sizeof before - 1, file), sizeof before - 1);
  assert_int_equal(fclose(file), 0);
}

/* Returns whether a call has failed. */
static bool write_failing(bool over, long nth, int error, bool on, bool halves) {
  char sha256[SHA256_HEX], why[WHY] = "";
  clear(over);
  fail_at(nth, error, on, halves);
  bool good = write_bundle(over, sha256, why), failed = faults.seen >= nth;
  faults.writes = false;
  if (good != (*why == 0)) fail_msg("%ld: %d, and \"%s\"", nth, good, why);
  if (good) assert_whole(sha256);
  else assert_untouched(over);
  assert_alone(good || over);
  if (!failed || halves || error == EINTR) assert_true(good);
  return failed;
}

static void each_fails(int error, bool on, bool halves, long least) {
  for (int over = 0; over < 2; over++) {
    long nth = 1;
    while (nth < CALLS_MOST && write_failing(over, nth, error, on, halves)) nth++;
    if (nth <= least || nth == CALLS_MOST) fail_msg("%ld calls", nth);
  }
}

static void test_full(void **state) {
  (void)state;
  each_fails(ENOSPC, true, false, 4);
}

static void test_once(void **state) {
  (void)state;
  each_fails(EIO, false, false, 4);
}

static void test_short(void **state) {
  (void)state;
  each_fails(ENOSPC, false, true, 2);
}

static void test_signal(void **state) {
  (void)state;
  each_fails(EINTR, false, false, 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_full, folder_make, folder_remove),
      cmocka_unit_test_setup_teardown(test_once, folder_make, folder_remove),
      cmocka_unit_test_setup_teardown(test_short, folder_make, folder_remove),
      cmocka_unit_test_setup_teardown(test_signal, folder_make, folder_remove),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
