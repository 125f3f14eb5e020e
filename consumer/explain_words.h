/* explain_words.h: parts of a compiled definition in words: patterns, comparisons, durations, points. Names are as they are: who
 * shows them makes them safe. May use: engine headers, encode.h. */
#ifndef HANDOVER_CONSUMER_EXPLAIN_WORDS_H
#define HANDOVER_CONSUMER_EXPLAIN_WORDS_H

#include "../producer/encode.h"

void explain_name(struct buffer *words, struct slice name);
void explain_duration(struct buffer *words, int64_t duration_ms);                /* "14 days", "1 day 6 hours" */
void explain_comparison(struct buffer *words, const struct comparison *compare); /* "at least 20" */
void explain_pattern(struct buffer *words, const struct definition *definition, int32_t pattern);

#endif
