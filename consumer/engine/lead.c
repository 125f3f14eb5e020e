/* lead.c: a lead's lists: times, texts and message ids in its block. */
#include "lead.h"

#include <assert.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Moves all lists to a larger block, close together, the growing one with room for `units`. */
static void block_grow(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t growing, uint32_t units) {
  struct list *lists = lead_list(plan, lead, 0);
  uint32_t needed = units;
  for (int32_t i = 0; i < plan->list_count; i++) needed += i == growing ? 0 : lists[i].room;
  uint32_t room, used = 0;
  int64_t *block = pool_take(pool, needed, &room);
  for (int32_t i = 0; i < plan->list_count; i++) {
    if (lists[i].room) memcpy(block + used, lead->block + lists[i].at, (size_t)lists[i].room * sizeof *block);
    lists[i].at = used;
    if (i == growing) lists[i].room = (uint16_t)units;
    used += lists[i].room;
  }
  if (lead->block) pool_give(pool, lead->block, lead->block_room);
  lead->block = block;
  lead->block_room = room;
  lead->block_used = used;
}

void lead_reserve(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t index, uint32_t units) {
  struct list *list = lead_list(plan, lead, index);
  if (list->room >= units) return;
  assert(units <= LIMIT_KEEP + 1);
  uint32_t room = 2u * list->room > units ? 2u * list->room : units;
  if (lead->block_used + room > lead->block_room) {
    block_grow(pool, plan, lead, index, room);
    return;
  }
  if (list->count)
    memcpy(lead->block + lead->block_used, lead->block + list->at, (size_t)list->room * sizeof *lead->block);
  list->at = lead->block_used;
  list->room = (uint16_t)room;
  lead->block_used += room;
}

void lead_lay(struct pool *pool, const struct plan *plan, struct lead *lead, const uint16_t *counts) {
  struct list *lists = lead_list(plan, lead, 0);
  uint32_t used = 0;
  for (int32_t i = 0; i < plan->list_count; i++) {
    uint32_t units = i < plan->text_count ? (counts[i] + 7u) / 8u : counts[i];
    lists[i] = (struct list){used, counts[i], (uint16_t)units};
    used += units;
  }
  lead->block = pool_take(pool, used, &lead->block_room);
  lead->block_used = used;
}

void lead_keep_time(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t index, int64_t t,
                    int32_t most) {
  struct list *list = lead_list(plan, lead, index);
  if (list->count == most) {
    int64_t *times = list_times(lead, list);
    if (t <= times[0]) return;
    memmove(times, times + 1, (size_t)(list->count - 1) * sizeof *times);
    list->count--;
  }
  lead_reserve(pool, plan, lead, index, list->count + 1u);
  int64_t *times = list_times(lead, list);
  int32_t at = list->count;
  while (at > 0 && times[at - 1] > t) {
    times[at] = times[at - 1];
    at--;
  }
  times[at] = t;
  list->count++;
}

struct slice lead_text(const struct plan *plan, const struct lead *lead, int32_t index) {
  const struct list *list = lead_list(plan, lead, index);
  return (struct slice){list->room ? (const char *)(lead->block + list->at) : "", list->count};
}

bool lead_set_text(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t index, struct slice text) {
  assert(text.length <= LIMIT_TEXT);
  if (slice_equal(lead_text(plan, lead, index), text)) return false;
  lead_reserve(pool, plan, lead, index, (text.length + 7u) / 8u);
  struct list *list = lead_list(plan, lead, index);
  if (text.length) memcpy(lead->block + list->at, text.at, text.length);
  list->count = (uint16_t)text.length;
  return true;
}

/* A hash of 64 bits stands for an id: two ids of one lead are taken for each other once in 10¹⁸ pairs. */
static int64_t id_hash(struct slice id) { return (int64_t)XXH3_64bits(id.at, id.length); }

bool lead_seen_id(struct pool *pool, const struct plan *plan, struct lead *lead, struct slice id, int32_t most) {
  struct list *list = lead_list(plan, lead, plan->ids);
  int64_t hash = id_hash(id);
  const int64_t *ids = list_times(lead, list);
  for (uint32_t i = 0; i < list->count; i++)
    if (ids[i] == hash) return true;
  if (list->count < most) {
    lead_reserve(pool, plan, lead, plan->ids, list->count + 1u);
    list_times(lead, list)[list->count++] = hash;
    return false;
  }
  list_times(lead, list)[lead->oldest_id] = hash;
  lead->oldest_id = (uint8_t)((lead->oldest_id + 1) % most);
  return false;
}
