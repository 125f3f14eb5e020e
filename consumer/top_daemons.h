/* top_daemons.h: what the metrics of several daemons of one group come to together.
 *
 *   top_daemons_begin → of each daemon top_daemons_take, or nothing where it did not answer → top_daemons_end
 *
 * Rates are from the round before to this one; a counter that has gone back was begun anew. Bounded, whatever the daemons say. May use:
 * metrics_text.h. */
#ifndef HANDOVER_CONSUMER_TOP_DAEMONS_H
#define HANDOVER_CONSUMER_TOP_DAEMONS_H

#include "metrics_text.h"

enum { TOP_DAEMONS = 64, TOP_STAGES = 64, TOP_PARTITIONS = 1024, TOP_REASONS = 16, TOP_NAME = 256 };

struct top_counters { /* of one daemon, since its start */
  double consumed, rejected, published, committed, undone;
};

struct top_named {
  char name[TOP_NAME];
  double value;
};

struct top_partition {
  char topic[TOP_NAME];
  int32_t number;
  double lag, restoring; /* records */
  double event_s;        /* the latest event's time, in seconds since 1970; 0: not known */
};

struct top_daemons {
  int32_t asked, up; /* this round */
  double tasks, restoring, leads, state_bytes, memory_bytes;
  struct top_named stages[TOP_STAGES], reasons[TOP_REASONS]; /* stages in the order of the daemons, reasons by count */
  int32_t stage_count, reason_count;
  struct top_partition partitions[TOP_PARTITIONS]; /* the worst first */
  int32_t partition_count;
  bool cut; /* there were more partitions, or more stages, than there is room for */
  struct top_counters all;
  bool has_rates;
  struct top_counters rates; /* a second */
  double lag, restore_left;  /* records, of all partitions */
  /* of the round before */
  struct top_counters before[TOP_DAEMONS];
  bool had[TOP_DAEMONS];
  int64_t before_ns[TOP_DAEMONS];
};

void top_daemons_begin(struct top_daemons *daemons);
/* False: what it serves are no such metrics; *line and *why as metrics_text_read has them, and it counts as one that did not answer. */
bool top_daemons_take(struct top_daemons *daemons, int32_t index, struct slice text, int64_t now_ns, int32_t *line,
                      const char **why);
void top_daemons_end(struct top_daemons *daemons);

#endif
