/* share.c: the vocabularies are merged; then each definition gets a copy and is numbered anew. */
#include "share.h"

#include <stdlib.h>

#include "../consumer/engine/memory.h"
#include "../consumer/engine/plan.h"
#include "definition_compile.h"

/* --- do they read events alike --- */

static bool same_pointer(const struct field *a, const struct field *b) {
  if (a->token_count != b->token_count) return false;
  for (int32_t i = 0; i < a->token_count; i++)
    if (!slice_equal(a->tokens[i], b->tokens[i])) return false;
  return true;
}

static bool same_source(const struct definition *a, struct source x, const struct definition *b, struct source y) {
  return x.kind == y.kind && (x.kind != SOURCE_FIELD || same_pointer(&a->fields[x.field], &b->fields[y.field]));
}

static bool same_sources(const struct definition *a, const struct sources *x, const struct definition *b,
                         const struct sources *y) {
  if (x->count != y->count) return false;
  for (int32_t i = 0; i < x->count; i++)
    if (!same_source(a, x->at[i], b, y->at[i])) return false;
  return true;
}

const char *definitions_differ(const struct definition *a, const struct definition *b) {
  if (!same_sources(a, &a->lead, b, &b->lead)) return "lead";
  if (!same_sources(a, &a->time, b, &b->time)) return "time";
  if (!same_sources(a, &a->id, b, &b->id)) return "id";
  if (!same_sources(a, &a->event_name, b, &b->event_name)) return "name";
  return a->max_ahead_ms == b->max_ahead_ms ? NULL : "max_ahead";
}

/* --- the vocabulary of all: it borrows from the definitions --- */

struct vocabulary {
  struct field *fields;
  int32_t field_count;
  struct slice *names; /* ascending, distinct */
  int32_t name_count;
};

static int32_t field_place(const struct vocabulary *v, const struct field *field) {
  int32_t at = 0;
  while (at < v->field_count && !same_pointer(&v->fields[at], field)) at++;
  return at;
}

static void add_field(struct vocabulary *v, const struct field *field) {
  int32_t at = field_place(v, field);
  if (at == v->field_count) v->fields[v->field_count++] = *field;
  v->fields[at].numeric |= field->numeric;
}

static int compare_names(const void *left, const void *right) {
  return slice_compare(*(const struct slice *)left, *(const struct slice *)right);
}

static int32_t name_place(const struct vocabulary *v, struct slice name) {
  const struct slice *found = bsearch(&name, v->names, (size_t)v->name_count, sizeof name, compare_names);
  return (int32_t)(found - v->names);
}

static void sort_names(struct vocabulary *v) {
  int32_t kept = 0;
  if (v->name_count) qsort(v->names, (size_t)v->name_count, sizeof *v->names, compare_names);
  for (int32_t i = 0; i < v->name_count; i++)
    if (kept == 0 || !slice_equal(v->names[i], v->names[kept - 1])) v->names[kept++] = v->names[i];
  v->name_count = kept;
}

static void gather(struct vocabulary *v, struct definition *const *definitions, int32_t count) {
  size_t fields = 0, names = 0;
  for (int32_t i = 0; i < count; i++) {
    fields += (size_t)definitions[i]->field_count;
    names += (size_t)definitions[i]->name_count;
  }
  v->fields = memory_zeroed(fields, sizeof *v->fields);
  v->names = memory_zeroed(names, sizeof *v->names);
  for (int32_t i = 0; i < count; i++) {
    const struct definition *d = definitions[i];
    for (int32_t f = 0; f < d->field_count; f++) add_field(v, &d->fields[f]);
    for (int32_t n = 0; n < d->name_count; n++) v->names[v->name_count++] = d->names[n];
  }
  sort_names(v);
}

/* --- one definition --- */

static void renumber_sources(struct sources *sources, const int32_t *fields) {
  for (int32_t i = 0; i < sources->count; i++)
    if (sources->at[i].kind == SOURCE_FIELD) sources->at[i].field = fields[sources->at[i].field];
}

/* Names ascend in both vocabularies, so a pattern's keep their order. */
static void renumber_pattern(struct pattern *pattern, const int32_t *fields, const int32_t *names) {
  for (int32_t i = 0; i < pattern->name_count; i++) pattern->names[i] = names[pattern->names[i]];
  for (int32_t i = 0; i < pattern->where_count; i++) pattern->wheres[i].field = fields[pattern->wheres[i].field];
}

static void renumber(struct definition *d, const int32_t *fields, const int32_t *names) {
  renumber_sources(&d->lead, fields);
  renumber_sources(&d->time, fields);
  renumber_sources(&d->id, fields);
  renumber_sources(&d->event_name, fields);
  for (int32_t i = 0; i < d->pattern_count; i++) renumber_pattern(&d->patterns[i], fields, names);
  for (int32_t i = 0; i < d->attribute_count; i++)
    for (int32_t f = 0; f < d->attributes[i].field_count; f++)
      d->attributes[i].fields[f] = fields[d->attributes[i].fields[f]];
  for (int32_t i = 0; i < d->move_count; i++)
    if (d->moves[i].reason != NONE) d->moves[i].reason = fields[d->moves[i].reason];
}

static void copy_fields(struct definition *d, struct arena *arena, const struct vocabulary *v) {
  d->fields = arena_take(arena, (size_t)v->field_count, sizeof *d->fields);
  d->field_count = v->field_count;
  for (int32_t i = 0; i < v->field_count; i++) {
    struct field *field = &d->fields[i];
    *field = v->fields[i];
    field->tokens = arena_take(arena, (size_t)field->token_count, sizeof *field->tokens);
    for (int32_t t = 0; t < field->token_count; t++) field->tokens[t] = arena_text(arena, v->fields[i].tokens[t]);
  }
}

static void copy_names(struct definition *d, struct arena *arena, const struct vocabulary *v) {
  d->names = arena_take(arena, (size_t)v->name_count, sizeof *d->names);
  d->name_count = v->name_count;
  for (int32_t i = 0; i < v->name_count; i++) d->names[i] = arena_text(arena, v->names[i]);
}

static void adopt(struct definition *d, const struct vocabulary *v) {
  int32_t *fields = memory_zeroed((size_t)d->field_count, sizeof *fields);
  int32_t *names = memory_zeroed((size_t)d->name_count, sizeof *names);
  for (int32_t i = 0; i < d->field_count; i++) fields[i] = field_place(v, &d->fields[i]);
  for (int32_t i = 0; i < d->name_count; i++) names[i] = name_place(v, d->names[i]);
  definition_plan_destroy(d);
  renumber(d, fields, names);
  memory_free(fields);
  memory_free(names);
  copy_fields(d, definition_arena(d), v);
  copy_names(d, definition_arena(d), v);
  definition_plan(d);
}

void definitions_share(struct definition *const *definitions, int32_t count) {
  struct vocabulary vocabulary = {0};
  gather(&vocabulary, definitions, count);
  for (int32_t i = 0; i < count; i++) adopt(definitions[i], &vocabulary);
  memory_free(vocabulary.fields);
  memory_free(vocabulary.names);
}
