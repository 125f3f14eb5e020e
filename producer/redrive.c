/* redrive.c: the transactional producer, and short transactions: what is open holds up who reads the inputs. */
#include "redrive.h"

#include <inttypes.h>
#include <stdio.h>

#include "../consumer/client.h"
#include "../consumer/clock.h"

enum {
  CALL_MS = 1000,
  PATIENCE_MS = 30000,
  STEP_MS = 100,
  NAME = 400,
  OPEN_LETTERS = 200,
  OPEN_BYTES = 1 << 20,
};

static int64_t patience_ns(void) { return clock_monotonic_ns() + PATIENCE_MS * INT64_C(1000000); }

static const char *transactional_id(const struct settings *settings, char name[NAME]) {
  snprintf(name, NAME, "handover-redrive-%s", settings->dead_letters);
  return name;
}

/* The first is the cause. */
static bool fail(struct redrive *redrive, const char *what, const char *why) {
  if (!*redrive->why) snprintf(redrive->why, sizeof redrive->why, "%.200s: %.250s", what, why);
  return false;
}

/* NULL is good; an error is freed. */
static bool is_good(struct redrive *redrive, rd_kafka_error_t *error, const char *what) {
  if (!error) return true;
  bool fenced = rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__FENCED;
  fail(redrive, what, fenced ? "somebody else has begun to redrive: see what is left" : rd_kafka_error_string(error));
  rd_kafka_error_destroy(error);
  return false;
}

static void note_delivery(rd_kafka_t *producer, const rd_kafka_message_t *message, void *context) {
  (void)producer;
  bool purged = message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE || message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
  if (message->err && !purged) fail(context, rd_kafka_topic_name(message->rkt), rd_kafka_err2str(message->err));
}

void redrive_configure(struct redrive *redrive, rd_kafka_conf_t *conf) {
  char name[NAME];
  client_set(conf, "transactional.id", transactional_id(redrive->settings, name));
  client_set(conf, "transaction.timeout.ms", "10000"); /* so long may it be in the way of readers, if it is killed */
  client_set(conf, "message.max.bytes", "1000000000"); /* records are as large as they came; the topic decides */
  client_set_default(conf, redrive->settings, "socket.timeout.ms", "5000");
  rd_kafka_conf_set_dr_msg_cb(conf, note_delivery);
  rd_kafka_conf_set_opaque(conf, redrive);
}

bool redrive_fence(struct redrive *redrive) {
  int64_t until_ns = patience_ns();
  for (;;) {
    rd_kafka_error_t *error = rd_kafka_init_transactions(redrive->producer, CALL_MS);
    bool again = error && rd_kafka_error_is_retriable(error) && clock_monotonic_ns() < until_ns;
    if (!again) return is_good(redrive, error, transactional_id(redrive->settings, (char[NAME]){0}));
    rd_kafka_error_destroy(error);
    rd_kafka_poll(redrive->producer, STEP_MS);
  }
}

/* Takes the headers. A full queue is waited for. */
static bool produce(struct redrive *redrive, const char *topic, const rd_kafka_message_t *m,
                    rd_kafka_headers_t *headers, int64_t timestamp_ms) {
  int64_t until_ns = patience_ns();
  rd_kafka_resp_err_t code;
  do {
    code = rd_kafka_producev(redrive->producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(m->partition),
                             RD_KAFKA_V_KEY(m->key, m->key_len), RD_KAFKA_V_VALUE(m->payload, m->len),
                             RD_KAFKA_V_TIMESTAMP(timestamp_ms), RD_KAFKA_V_HEADERS(headers),
                             RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) rd_kafka_poll(redrive->producer, STEP_MS);
  } while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && clock_monotonic_ns() < until_ns);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
  rd_kafka_headers_destroy(headers);
  return fail(redrive, topic, rd_kafka_err2str(code));
}

/* Its time is now: so it is kept for longer than its letter. */
static bool produce_mark(struct redrive *redrive, const struct letter *letter) {
  char offset[24];
  rd_kafka_headers_t *headers = rd_kafka_headers_new(1);
  snprintf(offset, sizeof offset, "%" PRId64, letter->offset);
  rd_kafka_header_add(headers, LETTER_MARK_HEADER, -1, offset, -1);
  const rd_kafka_message_t mark = {.partition = letter->partition};
  return produce(redrive, redrive->settings->dead_letters, &mark, headers, 0);
}

static bool begin(struct redrive *redrive) {
  return redrive->open > 0 || is_good(redrive, rd_kafka_begin_transaction(redrive->producer), "begin_transaction");
}

static void *bytes(struct slice slice) { return (void *)(uintptr_t)slice.at; }

static void give_up(struct redrive *redrive) {
  rd_kafka_error_t *error = rd_kafka_abort_transaction(redrive->producer, PATIENCE_MS);
  if (error) rd_kafka_error_destroy(error); /* the broker does it, after the transaction's time */
  redrive->open = 0;
}

bool redrive_send(struct redrive *redrive, const struct letter *letter, const char *input,
                  rd_kafka_headers_t *headers) {
  if (!begin(redrive)) {
    rd_kafka_headers_destroy(headers);
    return false;
  }
  const rd_kafka_message_t record = {.partition = letter->record.partition,
                                     .key = bytes(letter->key),
                                     .key_len = letter->key.length,
                                     .payload = bytes(letter->value),
                                     .len = letter->value.length};
  int64_t timestamp_ms = letter->timestamp_ms == TIME_NONE ? 0 : letter->timestamp_ms; /* 0: now */
  redrive->open++;
  redrive->open_bytes += letter->key.length + letter->value.length;
  if (!produce(redrive, input, &record, headers, timestamp_ms) || !produce_mark(redrive, letter)) {
    give_up(redrive);
    return false;
  }
  if (redrive->open < OPEN_LETTERS && redrive->open_bytes < OPEN_BYTES) return true;
  return redrive_commit(redrive);
}

/* A commit that timed out is resumed by the same call. */
bool redrive_commit(struct redrive *redrive) {
  int64_t until_ns = patience_ns();
  if (redrive->open == 0) return true;
  for (;;) {
    rd_kafka_error_t *error = rd_kafka_commit_transaction(redrive->producer, CALL_MS);
    if (error && rd_kafka_error_is_retriable(error) && clock_monotonic_ns() < until_ns) {
      rd_kafka_error_destroy(error);
      continue;
    }
    bool abort = error && rd_kafka_error_txn_requires_abort(error);
    bool good = is_good(redrive, error, "commit_transaction");
    if (abort) give_up(redrive);
    if (good) redrive->committed += (uint64_t)redrive->open;
    redrive->open = 0;
    redrive->open_bytes = 0;
    return good;
  }
}
