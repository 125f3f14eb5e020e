/* agreement.c: the text is read once, and parsed twice: by who compiles, and for the tree. */
#include "agreement.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../config/page.h"
#include "engine/memory.h"

void agreement_say(const char *path, const struct problems *problems) {
  struct buffer out = {0};
  for (size_t i = 0; i < problems->count; i++) {
    const struct problem *p = &problems->at[i];
    buffer_printf(&out, "%s:%d:%d: ", path, p->line, p->column);
    page_plain(&out, p->pointer);
    buffer_append_text(&out, *p->pointer ? ": " : "");
    page_plain(&out, p->message);
    buffer_append_text(&out, "\n");
  }
  if (out.length) fwrite(out.at, 1, out.length, stderr);
  buffer_fini(&out);
}

bool agreement_parse(struct agreement *agreement, const char *command, const char *path, const char *text,
                     size_t length) {
  struct problems problems = {0};
  size_t at;
  const char *why;
  agreement->definition = definition_parse(text, length, &problems);
  agreement_say(path, &problems);
  problems_fini(&problems);
  if (agreement->definition && !document_parse(&agreement->document, text, length, &at, &why)) abort();
  if (!agreement->definition)
    fprintf(stderr, "handover %s: %.300s: has errors, and is of no use as it is\n", command, path);
  return agreement->definition;
}

bool agreement_read(struct agreement *agreement, const char *command, const char *path) {
  size_t length;
  char *text = definition_text(path, &length);
  if (!text) {
    fprintf(stderr, "handover %s: %.300s: %s\n", command, path, strerror(errno));
    return false;
  }
  bool good = agreement_parse(agreement, command, path, text, length);
  memory_free(text);
  return good;
}

void agreement_fini(struct agreement *agreement) {
  document_fini(&agreement->document);
  definition_destroy(agreement->definition);
  *agreement = (struct agreement){0};
}
