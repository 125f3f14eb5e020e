/* report_words.h: figures as people read them: "3d 4h", "2026-11-02 13:14", "42.9%". May use: buffer.h, encode.h (times). */
#ifndef HANDOVER_CONSUMER_REPORT_WORDS_H
#define HANDOVER_CONSUMER_REPORT_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "../producer/buffer.h"

/* At most two units, cut: "3d 4h", "12m 5s", "0s". */
void report_duration(struct buffer *words, int64_t ms);
/* UTC, to the minute; without the time of day where `day`. */
void report_time(struct buffer *words, int64_t ms, bool day);
/* Of the whole, to the nearest tenth; "–" where the whole is 0. */
void report_per_cent(struct buffer *words, uint64_t part, uint64_t whole);
/* The same as a fraction: "0.4286". The whole is not 0. */
void report_fraction(struct buffer *words, uint64_t part, uint64_t whole);

#endif
