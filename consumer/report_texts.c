/* report_texts.c: bytes in blocks, which stay where they are. */
#include "report_texts.h"

#include "engine/memory.h"

enum { BLOCK = 64 << 10, ROOM_FIRST = 64 };

void report_texts_init(struct report_texts *texts) {
  *texts = (struct report_texts){.count = 1, .room = ROOM_FIRST};
  texts->at = memory_zeroed(ROOM_FIRST, sizeof *texts->at);
  table_init(&texts->table);
}

void report_texts_fini(struct report_texts *texts) {
  while (texts->block) {
    char *before;
    memcpy(&before, texts->block, sizeof before);
    memory_free(texts->block);
    texts->block = before;
  }
  memory_free(texts->at);
  if (texts->table.entries) table_fini(&texts->table);
  *texts = (struct report_texts){0};
}

static char *keep(struct report_texts *texts, struct slice text) {
  uint32_t wanted = text.length + 1;
  if (texts->size - texts->used < wanted) {
    uint32_t size = (uint32_t)sizeof texts->block + (wanted > BLOCK ? wanted : BLOCK);
    char *block = memory_grown(NULL, size);
    memcpy(block, &texts->block, sizeof texts->block);
    texts->block = block;
    texts->used = (uint32_t)sizeof texts->block;
    texts->size = size;
  }
  char *to = texts->block + texts->used;
  if (text.length) memcpy(to, text.at, text.length);
  to[text.length] = 0;
  texts->used += wanted;
  return to;
}

uint32_t report_texts_number(struct report_texts *texts, struct slice text) {
  if (!text.at) return 0;
  int32_t known = table_find(&texts->table, text, table_hash(text));
  if (known >= 0) return (uint32_t)known;
  if (texts->count == texts->room) {
    texts->room *= 2;
    texts->at = memory_grown(texts->at, texts->room * sizeof *texts->at);
  }
  struct slice kept = {keep(texts, text), text.length};
  texts->at[texts->count] = kept;
  table_add(&texts->table, kept, (int32_t)texts->count);
  return texts->count++;
}
