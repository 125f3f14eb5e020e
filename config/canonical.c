/* canonical.c: RFC 8785 over cJSON's tree. json_append_string of producer/encode.h escapes just as the RFC does. */
#include "canonical.h"

#include <stdlib.h>
#include <string.h>

#include "../consumer/engine/memory.h"

/* UTF-8 sorts as UTF-16 does, but that the surrogates of 4-byte characters (D800..DFFF) stand below E000..FFFF (EE, EF). */
static int weight(unsigned char byte) { return byte >= 0xf0 ? 0xee : byte >= 0xee ? byte + 3 : byte; }

static int compare_names(const void *left, const void *right) {
  const unsigned char *a = (const unsigned char *)(*(cJSON *const *)left)->string;
  const unsigned char *b = (const unsigned char *)(*(cJSON *const *)right)->string;
  while (*a && *a == *b) a++, b++;
  int order = weight(*a) - weight(*b);
  return order ? order : *a - *b;
}

static void append_object(struct buffer *buffer, const cJSON *node, const char *without, int depth) {
  size_t count = 0;
  for (const cJSON *child = node->child; child; child = child->next) count++;
  const cJSON **members = memory_zeroed(count, sizeof *members);
  size_t kept = 0;
  for (const cJSON *child = node->child; child; child = child->next)
    if (!without || depth <= 0 || strcmp(child->string, without) != 0) members[kept++] = child;
  qsort(members, kept, sizeof *members, compare_names);
  buffer_append_text(buffer, "{");
  for (size_t i = 0; i < kept; i++) {
    if (i) buffer_append_text(buffer, ",");
    json_append_string(buffer, slice_of(members[i]->string));
    buffer_append_text(buffer, ":");
    canonical_append(buffer, members[i], without, depth - 1);
  }
  buffer_append_text(buffer, "}");
  memory_free(members);
}

static void append_array(struct buffer *buffer, const cJSON *node, const char *without, int depth) {
  buffer_append_text(buffer, "[");
  for (const cJSON *child = node->child; child; child = child->next) {
    if (child != node->child) buffer_append_text(buffer, ",");
    canonical_append(buffer, child, without, depth - 1);
  }
  buffer_append_text(buffer, "]");
}

void canonical_append(struct buffer *buffer, const cJSON *node, const char *without, int depth) {
  if (cJSON_IsObject(node)) append_object(buffer, node, without, depth);
  else if (cJSON_IsArray(node)) append_array(buffer, node, without, depth);
  else if (cJSON_IsString(node)) json_append_string(buffer, slice_of(node->valuestring));
  else if (cJSON_IsNumber(node)) json_append_double(buffer, node->valuedouble);
  else buffer_append_text(buffer, cJSON_IsTrue(node) ? "true" : cJSON_IsFalse(node) ? "false" : "null");
}
