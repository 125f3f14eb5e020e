/* test_snapshot_file.c: snapshots in a folder: written, replaced, read, set aside; and every way in which a folder can refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "consumer/snapshot_file.h"
#include "folder.h"

static char folder[] = "/tmp/handover-snapshot-XXXXXX";
static char why[5000];

static const char *path_of(const char *name) {
  static char paths[4][256];
  static unsigned next;
  char *path = paths[next++ % 4];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

static int folder_make(void **state) {
  (void)state;
  why[0] = 0;
  return folder_fresh(folder);
}

static int folder_remove(void **state) {
  (void)state;
  return folder_gone(folder);
}

static void assert_why(const char *path, const char *reason) {
  if (strncmp(why, path, strlen(path)) != 0 || !strstr(why, reason))
    fail_msg("%s … %s wanted, not %s", path, reason, why);
}

static int32_t files(void) {
  int32_t count = 0;
  DIR *dir = opendir(folder);
  assert_non_null(dir);
  for (const struct dirent *entry; (entry = readdir(dir));)
    count += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
  closedir(dir);
  return count;
}

static void file_put(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  assert_int_equal(fclose(file), 0);
}

static void assert_read(int32_t partition, const char *text) {
  struct buffer buffer = {0};
  enum snapshot_outcome outcome = snapshot_file_read(folder, partition, &buffer, why, sizeof why);
  if (outcome != SNAPSHOT_OK) fail_msg("%d: %s", (int)outcome, why);
  assert_int_equal(buffer.length, strlen(text));
  if (buffer.length) assert_memory_equal(buffer.at, text, buffer.length);
  buffer_fini(&buffer);
}

static enum snapshot_outcome outcome_of(int32_t partition) {
  struct buffer buffer = {0};
  enum snapshot_outcome outcome = snapshot_file_read(folder, partition, &buffer, why, sizeof why);
  assert_int_equal(buffer.length, 0);
  buffer_fini(&buffer);
  return outcome;
}

/* In two pieces. */
static bool write_file(const char *at, int32_t partition, const void *bytes, size_t length) {
  struct snapshot_file file;
  bool good = snapshot_file_begin(&file, at, partition, why, sizeof why) &&
              snapshot_file_append(&file, bytes, length / 2, why, sizeof why) &&
              snapshot_file_append(&file, (const char *)bytes + length / 2, length - length / 2, why, sizeof why) &&
              snapshot_file_commit(&file, why, sizeof why);
  assert_int_equal(good, file.descriptor >= 0);
  if (good) close(file.descriptor);
  return good;
}

static void assert_write(int32_t partition, const char *text) {
  if (!write_file(folder, partition, text, strlen(text))) fail_msg("%s", why);
}

static void test_write_and_read(void **state) {
  (void)state;
  struct stat about;
  assert_int_equal(outcome_of(3), SNAPSHOT_ABSENT);
  assert_write(3, "first");
  assert_write(30, "another partition's");
  assert_read(3, "first");
  assert_write(3, "and one that is longer");
  assert_read(3, "and one that is longer");
  assert_write(3, "");
  assert_read(3, "");
  assert_read(30, "another partition's");
  assert_int_equal(files(), 2);
  assert_int_equal(stat(path_of("3.snapshot"), &about), 0);
  assert_int_equal(about.st_mode & 0777, 0600);
}

/* Two megabytes, as of a disk that takes them in pieces. */
static void test_large(void **state) {
  (void)state;
  const size_t length = 2 << 20;
  char *bytes = malloc(length);
  struct buffer buffer = {0};
  assert_non_null(bytes);
  for (size_t i = 0; i < length; i++) bytes[i] = (char)(i * 40503u >> 8);
  assert_true(write_file(folder, 1, bytes, length));
  assert_int_equal(snapshot_file_read(folder, 1, &buffer, why, sizeof why), SNAPSHOT_OK);
  assert_int_equal(buffer.length, length);
  assert_memory_equal(buffer.at, bytes, length);
  buffer_fini(&buffer);
  free(bytes);
}

