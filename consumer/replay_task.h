/* replay_task.h: one partition that is replayed by its journal, which is held in memory.
 *
 *   journal records, one after the other ─→ runs: the inputs' records, as they come; early ones are kept (record_queue.h)
 *                                        ─→ clock marks and versions, at their places          ─→ lane → sink, chain
 *     ─→ is what came out what the record says? ─→ the next one; otherwise the task stops
 *
 * It is what a restart does (restore.c), against files. One thread. May use: lane, journal, catalog, summary. */
#ifndef HANDOVER_CONSUMER_REPLAY_TASK_H
#define HANDOVER_CONSUMER_REPLAY_TASK_H

#include "catalog.h"
#include "journal.h"
#include "lane.h"
#include "record_queue.h"
#include "summary.h"

enum { REPLAY_WHY = 700 };

struct replay_shared { /* what the tasks share */
  const struct catalog *catalog;
  bool signatures; /* they are known: a version that the journal calls agreed has to have them */
  uint32_t event_bytes_max;
  const struct sink *sink;
  struct summary *summary;
  void (*on_lane)(void *context,
                  struct lane *lane); /* a task has its lane; NULL: nobody asks. `context` is the sink's */
};

struct replay_input {
  char topic[JOURNAL_TOPIC + 1];
  int64_t first;  /* where its first run begins */
  int64_t wanted; /* by all runs; less: what has come of them */
  int64_t last;   /* offset of the last record that came; −1: none */
  int64_t applied;
  struct record_queue kept;
};

struct replay_record { /* of the journal; its index is its sequence */
  size_t at;
  uint32_t length; /* of bytes.at[at …] */
  int64_t offset;
};

struct replay_task {
  const struct replay_shared *shared;
  int32_t number;
  struct buffer bytes;
  struct replay_record *records;
  uint64_t count, room;
  struct replay_input inputs[SETTINGS_INPUTS];
  int32_t input_count;
  char flaw[REPLAY_WHY]; /* the journal ends after `count` records because of this; empty: at its end */
  char why[REPLAY_WHY];  /* it stopped because of this; empty: it has not */

  struct journal_record record; /* the one that is replayed, if open */
  int32_t input_of[SETTINGS_INPUTS];
  bool open;
  uint64_t next; /* the sequence after it */
  int32_t entry;
  int64_t left;                     /* of the run at `entry`; −1: it has not begun */
  const struct replay_input *waits; /* for records of this one; NULL: it stopped, or its journal or its lane is over */
  struct journal journal;           /* counts and chain */
  struct sink sink;
  struct lane *lane; /* NULL until it knows a version */
  struct buffer buffer;
};

struct replay_task *replay_task_create(const struct replay_shared *shared, int32_t number);
void replay_task_destroy(struct replay_task *task);

/* One more record of its journal, as parsed and as it came, and where. Before replay_task_start. */
void replay_task_add(struct replay_task *task, const struct journal_record *record, struct slice bytes, int64_t offset);
void replay_task_start(struct replay_task *task);
/* The first version that the record names and the catalog does not have; NULL: all are there. */
const struct journal_entry *replay_missing(const struct catalog *catalog, const struct journal_record *record);

/* Up to LANE_BATCH records of one topic, in the order of the log. */
void replay_task_take(struct replay_task *task, const struct record *records, int32_t count);
/* Nothing more comes. `complete`: the inputs are over, so what is still wanted is missing. */
void replay_task_end(struct replay_task *task, bool complete);

#endif
