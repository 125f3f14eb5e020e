/* leads.c: find, add, prefetch, measure. */
#include "leads.h"

#include "memory.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { INDEX_FIRST = 1024, PARTS = 256 };

uint64_t leads_hash(struct slice id) { return XXH3_64bits(id.at, id.length) >> 32; }

void leads_init(struct leads *leads, const struct plan *plan) {
  *leads = (struct leads){.plan = plan, .pitch = plan->stride, .mask = INDEX_FIRST - 1};
  leads->index = memory_large(INDEX_FIRST * sizeof *leads->index);
}

void leads_fini(struct leads *leads) {
  region_fini(&leads->records);
  memory_free(leads->chunks);
  memory_large_free(leads->index, (leads->mask + 1) * sizeof *leads->index);
  pool_fini(&leads->pool);
}

void leads_share(struct leads *const *tables, int32_t count) {
  uint32_t pitch = 0;
  for (int32_t i = 0; i < count; i++) {
    tables[i]->beside = i > 0 ? tables[0] : NULL;
    tables[i]->offset = pitch;
    pitch += tables[i]->plan->stride;
  }
  for (int32_t i = 0; i < count; i++) tables[i]->pitch = pitch;
}

struct lead *leads_find(const struct leads *leads, struct slice id, uint32_t *number) {
  return leads_find_hashed(leads, id, leads_hash(id), number);
}

struct lead *leads_find_hashed(const struct leads *leads, struct slice id, uint64_t hash, uint32_t *number) {
  for (uint64_t i = hash & leads->mask; leads->index[i]; i = (i + 1) & leads->mask) {
    if (leads->index[i] >> 32 != hash) continue;
    uint32_t found = (uint32_t)leads->index[i] - 1;
    struct lead *lead = leads_at(leads, found);
    if (!slice_equal(lead_id(lead), id)) continue;
    *number = found;
    return lead;
  }
  return NULL;
}

static void index_put(struct leads *leads, uint64_t entry) {
  uint64_t i = (entry >> 32) & leads->mask;
  while (leads->index[i]) i = (i + 1) & leads->mask;
  leads->index[i] = entry;
}

static void index_grow(struct leads *leads, uint64_t to) {
  uint64_t *old = leads->index, room = leads->mask + 1;
  leads->mask = to - 1;
  leads->index = memory_large(to * sizeof *leads->index);
  for (uint64_t i = 0; i < room; i++)
    if (old[i]) index_put(leads, old[i]);
  memory_large_free(old, room * sizeof *old);
}

/* Room for so many leads in all. */
static void index_reserve(struct leads *leads, uint64_t count) {
  uint64_t room = leads->mask + 1;
  while (count * 4 > room * 3) room *= 2;
  if (room > leads->mask + 1) index_grow(leads, room);
}

/* Entries part by part of the index, so that what is looked at is near. */
static uint64_t *index_parts(const struct leads *leads, const uint32_t *hashes) {
  const int shift = __builtin_ctzll((leads->mask + 1) / PARTS);
  uint64_t *entries = memory_zeroed(leads->count, sizeof *entries);
  uint32_t begin[PARTS + 1] = {0};
  for (uint32_t i = 0; i < leads->count; i++) begin[((hashes[i] & leads->mask) >> shift) + 1]++;
  for (int32_t i = 0; i < PARTS; i++) begin[i + 1] += begin[i];
  for (uint32_t i = 0; i < leads->count; i++)
    entries[begin[(hashes[i] & leads->mask) >> shift]++] = (uint64_t)hashes[i] << 32 | (i + 1);
  return entries;
}

static struct slice entry_id(const struct leads *leads, uint64_t entry) {
  return lead_id(leads_at(leads, (uint32_t)entry - 1));
}

/* False: another lead has that name. */
static bool index_put_new(struct leads *leads, uint64_t entry) {
  uint64_t i = (entry >> 32) & leads->mask;
  for (; leads->index[i]; i = (i + 1) & leads->mask) {
    if (leads->index[i] >> 32 != entry >> 32) continue;
    if (slice_equal(entry_id(leads, leads->index[i]), entry_id(leads, entry))) return false;
  }
  leads->index[i] = entry;
  return true;
}

bool leads_index(struct leads *leads, const uint32_t *hashes) {
  bool good = true;
  index_reserve(leads, leads->count);
  uint64_t *entries = index_parts(leads, hashes);
  for (uint32_t i = 0; i < leads->count && good; i++) good = index_put_new(leads, entries[i]);
  memory_free(entries);
  return good;
}

static char *chunk_take(struct leads *leads, uint32_t at) {
  if (leads->beside) return leads->beside->chunks[at] + leads->offset;
  size_t bytes = (size_t)LEADS_CHUNK * leads->pitch;
  return memset(region_cut(&leads->records, bytes), 0, bytes);
}

struct lead *leads_append(struct leads *leads, struct slice id) {
  uint32_t number = leads->count++;
  if (number % LEADS_CHUNK == 0) {
    leads->chunks = memory_grown(leads->chunks, (number / LEADS_CHUNK + 1) * sizeof *leads->chunks);
    leads->chunks[number / LEADS_CHUNK] = chunk_take(leads, number / LEADS_CHUNK);
  }
  struct lead *lead = leads_at(leads, number);
  lead_begin(leads_pool(leads), leads->plan, lead, id);
  return lead;
}

struct lead *leads_add(struct leads *leads, struct slice id, uint32_t *number) {
  return leads_add_hashed(leads, id, leads_hash(id), number);
}

struct lead *leads_add_hashed(struct leads *leads, struct slice id, uint64_t hash, uint32_t *number) {
  index_reserve(leads, (uint64_t)leads->count + 1);
  *number = leads->count;
  struct lead *lead = leads_append(leads, id);
  index_put(leads, hash << 32 | leads->count);
  return lead;
}

uint64_t leads_bytes(const struct leads *leads) {
  return leads->records.bytes + (leads->mask + 1) * sizeof *leads->index + leads->pool.region.bytes;
}

void leads_prefetch_place(const struct leads *leads, uint64_t hash) {
  __builtin_prefetch(&leads->index[hash & leads->mask]);
}

uint32_t leads_guess(const struct leads *leads, uint64_t hash) {
  uint64_t i = hash & leads->mask;
  while (leads->index[i] && leads->index[i] >> 32 != hash) i = (i + 1) & leads->mask;
  return (uint32_t)leads->index[i] - 1;
}

void leads_prefetch_record(const struct leads *leads, uint64_t hash) {
  uint32_t number = leads_guess(leads, hash);
  if (number >= leads->count) return;
  const char *record = (const char *)leads_at(leads, number);
  for (uint32_t line = 0; line < leads->pitch; line += LEAD_ALIGN) __builtin_prefetch(record + line, 1);
}

/* The name and the first cells; of most leads that is all. A block may begin anywhere in its first line. */
void leads_prefetch_block(const struct leads *leads, uint32_t number) {
  if (number >= leads->count) return;
  const char *block = (const char *)leads_at(leads, number)->block;
  for (uint32_t line = 0; line < 3; line++) __builtin_prefetch(block + (size_t)line * LEAD_ALIGN, 1);
}
