/* first.h: the answers made a first definition and its tests, as two texts. May use: config, engine, answers.h, zone.h. */
#ifndef HANDOVER_CONSUMER_FIRST_H
#define HANDOVER_CONSUMER_FIRST_H

#include "answers.h"

struct first { /* zero it to start */
  struct buffer definition, tests;
};

/* All answers are there. `file`: the definition's file, as its tests name it. False: a sentence in `why`. The caller calls first_fini in
 * any case. The same answers give the same bytes, as long as the time zone database is the same. */
bool first_make(struct first *first, const struct answers *answers, const char *file, char *why, size_t room);
void first_fini(struct first *first);

#endif
