/* supervise.h: what a daemon has the service manager know of it, and when.
 *
 *   READY=1      once every worker is a settled member and every task is restored, as /readyz says it the first time
 *   EXTEND_TIMEOUT_USEC
 *                before that, while every worker comes round: a restore may take longer than a start is given
 *   WATCHDOG=1   afterwards, four times an interval, while every worker has come round within half of it
 *   STATUS=      one line for people, when it has changed, every few seconds at most
 *   RELOADING=1  before files are read again, and READY=1 when they have been
 *   STOPPING=1   before the end
 *
 * The daemon's main thread alone. May use: daemon, notify, clock. */
#ifndef HANDOVER_CONSUMER_SUPERVISE_H
#define HANDOVER_CONSUMER_SUPERVISE_H

#include "daemon.h"
#include "notify.h"

enum { SUPERVISE_STATUS = 160 };

struct supervisor { /* zero it */
  struct notify notify;
  bool ready;
  int64_t alive_ns, status_ns; /* when these were told; monotonic */
  char status[SUPERVISE_STATUS];
};

/* Looks who listens. False where the environment names a socket that cannot be one: nobody is told then. */
bool supervisor_open(struct supervisor *supervisor);
/* Often, some times a second. */
void supervisor_look(struct supervisor *supervisor, const struct daemon *daemon);
/* daemon_reload, and that it is told of. */
void supervisor_reload(struct supervisor *supervisor, struct daemon *daemon);
/* Says that the end has begun, and why. */
void supervisor_stop(struct supervisor *supervisor, const char *why);
void supervisor_close(struct supervisor *supervisor);

#endif
