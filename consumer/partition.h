/* partition.h: one task over Kafka: its lane, where it stands in each input, and what of it the open transaction holds.
 *
 *   RESTORING ── restore_step ──→ RUNNING ─┬─ messages, clock marks ──→ touched, awaited
 *       ↑                            ↑       └─ partition_send ─────────→ committing, and may be touched again meanwhile
 *       │                            └────────── committed ─────────────────┤
 *       └──────── undone: made anew, from a snapshot and the log ───────────┘
 *
 * What is published while a task is restored is not sent but hashed and counted, and has to be what the journal says that it
 * was. One worker uses a partition. May use: lane, journal, sink_kafka, shared. */
#ifndef HANDOVER_CONSUMER_PARTITION_H
#define HANDOVER_CONSUMER_PARTITION_H

#include "../producer/sink_kafka.h"
#include "journal.h"
#include "lane.h"
#include "shared.h"
#include "snapshot_chunk.h"

enum partition_state { PARTITION_RESTORING, PARTITION_RUNNING };

struct partition {
  const struct shared *shared;
  struct sink_kafka *sink; /* the worker's */
  int32_t slot;            /* in the metrics: the worker's */
  int32_t number;
  enum partition_state state;
  struct sink lane_sink;
  struct lane *lane;               /* NULL until it knows a version */
  const struct definition **known; /* what the lane knows, a version once */
  int32_t known_count;
  struct journal journal;
  int64_t journal_offset;                   /* from where its next record is read; a little before it does no harm */
  int64_t next[SETTINGS_INPUTS];            /* the next offset to read; −1: nothing has been read yet */
  bool at_end[SETTINGS_INPUTS];             /* nothing is there to read */
  bool touched;                             /* something of it has been decided and is in no transaction that ends: */
  int64_t touched_ns;                       /* … since when */
  uint64_t open_records, open_bytes;        /* … and how much was read */
  bool awaited;                             /* the open transaction has messages of it */
  bool committing;                          /* it has a part in the transaction that is being committed: */
  uint64_t committing_records;              /* … so much was read */
  int64_t committing_next[SETTINGS_INPUTS]; /* … up to here */
  uint64_t records_since_snapshot;          /* committed or not */
  int64_t snapshot_ns;                      /* when the last one was taken, or the task taken up */
  int64_t snapshot_again_ns;                /* after a failure: not before */
  struct snapshot_chunks chunks;            /* what is known of handover-state: which generation is whole */
  struct upload *upload;                    /* on its way, or NULL */
  uint32_t upload_count;                    /* its chunks */
  struct restore *restore;                  /* while RESTORING */
  struct metrics_partition *metrics[SETTINGS_INPUTS];
  struct task_counts counted;          /* of the engine's counts, what the metrics have been told */
  uint32_t active_version;             /* what the log has been told */
  rd_kafka_message_t *const *messages; /* while they are applied: ascending offsets */
  int32_t message_count;
  struct buffer buffer;
};

struct partition *partition_create(const struct shared *shared, struct sink_kafka *sink, int32_t slot, int32_t number);
void partition_destroy(struct partition *partition);

/* The lane begins with this version, or gets one more, or one that has been signed since in place of what it was. */
void partition_know(struct partition *partition, const struct definition *definition);
/* Back to knowing nothing: what was loaded was of no use. */
void partition_forget(struct partition *partition);
/* Makes everything known that the catalog has and the task does not know, and says so in the journal. */
void partition_learn(struct partition *partition);
/* The same, and it runs from here. */
void partition_start(struct partition *partition);

/* Consecutive messages of one input, no errors among them. Those that have been read already are left out. */
void partition_apply(struct partition *partition, int32_t input, rd_kafka_message_t *const *messages, int32_t count);
/* A clock mark of this time, written into the journal. */
void partition_mark(struct partition *partition, int64_t mark_ms);
/* The clock mark that is due on a quiet partition by the wall clock, or TIME_NONE. */
int64_t partition_mark_due(const struct partition *partition, int64_t wall_ms);

/* Ending the open transaction, for a task that it touched: its journal record into the sink, its offsets into the list; what follows
 * is of the next one. */
void partition_send(struct partition *partition, rd_kafka_topic_partition_list_t *offsets);
/* … once it has been committed. */
void partition_committed(struct partition *partition);

/* Tells the metrics what stands in the task; adds to the leads and to the bytes of memory that they take. */
void partition_measure(struct partition *partition, uint64_t *leads, uint64_t *bytes);

#endif
