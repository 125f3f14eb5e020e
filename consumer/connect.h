/* connect.h: a client of librdkafka that has reached a broker, for commands that talk to people. */
#ifndef HANDOVER_CONSUMER_CONNECT_H
#define HANDOVER_CONSUMER_CONNECT_H

#include <librdkafka/rdkafka.h>

#include "../config/settings.h"

/* Takes the configuration (of a producer) over; librdkafka's log is silenced. NULL: nobody answered, or librdkafka refuses; that has
 * been said on standard error as `handover COMMAND: …`, and *status is the exit status. One client at a time. */
rd_kafka_t *connect_client(const char *command, const struct settings *settings, rd_kafka_conf_t *conf, int *status);
/* What librdkafka told last, "" for nothing: what a time-out does not say. */
const char *connect_trouble(void);

#endif
