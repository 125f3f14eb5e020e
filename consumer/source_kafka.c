/* source_kafka.c: librdkafka's simple consumer (start, stop, queues), which has none of the traps of pause, resume and seek.
 *
 * A second client reads uncommitted: only it is told where a log really ends (a read_committed one is told the last stable
 * offset, behind which a transaction of the last owner may still wait for its marker). */
#include "source_kafka.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "client.h"
#include "clock.h"
#include "engine/memory.h"
#include "lag.h"
#include "library.h"
#include "log.h"

enum {
  ENDS_MS = 1000,
  AT_ONCE_MS = 100,
  PROBE_MS = 2000, /* a connection of the probe that does not answer is made anew after so long */
  STATISTICS_MS = 1000,
  LOOK_AGAIN_MS = 20, /* at a queue that was full */
  NUDGE_MS = 100,
};

struct source_kafka {
  const struct shared *shared;
  rd_kafka_t *client, *probe;
  rd_kafka_topic_t *topics[SOURCE_TOPICS];
  rd_kafka_topic_t *uncommitted; /* the probe's journal */
  uint64_t errors;
  int64_t nudged_ns;
};

static void note_error(rd_kafka_t *client, int code, const char *reason, void *context) {
  (void)client;
  struct source_kafka *source = context;
  source->errors++;
  log_warning("kafka error", reason, log_text("code", rd_kafka_err2name(code)), log_text("client", "reader"));
}

static int take_statistics(rd_kafka_t *client, char *json, size_t length, void *context) {
  (void)client;
  struct source_kafka *source = context;
  lag_update(source->shared->metrics, json, length);
  return 0; /* librdkafka frees it */
}

/* What is read ahead: by all partitions of a stream together, as librdkafka counts. A queue that is full is looked at again after
 * fetch.queue.backoff.ms; before 2.2.0 librdkafka knows no such property and waits for a second (its issue 2879), see source_nudge. */
static void limit_queues(rd_kafka_conf_t *conf, const struct shared *shared) {
  char number[16];
  const struct settings *settings = shared->settings;
  struct budget budget =
      budget_share(settings->buffers_mb, shared->partitions, settings->inputs.count, settings->threads);
  client_set_default_number(conf, settings, "queued.max.messages.kbytes", budget.queue_kb);
  client_set_default_number(conf, settings, "fetch.max.bytes", budget.fetch_kb * 1024);
  snprintf(number, sizeof number, "%d", LOOK_AGAIN_MS);
  client_set_known(conf, settings, "fetch.queue.backoff.ms", number);
}

static rd_kafka_t *open_client(struct source_kafka *source, bool committed, char *why, size_t room) {
  rd_kafka_conf_t *conf = client_conf(source->shared->settings, RD_KAFKA_CONSUMER, why, room);
  if (!conf) return NULL;
  char number[16];
  client_set(conf, "isolation.level", committed ? "read_committed" : "read_uncommitted");
  client_set(conf, "enable.auto.commit", "false");
  client_set(conf, "enable.auto.offset.store", "false");
  client_set(conf, "auto.offset.reset", "error");
  client_set(conf, "enable.partition.eof", "true");
  /* A partition that is started waits for the fetch that is under way; data is answered at once in any case. */
  client_set_default(conf, source->shared->settings, "fetch.wait.max.ms", "50");
  limit_queues(conf, source->shared);
  rd_kafka_conf_set_error_cb(conf, note_error);
  rd_kafka_conf_set_opaque(conf, source);
  snprintf(number, sizeof number, "%d", committed ? STATISTICS_MS : PROBE_MS);
  if (committed) {
    client_set(conf, "statistics.interval.ms", number);
    rd_kafka_conf_set_stats_cb(conf, take_statistics);
  } else {
    client_set(conf, "socket.timeout.ms", number);
    client_set(conf, "group.id", source->shared->settings->group); /* never joined: asked for its offsets */
  }
  rd_kafka_t *client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, room);
  if (!client) rd_kafka_conf_destroy(conf);
  return client;
}

static const char *topic_name(const struct settings *settings, int32_t topic) {
  if (topic == SOURCE_JOURNAL) return settings->journal;
  if (topic == SOURCE_STATE) return settings->state;
  return topic < settings->inputs.count ? settings->inputs.at[topic] : NULL;
}

static void open_topics(struct source_kafka *source) {
  for (int32_t i = 0; i < SOURCE_TOPICS; i++) {
    const char *name = topic_name(source->shared->settings, i);
    if (!name) continue;
    rd_kafka_topic_conf_t *conf = rd_kafka_default_topic_conf_dup(source->client); /* with auto.offset.reset */
    rd_kafka_topic_conf_set_opaque(conf, (void *)(intptr_t)i);
    source->topics[i] = rd_kafka_topic_new(source->client, name, conf);
    assert(source->topics[i]);
  }
  source->uncommitted = rd_kafka_topic_new(source->probe, source->shared->settings->journal,
                                           rd_kafka_default_topic_conf_dup(source->probe));
  assert(source->uncommitted);
}

