/* diff_key.c: two ways of saying the same have one key: a text that is compared byte by byte.
 *
 * What makes no difference to the engine makes none here: the order of a list whose parts count alike, a part that stands twice, a
 * list of one, the case of compared texts, a duration's unit, defaults. */
#include <stdlib.h>
#include <string.h>

#include "../consumer/engine/memory.h"
#include "canonical.h"
#include "diff_find.h"

/* Texts to be sorted. */
struct keys {
  char **at;
  size_t count;
};

static void keys_add(struct keys *keys, struct buffer *text) {
  buffer_append(text, "", 1);
  keys->at = memory_grown(keys->at, (keys->count + 1) * sizeof *keys->at);
  keys->at[keys->count++] = text->at; /* keys_append frees it */
  *text = (struct buffer){0};
}

static int compare_keys(const void *left, const void *right) {
  return strcmp(*(char *const *)left, *(char *const *)right);
}

static void keys_fini(struct keys *keys) {
  for (size_t i = 0; i < keys->count; i++) memory_free(keys->at[i]);
  memory_free(keys->at);
}

/* Sorted and, where asked for, each once; frees the keys. */
static void keys_append(struct buffer *out, struct keys *keys, bool once) {
  if (keys->count) qsort(keys->at, keys->count, sizeof *keys->at, compare_keys);
  for (size_t i = 0; i < keys->count; i++) {
    if (!once || i == 0 || strcmp(keys->at[i], keys->at[i - 1]) != 0) {
      buffer_append_text(out, keys->at[i]);
      buffer_append_text(out, ",");
    }
  }
  keys_fini(keys);
}

int64_t duration_s(const char *duration) {
  static const struct {
    char unit;
    int64_t seconds;
  } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
  char *unit;
  int64_t number = strtoll(duration, &unit, 10);
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (*unit == units[i].unit) return number * units[i].seconds;
  return number;
}

/* --- comparisons: text has no case, and "**" is "*" --- */

