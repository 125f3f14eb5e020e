/* kafka_consumer.c: of librdkafka's interface what reads: partitions into queues, offsets of the group, ends of logs. */
#include <string.h>

#include "client.h"

enum { FETCHES = 64 };

struct fetch {
  rd_kafka_queue_t *queue;
  rd_kafka_topic_t *topic;
  const struct log *log;
  int32_t next;
  int64_t ready_ns; /* its first answer */
  int32_t end;      /* the one that was told last; −1: none */
};

struct rd_kafka_queue_s {
  struct fetch *fetches[FETCHES];
  int32_t count;
};

/* --- what is there --- */

static bool is_committed(const rd_kafka_t *client) { return strcmp(client->conf.isolation, "read_committed") == 0; }

/* Whether it has a record, or has to tell of an end: librdkafka tells of one that is not where the last was. */
static bool has(const struct fetch *fetch, bool records_only) {
  const struct record_in *record;
  const rd_kafka_t *client = fetch->topic->client;
  int64_t now_ns = machine_now_ns();
  if (fetch->ready_ns > now_ns || client->process->cut_until_ns > now_ns) return false;
  int32_t at = log_next(fetch->log, fetch->next, is_committed(client), &record);
  return record || (!records_only && at != fetch->end);
}

static bool has_any(const void *context) {
  const rd_kafka_queue_t *queue = context;
  for (int32_t i = 0; i < queue->count; i++)
    if (has(queue->fetches[i], false)) return true;
  return false;
}

static rd_kafka_message_t *message_new(const struct fetch *fetch, int32_t offset, const struct record_in *record) {
  struct message *message = arena_zeroed(sizeof *message);
  message->public.rkt = fetch->topic;
  message->public.partition = fetch->log->partition;
  message->public.offset = offset;
  if (!record) {
    message->public.err = RD_KAFKA_RESP_ERR__PARTITION_EOF;
    return &message->public;
  }
  message->public.payload = record->value;
  message->public.len = record->value_length;
  message->public.key = record->key;
  message->public.key_len = record->key_length;
  message->headers = record->headers;
  message->public._private = (void *)(uintptr_t)&record->timestamp_ms;
  return &message->public;
}

static rd_kafka_message_t *take(struct fetch *fetch) {
  const struct record_in *record;
  int32_t offset = log_next(fetch->log, fetch->next, is_committed(fetch->topic->client), &record);
  fetch->next = record ? offset + 1 : offset;
  fetch->end = record ? -1 : offset;
  return message_new(fetch, offset, record);
}

int64_t rd_kafka_message_timestamp(const rd_kafka_message_t *message, rd_kafka_timestamp_type_t *type) {
  *type = RD_KAFKA_TIMESTAMP_CREATE_TIME;
  return message->_private ? *(const int64_t *)message->_private : -1;
}

void rd_kafka_message_destroy(rd_kafka_message_t *message) { (void)message; }
const char *rd_kafka_message_errstr(const rd_kafka_message_t *message) { return rd_kafka_err2str(message->err); }

/* --- queues --- */

rd_kafka_queue_t *rd_kafka_queue_new(rd_kafka_t *client) {
  (void)client;
  return arena_zeroed(sizeof(rd_kafka_queue_t));
}

void rd_kafka_queue_destroy(rd_kafka_queue_t *queue) {
  if (queue->count > 0) machine_fail("a queue is destroyed that partitions are read into");
}

size_t rd_kafka_queue_length(rd_kafka_queue_t *queue) {
  size_t length = 0;
  for (int32_t i = 0; i < queue->count; i++) length += has(queue->fetches[i], true);
  return length;
}

/* Some messages of one of the partitions, which one is chance. */
static ssize_t take_some(rd_kafka_queue_t *queue, rd_kafka_message_t **messages, size_t room) {
  struct fetch *able[FETCHES];
  uint32_t count = 0;
  size_t taken = 0, most = 1 + draw(one_in(4) ? 64 : 8);
  for (int32_t i = 0; i < queue->count; i++)
    if (has(queue->fetches[i], false)) able[count++] = queue->fetches[i];
  if (count == 0) return 0;
  struct fetch *fetch = able[draw(count)];
  while (taken < room && taken < most && has(fetch, false)) messages[taken++] = take(fetch);
  return (ssize_t)taken;
}

ssize_t rd_kafka_consume_batch_queue(rd_kafka_queue_t *queue, int wait_ms, rd_kafka_message_t **messages, size_t room) {
  size_t count = 0;
  (void)wait_ms;
  machine_step();
  for (ssize_t some = 1; some > 0 && count < room && !one_in(5); count += (size_t)some)
    some = take_some(queue, messages + count, room - count);
  return (ssize_t)count;
}

rd_kafka_message_t *rd_kafka_consume_queue(rd_kafka_queue_t *queue, int wait_ms) {
  rd_kafka_message_t *message;
  machine_step();
  if (!has_any(queue) && wait_ms > 0) machine_wait(machine_now_ns() + wait_ms * MS, has_any, queue);
  return take_some(queue, &message, 1) == 1 ? message : NULL;
}

