/* decode_detail.c: sentences put together in a bounded buffer, cut between characters. */
#include "decode_detail.h"

#include <stdio.h>

#include "utf8.h"

enum { QUOTED_MOST = 60 };

static const char time_needed[] = "no RFC 3339 time and no whole milliseconds from 1970 to 2199";

struct sentence {
  char *text;
  size_t length;
  bool full; /* something had to be cut: nothing comes behind it */
};

/* How many bytes of whole characters there are within `room`. */
static size_t fitting(struct slice text, size_t room) {
  size_t fits = 0;
  while (fits < text.length) {
    size_t length = utf8_length(text.at + fits, text.length - fits);
    if (!length) length = 1; /* ASCII */
    if (fits + length > room) break;
    fits += length;
  }
  return fits;
}

static void add(struct sentence *s, struct slice part) {
  if (s->full || part.length == 0) return;
  size_t length = fitting(part, DETAIL_BYTES - 1 - s->length);
  s->full = length < part.length;
  memcpy(s->text + s->length, part.at, length);
  s->length += length;
  s->text[s->length] = 0;
}

static void add_pointer(struct sentence *s, const struct field *field) {
  if (field->token_count == 0) add(s, SLICE("the event"));
  for (int32_t t = 0; t < field->token_count; t++) {
    add(s, SLICE("/"));
    for (uint32_t i = 0; i < field->tokens[t].length;) {
      struct slice token = field->tokens[t];
      uint32_t plain = i;
      while (plain < token.length && token.at[plain] != '~' && token.at[plain] != '/') plain++;
      add(s, (struct slice){token.at + i, plain - i});
      if (plain < token.length) add(s, token.at[plain] == '~' ? SLICE("~0") : SLICE("~1"));
      i = plain + 1;
    }
  }
}

static void add_source(struct sentence *s, const struct definition *definition, struct source source) {
  switch (source.kind) {
    case SOURCE_FIELD: add_pointer(s, &definition->fields[source.field]); return;
    case SOURCE_KEY: add(s, SLICE("@key")); return;
    case SOURCE_TIMESTAMP: add(s, SLICE("@timestamp")); return;
  }
}

/* A text from outside: what is not plain becomes '?'. */
static void add_quoted(struct sentence *s, struct slice text) {
  char quoted[QUOTED_MOST];
  uint32_t length = text.length < QUOTED_MOST ? text.length : QUOTED_MOST;
  for (uint32_t i = 0; i < length; i++) quoted[i] = text.at[i] >= ' ' && text.at[i] <= '~' ? text.at[i] : '?';
  add(s, (struct slice){quoted, length});
  if (length < text.length) add(s, SLICE("…"));
}

void detail_too_large(char *detail, uint32_t length, uint32_t most) {
  snprintf(detail, DETAIL_BYTES, "%u bytes, at most %u are allowed", length, most);
}

void detail_not_json(char *detail, size_t at, const char *why) {
  snprintf(detail, DETAIL_BYTES, "byte %zu: %s", at, why);
}

void detail_not_object(char *detail, struct slice payload) {
  uint32_t i = 0;
  while (i < payload.length && strchr(" \t\r\n", payload.at[i])) i++;
  char first = i < payload.length ? payload.at[i] : 0;
  const char *what = first == '[' ? "an array" : first == '"' ? "a string" : first == 'n' ? "null" : "";
  if (!*what) what = first == 't' || first == 'f' ? "a boolean" : "a number";
  snprintf(detail, DETAIL_BYTES, "%s; an event is an object", what);
}

void detail_nothing(char *detail, const struct definition *definition, const struct sources *sources,
                    const char *needed) {
  struct sentence s = {.text = detail};
  add(&s, slice_of(needed));
  add(&s, SLICE(" is at none of "));
  for (int32_t i = 0; i < sources->count; i++) {
    if (i > 0) add(&s, SLICE(", "));
    add_source(&s, definition, sources->at[i]);
  }
}

void detail_bad_time(char *detail, const struct definition *definition, struct source source,
                     const struct value *value) {
  struct sentence s = {.text = detail};
  add_source(&s, definition, source);
  add(&s, SLICE(": "));
  add(&s, slice_of(time_needed));
  if (!value) return;
  add(&s, SLICE(": "));
  if (value->kind == VALUE_OBJECT || value->kind == VALUE_ARRAY)
    add(&s, value->kind == VALUE_OBJECT ? SLICE("an object") : SLICE("an array"));
  else add_quoted(&s, value->text);
}
