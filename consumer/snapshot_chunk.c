/* snapshot_chunk.c: the layout of a chunk, and what is left of two uploads.
 *
 * A value, little endian (u: unsigned, number: bits):
 *   at 0   8 bytes "HANDCHK1" (the digit is the format)
 *   at 8   u64 id of the upload
 *   at 16  u64 bytes of the whole snapshot
 *   at 24  u32 index, u32 count of chunks
 *   at 32  u64 XXH3-64 of the 32 bytes before and of all that follows
 *   at 40  SNAPSHOT_CHUNK_BYTES of the snapshot; the last chunk has the rest
 * Invariants of a collector:
 *   1. What lies in chunks[i] is the last value of that key, if it was a whole chunk; else it is empty.
 *   2. A generation is whole if the chunks 0 to count-1 have one id, one count and one total. Every upload writes index 0, so
 *      the one that lies there is the only one that can be whole. */
#include "snapshot_chunk.h"

#include <assert.h>
#include <stdio.h>

#include "engine/memory.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are written as they lie in memory");

enum { MAGIC = 8, CHECKSUM_AT = 32, NO_GENERATION = -1 };

static const char magic[MAGIC + 1] = "HANDCHK1";

static uint64_t count_of(uint64_t total) { return total / SNAPSHOT_CHUNK_BYTES + (total % SNAPSHOT_CHUNK_BYTES != 0); }

struct snapshot_piece snapshot_chunk_piece(uint64_t total, uint32_t index) {
  uint64_t at = (uint64_t)index * SNAPSHOT_CHUNK_BYTES, left = total - at;
  return (struct snapshot_piece){at, left < SNAPSHOT_CHUNK_BYTES ? (size_t)left : SNAPSHOT_CHUNK_BYTES};
}

static uint64_t checksum_of(const char *value, size_t length) {
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  XXH3_64bits_update(&state, value, CHECKSUM_AT);
  XXH3_64bits_update(&state, value + SNAPSHOT_CHUNK_HEAD, length - SNAPSHOT_CHUNK_HEAD);
  return XXH3_64bits_digest(&state);
}

/* --- to records --- */

uint32_t snapshot_chunk_count(uint64_t length) {
  assert(length > 0 && count_of(length) <= SNAPSHOT_CHUNKS_MAX);
  return (uint32_t)count_of(length);
}

void snapshot_chunk_key(char key[SNAPSHOT_CHUNK_KEY], int32_t partition, int32_t generation, uint32_t index) {
  snprintf(key, SNAPSHOT_CHUNK_KEY, "%d/%d/%u", (int)partition, (int)generation, (unsigned)index);
}

void snapshot_chunk_encode(struct buffer *value, uint64_t id, uint64_t total, uint32_t index, const void *bytes) {
  const uint32_t numbers[2] = {index, snapshot_chunk_count(total)};
  assert(index < numbers[1]);
  const size_t size = SNAPSHOT_CHUNK_HEAD + snapshot_chunk_piece(total, index).length;
  char *at = buffer_reserve(value, size);
  memcpy(at, magic, MAGIC);
  memcpy(at + 8, &id, sizeof id);
  memcpy(at + 16, &total, sizeof total);
  memcpy(at + 24, numbers, sizeof numbers);
  memcpy(at + SNAPSHOT_CHUNK_HEAD, bytes, size - SNAPSHOT_CHUNK_HEAD);
  const uint64_t checksum = checksum_of(at, size);
  memcpy(at + CHECKSUM_AT, &checksum, sizeof checksum);
  buffer_used(value, size);
}

/* --- from records: keys --- */

/* Digits, without leading zeros, up to the end; *number at most `most`. */
static bool take_number(struct slice *text, uint32_t most, uint32_t *number) {
  uint64_t value = 0;
  uint32_t count = 0;
  for (; count < text->length && text->at[count] >= '0' && text->at[count] <= '9'; count++) {
    if (count > 0 && value == 0) return false;
    value = value * 10 + (uint64_t)(text->at[count] - '0');
    if (value > most) return false;
  }
  *number = (uint32_t)value;
  text->at += count;
  text->length -= count;
  return count > 0;
}

static bool take_slash(struct slice *text) {
  if (text->length == 0 || *text->at != '/') return false;
  text->at++;
  text->length--;
  return true;
}

static bool key_parse(struct slice key, int32_t partition, uint32_t *generation, uint32_t *index) {
  uint32_t number;
  return take_number(&key, INT32_MAX, &number) && number == (uint32_t)partition && take_slash(&key) &&
         take_number(&key, SNAPSHOT_GENERATIONS - 1, generation) && take_slash(&key) &&
         take_number(&key, SNAPSHOT_CHUNKS_MAX - 1, index) && key.length == 0;
}

/* --- from records: values --- */

/* Its bytes stay those of the value. */
static bool value_parse(struct slice value, uint32_t index, struct snapshot_chunk *chunk) {
  uint32_t numbers[2];
  uint64_t checksum;
  if (!value.at || value.length < SNAPSHOT_CHUNK_HEAD || memcmp(value.at, magic, MAGIC) != 0) return false;
  memcpy(&chunk->id, value.at + 8, sizeof chunk->id);
  memcpy(&chunk->total, value.at + 16, sizeof chunk->total);
  memcpy(numbers, value.at + 24, sizeof numbers);
  memcpy(&checksum, value.at + CHECKSUM_AT, sizeof checksum);
  chunk->count = numbers[1];
  chunk->length = value.length - SNAPSHOT_CHUNK_HEAD;
  return numbers[0] == index && index < chunk->count && chunk->count <= SNAPSHOT_CHUNKS_MAX &&
         chunk->count == count_of(chunk->total) && chunk->length == snapshot_chunk_piece(chunk->total, index).length &&
         checksum == checksum_of(value.at, value.length);
}

