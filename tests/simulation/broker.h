/* broker.h: Kafka in memory, as far as handover sees it: logs with markers, transactions by their coordinator, a group by its own.
 *
 * What clients send arrives through client.h, late or never. Transactions are those of Kafka before KIP-890's second part: a request to
 * end one is told from a request to end another by its epoch alone. */
#ifndef HANDOVER_TESTS_BROKER_H
#define HANDOVER_TESTS_BROKER_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "machine.h"

enum {
  TOPICS = 8,
  PARTITIONS = 4,
  SESSION_MS = 400, /* a member that was not heard of for so long is out of the group */
  REJOIN_MS = 1200, /* one that does not join again */
  HEARTBEAT_MS = 60,
  REQUEST_MS = 300,      /* what is not answered for so long is asked again */
  TRANSACTION_MS = 1500, /* what is not ended for so long is aborted */
  BUSY_MS = 20,          /* a request that met a coordinator that is busy is sent again */
};

enum topic {
  TOPIC_FIRST,
  TOPIC_SECOND,
  TOPIC_CHANGES,
  TOPIC_LETTERS,
  TOPIC_STATE,
  TOPIC_JOURNAL,
  TOPIC_DEFINITIONS,
  TOPIC_COUNT
};
extern const char *const topic_names[TOPIC_COUNT];

/* --- logs --- */

enum record_state { RECORD_OPEN, RECORD_COMMITTED, RECORD_ABORTED, RECORD_MARKER };

struct record_in { /* the log's */
  enum record_state state;
  int32_t producer; /* NO_PRODUCER: not of a transaction */
  int64_t timestamp_ms;
  char *key, *value; /* NULL: null */
  size_t key_length, value_length;
  rd_kafka_headers_t *headers;
};

enum { NO_PRODUCER = -1 };

struct log {
  enum topic topic;
  int32_t partition;
  struct record_in *at;
  int32_t count, room;
  int32_t stable;  /* before here no transaction is open */
  int32_t visible; /* up to here readers have been told */
};

void broker_reset(int32_t inputs, int32_t partitions);
int32_t broker_partitions(enum topic topic); /* 0: it is not there */
struct log *broker_log(enum topic topic, int32_t partition);
/* TOPIC_COUNT: there is none. */
enum topic broker_topic(const char *name);
/* Its offset. */
int32_t log_append(struct log *log, const struct record_in *record);
/* The next record from here on that a reader gets, or where it has to go on. */
int32_t log_next(const struct log *log, int32_t from, bool committed, const struct record_in **record);

/* --- transactions --- */

enum answer {
  ANSWER_OK,
  ANSWER_BUSY,       /* again, later */
  ANSWER_FENCED,     /* another producer has the name, or a time was over */
  ANSWER_INVALID,    /* not in this state of the transaction */
  ANSWER_GENERATION, /* the group has gone on without this member */
  ANSWER_REFUSED,    /* by chance */
};

enum answer broker_init_producer(const char *name, int32_t *producer, int32_t *epoch);
enum answer broker_add_partition(int32_t producer, int32_t epoch, const struct log *log);
enum answer broker_add_offsets(int32_t producer, int32_t epoch);
enum answer broker_produce(int32_t producer, int32_t epoch, struct log *log, const struct record_in *record,
                           int32_t *offset);
enum answer broker_send_offsets(int32_t producer, int32_t epoch, const rd_kafka_topic_partition_list_t *offsets,
                                const rd_kafka_consumer_group_metadata_t *metadata);
enum answer broker_end(int32_t producer, int32_t epoch, bool commit);
/* Which transaction of this producer is the last that was begun; whether one that is open has records, and came after that one. */
uint64_t broker_last(int32_t producer);
bool broker_is_behind(int32_t producer, uint64_t transaction);
/* −1: none. False: a transaction has yet to say. */
bool broker_committed(enum topic topic, int32_t partition, int64_t *offset);
bool broker_idle(void); /* no transaction is open or being ended */

/* --- what goes wrong: each counts down --- */

struct faults {
  int32_t slow_markers; /* transactions whose markers take up to slow_ns */
  int64_t slow_ns;
  int32_t late_ends; /* requests to end a transaction that are late by up to late_ns beyond the client's patience */
  int64_t late_ns;
  int32_t lost_answers; /* … whose answers are lost */
  int32_t refused;      /* messages that the broker refuses */
  int32_t busy;         /* requests of transactions that meet a busy coordinator */
};
extern struct faults faults;
bool fault_takes(int32_t *count);

#endif
