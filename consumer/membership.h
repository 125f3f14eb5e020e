/* membership.h: a worker's place in the consumer group: which tasks it owns, and what the group has committed.
 *
 * The member subscribes to the first input alone and never reads: partition p of it stands for task p, so that a task's
 * partitions of all inputs are always owned together (an assignor deals each topic's partitions out by itself). Reading is
 * source_kafka.h's affair. cooperative-sticky: what stays where it is goes on during a rebalance.
 *
 * Offsets are committed through the producer (sink_kafka.h), with membership_metadata taken just before, never earlier: the
 * broker fences a member of the past by it. One thread uses a membership. May use: librdkafka, settings, log. */
#ifndef HANDOVER_CONSUMER_MEMBERSHIP_H
#define HANDOVER_CONSUMER_MEMBERSHIP_H

#include <librdkafka/rdkafka.h>

#include "shared.h"

struct membership_handlers { /* called from within membership_poll and membership_leave */
  void *context;
  void (*assigned)(void *context, const int32_t *partitions, int32_t count);
  /* Ours until it returns: commit what is done. */
  void (*revoked)(void *context, const int32_t *partitions, int32_t count);
  /* Somebody else's already: publish nothing. */
  void (*lost)(void *context, const int32_t *partitions, int32_t count);
};

struct membership;

/* Joins the group. NULL with a sentence in `why`. */
struct membership *membership_join(const struct shared *shared, const struct membership_handlers *handlers, char *why,
                                   size_t room);
/* Never waits. False: the group is of no use any more (membership_why). */
bool membership_poll(struct membership *membership);
/* Gives everything up (`revoked` is called), leaves, frees. */
void membership_leave(struct membership *membership);

/* Has the group's first answer come? */
bool membership_joined(const struct membership *membership);

/* The group's offsets of one task, by input; −1: none. Waits a little for an open transaction of an owner of before. False: no
 * answer yet, try again. */
bool membership_committed(struct membership *membership, int32_t partition, int64_t offsets[SETTINGS_INPUTS]);

/* As of now; NULL: this is no member any more, and nothing may be committed. The caller destroys it. */
rd_kafka_consumer_group_metadata_t *membership_metadata(struct membership *membership);
uint64_t membership_errors(const struct membership *membership); /* that librdkafka has reported so far */
const char *membership_why(const struct membership *membership);

#endif
