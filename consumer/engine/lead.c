/* lead.c: a lead's block: its cells, and the data of its lists. */
#include "lead.h"

#include <assert.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static struct block *head(const struct lead *lead) { return (struct block *)(void *)lead->block; }

static struct list *list_cell(const struct plan *plan, const struct lead *lead, int32_t list) {
  return (struct list *)(void *)lead_cell(lead, plan->slot_count + list);
}

/* --- the block --- */

static int64_t *block_take(struct pool *pool, uint32_t units) {
  uint32_t room;
  int64_t *block = pool_take(pool, units, &room);
  *(struct block *)(void *)block = (struct block){room, room};
  return block;
}

void lead_begin(struct pool *pool, const struct plan *plan, struct lead *lead, struct slice id) {
  lead->id_length = (uint8_t)id.length;
  lead->block = block_take(pool, 1 + lead_id_units(lead) + plan->first_cells);
  memcpy(lead_name(lead), id.at, id.length);
}

static uint32_t free_units(const struct lead *lead) { return head(lead)->data - 1 - lead_id_units(lead) - lead->cells; }

/* Those that are there: lists come behind all slots. */
static struct list *lists_there(const struct plan *plan, const struct lead *lead, uint32_t *count) {
  uint32_t slots = lead_rank(lead, plan->slot_count);
  *count = lead->cells - slots;
  return (struct list *)(void *)(lead_cells(lead) + slots);
}

/* Moves all to a larger block, the lists' data close together: with room for `units` in the growing list, or (NONE) as many free. */
static void block_move(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t growing, uint32_t units) {
  int64_t *old = lead->block;
  uint32_t count, kept = 1 + lead_id_units(lead) + lead->cells, needed = kept + units;
  struct list *lists = lists_there(plan, lead, &count);
  const struct list *grows = growing == NONE ? NULL : list_cell(plan, lead, growing);
  for (uint32_t i = 0; i < count; i++) needed += &lists[i] == grows ? 0 : lists[i].room;
  int64_t *block = block_take(pool, needed);
  uint32_t at = ((struct block *)(void *)block)->room;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t before = lists[i].room, room = &lists[i] == grows ? units : before;
    at -= room;
    if (before) memcpy(block + at, old + lists[i].at, before * sizeof *old);
    lists[i].at = at;
    lists[i].room = (uint16_t)room;
  }
  memcpy(block + 1, old + 1, (kept - 1) * sizeof *old);
  ((struct block *)(void *)block)->data = at;
  lead->block = block;
  pool_give(pool, old, ((struct block *)(void *)old)->room);
}

void lead_lay(struct pool *pool, struct lead *lead, const int64_t *cells, uint32_t count, uint32_t lists,
              uint32_t spare) {
  int64_t *old = lead->block;
  uint32_t units = 0;
  for (uint32_t i = count - lists; i < count; i++) units += ((const struct list *)(const void *)cells)[i].room;
  lead->block = block_take(pool, 1 + lead_id_units(lead) + count + spare + units);
  lead->cells = (uint16_t)count;
  memcpy(lead->block + 1, old + 1, lead_id_units(lead) * sizeof *old);
  memcpy(lead_cells(lead), cells, count * sizeof *cells);
  pool_give(pool, old, ((struct block *)(void *)old)->room);
  struct list *list = (struct list *)(void *)(lead_cells(lead) + (count - lists));
  for (uint32_t i = 0; i < lists; i++) list[i].at = head(lead)->data -= list[i].room;
}

/* --- cells --- */

int64_t *lead_add(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t cell) {
  uint32_t rank = lead_rank(lead, cell);
  if (free_units(lead) == 0) block_move(pool, plan, lead, NONE, 1);
  int64_t *at = lead_cells(lead) + rank;
  memmove(at + 1, at, (lead->cells - rank) * sizeof *at);
  *at = 0;
  lead->cells++;
  lead->there[cell >> 6] |= UINT64_C(1) << (cell & 63);
  return at;
}

void lead_drop(struct lead *lead, int32_t cell) {
  if (!lead_has(lead, cell)) return;
  int64_t *at = lead_cell(lead, cell);
  lead->there[cell >> 6] &= ~(UINT64_C(1) << (cell & 63));
  lead->cells--;
  memmove(at, at + 1, (size_t)(lead_cells(lead) + lead->cells - at) * sizeof *at);
}

void lead_set_slot(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t slot, int64_t value) {
  if (value || lead_has(lead, slot)) *lead_make(pool, plan, lead, slot) = value;
}

void lead_set_stay(struct pool *pool, const struct plan *plan, struct lead *lead, struct stay stay) {
  int64_t value;
  memcpy(&value, &stay, sizeof value);
  lead_set_slot(pool, plan, lead, plan->stay, value);
}

/* --- lists --- */

struct list *lead_reserve(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t index,
                          uint32_t units) {
  lead_make(pool, plan, lead, plan->slot_count + index);
  struct list *list = list_cell(plan, lead, index);
  if (list->room >= units) return list;
  assert(units <= LIMIT_KEEP + 1);
  uint32_t room = 2u * list->room > units ? 2u * list->room : units;
  if (free_units(lead) < room) {
    block_move(pool, plan, lead, index, room);
    return list_cell(plan, lead, index);
  }
  uint32_t at = head(lead)->data -= room;
  if (list->room) memcpy(lead->block + at, lead->block + list->at, (size_t)list->room * sizeof *lead->block);
  list->at = at;
  list->room = (uint16_t)room;
  return list;
}

void lead_keep_time(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t index, int64_t t,
                    int32_t most) {
  if (lead_list(plan, lead, index)->count == most) {
    struct list *full = list_cell(plan, lead, index);
    int64_t *times = list_times(lead, full);
    if (t <= times[0]) return;
    memmove(times, times + 1, (size_t)(full->count - 1) * sizeof *times);
    full->count--;
  }
  struct list *list = lead_reserve(pool, plan, lead, index, lead_list(plan, lead, index)->count + 1u);
  int64_t *times = list_times(lead, list);
  int32_t at = list->count;
  while (at > 0 && times[at - 1] > t) {
    times[at] = times[at - 1];
    at--;
  }
  times[at] = t;
  list->count++;
}

void lead_set_text(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t index, struct slice text) {
  assert(text.length <= LIMIT_TEXT);
  struct list *list = lead_reserve(pool, plan, lead, index, (text.length + 7u) / 8u);
  if (text.length) memcpy(lead->block + list->at, text.at, text.length);
  list->count = (uint16_t)text.length;
}

/* A hash of 64 bits stands for an id: two ids of one lead are taken for each other once in 10¹⁸ pairs. */
static int64_t id_hash(struct slice id) { return (int64_t)XXH3_64bits(id.at, id.length); }

bool lead_seen_id(struct pool *pool, const struct plan *plan, struct lead *lead, struct slice id, int32_t most) {
  const struct list *list = lead_list(plan, lead, plan->ids);
  int64_t hash = id_hash(id), *ids = list_times(lead, list);
  for (uint32_t i = 0; i < list->count; i++)
    if (ids[i] == hash) return true;
  if (list->count < most) {
    struct list *grown = lead_reserve(pool, plan, lead, plan->ids, list->count + 1u);
    list_times(lead, grown)[grown->count++] = hash;
    return false;
  }
  ids[lead->oldest_id] = hash;
  lead->oldest_id = (uint8_t)((lead->oldest_id + 1) % most);
  return false;
}
