/* advice.h: what is wise to change in a definition that is right: each with its place, a reason and a way out.
 *
 * A function of the definition and of its text, in document order. docs/definition.md lists what is looked for.
 * May use: config/document.h, engine headers. */
#ifndef HANDOVER_CONFIG_ADVICE_H
#define HANDOVER_CONFIG_ADVICE_H

#include <stddef.h>

#include "../consumer/engine/definition.h"

struct advice {
  char *pointer;    /* JSON Pointer of what it is about, "" for the document */
  int line, column; /* as those of a struct problem */
  char *why;        /* a sentence without its full stop: what is the matter */
  char *remedy;     /* a sentence without its full stop: what would help */
};

struct advices { /* zero it to start; advices_fini frees */
  struct advice *at;
  size_t count;
};

/* `text` is what `definition` was parsed from. */
void advice_find(const struct definition *definition, const char *text, size_t length, struct advices *advices);
void advices_fini(struct advices *advices);

/* The first rung that sales owns: of the team with "sales" in its name, else of the first owner who is not the first stage's.
 * NONE where there is none. */
int32_t advice_handover(const struct definition *d);

#endif
