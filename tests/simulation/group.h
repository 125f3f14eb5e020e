/* group.h: the consumer group: its coordinator, and what librdkafka's threads do for a member of it. */
#ifndef HANDOVER_TESTS_GROUP_H
#define HANDOVER_TESTS_GROUP_H

#include "client.h"

void group_reset(void);
/* Does the coordinator take offsets of this member and generation? Whoever is no member is taken at its word, as Kafka does. */
bool group_knows(const rd_kafka_consumer_group_metadata_t *metadata);
/* The member is forgotten. */
void group_expel(uint32_t which);

#endif
