/* fuzz_definition.c: the parser of definitions, on every text:
 *
 *   there is a definition, or there are problems, never both and never neither; the same again the second time;
 *   problems have a place, stand in the order of the document, are UTF-8, and are no more than the cap;
 *   a definition runs: events and time go through the decoder and the engine, and what is published is JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../config/definition.h"
#include "../../consumer/lane.h"
#include "../../consumer/utf8.h"
#include "../../producer/encode.h"

enum { PROBLEMS_MOST = 101, BYTES_MOST = 1 << 20 };

#define check(condition) ((condition) ? (void)0 : failed(#condition, __LINE__))

static void failed(const char *condition, int line) {
  fprintf(stderr, "fuzz_definition.c:%d: not so: %s\n", line, condition);
  abort();
}

/* --- problems --- */

static void check_problems(const struct problems *problems) {
  check(problems->count <= PROBLEMS_MOST);
  for (size_t i = 0; i < problems->count; i++) {
    const struct problem *p = &problems->at[i], *before = i ? p - 1 : p;
    check(p->line > before->line || (p->line == before->line && p->column >= before->column));
    check(p->line >= 1 && p->column >= 1 && *p->message);
    check(*p->pointer == 0 || *p->pointer == '/');
    check(utf8_valid(slice_of(p->message)) && utf8_valid(slice_of(p->pointer)));
  }
}

static void compare_problems(const struct problems *a, const struct problems *b) {
  check(a->count == b->count);
  for (size_t i = 0; i < a->count; i++) {
    check(a->at[i].line == b->at[i].line && a->at[i].column == b->at[i].column);
    check(strcmp(a->at[i].pointer, b->at[i].pointer) == 0 && strcmp(a->at[i].message, b->at[i].message) == 0);
  }
}

/* --- a run --- */

static void take_change(void *context, const struct change *change) {
  struct buffer *buffer = context;
  size_t at;
  const char *why;
  buffer->length = 0;
  change_encode(buffer, change);
  check(json_valid(buffer->at, buffer->length, &at, &why));
}

static void take_dead_letter(void *context, const struct record *record, enum reject reject, const char *detail) {
  (void)context;
  (void)record;
  check(reject != REJECT_NONE && detail);
}

static void run(const struct definition *definition) {
  static const char *const events[] = {
      "{\"userId\":\"u\",\"messageId\":1,\"timestamp\":\"2026-03-02T09:00:00Z\",\"type\":\"identify\",\"traits\":{"
      "\"email\":\"a@b.c\","
      "\"t\":\"x\",\"company\":{\"employees\":250,\"industry\":\"software\"},\"decides\":\"true\",\"budget\":1e5}}",
      "{\"userId\":\"u\",\"messageId\":2,\"timestamp\":\"2026-03-02T10:00:00Z\",\"event\":\"Page "
      "Viewed\",\"properties\":{\"path\":\"/pricing/a\"}}",
      "{\"userId\":\"u\",\"messageId\":3,\"timestamp\":\"2026-03-02T10:30:00Z\",\"event\":\"Demo "
      "Requested\",\"properties\":{\"problem\":\"slow\"}}",
      "{\"userId\":\"u\",\"messageId\":3,\"timestamp\":\"2026-03-09T10:30:00Z\",\"event\":\"Lead "
      "Rejected\",\"properties\":{\"reason\":\"not now\"}}",
      "{\"userId\":\"v\",\"timestamp\":1773000000000,\"event\":\"E\"}"};
  struct buffer buffer = {0};
  struct sink sink = {.context = &buffer, .change = take_change, .dead_letter = take_dead_letter};
  struct lane *lane = lane_create(0, &definition, 1, &sink, BYTES_MOST);
  for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
    struct record record = {.payload = slice_of(events[i]), .timestamp_ms = TIME_NONE};
    record.position = (struct position){SLICE("events"), 0, (int64_t)i};
    lane_apply(lane, &record, 1);
  }
  lane_mark(lane, INT64_C(1776000000000));
  lane_destroy(lane);
  buffer_fini(&buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct problems first, second;
  char *exact = malloc(size ? size : 1); /* so that a sanitizer sees a read behind it */
  check(exact);
  memcpy(exact, data, size);
  struct definition *a = definition_parse(exact, size, &first), *b = definition_parse(exact, size, &second);
  free(exact); /* a definition owns what it points to */
  check((a == NULL) == (first.count > 0) && (b == NULL) == (second.count > 0));
  check_problems(&first);
  compare_problems(&first, &second);
  if (a) {
    check(b && slice_equal(a->digest, b->digest));
    run(a);
  }
  definition_destroy(a);
  definition_destroy(b);
  problems_fini(&first);
  problems_fini(&second);
  return 0;
}

