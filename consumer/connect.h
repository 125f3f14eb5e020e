/* connect.h: a client of librdkafka that has reached a broker, or why not. One client at a time. */
#ifndef HANDOVER_CONSUMER_CONNECT_H
#define HANDOVER_CONSUMER_CONNECT_H

#include <librdkafka/rdkafka.h>

#include "../config/settings.h"

/* For commands that talk to people. Takes the configuration (of a producer) over; librdkafka's log is silenced. NULL: nobody answered, or
 * librdkafka refuses; that has been said on standard error as `handover COMMAND: …`, and *status is the exit status. */
rd_kafka_t *connect_client(const char *command, const struct settings *settings, rd_kafka_conf_t *conf, int *status);

/* The same in two steps. A client that is made of this configuration tells what it has to complain of: the error callback is taken. */
void connect_listen(rd_kafka_conf_t *conf);
/* Waits for a broker's answer: 10 s, or less where no waiting helps (wrong credentials, a certificate). NULL: here it is; else why not,
 * valid until the next connect_listen. */
const char *connect_await(rd_kafka_t *client);

#endif
