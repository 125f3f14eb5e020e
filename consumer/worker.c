/* worker.c: the loop. Everything in it is this thread's own but the atomics at the end of struct worker. */
#include "worker.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../producer/fence.h"
#include "crash.h"
#include "engine/memory.h"
#include "keep.h"
#include "log.h"
#include "membership.h"
#include "partition.h"
#include "restore.h"
#include "source_kafka.h"
#include "transaction.h"

#define MS INT64_C(1000000) /* nanoseconds */

enum {
  READ = 1024,      /* messages at once */
  IDLE_MS = 20,     /* how long nothing is waited for */
  CLOCK_MS = 200,   /* between looks for clock marks */
  MEASURE_MS = 500, /* between what the metrics are told */
  WAIT_STEP_MS = 5,
  WHY = 700,
};

struct worker {
  struct shared *shared;
  int32_t number;
  pthread_t thread;
  struct membership *membership;
  struct source_kafka *source;
  struct sink_kafka *sink;
  struct keeper *keeper;
  struct fence *fence;
  rd_kafka_queue_t *stream;      /* of all running tasks' inputs */
  struct partition **partitions; /* by number; NULL: not owned */
  int32_t owned;
  struct transaction *transaction;
  int32_t keep_next;             /* the task whose turn it is to be saved, if it is due */
  uint32_t stamp;                /* of the catalog, as the running tasks know it */
  int64_t clock_ns, measured_ns; /* when these were last looked after */
  uint64_t errors;               /* of its clients', what the metrics have been told */
  char why[WHY];
  atomic_bool failed, ended, ready;
  _Atomic int64_t beat_ns;
};

