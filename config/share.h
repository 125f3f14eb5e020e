/* share.h: several definitions that read events alike get one vocabulary, so that an event is decoded once for all of them.
 *
 * A vocabulary is what the decoder and the engine agree on in numbers: `fields` (JSON Pointers) and `names` (of events). May use:
 * definition_compile.h. */
#ifndef HANDOVER_CONFIG_SHARE_H
#define HANDOVER_CONFIG_SHARE_H

#include "../consumer/engine/definition.h"

/* Which part of `events` the two look for at different places: "lead", "time", "id", "name" or "max_ahead"; NULL: none. */
const char *definitions_differ(const struct definition *a, const struct definition *b);

/* Gives all the same fields and names, in one order. To be called before anybody decodes or decides by them; each still owns all that
 * it points to. */
void definitions_share(struct definition *const *definitions, int32_t count);

#endif