static void test_aside(void **state) {
  (void)state;
  assert_true(snapshot_file_aside(folder, 3, why, sizeof why)); /* nothing there */
  assert_write(3, "old");
  assert_true(snapshot_file_aside(folder, 3, why, sizeof why));
  assert_int_equal(outcome_of(3), SNAPSHOT_ABSENT);
  assert_write(3, "new");
  assert_true(snapshot_file_aside(folder, 3, why, sizeof why));
  assert_int_equal(files(), 1);
  assert_int_equal(rename(path_of("3.snapshot.aside"), path_of("3.snapshot")), 0);
  assert_read(3, "new");
}

/* What a crash left half-written is in nobody's way. */
static void test_leftover(void **state) {
  (void)state;
  assert_write(3, "whole");
  file_put(path_of("3.snapshot.tmp"), "ha");
  assert_read(3, "whole");
  assert_write(3, "next");
  assert_read(3, "next");
  assert_int_equal(files(), 1);
}

static void test_no_folder(void **state) {
  (void)state;
  assert_int_equal(rmdir(folder), 0);
  assert_int_equal(outcome_of(3), SNAPSHOT_ABSENT);
  assert_false(write_file(folder, 3, "x", 1));
  assert_why(path_of("3.snapshot.tmp"), "No such file or directory");
}

/* The folder is a file, and so is what would be above it. */
static void test_folder_is_file(void **state) {
  (void)state;
  char below[256];
  file_put(path_of("file"), "");
  snprintf(below, sizeof below, "%s/more", path_of("file"));
  struct buffer buffer = {0};
  assert_int_equal(snapshot_file_read(path_of("file"), 3, &buffer, why, sizeof why), SNAPSHOT_BAD);
  assert_why(path_of("file/3.snapshot"), "cannot be opened: Not a directory");
  assert_false(write_file(path_of("file"), 3, "x", 1));
  assert_why(path_of("file/3.snapshot.tmp"), "cannot be made: Not a directory");
  assert_false(snapshot_file_aside(path_of("file"), 3, why, sizeof why));
  assert_why(path_of("file/3.snapshot"), "cannot be set aside: Not a directory");
  assert_false(snapshot_file_folder(path_of("file"), why, sizeof why));
  assert_why(path_of("file"), "the folder cannot be made: File exists");
  assert_false(snapshot_file_folder(below, why, sizeof why));
  assert_why(path_of("file"), "the folder cannot be made: File exists");
  buffer_fini(&buffer);
}

/* Something stands where the snapshot, or what becomes it, should be. */
static void test_in_the_way(void **state) {
  (void)state;
  assert_int_equal(mkdir(path_of("3.snapshot"), 0700), 0);
  assert_int_equal(outcome_of(3), SNAPSHOT_BAD);
  assert_why(path_of("3.snapshot"), "it is no regular file");
  assert_false(write_file(folder, 3, "x", 1));
  assert_why(path_of("3.snapshot"), "cannot be replaced: ");
  assert_int_equal(files(), 1);
  assert_int_equal(mkdir(path_of("4.snapshot.tmp"), 0700), 0);
  assert_false(write_file(folder, 4, "x", 1));
  assert_why(path_of("4.snapshot.tmp"), "cannot be made: ");
  assert_int_equal(mkfifo(path_of("5.snapshot"), 0600), 0);
  assert_int_equal(outcome_of(5), SNAPSHOT_BAD);
  assert_why(path_of("5.snapshot"), "it is no regular file");
  assert_int_equal(symlink("6.snapshot", path_of("6.snapshot")), 0);
  assert_int_equal(outcome_of(6), SNAPSHOT_BAD);
  assert_why(path_of("6.snapshot"), "cannot be opened: ");
  file_put(path_of("target"), "stays");
  assert_int_equal(symlink("target", path_of("7.snapshot.tmp")), 0);
  assert_false(write_file(folder, 7, "x", 1)); /* nothing is written through a link */
  assert_int_equal(rename(path_of("target"), path_of("8.snapshot")), 0);
  assert_read(8, "stays");
}