static void fail(struct worker *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void fail(struct worker *w, const char *format, ...) {
  va_list arguments;
  if (atomic_load(&w->failed)) return;
  va_start(arguments, format);
  vsnprintf(w->why, sizeof w->why, format, arguments);
  va_end(arguments);
  atomic_store(&w->failed, true);
}

static bool goes_on(const struct worker *w) {
  return !atomic_load(&w->failed) && !shutdown_requested(&w->shared->shutdown);
}

static int32_t input_count(const struct worker *w) { return w->shared->settings->inputs.count; }

/* --- taking tasks up and giving them up --- */

static void take_up(struct worker *w, int32_t number) {
  if (number >= w->shared->partitions) {
    fail(w, "%.200s has more partitions now than the other topics: `handover topics` says what is missing",
         w->shared->settings->inputs.at[0]);
    return;
  }
  if (w->partitions[number]) return;
  struct partition *p = partition_create(w->shared, w->sink, w->number, number);
  p->restore = restore_create(p, w->source, w->membership, w->fence);
  w->partitions[number] = p;
  w->owned++;
}

/* From where the restore has left it. */
static void start_reading(struct worker *w, struct partition *p) {
  for (int32_t i = 0; i < input_count(w); i++)
    source_start(w->source, i, p->number, p->next[i] >= 0 ? p->next[i] : RD_KAFKA_OFFSET_BEGINNING, w->stream);
}

static void drop(struct worker *w, int32_t number) {
  struct partition *p = w->partitions[number];
  if (!p) return;
  if (p->restore) {
    restore_destroy(p->restore);
  } else {
    for (int32_t i = 0; i < input_count(w); i++) source_stop(w->source, i, number);
  }
  keep_drop(w->keeper, p);
  partition_destroy(p);
  w->partitions[number] = NULL;
  w->owned--;
}

/* --- transactions --- */

static void restore(void *context, int32_t number) {
  drop(context, number);
  take_up(context, number);
}

static void give_up(void *context, const char *why) { fail(context, "%s", why); }

/* --- rebalances --- */

static void on_assigned(void *context, const int32_t *partitions, int32_t count) {
  struct worker *w = context;
  metrics_add(w->shared->metrics, w->number, METRIC_REBALANCES, 1);
  CRASH_POINT("assigned");
  for (int32_t i = 0; i < count; i++) take_up(w, partitions[i]);
  CRASH_POINT("assigned-taken-up");
}

/* One transaction holds the work of all tasks, so all of it is committed. */
static void on_revoked(void *context, const int32_t *partitions, int32_t count) {
  struct worker *w = context;
  metrics_add(w->shared->metrics, w->number, METRIC_REBALANCES, 1);
  CRASH_POINT("stop-revoked");
  transaction_commit(w->transaction);
  CRASH_POINT("stop-revoked-committed");
  for (int32_t i = 0; i < count; i++) {
    struct partition *p = partitions[i] < w->shared->partitions ? w->partitions[partitions[i]] : NULL;
    bool keep = p && p->state == PARTITION_RUNNING && p->records_since_snapshot > 0;
    if (keep && !shutdown_over(&w->shared->shutdown)) keep_now(w->keeper, p);
    CRASH_POINT("stop-revoked-kept");
    if (p) drop(w, partitions[i]);
    CRASH_POINT("stop-revoked-dropped");
  }
}

static void on_lost(void *context, const int32_t *partitions, int32_t count) {
  struct worker *w = context;
  metrics_add(w->shared->metrics, w->number, METRIC_REBALANCES, 1);
  CRASH_POINT("lost");
  transaction_undo(w->transaction);
  CRASH_POINT("lost-undone");
  for (int32_t i = 0; i < count; i++)
    if (partitions[i] < w->shared->partitions) drop(w, partitions[i]);
  CRASH_POINT("lost-dropped");
}

/* --- messages --- */

/* The running task of a message, or NULL: one that was given up, or is being restored. */
static struct partition *task_of(const struct worker *w, const rd_kafka_message_t *message) {
  if (message->partition < 0 || message->partition >= w->shared->partitions) return NULL;
  struct partition *p = w->partitions[message->partition];
  return p && p->state == PARTITION_RUNNING ? p : NULL;
}

static void take_error(struct worker *w, struct partition *p, const rd_kafka_message_t *message) {
  switch (message->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF: p->at_end[source_topic_of(message)] = true; break;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      fail(w, "%.200s/%" PRId32 ": the record at %" PRId64 " is gone, and what was in it is not known: %s",
           rd_kafka_topic_name(message->rkt), p->number, p->next[source_topic_of(message)],
           rd_kafka_message_errstr(message));
      break;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__BAD_MSG: /* librdkafka leaves out what it cannot read, and goes on behind it */
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      fail(w, "%.200s/%" PRId32 ": %s", rd_kafka_topic_name(message->rkt), p->number, rd_kafka_message_errstr(message));
      break;
    default: log_warning("kafka error", rd_kafka_message_errstr(message), log_number("partition", p->number));
  }
}

/* How many from here on belong to the same input of the same task. */
static int32_t run_length(rd_kafka_message_t *const *messages, int32_t count) {
  int32_t length = 1;
  while (length < count && !messages[length]->err && messages[length]->partition == messages[0]->partition &&
         messages[length]->rkt == messages[0]->rkt)
    length++;
  return length;
}

static void take_run(struct worker *w, struct partition *p, rd_kafka_message_t *const *messages, int32_t length) {
  if (journal_full(&p->journal)) transaction_commit(w->transaction);
  p = task_of(w, messages[0]); /* an undone commit restores it */
  if (!p) return;
  partition_apply(p, source_topic_of(messages[0]), messages, length);
  CRASH_POINT("run-applied");
}

static void take_messages(struct worker *w, rd_kafka_message_t *const *messages, int32_t count) {
  for (int32_t i = 0, length; i < count; i += length) {
    struct partition *p = task_of(w, messages[i]);
    length = messages[i]->err ? 1 : run_length(messages + i, count - i);
    if (!p) continue;
    if (messages[i]->err) {
      take_error(w, p, messages[i]);
    } else {
      take_run(w, p, messages + i, length);
    }
  }
}

/* Of one partition that has more; the broker's answer has whatever is there of the others. */
static void nudge(struct worker *w) {
  for (int32_t i = 0; i < w->shared->partitions; i++) {
    const struct partition *p = w->partitions[i];
    if (!p || p->state != PARTITION_RUNNING) continue;
    for (int32_t input = 0; input < w->shared->settings->inputs.count; input++)
      if (!p->at_end[input] && source_nudge(w->source, input, i, p->next[input])) return;
  }
}

static void read_messages(struct worker *w, bool restoring) {
  rd_kafka_message_t *messages[READ];
  int wait_ms = restoring ? 0 : transaction_wait_ms(w->transaction, IDLE_MS);
  int32_t count = stream_read(w->stream, messages, READ, wait_ms);
  if (count == 0 && wait_ms > 0) nudge(w);
  take_messages(w, messages, count);
  for (int32_t i = 0; i < count; i++) rd_kafka_message_destroy(messages[i]);
  transaction_taken(w->transaction, (uint64_t)count, rd_kafka_queue_length(w->stream) > 0);
}

/* --- everything else that the loop looks after --- */

/* Whether any task is still being restored. */
static bool step_restores(struct worker *w) {
  bool restoring = false;
  for (int32_t i = 0; i < w->shared->partitions && goes_on(w); i++) {
    struct partition *p = w->partitions[i];
    if (!p || !p->restore) continue;
    switch (restore_step(p->restore)) {
      case RESTORE_MORE: restoring = true; break;
      case RESTORE_REFUSED: fail(w, "%s", restore_why(p->restore)); break;
      case RESTORE_DONE:
        restore_destroy(p->restore);
        p->restore = NULL;
        CRASH_POINT("restored");
        start_reading(w, p);
        CRASH_POINT("restored-reading");
    }
    transaction_step(w->transaction, false); /* steps may wait for the broker; a transaction must not */
  }
  return restoring;
}

static void mark_time(struct worker *w, int64_t now_ns) {
  if (!w->shared->wall_clock || now_ns - w->clock_ns < CLOCK_MS * MS) return;
  w->clock_ns = now_ns;
  int64_t wall_ms = clock_wall_ms();
  for (int32_t i = 0; i < w->shared->partitions; i++) {
    struct partition *p = w->partitions[i];
    int64_t mark_ms = p && p->state == PARTITION_RUNNING ? partition_mark_due(p, wall_ms) : TIME_NONE;
    if (mark_ms == TIME_NONE) continue;
    partition_mark(p, mark_ms);
    CRASH_POINT("clock-marked");
    metrics_add(w->shared->metrics, w->number, METRIC_CLOCK_MARKS, 1);
  }
}

/* One begins while nothing is open or being committed; another that is going on does not wait for that. */
static bool snapshots_wanted(const struct worker *w, int64_t now_ns) {
  if (keeper_busy(w->keeper)) return false;
  for (int32_t i = 0; i < w->shared->partitions; i++)
    if (w->partitions[i] && keep_wanted(w->partitions[i], now_ns)) return true;
  return false;
}

/* By turns, so that none waits for ever. */
static void take_snapshots(struct worker *w, int64_t now_ns) {
  if (!goes_on(w) || keep_step(w->keeper) || !transaction_idle(w->transaction)) return;
  for (int32_t i = 0; i < w->shared->partitions; i++) {
    int32_t number = (w->keep_next + i) % w->shared->partitions;
    if (!w->partitions[number] || !keep_due(w->partitions[number], now_ns)) continue;
    keep_begin(w->keeper, w->partitions[number]);
    w->keep_next = number + 1;
    return;
  }
}

/* Tasks that are being restored learn what is new when they start. */
static void learn(struct worker *w) {
  uint32_t stamp = catalog_stamp(w->shared->catalog);
  if (stamp == w->stamp) return;
  w->stamp = stamp;
  for (int32_t i = 0; i < w->shared->partitions; i++)
    if (w->partitions[i] && w->partitions[i]->state == PARTITION_RUNNING) {
      partition_learn(w->partitions[i]);
      CRASH_POINT("learn-learned");
    }
}

/* By name: versions may differ from task to task. SLAs that are not breached yet have their series, too. */
static void measure_stages(struct worker *w) {
  const struct definition *last = catalog_newest(w->shared->catalog);
  for (int32_t s = 0; s < last->stage_count; s++) {
    uint64_t leads = 0;
    for (int32_t i = 0; i < w->shared->partitions; i++) {
      struct partition *p = w->partitions[i];
      if (!p || p->state != PARTITION_RUNNING) continue;
      const struct definition *active = task_definition(lane_task(p->lane));
      for (int32_t a = 0; a < active->stage_count; a++)
        if (slice_equal(active->stages[a].name, last->stages[s].name)) leads += task_stage_count(lane_task(p->lane), a);
    }
    metrics_stage(w->shared->metrics, w->number, last->stages[s].name, leads);
  }
  for (int32_t i = 0; i < last->sla_count; i++) {
    const struct sla *sla = &last->slas[i];
    metrics_breach(w->shared->metrics, w->number, last->stages[sla->stage].name, sla->name, 0);
  }
}

static void measure(struct worker *w, bool restoring, int64_t now_ns) {
  bool ready = !restoring && membership_joined(w->membership);
  if (ready != atomic_load(&w->ready)) w->measured_ns = 0;
  atomic_store(&w->ready, ready);
  atomic_store(&w->beat_ns, now_ns);
  if (now_ns - w->measured_ns < MEASURE_MS * MS) return;
  w->measured_ns = now_ns;
  uint64_t leads = 0, bytes = 0, restores = 0;
  for (int32_t i = 0; i < w->shared->partitions; i++) {
    if (!w->partitions[i]) continue;
    partition_measure(w->partitions[i], &leads, &bytes);
    restores += w->partitions[i]->restore != NULL;
  }
  uint64_t errors = membership_errors(w->membership) + source_errors(w->source) + sink_kafka_errors(w->sink);
  metrics_add(w->shared->metrics, w->number, METRIC_KAFKA_ERRORS, errors - w->errors);
  w->errors = errors;
  metrics_set(w->shared->metrics, w->number, METRIC_LEADS, leads);
  metrics_set(w->shared->metrics, w->number, METRIC_STATE_BYTES, bytes);
  metrics_set(w->shared->metrics, w->number, METRIC_TASKS, (uint64_t)w->owned);
  metrics_set(w->shared->metrics, w->number, METRIC_TASKS_RESTORING, restores);
  measure_stages(w);
}

/* --- the thread --- */

static void loop(struct worker *w) {
  while (goes_on(w)) {
    if (!membership_poll(w->membership)) fail(w, "%s", membership_why(w->membership));
    source_poll(w->source);
    sink_kafka_poll(w->sink);
    learn(w);
    bool restoring = step_restores(w);
    if (goes_on(w)) read_messages(w, restoring);
    int64_t now_ns = clock_monotonic_ns();
    mark_time(w, now_ns);
    transaction_step(w->transaction, snapshots_wanted(w, now_ns));
    take_snapshots(w, now_ns);
    measure(w, restoring, now_ns);
  }
}

/* A failed worker publishes nothing more; one that is told to end commits what it has done, and saves its tasks. */
static void end(struct worker *w) {
  CRASH_POINT("stop-loop-over");
  if (atomic_load(&w->failed)) transaction_undo(w->transaction);
  membership_leave(w->membership);
  CRASH_POINT("stop-group-left");
  for (int32_t i = 0; i < w->shared->partitions; i++) drop(w, i);
  keeper_destroy(w->keeper); /* here, where a disk that hangs is worker_wait's matter */
  w->keeper = NULL;
}

/* librdkafka's clients, by the thread that used them: so many workers end at once, and within the time of daemon_stop. The sink
 * itself stays: other threads ask it (worker_beat_ns). */
static void close_clients(struct worker *w) {
  fence_destroy(w->fence);
  w->fence = NULL;
  if (w->stream) stream_destroy(w->stream);
  source_kafka_destroy(w->source);
  sink_kafka_close(w->sink);
  w->stream = NULL;
  w->source = NULL;
}

static void *run(void *context) {
  struct worker *w = context;
  if (sink_kafka_open(w->sink) == SINK_COMMITTED) {
    loop(w);
  } else if (!shutdown_requested(&w->shared->shutdown)) {
    fail(w, "%s", sink_kafka_why(w->sink));
  }
  end(w);
  close_clients(w);
  CRASH_POINT("stop-clients-closed");
  atomic_store(&w->ready, false);
  atomic_store(&w->ended, true);
  return NULL;
}

struct worker *worker_start(struct shared *shared, int32_t number, char *why, size_t room) {
  struct worker *w = memory_zeroed(1, sizeof *w);
  struct membership_handlers handlers = {w, on_assigned, on_revoked, on_lost};
  w->shared = shared;
  w->number = number;
  atomic_init(&w->beat_ns, clock_monotonic_ns());
  w->partitions = memory_zeroed((size_t)shared->partitions, sizeof *w->partitions);
  w->sink = sink_kafka_create(shared->settings, number, &shared->shutdown);
  w->fence = fence_create(shared->settings);
  w->keeper = keeper_create(shared);
  if (!w->keeper) {
    snprintf(why, room, "no thread can be started");
    goto fail;
  }
  w->source = source_kafka_create(shared, why, room);
  if (!w->source) goto fail;
  w->stream = source_stream(w->source);
  w->membership = membership_join(shared, &handlers, why, room);
  if (!w->membership) goto fail;
  const struct transaction_handlers ends = {w, restore, give_up};
  w->transaction = transaction_create(shared, number, w->sink, w->membership, w->partitions, &ends);
  if (pthread_create(&w->thread, NULL, run, w) == 0) return w;
  snprintf(why, room, "no thread can be started");
  membership_leave(w->membership);
fail:
  worker_destroy(w);
  return NULL;
}

bool worker_wait(struct worker *w, int64_t until_ns) {
  const struct timespec pause = {0, WAIT_STEP_MS * MS};
  while (!atomic_load(&w->ended)) {
    if (clock_monotonic_ns() >= until_ns) return false;
    nanosleep(&pause, NULL);
  }
  pthread_join(w->thread, NULL);
  return true;
}

void worker_destroy(struct worker *w) {
  if (!w) return;
  close_clients(w);
  keeper_destroy(w->keeper);
  transaction_destroy(w->transaction);
  sink_kafka_destroy(w->sink);
  memory_free(w->partitions);
  memory_free(w);
}

bool worker_failed(const struct worker *w) { return atomic_load(&w->failed); }
const char *worker_why(const struct worker *w) { return w->why; }
int64_t worker_beat_ns(const struct worker *w) {
  int64_t beat_ns = atomic_load(&w->beat_ns), waited_ns = sink_kafka_waited_ns(w->sink);
  return beat_ns > waited_ns && !sink_kafka_committing(w->sink) ? beat_ns
                                                                : waited_ns; /* the loop goes on beside a commit */
}
bool worker_ready(const struct worker *w) { return atomic_load(&w->ready); }
uint64_t worker_records(const struct worker *w) { return transaction_records(w->transaction); }
