/* decode_table.h: names to numbers: a hash table with open addressing, built once and then only read. */
#ifndef HANDOVER_CONSUMER_DECODE_TABLE_H
#define HANDOVER_CONSUMER_DECODE_TABLE_H

#include "engine/slice.h"

struct table_entry {
  struct slice key; /* belongs to somebody else, who keeps it */
  uint32_t hash;
  int32_t number; /* -1: the entry is free */
};

struct table {
  struct table_entry *entries; /* mask + 1 of them, at most half of them taken */
  uint32_t mask, count;
};

void table_init(struct table *table);
void table_fini(struct table *table);
/* The key is not there yet; number >= 0. */
void table_add(struct table *table, struct slice key, int32_t number);

static inline uint64_t table_mix(uint64_t hash, uint64_t bits) {
  hash = (hash ^ bits) * UINT64_C(0x9e3779b97f4a7c15);
  return hash ^ hash >> 32;
}

/* Eight bytes at a time; the last eight may overlap those before. */
static inline uint32_t table_hash(struct slice key) {
  uint64_t hash = key.length, bits = 0;
  const char *at = key.at;
  if (key.length < 8) {
    for (uint32_t i = 0; i < key.length; i++) bits = bits << 8 | (unsigned char)at[i];
    return (uint32_t)table_mix(hash, bits);
  }
  for (uint32_t i = 0; i + 8 < key.length; i += 8) {
    memcpy(&bits, at + i, sizeof bits);
    hash = table_mix(hash, bits);
  }
  memcpy(&bits, at + key.length - 8, sizeof bits);
  return (uint32_t)table_mix(hash, bits);
}

/* The key's number, or -1. `hash` is table_hash of the key. */
static inline int32_t table_find(const struct table *table, struct slice key, uint32_t hash) {
  for (uint32_t i = hash & table->mask;; i = (i + 1) & table->mask) {
    const struct table_entry *entry = &table->entries[i];
    if (entry->number < 0 || (entry->hash == hash && slice_equal(entry->key, key))) return entry->number;
  }
}

#endif
