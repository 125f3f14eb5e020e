/* disk.c: files in memory, of one folder a host, and the calls of the file system as the sources of the daemon make them (the linker
 * is told to --wrap). Other paths and descriptors are the real ones.
 *
 * A file has bytes that are on the disk and bytes that are not yet (fsync brings them there), and so has the folder names. Files only
 * grow at their end here. */
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine.h"

enum { NAMES = 32, NAME = 40, DESCRIPTORS = 512, FIRST = 10000, FOLDER = 32 };

struct node {
  char *bytes;
  size_t length, room, on_disk;
  struct process *lock;
};

struct name {
  char text[NAME];
  struct node *node, *on_disk; /* NULL: not there */
};

struct host {
  int32_t number;
  char folder[FOLDER];
  struct name names[NAMES];
  int32_t failing;
  int64_t slow_ns;
};

static struct descriptor {
  struct process *process; /* NULL: free */
  struct node *node;       /* NULL: the folder */
  size_t at;
} open_files[DESCRIPTORS];

int __real_open(const char *path, int flags, ...);
int __real_close(int file);
ssize_t __real_read(int file, void *to, size_t length);
ssize_t __real_write(int file, const void *from, size_t length);
ssize_t __real_pread(int file, void *to, size_t length, off_t at);
int __real_fsync(int file);
int __real_rename(const char *from, const char *to);
int __real_unlink(const char *path);
int __real_mkdir(const char *path, mode_t mode);
int __real_stat(const char *path, struct stat *about);
int __real_fstat(int file, struct stat *about);
int __real_flock(int file, int operation);
int __wrap_open(const char *path, int flags, ...);
int __wrap_close(int file);
ssize_t __wrap_read(int file, void *to, size_t length);
ssize_t __wrap_write(int file, const void *from, size_t length);
ssize_t __wrap_pread(int file, void *to, size_t length, off_t at);
int __wrap_fsync(int file);
int __wrap_rename(const char *from, const char *to);
int __wrap_unlink(const char *path);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_stat(const char *path, struct stat *about);
int __wrap_fstat(int file, struct stat *about);
int __wrap_flock(int file, int operation);

/* --- hosts --- */

struct host *host_create(int32_t number) {
  struct host *host = arena_zeroed(sizeof *host);
  host->number = number;
  snprintf(host->folder, sizeof host->folder, "/sim/%d", (int)number);
  return host;
}

const char *host_folder(const struct host *host) { return host->folder; }
void host_fail(struct host *host, int32_t calls) { host->failing = calls; }
void host_slow(struct host *host, int64_t most_ns) { host->slow_ns = most_ns; }

/* Of what is not yet on the disk the end is missing, or its length was written and some of its bytes were not. */
static void tear(struct node *node) {
  size_t from = (size_t)draw_ns((int64_t)node->on_disk, (int64_t)node->length);
  size_t to = (size_t)draw_ns((int64_t)from, (int64_t)node->length);
  if (one_in(2)) node->length = from;
  else memset(node->bytes + from, 0, to - from);
  node->on_disk = node->length;
}

/* Now and then a disk has lied about what it has written. */
void host_power_off(struct host *host) {
  for (int i = 0; i < NAMES; i++) {
    struct name *name = &host->names[i];
    name->node = name->on_disk = one_in(2) ? name->node : name->on_disk;
    if (!name->node || name->node->length == 0) continue;
    if (one_in(5)) name->node->on_disk = 0;
    if (name->node->on_disk < name->node->length) tear(name->node);
  }
}

const char *host_file(const struct host *host, const char *text, size_t *length) {
  for (int i = 0; i < NAMES; i++) {
    const struct name *name = &host->names[i];
    if (!name->node || strcmp(name->text, text) != 0) continue;
    *length = name->node->length;
    return name->node->bytes ? name->node->bytes : "";
  }
  return NULL;
}

/* --- names and descriptors --- */

static bool is_ours(const char *path) { return strncmp(path, "/sim", 4) == 0; }

/* The entry of a path in the current process' folder; NULL: it is the folder, or above it. */
static struct name *find(const char *path) {
  struct host *host = process_current()->host;
  size_t length = strlen(host->folder);
  if (strncmp(path, host->folder, length) != 0 || path[length] != '/' || !path[length + 1]) return NULL;
  const char *text = path + length + 1;
  struct name *unused = NULL;
  for (int i = 0; i < NAMES; i++) {
    struct name *name = &host->names[i];
    if (strcmp(name->text, text) == 0) return name;
    if (!unused && !*name->text) unused = name;
  }
  if (!unused) machine_fail("too many names on a disk");
  snprintf(unused->text, sizeof unused->text, "%s", text);
  return unused;
}

static struct descriptor *ours(int file) {
  return file >= FIRST && file < FIRST + DESCRIPTORS ? &open_files[file - FIRST] : NULL;
}

static int fail(int code) {
  errno = code;
  return -1;
}

/* A call that writes: it takes its time, and may fail. */
static bool writes(void) {
  struct host *host = process_current()->host;
  machine_step();
  if (host->slow_ns > 0) machine_sleep(draw_ns(0, host->slow_ns));
  if (host->failing == 0) return true;
  host->failing--;
  errno = one_in(2) ? ENOSPC : EIO;
  return false;
}

