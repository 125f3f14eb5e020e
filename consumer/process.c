/* process.c: /proc/self and getrlimit. May use: libc. */
#include "process.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Fields of /proc/self/stat, numbered as in proc(5). */
enum {
  STAT_STATE = 3,
  STAT_USER = 14,
  STAT_SYSTEM = 15,
  STAT_THREADS = 20,
  STAT_START = 22,
  STAT_VIRTUAL = 23,
  STAT_RESIDENT = 24
};

/* "pid (name) state ppid …"; the name may hold anything, so fields are counted from its last ')'. */
static bool stat_fields(int64_t fields[STAT_RESIDENT + 1]) {
  char text[2048];
  FILE *file = fopen("/proc/self/stat", "r");
  if (!file) return false;
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = 0;
  const char *name_end = strrchr(text, ')');
  if (!name_end || strlen(name_end) < 4) return false;
  char *at = text + (name_end - text) + 3; /* behind the state's letter */
  for (int field = STAT_STATE + 1; field <= STAT_RESIDENT; field++) {
    char *end;
    fields[field] = strtoll(at, &end, 10);
    if (end == at) return false;
    at = end;
  }
  return true;
}

static int64_t boot_time_s(void) {
  char line[256];
  int64_t seconds = -1;
  FILE *file = fopen("/proc/stat", "r");
  if (!file) return -1;
  while (seconds < 0 && fgets(line, sizeof line, file)) {
    if (strncmp(line, "btime ", 6) == 0) seconds = strtoll(line + 6, NULL, 10);
  }
  fclose(file);
  return seconds;
}

static int64_t count_descriptors(void) {
  DIR *folder = opendir("/proc/self/fd");
  if (!folder) return -1;
  int64_t count = -3; /* ".", "..", and the folder itself */
  while (readdir(folder)) count++;
  closedir(folder);
  return count;
}

void process_read(int64_t numbers[PROCESS_COUNT]) {
  int64_t fields[STAT_RESIDENT + 1], ticks_s = sysconf(_SC_CLK_TCK), boot_s = boot_time_s();
  struct rlimit limit;
  for (int i = 0; i < PROCESS_COUNT; i++) numbers[i] = -1;
  if (stat_fields(fields)) {
    numbers[PROCESS_CPU_MS] = (fields[STAT_USER] + fields[STAT_SYSTEM]) * 1000 / ticks_s;
    numbers[PROCESS_THREADS] = fields[STAT_THREADS];
    numbers[PROCESS_VIRTUAL_BYTES] = fields[STAT_VIRTUAL];
    numbers[PROCESS_RESIDENT_BYTES] = fields[STAT_RESIDENT] * sysconf(_SC_PAGESIZE);
    if (boot_s >= 0) numbers[PROCESS_START_MS] = boot_s * 1000 + fields[STAT_START] * 1000 / ticks_s;
  }
  numbers[PROCESS_OPEN_FDS] = count_descriptors();
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) numbers[PROCESS_MAX_FDS] = (int64_t)limit.rlim_cur;
}
