/* snapshot_file.c: write beside, bring to the disk, rename. */
#include "snapshot_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crash.h"

enum { PATH_ROOM = SNAPSHOT_FILE_PATH, MODE_FOLDER = 0700, MODE_FILE = 0600 };

struct reason { /* where the caller wants to read why */
  char *why;
  size_t room;
};

static bool refuse(struct reason reason, const char *path, const char *what, const char *error) {
  snprintf(reason.why, reason.room, "%s: %s: %s", path, what, error);
  return false;
}

static bool refuse_error(struct reason reason, const char *path, const char *what) {
  return refuse(reason, path, what, strerror(errno));
}

/* FOLDER/NAME into `path`, which has PATH_ROOM bytes. */
static bool path_in(char *path, const char *folder, const char *name, struct reason reason) {
  if (snprintf(path, PATH_ROOM, "%s/%s", folder, name) < PATH_ROOM) return true;
  return refuse(reason, folder, "cannot be used", strerror(ENAMETOOLONG));
}

static bool path_snapshot(char *path, const char *folder, int32_t partition, const char *ending, struct reason reason) {
  char name[64];
  snprintf(name, sizeof name, "%" PRId32 ".snapshot%s", partition, ending);
  return path_in(path, folder, name, reason);
}

/* --- writing --- */

static bool write_all(int file, const char *at, size_t length) {
  while (length > 0) {
    ssize_t count = write(file, at, length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    at += count;
    length -= (size_t)count;
  }
  return true;
}

static int file_open(const char *path, struct reason reason) {
  int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, MODE_FILE);
  if (file < 0) refuse_error(reason, path, "cannot be made");
  return file;
}

static bool file_finish(int file, const char *path, struct reason reason) {
  return fsync(file) == 0 || refuse_error(reason, path, "cannot be brought to the disk");
}

/* Names that were changed in a folder are on the disk. */
static bool folder_sync(const char *folder, struct reason reason) {
  int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return refuse_error(reason, folder, "cannot be opened");
  bool good = fsync(file) == 0 || refuse_error(reason, folder, "cannot be brought to the disk");
  close(file);
  return good;
}

int snapshot_file_lock(const char *folder, char *why, size_t room) {
  char path[PATH_ROOM];
  struct reason reason = {why, room};
  if (!path_in(path, folder, "lock", reason)) return -1;
  int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, MODE_FILE);
  if (descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) == 0) return descriptor;
  if (errno == EWOULDBLOCK) {
    refuse(reason, folder, "another process uses it", "each instance needs a state_dir of its own");
  } else {
    refuse_error(reason, path, "cannot be locked");
  }
  if (descriptor >= 0) close(descriptor);
  return -1;
}

bool snapshot_file_begin(struct snapshot_file *file, const char *folder, int32_t partition, char *why, size_t room) {
  struct reason reason = {why, room};
  file->folder = folder;
  file->descriptor = -1;
  if (!path_snapshot(file->path, folder, partition, "", reason)) return false;
  if (!path_snapshot(file->beside, folder, partition, ".tmp", reason)) return false;
  file->descriptor = file_open(file->beside, reason);
  CRASH_POINT("snapshot-file-opened");
  return file->descriptor >= 0;
}

void snapshot_file_abandon(struct snapshot_file *file) {
  if (file->descriptor < 0) return;
  close(file->descriptor);
  file->descriptor = -1;
  unlink(file->beside);
}

/* What failed is given up. */
static bool keep(struct snapshot_file *file, bool good) {
  if (!good) snapshot_file_abandon(file);
  return good;
}

bool snapshot_file_append(struct snapshot_file *file, const void *bytes, size_t length, char *why, size_t room) {
  struct reason reason = {why, room};
  CRASH_POINT("snapshot-file-not-written");
  return keep(file,
              write_all(file->descriptor, bytes, length) || refuse_error(reason, file->beside, "cannot be written"));
}

