/* notify.h: what a service manager is told, in the protocol of systemd's sd_notify(3): datagrams to the socket that NOTIFY_SOCKET names.
 *
 * Nothing here waits: what the socket does not take at once is not sent. May use: libc. */
#ifndef HANDOVER_CONSUMER_NOTIFY_H
#define HANDOVER_CONSUMER_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/un.h>

struct notify { /* zero it: nobody listens */
  int socket;
  struct sockaddr_un address;
  unsigned address_length; /* 0: nobody listens */
  int64_t watchdog_ns;     /* how often it wants a sign of life; 0: it wants none */
};

/* By the environment of this process: NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID. False where it names a socket that cannot be one. */
bool notify_open(struct notify *notify);
void notify_close(struct notify *notify);

/* Lines like "READY=1\n". True where they have been taken, and where nobody listens. */
bool notify_send(const struct notify *notify, const char *lines);

#endif
