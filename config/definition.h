/* definition.h (config): a definition's document: parse it, say everything that is wrong with it, compile it for the engine.
 *
 * docs/definition.md is the language. May use: engine headers, cJSON, libcrypto (digest). */
#ifndef HANDOVER_CONFIG_DEFINITION_H
#define HANDOVER_CONFIG_DEFINITION_H

#include <stdbool.h>
#include <stddef.h>

#include "../consumer/engine/definition.h"

struct problem {
  char *pointer;    /* JSON Pointer of what is wrong, "" for the document */
  int line, column; /* from 1, in the file as it is (comments included); column counts bytes */
  char *message;    /* a sentence: what is wrong and what would be right, with "did you mean" where a name is near */
};

struct problems {
  struct problem *at;
  size_t count;
};

struct trust; /* trust.h */

/* Parses `length` bytes of `text`. Returns the definition, or NULL with all problems (at least one) in *problems. The caller
 * frees both (problems_fini also where there are none). */
struct definition *definition_parse(const char *text, size_t length, struct problems *problems);
/* The same, and `agreed` is true where every team has a valid signoff by a key that `trust` (or NULL: none) has for it. */
struct definition *definition_parse_trusting(const char *text, size_t length, const struct trust *trust,
                                             struct problems *problems);

/* Reads the file first ("-": standard input); a file that cannot be read is a problem at line 0. */
struct definition *definition_read(const char *path, struct problems *problems);
struct definition *definition_read_trusting(const char *path, const struct trust *trust, struct problems *problems);
/* The file's bytes, of too large a file one more than a definition may have; NULL where it cannot be read, with errno. The caller frees
 * them (memory_free). */
char *definition_text(const char *path, size_t *length);
/* A definition's file ("-": standard input), at most a byte more than one may have: for definition_parse and those who need its
 * text as well. NULL where it cannot be read: a problem at line 0. The caller frees it (memory_free). */
char *definition_load(const char *path, size_t *length, struct problems *problems);
void definition_destroy(struct definition *definition);
void problems_fini(struct problems *problems);

#endif