/* A file may grow no longer: as on a full disk, what is there stays and nothing half-written is left. */
static void test_full_disk(void **state) {
  (void)state;
  struct rlimit before, small;
  assert_write(3, "whole");
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  small = (struct rlimit){10, before.rlim_max};
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  bool good = write_file(folder, 3, "more than ten bytes", 19);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  assert_false(good);
  assert_why(path_of("3.snapshot.tmp"), "cannot be written: File too large");
  assert_read(3, "whole");
  assert_int_equal(files(), 1);
}

/* A file with a hole in it costs nothing to make, and would cost a lot to read. */
static void test_too_large(void **state) {
  (void)state;
  file_put(path_of("3.snapshot"), "x");
  if (truncate(path_of("3.snapshot"), SNAPSHOT_FILE_BYTES + 1) != 0) skip(); /* not every file system has such files */
  assert_int_equal(outcome_of(3), SNAPSHOT_BAD);
  assert_why(path_of("3.snapshot"), "it is too large");
}

static void test_folder(void **state) {
  (void)state;
  struct stat about;
  char deep[256];
  snprintf(deep, sizeof deep, "%s//a/b/c/", folder);
  for (int again = 0; again < 2; again++) {
    if (!snapshot_file_folder(deep, why, sizeof why)) fail_msg("%s", why);
    if (!snapshot_file_folder(folder, why, sizeof why)) fail_msg("%s", why);
  }
  assert_int_equal(stat(path_of("a/b/c"), &about), 0);
  assert_int_equal(about.st_mode & 0777, 0700);
  assert_int_equal(files(), 1);
  assert_int_equal(chdir(folder), 0);
  assert_true(snapshot_file_folder("relative", why, sizeof why));
  assert_true(snapshot_file_folder(".", why, sizeof why));
  assert_int_equal(chdir("/"), 0);
  assert_int_equal(mkdir(path_of("a/.writable"), 0700), 0);
  assert_false(snapshot_file_folder(path_of("a"), why, sizeof why));
  assert_why(path_of("a"), "cannot be made: ");
}

/* Root may write everywhere, so /proc stands for a folder where nobody may. */
static void test_unwritable(void **state) {
  (void)state;
  if (access("/proc/self", X_OK) != 0) skip();
  assert_false(snapshot_file_folder("/proc/self", why, sizeof why));
  assert_why("/proc/self/.writable", "cannot be made: ");
  assert_false(snapshot_file_folder("/proc/self/none", why, sizeof why));
  assert_why("/proc/self/none", "the folder cannot be made: ");
}

static void test_long_path(void **state) {
  (void)state;
  char path[4200];
  struct buffer buffer = {0};
  memset(path, 'x', sizeof path);
  path[sizeof path - 1] = 0;
  path[0] = '/';
  assert_false(snapshot_file_folder(path, why, sizeof why));
  assert_why(path, "File name too long");
  assert_false(write_file(path, 1, "x", 1));
  assert_false(snapshot_file_aside(path, 1, why, sizeof why));
  assert_int_equal(snapshot_file_read(path, 1, &buffer, why, sizeof why), SNAPSHOT_BAD);
  assert_why(path, "File name too long");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

/* One process a folder; whoever ends without a word leaves no lock behind. */
static void test_lock(void **state) {
  (void)state;
  int first = snapshot_file_lock(folder, why, sizeof why);
  assert_true(first >= 0);
  assert_int_equal(snapshot_file_lock(folder, why, sizeof why), -1);
  assert_why(folder, "another process uses it");
  close(first);
  int second = snapshot_file_lock(folder, why, sizeof why);
  assert_true(second >= 0);
  close(second);
  assert_int_equal(snapshot_file_lock("/nowhere/at/all", why, sizeof why), -1);
  assert_why("/nowhere/at/all/lock", "No such file");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_write_and_read), TEST(test_large),          TEST(test_aside),      TEST(test_leftover),
      TEST(test_no_folder),      TEST(test_folder_is_file), TEST(test_in_the_way), TEST(test_full_disk),
      TEST(test_too_large),      TEST(test_folder),         TEST(test_unwritable), TEST(test_long_path),
      TEST(test_lock),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
