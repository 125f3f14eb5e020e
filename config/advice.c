/* advice.c: gathers advice and puts it into the order of the document. */
#include "advice.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../consumer/engine/memory.h"
#include "advice_find.h"

enum { SENTENCE = 800 };

static char *copy_text(const char *text) {
  size_t bytes = strlen(text) + 1;
  return memcpy(memory_zeroed(bytes, 1), text, bytes);
}

const cJSON *advice_member(const cJSON *object, const char *name) {
  return cJSON_GetObjectItemCaseSensitive(object, name);
}

const cJSON *advice_item(const struct adviser *a, const char *section, int32_t i) {
  const cJSON *node = cJSON_GetArrayItem(advice_member(a->document.root, section), i);
  return node ? node : a->document.root;
}

const cJSON *advice_criterion(const struct adviser *a, int32_t criterion) {
  const cJSON *node = advice_item(a, "criteria", criterion), *when = advice_member(node, "when");
  return when ? when : node;
}

void advise(struct adviser *a, const cJSON *node, const char *remedy, const char *format, ...) {
  char why[SENTENCE];
  struct advices *all = a->advices;
  size_t at = document_value(&a->document, node);
  va_list values;
  va_start(values, format);
  vsnprintf(why, sizeof why, format, values);
  va_end(values);
  all->at = memory_grown(all->at, (all->count + 1) * sizeof *all->at);
  struct advice *advice = &all->at[all->count++];
  *advice = (struct advice){.pointer = document_pointer(&a->document, at), .why = copy_text(why)};
  advice->remedy = copy_text(remedy);
  document_place(&a->document, at, &advice->line, &advice->column);
}

static int compare_places(const void *left, const void *right) {
  const struct advice *a = left, *b = right;
  if (a->line != b->line) return a->line < b->line ? -1 : 1;
  if (a->column != b->column) return a->column < b->column ? -1 : 1;
  return strcmp(a->why, b->why);
}

static void advise_times(struct adviser *a) {
  const struct definition *d = a->definition;
  if (d->lateness_ms >= d->max_ahead_ms) return;
  const cJSON *node = advice_member(a->document.root, "lateness");
  advise(a, node ? node : a->document.root, "make \"lateness\" at least as long as \"max_ahead\"",
         "\"lateness\" is shorter than \"max_ahead\": an event with a fast clock can end a deadline before others, in "
         "time, have come");
}

void advice_find(const struct definition *definition, const char *text, size_t length, struct advices *advices) {
  struct adviser a = {.definition = definition, .advices = advices};
  size_t at;
  const char *why;
  *advices = (struct advices){0};
  if (!document_parse(&a.document, text, length, &at, &why)) return;
  advise_times(&a);
  advise_conditions(&a);
  advise_points(&a);
  advise_unused(&a);
  advise_stages(&a);
  advise_path(&a);
  document_fini(&a.document);
  if (advices->count) qsort(advices->at, advices->count, sizeof *advices->at, compare_places);
}

void advices_fini(struct advices *advices) {
  for (size_t i = 0; i < advices->count; i++) {
    memory_free(advices->at[i].pointer);
    memory_free(advices->at[i].why);
    memory_free(advices->at[i].remedy);
  }
  memory_free(advices->at);
  *advices = (struct advices){0};
}
