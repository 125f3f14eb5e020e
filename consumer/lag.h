/* lag.h: the end of the log from librdkafka's statistics.
 *
 * librdkafka's own consumer_lag stays −1 where offsets go through transactions, so the lag is ls_offset − our position
 * (metrics.h). rd_kafka_conf_set_stats_cb with statistics.interval.ms (1000) calls for it. May use: cJSON, metrics.h. */
#ifndef HANDOVER_CONSUMER_LAG_H
#define HANDOVER_CONSUMER_LAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct metrics;

typedef void lag_partition(void *context, const char *topic, int32_t partition, int64_t log_end);

/* Calls `each` for every partition whose ls_offset (else hi_offset) is known. False where the JSON is not librdkafka's. */
bool lag_read(const char *json, size_t length, lag_partition *each, void *context);

/* lag_read into metrics_log_end. */
bool lag_update(struct metrics *metrics, const char *json, size_t length);

#endif
