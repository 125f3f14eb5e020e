/* definitions.c: what replay and run do with --definition. May use: libc, definition.h, the engine. */
#include "definitions.h"

#include <stdio.h>

#include "agreement.h"
#include "engine/memory.h"
#include "engine/task.h"

enum { WHY = 400 };

void definitions_say(const char *command, const char *path, const struct problems *problems) {
  for (size_t i = 0; i < problems->count; i++) {
    struct problems one = {&problems->at[i], 1};
    if (one.at->line > 0) agreement_say(path, &one);
    else fprintf(stderr, "handover %s: %.300s: %s\n", command, path, one.at->message);
  }
}

/* Behind those of lower versions. */
static void insert(struct definitions *definitions, struct definition *definition, struct slice text) {
  int32_t i = definitions->count++;
  for (; i > 0 && definitions->at[i - 1]->version > definition->version; i--) {
    definitions->at[i] = definitions->at[i - 1];
    definitions->texts[i] = definitions->texts[i - 1];
  }
  definitions->at[i] = definition;
  definitions->texts[i] = text;
}

static bool read_one(struct definitions *definitions, const char *command, const char *path,
                     const struct trust *trust) {
  struct problems problems = {0};
  size_t length = 0;
  char *text = definition_load(path, &length, &problems);
  struct definition *definition = text ? definition_parse_trusting(text, length, trust, &problems) : NULL;
  definitions_say(command, path, &problems);
  problems_fini(&problems);
  if (definition) insert(definitions, definition, (struct slice){text, (uint32_t)length});
  else memory_free(text);
  return definition;
}

bool definitions_read(struct definitions *definitions, const char *command, const char *const *paths, int32_t count,
                      const struct trust *trust) {
  char why[WHY] = "";
  bool good = true;
  if (count > DEFINITIONS_MOST) {
    fprintf(stderr, "handover %s: --definition: more than %d\n", command, DEFINITIONS_MOST);
    return false;
  }
  for (int32_t i = 0; i < count; i++) good = read_one(definitions, command, paths[i], trust) && good;
  if (!good) {
    fprintf(stderr, "handover %s: a definition is of no use as it is; nothing was done\n", command);
    return false;
  }
  good = versions_check((const struct definition *const *)definitions->at, definitions->count, why, sizeof why);
  if (!good) fprintf(stderr, "handover %s: --definition: %s\n", command, why);
  return good;
}

void definitions_fini(struct definitions *definitions) {
  for (int32_t i = 0; i < definitions->count; i++) {
    definition_destroy(definitions->at[i]);
    memory_free((char *)definitions->texts[i].at);
  }
  definitions->count = 0;
}
