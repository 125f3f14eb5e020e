/* budget.c: parts of a whole, each within what librdkafka can work with. */
#include "budget.h"

enum {
  KB = 1024,            /* KiB a MiB */
  QUEUE_LEAST = 1 * KB, /* a record of the usual largest size */
  QUEUE_MOST = 64 * KB, /* librdkafka's own default: more than anybody reads in a second */
  FETCH_LEAST = 1 * KB, /* the same record */
  FETCH_MOST = 50 * KB, /* librdkafka's own default */
  PUBLISH_LEAST = 8 * KB,
  PUBLISH_MOST = 1024 * KB, /* librdkafka's own default */
};

static int64_t within(int64_t value, int64_t least, int64_t most) {
  return value < least ? least : value > most ? most : value;
}

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

static int64_t mb_of(int64_t kb) { return (kb + KB - 1) / KB; }

struct budget budget_share(int64_t buffers_mb, int64_t partitions, int64_t inputs, int64_t workers) {
  int64_t whole = buffers_mb * KB, queues = partitions * inputs;
  return (struct budget){
      .queue_kb = within(whole / 2 / queues, QUEUE_LEAST, QUEUE_MOST),
      .fetch_kb = within(whole / 8, FETCH_LEAST, FETCH_MOST),
      .publish_kb = within(whole / 4 / workers, PUBLISH_LEAST, PUBLISH_MOST),
      .needed_mb = mb_of(larger(2 * queues * QUEUE_LEAST, 4 * workers * PUBLISH_LEAST)),
  };
}
