/* replace.c: write beside, bring to the disk, rename or link. */
#include "replace.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
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

/* Its own bytes only: a link is made where nothing is, and fails where something is. */
bool create_file(const char *path, const char *bytes, size_t length, char *why, size_t room) {
  char beside[PATH_MAX + 16], folder[PATH_MAX];
  bool good = snprintf(folder, sizeof folder, "%s", path) < (int)sizeof folder;
  if (!good) errno = ENAMETOOLONG;
  snprintf(beside, sizeof beside, "%s.XXXXXX", folder);
  int file = good ? mkstemp(beside) : -1;
  mode_t mask = umask(0);
  umask(mask);
  good = file >= 0 && fchmod(file, 0666 & ~mask) == 0 && write_all(file, bytes, length) && fsync(file) == 0 &&
         link(beside, path) == 0;
  if (!good) snprintf(why, room, "cannot be written: %s", strerror(errno));
  if (file >= 0) unlink(beside);
  if (file >= 0) close(file);
  if (good) folder_sync(folder);
  return good;
}

bool replace_file(const char *path, const char *bytes, size_t length, char *why, size_t room) {
  char real[PATH_MAX], beside[PATH_MAX + 16];
  struct stat status;
  int file = -1;
  bool good = realpath(path, real) && stat(real, &status) == 0;
  if (good) {
    snprintf(beside, sizeof beside, "%s.XXXXXX", real);
    file = mkstemp(beside);
    good = file >= 0 && fchmod(file, status.st_mode & 07777) == 0 && write_all(file, bytes, length) && fsync(file) == 0;
  }
  good = good && rename(beside, real) == 0;
  if (!good) snprintf(why, room, "cannot be replaced: %s", strerror(errno));
  if (!good && file >= 0) unlink(beside);
  if (file >= 0) close(file);
  if (good) folder_sync(real);
  return good;
}

bool put_file(const char *path, const char *bytes, size_t length, bool force, char *why, size_t room) {
  if (force && access(path, F_OK) == 0) return replace_file(path, bytes, length, why, room);
  return create_file(path, bytes, length, why, room);
}
