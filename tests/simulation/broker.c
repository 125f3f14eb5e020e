/* broker.c: logs and the transaction coordinator. Each of its functions is a request as it arrives. */
#include "broker.h"

#include <string.h>

#include "client.h"
#include "group.h"

enum { PRODUCERS = 64, PENDING = 2 * PARTITIONS };

const char *const topic_names[TOPIC_COUNT] = {"first", "second",  "changes",    "letters",
                                              "state", "journal", "definitions"};

enum transaction_state {
  TRANSACTION_NONE,
  TRANSACTION_OPEN,
  TRANSACTION_ENDING,
  TRANSACTION_COMMITTED,
  TRANSACTION_ABORTED
};

struct pending {
  enum topic topic;
  int32_t partition;
  int64_t offset;
};

struct transactional { /* a transactional.id */
  const char *name;
  int32_t epoch;
  enum transaction_state state;
  bool commit;     /* … ENDING */
  uint64_t number; /* of the transaction */
  uint64_t logs;   /* it has records in: a bit each */
  bool offsets;
  struct pending pending[PENDING];
  int32_t pending_count;
  int32_t markers; /* that have yet to be written */
};

static struct {
  int32_t inputs, partitions;
  struct log logs[TOPIC_COUNT][PARTITIONS];
  struct transactional producers[PRODUCERS];
  int32_t producer_count;
  int64_t offsets[TOPIC_COUNT][PARTITIONS]; /* of the group */
} broker;

struct faults faults;

bool fault_takes(int32_t *count) {
  if (*count == 0) return false;
  --*count;
  return true;
}

void broker_reset(int32_t inputs, int32_t partitions) {
  memset(&broker, 0, sizeof broker);
  memset(&faults, 0, sizeof faults);
  broker.inputs = inputs;
  broker.partitions = partitions;
  for (int t = 0; t < TOPIC_COUNT; t++) {
    for (int32_t p = 0; p < PARTITIONS; p++) {
      broker.logs[t][p].topic = (enum topic)t;
      broker.logs[t][p].partition = p;
      broker.offsets[t][p] = -1;
    }
  }
}

int32_t broker_partitions(enum topic topic) {
  if (topic == TOPIC_SECOND && broker.inputs < 2) return 0;
  return topic == TOPIC_DEFINITIONS ? 1 : broker.partitions;
}

struct log *broker_log(enum topic topic, int32_t partition) {
  return &broker.logs[topic][partition];
}

enum topic broker_topic(const char *name) {
  int t = 0;
  while (t < TOPIC_COUNT && strcmp(topic_names[t], name) != 0) t++;
  return (enum topic)t;
}

/* --- logs --- */

static void settle(struct log *log) {
  while (log->stable < log->count && log->at[log->stable].state != RECORD_OPEN) log->stable++;
}

static void show(void *context, int64_t count) {
  struct log *log = context;
  if (log->visible < (int32_t)count) log->visible = (int32_t)count;
}

int32_t log_append(struct log *log, const struct record_in *record) {
  if (log->count == log->room) {
    int32_t room = log->room ? 2 * log->room : 64;
    struct record_in *at = arena_zeroed((size_t)room * sizeof *at);
    if (log->count > 0) memcpy(at, log->at, (size_t)log->count * sizeof *at);
    log->at = at;
    log->room = room;
  }
  log->at[log->count++] = *record;
  settle(log);
  machine_after(draw_ns(50 * US, one_in(20) ? 20 * MS : 2 * MS), show, log, log->count);
  return log->count - 1;
}

/* Whoever reads uncommitted sees what is open or aborted; markers nobody sees. */
int32_t log_next(const struct log *log, int32_t from, bool committed, const struct record_in **record) {
  int32_t end = committed && log->stable < log->visible ? log->stable : log->visible;
  for (; from < end; from++) {
    enum record_state state = log->at[from].state;
    if (state == RECORD_MARKER || (committed && state == RECORD_ABORTED)) continue;
    *record = &log->at[from];
    return from;
  }
  *record = NULL;
  return from;
}

/* --- the end of a transaction --- */

