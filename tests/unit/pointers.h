/* pointers.h: a definition that has nothing but pointers, for tests of the decoder. */
#ifndef HANDOVER_TESTS_POINTERS_H
#define HANDOVER_TESTS_POINTERS_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../consumer/engine/definition.h"

enum { POINTERS_MOST = 64, POINTERS_PATH = 160, POINTERS_TOKENS = 400, POINTERS_TEXT = 4096, POINTERS_SOURCES = 4 };

struct pointers {
  struct definition definition;
  char paths[POINTERS_MOST][POINTERS_PATH];
  struct field fields[POINTERS_MOST];
  struct slice tokens[POINTERS_TOKENS];
  char text[POINTERS_TEXT];
  struct source sources[4][POINTERS_SOURCES];
  int32_t token_count, text_length;
};

/* RFC 6901: "/a~1b/0" to its tokens. Returns the field; a pointer that is there already has its old one. */
static inline int32_t pointers_add(struct pointers *p, const char *path, bool numeric) {
  int32_t index = 0;
  while (index < p->definition.field_count && strcmp(p->paths[index], path) != 0) index++;
  struct field *field = &p->fields[index];
  field->numeric |= numeric;
  if (index < p->definition.field_count) return index;
  assert(index < POINTERS_MOST && strlen(path) < sizeof p->paths[0]);
  snprintf(p->paths[index], sizeof p->paths[index], "%s", path);
  p->definition.fields = p->fields;
  p->definition.field_count++;
  field->tokens = p->tokens + p->token_count;
  for (const char *at = path; *at;) {
    char *token = p->text + p->text_length;
    uint32_t length = 0;
    for (at++; *at && *at != '/'; at++) {
      bool escaped = *at == '~';
      if (escaped) at++;
      token[length++] = escaped ? (*at == '0' ? '~' : '/') : *at;
    }
    field->tokens[field->token_count++] = (struct slice){token, length};
    p->text_length += (int32_t)length;
    p->token_count++;
    assert(p->text_length < POINTERS_TEXT - POINTERS_PATH && p->token_count < POINTERS_TOKENS);
  }
  return index;
}

/* `what` is a pointer, "@key" or "@timestamp"; `sources` one of the definition's four. */
static inline void pointers_source(struct pointers *p, struct sources *sources, const char *what) {
  struct sources *const all[4] = {&p->definition.lead, &p->definition.time, &p->definition.id,
                                  &p->definition.event_name};
  for (int i = 0; i < 4; i++)
    if (all[i] == sources) sources->at = p->sources[i];
  assert(sources->at && sources->count < POINTERS_SOURCES);
  struct source source = {SOURCE_FIELD, NONE};
  if (strcmp(what, "@key") == 0) source.kind = SOURCE_KEY;
  else if (strcmp(what, "@timestamp") == 0) source.kind = SOURCE_TIMESTAMP;
  else source.field = pointers_add(p, what, false);
  sources->at[sources->count++] = source;
}

/* The preset `segment`, with 5 minutes ahead. */
static inline struct pointers *pointers_segment(void) {
  struct pointers *p = calloc(1, sizeof *p);
  if (!p) abort();
  pointers_source(p, &p->definition.lead, "/userId");
  pointers_source(p, &p->definition.lead, "/traits/email");
  pointers_source(p, &p->definition.lead, "@key");
  pointers_source(p, &p->definition.time, "/timestamp");
  pointers_source(p, &p->definition.time, "@timestamp");
  pointers_source(p, &p->definition.id, "/messageId");
  pointers_source(p, &p->definition.event_name, "/event");
  pointers_source(p, &p->definition.event_name, "/type");
  p->definition.max_ahead_ms = 300000;
  return p;
}

#endif
