/* envelope.c: the pointers as a definition, and what has to stand at each.
 *
 * Lead and name are taken from a key, the time from a timestamp, both made up for the purpose, so that the decoder rejects nothing
 * but what is no JSON or no object. kcat puts keys and payloads between the quotation marks byte by byte, so those that are not UTF-8
 * make lines that are, strictly, no JSON: they are read all the same, and what is in them is for the event's decoder to judge. */
#include "envelope.h"

#include <assert.h>
#include <stdio.h>

#include "engine/memory.h"
#include "utf8.h"

enum part { TOPIC, PARTITION, OFFSET, TIMESTAMP, KEY, PAYLOAD, PART_COUNT };

enum { HEADERS_MOST = 16, FIELDS = PART_COUNT + 2 * HEADERS_MOST };

struct envelope {
  struct slice names[PART_COUNT];
  struct slice header_tokens[2 * HEADERS_MOST][2]; /* /headers/0, /headers/1, … */
  char header_digits[2 * HEADERS_MOST][12];
  struct field fields[FIELDS];
  struct source key, timestamp;
  struct definition definition;
  struct decoder *decoder;
  const struct event *last; /* the line that was read last */
  int32_t headers;
};

static void want_headers(struct envelope *envelope, int32_t headers) {
  envelope->headers = headers;
  for (int32_t i = 0; i < 2 * headers; i++) {
    snprintf(envelope->header_digits[i], sizeof envelope->header_digits[i], "%d", (int)i);
    envelope->header_tokens[i][0] = SLICE("headers");
    envelope->header_tokens[i][1] = slice_of(envelope->header_digits[i]);
    envelope->fields[PART_COUNT + i] = (struct field){.tokens = envelope->header_tokens[i], .token_count = 2};
  }
}

struct envelope *envelope_create(int32_t slots, uint32_t line_bytes_max, int32_t headers) {
  assert(headers >= 0 && headers <= HEADERS_MOST);
  static const char *const names[PART_COUNT] = {"topic", "partition", "offset", "ts", "key", "payload"};
  struct envelope *envelope = memory_zeroed(1, sizeof *envelope);
  struct definition *definition = &envelope->definition;
  for (int part = 0; part < PART_COUNT; part++) {
    envelope->names[part] = slice_of(names[part]);
    envelope->fields[part] = (struct field){.tokens = &envelope->names[part], .token_count = 1};
  }
  want_headers(envelope, headers);
  envelope->key = (struct source){SOURCE_KEY, NONE};
  envelope->timestamp = (struct source){SOURCE_TIMESTAMP, NONE};
  definition->name = SLICE("envelope");
  definition->version = 1;
  definition->lead = definition->event_name = (struct sources){&envelope->key, 1};
  definition->time = (struct sources){&envelope->timestamp, 1};
  definition->fields = envelope->fields;
  definition->field_count = PART_COUNT + 2 * headers;
  envelope->decoder = decoder_create(definition, slots, line_bytes_max);
  decoder_any_bytes(envelope->decoder);
  return envelope;
}

void envelope_destroy(struct envelope *envelope) {
  if (!envelope) return;
  decoder_destroy(envelope->decoder);
  memory_free(envelope);
}

/* A JSON integer without fraction or exponent, 0..most. */
static bool whole(const struct value *value, int64_t most, int64_t *number) {
  uint64_t sum = 0;
  if (value->kind != VALUE_NUMBER || value->text.length > 19) return false;
  for (uint32_t i = 0; i < value->text.length; i++) {
    unsigned digit = (unsigned char)value->text.at[i] - (unsigned)'0';
    if (digit > 9) return false;
    sum = sum * 10 + digit; /* 19 digits fit */
  }
  *number = (int64_t)sum;
  return sum <= (uint64_t)most;
}

static bool refuse(char *why, const char *text) {
  snprintf(why, ENVELOPE_WHY, "%s", text);
  return false;
}

static bool take_position(const struct value *values, struct position *position, char *why) {
  int64_t partition;
  struct slice topic = values[TOPIC].text;
  if (values[TOPIC].kind != VALUE_STRING || topic.length == 0 || !utf8_valid(topic)) return refuse(why, "no \"topic\"");
  if (!whole(&values[PARTITION], INT32_MAX, &partition)) return refuse(why, "no \"partition\" from 0 to 2147483647");
  if (!whole(&values[OFFSET], INT64_MAX, &position->offset)) return refuse(why, "no \"offset\" from 0");
  position->topic = topic;
  position->partition = (int32_t)partition;
  return true;
}

bool envelope_read(struct envelope *envelope, int32_t slot, struct slice line, struct record *record, char *why) {
  static const struct slice none = {"", 0};
  struct record outer = {.payload = line, .key = SLICE("-"), .timestamp_ms = 0};
  struct event *event;
  char detail[160];
  enum reject reject = decoder_decode(envelope->decoder, slot, &outer, &event, detail);
  if (reject != REJECT_NONE) {
    snprintf(why, ENVELOPE_WHY, "%s: %.160s", reject_name(reject), detail);
    return false;
  }
  const struct value *values = event->values;
  envelope->last = event;
  *record = (struct record){.timestamp_ms = TIME_NONE};
  if (!take_position(values, &record->position, why)) return false;
  int64_t timestamp_ms;
  if (whole(&values[TIMESTAMP], INT64_MAX, &timestamp_ms)) record->timestamp_ms = timestamp_ms;
  if (values[KEY].kind == VALUE_STRING) record->key = values[KEY].text.at ? values[KEY].text : none;
  if (values[PAYLOAD].kind == VALUE_ABSENT) return refuse(why, "no \"payload\"");
  if (values[PAYLOAD].kind == VALUE_NULL) return true;
  if (values[PAYLOAD].kind != VALUE_STRING) return refuse(why, "a \"payload\" that is neither a string nor null");
  record->payload = values[PAYLOAD].text.at ? values[PAYLOAD].text : none;
  return true;
}

struct slice envelope_header(const struct envelope *envelope, struct slice name) {
  const struct value *values = envelope->last->values + PART_COUNT;
  for (int32_t i = envelope->headers; i-- > 0;) {
    const struct value *key = &values[2 * (size_t)i], *value = key + 1;
    if (key->kind == VALUE_STRING && value->kind == VALUE_STRING && slice_equal(key->text, name))
      return value->text.at ? value->text : SLICE("");
  }
  return (struct slice){NULL, 0};
}
