/* digest.c: SHA-256 by libcrypto's EVP interface. */
#include "digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "canonical.h"

void digest_document(const cJSON *root, char text[DIGEST_TEXT]) {
  struct buffer buffer = {0};
  unsigned char sum[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  canonical_append(&buffer, root, "signoffs", 1);
  if (!EVP_Digest(buffer.at, buffer.length, sum, &length, EVP_sha256(), NULL) || length != 32) abort();
  buffer_fini(&buffer);
  memcpy(text, "sha256:", 8);
  for (unsigned i = 0; i < length; i++) snprintf(text + 7 + 2 * (size_t)i, 3, "%02x", sum[i]);
}