#ifdef FUZZ_STANDALONE
#include "../../config/document.h"
#include "standalone.h"

/* --- changes of the tree, which stays JSON: most changes of bytes do not get past the grammar --- */

static struct standalone standalone = {.name = "definition", .count = 1000};

static size_t below(size_t most) { return standalone_below(&standalone, most); }

static size_t count_nodes(const cJSON *node) {
  size_t count = 1;
  for (const cJSON *child = node->child; child; child = child->next) count += count_nodes(child);
  return count;
}

/* The node with this number, from 0, and its parent. */
static cJSON *find_node(cJSON *node, size_t *number, cJSON **parent) {
  if (*number == 0) return node;
  for (cJSON *child = node->child; child; child = child->next) {
    --*number;
    cJSON *found = find_node(child, number, parent);
    if (found && found == child) *parent = node;
    if (found) return found;
  }
  return NULL;
}

static cJSON *pick_node(cJSON *root, cJSON **parent) {
  size_t number = below(count_nodes(root));
  *parent = NULL;
  return find_node(root, &number, parent);
}

static void put_value(cJSON *node, const cJSON *other) {
  cJSON *copy = cJSON_Duplicate(other, true), before = *node;
  node->type = copy->type;
  node->child = copy->child;
  node->valuestring = copy->valuestring;
  node->valuedouble = copy->valuedouble;
  node->valueint = copy->valueint;
  copy->type = before.type;
  copy->child = before.child;
  copy->valuestring = before.valuestring;
  cJSON_Delete(copy);
}

static void put_name(cJSON *node, const char *name) {
  if (!node->string) return;
  char *copy = strdup(name);
  free(node->string);
  node->string = copy;
}

static void put_scalar(cJSON *node) {
  static const char *const scalars[] = {"0",          "-1",       "1",       "2",         "100",         "1.5",
                                        "1e3",        "0.0001",   "1e9",     "true",      "false",       "null",
                                        "\"\"",       "\"*\"",    "\"1d\"",  "\"1s\"",    "\"/a\"",      "\"~\"",
                                        "\"mql\"",    "\"need\"", "\"fit\"", "\"sales\"", "\"email\"",   "\"@key\"",
                                        "\"events\"", "{}",       "[]",      "[\"x\"]",   "\"x\\u00e9\""};
  cJSON *scalar = cJSON_Parse(scalars[below(sizeof scalars / sizeof *scalars)]);
  put_value(node, scalar);
  cJSON_Delete(scalar);
}

static void change_tree(cJSON *root) {
  cJSON *parent, *other_parent;
  cJSON *node = pick_node(root, &parent), *other = pick_node(root, &other_parent);
  switch (below(6)) {
    case 0: put_value(node, other); break;
    case 1: put_scalar(node); break;
    case 2:
      if (other->string) put_name(node, other->string);
      break;
    case 3:
      if (node->string && *node->string) put_name(node, node->string + 1); /* a letter is missing */
      break;
    case 4:
      if (parent) cJSON_Delete(cJSON_DetachItemViaPointer(parent, node));
      break;
    default:
      if (cJSON_IsArray(parent)) cJSON_AddItemToArray(parent, cJSON_Duplicate(node, true));
      if (cJSON_IsObject(node) && other->string)
        cJSON_AddItemToObject(node, other->string, cJSON_Duplicate(other, true));
      break;
  }
}

static void run_trees(void) {
  for (standalone_number = 0; standalone_number < standalone.count; standalone_number++) {
    struct document document;
    size_t at;
    const char *why;
    const struct standalone_text *seed = standalone_pick(&standalone, &standalone.seeds);
    check(document_parse(&document, seed->at, seed->length, &at, &why));
    for (size_t changes = 1 + below(4); changes > 0; changes--) change_tree(document.root);
    char *text = cJSON_PrintUnformatted(document.root);
    standalone.size = strlen(text);
    if (standalone.size <= STANDALONE_MOST) {
      memcpy(standalone.input, text, standalone.size);
      LLVMFuzzerTestOneInput(standalone.input, standalone.size);
    }
    free(text);
    document_fini(&document);
  }
  printf("%ld trees\n", standalone.count);
}

int main(int argc, char **argv) {
  int status = standalone_run(&standalone, argc, argv);
  char *end = NULL;
  if (argc > 1) standalone.count = strtol(argv[1], &end, 10);
  if (!end || *end == 0) run_trees();
  return status;
}
#endif
