/* audit_diff.h: in what two published events differ, member by member. May use: cJSON, buffer. */
#ifndef HANDOVER_CONSUMER_AUDIT_DIFF_H
#define HANDOVER_CONSUMER_AUDIT_DIFF_H

#include "../producer/buffer.h"
#include "engine/slice.h"

/* Appends "/data/scores/fit is 40, decided was 30; …", at most a handful of members. */
void audit_diff(struct buffer *out, struct slice decided, struct slice there);
/* Appends who and what an event is about: "u-1011 mql → sql at 2026-…, id …"; the bytes where it is none. */
void audit_name(struct buffer *out, struct slice bytes);

#endif
