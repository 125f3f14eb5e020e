/* agreement.c: the text is read once, and parsed twice: by who compiles, and for the tree. */
#include "agreement.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/memory.h"

bool agreement_read(struct agreement *agreement, const char *command, const char *path) {
  struct problems problems = {0};
  size_t length, at;
  const char *why;
  char *text = definition_text(path, &length);
  if (!text) {
    fprintf(stderr, "handover %s: %.300s: %s\n", command, path, strerror(errno));
    return false;
  }
  agreement->definition = definition_parse(text, length, &problems);
  for (size_t i = 0; i < problems.count; i++) {
    const struct problem *p = &problems.at[i];
    fprintf(stderr, "%s:%d:%d: %s%s%s\n", path, p->line, p->column, p->pointer, *p->pointer ? ": " : "", p->message);
  }
  problems_fini(&problems);
  if (agreement->definition && !document_parse(&agreement->document, text, length, &at, &why)) abort();
  memory_free(text);
  if (!agreement->definition) fprintf(stderr, "handover %s: %.300s: is of no use as it is\n", command, path);
  return agreement->definition;
}

void agreement_fini(struct agreement *agreement) {
  document_fini(&agreement->document);
  definition_destroy(agreement->definition);
  *agreement = (struct agreement){0};
}
