/* phrase.h: parts of a definition's document in words: durations, conditions, event patterns.
 *
 * The document has been parsed as good (definition_parse); no words are escaped. May use: cJSON, producer/encode.h. */
#ifndef HANDOVER_CONFIG_PHRASE_H
#define HANDOVER_CONFIG_PHRASE_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "../producer/buffer.h"

const cJSON *phrase_member(const cJSON *object, const char *name);
const char *phrase_text(const cJSON *object, const char *name); /* "" where it is absent */

void phrase_duration(struct buffer *out, const char *duration);                   /* 14d: 14 days */
void phrase_value(struct buffer *out, const cJSON *node);                         /* “text”, 12.5, true */
void phrase_list(struct buffer *out, const cJSON *node, const char *conjunction); /* one, or a list: “a”, “b” or “c” */
void phrase_operator(struct buffer *out, const cJSON *object);                    /* of a comparison: is at least 40 */
void phrase_pattern(struct buffer *out, const cJSON *node);                       /* which events */
void phrase_condition(struct buffer *out, const cJSON *node);                     /* all in one line */

#endif
