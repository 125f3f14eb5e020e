/* audit_compare.c: two queues; their heads are the same, or the question is which of the two is found further back in the other. */
#include "audit_compare.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "engine/memory.h"

enum { RECENT = 4096, NOWHERE = -1 };

struct item {
  char *bytes, *id; /* id: NULL until it is asked for; "" where it has none */
  uint32_t length;
  bool counts;
  int64_t offset;
};

struct queue {
  struct item *at;
  int32_t start, count, room;
};

struct audit_compare {
  audit_find *find;
  void *context;
  struct queue decided, there;
  bool there_over, decided_over;
  int64_t before;          /* where decided_over: what is there from here on is another audit's */
  uint64_t recent[RECENT]; /* hashes of what was verified last */
  uint64_t verified, counted;
};

/* --- queues --- */

static struct item *item_at(const struct queue *queue, int32_t i) { return &queue->at[queue->start + i]; }

static void push(struct queue *queue, struct slice bytes, bool counts, int64_t offset) {
  if (queue->start + queue->count == queue->room) {
    if (queue->start > queue->room / 2) {
      memmove(queue->at, queue->at + queue->start, (size_t)queue->count * sizeof *queue->at);
      queue->start = 0;
    } else {
      queue->room = queue->room ? queue->room * 2 : 64;
      queue->at = memory_grown(queue->at, (size_t)queue->room * sizeof *queue->at);
    }
  }
  char *copy = memory_zeroed(bytes.length + 1, 1);
  if (bytes.length) memcpy(copy, bytes.at, bytes.length);
  queue->at[queue->start + queue->count++] = (struct item){copy, NULL, bytes.length, counts, offset};
}

static void item_fini(struct item *item) {
  memory_free(item->bytes);
  free(item->id);
}

static void take_out(struct queue *queue, int32_t i) {
  item_fini(item_at(queue, i));
  if (i == 0) {
    queue->start++;
  } else {
    memmove(item_at(queue, i), item_at(queue, i + 1), (size_t)(queue->count - i - 1) * sizeof *queue->at);
  }
  if (--queue->count == 0) queue->start = 0;
}

static void queue_fini(struct queue *queue) {
  while (queue->count > 0) take_out(queue, 0);
  memory_free(queue->at);
}

static struct slice bytes_of(const struct item *item) { return (struct slice){item->bytes, item->length}; }

/* The event's "id", "" where it has none. */
static const char *id_of(struct item *item) {
  if (item->id) return item->id;
  cJSON *root = cJSON_ParseWithLength(item->bytes, item->length);
  const cJSON *id = cJSON_GetObjectItemCaseSensitive(root, "id");
  item->id = memory_text(cJSON_IsString(id) ? id->valuestring : "");
  cJSON_Delete(root);
  return item->id;
}

/* Which of the queue is about the same; within the window. */
static int32_t place_of(const struct queue *queue, struct item *item) {
  const char *id = id_of(item);
  for (int32_t i = 0; i < queue->count && i < AUDIT_WINDOW; i++) {
    struct item *other = item_at(queue, i);
    if (*id ? strcmp(id_of(other), id) == 0 : slice_equal(bytes_of(other), bytes_of(item))) return i;
  }
  return NOWHERE;
}

/* --- findings --- */

static void report(const struct audit_compare *compare, enum audit_kind kind, const struct item *decided,
                   const struct item *there) {
  const struct audit_finding finding = {kind, there ? there->offset : -1,
                                        decided ? bytes_of(decided) : (struct slice){0},
                                        there ? bytes_of(there) : (struct slice){0}};
  compare->find(compare->context, &finding);
}

static void note_verified(struct audit_compare *compare, const struct item *item) { /* of those decided */
  compare->counted += item->counts;
  compare->recent[compare->verified++ % RECENT] = XXH3_64bits(item->bytes, item->length);
}

static bool was_there(const struct audit_compare *compare, const struct item *item) {
  uint64_t hash = XXH3_64bits(item->bytes, item->length);
  for (uint64_t i = 0; i < RECENT && i < compare->verified; i++)
    if (compare->recent[i] == hash) return true;
  return false;
}

