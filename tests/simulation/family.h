/* family.h: the definitions and events that the simulation uses, as numbers and as the documents that they stand for. */
#ifndef HANDOVER_TESTS_FAMILY_H
#define HANDOVER_TESTS_FAMILY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FAMILY_VERSIONS = 2, FAMILY_DIGEST = 80, FAMILY_DOCUMENT = 4000, FAMILY_MAX_AHEAD_MS = 300000, FAMILY_IDS = 3 };

struct family_version {
  int32_t number; /* 1 or 2 */
  int64_t effective_from_ms, lateness_ms, review_ms, fresh_ms, quiet_ms, rested_ms, answer_ms;
  int64_t visit_points, visit_cap, left_points, engaged_at; /* whole points */
  char digest[FAMILY_DIGEST];
};

/* The document, into `text`; its length. All durations are whole seconds. */
size_t family_document(const struct family_version *version, char text[FAMILY_DOCUMENT]);

struct family_event {
  bool good; /* else it is a dead letter */
  const char *lead, *name;
  const char *id;     /* NULL: none */
  const char *mail;   /* NULL: not there; "": null */
  const char *reason; /* NULL: not there */
  int64_t time_ms, timestamp_ms;
};

/* 2026-03-01T09:30:00.000Z */
void family_time(char text[32], int64_t time_ms);

#endif
