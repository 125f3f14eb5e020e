/* source_kafka.h: a worker's reading client: partitions of the inputs, the journal and the state topic, from exact offsets on,
 * into streams.
 *
 * It is a member of no group: who may read what is membership.h's affair, and where to read from is the task's. So nothing is ever
 * paused, sought or reset behind our back; an offset that is not there (any more) is an error. Committed records only, but for source_peek. One thread
 * uses a source and its streams. May use: librdkafka, settings, budget, client, lag, library, log. */
#ifndef HANDOVER_CONSUMER_SOURCE_KAFKA_H
#define HANDOVER_CONSUMER_SOURCE_KAFKA_H

#include <librdkafka/rdkafka.h>

#include "shared.h"

enum source_topic { /* 0 … SETTINGS_INPUTS − 1: the inputs, in the order of the settings */
                    SOURCE_JOURNAL = SETTINGS_INPUTS,
                    SOURCE_STATE,
                    SOURCE_TOPICS,
};

struct source_kafka;

/* NULL with a sentence in `why`. */
struct source_kafka *source_kafka_create(const struct shared *shared, char *why, size_t room);
void source_kafka_destroy(struct source_kafka *source); /* all partitions are stopped, all streams destroyed */

/* Where records arrive: of one partition, or of several mixed. */
rd_kafka_queue_t *source_stream(struct source_kafka *source);
void stream_destroy(rd_kafka_queue_t *stream);

/* A partition of a topic is started at most once at a time. Nothing of an earlier start arrives after a stop. */
void source_start(struct source_kafka *source, int32_t topic, int32_t partition, int64_t offset,
                  rd_kafka_queue_t *stream);
void source_stop(struct source_kafka *source, int32_t topic, int32_t partition);

/* The same of the journal with what is not committed: to see who writes there, nothing more. Apart from source_start. */
rd_kafka_queue_t *source_peek(struct source_kafka *source, int32_t partition, int64_t offset);
void source_peek_end(struct source_kafka *source, int32_t partition, rd_kafka_queue_t *stream);

/* Up to `room` messages, at least one unless wait_ms pass without any. The caller destroys them. Among them are errors:
 * RD_KAFKA_RESP_ERR__PARTITION_EOF says that `offset` is the end of what may be read now. */
int32_t stream_read(rd_kafka_queue_t *stream, rd_kafka_message_t **messages, int32_t room, int wait_ms);
/* Nothing has come, though `next` may be there: makes a librdkafka that sleeps on a queue which was full look at it again. At most each
 * 20 ms, and only where its version needs it. True: it was asked to. */
bool source_nudge(struct source_kafka *source, int32_t topic, int32_t partition, int64_t next);
int32_t source_topic_of(const rd_kafka_message_t *message); /* enum source_topic */

/* Where the partition's log begins and ends, records of open transactions included. False: no answer now. */
bool source_ends(struct source_kafka *source, int32_t topic, int32_t partition, int64_t *begin, int64_t *end);
/* Where the first open transaction begins; without one, the end. */
bool source_stable_end(struct source_kafka *source, int32_t topic, int32_t partition, int64_t *end);

/* Do the group's offsets of a partition come at once, whether they are stable or not? */
bool source_offsets_answer(struct source_kafka *source, int32_t partition);

const char *source_topic_name(const struct source_kafka *source, int32_t topic);
uint64_t source_errors(const struct source_kafka *source); /* that librdkafka has reported so far */
/* Serves statistics and errors; never waits. */
void source_poll(struct source_kafka *source);

#endif
