/* report_letter.c: pointers to the reason, or to the first headers, as a definition for the decoder of events. */
#include "report_letter.h"

#include <stdio.h>

#include "engine/memory.h"
#include "letter.h"
#include "source_file.h"

enum { HEADERS = 32, NUMBER = 12 }; /* names and values in turn */

struct letter_reader {
  bool kcat;
  char numbers[HEADERS][NUMBER];
  struct slice tokens[HEADERS][2];
  struct field fields[HEADERS];
  struct source key, timestamp;
  struct definition definition;
  struct decoder *decoder;
};

static void set_paths(struct letter_reader *reader) {
  int count = reader->kcat ? HEADERS : 1;
  for (int i = 0; i < count; i++) {
    snprintf(reader->numbers[i], NUMBER, "%d", i);
    reader->tokens[i][0] = reader->kcat ? SLICE("headers") : SLICE("reason");
    reader->tokens[i][1] = slice_of(reader->numbers[i]);
    reader->fields[i] = (struct field){.tokens = reader->tokens[i], .token_count = reader->kcat ? 2 : 1};
  }
  reader->definition.fields = reader->fields;
  reader->definition.field_count = count;
}

struct letter_reader *letter_reader_create(bool kcat) {
  struct letter_reader *reader = memory_zeroed(1, sizeof *reader);
  struct definition *definition = &reader->definition;
  reader->kcat = kcat;
  reader->key = (struct source){SOURCE_KEY, NONE};
  reader->timestamp = (struct source){SOURCE_TIMESTAMP, NONE};
  definition->name = SLICE("dead letter");
  definition->version = 1;
  definition->lead = definition->event_name = (struct sources){&reader->key, 1};
  definition->time = (struct sources){&reader->timestamp, 1};
  set_paths(reader);
  reader->decoder = decoder_create(definition, 1, SOURCE_LINE);
  if (kcat) decoder_any_bytes(reader->decoder);
  return reader;
}

void letter_reader_destroy(struct letter_reader *reader) {
  if (!reader) return;
  decoder_destroy(reader->decoder);
  memory_free(reader);
}

static const struct value *find(const struct value *values, struct slice header) {
  for (int i = 0; i + 1 < HEADERS; i += 2) {
    if (values[i].kind == VALUE_STRING && slice_equal(values[i].text, header)) return &values[i + 1];
  }
  return NULL;
}

bool letter_reader_read(struct letter_reader *reader, struct slice line, struct slice *reason, char *why) {
  struct record record = {.payload = line, .key = SLICE("-"), .timestamp_ms = 0};
  struct event *found;
  char detail[160];
  enum reject reject = decoder_decode(reader->decoder, 0, &record, &found, detail);
  if (reject != REJECT_NONE) {
    snprintf(why, LETTER_WHY, "%s: %.160s", reject_name(reject), detail);
    return false;
  }
  const struct value *value = reader->kcat ? find(found->values, SLICE("reason")) : &found->values[0];
  if (value && value->kind == VALUE_STRING && value->text.length > 0) {
    *reason = value->text;
    return true;
  }
  *reason = (struct slice){NULL, 0};
  if (reader->kcat && !value && find(found->values, SLICE(LETTER_MARK_HEADER))) return true;
  snprintf(why, LETTER_WHY, reader->kcat ? "no header \"reason\": is it of the dead letters' topic?" : "no \"reason\"");
  return false;
}
