/* leads.h: the table of a task's leads: dense records in chunks, and an index of 8-byte entries over them.
 *
 * A record's number is the order of creation and never changes; records never move. The index is open addressing with linear
 * probing, at most 3/4 full: an entry is the upper half a 32-bit hash, the lower half number + 1; 0 is empty. */
#ifndef HANDOVER_ENGINE_LEADS_H
#define HANDOVER_ENGINE_LEADS_H

#include "lead.h"

enum { LEADS_CHUNK = 1024 };

struct leads {
  const struct plan *plan;
  uint32_t pitch;       /* bytes from record to record */
  struct leads *beside; /* whose chunks and pool these are, too (leads_share); NULL: its own */
  uint32_t offset;      /* in theirs: bytes before the first record */
  char **chunks;
  uint64_t *index;
  uint64_t mask;
  uint32_t count;
  struct region records; /* of which the chunks are cut */
  struct pool pool;
};

void leads_init(struct leads *leads, const struct plan *plan);
void leads_fini(struct leads *leads);
/* Tables that get the same leads, the first of them first: records of one number lie side by side, and come near together; blocks come
 * from the first one's pool. All are empty; the first outlives the others' use. */
void leads_share(struct leads *const *tables, int32_t count);

/* Where its blocks are taken from: of tables side by side those of one lead come to lie side by side, too, mostly. */
static inline struct pool *leads_pool(struct leads *leads) {
  return leads->beside ? &leads->beside->pool : &leads->pool;
}
static inline struct lead *leads_at(const struct leads *leads, uint32_t number) {
  return (struct lead *)(void *)(leads->chunks[number / LEADS_CHUNK] + (size_t)(number % LEADS_CHUNK) * leads->pitch);
}
uint64_t leads_hash(struct slice id); /* 32 bits of it are used */
/* Returns NULL where there is none. *number is set where there is one. */
struct lead *leads_find(const struct leads *leads, struct slice id, uint32_t *number);
struct lead *leads_find_hashed(const struct leads *leads, struct slice id, uint64_t hash, uint32_t *number);
/* A lead that is not there yet: without any cell. */
struct lead *leads_add(struct leads *leads, struct slice id, uint32_t *number);
struct lead *leads_add_hashed(struct leads *leads, struct slice id, uint64_t hash, uint32_t *number);
/* The same for a table of which all are reached by number: leads_find does not find it. */
struct lead *leads_append(struct leads *leads, struct slice id);
/* leads_find finds them all from here on, of which none has been found: all were appended. `hashes` by number. False: two have one name. */
bool leads_index(struct leads *leads, const uint32_t *hashes);
/* Brings a lead's memory near in three steps, each of which needs what the one before has brought: its place in the index; its record,
 * and those beside it; its block. Where two leads have the same hash, the wrong one may come; no lead of that number: nothing does. */
void leads_prefetch_place(const struct leads *leads, uint64_t hash);
void leads_prefetch_record(const struct leads *leads, uint64_t hash);
void leads_prefetch_block(const struct leads *leads, uint32_t number);
/* The number of the first with that hash, most often its own; or what is no number. */
uint32_t leads_guess(const struct leads *leads, uint64_t hash);
/* Memory: records, index and pool; of tables side by side the first has all but the index. */
uint64_t leads_bytes(const struct leads *leads);

#endif
