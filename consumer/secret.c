/* secret.c: open, look at who may read it, read. */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

/* Others may never read it, nor may the group of a file that is ours. (Of a file that is not ours the group, or an access
 * list, is how we were let in: so do service managers and clusters hand out secrets.) */
static bool is_private(const struct stat *status) {
  bool group = (status->st_mode & S_IRWXG) != 0, others = (status->st_mode & S_IRWXO) != 0;
  bool group_reads_only = (status->st_mode & S_IRWXG) == S_IRGRP;
  return !others && (!group || (group_reads_only && status->st_uid != geteuid()));
}

static ssize_t read_whole(int descriptor, char *bytes, size_t room) {
  size_t length = 0;
  while (length < room) {
    ssize_t got = read(descriptor, bytes + length, room - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    length += (size_t)got;
  }
  return (ssize_t)length;
}

/* An open file that nobody else may read, or -1 with the reason. */
static int open_private(const char *path, char *why, size_t room) {
  struct stat status;
  int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0 || fstat(descriptor, &status) != 0) {
    snprintf(why, room, "%.300s: %s", path, strerror(errno));
  } else if (!S_ISREG(status.st_mode)) {
    snprintf(why, room, "%.300s: not a regular file", path);
  } else if (!is_private(&status)) {
    snprintf(why, room, "%.300s: others may read it (mode %04o); make it 0400", path,
             (unsigned)(status.st_mode & 07777));
  } else {
    return descriptor;
  }
  if (descriptor >= 0) close(descriptor);
  return -1;
}

static bool read_private(const char *path, char *secret, size_t secret_room, size_t *length, char *why, size_t room) {
  int descriptor = open_private(path, why, room);
  if (descriptor < 0) return false;
  ssize_t got = read_whole(descriptor, secret, secret_room);
  if (got < 0) snprintf(why, room, "%.300s: %s", path, strerror(errno));
  close(descriptor);
  *length = got < 0 ? 0 : (size_t)got;
  return got >= 0;
}

bool secret_read(const char *path, char *secret, size_t secret_room, size_t *length, char *why, size_t room) {
  bool good = read_private(path, secret, secret_room, length, why, room);
  if (good && *length < secret_room) {
    secret[*length] = 0;
    return true;
  }
  if (good) snprintf(why, room, "%.300s: larger than %zu bytes", path, secret_room - 1);
  explicit_bzero(secret, secret_room);
  return false;
}

/* The first line alone stays. */
static bool cut_line(char *secret, size_t room, size_t length) {
  char *end = memchr(secret, '\n', length);
  size_t kept = end ? (size_t)(end - secret) : length;
  if (kept && secret[kept - 1] == '\r') kept--;
  if (kept == 0 || kept >= room || memchr(secret, 0, kept)) return false;
  explicit_bzero(secret + kept, room - kept);
  return true;
}

bool secret_read_line(const char *path, char *secret, size_t secret_room, char *why, size_t room) {
  size_t length = 0;
  bool good = read_private(path, secret, secret_room, &length, why, room);
  if (good && !cut_line(secret, secret_room, length)) {
    snprintf(why, room, "%.300s: its first line must hold 1 to %zu bytes, none of them NUL", path, secret_room - 1);
    good = false;
  }
  if (!good) explicit_bzero(secret, secret_room);
  return good;
}

/* --- the terminal --- */

/* Ctrl-C comes as a byte, so that it does not end the program while the terminal is silent. */
enum { CONTROL_C = 3 };

/* Up to the line's end; false where it does not end within the room. */
static bool read_terminal(int terminal, char *secret) {
  size_t length = 0;
  while (length < SECRET_LINE) {
    ssize_t got = read(terminal, secret + length, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got != 1 || secret[length] == CONTROL_C) return false;
    if (secret[length] == '\n') {
      secret[length] = 0;
      return length > 0;
    }
    length++;
  }
  return false;
}

bool secret_prompt(const char *prompt, char *secret, char *why, size_t room) {
  struct termios before, silent;
  int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (terminal < 0 || tcgetattr(terminal, &before) != 0) {
    snprintf(why, room, "there is no terminal to ask for the passphrase; --passphrase-file names a file that holds it");
    if (terminal >= 0) close(terminal);
    return false;
  }
  silent = before;
  silent.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
  bool good = tcsetattr(terminal, TCSAFLUSH, &silent) == 0;
  if (good) dprintf(terminal, "%s", prompt);
  good = good && read_terminal(terminal, secret);
  tcsetattr(terminal, TCSAFLUSH, &before);
  dprintf(terminal, "\n");
  close(terminal);
  if (good) return true;
  explicit_bzero(secret, SECRET_LINE);
  snprintf(why, room, "no passphrase was typed");
  return false;
}
