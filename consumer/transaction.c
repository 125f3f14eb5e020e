/* transaction.c: see transaction.h. */
#include "transaction.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "crash.h"
#include "engine/memory.h"
#include "log.h"
#include "pace.h"

#define MS INT64_C(1000000) /* nanoseconds */

enum {
  FENCED_MOST = 3,    /* producers that the broker shut out … */
  FENCED_MS = 300000, /* … within so long: something is wrong that a new producer does not mend */
  UNDONE_MOST = 10,   /* transactions that were undone, without a commit between them … */
  UNDONE_MS = 15000,  /* … for at least so long: who was away may yet have to hear that it is no member any more */
  LOOK_MS = 1,        /* between looks whether a commit is over */
  WHY = 700,
};

struct transaction {
  struct shared *shared;
  int32_t slot;
  struct sink_kafka *sink;
  struct membership *membership;
  struct partition *const *partitions; /* by number; NULL: not owned */
  struct transaction_handlers handlers;
  struct pace pace;
  bool more;                      /* is there to be read at once */
  bool flying;                    /* a commit is under way: */
  int64_t begun_ns;               /* … when the oldest of its tasks began to gather */
  int64_t fenced_ns[FENCED_MOST]; /* when producers were shut out last, the oldest first; 0: never */
  int32_t undone_in_row;
  int64_t undone_ns;          /* the first of them */
  uint64_t recreated, fenced; /* of the sink's counts, what has been seen */
  _Atomic uint64_t records;
};

struct transaction *transaction_create(struct shared *shared, int32_t slot, struct sink_kafka *sink,
                                       struct membership *membership, struct partition *const *partitions,
                                       const struct transaction_handlers *handlers) {
  struct transaction *t = memory_zeroed(1, sizeof *t);
  t->shared = shared;
  t->slot = slot;
  t->sink = sink;
  t->membership = membership;
  t->partitions = partitions;
  t->handlers = *handlers;
  t->pace.interval_ns = shared->settings->commit_interval_ms * MS;
  return t;
}

void transaction_destroy(struct transaction *t) { memory_free(t); }

/* --- what is open --- */

static bool takes(const struct partition *p, enum pace_verdict verdict) {
  return p && p->touched && (p->awaited || verdict == PACE_ALL);
}

static struct pace_open look(const struct transaction *t) {
  struct pace_open open = {.more = t->more};
  for (int32_t i = 0; i < t->shared->partitions; i++) {
    const struct partition *p = t->partitions[i];
    if (!takes(p, PACE_ALL)) continue;
    if (open.begun_ns == 0 || p->touched_ns < open.begun_ns) open.begun_ns = p->touched_ns;
    open.records += p->open_records;
    open.bytes += p->open_bytes;
    open.awaited |= p->awaited;
  }
  return open;
}

static bool is_open(const struct transaction *t) { return look(t).begun_ns != 0; }

bool transaction_idle(const struct transaction *t) { return !t->flying && !is_open(t); }

/* --- how it ended --- */

static void fail(struct transaction *t, const char *why) { t->handlers.fail(t->handlers.context, why); }

/* Another instance of the same name, or a clock or broker that is far too slow: a supervisor should see it, and so should people. */
static void note_fenced(struct transaction *t) {
  char why[WHY];
  if (sink_kafka_fenced(t->sink) == t->fenced) return;
  t->fenced = sink_kafka_fenced(t->sink);
  memmove(t->fenced_ns, t->fenced_ns + 1, sizeof t->fenced_ns - sizeof *t->fenced_ns);
  t->fenced_ns[FENCED_MOST - 1] = clock_monotonic_ns();
  if (t->fenced_ns[0] == 0 || t->fenced_ns[FENCED_MOST - 1] - t->fenced_ns[0] > FENCED_MS * MS) return;
  snprintf(why, sizeof why,
           "%d producers were shut out within %d s (does another instance run as \"%.100s\"?); the last: %.400s",
           FENCED_MOST, FENCED_MS / 1000, t->shared->settings->instance, sink_kafka_why(t->sink));
  fail(t, why);
}

/* What cannot be published now may be published later; what never can be is said, and not tried for ever. */
static void note_undone(struct transaction *t) {
  char why[WHY];
  int64_t now_ns = clock_monotonic_ns();
  if (t->undone_in_row++ == 0) t->undone_ns = now_ns;
  if (t->undone_in_row < UNDONE_MOST || now_ns - t->undone_ns < UNDONE_MS * MS) return;
  snprintf(why, sizeof why, "%d transactions in a row were undone; the last: %.600s", t->undone_in_row,
           sink_kafka_why(t->sink));
  fail(t, why);
}

static void note_committed(struct transaction *t) {
  for (int32_t i = 0; i < t->shared->partitions; i++) {
    struct partition *p = t->partitions[i];
    if (!p || !p->committing) continue;
    atomic_fetch_add(&t->records, p->committing_records);
    CRASH_POINT("commit-not-noted");
    partition_committed(p);
  }
  t->undone_in_row = 0;
  CRASH_POINT("commit-noted");
}

