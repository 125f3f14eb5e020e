/* memory.c: malloc, mmap and friends, or the end. */
#define _GNU_SOURCE /* madvise */
#include "memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>

enum { LINE = 64, PAGE = 64 << 10 /* or less, on every machine */ };

static void (*end)(void) = abort;

void memory_ends_by(void (*other)(void)) { end = other; }

static void *given(void *memory) {
  if (memory) return memory;
  end();
  abort();
}

void *memory_zeroed(size_t count, size_t size) { return given(calloc(count ? count : 1, size)); }

void *memory_grown(void *memory, size_t bytes) { return given(realloc(memory, bytes ? bytes : 1)); }

void *memory_lines(size_t bytes) { return memset(given(aligned_alloc(LINE, bytes)), 0, bytes); }

char *memory_text(const char *text) {
  size_t length = strlen(text) + 1;
  return memcpy(memory_grown(NULL, length), text, length);
}

void memory_free(void *memory) { free(memory); }

static size_t whole_pages(size_t bytes) { return (bytes + PAGE - 1) / PAGE * PAGE; }

/* What was taken to get to the boundary goes back at once. */
static void *pages_taken(size_t bytes) {
  size_t pages = whole_pages(bytes);
  char *taken = mmap(NULL, pages + MEMORY_LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  given(taken == MAP_FAILED ? NULL : taken);
  size_t before = -(uintptr_t)taken % MEMORY_LARGE;
  munmap(taken, before); /* of nothing, if by chance: refused, and well */
  munmap(taken + before + pages, MEMORY_LARGE - before);
  madvise(taken + before, pages, MADV_HUGEPAGE); /* a wish */
  return taken + before;
}

void *memory_large(size_t bytes) { return bytes < MEMORY_LARGE ? memory_lines(bytes) : pages_taken(bytes); }

void memory_large_free(void *memory, size_t bytes) {
  if (bytes < MEMORY_LARGE) {
    memory_free(memory);
  } else {
    munmap(memory, whole_pages(bytes));
  }
}
