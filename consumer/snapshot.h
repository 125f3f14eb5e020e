/* snapshot.h: a task's state at a transaction's boundary, as bytes: where it stood in the log, and what it knew.
 *
 * snapshot.c documents the layout. The same bytes go to the local file (snapshot_file.h) and, in chunks, to `handover-state`
 * (snapshot_chunk.h). Pure. May use: the engine, buffer.h, engine/memory.h, xxhash, settings.h (SETTINGS_INPUTS), digest.h (DIGEST_TEXT). */
#ifndef HANDOVER_CONSUMER_SNAPSHOT_H
#define HANDOVER_CONSUMER_SNAPSHOT_H

#include "../config/digest.h"
#include "../config/settings.h"
#include "../producer/buffer.h"
#include "engine/task.h"

enum {
  SNAPSHOT_TEXT = 255, /* bytes of the cluster's id and the group */
  SNAPSHOT_TOPIC = 249,
  SNAPSHOT_CHAIN = 32,
  SNAPSHOT_VERSIONS = 256,
  SNAPSHOT_TAIL = 16,
  SNAPSHOT_WHY = 512, /* room for any sentence of why a snapshot is of no use */
};

struct snapshot_input {
  char topic[SNAPSHOT_TOPIC + 1];
  int64_t next; /* the offset from which to read on */
};

struct snapshot_version {
  uint32_t version;
  char digest[DIGEST_TEXT];
  bool agreed;
};

/* Owns all that it holds; there is nothing to free. 22 KB. */
struct snapshot_head {
  char cluster[SNAPSHOT_TEXT + 1], group[SNAPSHOT_TEXT + 1];
  int32_t partition;
  struct snapshot_input inputs[SETTINGS_INPUTS]; /* in the order of the settings */
  int32_t input_count;
  int64_t journal_offset;                              /* the next record of the journal topic to read */
  uint64_t sequence;                                   /* which that record has */
  uint8_t chain[SNAPSHOT_CHAIN];                       /* of the record before it */
  int32_t generation;                                  /* of `handover-state`, the last whole upload; -1: none */
  struct snapshot_version versions[SNAPSHOT_VERSIONS]; /* known to the task, ascending */
  int32_t version_count;
};

/* Texts are within the limits above (settings and Kafka see to it); a head takes SETTINGS_INPUTS inputs. */
void snapshot_head_init(struct snapshot_head *head, const char *cluster, const char *group, int32_t partition);
void snapshot_head_input(struct snapshot_head *head, const char *topic, int64_t next);
/* Versions may come in any order. False: there is no room for one more (the task cannot be saved). */
bool snapshot_head_version(struct snapshot_head *head, uint32_t version, struct slice digest, bool agreed);

/* A snapshot is what stands before the state, into an empty buffer; the state, as task_save writes it; and the tail, which is reckoned
 * while all before it goes by. */
void snapshot_encode_head(const struct snapshot_head *head, struct buffer *buffer);
struct snapshot_sum;
struct snapshot_sum *snapshot_sum_create(void);
void snapshot_sum_add(struct snapshot_sum *sum, const void *bytes, size_t length);
void snapshot_sum_tail(struct snapshot_sum *sum, uint64_t state_bytes, char tail[SNAPSHOT_TAIL]);
void snapshot_sum_destroy(struct snapshot_sum *sum);

struct snapshot_state { /* for task_load; within the bytes that were decoded */
  const char *at;
  size_t length;
};

/* False: `why` says what is wrong with it: cut short, of another format, altered, no snapshot. */
bool snapshot_decode(const void *bytes, size_t length, struct snapshot_head *head, struct snapshot_state *state,
                     char *why, size_t room);

/* Is it of this cluster, group and partition, with these inputs? False: foreign, and `why` says in what. Positions, chain and
 * versions of `expected` are not looked at. */
bool snapshot_fits(const struct snapshot_head *head, const struct snapshot_head *expected, char *why, size_t room);

#endif
