/* sink_kafka.c: the transaction, by librdkafka. The facts behind the order of things:
 *
 *   - Errors are asked in this order: does it require an abort, may it be retried, else it is fatal. send_offsets is retried with
 *     the same arguments; commit and abort that timed out are resumed by the same call, never replaced by the other.
 *   - A commit that sent more than one EndTxn may have one still on its way. Kafka's protocol (before TV2) cannot tell it from
 *     one of the next transaction, so the producer is made anew (KAFKA-17754). An interceptor counts them (sink_producer.c).
 *   - Right after a commit brokers still write its markers, and answer whoever adds partitions to the next transaction that they are
 *     busy. librdkafka asks again after 20 ms for partitions, and after retry.backoff.ms for offsets. So messages are kept for a
 *     moment, and a transaction that has to end so soon sends its offsets before its messages.
 *   - A record's timestamp is that of the record it follows from. Brokers from 4.0 on refuse what lies more than an hour ahead
 *     of their clock, again and again; such a timestamp becomes the wall clock's. */
#include "sink_kafka.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../consumer/crash.h"
#include "../consumer/engine/memory.h"
#include "../consumer/log.h"
#include "sink_inside.h"

enum {
  OFFSETS_MS = 5000,    /* send_offsets: its retries are within, and what takes longer has to be aborted */
  PAUSE_MS = 100,       /* between tries */
  AHEAD_MS = 3600000,   /* what brokers take as a timestamp */
  SETTLE_MS = 20,       /* after a commit: its markers are written */
  KEPT_BYTES = 8 << 20, /* that wait for their transaction, before the worker does */
};

struct sink_kafka *sink_kafka_create(const struct settings *settings, int32_t worker, const struct shutdown *shutdown) {
  struct sink_kafka *sink = memory_zeroed(1, sizeof *sink);
  sink->settings = settings;
  sink->shutdown = shutdown;
  pthread_mutex_init(&sink->mutex, NULL);
  pthread_cond_init(&sink->changed, NULL);
  producer_name(sink->name, settings, worker);
  return sink;
}

static void end_thread(struct sink_kafka *sink) {
  if (!sink->threaded) return;
  pthread_mutex_lock(&sink->mutex);
  sink->closing = true;
  pthread_cond_broadcast(&sink->changed);
  pthread_mutex_unlock(&sink->mutex);
  pthread_join(sink->thread, NULL);
  sink->threaded = false;
}

void sink_kafka_close(struct sink_kafka *sink) {
  end_thread(sink);
  sink_producer_close(sink);
}

void sink_kafka_destroy(struct sink_kafka *sink) {
  if (!sink) return;
  sink_kafka_close(sink);
  kept_fini(&sink->kept);
  kept_fini(&sink->sending);
  pthread_cond_destroy(&sink->changed);
  pthread_mutex_destroy(&sink->mutex);
  memory_free(sink->journal_next);
  memory_free(sink);
}

/* --- errors --- */

enum verdict { VERDICT_OK, VERDICT_ABORT, VERDICT_RETRY, VERDICT_FATAL };

static enum verdict judge(struct sink_kafka *sink, const char *call, rd_kafka_error_t *error) {
  atomic_store(&sink->waited_ns, clock_monotonic_ns());
  if (!error) return VERDICT_OK;
  enum verdict verdict = VERDICT_FATAL;
  if (rd_kafka_error_txn_requires_abort(error)) {
    verdict = VERDICT_ABORT;
  } else if (rd_kafka_error_is_retriable(error)) {
    verdict = VERDICT_RETRY;
  }
  snprintf(sink->why, sizeof sink->why, "%s: %s", call, rd_kafka_error_string(error));
  if (verdict == VERDICT_RETRY) {
    log_debug("transaction", sink->why);
  } else {
    log_warning("transaction", sink->why, log_text("code", rd_kafka_error_name(error)));
  }
  rd_kafka_error_destroy(error);
  return verdict;
}

static bool may_wait(struct sink_kafka *sink) {
  if (shutdown_over(sink->shutdown)) return false;
  if (sink->producer) rd_kafka_poll(sink->producer, PAUSE_MS);
  return true;
}

/* --- open --- */

/* While a shutdown is asked for but not over, there is no use in a new producer. */
static bool wants_to_open(struct sink_kafka *sink) {
  if (!shutdown_requested(sink->shutdown)) return true;
  snprintf(sink->why, sizeof sink->why, "ended while a producer was made");
  return false;
}

