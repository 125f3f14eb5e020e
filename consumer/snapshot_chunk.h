/* snapshot_chunk.h: a snapshot's bytes as records of `handover-state`: in chunks, in two generations.
 *
 * The topic is compacted, so of each key the last value stays. An upload writes one generation; the next one writes the other;
 * so one that ends half-way, or is mixed with another process's, leaves a whole one beside it. Keys are
 * "PARTITION/GENERATION/INDEX", values a head and up to SNAPSHOT_CHUNK_BYTES of the snapshot (snapshot_chunk.c has the layout).
 *
 *   upload:   generation = snapshot_chunks_free(); for each index: snapshot_chunk_key, snapshot_chunk_encode, produce;
 *             null values for the indices from the new count to snapshot_chunks_end(); then snapshot_chunks_uploaded
 *   restore:  snapshot_chunks_add of every record, in the order of the log; then while there is a snapshot_chunks_best:
 *             snapshot_chunks_assemble, and snapshot_chunks_drop where it is not to be trusted; at last snapshot_chunks_forget
 *
 * Pure, one thread. May use: buffer.h, xxhash. */
#ifndef HANDOVER_CONSUMER_SNAPSHOT_CHUNK_H
#define HANDOVER_CONSUMER_SNAPSHOT_CHUNK_H

#include <stdint.h>

#include "../producer/buffer.h"
#include "engine/slice.h"

enum {
  SNAPSHOT_CHUNK_BYTES = 512 << 10,
  SNAPSHOT_CHUNK_KEY = 32, /* room for a key, with its NUL */
  SNAPSHOT_CHUNK_HEAD = 40,
  SNAPSHOT_CHUNKS_MAX = 1 << 17, /* 64 GiB */
  SNAPSHOT_GENERATIONS = 2,
};

/* --- to records --- */

uint32_t snapshot_chunk_count(uint64_t length); /* of a snapshot of 1 byte to SNAPSHOT_CHUNKS_MAX chunks */
void snapshot_chunk_key(char key[SNAPSHOT_CHUNK_KEY], int32_t partition, int32_t generation, uint32_t index);
/* Where in a snapshot of `total` bytes a chunk begins, and how many bytes it has. */
struct snapshot_piece {
  uint64_t at;
  size_t length;
};
struct snapshot_piece snapshot_chunk_piece(uint64_t total, uint32_t index);
/* Appends the value of one chunk, which has these bytes of the snapshot. `id` tells uploads apart and grows from one to the next: the
 * sequence of the journal. */
void snapshot_chunk_encode(struct buffer *value, uint64_t id, uint64_t total, uint32_t index, const void *bytes);

/* --- from records --- */

struct snapshot_chunk { /* one that holds nothing has no bytes */
  uint64_t id, total;
  uint32_t count, length;
  char *bytes;
};

struct snapshot_generation {
  struct snapshot_chunk *chunks; /* by index */
  uint32_t room;
  uint32_t end; /* the indices that the topic may hold are below */
};

struct snapshot_chunks {
  int32_t partition;
  struct snapshot_generation generations[SNAPSHOT_GENERATIONS];
  int32_t kept;     /* the generation of the last whole upload, once the chunks are forgotten; -1: none */
  uint64_t ignored; /* records that are no chunks of this partition */
};

void snapshot_chunks_init(struct snapshot_chunks *chunks, int32_t partition);
void snapshot_chunks_fini(struct snapshot_chunks *chunks);

/* A record of the topic, in the order of the log; at == NULL in `value`: a null value, the key is no more. Copies. */
void snapshot_chunks_add(struct snapshot_chunks *chunks, struct slice key, struct slice value);

/* The generation that is whole, of two the one with the greater id; -1: none. */
int32_t snapshot_chunks_best(const struct snapshot_chunks *chunks);
/* Appends the snapshot that a whole generation holds. */
void snapshot_chunks_assemble(const struct snapshot_chunks *chunks, int32_t generation, struct buffer *buffer);
/* This one is not to be trusted: it counts as not whole, and is overwritten next. */
void snapshot_chunks_drop(struct snapshot_chunks *chunks, int32_t generation);

/* Frees all bytes, and keeps which generation is the best and where each ends: what an upload needs. */
void snapshot_chunks_forget(struct snapshot_chunks *chunks);

/* The generation that the next upload overwrites: not the best one. */
int32_t snapshot_chunks_free(const struct snapshot_chunks *chunks);
/* Keys of a generation at this index and above are not in the topic. */
uint32_t snapshot_chunks_end(const struct snapshot_chunks *chunks, int32_t generation);
/* An upload is about to begin: its keys may be in the topic from now on. */
void snapshot_chunks_begin(struct snapshot_chunks *chunks, int32_t generation, uint32_t count);
/* All its records have been acknowledged: it is the best one now. The chunks are forgotten. */
void snapshot_chunks_uploaded(struct snapshot_chunks *chunks, int32_t generation, uint32_t count);

#endif
