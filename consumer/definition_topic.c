/* definition_topic.c: a simple consumer of one partition, read committed. */
#include "definition_topic.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "clock.h"
#include "engine/memory.h"
#include "interrupt.h"
#include "log.h"

enum { PARTITION = 0, STEP_MS = 100, METADATA_MS = 1000, WHY = 500, VERSION_DIGITS = 10 };

struct definition_topic {
  rd_kafka_t *client;
  rd_kafka_topic_t *topic;
  rd_kafka_message_t *message; /* what was read last */
  char why[WHY];
};

static void note_error(rd_kafka_t *client, int code, const char *reason, void *context) {
  (void)client;
  struct definition_topic *topic = context;
  snprintf(topic->why, sizeof topic->why, "%.400s", reason);
  log_warning("kafka error", reason, log_text("code", rd_kafka_err2name(code)), log_text("client", "definitions"));
}

static void start(struct definition_topic *topic) {
  int failed = rd_kafka_consume_start(topic->topic, PARTITION, RD_KAFKA_OFFSET_BEGINNING);
  assert(!failed);
}

struct definition_topic *definition_topic_open(const struct settings *settings, char *why, size_t room) {
  rd_kafka_conf_t *conf = client_conf(settings, RD_KAFKA_CONSUMER, why, room);
  if (!conf) return NULL;
  struct definition_topic *topic = memory_zeroed(1, sizeof *topic);
  client_set(conf, "isolation.level", "read_committed");
  client_set(conf, "enable.auto.commit", "false");
  client_set(conf, "auto.offset.reset", "earliest");
  client_set(conf, "enable.partition.eof", "true");
  client_set_default(conf, settings, "fetch.wait.max.ms",
                     "100"); /* the end is told after a fetch that came back empty */
  rd_kafka_conf_set_error_cb(conf, note_error);
  rd_kafka_conf_set_opaque(conf, topic);
  topic->client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, room);
  if (!topic->client) {
    rd_kafka_conf_destroy(conf);
    memory_free(topic);
    return NULL;
  }
  /* With the default topic's settings, of which auto.offset.reset is one. */
  topic->topic =
      rd_kafka_topic_new(topic->client, settings->definitions_topic, rd_kafka_default_topic_conf_dup(topic->client));
  assert(topic->topic);
  start(topic);
  return topic;
}

static void let_go(struct definition_topic *topic) {
  if (topic->message) rd_kafka_message_destroy(topic->message);
  topic->message = NULL;
}

void definition_topic_close(struct definition_topic *topic) {
  if (!topic) return;
  let_go(topic);
  rd_kafka_consume_stop(topic->topic, PARTITION);
  rd_kafka_topic_destroy(topic->topic);
  rd_kafka_destroy(topic->client);
  memory_free(topic);
}

void definition_topic_rewind(struct definition_topic *topic) {
  let_go(topic);
  rd_kafka_consume_stop(topic->topic, PARTITION);
  start(topic);
}

static struct slice slice_from(const void *bytes, size_t length) {
  return (struct slice){bytes, bytes ? (uint32_t)length : 0};
}

enum definition_topic_outcome definition_topic_read(struct definition_topic *topic, int wait_ms,
                                                    struct published_definition *published) {
  let_go(topic);
  rd_kafka_poll(topic->client, 0);
  topic->message = rd_kafka_consume(topic->topic, PARTITION, wait_ms);
  rd_kafka_message_t *m = topic->message;
  if (!m) return DEFINITION_TOPIC_NOTHING;
  if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return DEFINITION_TOPIC_END;
  if (m->err) {
    snprintf(topic->why, sizeof topic->why, "%.400s", rd_kafka_message_errstr(m));
    return DEFINITION_TOPIC_ERROR;
  }
  *published = (struct published_definition){m->offset, slice_from(m->key, m->key_len), slice_from(m->payload, m->len)};
  return DEFINITION_TOPIC_RECORD;
}

/* Of a topic that its user has no right to, not even to see it, librdkafka's consumers say nothing. */
static bool is_forbidden(struct definition_topic *topic) {
  const struct rd_kafka_metadata *metadata;
  if (rd_kafka_metadata(topic->client, 0, topic->topic, &metadata, METADATA_MS) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return false;
  rd_kafka_resp_err_t code = metadata->topic_cnt == 1 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR_NO_ERROR;
  rd_kafka_metadata_destroy(metadata);
  if (code != RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) return false;
  snprintf(topic->why, sizeof topic->why, "%s", rd_kafka_err2str(code));
  return true;
}

bool definition_topic_read_all(struct definition_topic *topic, int64_t patience_ms,
                               bool (*take)(void *context, const struct published_definition *published),
                               void *context) {
  int64_t until_ns = clock_monotonic_ns() + patience_ms * INT64_C(1000000);
  struct published_definition published;
  bool asked = false;
  do {
    switch (definition_topic_read(topic, STEP_MS, &published)) {
      case DEFINITION_TOPIC_RECORD:
        if (!take(context, &published)) return false;
        break;
      case DEFINITION_TOPIC_END: return true;
      case DEFINITION_TOPIC_ERROR:
        if (topic->message->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) return false; /* no waiting helps */
        break;
      case DEFINITION_TOPIC_NOTHING:
        if (!asked && is_forbidden(topic)) return false;
        asked = true;
        break;
    }
  } while (clock_monotonic_ns() < until_ns && !interrupt_seen());
  if (interrupt_seen()) snprintf(topic->why, sizeof topic->why, "a signal came");
  else if (!*topic->why) snprintf(topic->why, sizeof topic->why, "no answer");
  return false;
}

const char *definition_topic_why(const struct definition_topic *topic) { return topic->why; }

/* --- keys --- */

void definition_key(char key[DEFINITION_KEY], struct slice name, uint32_t version) {
  snprintf(key, DEFINITION_KEY, "%.*s/%" PRIu32, (int)name.length, name.at, version);
}

bool definition_key_parse(struct slice key, struct slice *name, uint32_t *version) {
  uint32_t digits = 0;
  uint64_t number = 0, unit = 1;
  while (digits < key.length && digits < VERSION_DIGITS) {
    char c = key.at[key.length - 1 - digits];
    if (c < '0' || c > '9') break;
    number += unit * (uint64_t)(c - '0');
    unit *= 10;
    digits++;
  }
  if (digits == 0 || key.length < digits + 2 || key.at[key.length - 1 - digits] != '/') return false;
  if (key.at[key.length - digits] == '0' || number > UINT32_MAX) return false;
  *name = (struct slice){key.at, key.length - digits - 1};
  *version = (uint32_t)number;
  return true;
}
