/* bundle.c: members' names, and records to bytes and back. */
#include "bundle.h"

#include <inttypes.h>
#include <stdio.h>

enum { HEAD = 28, HEADER = 8 };
#define NULL_LENGTH UINT32_MAX

static const char *const fixed[] = {
    [BUNDLE_MANIFEST] = "manifest.json", [BUNDLE_SUMS] = "SHA256SUMS", [BUNDLE_TRUST] = "trust.txt"};
static const char *const folders[] = {[BUNDLE_CHANGES] = "stage-changes",
                                      [BUNDLE_DEAD_LETTERS] = "dead-letters",
                                      [BUNDLE_JOURNAL] = "journal",
                                      [BUNDLE_INPUT] = "inputs"};

/* --- names --- */

void bundle_name_stream(const struct bundle_name *name, char text[BUNDLE_NAME]) {
  bool input = name->kind == BUNDLE_INPUT;
  snprintf(text, BUNDLE_NAME, "partitions/%" PRId32 "/%s/%s%s", name->partition, folders[name->kind],
           input ? name->topic : "", input ? "/" : "");
}

void bundle_name_format(const struct bundle_name *name, char text[BUNDLE_NAME]) {
  if (name->kind < BUNDLE_DEFINITION) {
    snprintf(text, BUNDLE_NAME, "%s", fixed[name->kind]);
  } else if (name->kind == BUNDLE_DEFINITION) {
    snprintf(text, BUNDLE_NAME, "definitions/%03" PRIu32 ".json", name->number);
  } else {
    bundle_name_stream(name, text);
    size_t length = strlen(text);
    snprintf(text + length, BUNDLE_NAME - length, "%06" PRIu32 ".records", name->number);
  }
}

static bool take_text(const char **at, const char *text) {
  size_t length = strlen(text);
  if (strncmp(*at, text, length) != 0) return false;
  *at += length;
  return true;
}

static bool take_number(const char **at, uint32_t limit, uint32_t *number) {
  uint64_t value = 0;
  const char *from = *at;
  while (**at >= '0' && **at <= '9' && *at - from < 9) value = value * 10 + (uint64_t)(*(*at)++ - '0');
  *number = (uint32_t)value;
  return *at > from && value < limit;
}

/* As Kafka has them; so none leads anywhere. */
static bool take_topic(const char **at, char topic[BUNDLE_TOPIC]) {
  static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  size_t length = strspn(*at, good);
  if (length == 0 || length >= BUNDLE_TOPIC) return false;
  memcpy(topic, *at, length);
  topic[length] = 0;
  *at += length;
  return strcmp(topic, ".") != 0 && strcmp(topic, "..") != 0;
}

static bool take_stream(const char **at, struct bundle_name *name) {
  uint32_t partition;
  if (!take_text(at, "partitions/") || !take_number(at, BUNDLE_PARTITIONS, &partition)) return false;
  name->partition = (int32_t)partition;
  if (!take_text(at, "/")) return false;
  int kind = BUNDLE_CHANGES;
  while (kind <= BUNDLE_INPUT && !take_text(at, folders[kind])) kind++;
  if (kind > BUNDLE_INPUT || !take_text(at, "/")) return false;
  name->kind = (enum bundle_kind)kind;
  if (kind == BUNDLE_INPUT && (!take_topic(at, name->topic) || !take_text(at, "/"))) return false;
  return take_number(at, BUNDLE_PARTS, &name->number);
}

static bool take_name(const char *at, struct bundle_name *name) {
  for (int kind = 0; kind < BUNDLE_DEFINITION; kind++) {
    name->kind = (enum bundle_kind)kind;
    if (strcmp(at, fixed[kind]) == 0) return true;
  }
  name->kind = BUNDLE_DEFINITION;
  if (take_text(&at, "definitions/")) return take_number(&at, BUNDLE_DEFINITIONS, &name->number);
  return take_stream(&at, name);
}

