/* reading.h: a log from files, brought to lanes: for the commands that decide one. docs/commands.md, replay, says it exactly.
 *
 *   source_file → LANE_BATCH lines → records (plain, or by envelope) → runs of one partition → lane
 *
 * Lines stay where they are in the source's buffer until the batch is done. What lanes publish comes in the order of the lines, because a
 * batch is applied run by run and each lane calls the sink before it returns. */
#ifndef HANDOVER_CONSUMER_READING_H
#define HANDOVER_CONSUMER_READING_H

#include "lane.h"

enum { READING_PARTITIONS = 4096 }; /* tasks of one run */

struct log_order {                             /* which log, by which definitions */
  const struct definition *const *definitions; /* checked by versions_check */
  int32_t definition_count;
  const char *const *files; /* none: standard input */
  size_t file_count;
  bool kcat;         /* each line is what `kcat -J` prints */
  const char *topic; /* of plain lines */
  int32_t partition; /* of plain lines */
  int64_t until_ms;  /* TIME_NONE: no clock mark */
  uint32_t event_bytes_max;
};

struct reading;

enum reading_next { READING_ON, READING_ENOUGH, READING_FAILED }; /* failed: the user says why */

struct reading_user { /* who reads; all but `command` and `sink` may be NULL */
  const char *command;
  void *context;
  const struct sink *sink;
  void (*lane)(void *context, struct lane *lane);   /* a lane is new */
  bool (*wanted)(void *context, int32_t partition); /* asked for each run of records; false: they are not decided */
  /* Takes the records of a batch, in place of lanes. */
  void (*records)(void *context, const struct record *records, int32_t count);
  enum reading_next (*batch)(void *context, struct reading *reading); /* after each batch */
};

/* What is handed in outlives the reading. */
struct reading *reading_create(const struct log_order *order, const struct reading_user *user);
void reading_destroy(struct reading *reading);

/* Reads to the end; then `until_ms` is a clock mark for each lane. Returns the exit status; errors are said on standard error. */
int reading_run(struct reading *reading);

/* The lanes that there are, by partition. */
int32_t reading_lane_count(const struct reading *reading);
struct lane *reading_lane(const struct reading *reading, int32_t index);
uint64_t reading_lines(const struct reading *reading);
uint64_t reading_empty_lines(const struct reading *reading);
/* Might the next read wait for somebody? */
bool reading_may_wait(const struct reading *reading);

#endif
