/* alert_verdict.c: the Standard Webhooks specification: 2xx is delivered, 410 ends the receiver, everything else is tried again by the
 * schedule, never sooner than Retry-After says. Each wait is up to a tenth longer, so that what failed together does not come back together. */
#include "alert_verdict.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { GONE = 410, BAD_REQUEST = 400, TOO_LARGE = 413, TOO_MANY = 429, UNAVAILABLE = 503 };

const char *const alert_outcome_reasons[] = {"", "", "exhausted", "rejected", "gone"};

/* Of Slack and PagerDuty 400 says that the body is wrong, which no waiting mends. A webhook's may be a proxy, or a deployment. */
static bool is_rejection(const struct receiver *receiver, int status) {
  return receiver->kind != RECEIVER_WEBHOOK && (status == BAD_REQUEST || status == TOO_LARGE);
}

struct alert_verdict alert_judge(const struct receiver *receiver, const struct alert_attempt *attempt) {
  struct alert_verdict verdict = {ALERT_RETRY, 0, false};
  int64_t asked_ms = attempt->retry_ms > ALERT_WAIT_MOST_MS ? ALERT_WAIT_MOST_MS : attempt->retry_ms;
  if (attempt->status >= 200 && attempt->status < 300) {
    verdict.outcome = ALERT_DELIVERED;
  } else if (attempt->status == GONE) {
    verdict.outcome = ALERT_GONE;
  } else if (is_rejection(receiver, attempt->status)) {
    verdict.outcome = ALERT_REJECTED;
  } else if (attempt->attempts > receiver->retries.count) {
    verdict.outcome = ALERT_EXHAUSTED;
  } else {
    int64_t wait_ms = receiver->retries.wait_ms[attempt->attempts - 1];
    wait_ms += (int64_t)(attempt->seed % 1000) * wait_ms / 10000;
    verdict.wait_ms = asked_ms > wait_ms ? asked_ms : wait_ms;
  }
  verdict.hold = asked_ms > 0 && (attempt->status == TOO_MANY || attempt->status == UNAVAILABLE);
  if (verdict.hold && verdict.outcome != ALERT_RETRY) verdict.wait_ms = asked_ms;
  return verdict;
}

/* --- Retry-After --- */

/* Two digits at `at`, or −1. */
static int two_digits(const char *at) {
  bool good = at[0] >= '0' && at[0] <= '9' && at[1] >= '0' && at[1] <= '9';
  return good ? (at[0] - '0') * 10 + (at[1] - '0') : -1;
}

static int month_of(const char *at) {
  static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  for (int i = 0; i < 12; i++)
    if (strncmp(at, names + (size_t)3 * (size_t)i, 3) == 0) return i;
  return -1;
}

/* Sun, 06 Nov 1994 08:49:37 GMT; the two obsolete forms are not taken. −1: none. */
static int64_t http_date_ms(const char *text) {
  static const char shape[] = "Sun, 06 Nov 1994 08:49:37 GMT";
  if (strlen(text) != sizeof shape - 1 || strncmp(text + 3, ", ", 2) != 0 || strcmp(text + 25, " GMT") != 0) return -1;
  if (text[19] != ':' || text[22] != ':' || text[7] != ' ' || text[11] != ' ' || text[16] != ' ') return -1;
  int century = two_digits(text + 12), year = two_digits(text + 14);
  struct tm tm = {.tm_mday = two_digits(text + 5),
                  .tm_mon = month_of(text + 8),
                  .tm_year = century * 100 + year - 1900,
                  .tm_hour = two_digits(text + 17),
                  .tm_min = two_digits(text + 20),
                  .tm_sec = two_digits(text + 23)};
  bool good = century >= 19 && year >= 0 && tm.tm_mon >= 0 && tm.tm_mday >= 1 && tm.tm_mday <= 31 && tm.tm_hour >= 0 &&
              tm.tm_hour <= 23 && tm.tm_min >= 0 && tm.tm_min <= 59 && tm.tm_sec >= 0 && tm.tm_sec <= 60;
  return good ? (int64_t)timegm(&tm) * 1000 : -1;
}

int64_t alert_retry_after(const char *value, int64_t now_ms) {
  size_t digits = strspn(value, "0123456789");
  if (digits > 0 && !value[digits]) return digits > 9 ? ALERT_WAIT_MOST_MS : strtoll(value, NULL, 10) * 1000;
  int64_t at_ms = http_date_ms(value);
  if (at_ms < 0) return -1;
  return at_ms > now_ms ? at_ms - now_ms : 0;
}
