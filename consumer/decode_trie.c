/* decode_trie.c: builds the tree, and learns. */
#include "decode_trie.h"

#include <assert.h>

#include "engine/memory.h"

enum { GUESS_WAYS = 4 }; /* places among which a guess may be */

static const struct trail unknown = {{GUESS_NONE, GUESS_NONE}};

static void node_init(struct node *node) {
  node->field = NONE;
  node->first = node->lost = unknown;
  table_init(&node->members);
}

/* An array index as RFC 6901 writes it; an array in memory has no 10¹⁰ elements. */
static bool array_index(struct slice token, uint32_t *index) {
  uint64_t sum = 0;
  if (token.length == 0 || token.length > 10 || (token.length > 1 && token.at[0] == '0')) return false;
  for (uint32_t i = 0; i < token.length; i++) {
    if (token.at[i] < '0' || token.at[i] > '9') return false;
    sum = sum * 10 + (uint64_t)(token.at[i] - '0');
  }
  *index = (uint32_t)sum;
  return sum <= UINT32_MAX;
}

static void add_element(struct node *node, struct element element) {
  node->elements = memory_grown(node->elements, (size_t)(node->element_count + 1) * sizeof element);
  int32_t i = node->element_count++;
  for (; i > 0 && node->elements[i - 1].index > element.index; i--) node->elements[i] = node->elements[i - 1];
  node->elements[i] = element;
}

static void add_guesses(struct node *node) {
  node->guesses = memory_zeroed(GUESS_COUNT + 1, sizeof *node->guesses);
  for (int i = 0; i <= GUESS_COUNT; i++) node->guesses[i].trail = unknown;
}

/* The node that a token leads to. */
static int32_t descend(struct trie *trie, int32_t from, struct slice token) {
  struct node *node = &trie->nodes[from];
  int32_t child = table_find(&node->members, token, table_hash(token));
  if (child >= 0) return child;
  child = trie->count++;
  node_init(&trie->nodes[child]);
  table_add(&node->members, token, child);
  if (!node->guesses) add_guesses(node);
  uint32_t index;
  if (array_index(token, &index)) add_element(node, (struct element){index, child});
  return child;
}

void trie_init(struct trie *trie, const struct field *fields, int32_t field_count) {
  size_t most = 1;
  for (int32_t i = 0; i < field_count; i++) most += (size_t)fields[i].token_count;
  trie->nodes = memory_zeroed(most, sizeof *trie->nodes);
  trie->count = 1;
  trie->any_bytes = false;
  node_init(&trie->nodes[0]);
  add_guesses(&trie->nodes[0]);
  for (int32_t i = 0; i < field_count; i++) {
    int32_t at = 0;
    for (int32_t t = 0; t < fields[i].token_count; t++) at = descend(trie, at, fields[i].tokens[t]);
    assert(trie->nodes[at].field == NONE); /* each pointer stands once */
    trie->nodes[at].field = i;
    trie->nodes[at].numeric = fields[i].numeric;
  }
}

void trie_fini(struct trie *trie) {
  for (int32_t i = 0; i < trie->count; i++) {
    table_fini(&trie->nodes[i].members);
    memory_free(trie->nodes[i].elements);
    memory_free(trie->nodes[i].guesses);
  }
  memory_free(trie->nodes);
}

/* Where the guess is, or may be put: among GUESS_WAYS places that its name gives; in a free one, or in the place of another. */
static uint8_t place(struct node *node, struct slice bytes, uint32_t hash) {
  uint8_t chosen = GUESS_NONE;
  for (uint32_t way = 0; way < GUESS_WAYS; way++) {
    uint8_t i = (uint8_t)((hash + way) % GUESS_COUNT);
    const struct guess *guess = &node->guesses[i];
    if (slice_equal((struct slice){guess->bytes, guess->length}, bytes)) return i;
    if (guess->length == 0 && chosen == GUESS_NONE) chosen = i;
  }
  if (chosen == GUESS_NONE) chosen = (uint8_t)((hash + node->replaced++ % GUESS_WAYS) % GUESS_COUNT);
  node->guesses[chosen].length = 0;
  return chosen;
}

struct trail *trie_learn(struct node *node, struct trail *trail, struct slice bytes, uint32_t hash, int32_t child) {
  assert(bytes.length > 0 && bytes.length <= GUESS_BYTES);
  uint8_t i = place(node, bytes, hash);
  struct guess *guess = &node->guesses[i];
  if (guess->length == 0) {
    memcpy(guess->bytes, bytes.at, bytes.length);
    guess->length = (uint8_t)bytes.length;
    guess->child = child;
    guess->trail = unknown;
  }
  if (trail->next[0] != i) {
    trail->next[1] = trail->next[0];
    trail->next[0] = i;
  }
  return &guess->trail;
}
