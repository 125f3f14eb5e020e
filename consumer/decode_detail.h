/* decode_detail.h: what is wrong with an event, in words for people: the `detail` of a dead letter, of DETAIL_BYTES at most. */
#ifndef HANDOVER_CONSUMER_DECODE_DETAIL_H
#define HANDOVER_CONSUMER_DECODE_DETAIL_H

#include "engine/definition.h"
#include "engine/event.h"

enum { DETAIL_BYTES = 160 };

void detail_too_large(char *detail, uint32_t length, uint32_t most);
void detail_not_json(char *detail, size_t at, const char *why);
void detail_not_object(char *detail, struct slice payload);
/* None of the sources has what is `needed`, "a string of …". */
void detail_nothing(char *detail, const struct definition *definition, const struct sources *sources,
                    const char *needed);
/* What stands at `source`; `value` NULL: it is the record's own timestamp. */
void detail_bad_time(char *detail, const struct definition *definition, struct source source,
                     const struct value *value);

#endif