struct source_kafka *source_kafka_create(const struct shared *shared, char *why, size_t room) {
  struct source_kafka *source = memory_zeroed(1, sizeof *source);
  source->shared = shared;
  source->client = open_client(source, true, why, room);
  if (source->client) source->probe = open_client(source, false, why, room);
  if (!source->probe) {
    source_kafka_destroy(source);
    return NULL;
  }
  open_topics(source);
  return source;
}

void source_kafka_destroy(struct source_kafka *source) {
  if (!source) return;
  for (int32_t i = 0; i < SOURCE_TOPICS; i++)
    if (source->topics[i]) rd_kafka_topic_destroy(source->topics[i]);
  if (source->uncommitted) rd_kafka_topic_destroy(source->uncommitted);
  if (source->client) rd_kafka_destroy(source->client);
  if (source->probe) rd_kafka_destroy(source->probe);
  memory_free(source);
}

rd_kafka_queue_t *source_stream(struct source_kafka *source) { return rd_kafka_queue_new(source->client); }
void stream_destroy(rd_kafka_queue_t *stream) { rd_kafka_queue_destroy(stream); }

void source_start(struct source_kafka *source, int32_t topic, int32_t partition, int64_t offset,
                  rd_kafka_queue_t *stream) {
  int failed = rd_kafka_consume_start_queue(source->topics[topic], partition, offset, stream);
  assert(!failed);
}

void source_stop(struct source_kafka *source, int32_t topic, int32_t partition) {
  rd_kafka_consume_stop(source->topics[topic], partition);
}

rd_kafka_queue_t *source_peek(struct source_kafka *source, int32_t partition, int64_t offset) {
  rd_kafka_queue_t *stream = rd_kafka_queue_new(source->probe);
  int failed = rd_kafka_consume_start_queue(source->uncommitted, partition, offset, stream);
  assert(!failed);
  return stream;
}

void source_peek_end(struct source_kafka *source, int32_t partition, rd_kafka_queue_t *stream) {
  rd_kafka_consume_stop(source->uncommitted, partition);
  stream_destroy(stream);
}

/* A batch call would wait until it is full: what is there is taken at once, and only nothing is waited for. */
int32_t stream_read(rd_kafka_queue_t *stream, rd_kafka_message_t **messages, int32_t room, int wait_ms) {
  ssize_t count = rd_kafka_consume_batch_queue(stream, 0, messages, (size_t)room);
  if (count > 0 || wait_ms <= 0) return count > 0 ? (int32_t)count : 0;
  messages[0] = rd_kafka_consume_queue(stream, wait_ms);
  if (!messages[0]) return 0;
  count = room > 1 ? rd_kafka_consume_batch_queue(stream, 0, messages + 1, (size_t)room - 1) : 0;
  return 1 + (count > 0 ? (int32_t)count : 0);
}

/* Any request wakes the thread that fetches. Its answer is of no interest. */
bool source_nudge(struct source_kafka *source, int32_t topic, int32_t partition, int64_t next) {
  if (library_looks_again(rd_kafka_version())) return false;
  int64_t low, high, now_ns = clock_monotonic_ns();
  const char *name = source_topic_name(source, topic);
  if (now_ns - source->nudged_ns < LOOK_AGAIN_MS * INT64_C(1000000)) return false;
  if (rd_kafka_get_watermark_offsets(source->client, name, partition, &low, &high) || next >= high) return false;
  source->nudged_ns = now_ns;
  (void)client_offset(source->client, name, partition, RD_KAFKA_OFFSET_END, NUDGE_MS, &high);
  return true;
}

int32_t source_topic_of(const rd_kafka_message_t *message) {
  return (int32_t)(intptr_t)rd_kafka_topic_opaque(message->rkt);
}

static bool ask_offset(rd_kafka_t *client, const char *name, int32_t partition, int64_t which, int64_t *offset) {
  rd_kafka_resp_err_t code = client_offset(client, name, partition, which, ENDS_MS, offset);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
  log_warning("no log end", rd_kafka_err2str(code), log_text("topic", name), log_number("partition", partition));
  return false;
}

bool source_ends(struct source_kafka *source, int32_t topic, int32_t partition, int64_t *begin, int64_t *end) {
  const char *name = source_topic_name(source, topic);
  return ask_offset(source->probe, name, partition, RD_KAFKA_OFFSET_BEGINNING, begin) &&
         ask_offset(source->probe, name, partition, RD_KAFKA_OFFSET_END, end);
}

bool source_stable_end(struct source_kafka *source, int32_t topic, int32_t partition, int64_t *end) {
  return ask_offset(source->client, source_topic_name(source, topic), partition, RD_KAFKA_OFFSET_END, end);
}

bool source_offsets_answer(struct source_kafka *source, int32_t partition) {
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, source->shared->settings->inputs.at[0], partition);
  bool answered = rd_kafka_committed(source->probe, list, AT_ONCE_MS) == RD_KAFKA_RESP_ERR_NO_ERROR;
  rd_kafka_topic_partition_list_destroy(list);
  return answered;
}

const char *source_topic_name(const struct source_kafka *source, int32_t topic) {
  return rd_kafka_topic_name(source->topics[topic]);
}

void source_poll(struct source_kafka *source) {
  rd_kafka_poll(source->client, 0);
  rd_kafka_poll(source->probe, 0);
}

uint64_t source_errors(const struct source_kafka *source) { return source->errors; }