static void generation_make_room(struct snapshot_generation *generation, uint32_t count) {
  if (count <= generation->room) return;
  uint32_t room = generation->room * 2 > count ? generation->room * 2 : count;
  generation->chunks = memory_grown(generation->chunks, room * sizeof *generation->chunks);
  memset(generation->chunks + generation->room, 0, (room - generation->room) * sizeof *generation->chunks);
  generation->room = room;
}

static void chunk_clear(struct snapshot_chunk *chunk) {
  memory_free(chunk->bytes);
  *chunk = (struct snapshot_chunk){0};
}

static void generation_clear(struct snapshot_generation *generation) {
  for (uint32_t i = 0; i < generation->room; i++) chunk_clear(&generation->chunks[i]);
  memory_free(generation->chunks);
  generation->chunks = NULL;
  generation->room = 0;
}

/* --- the collector --- */

void snapshot_chunks_init(struct snapshot_chunks *chunks, int32_t partition) {
  *chunks = (struct snapshot_chunks){.partition = partition, .kept = NO_GENERATION};
}

void snapshot_chunks_fini(struct snapshot_chunks *chunks) {
  for (int32_t i = 0; i < SNAPSHOT_GENERATIONS; i++) generation_clear(&chunks->generations[i]);
}

static void ignore(struct snapshot_chunks *chunks) { chunks->ignored++; }

void snapshot_chunks_add(struct snapshot_chunks *chunks, struct slice key, struct slice value) {
  uint32_t number, index;
  struct snapshot_chunk chunk;
  if (!key_parse(key, chunks->partition, &number, &index)) {
    ignore(chunks);
    return;
  }
  struct snapshot_generation *generation = &chunks->generations[number];
  if (index < generation->room) chunk_clear(&generation->chunks[index]);
  if (value.at && index >= generation->end) generation->end = index + 1;
  if (!value_parse(value, index, &chunk)) {
    if (value.at) ignore(chunks);
    return;
  }
  generation_make_room(generation, index + 1);
  chunk.bytes = memory_grown(NULL, chunk.length);
  memcpy(chunk.bytes, value.at + SNAPSHOT_CHUNK_HEAD, chunk.length);
  generation->chunks[index] = chunk;
}

static bool is_whole(const struct snapshot_generation *generation) {
  const struct snapshot_chunk *first = generation->chunks;
  if (!first || !first->bytes || first->count > generation->room) return false;
  for (uint32_t i = 1; i < first->count; i++) {
    const struct snapshot_chunk *chunk = &generation->chunks[i];
    if (!chunk->bytes || chunk->id != first->id || chunk->count != first->count || chunk->total != first->total)
      return false;
  }
  return true;
}

int32_t snapshot_chunks_best(const struct snapshot_chunks *chunks) {
  int32_t best = NO_GENERATION;
  for (int32_t i = 0; i < SNAPSHOT_GENERATIONS; i++) {
    const struct snapshot_generation *generation = &chunks->generations[i];
    if (!is_whole(generation)) continue;
    if (best == NO_GENERATION || generation->chunks->id > chunks->generations[best].chunks->id) best = i;
  }
  return best;
}

void snapshot_chunks_assemble(const struct snapshot_chunks *chunks, int32_t generation, struct buffer *buffer) {
  const struct snapshot_chunk *chunk = chunks->generations[generation].chunks;
  assert(is_whole(&chunks->generations[generation]));
  buffer_reserve(buffer, (size_t)chunk->total);
  for (uint32_t i = 0; i < chunk->count; i++) buffer_append(buffer, chunk[i].bytes, chunk[i].length);
}

void snapshot_chunks_drop(struct snapshot_chunks *chunks, int32_t generation) {
  generation_clear(&chunks->generations[generation]);
  if (chunks->kept == generation) chunks->kept = NO_GENERATION;
}

void snapshot_chunks_forget(struct snapshot_chunks *chunks) {
  int32_t best = snapshot_chunks_best(chunks);
  if (best != NO_GENERATION) chunks->kept = best;
  for (int32_t i = 0; i < SNAPSHOT_GENERATIONS; i++) generation_clear(&chunks->generations[i]);
}

int32_t snapshot_chunks_free(const struct snapshot_chunks *chunks) {
  int32_t best = snapshot_chunks_best(chunks);
  if (best == NO_GENERATION) best = chunks->kept;
  return best == 0 ? 1 : 0;
}

uint32_t snapshot_chunks_end(const struct snapshot_chunks *chunks, int32_t generation) {
  return chunks->generations[generation].end;
}

void snapshot_chunks_begin(struct snapshot_chunks *chunks, int32_t generation, uint32_t count) {
  if (chunks->generations[generation].end < count) chunks->generations[generation].end = count;
}

void snapshot_chunks_uploaded(struct snapshot_chunks *chunks, int32_t generation, uint32_t count) {
  snapshot_chunks_forget(chunks);
  chunks->kept = generation;
  chunks->generations[generation].end = count;
}
