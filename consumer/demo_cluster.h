/* demo_cluster.h: a Kafka cluster within this process: librdkafka's mock, one broker on a port of 127.0.0.1.
 *
 * It speaks the protocol, so the daemon runs against it as it is. It is not for more than a demo: it forgets everything, keeps 5 MiB a
 * partition, shows what is not committed, and drops the offsets of transactions. One thread uses it. May use: librdkafka, settings.h,
 * demo_events.h. */
#ifndef HANDOVER_CONSUMER_DEMO_CLUSTER_H
#define HANDOVER_CONSUMER_DEMO_CLUSTER_H

#include <librdkafka/rdkafka.h>

#include "../config/settings.h"
#include "demo_events.h"

enum { DEMO_PARTITIONS = 4 };

struct demo_cluster;

/* NULL with a sentence in `why`, as below. */
struct demo_cluster *demo_cluster_start(char *why, size_t room);
void demo_cluster_stop(struct demo_cluster *cluster);
const char *demo_cluster_bootstrap(const struct demo_cluster *cluster);

/* Makes the topics that the settings name. */
bool demo_cluster_make_topics(struct demo_cluster *cluster, const struct settings *settings, char *why, size_t room);

/* Writes the events, and waits until each is where it belongs. */
bool demo_cluster_write(struct demo_cluster *cluster, const char *topic, const struct demo_events *events, char *why,
                        size_t room);

/* Hands over all that stands in the topic, partition by partition mixed, each in its order; a message lives until the callback returns. */
typedef void demo_cluster_take(void *context, const rd_kafka_message_t *message);
bool demo_cluster_read(struct demo_cluster *cluster, const char *topic, demo_cluster_take *take, void *context,
                       char *why, size_t room);

/* Where Kafka's own clients put a record with this key (murmur2); 0 without one. */
int32_t demo_partition(const char *key);

#endif