enum sink_outcome sink_kafka_open(struct sink_kafka *sink) {
  sink_producer_close(sink);
  sink->begun = false;
  atomic_store(&sink->end_txn, 0);
  if (!sink_producer_open(sink)) return SINK_FAILED;
  CRASH_POINT("producer-made");
  char call[PRODUCER_NAME + 32]; /* its user may have no right to this name */
  snprintf(call, sizeof call, "init_transactions of %s", sink->name);
  while (wants_to_open(sink)) {
    switch (judge(sink, call, rd_kafka_init_transactions(sink->producer, SINK_CALL_MS))) {
      case VERDICT_OK:
        sink->opened++;
        CRASH_POINT("producer-initialized");
        sink_producer_warm_up(sink);
        return SINK_COMMITTED;
      case VERDICT_RETRY: /* no broker, or its coordinator is loading */
      case VERDICT_ABORT: rd_kafka_poll(sink->producer, PAUSE_MS); break;
      case VERDICT_FATAL: return SINK_FAILED;
    }
  }
  return SINK_FAILED;
}

/* --- messages --- */

/* Where a shutdown left no time for a new producer after a second EndTxn, nothing may follow: it has failed from the start. */
static void begin(struct sink_kafka *sink) {
  if (sink->begun) return;
  bool spent = atomic_load(&sink->end_txn) > 1;
  sink->begun = true;
  if (!spent) atomic_store(&sink->end_txn, 0);
  atomic_store(&sink->failed, spent ? RD_KAFKA_RESP_ERR__STATE : RD_KAFKA_RESP_ERR_NO_ERROR);
  CRASH_POINT("transaction-not-begun");
  if (judge(sink, "begin_transaction", rd_kafka_begin_transaction(sink->producer)) != VERDICT_OK)
    sink_fail(sink, RD_KAFKA_RESP_ERR__STATE);
  CRASH_POINT("transaction-begun");
}

static int64_t timestamp_of(int64_t timestamp_ms) {
  if (timestamp_ms == TIME_NONE || timestamp_ms < 0) return 0; /* librdkafka: now */
  int64_t now_ms = clock_wall_ms();
  return timestamp_ms > now_ms + AHEAD_MS ? now_ms : timestamp_ms;
}

/* Into the open transaction. Takes the headers. A full queue is waited for. */
static void send_one(struct sink_kafka *sink, const struct sink_message *m) {
  begin(sink);
  rd_kafka_headers_t *headers = m->headers;
  while (atomic_load(&sink->failed) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_resp_err_t code = rd_kafka_producev(
        sink->producer, RD_KAFKA_V_RKT(sink->topics[m->topic]), RD_KAFKA_V_PARTITION(m->partition),
        RD_KAFKA_V_KEY(m->key.at, m->key.length), RD_KAFKA_V_VALUE((void *)(uintptr_t)m->value.at, m->value.length),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_TIMESTAMP(timestamp_of(m->timestamp_ms)),
        RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      headers = NULL; /* librdkafka's now */
      CRASH_POINT("message-sent");
      break;
    }
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && may_wait(sink)) continue;
    log_warning("produce failed", rd_kafka_err2str(code),
                log_text("topic", rd_kafka_topic_name(sink->topics[m->topic])));
    sink_fail(sink, code);
  }
  if (headers) rd_kafka_headers_destroy(headers);
}

static void send_kept(struct sink_kafka *sink, struct kept *kept) {
  for (int32_t i = 0; i < kept->count; i++) {
    struct sink_message message = kept_take(kept, i);
    send_one(sink, &message);
  }
  kept_clear(kept);
}

static bool is_settled(const struct sink_kafka *sink) {
  return clock_monotonic_ns() - sink->ended_ns >= SETTLE_MS * INT64_C(1000000);
}

static bool is_up(const struct sink_kafka *sink) { return atomic_load(&sink->flight) == FLIGHT_UP; }

static void await_landing(struct sink_kafka *sink) {
  pthread_mutex_lock(&sink->mutex);
  while (is_up(sink)) pthread_cond_wait(&sink->changed, &sink->mutex);
  pthread_mutex_unlock(&sink->mutex);
}

/* The transaction before has been undone, though the worker has yet to be told: what follows from it is of no use. */
static bool is_lost(struct sink_kafka *sink) {
  return atomic_load(&sink->flight) == FLIGHT_LANDED && sink->outcome != SINK_COMMITTED;
}

