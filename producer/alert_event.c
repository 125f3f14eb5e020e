/* alert_event.c: pointers into cJSON's tree. Of a member that is repeated the first counts. */
#include "alert_event.h"

#include <math.h>
#include <string.h>

#include "encode.h"

enum { STEP_BYTES = 1024 };

/* One step's name, unescaped. False: longer than any name. */
static bool step_name(const char *at, const char *end, char name[STEP_BYTES]) {
  size_t length = 0;
  for (; at < end; at++) {
    if (length == STEP_BYTES - 1) return false;
    bool escape = *at == '~' && at + 1 < end && (at[1] == '0' || at[1] == '1');
    name[length++] = !escape ? *at : at[1] == '0' ? '~' : '/';
    at += escape;
  }
  name[length] = 0;
  return true;
}

static const cJSON *step_into(const cJSON *node, const char *name) {
  if (cJSON_IsObject(node)) return cJSON_GetObjectItemCaseSensitive(node, name);
  size_t digits = strspn(name, "0123456789");
  if (!cJSON_IsArray(node) || digits == 0 || digits > 6 || name[digits]) return NULL;
  int index = 0;
  for (; *name; name++) index = index * 10 + (*name - '0');
  return cJSON_GetArrayItem(node, index);
}

const cJSON *alert_event_at(const cJSON *node, const char *pointer, size_t length) {
  const char *end = pointer + length;
  char name[STEP_BYTES];
  while (node && pointer < end) {
    if (*pointer++ != '/') return NULL;
    const char *next = memchr(pointer, '/', (size_t)(end - pointer));
    if (!next) next = end;
    node = step_name(pointer, next, name) ? step_into(node, name) : NULL;
    pointer = next;
  }
  return node;
}

const char *alert_event_text(const cJSON *event, const char *pointer) {
  const cJSON *node = alert_event_at(event, pointer, strlen(pointer));
  return cJSON_IsString(node) ? node->valuestring : "";
}

bool alert_event_scalar(struct buffer *out, const cJSON *node) {
  if (cJSON_IsString(node)) {
    buffer_append_text(out, node->valuestring);
  } else if (cJSON_IsNumber(node) && isfinite(node->valuedouble)) {
    json_append_double(out, node->valuedouble);
  } else if (cJSON_IsBool(node)) {
    buffer_append_text(out, cJSON_IsTrue(node) ? "true" : "false");
  } else {
    return false;
  }
  return true;
}

static bool test_holds(const cJSON *event, const struct receiver_test *test) {
  struct buffer text = {0};
  const cJSON *node = alert_event_at(event, test->pointer, strlen(test->pointer));
  bool holds = false;
  if (alert_event_scalar(&text, node)) {
    buffer_append(&text, "", 1);
    for (int32_t i = 0; i < test->count && !holds; i++) holds = strcmp(text.at, test->values[i]) == 0;
  }
  buffer_fini(&text);
  return holds;
}

bool alert_event_passes(const cJSON *event, const struct receiver_filter *filter) {
  for (int32_t i = 0; i < filter->count; i++) {
    if (!test_holds(event, &filter->tests[i])) return false;
  }
  return true;
}
