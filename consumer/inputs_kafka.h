/* inputs_kafka.h: all records of the inputs, from the brokers, partition by partition, for commands that need no journal.
 *
 * Where there are several inputs, those of one partition are merged by event time, then the order of the inputs (docs/log.md). A
 * record that is no event comes right behind the one before it. Nothing is written, and no group is joined. May use: topic_reader,
 * decode, settings, progress. */
#ifndef HANDOVER_CONSUMER_INPUTS_KAFKA_H
#define HANDOVER_CONSUMER_INPUTS_KAFKA_H

#include "../config/settings.h"
#include "decode.h"

enum { INPUTS_BATCH = 64 };

struct inputs_user {
  const char *command;
  const struct definition *definition; /* by which events have their times */
  void *context;
  /* 1 to INPUTS_BATCH records of one partition; they are good until it returns. */
  void (*records)(void *context, const struct record *records, int32_t count);
  /* The beginning of an input's partition is gone: it begins at offset `first`. */
  void (*cut)(void *context, struct slice topic, int32_t partition, int64_t first);
};

/* Up to where the inputs end now. Returns the exit status; what is wrong has been said on standard error. */
int inputs_kafka_read(const struct settings *settings, const struct inputs_user *user);

#endif