/* Tasks that were in it are ahead of the log, and so are those whose messages the sink kept meanwhile. */
static void restore(struct transaction *t) {
  for (int32_t i = 0; i < t->shared->partitions; i++) {
    const struct partition *p = t->partitions[i];
    if (p && (p->committing || p->awaited)) t->handlers.restore(t->handlers.context, i);
  }
}

static void note_recreated(struct transaction *t) {
  uint64_t now = sink_kafka_recreated(t->sink);
  metrics_add(t->shared->metrics, t->slot, METRIC_PRODUCERS_RECREATED, now - t->recreated);
  t->recreated = now;
}

static void take_outcome(struct transaction *t, enum sink_outcome outcome, int64_t duration_ns) {
  static const enum metric_result results[] = {RESULT_COMMITTED, RESULT_ABORTED, RESULT_FATAL};
  metrics_transaction(t->shared->metrics, t->slot, results[outcome], duration_ns);
  note_recreated(t);
  switch (outcome) {
    case SINK_COMMITTED: note_committed(t); return;
    case SINK_UNDONE:
      log_warning("transaction undone", sink_kafka_why(t->sink));
      CRASH_POINT("expelled-transaction-undone");
      note_fenced(t);
      note_undone(t);
      break;
    case SINK_FAILED:
      if (!shutdown_requested(&t->shared->shutdown)) fail(t, sink_kafka_why(t->sink));
      break;
  }
  restore(t);
}

/* --- ending it --- */

/* What the commit takes with it; nothing of it is open any more. */
static rd_kafka_topic_partition_list_t *prepare(struct transaction *t, enum pace_verdict verdict) {
  rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(t->shared->partitions);
  t->begun_ns = INT64_MAX;
  CRASH_POINT("commit-not-prepared");
  for (int32_t i = 0; i < t->shared->partitions; i++) {
    struct partition *p = t->partitions[i];
    if (!takes(p, verdict)) continue;
    if (p->touched_ns < t->begun_ns) t->begun_ns = p->touched_ns;
    partition_send(p, offsets);
    CRASH_POINT("commit-journal-of-one");
  }
  return offsets;
}

/* Waits for the commit that is under way. */
static void land(struct transaction *t) {
  enum sink_outcome outcome = sink_kafka_commit_end(t->sink);
  CRASH_POINT("commit-landed");
  int64_t now_ns = clock_monotonic_ns();
  t->flying = false;
  pace_committed(&t->pace, now_ns);
  take_outcome(t, outcome, now_ns - t->begun_ns);
}

static void start(struct transaction *t, enum pace_verdict verdict) {
  rd_kafka_topic_partition_list_t *offsets = prepare(t, verdict);
  CRASH_POINT("commit-prepared");
  sink_kafka_commit_start(t->sink, offsets, membership_metadata(t->membership));
  t->flying = true;
  CRASH_POINT("commit-handed-over");
}

void transaction_commit(struct transaction *t) {
  if (t->flying) land(t);
  if (!is_open(t)) return;
  start(t, PACE_ALL);
  land(t);
}

/* Tasks that only read are restored, too: whoever undoes is not sure of them. */
void transaction_undo(struct transaction *t) {
  if (t->flying) land(t);
  if (!is_open(t)) return;
  CRASH_POINT("lost-not-aborted");
  int64_t begun_ns = look(t).begun_ns;
  take_outcome(t, sink_kafka_abort(t->sink), clock_monotonic_ns() - begun_ns);
  for (int32_t i = 0; i < t->shared->partitions; i++)
    if (takes(t->partitions[i], PACE_ALL)) t->handlers.restore(t->handlers.context, i);
}

void transaction_taken(struct transaction *t, uint64_t records, bool more) {
  pace_taken(&t->pace, records);
  t->more = more;
}

/* Where too much waits for the commit that is under way, the loop does, too. */
void transaction_step(struct transaction *t, bool quiet) {
  struct pace_open open = look(t);
  if (t->flying && sink_kafka_committing(t->sink) && !pace_full(&open)) return;
  if (t->flying) {
    land(t);
    open = look(t);
  }
  enum pace_verdict verdict = pace_look(&t->pace, &open, clock_monotonic_ns());
  if (verdict == PACE_WAIT) return;
  if (quiet) transaction_commit(t);
  else start(t, verdict);
}

int transaction_wait_ms(const struct transaction *t, int most_ms) {
  if (t->flying) return LOOK_MS;
  struct pace_open open = look(t);
  int64_t wait_ns = pace_wait_ns(&t->pace, &open, clock_monotonic_ns());
  return wait_ns >= most_ms * MS ? most_ms : (int)((wait_ns + MS - 1) / MS);
}

uint64_t transaction_records(const struct transaction *t) { return atomic_load(&t->records); }
