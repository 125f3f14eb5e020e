/* audit.h: is what was published what the inputs and the journal say? Partition by partition, several at once.
 *
 *   journal ─→ replay_task ←─ inputs            (replay_task.h: decides again, and checks the journal's chain)
 *                  └─→ decided ─→ audit_compare ←─ stage-changes       (audit_compare.h: event by event)
 *
 * All three come from Kafka or from a bundle (audit_source.h). Nothing is written to Kafka, and no group is joined. May use: replay_task,
 * audit_compare, audit_diff, audit_scope, audit_source, catalog, interrupt. */
#ifndef HANDOVER_CONSUMER_AUDIT_H
#define HANDOVER_CONSUMER_AUDIT_H

#include "audit_compare.h"
#include "audit_scope.h"
#include "audit_source.h"
#include "catalog.h"
#include "replay_task.h"

enum { AUDIT_FINDINGS = 10 /* told of a partition */, AUDIT_STAGES = 256, AUDIT_SAY = 1200 };

struct audit_note {
  enum audit_kind kind;
  int64_t offset; /* of stage-changes; -1: it is not there */
  char text[AUDIT_SAY];
};

struct audit_stage {
  char name[LIMIT_TEXT + 1];
  uint64_t entered, left, inside;
};

struct audit_partition {
  int32_t number;
  bool proven; /* everything up to the journal's end */
  uint64_t journal_records;
  uint64_t events, duplicates, dead_letters; /* input records that were decided */
  uint64_t behind;                           /* input records that the journal does not have yet */
  uint64_t decided, verified;                /* events, published, of those that were asked about */
  uint64_t kinds[AUDIT_KINDS];
  struct audit_note notes[AUDIT_FINDINGS];
  int32_t note_count;
  uint64_t leads;
  struct audit_stage stages[AUDIT_STAGES];
  int32_t stage_count;
  char why[REPLAY_WHY]; /* it could not be replayed to the journal's end; "": it could */
};

enum audit_keys { /* whose signatures count */
                  AUDIT_KEYS_NONE,
                  AUDIT_KEYS_GIVEN,
                  AUDIT_KEYS_BUNDLE,
};

struct audit_order { /* outlives the audit */
  struct audit_origin origin;
  const struct catalog *catalog;
  enum audit_keys keys; /* if there are any, what the journal calls agreed has to be */
  struct audit_scope scope;
  int32_t threads;
};

struct audit {
  enum audit_keys keys;
  struct audit_scope scope;
  struct audit_partition *partitions;
  int32_t count;
};

/* NULL with a sentence in `why`: nobody answers, the topics are not there, or a signal came. Whether anything is proven is in the
 * partitions. A copy that cannot be whole has been told so (bundle_writer_fail). */
struct audit *audit_run(const struct audit_order *order, char *why, size_t room);
void audit_destroy(struct audit *audit);

#endif
