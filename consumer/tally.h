/* tally.h: what a number of published events add up to, for people: changes by from and to, breaches by SLA, dead letters by reason.
 *
 * Made from published events alone; summary.h is its like for those who run the engine themselves. May use: story.h. */
#ifndef HANDOVER_CONSUMER_TALLY_H
#define HANDOVER_CONSUMER_TALLY_H

#include "story.h"

struct tally_row {
  struct slice from, to; /* to: none but of a change */
  uint64_t count;
};

struct tally_rows {
  struct tally_row *at;
  size_t count, room;
};

struct tally {             /* zero it to start */
  uint64_t records, leads; /* what was read: the caller knows */
  struct tally_rows changes, breaches, dead_letters;
};

/* What is counted stays the caller's, and must stay as long as the tally. */
void tally_event(struct tally *tally, const cJSON *event);
void tally_dead_letter(struct tally *tally, struct slice reason);
void tally_fini(struct tally *tally);

/* A few lines; rows in the order in which they first came. */
void tally_print(const struct tally *tally, struct buffer *buffer, bool colour);

#endif
