/* decode.c: record → walk (decode_walk.c) → the parts that every event has → event, or the first reason why not.
 *
 * A slot is an event, its values and its scratch. The walk only says whether the payload is a JSON object; where it says no,
 * json_valid says what is wrong, and it has to find something. May use: decode_*, utf8, memory. */
#include "decode.h"

#include <assert.h>

#include "decode_detail.h"
#include "decode_walk.h"
#include "engine/memory.h"
#include "utf8.h"

enum { REDECODED_TEXTS = 3 }; /* lead, name and id */

struct slot {
  struct event event;
  struct scratch scratch;
};

struct decoder {
  const struct definition *definition;
  struct trie trie;
  struct table names; /* definition.names, to their indices */
  uint32_t event_bytes_max;
  uint64_t round;
  int32_t slot_count;
  struct slot *slots;
  struct value *values; /* of all slots */
};

static const char *const reject_names[REJECT_COUNT] = {
    [REJECT_NONE] = "none",         [REJECT_TOO_LARGE] = "too_large",
    [REJECT_NOT_JSON] = "not_json", [REJECT_NOT_OBJECT] = "not_object",
    [REJECT_NO_LEAD] = "no_lead",   [REJECT_NO_TIME] = "no_time",
    [REJECT_BAD_TIME] = "bad_time", [REJECT_NO_NAME] = "no_name",
};

const char *reject_name(enum reject reject) {
  assert(reject >= 0 && reject < REJECT_COUNT);
  return reject_names[reject];
}

struct decoder *decoder_create(const struct definition *definition, int32_t slots, uint32_t event_bytes_max) {
  assert(slots > 0);
  struct decoder *decoder = memory_zeroed(1, sizeof *decoder);
  size_t fields = (size_t)definition->field_count;
  decoder->definition = definition;
  decoder->event_bytes_max = event_bytes_max;
  trie_init(&decoder->trie, definition->fields, definition->field_count);
  table_init(&decoder->names);
  for (int32_t i = 0; i < definition->name_count; i++) table_add(&decoder->names, definition->names[i], i);
  decoder->slot_count = slots;
  decoder->slots = memory_zeroed((size_t)slots, sizeof *decoder->slots);
  decoder->values = memory_zeroed((size_t)slots * fields, sizeof *decoder->values);
  for (int32_t i = 0; i < slots; i++) decoder->slots[i].event.values = decoder->values + (size_t)i * fields;
  return decoder;
}

void decoder_destroy(struct decoder *decoder) {
  if (!decoder) return;
  for (int32_t i = 0; i < decoder->slot_count; i++) memory_free(decoder->slots[i].scratch.at);
  memory_free(decoder->values);
  memory_free(decoder->slots);
  table_fini(&decoder->names);
  trie_fini(&decoder->trie);
  memory_free(decoder);
}

void decoder_any_bytes(struct decoder *decoder) { decoder->trie.any_bytes = true; }

/* --- the payload --- */

static struct slot *slot_at(struct decoder *decoder, int32_t slot) {
  assert(slot >= 0 && slot < decoder->slot_count);
  return &decoder->slots[slot];
}

static bool read_fields(struct decoder *decoder, struct slot *slot, struct slice payload) {
  struct value *values = slot->event.values;
  memset(values, 0, (size_t)decoder->definition->field_count * sizeof *values);
  return walk_document(&decoder->trie, payload, ++decoder->round, &slot->event, &slot->scratch);
}

static enum reject refuse_payload(struct slice payload, char *detail) {
  size_t at = 0;
  const char *why = NULL;
  if (json_valid(payload.at, payload.length, &at, &why)) {
    uint32_t first = 0;
    while (strchr(" \t\r\n", payload.at[first])) first++;
    assert(payload.at[first] != '{'); /* or the walk has missed an object */
    detail_not_object(detail, payload);
    return REJECT_NOT_OBJECT;
  }
  detail_not_json(detail, at, why);
  return REJECT_NOT_JSON;
}

static enum reject read_payload(struct decoder *decoder, struct slot *slot, struct slice payload, char *detail) {
  if (payload.length > decoder->event_bytes_max) {
    detail_too_large(detail, payload.length, decoder->event_bytes_max);
    return REJECT_TOO_LARGE;
  }
  if (!payload.at) {
    detail_not_json(detail, 0, "a null payload");
    return REJECT_NOT_JSON;
  }
  slot->scratch.used = 0;
  return read_fields(decoder, slot, payload) ? REJECT_NONE : refuse_payload(payload, detail);
}

/* --- its parts --- */

/* A JSON number's text: no fraction, no exponent? */
static bool is_integer(struct slice number) {
  for (uint32_t i = number.at[0] == '-'; i < number.length; i++)
    if (number.at[i] < '0' || number.at[i] > '9') return false;
  return true;
}

static bool name_of_value(const struct value *value, struct slice *text) {
  *text = value->text;
  if (text->length < 1 || text->length > LIMIT_TEXT) return false;
  return value->kind == VALUE_STRING || (value->kind == VALUE_NUMBER && is_integer(*text));
}

static bool name_of_key(struct slice key, struct slice *text) {
  *text = key;
  return key.at && key.length >= 1 && key.length <= LIMIT_TEXT && utf8_valid(key);
}

