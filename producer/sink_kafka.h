/* sink_kafka.h: one transactional producer: what a worker publishes is seen whole, with the offsets it follows from, or not at
 * all.
 *
 *     open → begin → change, dead_letter, journal … → commit ─┬─ SINK_COMMITTED
 *                ↑                                            ├─ SINK_UNDONE: nothing of it is seen, or nobody knows:
 *                └────────────── a producer made anew ←───────┘  tasks go back to what the broker says was committed
 *
 * A commit waits for brokers. It does so in a thread of the sink's, and what is published meanwhile is kept: it is of the next
 * transaction, and of none where the one before is undone. Beyond 8 MiB the commit is waited for.
 *
 * After anything but one clean commit the producer is made anew: init_transactions raises its epoch, so that a request of
 * the old one that arrives late cannot touch what comes next (docs/log.md, Exactly once). One thread uses a sink.
 * May use: librdkafka, settings, encode, sink_kept, the decoder's names of reasons. */
#ifndef HANDOVER_PRODUCER_SINK_KAFKA_H
#define HANDOVER_PRODUCER_SINK_KAFKA_H

#include <librdkafka/rdkafka.h>

#include "../config/settings.h"
#include "../consumer/decode.h"
#include "../consumer/engine/change.h"
#include "../consumer/shutdown.h"

enum sink_outcome {
  SINK_COMMITTED,
  SINK_UNDONE,
  SINK_FAILED, /* no use in going on: sink_kafka_why says why; also where a shutdown's time is over */
};

/* What a dead letter says of itself stands under plain names, so what the record had gets this before its own. How many there are is
 * bounded: a letter must not be larger than its topic takes (cmd_topics: 16 KiB more than an input's record), whoever made the record. */
#define SINK_HEADER "record."
enum { SINK_HEADERS = 1000 };

struct sink_kafka;

/* Nothing is connected yet. `worker` tells the producers of one instance apart. Settings and shutdown outlive the sink. */
struct sink_kafka *sink_kafka_create(const struct settings *settings, int32_t worker, const struct shutdown *shutdown);
void sink_kafka_destroy(struct sink_kafka *sink);
/* Waits for a commit that is under way, then ends the producer, for good; an open transaction is left to the broker, which aborts it.
 * Destroying does it, too. */
void sink_kafka_close(struct sink_kafka *sink);

/* Makes the producer (anew) and waits until the broker has ended what its predecessor left open. SINK_COMMITTED: it is
 * there. Retries for as long as waiting may help. */
enum sink_outcome sink_kafka_open(struct sink_kafka *sink);

/* The first call begins the transaction. Bytes are copied. What goes wrong is remembered and found by the commit. */
void sink_kafka_change(struct sink_kafka *sink, int32_t partition, const struct change *change, struct slice id,
                       struct slice bytes);
/* `came`: the record's own headers, which stay the caller's; NULL: it has none. At most SINK_HEADERS of them go along, as SINK_HEADER and
 * their name. */
void sink_kafka_dead_letter(struct sink_kafka *sink, int32_t partition, const struct record *record, enum reject reject,
                            const char *detail, const rd_kafka_headers_t *came);
/* Not while a commit is under way. */
void sink_kafka_journal(struct sink_kafka *sink, int32_t partition, struct slice bytes);

/* Ends the transaction in a thread of the sink's, and returns at once. The next offset to read of each input partition that it has
 * touched: at least one, each known; and the group's metadata as of now, by which the broker fences a member of the past (KIP-447); NULL: it is
 * known to be one, and the transaction is undone. Both are the sink's from here on. Until commit_end nothing else may be committed, aborted or opened. */
void sink_kafka_commit_start(struct sink_kafka *sink, rd_kafka_topic_partition_list_t *offsets,
                             rd_kafka_consumer_group_metadata_t *metadata);
/* Waits until it has ended. Unless it was committed, nothing of what has been published since is there any more, and on SINK_UNDONE the
 * producer has been made anew. */
enum sink_outcome sink_kafka_commit_end(struct sink_kafka *sink);
/* Gives up the open transaction, if there is one: SINK_UNDONE, or SINK_FAILED. No commit is under way. */
enum sink_outcome sink_kafka_abort(struct sink_kafka *sink);

/* There is something to be committed. Not while a commit is under way. */
bool sink_kafka_begun(const struct sink_kafka *sink);
/* The offset behind the partition's journal record of the transaction that was committed last; -1: the broker did not say. */
int64_t sink_kafka_journal_next(const struct sink_kafka *sink, int32_t partition);
/* Serves delivery reports; never waits. */
void sink_kafka_poll(struct sink_kafka *sink);
/* Producers made anew so far, and how many of them because the broker had shut the one before out. */
uint64_t sink_kafka_recreated(const struct sink_kafka *sink);
uint64_t sink_kafka_fenced(const struct sink_kafka *sink);
uint64_t sink_kafka_errors(const struct sink_kafka *sink); /* that librdkafka has reported so far */
/* Any thread may ask: is a commit that was started under way, so that commit_end would wait? When did a call that waits for brokers last come back, monotonic? They
 * come back every second, so one that waits is told from one that hangs. */
bool sink_kafka_committing(const struct sink_kafka *sink);
int64_t sink_kafka_waited_ns(const struct sink_kafka *sink);
const char *sink_kafka_why(const struct sink_kafka *sink);

#endif
