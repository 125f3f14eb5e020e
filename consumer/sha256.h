/* sha256.h: SHA-256 of bytes that come piece by piece, as text. May use: libcrypto. */
#ifndef HANDOVER_CONSUMER_SHA256_H
#define HANDOVER_CONSUMER_SHA256_H

#include <openssl/evp.h>
#include <stddef.h>

enum { SHA256_HEX = 64 + 1 };

struct sha256 {
  EVP_MD_CTX *context;
};

void sha256_init(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *bytes, size_t length);
/* 64 hex digits in small letters. Begins anew. */
void sha256_take(struct sha256 *hash, char text[SHA256_HEX]);
void sha256_fini(struct sha256 *hash);

#endif
