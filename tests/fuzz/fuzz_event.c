/* fuzz_event.c: the decoder against three others, on every text:
 *
 *   json_valid, which goes its own way through the same grammar: they agree whether it is JSON, and an object;
 *   a decoder that has seen other events before: verdict, parts and values are the same, so that guesses do not matter; and one that
 *   decodes again;
 *   cJSON, on what the strict ones accept: every value that a pointer finds is the one that a walk through its tree finds.
 *
 * cJSON is lenient, so what it accepts says nothing: control characters in strings, bad UTF-8, "01", "1.", anything at all behind the value.
 * It cuts strings and names at \u0000: texts with one are not compared. It reads at most 63 bytes of a number: longer ones are compared
 * with strtod alone. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../consumer/decode.h"
#include "../unit/pointers.h"

enum { BYTES_MOST = 1 << 20, DETAIL = 160, PATHS = 13 };

static const char *const paths[PATHS] = {
    "",     "/userId", "/traits/email", "/properties/value", "/properties/value/0", "/traits", "/a/0/b",
    "/a/1", "/a/10",   "/a/b/c/d/e",    "/\xc3\xa9",         "/traits/~1",          "//"};

#define check(condition) ((condition) ? (void)0 : failed(#condition, __LINE__))

static void failed(const char *condition, int line) {
  fprintf(stderr, "fuzz_event.c:%d: not so: %s\n", line, condition);
  abort();
}

static struct pointers *pointers;
static struct decoder *primed, *other, *again; /* `primed` sees all inputs, `other` and `again` mostly something else */

static enum reject decode(struct decoder *decoder, const struct record *record, struct event **event) {
  char detail[DETAIL];
  enum reject reject = decoder_decode(decoder, 0, record, event, detail);
  check(reject == REJECT_NONE || memchr(detail, 0, DETAIL));
  return reject;
}

/* Something else to remember: the same members in other orders, with other white space, and other names. */
static void distract(struct decoder *decoder, uint32_t number) {
  static const char *const events[] = {
      "{}",
      "{\"event\" : 1, \"userId\" : \"a\", \"a\" : [{\"c\" : 0}], \"timestamp\" : 2, \"traits\" : {\"email\" : 2}}",
      "{\"messageId\":\"b\",\"properties\":{\"path\":1,\"value\":[]},\"a\":{\"b\":{\"c\":{\"d\":{}}}},\"user\":1}",
      "{ \"a\": 1, \"\":{\"\":1 }, \"userId\":{}, \"type\": \"\"}",
  };
  const char *text = events[number % 4];
  struct record record = {.payload = slice_of(text), .timestamp_ms = 0};
  struct event *event;
  decode(decoder, &record, &event);
}

static void set_up(void) {
  if (pointers) return;
  pointers = pointers_segment();
  for (int i = 0; i < PATHS; i++) pointers_add(pointers, paths[i], i % 2 == 1);
  static struct slice names[] = {{"Page Viewed", 11}, {"e", 1}};
  pointers->definition.names = names;
  pointers->definition.name_count = 2;
  primed = decoder_create(&pointers->definition, 1, BYTES_MOST);
  other = decoder_create(&pointers->definition, 1, BYTES_MOST);
  again = decoder_create(&pointers->definition, 1, BYTES_MOST);
}

static void compare_values(const struct event *a, const struct event *b) {
  for (int32_t i = 0; i < pointers->definition.field_count; i++) {
    const struct value *x = &a->values[i], *y = &b->values[i];
    check(x->kind == y->kind && x->numeric == y->numeric && slice_equal(x->text, y->text));
    check(!x->numeric || memcmp(&x->number, &y->number, sizeof x->number) == 0);
  }
  check(a->name_index == b->name_index && a->time_ms == b->time_ms);
  check(slice_equal(a->lead, b->lead) && slice_equal(a->name, b->name) && slice_equal(a->id, b->id));
}

/* --- cJSON --- */

