/* audit_letter.c: by the record that could not be used, or by the headers that say which one that was. */
#include "audit_letter.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>

#include "../producer/encode.h"
#include "letter.h"
#include "sha256.h"

enum { NUMBER = 24, SHOWN = 300 };

struct told {
  struct slice topic, partition, offset, reason;
};

static void append_bytes(struct buffer *out, const char *name, struct slice bytes) {
  struct sha256 hash;
  char hex[SHA256_HEX];
  buffer_printf(out, ",\"%s\":", name);
  if (!bytes.at) {
    buffer_append_text(out, "null");
    return;
  }
  sha256_init(&hash);
  sha256_add(&hash, bytes.at, bytes.length);
  sha256_take(&hash, hex);
  sha256_fini(&hash);
  buffer_printf(out, "{\"bytes\":%" PRIu32 ",\"sha256\":\"%s\"}", bytes.length, hex);
}

static size_t append(struct buffer *out, const struct told *letter, const struct record *record) {
  size_t before = out->length;
  buffer_append_text(out, "{\"id\":\"");
  json_append_escaped(out, letter->topic);
  buffer_append_text(out, "/");
  json_append_escaped(out, letter->partition);
  buffer_append_text(out, "/");
  json_append_escaped(out, letter->offset);
  buffer_append_text(out, "\",\"reason\":");
  size_t id = out->length - before;
  json_append_string(out, letter->reason);
  append_bytes(out, "key", record->key);
  append_bytes(out, "value", record->payload);
  buffer_append_text(out, "}");
  return id;
}

size_t audit_letter_decided(struct buffer *out, const struct record *record, enum reject reject) {
  char partition[NUMBER], offset[NUMBER];
  snprintf(partition, sizeof partition, "%" PRId32, record->position.partition);
  snprintf(offset, sizeof offset, "%" PRId64, record->position.offset);
  const struct told letter = {record->position.topic, slice_of(partition), slice_of(offset),
                              slice_of(reject_name(reject))};
  return append(out, &letter, record);
}

static struct slice header(struct slice headers, const char *name) {
  struct slice value = bundle_header(headers, name);
  return value.length > SHOWN ? (struct slice){value.at, SHOWN} : value;
}

size_t audit_letter_there(struct buffer *out, const struct record *record, struct slice headers) {
  const struct told letter = {header(headers, "topic"), header(headers, "partition"), header(headers, "offset"),
                              header(headers, "reason")};
  return append(out, &letter, record);
}

bool audit_letter_is_mark(struct slice headers) {
  return bundle_header(headers, LETTER_MARK_HEADER).at && !bundle_header(headers, "reason").at;
}

void audit_letter_name(struct buffer *out, struct slice bytes) {
  cJSON *root = cJSON_ParseWithLength(bytes.at, bytes.length);
  const cJSON *id = cJSON_GetObjectItemCaseSensitive(root, "id");
  const cJSON *reason = cJSON_GetObjectItemCaseSensitive(root, "reason");
  if (cJSON_IsString(id) && id->valuestring[0] == '/')
    buffer_append_text(out, "no dead letter: its headers name no topic");
  else
    buffer_printf(out, "dead letter of %.300s, %.40s", cJSON_IsString(id) ? id->valuestring : "?",
                  cJSON_IsString(reason) ? reason->valuestring : "?");
  cJSON_Delete(root);
}
