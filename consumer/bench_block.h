/* bench_block.h: what is measured within this process: events are made block by block; the clock runs while a block is worked on, and
 * stands while the next is made. May use: bench.h, definitions.h, lane.h, load.h. */
#ifndef HANDOVER_CONSUMER_BENCH_BLOCK_H
#define HANDOVER_CONSUMER_BENCH_BLOCK_H

#include "bench.h"
#include "definitions.h"
#include "lane.h"

enum { BENCH_BLOCK = 4096, BENCH_EVENT = 1 << 20 /* bytes at most */ };

struct lap { /* zero it to start */
  int64_t cpu_ns, wall_ns;
};
void lap_on(struct lap *lap);
void lap_off(struct lap *lap);
struct child_use lap_use(const struct lap *lap);

struct block {
  struct buffer text; /* payloads, one behind the other */
  struct record records[BENCH_BLOCK];
  int32_t count;
};
/* Events from `from` on, up to BENCH_BLOCK of them and before `to`; where `each`, number n is of lead n. */
void block_fill(struct block *block, const struct load_order *order, uint64_t from, uint64_t to, bool each);

/* The definition, which has been checked before. */
bool bench_definition(struct bench *bench, struct definitions *definitions);
/* A lane that knows it, and a sink for it that encodes changes into a buffer, one over the other. */
struct lane *bench_lane(const struct definitions *definitions, const struct sink *sink);
struct sink bench_sink(struct buffer *out);
void block_decide(struct lane *lane, const struct block *block);

#endif
