/* memory.h: allocation that cannot fail: a process without memory ends, and its log tells the next one where to go on. */
#ifndef HANDOVER_ENGINE_MEMORY_H
#define HANDOVER_ENGINE_MEMORY_H

#include <stddef.h>

void *memory_zeroed(size_t count, size_t size);
void *memory_grown(void *memory, size_t bytes);
/* Aligned to a cache line, zeroed. `bytes` is a multiple of 64. */
void *memory_lines(size_t bytes);
void memory_free(void *memory);

#endif
