/* audit_compare.h: what a replay decides against what lies on the topic, in the order of one partition.
 *
 * Both come as they come. Events that are the same byte for byte pass at once; where they are not, as much of both is waited for as
 * tells a lost event from one that was added, changed or put elsewhere (AUDIT_WINDOW). One thread. Pure. May use: cJSON, xxhash. */
#ifndef HANDOVER_CONSUMER_AUDIT_COMPARE_H
#define HANDOVER_CONSUMER_AUDIT_COMPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/slice.h"

enum { AUDIT_WINDOW = 1024 };

enum audit_kind {
  AUDIT_MISSING,    /* decided, but not there */
  AUDIT_UNEXPECTED, /* there, but never decided */
  AUDIT_TWICE,      /* there once more */
  AUDIT_DIFFERENT,  /* there, with other content */
  AUDIT_MOVED,      /* there, but before others that were decided earlier */
  AUDIT_KINDS,
};

struct audit_finding { /* borrowed */
  enum audit_kind kind;
  int64_t offset; /* of what is there; -1: nothing is */
  struct slice decided, there;
};

typedef void audit_find(void *context, const struct audit_finding *finding);

struct audit_compare;

struct audit_compare *audit_compare_create(audit_find *find, void *context);
void audit_compare_destroy(struct audit_compare *compare);

/* The next one of each side; bytes are copied. `counts`: in audit_compare_verified. */
void audit_compare_decided(struct audit_compare *compare, struct slice bytes, bool counts);
void audit_compare_there(struct audit_compare *compare, struct slice bytes, int64_t offset);
/* More is decided than has been read. */
bool audit_compare_wants(const struct audit_compare *compare);
/* Something is decided that is not there, or not the same, and more of what is there would tell. */
bool audit_compare_doubts(const struct audit_compare *compare);
/* Nothing more is there: what is decided and is not there is missing. */
void audit_compare_all_there(struct audit_compare *compare);
/* Nothing more is decided: what is there still is unexpected, up to the offset `before`. */
void audit_compare_all_decided(struct audit_compare *compare, int64_t before);

uint64_t audit_compare_verified(const struct audit_compare *compare); /* the same byte for byte, in their places */
/* The offset of the first that is there and was not told of; INT64_MAX: there is none. */
int64_t audit_compare_rest(const struct audit_compare *compare);

#endif
