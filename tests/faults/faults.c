/* faults.c: a library for LD_PRELOAD: the n-th call of a kind fails in a process that knows nothing of it.
 *
 *   FAULTS_KIND   write   write, pwrite, fsync, fdatasync, rename, link and ftruncate; not on standard error
 *                 memory  malloc and its relatives, from the command's first getopt_long on: before that it is not ours
 *   FAULTS_NTH    which call, from 1
 *   FAULTS_ERROR  what it fails with; "once" or "on" stands behind it: the calls that follow succeed again, or do not:
 *                 full (ENOSPC), io (EIO), signal (EINTR), short (half of the bytes are written), such as "full on"; for memory "once", "on"
 *   FAULTS_TOLD   a descriptor that takes a byte when a call has failed
 *
 * stdio's own writes do not pass here: a limit on the size of files does the same to those (tests/stories/test_faults.py). */
#define _GNU_SOURCE 1
#include <dlfcn.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The GNU C library's own, which are there before anything could be looked up. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static struct {
  bool writes, memory, on, halves, ready; /* ready: of memory, what is asked for now is asked for by the command */
  int error, told;
  long nth, seen;
} faults;

__attribute__((constructor)) static void faults_set_up(void) {
  const char *kind = getenv("FAULTS_KIND"), *nth = getenv("FAULTS_NTH"), *error = getenv("FAULTS_ERROR");
  const char *told = getenv("FAULTS_TOLD");
  if (!kind || !nth || !error || !told) return;
  faults.nth = strtol(nth, NULL, 10);
  faults.told = (int)strtol(told, NULL, 10);
  faults.on = strstr(error, "on") && !strstr(error, "once");
  faults.halves = strncmp(error, "short", 5) == 0;
  faults.error = strncmp(error, "io", 2) == 0 ? EIO : strncmp(error, "signal", 6) == 0 ? EINTR : ENOSPC;
  faults.writes = strcmp(kind, "write") == 0;
  faults.memory = strcmp(kind, "memory") == 0;
}

/* Is it this call's turn? */
static bool fails(void) {
  long number = __atomic_add_fetch(&faults.seen, 1, __ATOMIC_RELAXED);
  if (number < faults.nth || (number > faults.nth && !faults.on)) return false;
  if (number == faults.nth) syscall(SYS_write, faults.told, "!", 1L);
  return true;
}

static bool write_fails(int error) {
  if (!faults.writes || !fails()) return false;
  errno = error;
  return true;
}

/* --- writes --- */

#define REAL(result, name, ...) ((result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))

ssize_t write(int file, const void *bytes, size_t length) {
  bool failing = file != STDERR_FILENO && write_fails(faults.error);
  if (failing && !(faults.halves && length > 1)) return -1;
  return syscall(SYS_write, file, bytes, failing ? length / 2 : length);
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t at) {
  bool failing = write_fails(faults.error);
  if (failing && !(faults.halves && length > 1)) return -1;
  return syscall(SYS_pwrite64, file, bytes, failing ? length / 2 : length, at);
}

ssize_t pwrite(int file, const void *bytes, size_t length, off_t at) { return pwrite64(file, bytes, length, at); }

int fsync(int file) { return write_fails(EIO) ? -1 : (int)syscall(SYS_fsync, file); }

int fdatasync(int file) { return write_fails(EIO) ? -1 : (int)syscall(SYS_fdatasync, file); }

int ftruncate64(int file, off64_t length) { return write_fails(EIO) ? -1 : (int)syscall(SYS_ftruncate, file, length); }

int ftruncate(int file, off_t length) { return ftruncate64(file, length); }

int rename(const char *from, const char *to) {
  return write_fails(faults.error) ? -1 : REAL(int, rename, const char *, const char *)(from, to);
}

int link(const char *from, const char *to) {
  return write_fails(faults.error) ? -1 : REAL(int, link, const char *, const char *)(from, to);
}

/* --- memory --- */

int getopt_long(int count, char *const *arguments, const char *letters, const struct option *names, int *index) {
  faults.ready = true;
  return REAL(int, getopt_long, int, char *const *, const char *, const struct option *, int *)(count, arguments,
                                                                                                letters, names, index);
}

static bool memory_fails(void) {
  if (!faults.memory || !faults.ready || !fails()) return false;
  errno = ENOMEM;
  return true;
}

void *malloc(size_t size) { return memory_fails() ? NULL : __libc_malloc(size); }

void *calloc(size_t count, size_t size) { return memory_fails() ? NULL : __libc_calloc(count, size); }

void *realloc(void *memory, size_t size) { return memory_fails() ? NULL : __libc_realloc(memory, size); }

void *aligned_alloc(size_t alignment, size_t size) { return memory_fails() ? NULL : __libc_memalign(alignment, size); }

int posix_memalign(void **memory, size_t alignment, size_t size) {
  if (memory_fails()) return ENOMEM;
  *memory = __libc_memalign(alignment, size);
  return *memory ? 0 : ENOMEM;
}
