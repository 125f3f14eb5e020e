/* faults.c: a library for LD_PRELOAD: the n-th call of a kind fails in a process that knows nothing of it.
 *
 *   FAULTS_KIND   write   write, pwrite, fsync, fdatasync, rename, link and ftruncate; not on standard error
 *                 memory  malloc and its relatives, from the command's first getopt_long on: before that it is not ours. Not those of
 *                         libcrypto, which are thousands before it begins to work
 *                 memory and libcrypto
 *   FAULTS_NTH    which call, from 1
 *   FAULTS_ERROR  what it fails with; "once" or "on" stands behind it: the calls that follow succeed again, or do not:
 *                 full (ENOSPC), io (EIO), signal (EINTR), short (half of the bytes are written), such as "full on"; the last two
 *                 happen to write and pwrite only. For memory "once" or "on"
 *   FAULTS_TOLD   a descriptor that takes a byte when a call has failed
 *
 * stdio's own writes do not pass here: a limit on the size of files does the same to those (tests/stories/test_faults.py). */
#define _GNU_SOURCE 1
#include <dlfcn.h>
#include <errno.h>
#include <getopt.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef FAULTS_OF_WRITES_ONLY /* where a sanitizer has a malloc of its own */
/* The GNU C library's own, which are there before anything could be looked up. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
#endif

static struct {
  bool writes, memory, libcrypto, on, halves;
  bool ready;                         /* what is asked for now is asked for by the command */
  uintptr_t crypto_begin, crypto_end; /* libcrypto, where it is loaded */
  int error, told;
  long nth, seen;
} faults;

static int find_libcrypto(struct dl_phdr_info *info, size_t size, void *context) {
  (void)size, (void)context;
  if (!strstr(info->dlpi_name, "libcrypto")) return 0;
  faults.crypto_begin = info->dlpi_addr;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const uintptr_t end = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;
    if (info->dlpi_phdr[i].p_type == PT_LOAD && end > faults.crypto_end) faults.crypto_end = end;
  }
  return 1;
}

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
  faults.memory = strncmp(kind, "memory", 6) == 0;
  faults.libcrypto = faults.memory && strstr(kind, "libcrypto");
  dl_iterate_phdr(find_libcrypto, NULL);
}

/* Is it this call's turn? */
static bool fails(void) {
  long number = __atomic_add_fetch(&faults.seen, 1, __ATOMIC_RELAXED);
  if (number < faults.nth || (number > faults.nth && !faults.on)) return false;
  if (number == faults.nth) syscall(SYS_write, faults.told, "!", 1L);
  return true;
}

/* A write; of the others only what is no signal and no half of it. */
static bool write_fails(void) {
  if (!faults.writes || !fails()) return false;
  errno = faults.error;
  return true;
}

static bool other_fails(void) { return !faults.halves && faults.error != EINTR && write_fails(); }

/* --- writes --- */

#define REAL(result, name, ...) ((result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))

ssize_t write(int file, const void *bytes, size_t length) {
  bool failing = file != STDERR_FILENO && write_fails();
  if (failing && !(faults.halves && length > 1)) return -1;
  return syscall(SYS_write, file, bytes, failing ? length / 2 : length);
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t at) {
  bool failing = write_fails();
  if (failing && !(faults.halves && length > 1)) return -1;
  return syscall(SYS_pwrite64, file, bytes, failing ? length / 2 : length, at);
}

ssize_t pwrite(int file, const void *bytes, size_t length, off_t at) { return pwrite64(file, bytes, length, at); }

/* Nobody pulls the plug here, and disks are slow. */
int fsync(int file) {
  (void)file;
  return other_fails() ? -1 : 0;
}

int fdatasync(int file) { return fsync(file); }

int ftruncate64(int file, off64_t length) { return other_fails() ? -1 : (int)syscall(SYS_ftruncate, file, length); }

int ftruncate(int file, off_t length) { return ftruncate64(file, length); }

int rename(const char *from, const char *to) {
  return other_fails() ? -1 : REAL(int, rename, const char *, const char *)(from, to);
}

int link(const char *from, const char *to) {
  return other_fails() ? -1 : REAL(int, link, const char *, const char *)(from, to);
}

/* --- memory --- */

#ifndef FAULTS_OF_WRITES_ONLY

int getopt_long(int count, char *const *arguments, const char *letters, const struct option *names, int *index) {
  faults.ready = true;
  return REAL(int, getopt_long, int, char *const *, const char *, const struct option *, int *)(count, arguments,
                                                                                                letters, names, index);
}

typedef void *crypto_take(size_t size, const char *file, int line);
typedef void *crypto_grow(void *memory, size_t size, const char *file, int line);
typedef void crypto_give(void *memory, const char *file, int line);
int CRYPTO_set_mem_functions(crypto_take *take, crypto_grow *grow, crypto_give *give);

/* Left out, libcrypto goes to malloc itself, where its calls can be told by whom they come from. */
int CRYPTO_set_mem_functions(crypto_take *take, crypto_grow *grow, crypto_give *give) {
  if (faults.memory && !faults.libcrypto) return 0;
  return REAL(int, CRYPTO_set_mem_functions, crypto_take *, crypto_grow *, crypto_give *)(take, grow, give);
}

static bool memory_fails(const void *caller) {
  const uintptr_t at = (uintptr_t)caller;
  if (!faults.memory || !faults.ready) return false;
  if (!faults.libcrypto && at >= faults.crypto_begin && at < faults.crypto_end) return false;
  if (!fails()) return false;
  errno = ENOMEM;
  return true;
}

#define MEMORY_FAILS memory_fails(__builtin_return_address(0))

void *malloc(size_t size) { return MEMORY_FAILS ? NULL : __libc_malloc(size); }

void *calloc(size_t count, size_t size) { return MEMORY_FAILS ? NULL : __libc_calloc(count, size); }

void *realloc(void *memory, size_t size) { return MEMORY_FAILS ? NULL : __libc_realloc(memory, size); }

void *aligned_alloc(size_t alignment, size_t size) { return MEMORY_FAILS ? NULL : __libc_memalign(alignment, size); }

int posix_memalign(void **memory, size_t alignment, size_t size) {
  *memory = MEMORY_FAILS ? NULL : __libc_memalign(alignment, size);
  return *memory ? 0 : ENOMEM;
}
#endif
