/* plan.h: what a seed draws before anything runs: the world's size, its definitions, its events, and what goes wrong when. A plan can be
 * cut down (fewer events, fewer faults) and still replays exactly. */
#ifndef HANDOVER_TESTS_PLAN_H
#define HANDOVER_TESTS_PLAN_H

#include "family.h"
#include "machine.h"

enum { PLAN_FAULTS = 16, PLAN_INSTANCES = 3, PLAN_EVENTS = 400, PLAN_NONE = 0 };

enum fault {
  FAULT_KILL,        /* an instance, at some step */
  FAULT_POWER,       /* … and its host */
  FAULT_FREEZE,      /* an instance is stopped for a while */
  FAULT_ZOMBIE,      /* … meanwhile another runs in its name, elsewhere */
  FAULT_CUT,         /* an instance is not connected for a while */
  FAULT_STOP,        /* an instance is asked to end, and started again */
  FAULT_EXPEL,       /* the group forgets a member */
  FAULT_LATE_END,    /* EndTxn is late */
  FAULT_LOST_ANSWER, /* its answer is lost */
  FAULT_SLOW_MARKERS,
  FAULT_REFUSED, /* messages are refused */
  FAULT_BUSY,    /* coordinators are busy */
  FAULT_DISK,    /* calls that write fail */
  FAULT_SLOW_DISK,
  FAULT_COUNT,
};
extern const char *const fault_names[FAULT_COUNT];

struct planned {
  enum fault fault;
  bool dropped;
  int32_t instance;
  int64_t at_ns, for_ns;
  int32_t count; /* steps until a kill; how many of what is counted */
};

struct planned_event {
  int64_t at_ns; /* when it is written */
  int32_t input, partition;
  struct family_event event;
  int64_t behind_ms; /* its own time behind the record's */
};

struct plan {
  uint64_t seed, course;
  int32_t instances, threads, partitions, inputs, leads;
  uint32_t hurry;
  int64_t start_ns[PLAN_INSTANCES];
  int64_t commit_interval_ms, snapshot_records, snapshot_interval_ms;
  bool sha256;
  struct family_version versions[FAMILY_VERSIONS];
  int64_t second_ns;                /* when version 2 is published; NEVER: not */
  int32_t event_count, event_limit; /* … of which so many are written */
  struct planned_event events[PLAN_EVENTS];
  int32_t fault_count;
  struct planned faults[PLAN_FAULTS];
  int64_t end_ns; /* nothing is written and nothing goes wrong after it */
};

void plan_draw(struct plan *plan, uint64_t seed);
void plan_print(const struct plan *plan);

#endif