static void produce(struct sink_kafka *sink, const struct sink_message *m) {
  bool room = sink->kept.bytes.length < KEPT_BYTES;
  if (!room && is_up(sink)) await_landing(sink);
  if (is_up(sink) || is_lost(sink) || (room && !sink->begun && !is_settled(sink))) {
    kept_add(&sink->kept, m);
    return;
  }
  send_kept(sink, &sink->kept);
  send_one(sink, m);
}

static void add_header(rd_kafka_headers_t *headers, const char *name, struct slice value) {
  rd_kafka_header_add(headers, name, -1, value.length ? value.at : "", (ssize_t)value.length);
}

void sink_kafka_change(struct sink_kafka *sink, int32_t partition, const struct change *change, struct slice id,
                       struct slice bytes) {
  bool moved = change->type == CHANGE_STAGE;
  rd_kafka_headers_t *headers = rd_kafka_headers_new(6);
  add_header(headers, "content-type", SLICE("application/cloudevents+json"));
  add_header(headers, "ce_id", id);
  add_header(headers, "ce_type", moved ? SLICE("lead.stage.changed") : SLICE("lead.sla.breached"));
  add_header(headers, "ce_subject", change->lead);
  if (moved) {
    add_header(headers, "from", change->definition->stages[change->from].name);
    add_header(headers, "to", change->definition->stages[change->to].name);
  }
  produce(sink,
          &(struct sink_message){SINK_CHANGES, partition, change->lead, bytes, change->record_timestamp_ms, headers});
  CRASH_POINT("change-published");
}

static void add_number(rd_kafka_headers_t *headers, const char *name, int64_t number) {
  char text[24];
  snprintf(text, sizeof text, "%" PRId64, number);
  add_header(headers, name, slice_of(text));
}

static void add_came(rd_kafka_headers_t *headers, struct buffer *name, const rd_kafka_headers_t *came) {
  const char *own;
  const void *value;
  size_t length;
  for (size_t i = 0;
       i < SINK_HEADERS && rd_kafka_header_get_all(came, i, &own, &value, &length) == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
    name->length = 0;
    buffer_printf(name, SINK_HEADER "%s", own);
    rd_kafka_header_add(headers, name->at, (ssize_t)name->length, value, (ssize_t)length);
  }
}

void sink_kafka_dead_letter(struct sink_kafka *sink, int32_t partition, const struct record *record, enum reject reject,
                            const char *detail, const rd_kafka_headers_t *came) {
  rd_kafka_headers_t *headers = rd_kafka_headers_new(5);
  struct buffer name = {0};
  add_header(headers, "reason", slice_of(reject_name(reject)));
  add_header(headers, "detail", slice_of(detail));
  add_header(headers, "topic", record->position.topic);
  add_number(headers, "partition", record->position.partition);
  add_number(headers, "offset", record->position.offset);
  if (came) add_came(headers, &name, came);
  buffer_fini(&name);
  produce(sink, &(struct sink_message){SINK_DEAD_LETTERS, partition, record->key, record->payload, record->timestamp_ms,
                                       headers});
  CRASH_POINT("dead-letter-published");
}

static void expect_journal(struct sink_kafka *sink, int32_t partition) {
  if (partition >= sink->journal_count) {
    sink->journal_count = partition + 1;
    sink->journal_next = memory_grown(sink->journal_next, (size_t)sink->journal_count * sizeof *sink->journal_next);
  }
  sink->journal_next[partition] = -1;
}

/* The headers say whose journal it is: another group on the same topics would publish everything a second time; and who would have to
 * be shut out if it never came back (consumer/stuck.h). */
void sink_kafka_journal(struct sink_kafka *sink, int32_t partition, struct slice bytes) {
  assert(!is_up(sink)); /* its thread notes where journal records lie */
  expect_journal(sink, partition);
  rd_kafka_headers_t *headers = rd_kafka_headers_new(2);
  add_header(headers, "group", slice_of(sink->settings->group));
  add_header(headers, "producer", slice_of(sink->name));
  produce(sink, &(struct sink_message){SINK_JOURNAL, partition, {0}, bytes, TIME_NONE, headers});
  CRASH_POINT("journal-published");
}

/* --- ending a transaction --- */

/* The transaction is over, one way or the other, and nobody may be sure of more: a new producer. */
static enum sink_outcome start_anew(struct sink_kafka *sink) {
  char why[SINK_WHY]; /* rd_kafka_new empties it */
  memcpy(why, sink->why, sizeof why);
  if (sink_kafka_open(sink) != SINK_COMMITTED) return SINK_FAILED;
  memcpy(sink->why, why, sizeof why);
  return SINK_UNDONE;
}

