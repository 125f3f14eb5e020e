/* replay.h: a log from files, through the engine, to stage changes. docs/commands.md says it exactly. */
#ifndef HANDOVER_CONSUMER_REPLAY_H
#define HANDOVER_CONSUMER_REPLAY_H

#include "reading.h"
#include "summary.h"

struct replay_order {
  struct log_order log;
  const char *const
      *journals; /* files of the journal; none: records are taken as they come. With them `log.kcat` is set */
  size_t journal_count;
  bool signatures;  /* trust files were given: a definition is `agreed` by them or not */
  int dead_letters; /* a descriptor; -1: they are counted only */
  const char *dead_letters_name;
};

/* Changes go to standard output. `summary` has been initialised with the same definitions. Returns the exit status; errors are said
 * on standard error, and what was decided before them has been written. */
int replay_run(const struct replay_order *order, struct summary *summary);

#endif