void disk_release(const struct process *process) {
  for (int i = 0; i < DESCRIPTORS; i++) {
    struct descriptor *d = &open_files[i];
    if (d->process != process) continue;
    if (d->node && d->node->lock == process) d->node->lock = NULL;
    d->process = NULL;
  }
}

static int descriptor_new(struct node *node) {
  int at = 0;
  while (at < DESCRIPTORS && open_files[at].process) at++;
  if (at == DESCRIPTORS) machine_fail("too many open files");
  open_files[at] = (struct descriptor){process_current(), node, 0};
  return FIRST + at;
}

/* --- the calls --- */

static int open_ours(const char *path, int flags) {
  bool makes = flags & O_CREAT;
  if (makes && !writes()) return -1;
  machine_step();
  struct name *name = find(path);
  if (!name) return descriptor_new(NULL);
  if (!name->node && !makes) return fail(ENOENT);
  if (!name->node || (flags & O_TRUNC)) name->node = arena_zeroed(sizeof *name->node);
  return descriptor_new(name->node);
}

int __wrap_open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  int mode = flags & O_CREAT ? va_arg(arguments, int) : 0;
  va_end(arguments);
  return is_ours(path) ? open_ours(path, flags) : __real_open(path, flags, mode);
}

int __wrap_close(int file) {
  struct descriptor *d = ours(file);
  if (!d) return __real_close(file);
  if (d->process != process_current()) machine_fail("a descriptor is closed that is not open");
  if (d->node && d->node->lock == d->process) d->node->lock = NULL;
  d->process = NULL;
  return 0;
}

ssize_t __wrap_pread(int file, void *to, size_t length, off_t at) {
  struct descriptor *d = ours(file);
  if (!d) return __real_pread(file, to, length, at);
  machine_step();
  size_t left = (size_t)at < d->node->length ? d->node->length - (size_t)at : 0;
  if (length > left) length = left;
  if (length > 1 && one_in(8)) length = 1 + draw((uint32_t)length - 1);
  if (length > 0) memcpy(to, d->node->bytes + at, length);
  return (ssize_t)length;
}

ssize_t __wrap_read(int file, void *to, size_t length) {
  struct descriptor *d = ours(file);
  if (!d) return __real_read(file, to, length);
  ssize_t count = __wrap_pread(file, to, length, (off_t)d->at);
  d->at += (size_t)count;
  return count;
}

static void append(struct node *node, const void *from, size_t length) {
  if (node->length + length > node->room) {
    size_t room = 2 * (node->length + length);
    char *bytes = arena_zeroed(room);
    if (node->length > 0) memcpy(bytes, node->bytes, node->length);
    node->bytes = bytes;
    node->room = room;
  }
  memcpy(node->bytes + node->length, from, length);
  node->length += length;
}

ssize_t __wrap_write(int file, const void *from, size_t length) {
  struct descriptor *d = ours(file);
  if (!d) return __real_write(file, from, length);
  if (!writes()) return -1;
  if (length > 1 && one_in(4)) length = 1 + draw((uint32_t)length - 1); /* not all at once */
  append(d->node, from, length);
  return (ssize_t)length;
}

int __wrap_fsync(int file) {
  struct descriptor *d = ours(file);
  if (!d) return __real_fsync(file);
  if (!writes()) return -1;
  struct host *host = process_current()->host;
  if (d->node) d->node->on_disk = d->node->length;
  for (int i = 0; !d->node && i < NAMES; i++) host->names[i].on_disk = host->names[i].node;
  return 0;
}

int __wrap_rename(const char *from, const char *to) {
  if (!is_ours(from)) return __real_rename(from, to);
  if (!writes()) return -1;
  struct name *source = find(from), *target = find(to);
  if (!source->node) return fail(ENOENT);
  target->node = source->node;
  source->node = NULL;
  return 0;
}

int __wrap_unlink(const char *path) {
  if (!is_ours(path)) return __real_unlink(path);
  machine_step();
  struct name *name = find(path);
  if (!name->node) return fail(ENOENT);
  name->node = NULL;
  return 0;
}

int __wrap_mkdir(const char *path, mode_t mode) { return is_ours(path) ? 0 : __real_mkdir(path, mode); }

int __wrap_stat(const char *path, struct stat *about) {
  if (!is_ours(path)) return __real_stat(path, about);
  *about = (struct stat){.st_mode = S_IFDIR};
  return 0;
}

int __wrap_fstat(int file, struct stat *about) {
  const struct descriptor *d = ours(file);
  if (!d) return __real_fstat(file, about);
  *about = (struct stat){.st_mode = S_IFREG, .st_size = (off_t)d->node->length};
  return 0;
}

int __wrap_flock(int file, int operation) {
  struct descriptor *d = ours(file);
  if (!d) return __real_flock(file, operation);
  if (d->node->lock && d->node->lock != d->process) return fail(EWOULDBLOCK);
  d->node->lock = d->process;
  return 0;
}
