/* audit.h: is what was published what the inputs and the journal say? Partition by partition, several at once.
 *
 *   journal ─→ replay_task ←─ inputs            (replay_task.h: decides again, and checks the journal's chain)
 *                  └─→ decided ─→ audit_compare ←─ stage-changes       (audit_compare.h: event by event)
 *
 * Nothing is written, and no group is joined. May use: replay_task, replay_kafka, audit_compare, audit_diff, topic_reader, catalog. */
#ifndef HANDOVER_CONSUMER_AUDIT_H
#define HANDOVER_CONSUMER_AUDIT_H

#include "../config/settings.h"
#include "audit_compare.h"
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
  uint64_t decided, verified;                /* events, published */
  uint64_t kinds[AUDIT_KINDS];
  struct audit_note notes[AUDIT_FINDINGS];
  int32_t note_count;
  uint64_t leads;
  struct audit_stage stages[AUDIT_STAGES];
  int32_t stage_count;
  char why[REPLAY_WHY]; /* it could not be replayed to the journal's end; "": it could */
};

struct audit_order { /* outlives the audit */
  const struct settings *settings;
  const struct catalog *catalog;
  bool signatures; /* trust is given: what the journal calls agreed has to be */
  int32_t threads;
};

struct audit {
  struct audit_partition *partitions;
  int32_t count;
};

/* NULL with a sentence in `why`: nobody answers, or the topics are not there. Whether anything is proven is in the partitions. */
struct audit *audit_run(const struct audit_order *order, char *why, size_t room);
void audit_destroy(struct audit *audit);

#endif
