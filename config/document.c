/* document.c: blanks comments, has the rest checked and made a tree, and finds the places of nodes again.
 *
 * The walks below go over text that json_valid has found good, so they look no further than they must. */
#include "document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../consumer/decode.h"
#include "../consumer/engine/limits.h"
#include "../consumer/engine/memory.h"

/* cJSON 1.7.15 takes 63 bytes of a number; a longer one is read here, not there. */
enum { CJSON_NUMBER_MAX = 60 };

static bool starts_with(const struct document *d, size_t at, const char *two) {
  return at + 1 < d->length && d->text[at] == two[0] && d->text[at + 1] == two[1];
}

/* Behind the string that begins at `at`; the length where it does not end. */
static size_t skip_string(const struct document *d, size_t at) {
  for (at++; at < d->length && d->text[at] != '"'; at++)
    if (d->text[at] == '\\') at++;
  return at < d->length ? at + 1 : d->length;
}

/* Blanks the comment at `at`, but for line breaks, and returns what is behind it; the length + 1 where it does not end. */
static size_t blank_comment(struct document *d, size_t at) {
  bool line = starts_with(d, at, "//");
  size_t end = at + 2;
  while (end < d->length && (line ? d->text[end] != '\n' : !starts_with(d, end, "*/"))) end++;
  if (end >= d->length && !line) return d->length + 1;
  if (!line) end += 2;
  for (; at < end; at++)
    if (d->text[at] != '\n') d->text[at] = ' ';
  return end;
}

