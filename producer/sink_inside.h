/* sink_inside.h: what the transactional producer is made of. For sink_kafka.c and sink_producer.c alone; everybody else uses sink_kafka.h. */
#ifndef HANDOVER_PRODUCER_SINK_INSIDE_H
#define HANDOVER_PRODUCER_SINK_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "fence.h"
#include "sink_kafka.h"
#include "sink_kept.h"

enum { SINK_WHY = 600, SINK_CALL_MS = 1000 /* one call; between calls a shutdown is looked for */ };

/* A commit by the sink's thread: while it flies, that thread alone touches the producer and all that tells of its transaction. */
enum flight { FLIGHT_NONE, FLIGHT_UP, FLIGHT_LANDED };

struct sink_kafka {
  const struct settings *settings;
  const struct shutdown *shutdown;
  char name[PRODUCER_NAME]; /* transactional.id */
  rd_kafka_t *producer;
  rd_kafka_topic_t *topics[SINK_TOPICS];
  bool begun;
  int64_t ended_ns; /* the last commit; 0: none yet */
  uint64_t opened, fenced;
  _Atomic uint64_t errors;
  atomic_uint end_txn; /* EndTxn requests of this transaction; librdkafka's threads count */
  atomic_int failed;   /* the first thing that went wrong with a message of it: rd_kafka_resp_err_t */
  _Atomic int64_t waited_ns;
  int64_t *journal_next; /* by partition: the offset behind its journal record; -1: not known */
  int32_t journal_count;
  char why[SINK_WHY];
  char refused[SINK_WHY]; /* what the user has no right to write to; under `mutex` */

  struct kept kept;    /* the worker's: of the next transaction, which cannot begin yet */
  struct kept sending; /* of the one that is being committed */
  pthread_t thread;
  bool threaded, closing;
  pthread_mutex_t mutex; /* for `changed`; `flight` is written with it */
  pthread_cond_t changed;
  _Atomic enum flight flight;
  rd_kafka_topic_partition_list_t *offsets; /* of the flight */
  rd_kafka_consumer_group_metadata_t *metadata;
  enum sink_outcome outcome;
};

/* Something is wrong with a message of the transaction: it cannot be committed. Any thread. */
void sink_fail(struct sink_kafka *sink, rd_kafka_resp_err_t code);

/* sink_producer.c: none is there before, and none after. False with a sentence in `why`. */
bool sink_producer_open(struct sink_kafka *sink);
void sink_producer_close(struct sink_kafka *sink);
/* Metadata of the topics beforehand: a first message would otherwise wait for it for up to a second. */
void sink_producer_warm_up(struct sink_kafka *sink);

#endif
