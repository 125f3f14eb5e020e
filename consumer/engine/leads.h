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
  char **chunks;
  uint64_t *index;
  uint64_t mask;
  uint32_t count;
  struct pool pool;
};

void leads_init(struct leads *leads, const struct plan *plan);
void leads_fini(struct leads *leads);

static inline struct lead *leads_at(const struct leads *leads, uint32_t number) {
  return (struct lead *)(void *)(leads->chunks[number / LEADS_CHUNK] +
                                 (size_t)(number % LEADS_CHUNK) * leads->plan->stride);
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
/* In three steps, each of which needs what the one before has brought. Where two leads have the same place, the wrong one may come. */
void leads_prefetch_place(const struct leads *leads, uint64_t hash);
void leads_prefetch_record(const struct leads *leads, uint64_t hash);
void leads_prefetch_block(const struct leads *leads, uint64_t hash);
/* By number the first step is not needed; none of that number: nothing happens. */
void leads_prefetch_record_at(const struct leads *leads, uint32_t number);
void leads_prefetch_block_at(const struct leads *leads, uint32_t number);
uint64_t leads_bytes(const struct leads *leads); /* memory: records, index and pool */

#endif
