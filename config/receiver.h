/* receiver.h: who is told of published events, as the settings say it (docs/alerts.md). No secret stands here: only the names of files
 * that hold them. May use: libc. */
#ifndef HANDOVER_CONFIG_RECEIVER_H
#define HANDOVER_CONFIG_RECEIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  RECEIVERS_MOST = 16,
  RECEIVER_NAME = 64,    /* bytes */
  RECEIVER_RETRIES = 16, /* entries of the longest schedule */
  RECEIVER_TESTS = 24,   /* of one filter */
  RECEIVER_VALUES = 64,  /* of one of them */
};

enum receiver_kind { RECEIVER_SLACK, RECEIVER_WEBHOOK, RECEIVER_PAGERDUTY, RECEIVER_STDOUT, RECEIVER_KINDS };

/* What stands at `pointer` of the event is one of the values. */
struct receiver_test {
  char *pointer; /* RFC 6901 */
  char **values;
  int32_t count;
};

/* Waits before each attempt but the first; as many as there are retries. */
struct receiver_schedule {
  int64_t wait_ms[RECEIVER_RETRIES];
  int32_t count;
};

struct receiver_filter { /* all tests hold; none: every event passes */
  struct receiver_test *tests;
  int32_t count;
};

/* Texts are never NULL: "" is "not said". */
struct receiver {
  char *name;
  int32_t kind; /* enum receiver_kind */
  char *url, *url_file, *secret_file, *old_secret_file, *template_file, *link, *ca_file;
  bool allow_http, allow_private;
  int64_t timeout_ms, pace_ms; /* pace_ms: -1, the kind's own */
  struct receiver_filter filter;
  struct receiver_schedule retries;
};

struct receivers {
  struct receiver at[RECEIVERS_MOST];
  int32_t count;
};

extern const char receiver_kinds[]; /* "slack or webhook or …", in the order of enum receiver_kind */

/* NULL: there is none of that name. */
const struct receiver *receiver_find(const struct receivers *receivers, const char *name);

/* May this be called? https, or http where that is allowed; no user and no fragment. False: *why is a static sentence, which quotes
 * nothing: the address may be a secret. */
bool receiver_url_good(const char *url, bool allow_http, const char **why);

void receivers_fini(struct receivers *receivers);

#endif
