/* alert_sign.c: libcrypto's HMAC, and its base64. */
#include "alert_sign.h"

#include <assert.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "../config/signature.h"

enum { ID_MOST = 1500, SHA256_BYTES = 32 };

/* How many bytes the base64 is of; 0: it is no length of padded base64. */
static size_t decoded_length(const char *text) {
  size_t length = strlen(text), padding = 0;
  if (length == 0 || length % 4 != 0) return 0;
  while (padding < 2 && text[length - 1 - padding] == '=') padding++;
  return length / 4 * 3 - padding;
}

bool alert_key_read(struct alert_key *key, const char *text) {
  static const char prefix[] = "whsec_";
  if (strncmp(text, prefix, sizeof prefix - 1) == 0) text += sizeof prefix - 1;
  key->length = decoded_length(text);
  return key->length >= ALERT_KEY_LEAST && key->length <= ALERT_KEY &&
         signature_decode(text, strlen(text), key->bytes, key->length);
}

void alert_sign(const struct alert_key *key, const char *id, int64_t time_s, struct slice body,
                char signature[ALERT_SIGNATURE]) {
  char head[ID_MOST + 32];
  uint8_t digest[EVP_MAX_MD_SIZE];
  size_t length = 0;
  int head_length = snprintf(head, sizeof head, "%s.%" PRId64 ".", id, time_s);
  assert(head_length > 0 && (size_t)head_length < sizeof head && !memchr(id, '.', strlen(id)));
  EVP_PKEY *secret = EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, NULL, key->bytes, key->length);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  length = sizeof digest;
  bool good = secret && context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, secret) == 1 &&
              EVP_DigestSignUpdate(context, head, (size_t)head_length) == 1 &&
              EVP_DigestSignUpdate(context, body.at, body.length) == 1 &&
              EVP_DigestSignFinal(context, digest, &length) == 1 && length == SHA256_BYTES;
  assert(good); /* nothing but memory can be missing */
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(secret);
  snprintf(signature, ALERT_SIGNATURE, "v1,");
  signature_encode(digest, length, signature + 3);
}
