/* explain_row.h: an entry of a lead's timeline in words. May use: cJSON, story_words.h. */
#ifndef HANDOVER_CONSUMER_EXPLAIN_ROW_H
#define HANDOVER_CONSUMER_EXPLAIN_ROW_H

#include <cjson/cJSON.h>

#include "../producer/buffer.h"
#include "engine/slice.h"

struct explain_row { /* words; what there is nothing to say of is empty */
  struct buffer when, what, where, why, duty, scores;
  const char *style; /* of `what` on a terminal */
};

struct explain_row explain_row_of(const cJSON *entry);
void explain_row_fini(struct explain_row *row);

/* "Sat 8 May 2027 15:00" */
void explain_date(struct buffer *words, struct slice time);
/* Points with their three decimals, and a sign; `plus` is what stands before those that are not negative. */
void explain_points(struct buffer *words, const cJSON *points, const char *plus);
/* "fit 30, engagement 24.5 (−1.2 by time)"; `faded` may be NULL. */
void explain_scores(struct buffer *words, const cJSON *scores, const cJSON *faded);
/* "a, b and 3 more" */
void explain_names(struct buffer *words, const cJSON *names, const char *before);

#endif
