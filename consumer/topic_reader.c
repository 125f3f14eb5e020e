/* topic_reader.c: librdkafka's simple consumer. A partition's end is what the broker calls it when it is started; the end of file that
 * comes where nothing more is committed counts, too, when it lies there. */
#include "topic_reader.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "clock.h"
#include "engine/memory.h"
#include "interrupt.h"
#include "message.h"
#include "source_kafka.h"

enum { READ = 1000, ASK_MS = 10000, WAIT_MS = 100 };
#define PATIENCE_NS INT64_C(30000000000)

struct topic_reader {
  rd_kafka_t *client, *probe;     /* the probe reads uncommitted: it alone is told where a log really ends */
  char trouble[TOPIC_READER_WHY]; /* the last that librdkafka told */
};

struct topic_stream {
  struct topic_reader *reader;
  rd_kafka_topic_t *topic;
  rd_kafka_queue_t *queue;
  struct slice name;
  int32_t partition;
  int64_t begin, end, position;
  bool follow, over;
  rd_kafka_message_t *messages[READ];
  int32_t count;
  char why[TOPIC_READER_WHY];
};

static void note_error(rd_kafka_t *client, int code, const char *reason, void *context) {
  (void)client;
  struct topic_reader *reader = context;
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && *reader->trouble) return; /* the one before says more */
  snprintf(reader->trouble, sizeof reader->trouble, "%.400s", reason);
}

static void ignore_log(const rd_kafka_t *client, int level, const char *facility, const char *text) {
  (void)client, (void)level, (void)facility, (void)text;
}

static rd_kafka_t *open_client(struct topic_reader *reader, const struct settings *settings, const char *isolation,
                               char *why, size_t room) {
  rd_kafka_conf_t *conf = client_conf(settings, RD_KAFKA_CONSUMER, why, room);
  if (!conf) return NULL;
  client_set(conf, "isolation.level", isolation);
  client_set(conf, "enable.auto.commit", "false");
  client_set(conf, "auto.offset.reset", "error");
  client_set(conf, "enable.partition.eof", "true");
  client_set_default(conf, settings, "fetch.wait.max.ms", "50");
  rd_kafka_conf_set_error_cb(conf, note_error);
  rd_kafka_conf_set_log_cb(conf, ignore_log);
  rd_kafka_conf_set_opaque(conf, reader);
  rd_kafka_t *client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, room);
  if (!client) rd_kafka_conf_destroy(conf);
  return client;
}

struct topic_reader *topic_reader_open(const struct settings *settings, char *why, size_t room) {
  struct topic_reader *reader = memory_zeroed(1, sizeof *reader);
  reader->client = open_client(reader, settings, "read_committed", why, room);
  if (reader->client) reader->probe = open_client(reader, settings, "read_uncommitted", why, room);
  if (reader->probe) return reader;
  topic_reader_close(reader);
  return NULL;
}

void topic_reader_close(struct topic_reader *reader) {
  if (!reader) return;
  if (reader->client) rd_kafka_destroy(reader->client);
  if (reader->probe) rd_kafka_destroy(reader->probe);
  memory_free(reader);
}

static void say_trouble(struct topic_reader *reader, const char *topic, rd_kafka_resp_err_t code, char *why,
                        size_t room) {
  rd_kafka_poll(reader->client, 0);
  snprintf(why, room, "%.200s: %.250s", topic, *reader->trouble ? reader->trouble : rd_kafka_err2str(code));
}

bool topic_reader_answers(struct topic_reader *reader, int wait_ms, char *why, size_t room) {
  const struct rd_kafka_metadata *metadata;
  rd_kafka_resp_err_t code = rd_kafka_metadata(reader->client, 0, NULL, &metadata, wait_ms);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_metadata_destroy(metadata);
    return true;
  }
  say_trouble(reader, "no broker answers", code, why, room);
  return false;
}

int32_t topic_reader_partitions(struct topic_reader *reader, const char *topic, char *why, size_t room) {
  const struct rd_kafka_metadata *metadata;
  rd_kafka_topic_t *handle = rd_kafka_topic_new(reader->client, topic, NULL);
  assert(handle);
  rd_kafka_resp_err_t code = rd_kafka_metadata(reader->client, 0, handle, &metadata, ASK_MS);
  rd_kafka_topic_destroy(handle);
  if (code) {
    say_trouble(reader, topic, code, why, room);
    return -1;
  }
  const struct rd_kafka_metadata_topic *found = &metadata->topics[0];
  int32_t count = metadata->topic_cnt == 1 && !found->err ? found->partition_cnt : 0;
  rd_kafka_metadata_destroy(metadata);
  return count;
}

void topic_reader_cluster(struct topic_reader *reader, char *text, size_t room) {
  char *id = rd_kafka_clusterid(reader->client, ASK_MS);
  snprintf(text, room, "%s", id ? id : "");
  rd_kafka_mem_free(reader->client, id);
}

static bool ask_offset(struct topic_stream *stream, rd_kafka_t *client, int64_t which, int64_t *offset, char *why,
                       size_t room) {
  rd_kafka_resp_err_t code = client_offset(client, stream->name.at, stream->partition, which, ASK_MS, offset);
  if (code) say_trouble(stream->reader, stream->name.at, code, why, room);
  return !code;
}

