/* document.h: the text of a definition and its tree: JSON with comments, where every value knows its place.
 *
 * Comments are blanked in a copy, byte by byte, so that positions stay those of the file. What is left has to be strict JSON
 * (json_valid). The tree is cJSON's; each node's `valueint`, of no use otherwise, holds the offset where the node begins: a
 * member at its name, anything else at its value. Each number's `valuedouble` is the nearest double of its text. A string with
 * a \u0000 in it is cut there by cJSON: document_nul finds those. May use: cJSON, consumer/decode.h (json_valid, json_number). */
#ifndef HANDOVER_CONFIG_DOCUMENT_H
#define HANDOVER_CONFIG_DOCUMENT_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "../consumer/engine/slice.h"

struct document {
  char *text; /* blanked, not terminated */
  size_t length;
  cJSON *root;
};

/* Parses at most LIMIT_DEFINITION bytes. False: *at is the first wrong byte and *why a static sentence; the document is empty. */
bool document_parse(struct document *document, const char *text, size_t length, size_t *at, const char **why);
void document_fini(struct document *document);

/* Where the node's value begins (for a member, behind its name). */
size_t document_value(const struct document *document, const cJSON *node);
/* The offset behind the node's value. */
size_t document_behind(const struct document *document, const cJSON *node);
/* A number's text as it stands. */
struct slice document_number(const struct document *document, const cJSON *node);
/* The offset of the first \u0000 in a string from `from` on; the length where there is none. */
size_t document_nul(const struct document *document, size_t from);

/* For errors: line and column of an offset, from 1, columns in bytes. */
void document_place(const struct document *document, size_t at, int *line, int *column);
/* The JSON Pointer of what stands at an offset (a value, or a member by its name); the caller frees it. */
char *document_pointer(const struct document *document, size_t at);

#endif
