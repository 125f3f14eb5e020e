/* sha256.c: libcrypto's, which fails only where memory does. */
#include "sha256.h"

#include <stdint.h>
#include <stdlib.h>

enum { BYTES = 32 };

static void done(int result) {
  if (result != 1) abort();
}

void sha256_init(struct sha256 *hash) {
  hash->context = EVP_MD_CTX_new();
  if (!hash->context) abort();
  done(EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL));
}

void sha256_add(struct sha256 *hash, const void *bytes, size_t length) {
  done(EVP_DigestUpdate(hash->context, bytes, length));
}

void sha256_take(struct sha256 *hash, char text[SHA256_HEX]) {
  static const char digits[] = "0123456789abcdef";
  uint8_t bytes[BYTES];
  done(EVP_DigestFinal_ex(hash->context, bytes, NULL));
  for (size_t i = 0; i < BYTES; i++) {
    text[2 * i] = digits[bytes[i] >> 4];
    text[2 * i + 1] = digits[bytes[i] & 15];
  }
  text[SHA256_HEX - 1] = 0;
  done(EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL));
}

void sha256_fini(struct sha256 *hash) {
  EVP_MD_CTX_free(hash->context);
  hash->context = NULL;
}