static void drop_decided(struct audit_compare *compare) {
  report(compare, AUDIT_MISSING, item_at(&compare->decided, 0), NULL);
  take_out(&compare->decided, 0);
}

static void drop_there(struct audit_compare *compare) {
  struct item *item = item_at(&compare->there, 0);
  report(compare, was_there(compare, item) ? AUDIT_TWICE : AUDIT_UNEXPECTED, NULL, item);
  take_out(&compare->there, 0);
}

/* The head of what is there belongs to the i-th that was decided. */
static void match(struct audit_compare *compare, int32_t i) {
  struct item *decided = item_at(&compare->decided, i), *there = item_at(&compare->there, 0);
  bool same = slice_equal(bytes_of(decided), bytes_of(there));
  if (!same) report(compare, AUDIT_DIFFERENT, decided, there);
  if (i > 0 && same) report(compare, AUDIT_MOVED, decided, there);
  if (same) note_verified(compare, decided);
  take_out(&compare->decided, i);
  take_out(&compare->there, 0);
}

/* Heads that differ. */
static void resolve(struct audit_compare *compare) {
  int32_t of_there = place_of(&compare->decided, item_at(&compare->there, 0));
  int32_t of_decided = place_of(&compare->there, item_at(&compare->decided, 0));
  if (of_there == 0 || (of_there != NOWHERE && of_decided != NOWHERE)) {
    match(compare, of_there);
  } else {
    if (of_decided == NOWHERE) drop_decided(compare);
    if (of_there == NOWHERE) drop_there(compare);
  }
}

/* Enough of both is here to tell. */
static bool can_tell(const struct audit_compare *compare) {
  return (compare->decided_over || compare->decided.count >= AUDIT_WINDOW) &&
         (compare->there_over || compare->there.count >= AUDIT_WINDOW);
}

static void advance(struct audit_compare *compare) {
  struct queue *decided = &compare->decided, *there = &compare->there;
  while (decided->count > 0 && there->count > 0) {
    if (slice_equal(bytes_of(item_at(decided, 0)), bytes_of(item_at(there, 0)))) {
      note_verified(compare, item_at(decided, 0));
      take_out(decided, 0);
      take_out(there, 0);
    } else if (can_tell(compare)) {
      resolve(compare);
    } else {
      return;
    }
  }
  while (compare->there_over && decided->count > 0) drop_decided(compare);
  if (!compare->decided_over) return;
  while (there->count > 0 && item_at(there, 0)->offset < compare->before) drop_there(compare);
}

/* --- the outside --- */

struct audit_compare *audit_compare_create(audit_find *find, void *context) {
  struct audit_compare *compare = memory_zeroed(1, sizeof *compare);
  compare->find = find;
  compare->context = context;
  return compare;
}

void audit_compare_destroy(struct audit_compare *compare) {
  if (!compare) return;
  queue_fini(&compare->decided);
  queue_fini(&compare->there);
  memory_free(compare);
}

void audit_compare_decided(struct audit_compare *compare, struct slice bytes, bool counts) {
  push(&compare->decided, bytes, counts, -1);
  advance(compare);
}

void audit_compare_there(struct audit_compare *compare, struct slice bytes, int64_t offset) {
  push(&compare->there, bytes, false, offset);
  advance(compare);
}

bool audit_compare_wants(const struct audit_compare *compare) {
  return compare->there.count < AUDIT_WINDOW && compare->decided.count > compare->there.count;
}

bool audit_compare_doubts(const struct audit_compare *compare) {
  return compare->decided.count > 0 && compare->there.count < AUDIT_WINDOW;
}

void audit_compare_all_there(struct audit_compare *compare) {
  compare->there_over = true;
  advance(compare);
}

void audit_compare_all_decided(struct audit_compare *compare, int64_t before) {
  compare->decided_over = true;
  compare->before = before;
  advance(compare);
}

uint64_t audit_compare_verified(const struct audit_compare *compare) { return compare->counted; }

int64_t audit_compare_rest(const struct audit_compare *compare) {
  return compare->there.count > 0 ? item_at(&compare->there, 0)->offset : INT64_MAX;
}