static const cJSON *child_of(const cJSON *node, struct slice token) {
  int index = 0;
  char number[16];
  for (const cJSON *child = node->child; child; child = child->next, index++) {
    snprintf(number, sizeof number, "%d", index);
    if (slice_equal(slice_of(cJSON_IsArray(node) ? number : child->string), token)) return child;
  }
  return NULL;
}

static enum value_kind kind_of(const cJSON *node) {
  if (!node) return VALUE_ABSENT;
  switch (node->type & 0xff) {
    case cJSON_False: return VALUE_FALSE;
    case cJSON_True: return VALUE_TRUE;
    case cJSON_NULL: return VALUE_NULL;
    case cJSON_Number: return VALUE_NUMBER;
    case cJSON_String: return VALUE_STRING;
    case cJSON_Array: return VALUE_ARRAY;
    default: return VALUE_OBJECT;
  }
}

static void compare_number(const struct value *value, const cJSON *node) {
  char *text = strndup(value->text.at, value->text.length);
  check(text);
  double number = strtod(text, NULL);
  check(value->numeric == (bool)isfinite(number));
  check(!value->numeric || memcmp(&number, &value->number, sizeof number) == 0);
  if (value->text.length < 64) check(node->valuedouble == number);
  free(text);
}

static bool has_nul(struct slice payload) {
  static const struct slice nul = {"\\u0000", 6};
  for (uint32_t i = 0; i + nul.length <= payload.length; i++)
    if (slice_equal((struct slice){payload.at + i, nul.length}, nul)) return true;
  return false;
}

static void compare_tree(const struct event *event, struct slice payload) {
  if (has_nul(payload)) return;
  cJSON *root = cJSON_ParseWithLength(payload.at, payload.length);
  check(root);
  for (int32_t i = 0; i < pointers->definition.field_count; i++) {
    const struct field *field = &pointers->definition.fields[i];
    const struct value *value = &event->values[i];
    const cJSON *node = root;
    for (int32_t t = 0; node && t < field->token_count; t++) node = child_of(node, field->tokens[t]);
    check(value->kind == kind_of(node));
    if (value->kind == VALUE_STRING) check(slice_equal(value->text, slice_of(node->valuestring)));
    if (value->kind == VALUE_NUMBER) compare_number(value, node);
  }
  cJSON_Delete(root);
}

/* --- */

static void compare_verdict(enum reject reject, struct slice payload) {
  size_t at = 0;
  const char *why = NULL;
  bool valid = json_valid(payload.at, payload.length, &at, &why);
  check(valid == (reject != REJECT_NOT_JSON));
  if (!valid) {
    check(at <= payload.length && why);
    return;
  }
  uint32_t first = 0;
  while (strchr(" \t\r\n", payload.at[first])) first++;
  check((payload.at[first] == '{') == (reject != REJECT_NOT_OBJECT));
}

static void one(const struct record *record, uint32_t number) {
  struct event *a = NULL, *b = NULL;
  enum reject reject = decode(primed, record, &a);
  distract(other, number);
  check(decode(other, record, &b) == reject);
  compare_verdict(reject, record->payload);
  if (reject != REJECT_NONE) return;
  compare_values(a, b);
  distract(again, number / 4);
  compare_values(a, decoder_redecode(again, 0, record, a));
  compare_tree(a, record->payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static uint32_t number;
  set_up();
  char *exact = malloc(size ? size : 1); /* so that a sanitizer sees a read behind it */
  check(exact);
  memcpy(exact, data, size);
  struct record record = {.payload = {exact, (uint32_t)size}, .timestamp_ms = size % 3 ? 1772357400000 : TIME_NONE};
  if (size % 4) record.key = SLICE("key");
  one(&record, number++);
  free(exact);
  return 0;
}

#ifdef FUZZ_STANDALONE
#include "standalone.h"

int main(int argc, char **argv) {
  static struct standalone run = {.name = "event", .count = 200000};
  return standalone_run(&run, argc, argv);
}
#endif