static bool blank_comments(struct document *d, size_t *at) {
  for (size_t i = 0; i < d->length;) {
    if (d->text[i] == '"') {
      i = skip_string(d, i);
    } else if (starts_with(d, i, "//") || starts_with(d, i, "/*")) {
      *at = i;
      i = blank_comment(d, i);
      if (i > d->length) return false;
    } else {
      i++;
    }
  }
  return true;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static bool is_number(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static size_t skip_blank(const struct document *d, size_t at) {
  while (at < d->length && is_blank(d->text[at])) at++;
  return at;
}

static size_t skip_number(const struct document *d, size_t at) {
  while (at < d->length && is_number(d->text[at])) at++;
  return at;
}

/* Behind the name that begins at `at`, its colon and blanks. */
static size_t skip_name(const struct document *d, size_t at) {
  return skip_blank(d, skip_blank(d, skip_string(d, at)) + 1);
}

static size_t skip_literal(const struct document *d, size_t at) {
  while (at < d->length && d->text[at] >= 'a' && d->text[at] <= 'z') at++;
  return at;
}

/* --- the tree --- */

/* cJSON reads a copy in which long numbers are short. */
static cJSON *read_tree(const struct document *d) {
  char *copy = memory_zeroed(d->length + 1, 1);
  memcpy(copy, d->text, d->length);
  for (size_t i = 0; i < d->length;) {
    if (d->text[i] == '"') {
      i = skip_string(d, i);
    } else if (d->text[i] == '-' || (d->text[i] >= '0' && d->text[i] <= '9')) {
      size_t end = skip_number(d, i);
      if (end - i > CJSON_NUMBER_MAX) {
        memset(copy + i, ' ', end - i);
        copy[i] = '0';
      }
      i = end;
    } else {
      i++;
    }
  }
  cJSON *root = cJSON_ParseWithLength(copy, d->length);
  memory_free(copy);
  if (!root) abort(); /* good JSON: nothing but memory can be missing */
  return root;
}

static size_t place_value(const struct document *d, cJSON *node, size_t at);

static size_t place_children(const struct document *d, cJSON *node, size_t at) {
  bool members = cJSON_IsObject(node);
  for (cJSON *child = node->child; child; child = child->next) {
    at = skip_blank(d, at + 1); /* the bracket or the comma */
    child->valueint = (int)at;
    at = skip_blank(d, place_value(d, child, members ? skip_name(d, at) : at));
  }
  return (node->child ? at : skip_blank(d, at + 1)) + 1;
}

/* Gives the nodes below `node`, whose value begins at `at`, their places; returns what is behind it. */
static size_t place_value(const struct document *d, cJSON *node, size_t at) {
  if (cJSON_IsObject(node) || cJSON_IsArray(node)) return place_children(d, node, at);
  if (cJSON_IsString(node)) return skip_string(d, at);
  if (!cJSON_IsNumber(node)) return skip_literal(d, at);
  size_t end = skip_number(d, at);
  if (!json_number((struct slice){d->text + at, (uint32_t)(end - at)}, &node->valuedouble)) abort();
  return end;
}

bool document_parse(struct document *document, const char *text, size_t length, size_t *at, const char **why) {
  *document = (struct document){0};
  *at = 0;
  if (length > LIMIT_DEFINITION) {
    *why = "a definition has at most 1 MiB (1,048,576 bytes)";
    return false;
  }
  if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
    *why = "the file begins with a byte order mark; save it as UTF-8 without one";
    return false;
  }
  *document = (struct document){.text = memory_zeroed(length + 1, 1), .length = length};
  if (length) memcpy(document->text, text, length);
  if (!blank_comments(document, at)) {
    *why = "this comment does not end; \"*/\" is missing";
    goto bad;
  }
  if (!json_valid(document->text, length, at, why)) goto bad;
  document->root = read_tree(document);
  size_t first = skip_blank(document, 0);
  document->root->valueint = (int)first;
  place_value(document, document->root, first);
  return true;
bad:
  document_fini(document);
  return false;
}

void document_fini(struct document *document) {
  cJSON_Delete(document->root);
  memory_free(document->text);
  *document = (struct document){0};
}

/* --- places --- */

size_t document_value(const struct document *document, const cJSON *node) {
  size_t at = (size_t)node->valueint;
  if (document->text[at] != '"') return at;
  size_t behind = skip_blank(document, skip_string(document, at));
  bool name = behind < document->length && document->text[behind] == ':';
  return name ? skip_blank(document, behind + 1) : at;
}

static size_t skip_nested(const struct document *d, size_t at) {
  int depth = 0;
  do {
    char c = d->text[at];
    if (c == '"') {
      at = skip_string(d, at);
      continue;
    }
    if (c == '{' || c == '[') depth++;
    if (c == '}' || c == ']') depth--;
    at++;
  } while (depth > 0);
  return at;
}

size_t document_behind(const struct document *document, const cJSON *node) {
  size_t at = document_value(document, node);
  if (cJSON_IsObject(node) || cJSON_IsArray(node)) return skip_nested(document, at);
  if (cJSON_IsString(node)) return skip_string(document, at);
  return cJSON_IsNumber(node) ? skip_number(document, at) : skip_literal(document, at);
}

struct slice document_number(const struct document *document, const cJSON *node) {
  size_t at = document_value(document, node);
  return (struct slice){document->text + at, (uint32_t)(skip_number(document, at) - at)};
}

size_t document_nul(const struct document *document, size_t from) {
  for (size_t i = from; i + 5 < document->length; i++) {
    if (document->text[i] != '\\') continue;
    if (memcmp(document->text + i + 1, "u0000", 5) == 0) return i;
    i++;
  }
  return document->length;
}

void document_place(const struct document *document, size_t at, int *line, int *column) {
  *line = *column = 1;
  for (size_t i = 0; i < at && i < document->length; i++) {
    if (document->text[i] == '\n') {
      ++*line;
      *column = 1;
    } else {
      ++*column;
    }
  }
}

/* The last child that begins at or before `at`, or NULL. `index` is its place among its siblings. */
static const cJSON *child_at(const cJSON *node, size_t at, int *index) {
  const cJSON *found = NULL;
  int i = 0;
  for (const cJSON *child = node->child; child && (size_t)child->valueint <= at; child = child->next, i++) {
    found = child;
    *index = i;
  }
  return found;
}

char *document_pointer(const struct document *document, size_t at) {
  size_t length = 0;
  char *pointer = memory_zeroed(1, 1);
  const cJSON *node = document->root;
  bool within = at > document_value(document, node);
  while (within) {
    int index = 0;
    const cJSON *child = child_at(node, at, &index);
    if (!child) break;
    char digits[16];
    snprintf(digits, sizeof digits, "%d", index);
    const char *token = child->string ? child->string : digits;
    pointer = memory_grown(pointer, length + 2 * strlen(token) + 2);
    pointer[length++] = '/';
    for (; *token; token++) {
      if (*token == '~' || *token == '/') pointer[length++] = '~';
      pointer[length++] = *token == '~' ? '0' : *token == '/' ? '1' : *token;
    }
    pointer[length] = 0;
    node = child;
    within = at > document_value(document, node);
  }
  return pointer;
}
