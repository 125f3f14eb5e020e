/* describe.h: a definition as a page that both teams read and sign.
 *
 * Pure and deterministic. `root` is the document that `definition` was compiled from: it has the words for people, which the
 * engine's form drops. May use: page.h, phrase.h, signoff.h, cJSON, producer/encode.h. */
#ifndef HANDOVER_CONFIG_DESCRIBE_H
#define HANDOVER_CONFIG_DESCRIBE_H

#include <cjson/cJSON.h>

#include "definition.h"
#include "page.h"
#include "trust.h"

/* `trust`: whose signatures count; NULL: they are not checked, and the page says so. */
void describe(struct page *page, const cJSON *root, const struct definition *definition, const struct trust *trust);

#endif
