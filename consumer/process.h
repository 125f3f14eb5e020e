/* process.h: what the kernel says of this process (Linux' /proc). */
#ifndef HANDOVER_CONSUMER_PROCESS_H
#define HANDOVER_CONSUMER_PROCESS_H

#include <stdint.h>

enum process_number {
  PROCESS_CPU_MS,
  PROCESS_RESIDENT_BYTES,
  PROCESS_VIRTUAL_BYTES,
  PROCESS_THREADS,
  PROCESS_OPEN_FDS,
  PROCESS_MAX_FDS,
  PROCESS_START_MS,
  PROCESS_COUNT,
};

/* Fills all of `numbers`; −1 where the kernel does not say. */
void process_read(int64_t numbers[PROCESS_COUNT]);

#endif
