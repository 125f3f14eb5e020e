/* memory.h: allocation that cannot fail: a process without memory ends, and its log tells the next one where to go on. */
#ifndef HANDOVER_ENGINE_MEMORY_H
#define HANDOVER_ENGINE_MEMORY_H

#include <stddef.h>

/* What is called where there is no memory, by the thread that wanted it; if it returns, or until this is said, the process aborts. To be
 * said before there are threads. */
void memory_ends_by(void (*end)(void));

void *memory_zeroed(size_t count, size_t size);
void *memory_grown(void *memory, size_t bytes);
/* Aligned to a cache line, zeroed. `bytes` is a multiple of 64. */
void *memory_lines(size_t bytes);
char *memory_text(const char *text); /* a copy */
void memory_free(void *memory);

/* The same; from MEMORY_LARGE bytes on it begins at a boundary of so many, on pages as large where the kernel gives such. */
enum { MEMORY_LARGE = 2 << 20 };
void *memory_large(size_t bytes);
void memory_large_free(void *memory, size_t bytes);

#endif
