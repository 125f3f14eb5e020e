/* supervise.h: what a long-running command has the service manager know of it, and when.
 *
 *   READY=1      once it is, as /readyz says it the first time: all tasks of the daemon are restored, `alert` has its partitions
 *   EXTEND_TIMEOUT_USEC
 *                before that, while its loops come round: a restore may take longer than a start is given
 *   WATCHDOG=1   afterwards, four times an interval, while every loop has come round within half of it
 *   STATUS=      one line for people, when it has changed, every few seconds at most
 *   RELOADING=1  before files are read again, and READY=1 when they have been
 *   STOPPING=1   before the end
 *
 * One thread alone. May use: notify, clock. */
#ifndef HANDOVER_CONSUMER_SUPERVISE_H
#define HANDOVER_CONSUMER_SUPERVISE_H

#include <stddef.h>

#include "notify.h"

enum { SUPERVISE_STATUS = 160 };

/* Of whom it is told. */
struct supervised {
  bool (*ready)(const void *who);
  bool (*alive)(const void *who, int64_t within_ns); /* has every loop come round within that time? */
  void (*describe)(const void *who, char *text, size_t room);
  const void *who;
};

struct supervisor { /* zero it: nobody listens */
  struct notify notify;
  bool ready, reloading;
  int64_t alive_ns, status_ns; /* when these were told; monotonic */
  char status[SUPERVISE_STATUS];
};

/* Looks who listens. False where the environment names a socket that cannot be one: nobody is told then. */
bool supervisor_open(struct supervisor *supervisor);
/* Often, some times a second. */
void supervisor_look(struct supervisor *supervisor, const struct supervised *supervised);
/* Says that files are going to be read again; then that they have been. */
void supervisor_reloading(struct supervisor *supervisor);
void supervisor_reloaded(struct supervisor *supervisor);
/* Says that the end has begun, and why. */
void supervisor_stop(struct supervisor *supervisor, const char *why);
void supervisor_close(struct supervisor *supervisor);

#endif
