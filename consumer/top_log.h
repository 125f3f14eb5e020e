/* top_log.h: what the published events say of now: the last ones, and the deadlines that are ahead or were missed, of leads that stand
 * where they stood when these began.
 *
 * That somebody has met an SLA is not published: it is ahead until its deadline, and missed when its breach is published. Bounded: beyond
 * TOP_LEADS leads with deadlines no more are looked at, which is said. May use: cJSON, story_words.h, decode_table.h. */
#ifndef HANDOVER_CONSUMER_TOP_LOG_H
#define HANDOVER_CONSUMER_TOP_LOG_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/slice.h"

enum { TOP_LAST = 200, TOP_SLAS = 64, TOP_LEADS = 1000000, TOP_SLA_NAME = 160 };

struct top_sla {
  char name[TOP_SLA_NAME], owner[TOP_SLA_NAME];
  uint64_t ahead, missed;
  int64_t next_ms; /* the next deadline ahead; TIME_NONE: there is none */
};

struct top_log;

struct top_log *top_log_create(void);
void top_log_destroy(struct top_log *log);

/* One published event. False: it is none. */
bool top_log_take(struct top_log *log, struct slice bytes);

/* The i-th last event, 0 being the last by their times; NULL: there are not so many. */
const cJSON *top_log_last(const struct top_log *log, int32_t index);
uint64_t top_log_changes(const struct top_log *log); /* taken so far */
bool top_log_cut(const struct top_log *log);

/* By SLA, at this moment: most missed first, then most ahead. Returns how many. */
int32_t top_log_slas(const struct top_log *log, int64_t now_ms, struct top_sla *slas);

#endif
