/* fingerprint.c: the bytes that are hashed, and the two hashes. */
#include "fingerprint.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>
#ifdef HANDOVER_XXHASH_CHOOSES
#include <xxh_x86dispatch.h> /* the same hashes by wider instructions: two thirds of the time */
#endif

enum { XXH3_BYTES = 16, SHA256_BYTES = 32 };

static const struct {
  const char *prefix;
  size_t bytes;
} forms[FINGERPRINT_KINDS] = {
    [FINGERPRINT_XXH3] = {"xxh3:", XXH3_BYTES}, [FINGERPRINT_SHA256] = {"sha256:", SHA256_BYTES}};

static void done(bool good) {
  if (!good) abort(); /* a library without its hash, or without memory: nothing could be proven any more */
}

void fingerprint_init(struct fingerprint *fingerprint) {
  *fingerprint = (struct fingerprint){.xxh3 = XXH3_createState(), .sha256 = EVP_MD_CTX_new(), .copy = EVP_MD_CTX_new()};
  done(fingerprint->xxh3 && fingerprint->sha256 && fingerprint->copy);
  fingerprint_start(fingerprint, FINGERPRINT_XXH3);
}

void fingerprint_fini(struct fingerprint *fingerprint) {
  XXH3_freeState(fingerprint->xxh3);
  EVP_MD_CTX_free(fingerprint->sha256);
  EVP_MD_CTX_free(fingerprint->copy);
  *fingerprint = (struct fingerprint){0};
}

void fingerprint_start(struct fingerprint *fingerprint, enum fingerprint_kind kind) {
  fingerprint->kind = kind;
  fingerprint->topic_length = 0;
  if (kind == FINGERPRINT_XXH3) done(XXH3_128bits_reset(fingerprint->xxh3) == XXH_OK);
  else done(EVP_DigestInit_ex(fingerprint->sha256, EVP_sha256(), NULL) == 1);
}

static void add(struct fingerprint *fingerprint, const void *bytes, size_t length) {
  if (length == 0) return;
  if (fingerprint->kind == FINGERPRINT_XXH3) done(XXH3_128bits_update(fingerprint->xxh3, bytes, length) == XXH_OK);
  else done(EVP_DigestUpdate(fingerprint->sha256, bytes, length) == 1);
}

static uint8_t *put(uint8_t *at, uint64_t number, int bytes) {
  for (int i = 0; i < bytes; i++) *at++ = (uint8_t)(number >> 8 * i);
  return at;
}

static void add_topic(struct fingerprint *fingerprint, struct slice topic) {
  uint8_t head[12];
  assert(topic.length >= 1 && topic.length <= FINGERPRINT_TOPIC);
  put(put(head, UINT64_MAX, 8), topic.length, 4);
  add(fingerprint, head, sizeof head);
  add(fingerprint, topic.at, topic.length);
  memcpy(fingerprint->topic, topic.at, topic.length);
  fingerprint->topic_length = topic.length;
}

/* i32: null is -1. */
static uint8_t *put_length(uint8_t *at, struct slice slice) { return put(at, slice.at ? slice.length : UINT32_MAX, 4); }

static void add_record(struct fingerprint *fingerprint, const struct record *record) {
  uint8_t head[24], *at = put(head, (uint64_t)record->position.offset, 8);
  at = put(at, record->timestamp_ms == TIME_NONE ? UINT64_MAX : (uint64_t)record->timestamp_ms, 8);
  put_length(put_length(at, record->key), record->payload);
  add(fingerprint, head, sizeof head);
  add(fingerprint, record->key.at, record->key.length);
  add(fingerprint, record->payload.at, record->payload.length);
}

void fingerprint_take(struct fingerprint *fingerprint, const struct record *records, int32_t count) {
  if (count == 0) return;
  const struct slice topic = records[0].position.topic;
  if (!slice_equal(topic, (struct slice){fingerprint->topic, fingerprint->topic_length})) add_topic(fingerprint, topic);
  for (int32_t i = 0; i < count; i++) add_record(fingerprint, &records[i]);
}

void fingerprint_format(struct fingerprint *fingerprint, char text[FINGERPRINT_TEXT]) {
  uint8_t bytes[SHA256_BYTES];
  if (fingerprint->kind == FINGERPRINT_XXH3) {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(fingerprint->xxh3));
    memcpy(bytes, canonical.digest, XXH3_BYTES);
  } else {
    unsigned length = 0;
    done(EVP_MD_CTX_copy_ex(fingerprint->copy, fingerprint->sha256) == 1 &&
         EVP_DigestFinal_ex(fingerprint->copy, bytes, &length) == 1 && length == SHA256_BYTES);
  }
  int at = snprintf(text, FINGERPRINT_TEXT, "%s", forms[fingerprint->kind].prefix);
  for (size_t i = 0; i < forms[fingerprint->kind].bytes; i++)
    at += snprintf(text + at, (size_t)(FINGERPRINT_TEXT - at), "%02x", bytes[i]);
}

static bool are_digits(const char *text, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f'))) return false;
  return true;
}

bool fingerprint_parse(struct slice text, enum fingerprint_kind *kind) {
  for (int i = 0; i < FINGERPRINT_KINDS; i++) {
    const size_t prefix = strlen(forms[i].prefix), digits = 2 * forms[i].bytes;
    if (text.length != prefix + digits || memcmp(text.at, forms[i].prefix, prefix) != 0) continue;
    *kind = (enum fingerprint_kind)i;
    return are_digits(text.at + prefix, digits);
  }
  return false;
}
