/* decoding.h: one decoder, and payloads for it, for tests of the decoder. */
#ifndef HANDOVER_TESTS_DECODING_H
#define HANDOVER_TESTS_DECODING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consumer/decode.h"
#include "pointers.h"

enum { SLOTS = 3, BYTES_MOST = 4096, DETAIL = 160 };

static struct pointers *pointers;
static struct decoder *decoder;
static char detail[DETAIL];

static inline void use_pointers(struct pointers *others) {
  decoder_destroy(decoder);
  if (pointers != others) free(pointers);
  pointers = others;
  decoder = decoder_create(&pointers->definition, SLOTS, BYTES_MOST);
}

/* The payload on a heap block of exactly its size, until the next one in the same slot. */
static inline const char *exact(int32_t slot, const char *payload, size_t length) {
  static char *blocks[SLOTS];
  free(blocks[slot]);
  blocks[slot] = malloc(length ? length : 1);
  assert_non_null(blocks[slot]);
  memcpy(blocks[slot], payload, length);
  return blocks[slot];
}

static inline struct record record_of(int32_t slot, const char *payload) {
  uint32_t length = (uint32_t)strlen(payload);
  return (struct record){.payload = {exact(slot, payload, length), length}, .timestamp_ms = TIME_NONE};
}

static inline struct event *decoded(int32_t slot, const char *payload) {
  struct record record = record_of(slot, payload);
  struct event *event = NULL;
  enum reject reject = decoder_decode(decoder, slot, &record, &event, detail);
  if (reject != REJECT_NONE) fail_msg("%s: %s: %s", payload, reject_name(reject), detail);
  return event;
}

static inline enum reject rejected(const char *payload) {
  struct record record = record_of(0, payload);
  struct event untouched, *event = &untouched;
  memset(detail, 'x', sizeof detail);
  enum reject reject = decoder_decode(decoder, 0, &record, &event, detail);
  if (reject != REJECT_NONE) {
    assert_ptr_equal(event, &untouched);
    assert_non_null(memchr(detail, 0, sizeof detail));
  }
  return reject;
}

static inline void assert_slice(struct slice slice, const char *text) {
  assert_non_null(slice.at);
  if (slice.length != strlen(text) || memcmp(slice.at, text, slice.length) != 0)
    fail_msg("%.*s, not %s", (int)slice.length, slice.at, text);
}

#define ALSO "\"userId\":\"u\",\"timestamp\":0,\"event\":\"e\"}"

static inline const struct value *value_in(const struct event *event, const char *path) {
  int32_t before = pointers->definition.field_count;
  int32_t index = pointers_add(pointers, path, false);
  assert_int_equal(before, pointers->definition.field_count);
  return &event->values[index];
}

static inline int set_up(void **state) {
  (void)state;
  use_pointers(pointers_segment());
  return 0;
}

static inline int tear_down(void **state) {
  (void)state;
  decoder_destroy(decoder);
  free(pointers);
  for (int32_t slot = 0; slot < SLOTS; slot++) exact(slot, "", 0);
  return 0;
}

#endif
