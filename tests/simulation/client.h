/* client.h: a client of librdkafka as the simulation has it, and how its requests travel. The interface is librdkafka's own. */
#ifndef HANDOVER_TESTS_CLIENT_H
#define HANDOVER_TESTS_CLIENT_H

#include "broker.h"

typedef rd_kafka_resp_err_t on_new(rd_kafka_t *, const rd_kafka_conf_t *, void *, char *, size_t);
typedef rd_kafka_resp_err_t on_sent(rd_kafka_t *, int, const char *, int32_t, int16_t, int16_t, int32_t, size_t,
                                    void *);

struct rd_kafka_conf_s {
  char group[64], transactional[128], isolation[24], reset[16], eof[8];
  void *opaque;
  void (*rebalance)(rd_kafka_t *, rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t *, void *);
  void (*report)(rd_kafka_t *, const rd_kafka_message_t *, void *);
  on_new *new;
  void *new_context;
};

struct rd_kafka_topic_conf_s {
  void *opaque;
};

struct rd_kafka_topic_s {
  rd_kafka_t *client;
  enum topic topic;
  void *opaque;
  struct fetch *fetches[PARTITIONS]; /* those that were started */
};

struct rd_kafka_headers_s {
  struct header {
    const char *name, *value;
    size_t length;
  } at[8];
  int32_t count;
};

struct rd_kafka_error_s {
  rd_kafka_resp_err_t code;
  const char *text;
  bool retriable, abort;
};

struct rd_kafka_consumer_group_metadata_s {
  int32_t generation;
  int32_t member; /* 0: none */
};

enum producing { PRODUCING_NEW, PRODUCING_READY, PRODUCING_OPEN, PRODUCING_ABORTABLE, PRODUCING_FATAL };
enum ending { ENDING_NONE, ENDING_SENT, ENDING_ANSWERED };

struct message {
  rd_kafka_message_t public; /* first: the one is the other */
  rd_kafka_headers_t *headers;
  rd_kafka_t *client;   /* of one that is written */
  int64_t timestamp_ms; /* likewise; 0: now */
  struct message *next;
};

struct outgoing { /* to one partition, in order */
  struct message *first, *last;
  bool moving, added; /* a request is under way; the partition is known to be of the transaction */
};

/* A consumer's place in the group, by its threads of the background; group.c. */
struct membering {
  int32_t id; /* 0: none */
  int32_t generation;
  uint32_t owned;          /* a bit a partition */
  uint32_t revoke, assign; /* what the application has yet to be told */
  bool revoking, assigning, lost;
  bool subscribed, rejoins, telling;
};

struct rd_kafka_s {
  struct process *process;
  rd_kafka_type_t type;
  struct rd_kafka_conf_s conf;
  on_sent *sent;
  void *sent_context;

  enum producing state;
  int32_t producer, epoch;
  struct outgoing outgoing[TOPIC_COUNT][PARTITIONS];
  struct message *reports, *last_report;
  int32_t unreported; /* messages that no report has been served of */
  bool entered;       /* the broker knows of the transaction */
  bool closed;
  enum ending ending;
  uint64_t request; /* the EndTxn that an answer is waited for of */
  int64_t sent_ns;
  enum answer answer;

  struct membering member;
};

/* How long something takes to the broker or back. */
int64_t client_travel_ns(const rd_kafka_t *client);
/* … and the caller waits for it; false: not within the time. */
bool client_travel(const rd_kafka_t *client, int64_t until_ns);
rd_kafka_error_t *client_error(rd_kafka_resp_err_t code, bool retriable, bool abort);
/* Reports that are there are given to the application. */
void client_serve(rd_kafka_t *client);

#endif
