/* backtest_outcome.c: patterns are gathered as trees, from the command line or from a definition, and compiled. */
#include "backtest_outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../config/canonical.h"
#include "engine/view.h"

enum { STAGE_WON = 1, STAGE_REJECTED };

/* --- what the definition says --- */

static const cJSON *member(const cJSON *object, const char *name) {
  return cJSON_GetObjectItemCaseSensitive(object, name);
}

static void add_once(cJSON *list, const cJSON *pattern) {
  const cJSON *there;
  cJSON_ArrayForEach(there, list) if (cJSON_Compare(there, pattern, true)) return;
  cJSON_AddItemToArray(list, cJSON_Duplicate(pattern, true));
}

/* All patterns of {"event": …} within a condition, into the list; not of what is asked not to be. */
static void gather_events(const cJSON *node, cJSON *list) {
  const cJSON *child, *event = cJSON_IsObject(node) ? member(node, "event") : NULL;
  if (event) add_once(list, event);
  cJSON_ArrayForEach(child, node) {
    if (child != event && (!child->string || strcmp(child->string, "not") != 0)) gather_events(child, list);
  }
}

/* Those for which the highest rung asks; with a rung above the handover alone. */
static void gather_won(const struct agreement *agreement, int32_t handover, cJSON *list) {
  const struct definition *d = agreement->definition;
  int32_t top = d->stage_count - 1;
  while (d->stages[top].off_ladder) top--;
  if (top <= handover) return;
  gather_events(member(cJSON_GetArrayItem(member(agreement->document.root, "stages"), top), "enter"), list);
}

static void gather_rejected(const struct agreement *agreement, cJSON *list) {
  const cJSON *move;
  cJSON_ArrayForEach(move, member(agreement->document.root, "moves")) {
    if (member(move, "reason")) gather_events(member(move, "when"), list);
  }
}

/* --- what the command line says --- */

static bool say(const char *command, const char *option, const char *text, const char *why) {
  fprintf(stderr, "handover %s: %s %.200s: %s\n", command, option, text, why);
  return false;
}

/* A name, or a pattern in JSON. NULL: said what is wrong. */
static cJSON *pattern_read(const char *command, const char *option, const char *text) {
  struct document document = {0};
  size_t at;
  const char *why;
  size_t blank = strspn(text, " \t\r\n");
  if (!text[blank] || !strchr("{[\"", text[blank])) return cJSON_CreateString(text);
  if (!document_parse(&document, text, strlen(text), &at, &why)) {
    say(command, option, text, why);
    return NULL;
  }
  cJSON *pattern = cJSON_Duplicate(document.root, true);
  document_fini(&document);
  return pattern;
}

static bool gather_said(const char *command, const char *option, const struct outcome_list *said, cJSON *list) {
  for (int32_t i = 0; i < said->count; i++) {
    cJSON *pattern = pattern_read(command, option, said->at[i]);
    if (!pattern) return false;
    cJSON_AddItemToArray(list, pattern);
  }
  return true;
}

/* --- the definition that is made of them --- */

static void append_stage(struct buffer *text, const char *name, const cJSON *patterns) {
  const cJSON *pattern;
  buffer_printf(text, ",{\"name\":\"%s\",\"owner\":\"-\"", name);
  if (patterns->child) buffer_append_text(text, ",\"enter\":{\"any\":[");
  cJSON_ArrayForEach(pattern, patterns) {
    buffer_append_text(text, pattern == patterns->child ? "{\"event\":" : ",{\"event\":");
    canonical_append(text, pattern, NULL, 0);
    buffer_append_text(text, "}");
  }
  buffer_append_text(text, patterns->child ? "]}}" : "}");
}

static void append_document(struct buffer *text, const struct outcome *outcome, const cJSON *events) {
  buffer_append_text(text,
                     "{\"handover\":1,\"name\":\"outcome\",\"version\":1,\"effective_from\":\"1970-01-01T00:00:00Z\","
                     "\"teams\":[\"-\"],\"events\":");
  canonical_append(text, events, NULL, 0);
  buffer_append_text(text, ",\"stages\":[{\"name\":\"open\",\"owner\":\"-\"}");
  append_stage(text, "won", outcome->won);
  append_stage(text, "rejected", outcome->rejected);
  buffer_append_text(text, "]}");
}

/* A problem of the document, as one of the option that it came from: /stages/1/enter/any/0/event is --won's first. */
static bool say_problem(const char *command, const struct problem *problem, const struct outcome_list *won,
                        const struct outcome_list *rejected) {
  bool is_won = strncmp(problem->pointer, "/stages/1", 9) == 0;
  const char *place = strstr(problem->pointer, "/any/");
  const struct outcome_list *said = is_won ? won : rejected;
  long at = place ? strtol(place + 5, NULL, 10) : 0;
  return say(command, is_won ? "--won" : "--rejected", at < said->count ? said->at[at] : "", problem->message);
}

static bool compile(struct outcome *outcome, const char *command, const cJSON *events, const struct outcome_list *won,
                    const struct outcome_list *rejected) {
  struct buffer text = {0};
  struct problems problems = {0};
  append_document(&text, outcome, events);
  outcome->definition = definition_parse(text.at, text.length, &problems);
  if (!outcome->definition) say_problem(command, &problems.at[0], won, rejected);
  problems_fini(&problems);
  buffer_fini(&text);
  return outcome->definition;
}

bool outcome_make(struct outcome *outcome, const char *command, const struct agreement *agreement, int32_t handover,
                  const struct outcome_list *won, const struct outcome_list *rejected) {
  outcome->won = cJSON_CreateArray();
  outcome->rejected = cJSON_CreateArray();
  if (!won->count) gather_won(agreement, handover, outcome->won);
  if (!rejected->count) gather_rejected(agreement, outcome->rejected);
  return gather_said(command, "--won", won, outcome->won) &&
         gather_said(command, "--rejected", rejected, outcome->rejected) &&
         compile(outcome, command, member(agreement->document.root, "events"), won, rejected);
}

void outcome_fini(struct outcome *outcome) {
  definition_destroy(outcome->definition);
  cJSON_Delete(outcome->won);
  cJSON_Delete(outcome->rejected);
  *outcome = (struct outcome){0};
}

/* --- events --- */

static bool matches(const struct definition *d, int32_t stage, const struct event *event) {
  const struct condition *any = d->stages[stage].enter;
  for (int32_t i = 0; any && i < any->child_count; i++)
    if (pattern_matches(&d->patterns[any->children[i]->index], event)) return true;
  return false;
}

bool outcome_won(const struct outcome *outcome, const struct event *event) {
  return matches(outcome->definition, STAGE_WON, event);
}

bool outcome_rejected(const struct outcome *outcome, const struct event *event) {
  return matches(outcome->definition, STAGE_REJECTED, event);
}
