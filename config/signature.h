/* signature.h: Ed25519 (RFC 8032) and the base64 in which keys and signatures stand, as strict as they can be.
 *
 * A key is 32 bytes, a signature 64. Base64 is RFC 4648's, padded, of exactly the bytes wanted, and canonical: one text for one
 * value. Keys of small order are refused, for under them signatures can be made without a secret; so are keys that are not
 * written in the one canonical way. May use: libcrypto. */
#ifndef HANDOVER_CONFIG_SIGNATURE_H
#define HANDOVER_CONFIG_SIGNATURE_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  SIGNATURE_KEY = 32,
  SIGNATURE_BYTES = 64,
  SIGNATURE_KEY_TEXT = 44 + 1, /* base64, NUL */
  SIGNATURE_TEXT = 88 + 1,
};

/* Nothing but the canonical base64 of `wanted` bytes (at most 64) will do. */
bool signature_decode(const char *text, size_t length, uint8_t *bytes, size_t wanted);
/* `text` has room for 4 bytes of every 3 begun, and NUL. */
void signature_encode(const uint8_t *bytes, size_t length, char *text);

/* May a key be used at all? Whether it is a point of the curve is not asked: of what is none nothing verifies. */
bool signature_key_usable(const uint8_t key[SIGNATURE_KEY]);
bool signature_verify(const uint8_t key[SIGNATURE_KEY], const uint8_t signature[SIGNATURE_BYTES], const char *text,
                      size_t length);
/* `key` is an Ed25519 private key. */
void signature_sign(EVP_PKEY *key, const char *text, size_t length, uint8_t signature[SIGNATURE_BYTES]);
/* The public half. False: no Ed25519 key. */
bool signature_public(const EVP_PKEY *key, uint8_t public_key[SIGNATURE_KEY]);

#endif
