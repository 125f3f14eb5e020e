/* fuzz_envelope.c: lines of `kcat -J`, on every text:
 *
 *   it is a record, or a sentence says why not; the same again in another slot, and the first record stays as it was;
 *   cJSON, where it takes the line too, has the same topic, partition, offset, timestamp, key, payload and headers. It is lenient, so what
 *   it takes beyond says nothing; it cuts strings at \u0000 and numbers after 63 bytes, so such lines are not compared;
 *   a line made of any bytes, escaped as kcat does it, gives the same bytes back. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../consumer/envelope.h"
#include "../../consumer/utf8.h"
#include "../../producer/buffer.h"

enum { BYTES_MOST = 1 << 20, HEADERS = 3 };

#define CHECK(condition) ((condition) ? (void)0 : failed(#condition, __LINE__))

static struct envelope *envelope;

static void failed(const char *condition, int line) {
  fprintf(stderr, "fuzz_envelope.c:%d: not so: %s\n", line, condition);
  abort();
}

static bool read_line(int32_t slot, struct slice line, struct record *record) {
  char why[ENVELOPE_WHY] = "";
  bool good = envelope_read(envelope, slot, line, record, why);
  CHECK(memchr(why, 0, sizeof why) && good == (*why == 0));
  return good;
}

static bool same(struct slice a, struct slice b) { return !a.at == !b.at && slice_equal(a, b); }

static void compare_records(const struct record *a, const struct record *b) {
  CHECK(same(a->position.topic, b->position.topic) && same(a->key, b->key) && same(a->payload, b->payload));
  CHECK(a->position.partition == b->position.partition && a->position.offset == b->position.offset);
  CHECK(a->timestamp_ms == b->timestamp_ms);
}

/* cJSON */

static bool is_text(const cJSON *node, struct slice text) {
  return node && cJSON_IsString(node) ? text.at && slice_equal(slice_of(node->valuestring), text) : !text.at;
}

static bool is_number(const cJSON *node, int64_t number) {
  return cJSON_IsNumber(node) && node->valuedouble >= (double)number && node->valuedouble <= (double)number;
}

/* Names and values by turns, the last of a name counts, and only the first HEADERS pairs are looked at. */
static void compare_headers(const cJSON *headers) {
  for (int i = 0; cJSON_IsArray(headers) && i < 2 * HEADERS; i += 2) {
    const cJSON *name = cJSON_GetArrayItem(headers, i), *last = NULL;
    if (!cJSON_IsString(name)) continue;
    for (int j = 0; j < 2 * HEADERS; j += 2) {
      const cJSON *other = cJSON_GetArrayItem(headers, j), *value = cJSON_GetArrayItem(headers, j + 1);
      if (cJSON_IsString(other) && cJSON_IsString(value) && strcmp(other->valuestring, name->valuestring) == 0)
        last = value;
    }
    CHECK(is_text(last, envelope_header(envelope, slice_of(name->valuestring))));
  }
}

static bool has_nul(struct slice line) {
  static const char nul[] = "\\u0000";
  for (uint32_t i = 0; i + sizeof nul - 1 <= line.length; i++)
    if (memcmp(line.at + i, nul, sizeof nul - 1) == 0) return true;
  return false;
}

static void compare_tree(const struct record *record, struct slice line) {
  cJSON *root = has_nul(line) ? NULL : cJSON_ParseWithLength(line.at, line.length);
  if (root) {
    const cJSON *timestamp = cJSON_GetObjectItemCaseSensitive(root, "ts");
    CHECK(is_text(cJSON_GetObjectItemCaseSensitive(root, "topic"), record->position.topic));
    CHECK(is_number(cJSON_GetObjectItemCaseSensitive(root, "partition"), record->position.partition));
    CHECK(is_number(cJSON_GetObjectItemCaseSensitive(root, "offset"), record->position.offset));
    CHECK(record->timestamp_ms == TIME_NONE || is_number(timestamp, record->timestamp_ms));
    CHECK(is_text(cJSON_GetObjectItemCaseSensitive(root, "key"), record->key));
    CHECK(is_text(cJSON_GetObjectItemCaseSensitive(root, "payload"), record->payload));
    compare_headers(cJSON_GetObjectItemCaseSensitive(root, "headers"));
  }
  cJSON_Delete(root);
}

static void check_line(struct slice line) {
  struct record first, second;
  bool good = read_line(0, line, &first);
  struct record kept = first;
  CHECK(read_line(1, line, &second) == good);
  if (!good) return;
  CHECK(first.position.topic.length > 0 && utf8_valid(first.position.topic));
  CHECK(first.position.partition >= 0 && first.position.offset >= 0);
  CHECK(first.timestamp_ms == TIME_NONE || first.timestamp_ms >= 0);
  compare_records(&first, &second);
  compare_records(&first, &kept);
  compare_tree(&second, line);
}

/* As kcat does it */

static void append_member(struct buffer *line, const char *name, struct slice bytes) {
  buffer_printf(line, ",\"%s\":", name);
  buffer_append_text(line, bytes.at ? "\"" : "null");
  for (uint32_t i = 0; i < bytes.length; i++) {
    unsigned char byte = (unsigned char)bytes.at[i];
    if (byte == '"' || byte == '\\') buffer_printf(line, "\\%c", byte);
    else if (byte < ' ') buffer_printf(line, "\\u%04X", byte);
    else buffer_append(line, &bytes.at[i], 1);
  }
  if (bytes.at) buffer_append_text(line, "\"");
}

static void check_bytes(const char *bytes, uint32_t length) {
  uint32_t middle = length / 3;
  struct record record, sent = {.key = {bytes, middle}, .payload = {bytes + middle, length - middle}};
  struct buffer line = {0};
  sent.position = (struct position){SLICE("crm"), 7, INT64_MAX - (int64_t)length};
  sent.timestamp_ms = length % 3 ? TIME_NONE : INT64_C(1772357400000);
  if (length % 5 == 0) sent.key = (struct slice){NULL, 0};
  if (length % 7 == 0) sent.payload = (struct slice){NULL, 0};
  buffer_printf(&line, "{\"topic\":\"crm\",\"partition\":7,\"offset\":%lld", (long long)sent.position.offset);
  if (sent.timestamp_ms != TIME_NONE) buffer_append_text(&line, ",\"tstype\":\"create\",\"ts\":1772357400000");
  append_member(&line, "key", sent.key);
  append_member(&line, "payload", sent.payload);
  buffer_append_text(&line, "}");
  if (line.length <= BYTES_MOST) {
    CHECK(read_line(0, (struct slice){line.at, (uint32_t)line.length}, &record));
    compare_records(&record, &sent);
  }
  buffer_fini(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (!envelope) envelope = envelope_create(2, BYTES_MOST, HEADERS);
  char *exact = malloc(size ? size : 1); /* so that a sanitizer sees a read behind it */
  CHECK(exact);
  if (size) memcpy(exact, data, size);
  check_line((struct slice){exact, (uint32_t)size});
  check_bytes(exact, (uint32_t)size);
  free(exact);
  return 0;
}

#ifdef FUZZ_STANDALONE
#include "standalone.h"

int main(int argc, char **argv) {
  static struct standalone run = {.name = "envelope", .count = 100000};
  int status = standalone_run(&run, argc, argv);
  envelope_destroy(envelope);
  return status;
}
#endif
