/* replay_kafka.h: one partition that is replayed by its journal, from the brokers: journal first, then the inputs as the task wants them.
 *
 * Nothing is written, and no group is joined. May use: replay_task, topic_reader. */
#ifndef HANDOVER_CONSUMER_REPLAY_KAFKA_H
#define HANDOVER_CONSUMER_REPLAY_KAFKA_H

#include "../config/settings.h"
#include "progress.h"
#include "replay_task.h"
#include "topic_reader.h"

/* A record of the journal's topic to its task. Returns an exit status: 0, or 2 with a sentence in `why` (of REPLAY_WHY bytes): it is no
 * record of this partition's journal, or names a version that is not at hand. `parsed` is the caller's, for many records. */
int replay_kafka_journal(struct replay_task *task, struct journal_record *parsed, const struct record *record,
                         char *why);

struct replay_kafka {
  struct topic_reader *reader;
  const struct settings *settings;
  struct progress *progress; /* shown while inputs are read … */
  uint64_t records;          /* … of which so many have come */
  char why[REPLAY_WHY];
};

/* Replays all that the journal has of the task's partition, or up to where its lane ends (lane_set_end). Returns an exit status: 0; 2 where
 * journal, inputs or definitions do not fit together, 3 where nobody answers or somebody interrupts; then `why` says what. */
int replay_kafka(struct replay_kafka *from, struct replay_task *task);

#endif
