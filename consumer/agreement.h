/* agreement.h: one definition as commands for people need it: compiled, and the tree of its document with the words in it.
 *
 * May use: config. */
#ifndef HANDOVER_CONSUMER_AGREEMENT_H
#define HANDOVER_CONSUMER_AGREEMENT_H

#include "../config/definition.h"
#include "../config/document.h"

struct agreement { /* zero it to start */
  struct definition *definition;
  struct document document;
};

/* Reads a file ("-": standard input) and says everything that is wrong on standard error. False: exit status 2. The caller
 * calls agreement_fini in any case. */
bool agreement_read(struct agreement *agreement, const char *command, const char *path);
/* The same of a text that the caller has read from the file and keeps. */
bool agreement_parse(struct agreement *agreement, const char *command, const char *path, const char *text,
                     size_t length);
/* Everything that is wrong, on standard error, a line each: names in it may be anybody's. */
void agreement_say(const char *path, const struct problems *problems);
void agreement_fini(struct agreement *agreement);

#endif
