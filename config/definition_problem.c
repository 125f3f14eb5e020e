/* definition_problem.c: what is wrong with a document: noted with its place, in the order of the document, with a cap. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../consumer/engine/memory.h"
#include "definition_compile.h"

enum { PROBLEMS_MAX = 100, MESSAGE = 600, SHOWN_MAX = 80 };

int shown_bytes(const char *text) {
  size_t length = strnlen(text, SHOWN_MAX + 1);
  if (length <= SHOWN_MAX) return (int)length;
  length = SHOWN_MAX;
  while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) length--;
  return (int)length;
}

static char *copy_text(const char *text) {
  size_t bytes = strlen(text) + 1;
  return memcpy(memory_zeroed(bytes, 1), text, bytes);
}

void problem_add(struct problems *problems, const char *pointer, int line, int column, const char *message) {
  problems->at = memory_grown(problems->at, (problems->count + 1) * sizeof *problems->at);
  problems->at[problems->count++] = (struct problem){copy_text(pointer), line, column, copy_text(message)};
}

void problems_fini(struct problems *problems) {
  for (size_t i = 0; i < problems->count; i++) {
    memory_free(problems->at[i].pointer);
    memory_free(problems->at[i].message);
  }
  memory_free(problems->at);
  *problems = (struct problems){0};
}

/* A message cut within a character would be no UTF-8. */
static void trim(char *message, int wanted) {
  if (wanted < MESSAGE) return;
  size_t end = MESSAGE - 1;
  while (end > 0 && ((unsigned char)message[end - 1] & 0xc0) == 0x80) end--;
  message[end > 0 ? end - 1 : 0] = 0;
}

static void note_problem(struct compiler *c, size_t at, const char *message) {
  int line, column;
  if (c->problem_count++ >= PROBLEMS_MAX) return;
  document_place(&c->document, at, &line, &column);
  char *pointer = document_pointer(&c->document, at);
  problem_add(c->problems, pointer, line, column, message);
  memory_free(pointer);
}

void complain_at(struct compiler *c, size_t at, const char *format, ...) {
  char message[MESSAGE];
  va_list values;
  va_start(values, format);
  trim(message, vsnprintf(message, sizeof message, format, values));
  va_end(values);
  note_problem(c, at, message);
}

void complain(struct compiler *c, const cJSON *node, const char *format, ...) {
  char message[MESSAGE];
  va_list values;
  va_start(values, format);
  trim(message, vsnprintf(message, sizeof message, format, values));
  va_end(values);
  note_problem(c, document_value(&c->document, node), message);
}

void complain_name(struct compiler *c, const cJSON *node, const char *format, ...) {
  char message[MESSAGE];
  va_list values;
  va_start(values, format);
  trim(message, vsnprintf(message, sizeof message, format, values));
  va_end(values);
  note_problem(c, (size_t)node->valueint, message);
}

static int compare_places(const void *left, const void *right) {
  const struct problem *a = left, *b = right;
  if (a->line != b->line) return a->line < b->line ? -1 : 1;
  if (a->column != b->column) return a->column < b->column ? -1 : 1;
  return strcmp(a->message, b->message);
}

void problems_finish(struct compiler *c) {
  struct problems *problems = c->problems;
  if (problems->count) qsort(problems->at, problems->count, sizeof *problems->at, compare_places);
  if (c->problem_count <= PROBLEMS_MAX) return;
  char message[64];
  size_t more = c->problem_count - PROBLEMS_MAX;
  snprintf(message, sizeof message, "and %zu more problem%s", more, more == 1 ? "" : "s");
  problem_add(problems, "", problems->at[problems->count - 1].line, problems->at[problems->count - 1].column, message);
}

/* --- any document --- */

static int compare_members(const void *left, const void *right) {
  const cJSON *a = *(const cJSON *const *)left, *b = *(const cJSON *const *)right;
  int order = strcmp(a->string, b->string);
  return order ? order : (a->valueint > b->valueint) - (a->valueint < b->valueint);
}

/* A member whose name stood before in the object. */
static void check_repeated(struct compiler *c, const cJSON *object) {
  size_t count = 0, i = 0;
  for (const cJSON *child = object->child; child; child = child->next) count++;
  if (count < 2) return;
  const cJSON **members = memory_zeroed(count, sizeof *members);
  for (const cJSON *child = object->child; child; child = child->next) members[i++] = child;
  qsort(members, count, sizeof *members, compare_members);
  const cJSON *first = members[0];
  for (i = 1; i < count; i++) {
    if (strcmp(members[i]->string, first->string) != 0) {
      first = members[i];
      continue;
    }
    int line = 0, column;
    if (c->problem_count < PROBLEMS_MAX) document_place(&c->document, (size_t)first->valueint, &line, &column);
    complain_name(c, members[i], "\"%.*s\" is there already, in line %d; a name can stand only once here",
                  SHOWN(members[i]->string), line);
  }
  memory_free(members);
}

static void check_node(struct compiler *c, const cJSON *node) {
  if (cJSON_IsNumber(node) && !isfinite(node->valuedouble)) {
    struct slice text = document_number(&c->document, node);
    complain(c, node, "the number %.*s is too large; numbers are IEEE doubles",
             text.length > 40 ? 40 : (int)text.length, text.at);
  }
  if (cJSON_IsObject(node)) check_repeated(c, node);
  for (const cJSON *child = node->child; child; child = child->next) check_node(c, child);
}

void check_tree(struct compiler *c) {
  for (size_t at = 0; (at = document_nul(&c->document, at)) < c->document.length; at += 6)
    complain_at(c, at, "the character \\u0000 cannot stand in a definition");
  check_node(c, c->document.root);
}
