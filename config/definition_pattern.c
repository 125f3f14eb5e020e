/* definition_pattern.c: comparisons, and the patterns that events match. */
#include <stdlib.h>
#include <string.h>

#include "../consumer/engine/memory.h"
#include "definition_compile.h"

/* --- comparisons --- */

static const char *const operators[] = {"is",      "in",    "like",  "at_least",
                                        "at_most", "above", "below", "present"}; /* as enum operator */

enum { OPERATORS = sizeof operators / sizeof *operators };

static int32_t operator_of(const char *name) {
  for (int32_t i = 0; i < OPERATORS; i++)
    if (strcmp(operators[i], name) == 0) return i;
  return NONE;
}

/* "is, in, like or present": those among the members. */
static void list_operators(const struct known_member *members, size_t count, char list[80]) {
  *list = 0;
  for (size_t i = 0; i < count; i++) {
    if (operator_of(members[i].name) == NONE) continue;
    if (*list) strncat(list, i + 1 == count ? " or " : ", ", 79 - strlen(list));
    strncat(list, members[i].name, 79 - strlen(list));
  }
}

const cJSON *take_operator(struct compiler *c, const cJSON *object, const char *what,
                           const struct known_member *members, size_t count, enum operator* op) {
  size_t before = c->problem_count;
  const cJSON *found = NULL;
  char list[80];
  const char *both = operator_of(members[0].name) == NONE ? "; for both write {\"all\": [ … ]}" : "";
  if (!take_object(c, object, what, members, count)) return NULL;
  bool misspelt = c->problem_count > before; /* then what is missing may be that */
  for (const cJSON *child = object->child; child; child = child->next) {
    int32_t index = operator_of(child->string);
    if (index == NONE) continue;
    if (found && strcmp(found->string, child->string) != 0) {
      complain_name(c, child, "%s compares once, and \"%s\" is there already%s", what, found->string, both);
      return NULL;
    }
    found = child;
    *op = (enum operator)index;
  }
  list_operators(members, count, list);
  if (!found && !misspelt) complain(c, object, "%s has to say how to compare: with %s", what, list);
  return found;
}

static bool take_scalar(struct compiler *c, const cJSON *node, struct operand *operand) {
  if (cJSON_IsString(node)) {
    *operand = (struct operand){.kind = OPERAND_TEXT, .text = keep_text(c, node->valuestring)};
  } else if (cJSON_IsBool(node)) {
    *operand = (struct operand){.kind = OPERAND_BOOLEAN, .boolean = cJSON_IsTrue(node)};
  } else if (cJSON_IsNumber(node)) {
    operand->kind = OPERAND_NUMBER;
    return take_number(c, node, "what is compared with", &operand->number);
  } else {
    complain(c, node, "what is compared with must be text, a number, true or false; this is %s", kind_of(node));
    return false;
  }
  return true;
}

static bool take_operand(struct compiler *c, const cJSON *node, enum operator op, struct operand *operand) {
  switch (op) {
    case OP_IS:
    case OP_IN: return take_scalar(c, node, operand);
    case OP_LIKE:
      if (!take_text(c, node, "a pattern for \"like\"")) return false;
      *operand = (struct operand){.kind = OPERAND_TEXT, .text = keep_text(c, node->valuestring)};
      return true;
    case OP_PRESENT: operand->kind = OPERAND_BOOLEAN; return take_boolean(c, node, "\"present\"", &operand->boolean);
    default: operand->kind = OPERAND_NUMBER; return take_number(c, node, "what is compared with", &operand->number);
  }
}

bool take_operands(struct compiler *c, const cJSON *node, enum operator op, struct comparison *compare) {
  const cJSON *first = node;
  int32_t count = 1;
  bool good = true;
  if (op == OP_IN && !take_list(c, node, "\"in\"", 0, &count)) return false;
  if (op == OP_IN) first = node->child;
  if (op == OP_LIKE) first = take_one_or_list(c, node, "\"like\"", &count);
  *compare = (struct comparison){.op = op, .operands = arena_take(c->arena, (size_t)count, sizeof(struct operand))};
  for (const cJSON *each = first; each && compare->operand_count < count; each = each->next)
    good &= take_operand(c, each, op, &compare->operands[compare->operand_count++]);
  return good && first;
}

/* --- where --- */

static bool compares_numbers(const struct comparison *compare) {
  for (int32_t i = 0; i < compare->operand_count; i++)
    if (compare->operands[i].kind == OPERAND_NUMBER) return true;
  return false;
}

static bool take_where(struct compiler *c, const cJSON *node, struct where *where) {
  static const struct known_member members[] = {{"is", false},       {"in", false},      {"like", false},
                                                {"at_least", false}, {"at_most", false}, {"above", false},
                                                {"below", false},    {"present", false}};
  enum operator op;
  where->field = take_pointer(c, node->string, (size_t)node->valueint);
  const cJSON *found = take_operator(c, node, "a comparison", members, sizeof members / sizeof *members, &op);
  if (!found || !take_operands(c, found, op, &where->compare) || where->field == NONE) return false;
  if (compares_numbers(&where->compare)) mark_numeric(c, where->field);
  return true;
}

