/* audit.h: is what was published what the inputs and the journal say? Partition by partition, several at once.
 *
 *   journal ─→ replay_task ←─ inputs            (replay_task.h: decides again, and checks the journal's chain)
 *                  └─→ decided ─→ audit_compare ←─ stage-changes, dead letters     (audit_compare.h: one by one)
 *
 * All of it comes from Kafka or from a bundle (audit_source.h). Nothing is written to Kafka, and no group is joined. May use: replay_task,
 * replay_kafka, audit_compare, audit_diff, audit_letter, audit_scope, audit_source, catalog, interrupt. */
#ifndef HANDOVER_CONSUMER_AUDIT_H
#define HANDOVER_CONSUMER_AUDIT_H

#include "audit_compare.h"
#include "audit_scope.h"
#include "audit_source.h"
#include "catalog.h"
#include "replay_task.h"

enum { AUDIT_FINDINGS = 10 /* told of a partition */, AUDIT_STAGES = 256, AUDIT_SAY = 1200 };

enum audit_of { AUDIT_CHANGES, AUDIT_LETTERS, AUDIT_SIDES }; /* published events, dead letters */

struct audit_note {
  enum audit_of of;
  enum audit_kind kind;
  int64_t offset; /* of stage-changes, or of the dead letters; -1: it is not there */
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
  bool letters;                              /* dead letters were compared, too: */
  uint64_t letters_verified, letters_gone;   /* gone: decided, but no longer kept */
  uint64_t kinds[AUDIT_SIDES][AUDIT_KINDS];
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
