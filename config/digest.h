/* digest.h: the digest by which a definition is known. May use: canonical.h, libcrypto. */
#ifndef HANDOVER_CONFIG_DIGEST_H
#define HANDOVER_CONFIG_DIGEST_H

#include <cjson/cJSON.h>

enum { DIGEST_TEXT = 7 + 64 + 1 }; /* "sha256:", hex, NUL */

/* SHA-256 of the document without `signoffs`, in canonical form. */
void digest_document(const cJSON *root, char text[DIGEST_TEXT]);

#endif
