/* json_write.h: JSON member by member, for what commands print: commas come by themselves, and no space is written.
 *
 * Nothing is checked: who opens an object closes it. May use: encode.h. */
#ifndef HANDOVER_PRODUCER_JSON_WRITE_H
#define HANDOVER_PRODUCER_JSON_WRITE_H

#include "encode.h"

/* `"name":`, with a comma before where one is due. */
void json_member(struct buffer *out, const char *name);
/* An object or a list begins: as the member `name`, or where that is NULL as an element; `bracket` is { or [. */
void json_open(struct buffer *out, const char *name, const char *bracket);
void json_close(struct buffer *out, const char *bracket);

void json_write_null(struct buffer *out, const char *name);
void json_write_flag(struct buffer *out, const char *name, bool flag);
void json_write_count(struct buffer *out, const char *name, uint64_t count);
void json_write_integer(struct buffer *out, const char *name, int64_t number);
void json_write_text(struct buffer *out, const char *name, struct slice text); /* text.at NULL: null */
void json_write_time(struct buffer *out, const char *name, int64_t time_ms);   /* RFC 3339; TIME_NONE: null */

#endif