/* --- starting and stopping --- */

static struct fetch *fetch_new(rd_kafka_topic_t *topic, int32_t partition, int64_t offset) {
  struct fetch *fetch = arena_zeroed(sizeof *fetch);
  if (topic->fetches[partition]) machine_fail("%s/%d is read twice", rd_kafka_topic_name(topic), (int)partition);
  fetch->topic = topic;
  fetch->end = -1;
  fetch->log = broker_log(topic->topic, partition);
  fetch->next = offset == RD_KAFKA_OFFSET_BEGINNING ? 0 : (int32_t)offset;
  fetch->ready_ns = machine_now_ns() + client_travel_ns(topic->client);
  topic->fetches[partition] = fetch;
  return fetch;
}

static void wake(void *context, int64_t argument) { (void)context, (void)argument; }

int rd_kafka_consume_start_queue(rd_kafka_topic_t *topic, int32_t partition, int64_t offset, rd_kafka_queue_t *queue) {
  machine_step();
  if (queue->count == FETCHES) machine_fail("too many partitions in a queue");
  struct fetch *fetch = fetch_new(topic, partition, offset);
  queue->fetches[queue->count++] = fetch;
  fetch->queue = queue;
  machine_after(fetch->ready_ns - machine_now_ns(), wake, NULL, 0);
  return 0;
}

int rd_kafka_consume_start(rd_kafka_topic_t *topic, int32_t partition, int64_t offset) {
  return rd_kafka_consume_start_queue(topic, partition, offset, rd_kafka_queue_new(topic->client));
}

int rd_kafka_consume_stop(rd_kafka_topic_t *topic, int32_t partition) {
  struct fetch *fetch = topic->fetches[partition];
  machine_step();
  if (!fetch) return -1;
  rd_kafka_queue_t *queue = fetch->queue;
  for (int32_t i = 0; i < queue->count; i++)
    if (queue->fetches[i] == fetch) queue->fetches[i] = queue->fetches[--queue->count];
  topic->fetches[partition] = NULL;
  return 0;
}

rd_kafka_message_t *rd_kafka_consume(rd_kafka_topic_t *topic, int32_t partition, int wait_ms) {
  return rd_kafka_consume_queue(topic->fetches[partition]->queue, wait_ms);
}

/* --- offsets --- */

/* No queue is ever full here: there is nobody to nudge. */
rd_kafka_resp_err_t rd_kafka_get_watermark_offsets(rd_kafka_t *client, const char *topic, int32_t partition,
                                                   int64_t *low, int64_t *high) {
  (void)client, (void)topic, (void)partition;
  *low = *high = RD_KAFKA_OFFSET_INVALID;
  return RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

rd_kafka_resp_err_t rd_kafka_offsets_for_times(rd_kafka_t *client, rd_kafka_topic_partition_list_t *list, int wait_ms) {
  int64_t until_ns = machine_now_ns() + wait_ms * MS;
  if (!client_travel(client, until_ns)) return RD_KAFKA_RESP_ERR__TIMED_OUT;
  for (int i = 0; i < list->cnt; i++) {
    rd_kafka_topic_partition_t *at = &list->elems[i];
    const struct log *log = broker_log(broker_topic(at->topic), at->partition);
    int32_t end = is_committed(client) ? log->stable : log->count;
    at->offset = at->offset == RD_KAFKA_OFFSET_BEGINNING ? 0 : end;
    at->err = RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  return client_travel(client, until_ns) ? RD_KAFKA_RESP_ERR_NO_ERROR : RD_KAFKA_RESP_ERR__TIMED_OUT;
}

/* Of a consumer that reads committed, only once no transaction has yet to say. */
static bool look_up(const rd_kafka_t *client, rd_kafka_topic_partition_list_t *list) {
  bool stable = true;
  for (int i = 0; i < list->cnt; i++) {
    rd_kafka_topic_partition_t *at = &list->elems[i];
    stable &= broker_committed(broker_topic(at->topic), at->partition, &at->offset) || !is_committed(client);
    if (at->offset < 0) at->offset = RD_KAFKA_OFFSET_INVALID;
  }
  return stable;
}

rd_kafka_resp_err_t rd_kafka_committed(rd_kafka_t *client, rd_kafka_topic_partition_list_t *list, int wait_ms) {
  int64_t until_ns = machine_now_ns() + wait_ms * MS;
  while (client_travel(client, until_ns)) {
    if (look_up(client, list))
      return client_travel(client, until_ns) ? RD_KAFKA_RESP_ERR_NO_ERROR : RD_KAFKA_RESP_ERR__TIMED_OUT;
    machine_sleep(BUSY_MS * MS);
  }
  return RD_KAFKA_RESP_ERR__TIMED_OUT;
}

rd_kafka_resp_err_t rd_kafka_poll_set_consumer(rd_kafka_t *client) {
  (void)client;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t rd_kafka_pause_partitions(rd_kafka_t *client, rd_kafka_topic_partition_list_t *list) {
  (void)client, (void)list;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}
