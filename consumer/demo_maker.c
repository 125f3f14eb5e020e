/* demo_maker.c: the little language of demo_cast.h to JSON. May use: encode.h. */
#include "demo_maker.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "../producer/encode.h"
#include "engine/memory.h"

enum { TWICE_ONE_IN = 60, AGAIN_MS_MOST = 90000 };

/* SplitMix64 */
uint64_t demo_number(struct demo_maker *maker) {
  uint64_t z = maker->dice += UINT64_C(0x9E3779B97F4A7C15);
  z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
  return z ^ z >> 31;
}

uint32_t demo_draw(struct demo_maker *maker, uint32_t below) { return (uint32_t)(demo_number(maker) >> 33) % below; }

/* JSON */

static void member_text(struct buffer *text, const char *name, const char *value) {
  buffer_printf(text, "\"%s\":", name);
  json_append_string(text, slice_of(value));
  buffer_append_text(text, ",");
}

/* Takes back the last comma. */
static void object_end(struct buffer *text) {
  if (text->at[text->length - 1] == ',') text->length--;
  buffer_append_text(text, "},");
}

static bool is_bare(struct slice value) {
  if (slice_equal(value, SLICE("true")) || slice_equal(value, SLICE("false"))) return true;
  for (uint32_t i = 0; i < value.length; i++) {
    if (value.at[i] < '0' || value.at[i] > '9') return false;
  }
  return value.length > 0;
}

/* The part before `separator`; *rest begins behind it. */
static struct slice part_of(const char **rest, const char *separator) {
  const char *from = *rest, *end = strstr(from, separator);
  size_t length = end ? (size_t)(end - from) : strlen(from);
  *rest = from + length + (end ? strlen(separator) : 0);
  return (struct slice){from, (uint32_t)length};
}

/* "path=/pricing; minutes=12" */
static void write_properties(struct buffer *text, const char *says) {
  buffer_append_text(text, "\"properties\":{");
  while (*says) {
    struct slice pair = part_of(&says, "; ");
    const char *equals = memchr(pair.at, '=', pair.length);
    assert(equals && "a property has a value");
    struct slice name = {pair.at, (uint32_t)(equals - pair.at)};
    struct slice value = {equals + 1, pair.length - name.length - 1};
    json_append_string(text, name);
    buffer_append_text(text, ":");
    if (is_bare(value)) {
      buffer_append(text, value.at, value.length);
    } else {
      json_append_string(text, value);
    }
    buffer_append_text(text, ",");
  }
  object_end(text);
}

static void write_company(struct buffer *text, const struct demo_person *person) {
  buffer_append_text(text, "\"company\":{");
  member_text(text, "name", person->company);
  member_text(text, "industry", person->industry);
  buffer_printf(text, "\"employees\":%" PRId32, person->employees);
  object_end(text);
}

/* "name email company" */
static void write_traits(struct buffer *text, const struct demo_person *person, const char *says) {
  const struct {
    const char *word, *value;
  } traits[] = {{"name", person->name},   {"email", person->email},   {"phone", person->phone},
                {"title", person->title}, {"region", person->region}, {"source", person->source}};
  buffer_append_text(text, "\"traits\":{");
  while (*says) {
    struct slice word = part_of(&says, " ");
    if (slice_equal(word, SLICE("company"))) write_company(text, person);
    for (size_t i = 0; i < sizeof traits / sizeof *traits; i++) {
      if (slice_equal(word, slice_of(traits[i].word))) member_text(text, traits[i].word, traits[i].value);
    }
  }
  object_end(text);
}

void demo_payload(struct buffer *text, uint64_t id, const struct demo_draft *draft) {
  bool identify = strcmp(draft->event, "identify") == 0;
  buffer_printf(text, "{\"messageId\":\"m-%012" PRIx64 "\",\"type\":\"%s\",", id, identify ? "identify" : "track");
  if (!identify) member_text(text, "event", draft->event);
  member_text(text, draft->person->name ? "userId" : "anonymousId", draft->person->lead);
  buffer_append_text(text, "\"timestamp\":\"");
  time_append(text, draft->time_ms);
  buffer_append_text(text, "\",");
  if (draft->more) buffer_append_text(text, draft->more);
  if (identify) {
    write_traits(text, draft->person, draft->says);
  } else {
    write_properties(text, draft->says);
  }
  object_end(text);
  text->length--; /* the comma behind it */
}

/* Records */

static struct demo_event *add(struct demo_maker *maker, const char *key, int64_t timestamp_ms) {
  struct demo_events *events = maker->events;
  if (events->count == events->room) {
    events->room = events->room ? events->room * 2 : 4096;
    events->at = memory_grown(events->at, (size_t)events->room * sizeof *events->at);
  }
  struct demo_event *event = &events->at[events->count];
  *event = (struct demo_event){
      .timestamp_ms = timestamp_ms, .start = (uint32_t)events->text.length, .sequence = (uint32_t)events->count++};
  size_t length = strlen(key);
  assert(length < sizeof event->key);
  memcpy(event->key, key, length);
  return event;
}

void demo_make_raw(struct demo_maker *maker, const char *key, int64_t timestamp_ms, const char *payload) {
  struct demo_event *event = add(maker, key, timestamp_ms);
  buffer_append_text(&maker->events->text, payload);
  event->length = (uint32_t)strlen(payload);
}

void demo_make(struct demo_maker *maker, const struct demo_draft *draft) {
  struct buffer *text = &maker->events->text;
  int64_t arrives_ms = draft->time_ms + draft->delay_ms + 800 + demo_draw(maker, 3000);
  struct demo_event *event = add(maker, draft->person->lead, arrives_ms);
  demo_payload(text, demo_number(maker) >> 16, draft);
  event->length = (uint32_t)text->length - event->start;
  if (demo_draw(maker, TWICE_ONE_IN) > 0) return;
  struct demo_event first = *event; /* adding may move it */
  struct demo_event *again = add(maker, first.key, arrives_ms + 1000 + demo_draw(maker, AGAIN_MS_MOST));
  again->start = first.start;
  again->length = first.length;
}
