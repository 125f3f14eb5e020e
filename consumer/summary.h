/* summary.h: what became of every line, as a table for people. May use: libc, lane. */
#ifndef HANDOVER_CONSUMER_SUMMARY_H
#define HANDOVER_CONSUMER_SUMMARY_H

#include <stdio.h>

#include "lane.h"

struct summary_version; /* changes and breaches by one version */

/* Why records were not replayed, where a journal says which are. */
enum summary_left {
  LEFT_BEFORE,  /* before the first one that the journal has */
  LEFT_BEHIND,  /* behind the last one: not decided yet */
  LEFT_STOPPED, /* their partition did not fit its journal */
  LEFT_COUNT,
};

struct summary { /* lines = empty + events + all of rejects + all of left */
  uint64_t lines, empty;
  uint64_t events, duplicates, leads, partitions, ignored_attributes;
  uint64_t rejects[REJECT_COUNT];
  bool journal; /* one was given; of its records so many came out as they say */
  uint64_t journal_records;
  uint64_t left[LEFT_COUNT];
  uint64_t kept, kept_most; /* records that came before they were wanted, and had to be kept: now, and at most */
  int64_t elapsed_ns;
  struct summary_version *versions;
  int32_t version_count;
};

/* Definitions outlive the summary; changes are told apart by version. */
void summary_init(struct summary *summary, const struct definition *const *definitions, int32_t count);
void summary_fini(struct summary *summary);

void summary_change(struct summary *summary, const struct change *change);
void summary_lane(struct summary *summary, struct lane *lane); /* adds its counts: once, at the end */
uint64_t summary_dead_letters(const struct summary *summary);

/* "not_json 2, no_lead 1": what there is, in the order of the reasons. */
void summary_print_reasons(const struct summary *summary, FILE *file);
void summary_print(const struct summary *summary, FILE *file);

#endif
