/* phrase.c: a table of the operators, and a phrase for each form of a condition. */
#include "phrase.h"

#include <stdlib.h>

#include "../producer/encode.h"

const cJSON *phrase_member(const cJSON *object, const char *name) {
  return cJSON_GetObjectItemCaseSensitive(object, name);
}

const char *phrase_text(const cJSON *object, const char *name) {
  const cJSON *node = phrase_member(object, name);
  return cJSON_IsString(node) ? node->valuestring : "";
}

void phrase_duration(struct buffer *out, const char *duration) {
  static const char *const units[] = {"s", "second", "m", "minute", "h", "hour", "d", "day", "w", "week"};
  int digits = (int)strspn(duration, "0123456789");
  bool one = digits == 1 && *duration == '1';
  for (size_t i = 0; i < sizeof units / sizeof *units; i += 2) {
    if (strcmp(duration + digits, units[i]) != 0) continue;
    buffer_printf(out, "%.*s %s%s", digits, duration, units[i + 1], one ? "" : "s");
    return;
  }
  buffer_append_text(out, duration);
}

void phrase_value(struct buffer *out, const cJSON *node) {
  if (cJSON_IsString(node)) buffer_printf(out, "“%s”", node->valuestring);
  else if (cJSON_IsNumber(node)) json_append_double(out, node->valuedouble);
  else buffer_append_text(out, cJSON_IsTrue(node) ? "true" : "false");
}

void phrase_list(struct buffer *out, const cJSON *node, const char *conjunction) {
  if (!cJSON_IsArray(node)) {
    phrase_value(out, node);
    return;
  }
  for (const cJSON *child = node->child; child; child = child->next) {
    if (child != node->child) buffer_append_text(out, child->next ? ", " : conjunction);
    phrase_value(out, child);
  }
}

void phrase_operator(struct buffer *out, const cJSON *object) {
  static const char *const phrases[] = {"is",          "is ",       "in",           "is one of ", "like",
                                        "looks like ", "at_least",  "is at least ", "at_most",    "is at most ",
                                        "above",       "is above ", "below",        "is below "};
  for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i += 2) {
    const cJSON *node = phrase_member(object, phrases[i]);
    if (!node) continue;
    buffer_append_text(out, phrases[i + 1]);
    phrase_list(out, node, " or ");
  }
  const cJSON *present = phrase_member(object, "present");
  if (present) buffer_append_text(out, cJSON_IsTrue(present) ? "is known" : "is not known");
}

void phrase_pattern(struct buffer *out, const cJSON *node) {
  const cJSON *where = cJSON_IsObject(node) ? phrase_member(node, "where") : NULL;
  const cJSON *name = cJSON_IsObject(node) ? phrase_member(node, "name") : node;
  if (!name || (cJSON_IsString(name) && strcmp(name->valuestring, "*") == 0)) buffer_append_text(out, "any event");
  else phrase_list(out, name, " or ");
  if (!where) return;
  for (const cJSON *child = where->child; child; child = child->next) {
    buffer_printf(out, "%s%s ", child == where->child ? " where " : " and ", child->string);
    phrase_operator(out, child);
  }
}

static void phrase_children(struct buffer *out, const cJSON *list, const char *between) {
  for (const cJSON *child = list->child; child; child = child->next) {
    if (child != list->child) buffer_append_text(out, between);
    phrase_condition(out, child);
  }
  buffer_append_text(out, ")");
}

static void phrase_happened(struct buffer *out, const cJSON *node) {
  const cJSON *times = phrase_member(node, "times");
  buffer_append_text(out, "has happened: ");
  phrase_pattern(out, phrase_member(node, "happened"));
  if (times && times->valuedouble > 1) buffer_printf(out, ", at least %d times", (int)times->valuedouble);
  if (!phrase_member(node, "within")) return;
  buffer_append_text(out, ", within the last ");
  phrase_duration(out, phrase_text(node, "within"));
}

static bool phrase_group(struct buffer *out, const cJSON *node) {
  const cJSON *part;
  if ((part = phrase_member(node, "all"))) {
    buffer_append_text(out, "(");
    phrase_children(out, part, " and ");
  } else if ((part = phrase_member(node, "any"))) {
    buffer_append_text(out, "(");
    phrase_children(out, part, " or ");
  } else if ((part = phrase_member(node, "of"))) {
    buffer_printf(out, "at least %d of (", (int)phrase_member(node, "at_least")->valuedouble);
    phrase_children(out, part, "; ");
  } else if ((part = phrase_member(node, "not"))) {
    buffer_append_text(out, "not: ");
    phrase_condition(out, part);
  }
  return part;
}

void phrase_condition(struct buffer *out, const cJSON *node) {
  if (cJSON_IsString(node)) {
    phrase_value(out, node);
  } else if (phrase_member(node, "attribute")) {
    buffer_printf(out, "%s ", phrase_text(node, "attribute"));
    phrase_operator(out, node);
  } else if (phrase_member(node, "score")) {
    buffer_printf(out, "the score “%s” ", phrase_text(node, "score"));
    phrase_operator(out, node);
  } else if (phrase_member(node, "happened")) {
    phrase_happened(out, node);
  } else if (phrase_member(node, "quiet_for")) {
    buffer_append_text(out, "no activity for ");
    phrase_duration(out, phrase_text(node, "quiet_for"));
  } else if (phrase_member(node, "event")) {
    buffer_append_text(out, "this happens: ");
    phrase_pattern(out, phrase_member(node, "event"));
  } else if (!phrase_group(out, node)) {
    abort(); /* the document was good */
  }
}
