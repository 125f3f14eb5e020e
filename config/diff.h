/* diff.h: what changed in meaning between two definitions, in sentences.
 *
 * Both trees are documents that have been parsed as good; they are brought to one form (descriptions gone, defaults left out, durations in
 * their largest unit), which changes them. May use: phrase.h, canonical.h. */
#ifndef HANDOVER_CONFIG_DIFF_H
#define HANDOVER_CONFIG_DIFF_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "../producer/buffer.h"

/* Appends a line each, or with `json` the strings of a list with commas between them. Returns how many changes. */
int diff_append(struct buffer *out, cJSON *before, cJSON *after, bool json);
void diff_normalise(cJSON *root);

#endif