static bool take_wheres(struct compiler *c, const cJSON *node, struct pattern *pattern) {
  bool good = true;
  size_t count = 0;
  if (!cJSON_IsObject(node)) {
    complain(c, node, "\"where\" must be an object, in braces, of JSON Pointers and comparisons; this is %s",
             kind_of(node));
    return false;
  }
  for (const cJSON *child = node->child; child; child = child->next) count++;
  pattern->wheres = arena_take(c->arena, count, sizeof *pattern->wheres);
  for (const cJSON *child = node->child; child; child = child->next)
    good &= take_where(c, child, &pattern->wheres[pattern->where_count++]);
  return good;
}

/* --- patterns --- */

static bool take_event_name(struct compiler *c, const cJSON *node, bool alone, struct pattern *pattern) {
  if (!take_name(c, node, "an event's name")) return false;
  if (strcmp(node->valuestring, "*") != 0) {
    pattern->names[pattern->name_count++] = texts_add(&c->names, c->arena, slice_of(node->valuestring));
    return true;
  }
  if (!alone) complain(c, node, "\"*\" means every event: it stands alone, not in a list");
  pattern->every_name = true;
  return alone;
}

static bool take_event_names(struct compiler *c, const cJSON *node, const char *what, struct pattern *pattern) {
  int32_t count;
  bool good = true, alone = !cJSON_IsArray(node);
  const cJSON *first = take_one_or_list(c, node, what, &count);
  pattern->names = arena_take(c->arena, (size_t)count, sizeof *pattern->names);
  for (const cJSON *each = first; each && count > 0; each = each->next, count--)
    good &= take_event_name(c, each, alone, pattern);
  return good && first;
}

static bool compile_pattern(struct compiler *c, const cJSON *node, const char *what, struct pattern *pattern) {
  static const struct known_member members[] = {{"name", true}, {"where", false}, {"description", false}};
  if (!cJSON_IsObject(node)) return take_event_names(c, node, what, pattern);
  (void)TAKE_OBJECT(c, node, what, members);
  const cJSON *name = member_of(node, "name"), *where = member_of(node, "where");
  bool good = name && take_event_names(c, name, what, pattern);
  if (where) good &= take_wheres(c, where, pattern);
  take_description(c, node);
  return good;
}

int32_t take_pattern(struct compiler *c, const cJSON *node, const char *what) {
  struct pattern pattern = {0};
  if (!compile_pattern(c, node, what, &pattern)) return NONE;
  if (c->pattern_count == c->pattern_room) {
    c->pattern_room = c->pattern_room ? 2 * c->pattern_room : 64;
    c->patterns = memory_grown(c->patterns, c->pattern_room * sizeof *c->patterns);
  }
  c->patterns[c->pattern_count] = pattern;
  return (int32_t)c->pattern_count++;
}

/* --- the names of events, in order --- */

struct numbered {
  struct slice name;
  int32_t number; /* as texts_add gave it */
};

static int compare_numbered(const void *left, const void *right) {
  return slice_compare(((const struct numbered *)left)->name, ((const struct numbered *)right)->name);
}

static int compare_numbers(const void *left, const void *right) {
  int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
  return (a > b) - (a < b);
}

/* `places`: number to place in definition.names. */
static void renumber(struct pattern *pattern, const int32_t *places) {
  int32_t kept = 0;
  for (int32_t i = 0; i < pattern->name_count; i++) pattern->names[i] = places[pattern->names[i]];
  if (pattern->name_count) qsort(pattern->names, (size_t)pattern->name_count, sizeof *pattern->names, compare_numbers);
  for (int32_t i = 0; i < pattern->name_count; i++)
    if (kept == 0 || pattern->names[i] != pattern->names[kept - 1]) pattern->names[kept++] = pattern->names[i];
  pattern->name_count = kept;
}

void finish_patterns(struct compiler *c) {
  struct definition *d = c->definition;
  size_t count = c->names.count;
  struct numbered *sorted = memory_zeroed(count, sizeof *sorted);
  int32_t *places = memory_zeroed(count, sizeof *places);
  for (size_t i = 0; i < count; i++) sorted[i] = (struct numbered){c->names.at[i], (int32_t)i};
  if (count) qsort(sorted, count, sizeof *sorted, compare_numbered);
  d->names = arena_take(c->arena, count, sizeof *d->names);
  d->name_count = (int32_t)count;
  for (size_t i = 0; i < count; i++) {
    d->names[i] = sorted[i].name;
    places[sorted[i].number] = (int32_t)i;
  }
  d->patterns = arena_take(c->arena, c->pattern_count, sizeof *d->patterns);
  d->pattern_count = (int32_t)c->pattern_count;
  for (size_t i = 0; i < c->pattern_count; i++) {
    d->patterns[i] = c->patterns[i];
    renumber(&d->patterns[i], places);
  }
  memory_free(places);
  memory_free(sorted);
}
