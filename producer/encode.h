/* encode.h: a change as the canonical bytes that are published (docs/engine.md, What is published), and numbers and times
 * as text. The same change gives the same bytes on any machine.
 *
 * May use: engine headers. The buffer grows; nothing else is allocated. */
#ifndef HANDOVER_PRODUCER_ENCODE_H
#define HANDOVER_PRODUCER_ENCODE_H

#include "../consumer/engine/change.h"
#include "buffer.h"

/* Appends the change as one JSON object, no line break. */
void change_encode(struct buffer *buffer, const struct change *change);
/* Appends the change's id: topic/partition/offset/n, or clock/partition/ms/n. */
void change_encode_id(struct buffer *buffer, const struct change *change);

void json_append_string(struct buffer *buffer, struct slice text);  /* quoted and escaped */
void json_append_escaped(struct buffer *buffer, struct slice text); /* the same without the quotes */
void json_append_integer(struct buffer *buffer, int64_t number);
void json_append_points(struct buffer *buffer, int64_t nanopoints); /* cut toward zero to three decimals, no −0 */
void json_append_double(struct buffer *buffer, double number);      /* as RFC 8785 (ECMAScript) writes it; finite */
/* 2026-03-01T09:30:00.000Z; without quotes. From 1970 to 9999. */
void time_append(struct buffer *buffer, int64_t time_ms);

#endif
