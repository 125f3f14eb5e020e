/* replace.c: write beside, bring to the disk, rename or link. */
#include "replace.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static void folder_sync(char *path) {
  int folder = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  (void)fsync(folder); /* the file is whole either way */
  close(folder);
}

static bool say(const struct beside *beside, char *why, size_t room) {
  snprintf(why, room, "cannot be %s: %s", beside->replaces ? "replaced" : "written", strerror(errno));
  return false;
}

bool beside_open(struct beside *beside, const char *path, bool replaces, char *why, size_t room) {
  struct stat status = {0};
  mode_t mask = umask(0);
  umask(mask);
  beside->replaces = replaces;
  bool good = replaces ? realpath(path, beside->target) && stat(beside->target, &status) == 0
                       : snprintf(beside->target, sizeof beside->target, "%s", path) < (int)sizeof beside->target;
  if (!good && !replaces) errno = ENAMETOOLONG;
  snprintf(beside->path, sizeof beside->path, "%s.XXXXXX", beside->target);
  beside->file = good ? mkstemp(beside->path) : -1;
  good = beside->file >= 0 && fchmod(beside->file, replaces ? status.st_mode & 07777 : 0666 & ~mask) == 0;
  if (good) return true;
  say(beside, why, room);
  beside_drop(beside);
  return false;
}

bool beside_write(struct beside *beside, const void *bytes, size_t length, char *why, size_t room) {
  return write_all(beside->file, bytes, length) || say(beside, why, room);
}

/* Its own bytes only: a link is made where nothing is, and fails where something is. */
bool beside_settle(struct beside *beside, char *why, size_t room) {
  const char *target = beside->target;
  bool good =
      fsync(beside->file) == 0 && (beside->replaces ? rename(beside->path, target) : link(beside->path, target)) == 0;
  if (!good) say(beside, why, room);
  beside_drop(beside);
  if (good) folder_sync(beside->target);
  return good;
}

void beside_drop(struct beside *beside) {
  if (beside->file < 0) return;
  unlink(beside->path); /* it is not there any more where it was renamed */
  close(beside->file);
  beside->file = -1;
}

static bool put(const char *path, const char *bytes, size_t length, bool replaces, char *why, size_t room) {
  struct beside beside;
  if (!beside_open(&beside, path, replaces, why, room)) return false;
  if (beside_write(&beside, bytes, length, why, room)) return beside_settle(&beside, why, room);
  beside_drop(&beside);
  return false;
}

bool create_file(const char *path, const char *bytes, size_t length, char *why, size_t room) {
  return put(path, bytes, length, false, why, room);
}

bool replace_file(const char *path, const char *bytes, size_t length, char *why, size_t room) {
  return put(path, bytes, length, true, why, room);
}

bool put_file(const char *path, const char *bytes, size_t length, bool force, char *why, size_t room) {
  return put(path, bytes, length, force && access(path, F_OK) == 0, why, room);
}