/* Lead, id or name: the first source that has one. */
static bool find_name(const struct sources *sources, const struct event *event, const struct record *record,
                      struct slice *text) {
  for (int32_t i = 0; i < sources->count; i++) {
    const struct source *source = &sources->at[i];
    bool found = source->kind == SOURCE_KEY ? name_of_key(record->key, text)
                                            : name_of_value(&event->values[source->field], text);
    if (found) return true;
  }
  *text = (struct slice){NULL, 0};
  return false;
}

static bool in_range(int64_t time_ms) { return time_ms >= 0 && time_ms < TIME_END; }

/* Milliseconds as they stand; −0 is 0. */
static bool time_of_integer(struct slice text, int64_t *time_ms) {
  bool negative = text.at[0] == '-';
  if (text.length > 14 || !is_integer(text)) return false;
  *time_ms = 0;
  for (uint32_t i = negative; i < text.length; i++) *time_ms = *time_ms * 10 + (text.at[i] - '0');
  return in_range(negative ? -*time_ms : *time_ms);
}

static bool time_of_value(const struct value *value, int64_t *time_ms) {
  if (value->kind == VALUE_STRING) return time_parse(value->text, time_ms);
  return value->kind == VALUE_NUMBER && time_of_integer(value->text, time_ms);
}

static enum reject find_time(const struct decoder *decoder, struct event *event, const struct record *record,
                             char *detail) {
  const struct sources *sources = &decoder->definition->time;
  for (int32_t i = 0; i < sources->count; i++) {
    struct source source = sources->at[i];
    const struct value *value = source.kind == SOURCE_TIMESTAMP ? NULL : &event->values[source.field];
    bool there = value ? value->kind != VALUE_ABSENT && value->kind != VALUE_NULL : record->timestamp_ms != TIME_NONE;
    if (!there) continue;
    event->time_ms = record->timestamp_ms;
    if (value ? time_of_value(value, &event->time_ms) : in_range(event->time_ms)) return REJECT_NONE;
    detail_bad_time(detail, decoder->definition, source, value);
    return REJECT_BAD_TIME;
  }
  detail_nothing(detail, decoder->definition, sources, "a time");
  return REJECT_NO_TIME;
}

/* An event that says it happened too far ahead of its record happened when the record did. */
static enum reject move_ahead(const struct decoder *decoder, struct event *event, const struct record *record,
                              char *detail) {
  bool known = record->timestamp_ms != TIME_NONE;
  if (!known || event->time_ms - decoder->definition->max_ahead_ms <= record->timestamp_ms) return REJECT_NONE;
  event->time_ms = record->timestamp_ms;
  if (in_range(event->time_ms)) return REJECT_NONE;
  detail_bad_time(detail, decoder->definition, (struct source){SOURCE_TIMESTAMP, NONE}, NULL);
  return REJECT_BAD_TIME;
}

static void find_index(const struct decoder *decoder, struct event *event) {
  event->name_index = table_find(&decoder->names, event->name, table_hash(event->name));
}

static enum reject read_parts(const struct decoder *decoder, struct event *event, const struct record *record,
                              char *detail) {
  static const char needed[] = "a string of 1 to 255 bytes or an integer";
  const struct definition *definition = decoder->definition;
  if (!find_name(&definition->lead, event, record, &event->lead)) {
    detail_nothing(detail, definition, &definition->lead, needed);
    return REJECT_NO_LEAD;
  }
  enum reject reject = find_time(decoder, event, record, detail);
  if (reject == REJECT_NONE) reject = move_ahead(decoder, event, record, detail);
  if (reject != REJECT_NONE) return reject;
  if (!find_name(&definition->event_name, event, record, &event->name)) {
    detail_nothing(detail, definition, &definition->event_name, needed);
    return REJECT_NO_NAME;
  }
  find_index(decoder, event);
  find_name(&definition->id, event, record, &event->id);
  return REJECT_NONE;
}

enum reject decoder_decode(struct decoder *decoder, int32_t slot, const struct record *record, struct event **event,
                           char *detail) {
  struct slot *s = slot_at(decoder, slot);
  enum reject reject = read_payload(decoder, s, record->payload, detail);
  if (reject == REJECT_NONE) reject = read_parts(decoder, &s->event, record, detail);
  if (reject == REJECT_NONE) *event = &s->event;
  return reject;
}

/* --- again, by another definition --- */

static struct slice kept(struct scratch *scratch, struct slice text) {
  if (!text.at) return text;
  char *to = scratch->at + scratch->used;
  memcpy(to, text.at, text.length);
  scratch->used += text.length;
  return (struct slice){to, text.length};
}

/* The texts are copied, because they may lie in the scratch of a decoder that ends before the event does. */
struct event *decoder_redecode(struct decoder *decoder, int32_t slot, const struct record *record,
                               const struct event *from) {
  struct slot *s = slot_at(decoder, slot);
  struct event *event = &s->event;
  assert(from != event);
  s->scratch.used = 0;
  scratch_reserve(&s->scratch, record->payload.length + REDECODED_TEXTS * LIMIT_TEXT);
  event->lead = kept(&s->scratch, from->lead);
  event->name = kept(&s->scratch, from->name);
  event->id = kept(&s->scratch, from->id);
  event->time_ms = from->time_ms;
  bool good = read_fields(decoder, s, record->payload);
  assert(good);
  find_index(decoder, event);
  return event;
}