static void key_value(struct buffer *out, const cJSON *node) {
  size_t from = out->length, kept = from;
  canonical_append(out, node, NULL, 0);
  if (!cJSON_IsString(node)) return;
  for (size_t i = from; i < out->length; i++) {
    char c = out->at[i];
    if (c == '*' && kept > from && out->at[kept - 1] == '*') continue;
    out->at[kept++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
  }
  out->length = kept;
}

static void key_values(struct buffer *out, const cJSON *node) {
  struct keys keys = {0};
  struct buffer text = {0};
  const cJSON *first = cJSON_IsArray(node) ? node->child : node;
  for (const cJSON *each = first; each; each = cJSON_IsArray(node) ? each->next : NULL) {
    key_value(&text, each);
    keys_add(&keys, &text);
  }
  keys_append(out, &keys, true);
}

static bool has_star(const cJSON *node) {
  if (cJSON_IsString(node)) return strchr(node->valuestring, '*');
  for
    EACH(child, node) if (strchr(child->valuestring, '*')) return true;
  return false;
}

static void key_comparison(struct buffer *out, const cJSON *node) {
  static const char *const numeric[] = {"at_least", "at_most", "above", "below", "present"};
  const cJSON *values;
  for (size_t i = 0; i < sizeof numeric / sizeof *numeric; i++) {
    if (!(values = phrase_member(node, numeric[i]))) continue;
    buffer_printf(out, "%s ", numeric[i]);
    canonical_append(out, values, NULL, 0);
    return;
  }
  const cJSON *like = phrase_member(node, "like");
  values = like ? like : phrase_member(node, "in");
  if (!values) values = phrase_member(node, "is");
  buffer_append_text(out, like && has_star(like) ? "like " : "in ");
  key_values(out, values);
}

/* --- patterns --- */

void key_texts(struct buffer *out, const cJSON *node) {
  struct keys keys = {0};
  struct buffer text = {0};
  const cJSON *first = cJSON_IsArray(node) ? node->child : node;
  for (const cJSON *each = first; each; each = cJSON_IsArray(node) ? each->next : NULL) {
    canonical_append(&text, each, NULL, 0);
    keys_add(&keys, &text);
  }
  keys_append(out, &keys, true);
}

void key_pattern(struct buffer *out, const cJSON *node) {
  struct keys keys = {0};
  struct buffer text = {0};
  const cJSON *wheres = cJSON_IsObject(node) ? phrase_member(node, "where") : NULL;
  key_texts(out, cJSON_IsObject(node) ? phrase_member(node, "name") : node);
  buffer_append_text(out, " where ");
  for
    EACH(where, wheres) {
      buffer_printf(&text, "%s ", where->string);
      key_comparison(&text, where);
      keys_add(&keys, &text);
    }
  keys_append(out, &keys, true);
}

/* --- conditions --- */

static void key_group(struct buffer *out, const char *kind, const cJSON *list, bool once) {
  struct keys keys = {0};
  struct buffer text = {0};
  for
    EACH(child, list) {
      key_condition(&text, child);
      keys_add(&keys, &text);
    }
  buffer_printf(out, "%s (", kind);
  keys_append(out, &keys, once);
  buffer_append_text(out, ")");
}

static void key_happened(struct buffer *out, const cJSON *node) {
  const cJSON *times = phrase_member(node, "times");
  buffer_append_text(out, "happened ");
  key_pattern(out, phrase_member(node, "happened"));
  buffer_printf(out, " %d %lld", times ? (int)times->valuedouble : 1,
                (long long)duration_s(phrase_text(node, "within")));
}

/* Of a flat condition. */
void key_condition(struct buffer *out, const cJSON *node) {
  const cJSON *part;
  if (cJSON_IsString(node)) {
    canonical_append(out, node, NULL, 0);
  } else if ((part = phrase_member(node, "all"))) {
    key_group(out, "all", part, true);
  } else if ((part = phrase_member(node, "any"))) {
    key_group(out, "any", part, true);
  } else if ((part = phrase_member(node, "of"))) {
    buffer_printf(out, "%d ", (int)phrase_member(node, "at_least")->valuedouble);
    key_group(out, "of", part, false);
  } else if ((part = phrase_member(node, "not"))) {
    buffer_append_text(out, "not ");
    key_condition(out, part);
  } else if (phrase_member(node, "happened")) {
    key_happened(out, node);
  } else if (phrase_member(node, "quiet_for")) {
    buffer_printf(out, "quiet %lld", (long long)duration_s(phrase_text(node, "quiet_for")));
  } else if ((part = phrase_member(node, "event"))) {
    buffer_append_text(out, "event ");
    key_pattern(out, part);
  } else {
    part = phrase_member(node, "attribute");
    buffer_append_text(out, part ? "attribute " : "score ");
    canonical_append(out, part ? part : phrase_member(node, "score"), NULL, 0);
    key_comparison(out, node);
  }
}

static cJSON *made(cJSON *node) {
  if (!node) abort();
  return node;
}

/* The parts of a list that becomes flat. */
struct flat {
  cJSON *parts;
  struct keys keys; /* of the parts, where each is to stand once */
  bool once;
};

/* Takes the part. */
static void flat_add(struct flat *flat, cJSON *part) {
  struct buffer key = {0};
  if (flat->once) {
    key_condition(&key, part);
    buffer_append(&key, "", 1);
  }
  for (size_t i = 0; i < flat->keys.count; i++) {
    if (strcmp(flat->keys.at[i], key.at) != 0) continue;
    buffer_fini(&key);
    cJSON_Delete(part);
    return;
  }
  cJSON_AddItemToArray(flat->parts, part);
  if (flat->once) keys_add(&flat->keys, &key);
}

static cJSON *flat_group(const char *kind, const cJSON *list) {
  struct flat flat = {.parts = made(cJSON_CreateArray()), .once = strcmp(kind, "of") != 0};
  for
    EACH(child, list) {
      cJSON *part = flat_condition(child);
      const cJSON *inner = cJSON_IsObject(part) && flat.once ? phrase_member(part, kind) : NULL;
      for
        EACH(each, inner) flat_add(&flat, made(cJSON_Duplicate(each, true)));
      if (inner) cJSON_Delete(part);
      else flat_add(&flat, part);
    }
  keys_fini(&flat.keys);
  if (cJSON_GetArraySize(flat.parts) == 1) {
    cJSON *only = cJSON_DetachItemFromArray(flat.parts, 0);
    cJSON_Delete(flat.parts);
    return only;
  }
  cJSON *group = made(cJSON_CreateObject());
  cJSON_AddItemToObject(group, kind, flat.parts);
  return group;
}

static cJSON *flat_not(const cJSON *node) {
  cJSON *inner = flat_condition(node),
        *twice = cJSON_IsObject(inner) ? cJSON_DetachItemFromObjectCaseSensitive(inner, "not") : NULL;
  if (twice) {
    cJSON_Delete(inner);
    return twice;
  }
  cJSON *not = made(cJSON_CreateObject());
  cJSON_AddItemToObject(not, "not", inner);
  return not ;
}

cJSON *flat_condition(const cJSON *node) {
  const cJSON *part;
  if (cJSON_IsString(node)) return made(cJSON_CreateString(node->valuestring));
  if ((part = phrase_member(node, "all"))) return flat_group("all", part);
  if ((part = phrase_member(node, "any"))) return flat_group("any", part);
  if ((part = phrase_member(node, "not"))) return flat_not(part);
  if (!(part = phrase_member(node, "of"))) return made(cJSON_Duplicate(node, true));
  int least = (int)phrase_member(node, "at_least")->valuedouble;
  if (least == 1) return flat_group("any", part);
  if (least == cJSON_GetArraySize(part)) return flat_group("all", part);
  cJSON *group = flat_group("of", part);
  if (phrase_member(group, "of")) cJSON_AddNumberToObject(group, "at_least", least);
  return group;
}

/* --- the two side by side --- */

bool same_bytes(const struct buffer *a, const struct buffer *b) {
  return a->length == b->length && (!a->length || !b->length || memcmp(a->at, b->at, a->length) == 0);
}

static bool same_keys(struct buffer *x, struct buffer *y) {
  bool same = same_bytes(x, y);
  buffer_fini(x);
  buffer_fini(y);
  return same;
}

char *condition_key(const cJSON *node) {
  struct buffer key = {0};
  cJSON *flat = flat_condition(node);
  key_condition(&key, flat);
  buffer_append(&key, "", 1);
  cJSON_Delete(flat);
  return key.at;
}

bool same_condition(const cJSON *a, const cJSON *b) {
  if (!a || !b) return a == b;
  char *x = condition_key(a), *y = condition_key(b);
  bool same = strcmp(x, y) == 0;
  memory_free(x);
  memory_free(y);
  return same;
}

bool same_pattern(const cJSON *a, const cJSON *b) {
  struct buffer x = {0}, y = {0};
  if (!a || !b) return a == b;
  key_pattern(&x, a);
  key_pattern(&y, b);
  return same_keys(&x, &y);
}
