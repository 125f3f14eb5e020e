/* crash_points.c: see consumer/crash.h. Linked with what has such points into the program handover_crash. */
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "consumer/crash.h"

static atomic_long passes;

void crash_point(const char *name) {
  const char *wanted = getenv("HANDOVER_CRASH"), *number = wanted ? strchr(wanted, ':') : NULL;
  name += sizeof "crash point " - 1;
  if (!number || strlen(name) != (size_t)(number - wanted) || memcmp(name, wanted, strlen(name)) != 0) return;
  if (atomic_fetch_add(&passes, 1) + 1 == strtol(number + 1, NULL, 10)) kill(getpid(), SIGKILL);
}
