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

/* --- a new file: its own bytes only --- */

static bool say(char *why, size_t room) {
  snprintf(why, room, "cannot be written: %s", strerror(errno));
  return false;
}

bool new_file_open(struct new_file *file, const char *path, char *why, size_t room) {
  mode_t mask = umask(0);
  umask(mask);
  bool good = snprintf(file->path, sizeof file->path, "%s", path) < (int)sizeof file->path;
  if (!good) errno = ENAMETOOLONG;
  snprintf(file->beside, sizeof file->beside, "%s.XXXXXX", file->path);
  file->file = good ? mkstemp(file->beside) : -1;
  if (file->file >= 0 && fchmod(file->file, 0666 & ~mask) == 0) return true;
  say(why, room);
  new_file_drop(file);
  return false;
}

bool new_file_write(struct new_file *file, const void *bytes, size_t length, char *why, size_t room) {
  return write_all(file->file, bytes, length) || say(why, room);
}

/* A link is made where nothing is, and fails where something is. */
bool new_file_finish(struct new_file *file, bool over, char *why, size_t room) {
  bool good =
      fsync(file->file) == 0 && (over ? rename(file->beside, file->path) == 0 : link(file->beside, file->path) == 0);
  if (!good) say(why, room);
  new_file_drop(file);
  if (good) folder_sync(file->path);
  return good;
}

void new_file_drop(struct new_file *file) {
  if (file->file < 0) return;
  unlink(file->beside);
  close(file->file);
  file->file = -1;
}

bool create_file(const char *path, const char *bytes, size_t length, char *why, size_t room) {
  struct new_file file;
  if (!new_file_open(&file, path, why, room)) return false;
  if (new_file_write(&file, bytes, length, why, room)) return new_file_finish(&file, false, why, room);
  new_file_drop(&file);
  return false;
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
