/* audit_diff.c: both trees are walked together. */
#include "audit_diff.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBERS = 6, PATH = 200, VALUE = 80, BYTES = 120 };

struct walk {
  struct buffer *out;
  int32_t told, all;
  char path[PATH];
};

/* As JSON, cut where it is long. */
static void append_value(struct buffer *out, const cJSON *node) {
  char *text = node ? cJSON_PrintUnformatted(node) : NULL;
  buffer_printf(out, "%.*s%s", VALUE, text ? text : "missing", text && strlen(text) > VALUE ? "…" : "");
  free(text);
}

static void tell(struct walk *walk, const cJSON *decided, const cJSON *there) {
  if (walk->all++ >= MEMBERS) return;
  buffer_printf(walk->out, "%s%s is ", walk->told++ ? "; " : "", *walk->path ? walk->path : "it");
  append_value(walk->out, there);
  buffer_append_text(walk->out, ", decided was ");
  append_value(walk->out, decided);
}

static void compare(struct walk *walk, const cJSON *decided, const cJSON *there);

static void compare_member(struct walk *walk, const char *name, const cJSON *decided, const cJSON *there) {
  size_t length = strlen(walk->path);
  snprintf(walk->path + length, sizeof walk->path - length, "/%s", name);
  if (decided && there) compare(walk, decided, there);
  else tell(walk, decided, there);
  walk->path[length] = 0;
}

static void compare_members(struct walk *walk, const cJSON *decided, const cJSON *there) {
  for (const cJSON *d = decided->child; d; d = d->next)
    compare_member(walk, d->string, d, cJSON_GetObjectItemCaseSensitive(there, d->string));
  for (const cJSON *t = there->child; t; t = t->next)
    if (!cJSON_GetObjectItemCaseSensitive(decided, t->string)) compare_member(walk, t->string, NULL, t);
}

static void compare_elements(struct walk *walk, const cJSON *decided, const cJSON *there) {
  const cJSON *d = decided->child, *t = there->child;
  for (int i = 0; d || t; i++, d = d ? d->next : NULL, t = t ? t->next : NULL) {
    char name[16];
    snprintf(name, sizeof name, "%d", i);
    compare_member(walk, name, d, t);
  }
}

static void compare(struct walk *walk, const cJSON *decided, const cJSON *there) {
  if (cJSON_IsObject(decided) && cJSON_IsObject(there)) {
    compare_members(walk, decided, there);
  } else if (cJSON_IsArray(decided) && cJSON_IsArray(there)) {
    compare_elements(walk, decided, there);
  } else if (!cJSON_Compare(decided, there, true)) {
    tell(walk, decided, there);
  }
}

void audit_diff(struct buffer *out, struct slice decided, struct slice there) {
  struct walk walk = {.out = out};
  cJSON *d = cJSON_ParseWithLength(decided.at, decided.length), *t = cJSON_ParseWithLength(there.at, there.length);
  if (d && t) compare(&walk, d, t);
  if (!t) buffer_append_text(out, "what is there is no JSON");
  else if (walk.all == 0) buffer_append_text(out, "the same members, written in other bytes");
  else if (walk.all > MEMBERS) buffer_printf(out, "; and %d more members", (int)(walk.all - MEMBERS));
  cJSON_Delete(d);
  cJSON_Delete(t);
}

static const char *text_of(const cJSON *object, const char *name) {
  const cJSON *node = cJSON_GetObjectItemCaseSensitive(object, name);
  return cJSON_IsString(node) ? node->valuestring : "?";
}

void audit_name(struct buffer *out, struct slice bytes) {
  cJSON *root = cJSON_ParseWithLength(bytes.at, bytes.length);
  const cJSON *data = cJSON_GetObjectItemCaseSensitive(root, "data");
  if (!cJSON_IsObject(data)) {
    buffer_printf(out, "no event: %.*s", bytes.length < BYTES ? (int)bytes.length : BYTES,
                  bytes.at ? bytes.at : "null");
  } else if (cJSON_HasObjectItem(data, "sla")) {
    buffer_printf(out, "%.80s: \"%.80s\" breached at %.30s (id %.120s)", text_of(data, "lead"), text_of(data, "sla"),
                  text_of(root, "time"), text_of(root, "id"));
  } else {
    buffer_printf(out, "%.80s: %.80s → %.80s at %.30s (id %.120s)", text_of(data, "lead"), text_of(data, "from"),
                  text_of(data, "to"), text_of(root, "time"), text_of(root, "id"));
  }
  cJSON_Delete(root);
}
