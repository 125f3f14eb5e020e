/* signature.c: libcrypto's EVP interface, and what it does not look at. */
#include "signature.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MOST = SIGNATURE_TEXT - 1, DECODED_MOST = TEXT_MOST / 4 * 3 };

bool signature_decode(const char *text, size_t length, uint8_t *bytes, size_t wanted) {
  unsigned char decoded[DECODED_MOST + 1];
  char again[SIGNATURE_TEXT];
  if (wanted > SIGNATURE_BYTES) abort();
  if (length != (wanted + 2) / 3 * 4) return false;
  if (EVP_DecodeBlock(decoded, (const unsigned char *)text, (int)length) < (int)wanted) return false;
  signature_encode(decoded, wanted, again); /* bits that mean nothing, blanks, odd padding: all of it shows here */
  if (memcmp(again, text, length) != 0) return false;
  memcpy(bytes, decoded, wanted);
  return true;
}

void signature_encode(const uint8_t *bytes, size_t length, char *text) {
  (void)EVP_EncodeBlock((unsigned char *)text, bytes, (int)length);
}

/* The y of the points whose order divides 8, least byte first; the sign of x, the topmost bit, makes no difference. */
static const uint8_t small_order[][SIGNATURE_KEY] = {
    {0},
    {1},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
     0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
     0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
};

/* y at or above p = 2^255 − 19: the same y could be written smaller. */
static bool is_reduced(const uint8_t y[SIGNATURE_KEY]) {
  if (y[31] != 0x7f) return true;
  for (int i = 30; i > 0; i--)
    if (y[i] != 0xff) return true;
  return y[0] < 0xed;
}

bool signature_key_usable(const uint8_t key[SIGNATURE_KEY]) {
  uint8_t y[SIGNATURE_KEY];
  memcpy(y, key, sizeof y);
  y[31] &= 0x7f;
  for (size_t i = 0; i < sizeof small_order / sizeof *small_order; i++)
    if (memcmp(y, small_order[i], sizeof y) == 0) return false;
  return is_reduced(y);
}

bool signature_verify(const uint8_t key[SIGNATURE_KEY], const uint8_t signature[SIGNATURE_BYTES], const char *text,
                      size_t length) {
  if (!signature_key_usable(key)) return false;
  EVP_PKEY *public_key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, SIGNATURE_KEY);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  if (!public_key || !context) abort(); /* nothing but memory can be missing */
  bool good = EVP_DigestVerifyInit(context, NULL, NULL, NULL, public_key) == 1 &&
              EVP_DigestVerify(context, signature, SIGNATURE_BYTES, (const unsigned char *)text, length) == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(public_key);
  ERR_clear_error();
  return good;
}

void signature_sign(EVP_PKEY *key, const char *text, size_t length, uint8_t signature[SIGNATURE_BYTES]) {
  size_t room = SIGNATURE_BYTES;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  if (!context || EVP_DigestSignInit(context, NULL, NULL, NULL, key) != 1) abort();
  if (EVP_DigestSign(context, signature, &room, (const unsigned char *)text, length) != 1) abort();
  if (room != SIGNATURE_BYTES) abort();
  EVP_MD_CTX_free(context);
}

bool signature_public(const EVP_PKEY *key, uint8_t public_key[SIGNATURE_KEY]) {
  size_t room = SIGNATURE_KEY;
  if (EVP_PKEY_get_id(key) != EVP_PKEY_ED25519) return false;
  return EVP_PKEY_get_raw_public_key(key, public_key, &room) == 1 && room == SIGNATURE_KEY;
}
