/* definitions.c: what replay and run do with --definition. May use: libc, definition.h, the engine. */
#include "definitions.h"

#include <stdio.h>
#include <stdlib.h>

#include "agreement.h"
#include "engine/task.h"

enum { WHY = 400 };

void definitions_say(const char *command, const char *path, const struct problems *problems) {
  for (size_t i = 0; i < problems->count; i++) {
    struct problems one = {&problems->at[i], 1};
    if (one.at->line > 0) agreement_say(path, &one);
    else fprintf(stderr, "handover %s: %.300s: %s\n", command, path, one.at->message);
  }
}

static int by_version(const void *a, const void *b) {
  uint32_t x = (*(struct definition *const *)a)->version, y = (*(struct definition *const *)b)->version;
  return (x > y) - (x < y);
}

bool definitions_read(struct definitions *definitions, const char *command, const char *const *paths, int32_t count,
                      const struct trust *trust) {
  char why[WHY] = "";
  bool good = true;
  if (count > DEFINITIONS_MOST) {
    fprintf(stderr, "handover %s: --definition: more than %d\n", command, DEFINITIONS_MOST);
    return false;
  }
  for (int32_t i = 0; i < count; i++) {
    struct problems problems = {0};
    struct definition *definition = definition_read_trusting(paths[i], trust, &problems);
    definitions_say(command, paths[i], &problems);
    problems_fini(&problems);
    if (definition) definitions->at[definitions->count++] = definition;
    good = good && definition;
  }
  if (!good) {
    fprintf(stderr, "handover %s: a definition is of no use as it is; nothing was done\n", command);
    return false;
  }
  qsort(definitions->at, (size_t)definitions->count, sizeof *definitions->at, by_version);
  good = versions_check((const struct definition *const *)definitions->at, definitions->count, why, sizeof why);
  if (!good) fprintf(stderr, "handover %s: --definition: %s\n", command, why);
  return good;
}

void definitions_fini(struct definitions *definitions) {
  for (int32_t i = 0; i < definitions->count; i++) definition_destroy(definitions->at[i]);
  definitions->count = 0;
}
