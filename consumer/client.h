/* client.h: settings to librdkafka's configuration: the broker, the allowed properties, and the secrets from their files. */
#ifndef HANDOVER_CONSUMER_CLIENT_H
#define HANDOVER_CONSUMER_CLIENT_H

#include <librdkafka/rdkafka.h>

#include "../config/settings.h"

/* bootstrap.servers, client.id (unless set), the pairs of settings.kafka that suit a `type` (a consumer's properties are left
 * out for a producer and the other way round), passwords. Log goes to log.h. NULL with a sentence in `why`: a property that
 * librdkafka refuses, a password file that cannot be read or that others may read. What the caller sets afterwards counts. */
rd_kafka_conf_t *client_conf(const struct settings *settings, rd_kafka_type_t type, char *why, size_t room);

/* Would client_conf give a configuration of either type? False with a sentence in `why`. */
bool client_check(const struct settings *settings, char *why, size_t room);

/* The log callback of client_conf, for those who want to see the lines too. Any thread. */
void client_log(const rd_kafka_t *client, int level, const char *facility, const char *text);

/* Why a broker's certificate was refused last, by any client of this process; NULL: none was. A static sentence. */
const char *client_certificate_refused(void);

/* Sets a property that must be right; a refusal is a bug. */
void client_set(rd_kafka_conf_t *conf, const char *name, const char *value);

/* The same of a property that people may set themselves: theirs counts. */
void client_set_default(rd_kafka_conf_t *conf, const struct settings *settings, const char *name, const char *value);

void client_set_default_number(rd_kafka_conf_t *conf, const struct settings *settings, const char *name, int64_t value);

/* The same of one that not every librdkafka knows. */
void client_set_known(rd_kafka_conf_t *conf, const struct settings *settings, const char *name, const char *value);

/* What a rebalance's call (incremental_assign, incremental_unassign) came to: an error is logged and freed. */
void client_rebalanced(rd_kafka_error_t *error, const char *call);

/* Destroys a member of a group that was closed. librdkafka before 2.3 aborts the process where a client that was never `assigned` anything
 * is destroyed while it joins: such a client is left to the process' end, which is near. Nobody polls it any more, and what its threads
 * find wrong with brokers that end, too, is nobody's concern. */
void client_destroy_member(rd_kafka_t *client, bool assigned);

/* Where a partition begins or ends (RD_KAFKA_OFFSET_BEGINNING, RD_KAFKA_OFFSET_END), asked for within wait_ms; where another broker has
 * come to lead it meanwhile, that one. After an error it has taken up to as long again to learn who leads now, for the next call. */
rd_kafka_resp_err_t client_offset(rd_kafka_t *client, const char *topic, int32_t partition, int64_t which, int wait_ms,
                                  int64_t *offset);

#endif