/* A record that its topic does not take will not be taken the next time either. */
static bool is_hopeless(struct sink_kafka *sink) {
  int code = atomic_load(&sink->failed);
  if (code != RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE && code != RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
    return false;
  snprintf(sink->why, sizeof sink->why, "publishing to %s, %s or %s: %s; `handover topics` says what they should take",
           sink->settings->stage_changes, sink->settings->dead_letters, sink->settings->journal,
           rd_kafka_err2str((rd_kafka_resp_err_t)code));
  pthread_mutex_lock(&sink->mutex);
  if (*sink->refused) snprintf(sink->why, sizeof sink->why, "publishing: adding %.500s", sink->refused);
  pthread_mutex_unlock(&sink->mutex);
  return true;
}

static enum sink_outcome abort_open(struct sink_kafka *sink) {
  enum verdict verdict = VERDICT_RETRY;
  CRASH_POINT("expelled-abort-not-asked");
  while (verdict == VERDICT_RETRY && !shutdown_over(sink->shutdown))
    verdict = judge(sink, "abort_transaction", rd_kafka_abort_transaction(sink->producer, SINK_CALL_MS));
  CRASH_POINT("expelled-abort-done");
  sink->begun = false;
  sink->fenced += verdict == VERDICT_FATAL;
  if (shutdown_requested(sink->shutdown)) return verdict == VERDICT_OK ? SINK_UNDONE : SINK_FAILED;
  return is_hopeless(sink) ? SINK_FAILED : start_anew(sink);
}

enum sink_outcome sink_kafka_abort(struct sink_kafka *sink) {
  assert(atomic_load(&sink->flight) == FLIGHT_NONE);
  kept_clear(&sink->kept);
  return sink->begun ? abort_open(sink) : SINK_UNDONE;
}

static enum verdict send_offsets(struct sink_kafka *sink, const rd_kafka_topic_partition_list_t *offsets,
                                 const rd_kafka_consumer_group_metadata_t *metadata) {
  enum verdict verdict = VERDICT_RETRY;
  for (;;) {
    verdict = judge(sink, "send_offsets_to_transaction",
                    rd_kafka_send_offsets_to_transaction(sink->producer, offsets, metadata, OFFSETS_MS));
    if (verdict != VERDICT_RETRY || !may_wait(sink)) return verdict;
  }
}

static enum verdict end(struct sink_kafka *sink) {
  enum verdict verdict = VERDICT_RETRY;
  while (verdict == VERDICT_RETRY && !shutdown_over(sink->shutdown))
    verdict = judge(sink, "commit_transaction", rd_kafka_commit_transaction(sink->producer, SINK_CALL_MS));
  return verdict;
}

/* Something went wrong with a message: the transaction cannot be committed. */
static bool has_failed(struct sink_kafka *sink) {
  rd_kafka_resp_err_t code = (rd_kafka_resp_err_t)atomic_load(&sink->failed);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  snprintf(sink->why, sizeof sink->why, "publishing: %s", rd_kafka_err2str(code));
  return true;
}

/* Messages first, so that they are on their way meanwhile, unless they would be told to wait. */
static enum verdict send_all(struct sink_kafka *sink, const rd_kafka_topic_partition_list_t *offsets,
                             const rd_kafka_consumer_group_metadata_t *metadata) {
  begin(sink);
  if (!metadata) {
    snprintf(sink->why, sizeof sink->why, "this is no member of the group any more");
    return VERDICT_ABORT;
  }
  if (is_settled(sink)) send_kept(sink, &sink->sending);
  if (has_failed(sink)) return VERDICT_ABORT;
  CRASH_POINT("offsets-not-sent");
  enum verdict verdict = send_offsets(sink, offsets, metadata);
  if (verdict != VERDICT_OK) return verdict;
  CRASH_POINT("offsets-sent");
  send_kept(sink, &sink->sending);
  return has_failed(sink) ? VERDICT_ABORT : VERDICT_OK;
}

static enum sink_outcome commit(struct sink_kafka *sink, const rd_kafka_topic_partition_list_t *offsets,
                                const rd_kafka_consumer_group_metadata_t *metadata) {
  enum verdict verdict = send_all(sink, offsets, metadata);
  CRASH_POINT("end-not-asked");
  if (verdict == VERDICT_OK) verdict = end(sink);
  CRASH_POINT("end-done");
  kept_clear(&sink->sending);
  if (verdict == VERDICT_ABORT) return abort_open(sink);
  sink->begun = false;
  if (verdict == VERDICT_RETRY) return SINK_FAILED; /* a shutdown's time is over */
  if (verdict == VERDICT_FATAL) {
    sink->fenced++;
    return start_anew(sink);
  }
  sink->ended_ns = clock_monotonic_ns();
  if (atomic_load(&sink->end_txn) == 1) return SINK_COMMITTED;
  log_info("producer made anew", "a commit needed more than one request",
           log_number("requests", atomic_load(&sink->end_txn)));
  return shutdown_requested(sink->shutdown) ? SINK_COMMITTED
                                            : sink_kafka_open(sink); /* nothing comes after a shutdown */
}

/* What has been kept is of the transaction that ends now. */
static void close_transaction(struct sink_kafka *sink, const rd_kafka_topic_partition_list_t *offsets) {
  assert(atomic_load(&sink->flight) == FLIGHT_NONE && sink_kafka_begun(sink) && offsets->cnt > 0);
  for (int i = 0; i < offsets->cnt; i++) assert(offsets->elems[i].offset >= 0);
  struct kept empty = sink->sending;
  sink->sending = sink->kept;
  sink->kept = empty;
}

/* --- by its own thread --- */

static void move(struct sink_kafka *sink, enum flight flight) {
  pthread_mutex_lock(&sink->mutex);
  atomic_store(&sink->flight, flight);
  pthread_cond_broadcast(&sink->changed);
  pthread_mutex_unlock(&sink->mutex);
}

static void fly(struct sink_kafka *sink) {
  sink->outcome = commit(sink, sink->offsets, sink->metadata);
  rd_kafka_topic_partition_list_destroy(sink->offsets);
  if (sink->metadata) rd_kafka_consumer_group_metadata_destroy(sink->metadata);
  CRASH_POINT("end-not-told");
  move(sink, FLIGHT_LANDED);
}

/* A flight that is up is ended before the thread ends. */
static bool await_flight(struct sink_kafka *sink) {
  pthread_mutex_lock(&sink->mutex);
  while (!is_up(sink) && !sink->closing) pthread_cond_wait(&sink->changed, &sink->mutex);
  pthread_mutex_unlock(&sink->mutex);
  return is_up(sink);
}

static void *run(void *context) {
  struct sink_kafka *sink = context;
  while (await_flight(sink)) fly(sink);
  return NULL;
}

void sink_kafka_commit_start(struct sink_kafka *sink, rd_kafka_topic_partition_list_t *offsets,
                             rd_kafka_consumer_group_metadata_t *metadata) {
  close_transaction(sink, offsets);
  sink->offsets = offsets;
  sink->metadata = metadata;
  atomic_store(&sink->waited_ns, clock_monotonic_ns());
  if (!sink->threaded) sink->threaded = pthread_create(&sink->thread, NULL, run, sink) == 0;
  if (!sink->threaded) fly(sink); /* no thread can be started: as before there were any */
  else move(sink, FLIGHT_UP);
}

enum sink_outcome sink_kafka_commit_end(struct sink_kafka *sink) {
  await_landing(sink);
  atomic_store(&sink->flight, FLIGHT_NONE);
  if (sink->outcome != SINK_COMMITTED) kept_clear(&sink->kept);
  return sink->outcome;
}

bool sink_kafka_committing(const struct sink_kafka *sink) { return is_up(sink); }

bool sink_kafka_begun(const struct sink_kafka *sink) { return sink->begun || sink->kept.count > 0; }

int64_t sink_kafka_journal_next(const struct sink_kafka *sink, int32_t partition) {
  return partition < sink->journal_count ? sink->journal_next[partition] : -1;
}

void sink_kafka_poll(struct sink_kafka *sink) {
  if (!is_up(sink) && sink->producer) rd_kafka_poll(sink->producer, 0);
}

uint64_t sink_kafka_recreated(const struct sink_kafka *sink) { return sink->opened ? sink->opened - 1 : 0; }
uint64_t sink_kafka_fenced(const struct sink_kafka *sink) { return sink->fenced; }
uint64_t sink_kafka_errors(const struct sink_kafka *sink) { return atomic_load(&sink->errors); }
int64_t sink_kafka_waited_ns(const struct sink_kafka *sink) { return atomic_load(&sink->waited_ns); }
const char *sink_kafka_why(const struct sink_kafka *sink) { return sink->why; }
