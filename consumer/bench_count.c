/* bench_count.c: the raw consumer: as little as a program can do that reads a whole topic. May use: librdkafka, bench_site.h. */
#include <stdio.h>
#include <sys/types.h>

#include "bench_site.h"
#include "clock.h"
#include "interrupt.h"

enum { BATCH = 1000, WAIT_MS = 100, SILENT_MS = 60000 };

struct counting {
  uint64_t records;
  int64_t *ends; /* NULL: nobody asks */
  int32_t ended; /* partitions */
  const char *failed;
};

static void count_messages(struct counting *counting, rd_kafka_message_t **messages, ssize_t count) {
  for (ssize_t i = 0; i < count; i++) {
    const rd_kafka_message_t *message = messages[i];
    rd_kafka_resp_err_t code = message->err;
    counting->records += !code;
    counting->ended += code == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (!code && counting->ends) counting->ends[message->partition] = message->offset + 1;
    if (code && code != RD_KAFKA_RESP_ERR__PARTITION_EOF && code != RD_KAFKA_RESP_ERR__TRANSPORT)
      counting->failed = rd_kafka_err2str(code);
    rd_kafka_message_destroy(messages[i]);
  }
}

/* Until each partition has ended. */
static void read_all(struct bench_site *site, rd_kafka_queue_t *queue, struct counting *counting) {
  static rd_kafka_message_t *messages[BATCH];
  int64_t heard_ns = clock_monotonic_ns();
  while (counting->ended < site->partitions && !counting->failed) {
    ssize_t count = rd_kafka_consume_batch_queue(queue, WAIT_MS, messages, BATCH);
    count_messages(counting, messages, count);
    if (count > 0) heard_ns = clock_monotonic_ns();
    if (clock_monotonic_ns() - heard_ns > SILENT_MS * INT64_C(1000000)) counting->failed = "nothing came for a minute";
    if (interrupt_seen()) counting->failed = "interrupted";
  }
}

bool site_count(struct bench_site *site, uint64_t *records, int64_t *ends) {
  const char *topic = site->settings.inputs.at[0];
  struct counting counting = {.ends = ends};
  rd_kafka_t *reader = site_reader(site, "read_committed");
  if (!reader) return false;
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(site->partitions);
  for (int32_t i = 0; i < site->partitions; i++)
    rd_kafka_topic_partition_list_add(list, topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(reader, list);
  rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(reader);
  read_all(site, queue, &counting);
  rd_kafka_queue_destroy(queue);
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_destroy(reader);
  *records = counting.records;
  if (!counting.failed && counting.records == 0) counting.failed = "is empty";
  if (counting.failed) snprintf(site->bench->why, BENCH_WHY, "%.200s: %s", topic, counting.failed);
  return !counting.failed;
}