static void write_marker(void *context, int64_t place) {
  struct transactional *t = context;
  struct log *log = &broker.logs[place / PARTITIONS][place % PARTITIONS];
  int32_t producer = (int32_t)(t - broker.producers);
  for (int32_t i = log->stable; i < log->count; i++) {
    if (log->at[i].state != RECORD_OPEN || log->at[i].producer != producer) continue;
    log->at[i].state = t->commit ? RECORD_COMMITTED : RECORD_ABORTED;
  }
  log_append(log, &(struct record_in){.state = RECORD_MARKER, .producer = producer});
}

static void end_pending(struct transactional *t) {
  for (int32_t i = 0; i < t->pending_count && t->commit; i++)
    broker.offsets[t->pending[i].topic][t->pending[i].partition] = t->pending[i].offset;
  t->pending_count = 0;
}

enum { OF_OFFSETS = -1 };

static void take_marker(void *context, int64_t place) {
  struct transactional *t = context;
  if (place == OF_OFFSETS) end_pending(t);
  else write_marker(context, place);
  if (--t->markers > 0) return;
  t->state = t->commit ? TRANSACTION_COMMITTED : TRANSACTION_ABORTED;
  machine_say("%s: transaction %d %s", t->name, (int)t->number, t->commit ? "committed" : "aborted");
}

static void start_end(struct transactional *t, bool commit) {
  int64_t most_ns = fault_takes(&faults.slow_markers) ? faults.slow_ns : 4 * MS;
  t->state = TRANSACTION_ENDING;
  t->commit = commit;
  t->markers = t->offsets;
  if (t->offsets) machine_after(draw_ns(10 * US, most_ns), take_marker, t, OF_OFFSETS);
  for (int32_t place = 0; place < TOPIC_COUNT * PARTITIONS; place++) {
    if (!(t->logs >> place & 1)) continue;
    t->markers++;
    machine_after(draw_ns(10 * US, most_ns), take_marker, t, place);
  }
}

/* --- requests --- */

enum answer broker_init_producer(const char *name, int32_t *producer, int32_t *epoch) {
  int32_t at = 0;
  if (fault_takes(&faults.busy)) return ANSWER_BUSY;
  while (at < broker.producer_count && strcmp(broker.producers[at].name, name) != 0) at++;
  if (at == PRODUCERS) machine_fail("too many producers");
  if (at == broker.producer_count) broker.producers[broker.producer_count++].name = arena_format("%s", name);
  struct transactional *t = &broker.producers[at];
  if (t->state == TRANSACTION_OPEN) {
    t->epoch++;
    start_end(t, false);
  }
  if (t->state == TRANSACTION_ENDING) return ANSWER_BUSY;
  t->state = TRANSACTION_NONE;
  *producer = at;
  *epoch = ++t->epoch;
  return ANSWER_OK;
}

static void time_out(void *context, int64_t number) {
  struct transactional *t = context;
  if (t->state != TRANSACTION_OPEN || t->number != (uint64_t)number) return;
  machine_say("%s: transaction %d takes too long", t->name, (int)number);
  t->epoch++;
  start_end(t, false);
}

static enum answer enter(int32_t producer, int32_t epoch) {
  struct transactional *t = &broker.producers[producer];
  if (fault_takes(&faults.busy)) return ANSWER_BUSY;
  if (t->epoch != epoch) return ANSWER_FENCED;
  if (t->state == TRANSACTION_ENDING) return ANSWER_BUSY;
  if (t->state == TRANSACTION_OPEN) return ANSWER_OK;
  t->state = TRANSACTION_OPEN;
  t->logs = 0;
  t->offsets = false;
  t->pending_count = 0;
  t->number++;
  machine_after(TRANSACTION_MS * MS, time_out, t, (int64_t)t->number);
  return ANSWER_OK;
}

static uint64_t bit_of(const struct log *log) {
  return UINT64_C(1) << ((int32_t)log->topic * PARTITIONS + log->partition);
}

