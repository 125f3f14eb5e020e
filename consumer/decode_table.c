/* decode_table.c: how the table grows. */
#include "decode_table.h"

#include <assert.h>

#include "engine/memory.h"

static void make_room(struct table *table, uint32_t size) {
  table->mask = size - 1;
  table->entries = memory_zeroed(size, sizeof *table->entries);
  for (uint32_t i = 0; i < size; i++) table->entries[i].number = -1;
}

static void place(struct table *table, struct table_entry entry) {
  uint32_t i = entry.hash & table->mask;
  while (table->entries[i].number >= 0) i = (i + 1) & table->mask;
  table->entries[i] = entry;
}

static void grow(struct table *table) {
  struct table before = *table;
  make_room(table, (before.mask + 1) * 2);
  for (uint32_t i = 0; i <= before.mask; i++)
    if (before.entries[i].number >= 0) place(table, before.entries[i]);
  memory_free(before.entries);
}

void table_init(struct table *table) {
  table->count = 0;
  make_room(table, 2);
}

void table_fini(struct table *table) { memory_free(table->entries); }

void table_add(struct table *table, struct slice key, int32_t number) {
  uint32_t hash = table_hash(key);
  assert(number >= 0 && table_find(table, key, hash) < 0);
  if (++table->count > (table->mask + 1) / 2) grow(table);
  place(table, (struct table_entry){key, hash, number});
}