/* What it was read as has to be written in the same way. */
bool bundle_name_parse(const char *text, struct bundle_name *name) {
  char again[BUNDLE_NAME];
  *name = (struct bundle_name){0};
  if (!take_name(text, name)) return false;
  bundle_name_format(name, again);
  return strcmp(text, again) == 0;
}

/* --- records --- */

static void put(char **at, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; i++) *(*at)++ = (char)(value >> (8 * i));
}

static uint64_t get(const char **at, int bytes) {
  uint64_t value = 0;
  for (int i = 0; i < bytes; i++) value |= (uint64_t)(uint8_t) * (*at)++ << (8 * i);
  return value;
}

static uint32_t length_of(struct slice slice) { return slice.at ? slice.length : NULL_LENGTH; }

void bundle_record_append(struct buffer *part, const struct record *record, struct slice headers) {
  char *at = buffer_reserve(part, HEAD);
  put(&at, (uint64_t)record->position.offset, 8);
  put(&at, record->timestamp_ms == TIME_NONE ? UINT64_MAX : (uint64_t)record->timestamp_ms, 8);
  put(&at, length_of(record->key), 4);
  put(&at, length_of(record->payload), 4);
  put(&at, headers.length, 4);
  buffer_used(part, HEAD);
  buffer_append(part, record->key.at, record->key.length);
  buffer_append(part, record->payload.at, record->payload.length);
  buffer_append(part, headers.at, headers.length);
}

static bool take_bytes(struct slice *rest, uint32_t length, struct slice *bytes) {
  *bytes = (struct slice){0};
  if (length == NULL_LENGTH) return true;
  if (length > rest->length) return false;
  *bytes = (struct slice){rest->at, length};
  *rest = (struct slice){rest->at + length, rest->length - length};
  return true;
}

/* --- headers --- */

void bundle_header_append(struct buffer *headers, struct slice name, struct slice value) {
  char *at = buffer_reserve(headers, HEADER);
  put(&at, name.length, 4);
  put(&at, length_of(value), 4);
  buffer_used(headers, HEADER);
  buffer_append(headers, name.at, name.length);
  buffer_append(headers, value.at, value.length);
}

static bool take_header(struct slice *rest, struct slice *name, struct slice *value) {
  if (rest->length < HEADER) return false;
  const char *at = rest->at;
  uint32_t name_length = (uint32_t)get(&at, 4), value_length = (uint32_t)get(&at, 4);
  *rest = (struct slice){at, rest->length - HEADER};
  return name_length != NULL_LENGTH && take_bytes(rest, name_length, name) && take_bytes(rest, value_length, value);
}

struct slice bundle_header(struct slice headers, const char *wanted) {
  struct slice name, value;
  while (headers.length > 0 && take_header(&headers, &name, &value))
    if (slice_equal(name, slice_of(wanted))) return value;
  return (struct slice){0};
}

static bool are_headers(struct slice headers) {
  struct slice name, value;
  while (headers.length > 0)
    if (!take_header(&headers, &name, &value)) return false;
  return true;
}

bool bundle_record_take(struct slice *rest, struct record *record, struct slice *headers) {
  if (rest->length < HEAD) return false;
  const char *at = rest->at;
  record->position.offset = (int64_t)get(&at, 8);
  record->timestamp_ms = (int64_t)get(&at, 8);
  uint32_t key = (uint32_t)get(&at, 4), value = (uint32_t)get(&at, 4), more = (uint32_t)get(&at, 4);
  *rest = (struct slice){at, rest->length - HEAD};
  if (record->position.offset < 0 || record->timestamp_ms < -1) return false;
  if (record->timestamp_ms == -1) record->timestamp_ms = TIME_NONE;
  return take_bytes(rest, key, &record->key) && take_bytes(rest, value, &record->payload) && more != NULL_LENGTH &&
         take_bytes(rest, more, headers) && are_headers(*headers);
}
