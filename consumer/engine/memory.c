/* memory.c: malloc and friends, or the end. */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

enum { LINE = 64 };

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
