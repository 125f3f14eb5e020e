/* canonical.h: the canonical form of RFC 8785 (JCS) of a tree: what is signed, and what a `happened` condition is known by.
 *
 * Members sorted by UTF-16 code units, numbers as ECMAScript writes them, strings escaped no more than they must be. A number is
 * its node's `valuedouble`. May use: cJSON, producer/encode.h. */
#ifndef HANDOVER_CONFIG_CANONICAL_H
#define HANDOVER_CONFIG_CANONICAL_H

#include <cjson/cJSON.h>

#include "../producer/encode.h"

/* Appends the tree; members called `without` (or NULL) are left out of the objects down to `depth` levels, the root's
 * own being level 1. */
void canonical_append(struct buffer *buffer, const cJSON *node, const char *without, int depth);

#endif
