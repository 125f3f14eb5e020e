/* decode_walk.c: down through objects and arrays as long as somebody wants what is in them.
 *
 *   walk_document → walk_object ─┬→ find_head   the name: by a guess, or read
 *                                └→ walk_value ─┬→ walk_object, walk_array   somebody wants what is inside
 *                                               ├→ take_string, take_number  somebody wants it
 *                                               └→ scan_value                nobody does: it only has to be JSON */
#include "decode_walk.h"

#include <math.h>

#include "decode.h"
#include "decode_scan.h"
#include "engine/memory.h"

enum { SCRATCH_KEPT = 64 << 10, SCRATCH_LEAST = 1 << 10 };

struct walk {
  struct scan scan;
  struct node *nodes;
  uint64_t round;
  struct value *values;
  struct scratch *scratch;
  uint64_t present; /* of the event */
};

/* --- decoded texts --- */

void scratch_reserve(struct scratch *scratch, uint32_t bytes) {
  bool small = bytes <= SCRATCH_KEPT;
  if (bytes <= scratch->capacity && !(small && scratch->capacity > SCRATCH_KEPT)) return;
  uint32_t capacity = SCRATCH_LEAST;
  while (capacity < bytes && capacity < SCRATCH_KEPT) capacity *= 2;
  if (capacity < bytes) capacity = bytes;
  memory_free(scratch->at);
  scratch->at = memory_grown(NULL, capacity);
  scratch->capacity = capacity;
}

/* All texts that are decoded of one document are together no longer than it is. */
static struct slice unescape(struct walk *walk, struct slice raw) {
  struct scratch *scratch = walk->scratch;
  if (scratch->used == 0) scratch_reserve(scratch, (uint32_t)(walk->scan.end - walk->scan.begin));
  char *to = scratch->at + scratch->used;
  return (struct slice){to, scan_unescape(raw, to)};
}

static struct slice slice_between(const char *from, const char *to) {
  return (struct slice){from, (uint32_t)(to - from)};
}

/* --- values that somebody wants --- */

static void take_number(struct value *value, struct slice text) {
  value->numeric = json_number(text, &value->number) && isfinite(value->number);
}

static void take_string(struct walk *walk, const struct node *node, struct slice text, bool escaped) {
  struct value *value = &walk->values[node->field];
  if (escaped) {
    text = unescape(walk, text);
    walk->scratch->used += text.length;
  }
  value->kind = VALUE_STRING;
  value->text = text;
  if (node->numeric && text.length && (*text.at == '-' || (*text.at >= '0' && *text.at <= '9')))
    take_number(value, text);
}

static uint8_t kind_of(char first) {
  switch (first) {
    case '{': return VALUE_OBJECT;
    case '[': return VALUE_ARRAY;
    case 't': return VALUE_TRUE;
    case 'f': return VALUE_FALSE;
    case 'n': return VALUE_NULL;
    default: return VALUE_NUMBER;
  }
}

/* Anything but a string: what has been found to stand from `at` to `end`. */
static void take_other(struct walk *walk, const struct node *node, const char *at, const char *end) {
  struct value *value = &walk->values[node->field];
  value->kind = kind_of(*at);
  if (value->kind >= VALUE_OBJECT || value->kind == VALUE_NULL) return;
  value->text = slice_between(at, end);
  if (value->kind == VALUE_NUMBER) take_number(value, value->text);
}

/* --- down --- */

static const char *walk_object(struct walk *walk, const char *at, struct node *node, int room);
static const char *walk_array(struct walk *walk, const char *at, const struct node *node, int room);

/* What is not a string, at a place that somebody wants or that is on the way. */
static const char *walk_other(struct walk *walk, const char *at, struct node *node, int room) {
  const char *end;
  if (*at == '{' && node->members.count && room > 0) {
    end = walk_object(walk, at + 1, node, room - 1);
    if (end == walk->scan.end) end = NULL;
  } else if (*at == '[' && node->element_count && room > 0) {
    end = walk_array(walk, at + 1, node, room - 1);
  } else {
    end = scan_value(&walk->scan, at, room);
  }
  if (end && node->field >= 0) take_other(walk, node, at, end);
  return end;
}

static inline const char *walk_value(struct walk *walk, const char *at, int32_t child, int room) {
  struct node *node = NULL;
  if (child >= 0 && walk->nodes[child].seen != walk->round) {
    node = &walk->nodes[child];
    node->seen = walk->round;
    if (node->field >= 0) walk->present |= event_bit(node->field);
  }
  if (*at == '"') {
    bool escaped = false;
    const char *end = scan_string(&walk->scan, at + 1, &escaped);
    if (!end) return NULL;
    if (node && node->field >= 0) take_string(walk, node, slice_between(at + 1, end), escaped);
    return end + 1;
  }
  return node ? walk_other(walk, at, node, room) : scan_value(&walk->scan, at, room);
}

