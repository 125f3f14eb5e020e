/* diff_normalise.c: two ways of saying the same become one. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../producer/encode.h"
#include "diff.h"

enum { ROOT, SECTION, INSIDE };

static bool is_one_of(const char *name, const char *const *names) {
  for (; name && *names; names++)
    if (strcmp(name, *names) == 0) return true;
  return false;
}

/* The member names of these are the people's own. */
static bool is_free(const cJSON *node, int depth) {
  static const char *const sections[] = {"attributes", "criteria", "scores", "calendars", "replaces", NULL};
  static const char *const inside[] = {"where", "hours", NULL};
  return is_one_of(node->string, depth == SECTION ? sections : inside);
}

static void shorten_duration(cJSON *node) {
  static const struct {
    char unit;
    int64_t seconds;
  } units[] = {{'w', 604800}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
  char *unit, text[32];
  int64_t seconds = strtoll(node->valuestring, &unit, 10);
  for (size_t i = 0; i < 5; i++)
    if (*unit == units[i].unit) {
      seconds *= units[i].seconds;
      break;
    }
  for (size_t i = 1; i < 5; i++) {
    if (seconds % units[i].seconds) continue;
    snprintf(text, sizeof text, "%" PRId64 "%c", seconds / units[i].seconds, units[i].unit);
    cJSON_SetValuestring(node, text);
    return;
  }
}

static bool is_default(const cJSON *node) {
  const char *name = node->string;
  if (!name) return false;
  if (strcmp(name, "description") == 0) return cJSON_IsString(node);
  if (strcmp(name, "type") == 0) return cJSON_IsString(node) && strcmp(node->valuestring, "text") == 0;
  if (strcmp(name, "share") == 0) return cJSON_IsTrue(node);
  static const char *const off[] = {"fading", "route", "off_ladder", NULL};
  if (is_one_of(name, off)) return cJSON_IsFalse(node);
  if (!cJSON_IsNumber(node)) return false;
  if (strcmp(name, "min") == 0) return node->valuedouble == 0;
  if (strcmp(name, "max") == 0) return node->valuedouble == 1000000;
  if (strcmp(name, "keep") == 0) return node->valuedouble == 32;
  return (strcmp(name, "weight") == 0 || strcmp(name, "times") == 0) && node->valuedouble == 1;
}

static void normalise(cJSON *node, int depth) {
  static const char *const durations[] = {"within",       "after",       "per",       "lasts",
                                          "half_life",    "quiet_every", "quiet_for", "lateness",
                                          "review_every", "max_ahead",   NULL};
  bool own = cJSON_IsObject(node) && is_free(node, depth);
  for (cJSON *child = node->child, *next; child; child = next) {
    next = child->next;
    if (cJSON_IsObject(node) && !own && is_default(child)) {
      cJSON_Delete(cJSON_DetachItemViaPointer(node, child));
      continue;
    }
    if (!own && cJSON_IsString(child) && is_one_of(child->string, durations)) shorten_duration(child);
    normalise(child, depth + 1);
  }
}

/* Every member of a section becomes an object, with what it was by itself as this member. */
static void wrap(cJSON *section, const char *member) {
  for (cJSON *child = section ? section->child : NULL; child; child = child->next) {
    if (cJSON_IsObject(child) && cJSON_GetObjectItemCaseSensitive(child, member)) continue;
    cJSON *inner = cJSON_Duplicate(child, true), *object = cJSON_CreateObject();
    char *name = strdup(child->string);
    if (!inner || !object || !name) abort();
    cJSON_AddItemToObject(object, member, inner);
    cJSON_ReplaceItemViaPointer(section, child, object);
    object->string = name;
    child = object;
  }
}

void diff_normalise(cJSON *root) {
  static const struct { const char *name, *value; } defaults[] = {{"lateness", "5m"}, {"review_every", "1d"}};
  normalise(root, ROOT);
  wrap(cJSON_GetObjectItemCaseSensitive(root, "criteria"), "when");
  wrap(cJSON_GetObjectItemCaseSensitive(root, "attributes"), "at");
  for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
    if (!cJSON_GetObjectItemCaseSensitive(root, defaults[i].name))
      cJSON_AddStringToObject(root, defaults[i].name, defaults[i].value);
  if (!cJSON_GetObjectItemCaseSensitive(root, "deduplicate")) cJSON_AddNumberToObject(root, "deduplicate", 16);
}