bool snapshot_file_commit(struct snapshot_file *file, char *why, size_t room) {
  struct reason reason = {why, room};
  CRASH_POINT("snapshot-file-written");
  bool good = file_finish(file->descriptor, file->beside, reason);
  CRASH_POINT("snapshot-file-synced");
  good = good && (rename(file->beside, file->path) == 0 || refuse_error(reason, file->path, "cannot be replaced"));
  CRASH_POINT("snapshot-file-renamed");
  good = keep(file, good && folder_sync(file->folder, reason));
  CRASH_POINT("snapshot-folder-synced");
  return good;
}

bool snapshot_file_aside(const char *folder, int32_t partition, char *why, size_t room) {
  char path[PATH_ROOM], aside[PATH_ROOM];
  struct reason reason = {why, room};
  if (!path_snapshot(path, folder, partition, "", reason)) return false;
  if (!path_snapshot(aside, folder, partition, ".aside", reason)) return false;
  return rename(path, aside) == 0 || errno == ENOENT || refuse_error(reason, path, "cannot be set aside");
}

/* --- the folder --- */

static bool is_folder(const char *path) {
  struct stat about;
  return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static bool make_folder(const char *path, struct reason reason) {
  if (mkdir(path, MODE_FOLDER) == 0) return true;
  int error = errno;
  return is_folder(path) || refuse(reason, path, "the folder cannot be made", strerror(error));
}

bool snapshot_file_folder(const char *folder, char *why, size_t room) {
  char path[PATH_ROOM];
  struct reason reason = {why, room};
  if (!path_in(path, folder, "", reason)) return false;
  for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    if (!make_folder(path, reason)) return false;
    *slash = '/';
  }
  if (!path_in(path, folder, ".writable", reason)) return false;
  int file = file_open(path, reason);
  if (file < 0) return false;
  bool good = write_all(file, "1", 1) || refuse_error(reason, path, "cannot be written");
  good = good && file_finish(file, path, reason);
  close(file);
  if (unlink(path) != 0 && good) good = refuse_error(reason, path, "cannot be removed");
  return good;
}

/* --- reading --- */

/* As many bytes as `about` says, and then the end. */
static bool read_all(int file, const char *path, const struct stat *about, struct buffer *buffer,
                     struct reason reason) {
  const size_t size = (size_t)about->st_size;
  buffer_reserve(buffer, size + 1);
  while (buffer->length <= size) {
    ssize_t count = read(file, buffer->at + buffer->length, size + 1 - buffer->length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return refuse_error(reason, path, "cannot be read");
    if (count == 0) break;
    buffer_used(buffer, (size_t)count);
  }
  return buffer->length == size || refuse(reason, path, "cannot be read", "it changes meanwhile");
}

static bool file_read(int file, const char *path, struct buffer *buffer, struct reason reason) {
  struct stat about;
  if (fstat(file, &about) != 0) return refuse_error(reason, path, "cannot be read");
  if (!S_ISREG(about.st_mode)) return refuse(reason, path, "cannot be read", "it is no regular file");
  if (about.st_size > SNAPSHOT_FILE_BYTES) return refuse(reason, path, "cannot be read", "it is too large");
  return read_all(file, path, &about, buffer, reason);
}

enum snapshot_outcome snapshot_file_read(const char *folder, int32_t partition, struct buffer *buffer, char *why,
                                         size_t room) {
  char path[PATH_ROOM];
  struct reason reason = {why, room};
  if (!path_snapshot(path, folder, partition, "", reason)) return SNAPSHOT_BAD;
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not hold us */
  if (file < 0 && errno == ENOENT) return SNAPSHOT_ABSENT;
  if (file < 0) {
    refuse_error(reason, path, "cannot be opened");
    return SNAPSHOT_BAD;
  }
  bool good = file_read(file, path, buffer, reason);
  close(file);
  if (!good) buffer->length = 0;
  return good ? SNAPSHOT_OK : SNAPSHOT_BAD;
}