static const char *walk_array(struct walk *walk, const char *at, const struct node *node, int room) {
  int32_t next = 0;
  at = scan_white(at);
  if (*at == ']') return at + 1;
  for (uint32_t i = 0;; i++) {
    bool wanted = next < node->element_count && node->elements[next].index == i;
    at = walk_value(walk, at, wanted ? node->elements[next++].child : NONE, room);
    if (!at) return NULL;
    at = scan_white(at);
    if (*at == ']') return at + 1;
    if (*at != ',') return NULL;
    at = scan_white(at + 1);
  }
}

/* --- members --- */

struct head {
  int32_t child;
  struct trail *trail; /* what may follow */
};

static inline bool fits(const struct guess *guess, const char *at, const char *end) {
#ifdef __SSE2__
  if (end - at >= GUESS_BYTES) {
    const __m128i *known = (const __m128i *)(const void *)guess->bytes, *here = (const __m128i *)(const void *)at;
    __m128i low = _mm_cmpeq_epi8(_mm_loadu_si128(known), _mm_loadu_si128(here));
    __m128i high = _mm_cmpeq_epi8(_mm_loadu_si128(known + 1), _mm_loadu_si128(here + 1));
    uint64_t same = (unsigned)_mm_movemask_epi8(low) | (uint64_t)(unsigned)_mm_movemask_epi8(high) << 16;
    uint64_t all = (UINT64_C(1) << guess->length) - 1;
    return guess->length && (same & all) == all;
  }
#endif
  return guess->length && end - at >= guess->length && memcmp(guess->bytes, at, guess->length) == 0;
}

/* Reads a name and the colon, from behind '{' or ','. */
static const char *read_head(struct walk *walk, const char *at, struct node *node, struct trail *trail,
                             struct head *head) {
  const char *start = at, *end;
  bool escaped = false;
  at = scan_white(at);
  if (*at != '"' || !(end = scan_string(&walk->scan, at + 1, &escaped))) return NULL;
  struct slice name = slice_between(at + 1, end);
  if (escaped) name = unescape(walk, name); /* for now: nothing more is used of the scratch */
  at = scan_white(end + 1);
  if (*at != ':') return NULL;
  at = scan_white(at + 1);
  uint32_t hash = table_hash(name);
  head->child = table_find(&node->members, name, hash);
  struct slice bytes = slice_between(start, at);
  head->trail = bytes.length <= GUESS_BYTES ? trie_learn(node, trail, bytes, hash, head->child) : &node->lost;
  return at;
}

static inline const char *find_head(struct walk *walk, const char *at, struct node *node, struct trail *trail,
                                    struct head *head) {
  for (int i = 0; i < TRAIL_WIDTH; i++) {
    struct guess *guess = &node->guesses[trail->next[i]];
    if (!fits(guess, at, walk->scan.end)) continue;
    *head = (struct head){guess->child, &guess->trail};
    return scan_white(at + guess->length); /* there may be more of it than last time */
  }
  return read_head(walk, at, node, trail, head);
}

/* From behind '{'. What is behind '}' may be the end of the text. */
static const char *walk_object(struct walk *walk, const char *at, struct node *node, int room) {
  struct head head = {NONE, &node->first};
  const char *close = scan_white(at);
  if (*close == '}') return close + 1;
  for (;; at++) {
    at = find_head(walk, at, node, head.trail, &head);
    if (!at || !(at = walk_value(walk, at, head.child, room))) return NULL;
    if (*at == ',') continue;
    at = scan_white(at);
    if (*at == '}') return at + 1;
    if (*at != ',') return NULL;
  }
}

bool walk_document(struct trie *trie, struct slice document, uint64_t round, struct event *event,
                   struct scratch *scratch) {
  const char *begin = document.at, *end = begin + document.length;
  while (end > begin && (end[-1] == ' ' || end[-1] == '\n' || end[-1] == '\t' || end[-1] == '\r')) end--;
  if (end == begin || end[-1] != '}') return false;
  struct node *root = &trie->nodes[0];
  struct walk walk = {{begin, end, trie->any_bytes}, trie->nodes, round, event->values, scratch, 0};
  const char *at = scan_white(begin);
  if (*at != '{' || walk_object(&walk, at + 1, root, LIMIT_DEPTH - 1) != end) return false;
  if (root->field >= 0) {
    walk.present |= event_bit(root->field);
    take_other(&walk, root, at, end);
  }
  event->present = walk.present;
  return true;
}
