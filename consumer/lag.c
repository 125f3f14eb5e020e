/* lag.c: {"topics":{"t":{"partitions":{"0":{"partition":0,"ls_offset":7,"hi_offset":9,…},"-1":{…}}}}}. May use: cJSON, metrics.h. */
#include "lag.h"

#include <cjson/cJSON.h>

#include "metrics.h"

/* Offsets stay exact in a double up to 2^53; librdkafka writes −1001 and −1 for "not known". */
static int64_t offset_of(const cJSON *partition, const char *name) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(partition, name);
  if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= 9007199254740992.0)) return -1;
  return (int64_t)item->valuedouble;
}

static void read_partition(const cJSON *partition, const char *topic, lag_partition *each, void *context) {
  int64_t number = offset_of(partition, "partition"); /* the unassigned partition is −1 */
  int64_t end = offset_of(partition, "ls_offset");
  if (end < 0) end = offset_of(partition, "hi_offset");
  if (number >= 0 && number <= INT32_MAX && end >= 0) each(context, topic, (int32_t)number, end);
}

bool lag_read(const char *json, size_t length, lag_partition *each, void *context) {
  cJSON *root = cJSON_ParseWithLength(json, length);
  const cJSON *topics = cJSON_GetObjectItemCaseSensitive(root, "topics");
  bool good = cJSON_IsObject(topics);
  const cJSON *topic, *partition;
  if (good) {
    cJSON_ArrayForEach(topic, topics) {
      const cJSON *partitions = cJSON_GetObjectItemCaseSensitive(topic, "partitions");
      if (!cJSON_IsObject(partitions)) continue;
      cJSON_ArrayForEach(partition, partitions) read_partition(partition, topic->string, each, context);
    }
  }
  cJSON_Delete(root);
  return good;
}

static void update(void *context, const char *topic, int32_t partition, int64_t log_end) {
  metrics_log_end(context, topic, partition, log_end);
}

bool lag_update(struct metrics *metrics, const char *json, size_t length) {
  return lag_read(json, length, update, metrics);
}
