/* oracle.h: what has to come of a log: a plain second implementation of docs/engine.md for the one family of definitions that the
 * simulation uses (family.h). It shares nothing with the engine or the encoder, looks at every lead each time, and leaves no deadline out. */
#ifndef HANDOVER_TESTS_ORACLE_H
#define HANDOVER_TESTS_ORACLE_H

#include "family.h"

struct oracle;

struct oracle_text {
  struct oracle_text *next;
  char *bytes;
  size_t length;
};

/* Texts of what is published, in order, are the oracle's: in the arena. `versions`: FAMILY_VERSIONS of them. */
struct oracle *oracle_create(int32_t partition, const struct family_version *versions);
void oracle_know(struct oracle *oracle, int32_t version);
/* A record that is an event. */
void oracle_event(struct oracle *oracle, const char *topic, int64_t offset, const struct family_event *event);
void oracle_mark(struct oracle *oracle, int64_t mark_ms);
const struct oracle_text *oracle_published(const struct oracle *oracle);

#endif