bool topic_stream_extend(struct topic_stream *stream) {
  return ask_offset(stream, stream->reader->probe, RD_KAFKA_OFFSET_END, &stream->end, stream->why, sizeof stream->why);
}

struct topic_stream *topic_stream_start(struct topic_reader *reader, const char *topic, int32_t partition, bool follow,
                                        char *why, size_t room) {
  return topic_stream_start_at(reader, topic, partition, 0, follow, why, room);
}

int64_t topic_reader_offset(struct topic_reader *reader, const char *topic, int32_t partition, int64_t time_ms,
                            char *why, size_t room) {
  int64_t offset;
  rd_kafka_resp_err_t code = client_offset(reader->client, topic, partition, time_ms, ASK_MS, &offset);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return offset;
  if (code == RD_KAFKA_RESP_ERR__NO_OFFSET) return TOPIC_END;
  say_trouble(reader, topic, code, why, room);
  return -1;
}

struct topic_stream *topic_stream_start_at(struct topic_reader *reader, const char *topic, int32_t partition,
                                           int64_t from, bool follow, char *why, size_t room) {
  struct topic_stream *stream = memory_zeroed(1, sizeof *stream);
  stream->reader = reader;
  stream->name = slice_of(topic);
  stream->partition = partition;
  if (!ask_offset(stream, reader->client, RD_KAFKA_OFFSET_BEGINNING, &stream->begin, why, room) ||
      !ask_offset(stream, reader->client, RD_KAFKA_OFFSET_END, &stream->end, why, room)) {
    memory_free(stream);
    return NULL;
  }
  stream->follow = follow;
  stream->position = from < stream->begin ? stream->begin : from > stream->end ? stream->end : from;
  stream->over = !follow && stream->position >= stream->end;
  stream->topic = rd_kafka_topic_new(reader->client, topic, rd_kafka_default_topic_conf_dup(reader->client));
  stream->queue = rd_kafka_queue_new(reader->client);
  int failed = rd_kafka_consume_start_queue(stream->topic, partition, stream->position, stream->queue);
  assert(!failed);
  return stream;
}

static void let_go(struct topic_stream *stream) {
  for (int32_t i = 0; i < stream->count; i++) rd_kafka_message_destroy(stream->messages[i]);
  stream->count = 0;
}

void topic_stream_end(struct topic_stream *stream) {
  if (!stream) return;
  let_go(stream);
  rd_kafka_consume_stop(stream->topic, stream->partition);
  rd_kafka_queue_destroy(stream->queue);
  rd_kafka_topic_destroy(stream->topic);
  memory_free(stream);
}

static void fail(struct topic_stream *stream, const rd_kafka_message_t *message) {
  snprintf(stream->why, sizeof stream->why, "%.*s/%d: %.300s", (int)stream->name.length, stream->name.at,
           (int)stream->partition, rd_kafka_message_errstr(message));
  stream->over = true;
}

/* Keeps what is a record, in order; ends and errors are noted. */
static void sift(struct topic_stream *stream, int32_t count) {
  stream->count = 0;
  for (int32_t i = 0; i < count; i++) {
    rd_kafka_message_t *message = stream->messages[i];
    bool is_record = !message->err && !stream->over && (stream->follow || message->offset < stream->end);
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      stream->position = message->offset;
    } else if (message->err) {
      fail(stream, message);
    } else {
      stream->position = message->offset + 1;
    }
    stream->over = stream->over || (!stream->follow && stream->position >= stream->end);
    if (is_record) {
      stream->messages[stream->count++] = message;
    } else {
      rd_kafka_message_destroy(message);
    }
  }
}

int32_t topic_stream_read(struct topic_stream *stream, struct record *records, int32_t room, int wait_ms) {
  let_go(stream);
  if (stream->over) return 0;
  if (room > READ) room = READ;
  sift(stream, stream_read(stream->queue, stream->messages, room, wait_ms));
  for (int32_t i = 0; i < stream->count; i++) records[i] = message_record(stream->messages[i], stream->name);
  if (stream->count > 0) return stream->count;
  return stream->over ? 0 : -1;
}

int32_t topic_stream_await(struct topic_stream *stream, struct record *records, int32_t room) {
  for (int64_t until_ns = clock_monotonic_ns() + PATIENCE_NS; !interrupt_seen();) {
    int32_t count = topic_stream_read(stream, records, room, WAIT_MS);
    if (*stream->why) return -1;
    if (count >= 0) return count;
    if (clock_monotonic_ns() <= until_ns) continue;
    snprintf(stream->why, sizeof stream->why, "%.*s/%d: no answer", (int)stream->name.length, stream->name.at,
             (int)stream->partition);
    return -1;
  }
  snprintf(stream->why, sizeof stream->why, "interrupted");
  return -1;
}

const rd_kafka_message_t *topic_stream_message(const struct topic_stream *stream, int32_t index) {
  return stream->messages[index];
}
bool topic_stream_over(const struct topic_stream *stream) { return stream->over; }
const char *topic_stream_why(const struct topic_stream *stream) { return stream->why; }
int64_t topic_stream_limit(const struct topic_stream *stream) { return stream->end; }
int64_t topic_stream_position(const struct topic_stream *stream) { return stream->position; }
int64_t topic_stream_begin(const struct topic_stream *stream) { return stream->begin; }
