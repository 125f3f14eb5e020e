/* replay.h: a log from files, through the engine, to stage changes. docs/commands.md says it exactly. */
#ifndef HANDOVER_CONSUMER_REPLAY_H
#define HANDOVER_CONSUMER_REPLAY_H

#include "source_file.h"
#include "summary.h"

enum { REPLAY_PARTITIONS = 4096 }; /* tasks of one run */

struct replay_order {
  const struct definition *const *definitions; /* checked by versions_check */
  int32_t definition_count;
  const char *const *files; /* none: standard input */
  size_t file_count;
  const char *const *journals; /* files of the journal; none: records are taken as they come. With them `kcat` is set */
  size_t journal_count;
  bool signatures;   /* trust files were given: a definition is `agreed` by them or not */
  bool kcat;         /* each line is what `kcat -J` prints */
  const char *topic; /* of plain lines */
  int32_t partition; /* of plain lines */
  int64_t until_ms;  /* TIME_NONE: no clock mark */
  uint32_t event_bytes_max;
  int dead_letters; /* a descriptor; -1: they are counted only */
  const char *dead_letters_name;
};

/* Changes go to standard output. `summary` has been initialised with the same definitions. Returns the exit status; errors are said
 * on standard error, and what was decided before them has been written. */
int replay_run(const struct replay_order *order, struct summary *summary);

#endif
