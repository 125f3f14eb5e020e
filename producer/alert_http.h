/* alert_http.h: requests to receivers, many at a time, by one thread. May use: libcurl, alert_address.h, clock.h.
 *
 * https with the certificate checked, no redirects, no proxy, at most 64 KiB of an answer are taken. What is really connected to is
 * looked at, after the name was resolved: an address that is not public is refused. */
#ifndef HANDOVER_PRODUCER_ALERT_HTTP_H
#define HANDOVER_PRODUCER_ALERT_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert_message.h"

enum { ALERT_REASON = 200, ALERT_ANSWER = 256 };

struct alert_http;

struct alert_answer {
  void *context;    /* the call's */
  int status;       /* 0: no answer came */
  int64_t retry_ms; /* Retry-After, −1: none */
  int64_t took_ms;
  char reason
      [ALERT_REASON]; /* "503", "timed out", "blocked: 10.0.0.1 is private" …; never the address that was called */
  char beginning[ALERT_ANSWER]; /* of what was answered */
};

/* NULL: libcurl cannot be used. */
struct alert_http *alert_http_open(void);
void alert_http_close(struct alert_http *http); /* what is under way is given up */

/* Copies what it needs. */
void alert_http_call(struct alert_http *http, const struct alert_target *target, const struct alert_message *message,
                     void *context);
/* Waits until something can be done, one of `sockets` can be read, or the time is over. */
void alert_http_wait(struct alert_http *http, const int *sockets, unsigned count, int wait_ms);
/* The next call that has ended. */
bool alert_http_next(struct alert_http *http, struct alert_answer *answer);

#endif