enum answer broker_add_partition(int32_t producer, int32_t epoch, const struct log *log) {
  enum answer answer = enter(producer, epoch);
  if (answer == ANSWER_OK) broker.producers[producer].logs |= bit_of(log);
  return answer;
}

enum answer broker_add_offsets(int32_t producer, int32_t epoch) {
  enum answer answer = enter(producer, epoch);
  if (answer == ANSWER_OK) broker.producers[producer].offsets = true;
  return answer;
}

enum answer broker_produce(int32_t producer, int32_t epoch, struct log *log, const struct record_in *record,
                           int32_t *offset) {
  const struct transactional *t = &broker.producers[producer];
  if (fault_takes(&faults.refused)) return ANSWER_REFUSED;
  if (t->epoch != epoch) return ANSWER_FENCED;
  if (t->state != TRANSACTION_OPEN || !(t->logs & bit_of(log))) return ANSWER_INVALID;
  *offset = log_append(log, record);
  return ANSWER_OK;
}

static void note_offset(struct transactional *t, const rd_kafka_topic_partition_t *offset) {
  enum topic topic = broker_topic(offset->topic);
  int32_t at = 0;
  while (at < t->pending_count && (t->pending[at].topic != topic || t->pending[at].partition != offset->partition))
    at++;
  if (at == PENDING) machine_fail("too many offsets");
  if (at == t->pending_count) t->pending_count++;
  t->pending[at] = (struct pending){topic, offset->partition, offset->offset};
}

enum answer broker_send_offsets(int32_t producer, int32_t epoch, const rd_kafka_topic_partition_list_t *offsets,
                                const rd_kafka_consumer_group_metadata_t *metadata) {
  struct transactional *t = &broker.producers[producer];
  if (t->epoch != epoch) return ANSWER_FENCED;
  if (t->state != TRANSACTION_OPEN || !t->offsets) return ANSWER_INVALID;
  if (!group_knows(metadata)) return ANSWER_GENERATION;
  machine_say("%s: offsets of member %d, generation %d: %s/%d at %d", t->name, (int)metadata->member,
              (int)metadata->generation, offsets->elems[0].topic, (int)offsets->elems[0].partition,
              (int)offsets->elems[0].offset);
  for (int i = 0; i < offsets->cnt; i++) note_offset(t, &offsets->elems[i]);
  return ANSWER_OK;
}

enum answer broker_end(int32_t producer, int32_t epoch, bool commit) {
  struct transactional *t = &broker.producers[producer];
  if (t->epoch != epoch) return ANSWER_FENCED;
  switch (t->state) {
    case TRANSACTION_OPEN: start_end(t, commit); return ANSWER_OK;
    case TRANSACTION_ENDING: return t->commit == commit ? ANSWER_BUSY : ANSWER_INVALID;
    case TRANSACTION_COMMITTED: return commit ? ANSWER_OK : ANSWER_INVALID;
    case TRANSACTION_ABORTED: return commit ? ANSWER_INVALID : ANSWER_OK;
    case TRANSACTION_NONE: return ANSWER_INVALID;
  }
  return ANSWER_INVALID;
}

uint64_t broker_last(int32_t producer) { return broker.producers[producer].number; }

bool broker_is_behind(int32_t producer, uint64_t transaction) {
  const struct transactional *t = &broker.producers[producer];
  return t->state == TRANSACTION_OPEN && t->logs != 0 && t->number > transaction;
}

static bool is_pending(const struct transactional *t, enum topic topic, int32_t partition) {
  for (int32_t i = 0; i < t->pending_count; i++)
    if (t->pending[i].topic == topic && t->pending[i].partition == partition) return true;
  return false;
}

bool broker_committed(enum topic topic, int32_t partition, int64_t *offset) {
  for (int32_t i = 0; i < broker.producer_count; i++)
    if (is_pending(&broker.producers[i], topic, partition)) return false;
  *offset = broker.offsets[topic][partition];
  return true;
}

bool broker_idle(void) {
  for (int32_t i = 0; i < broker.producer_count; i++)
    if (broker.producers[i].state == TRANSACTION_OPEN || broker.producers[i].state == TRANSACTION_ENDING) return false;
  return true;
}
