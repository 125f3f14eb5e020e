/* story_words.h: the phrases of a story, from the data of one event; gathered in a buffer before they are broken into lines.
 *
 * Whatever is missing in the event, or is of another type, is left out. May use: cJSON, terminal.h. */
#ifndef HANDOVER_CONSUMER_STORY_WORDS_H
#define HANDOVER_CONSUMER_STORY_WORDS_H

#include "story.h"

enum { STORY_NAME = 40 }; /* columns of one name */

/* A member, or NULL. */
const cJSON *story_member(const cJSON *object, const char *name);

void words_add(struct buffer *words, const char *text);
void words_name(struct buffer *words, struct slice name); /* made safe, and cut */
struct slice words_text(const struct buffer *words);
int words_columns(const struct buffer *words);

/* "2026-11-02T09:30:00.000Z" as "Mon 2 Nov 09:30"; the day takes at least `width` columns. Anything else as it is. */
void words_time(struct buffer *words, struct slice text, int width);
/* "Ana Lima, Lime Software": by the attributes that have such names, else the lead. */
void words_who(struct buffer *words, const cJSON *data);
/* "total 53.9: pricing page +23.9 and 3 more": as many rules as there is room for, in columns. */
void words_points(struct buffer *words, const cJSON *data, int room);
/* "dev (emea)" */
void words_route(struct buffer *words, const cJSON *data);
/* "sales: dev (emea), sales answers by Mon 2 Nov 14:00"; nothing where nobody has to act. */
void words_duty(struct buffer *words, const cJSON *data);
/* "hand raised: Demo Requested", "not now: “no budget yet”", "Webinar Attended", "went cold", "time has passed" */
void words_cause(struct buffer *words, const cJSON *data);
/* Of a breach: "sales: dev (emea), waiting since Mon 2 Nov 09:30" */
void words_since(struct buffer *words, const cJSON *data);
/* "missing for sql: need, timescale" */
void words_missing(struct buffer *words, const cJSON *data);

#endif
