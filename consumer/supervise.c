/* supervise.c: a command's standing as lines for the service manager. */
#include "supervise.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"

#define SECOND INT64_C(1000000000) /* nanoseconds */

enum {
  START_ALIVE_S = 60, /* as /livez has it */
  START_EVERY_S = 10,
  START_MORE_S = 90, /* what each word of life adds to the time of a start */
  STATUS_EVERY_S = 3,
  PINGS = 4, /* an interval */
  LINES = 256,
};

bool supervisor_open(struct supervisor *s) { return notify_open(&s->notify); }

void supervisor_close(struct supervisor *s) { notify_close(&s->notify); }

static bool is_over(int64_t since_ns, int64_t now_ns, int64_t span_ns) {
  return since_ns == 0 || now_ns - since_ns >= span_ns;
}

static void tell_ready(struct supervisor *s, const struct supervised *its) {
  if (!its->ready(its->who)) return;
  s->ready = notify_send(&s->notify, "READY=1\n");
  s->status_ns = 0; /* what stood before is not true any more */
}

static void tell_starting(struct supervisor *s, const struct supervised *its, int64_t now_ns) {
  char line[LINES];
  if (!is_over(s->alive_ns, now_ns, START_EVERY_S * SECOND) || !its->alive(its->who, START_ALIVE_S * SECOND)) return;
  snprintf(line, sizeof line, "EXTEND_TIMEOUT_USEC=%" PRId64 "\n", START_MORE_S * INT64_C(1000000));
  if (notify_send(&s->notify, line)) s->alive_ns = now_ns;
}

static void tell_alive(struct supervisor *s, const struct supervised *its, int64_t now_ns) {
  const int64_t interval_ns = s->notify.watchdog_ns;
  if (!interval_ns || !is_over(s->alive_ns, now_ns, interval_ns / PINGS)) return;
  if (its->alive(its->who, interval_ns / 2) && notify_send(&s->notify, "WATCHDOG=1\n")) s->alive_ns = now_ns;
}

static void tell_status(struct supervisor *s, const struct supervised *its, int64_t now_ns) {
  char status[SUPERVISE_STATUS], line[LINES];
  if (!is_over(s->status_ns, now_ns, STATUS_EVERY_S * SECOND)) return;
  s->status_ns = now_ns;
  its->describe(its->who, status, sizeof status);
  if (strcmp(status, s->status) == 0) return;
  snprintf(line, sizeof line, "STATUS=%s\n", status);
  if (notify_send(&s->notify, line)) memcpy(s->status, status, sizeof status);
}

void supervisor_look(struct supervisor *s, const struct supervised *its) {
  const int64_t now_ns = clock_monotonic_ns();
  if (!s->notify.address_length) return;
  if (!s->ready) tell_ready(s, its);
  if (s->ready) {
    tell_alive(s, its, now_ns);
  } else {
    tell_starting(s, its, now_ns);
  }
  tell_status(s, its, now_ns);
}

void supervisor_reloading(struct supervisor *s) {
  char line[LINES];
  snprintf(line, sizeof line, "RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\n", clock_monotonic_ns() / 1000);
  s->reloading = s->ready && notify_send(&s->notify, line);
}

/* Where READY=1 is not taken at once, the next look sends it again. */
void supervisor_reloaded(struct supervisor *s) {
  if (s->reloading) s->ready = notify_send(&s->notify, "READY=1\n");
  s->reloading = false;
}

void supervisor_stop(struct supervisor *s, const char *why) {
  char line[LINES];
  snprintf(line, sizeof line, "STOPPING=1\nSTATUS=%s\n", why);
  (void)notify_send(&s->notify, line);
}
