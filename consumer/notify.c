/* notify.c: a datagram to the service manager. */
#include "notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* "/path", or "@name" of an abstract one, which stands behind a zero byte and has no end but its length. */
static bool address_of(struct notify *notify, const char *name) {
  size_t length = strlen(name);
  if ((*name != '/' && *name != '@') || length < 2 || length >= sizeof notify->address.sun_path) return false;
  notify->address.sun_family = AF_UNIX;
  memcpy(notify->address.sun_path, name, length);
  if (*name == '@') notify->address.sun_path[0] = 0;
  notify->address_length = (unsigned)(offsetof(struct sockaddr_un, sun_path) + length + (*name == '/'));
  return true;
}

/* WATCHDOG_PID is there so that nobody takes what was meant for its parent. */
static int64_t watchdog_of(void) {
  const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
  if (!usec || (pid && strtoll(pid, NULL, 10) != getpid())) return 0;
  long long interval_us = strtoll(usec, NULL, 10);
  return interval_us > 0 && interval_us < INT64_MAX / 1000 ? interval_us * 1000 : 0;
}

bool notify_open(struct notify *notify) {
  const char *name = getenv("NOTIFY_SOCKET");
  *notify = (struct notify){.socket = -1};
  if (!name || !*name) return true;
  if (!address_of(notify, name)) return false;
  notify->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (notify->socket < 0) {
    notify->address_length = 0;
    return false;
  }
  notify->watchdog_ns = watchdog_of();
  return true;
}

void notify_close(struct notify *notify) {
  if (notify->address_length) close(notify->socket);
  *notify = (struct notify){.socket = -1};
}

bool notify_send(const struct notify *notify, const char *lines) {
  if (!notify->address_length) return true;
  size_t length = strlen(lines);
  return sendto(notify->socket, lines, length, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&notify->address,
                notify->address_length) == (ssize_t)length;
}
