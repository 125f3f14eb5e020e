/* alert_reader.c: librdkafka's group consumer, with positions of our own. */
#include "alert_reader.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../consumer/client.h"
#include "../consumer/clock.h"
#include "../consumer/engine/memory.h"
#include "../consumer/log.h"

enum { ASK_MS = 5000, ASK_TIMES = 6, LEAVE_MS = 100, LEAVE_STEPS = 50, UNKNOWN = -1 };

struct share { /* a partition that is ours */
  int32_t partition;
  bool over;         /* its end has been seen */
  int64_t committed; /* UNKNOWN: nothing by us */
};

struct alert_reader {
  const struct settings *settings;
  struct alert_state *state;
  rd_kafka_t *client;
  rd_kafka_queue_t *queue;
  struct share *shares;
  int32_t count;
  bool assigned, paused, leaving;
  int64_t cut;
  char trouble[ALERT_READER_WHY];
};

static const char *topic_of(const struct alert_reader *reader) { return reader->settings->stage_changes; }

static void give_up(struct alert_reader *reader, const char *what, const char *why) {
  if (!*reader->trouble) snprintf(reader->trouble, sizeof reader->trouble, "%.200s: %.300s", what, why);
}

static void note_error(rd_kafka_t *client, int code, const char *reason, void *context) {
  struct alert_reader *reader = context;
  char why[ALERT_READER_WHY];
  log_warning("kafka error", reason, log_text("code", rd_kafka_err2name(code)), log_text("client", "alert"));
  if (code != RD_KAFKA_RESP_ERR__FATAL) return;
  rd_kafka_fatal_error(client, why, sizeof why);
  give_up(reader, "Kafka", why);
}

/* --- where a partition begins --- */

/* What the group has committed, UNKNOWN for nothing. False: nobody tells. */
static bool ask_committed(struct alert_reader *reader, int32_t partition, int64_t *offset) {
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__TIMED_OUT;
  for (int i = 0; i < ASK_TIMES && code; i++) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic_of(reader), partition);
    code = rd_kafka_committed(reader->client, list, ASK_MS);
    if (!code) code = list->elems[0].err;
    *offset = list->elems[0].offset >= 0 ? list->elems[0].offset : UNKNOWN;
    rd_kafka_topic_partition_list_destroy(list);
  }
  return !code;
}

static bool ask_end(struct alert_reader *reader, int32_t partition, int64_t which, int64_t *offset) {
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__TIMED_OUT;
  for (int i = 0; i < ASK_TIMES && code; i++)
    code = client_offset(reader->client, topic_of(reader), partition, which, ASK_MS, offset);
  if (code) give_up(reader, topic_of(reader), rd_kafka_err2str(code));
  return !code;
}

/* A place that is known for the first time is kept: from here on nothing is missed, however long nobody reads. */
static bool find_begin(struct alert_reader *reader, int32_t partition, int64_t *offset) {
  int64_t kept = alert_state_position(reader->state, topic_of(reader), partition), committed = UNKNOWN;
  if (!ask_committed(reader, partition, &committed) && kept < 0) {
    give_up(reader, reader->settings->alert_group, "the group's offsets cannot be read");
    return false;
  }
  *offset = kept > committed ? kept : committed;
  if (*offset == kept && kept >= 0) return true;
  int64_t which = reader->settings->alert_start ? RD_KAFKA_OFFSET_BEGINNING : RD_KAFKA_OFFSET_END;
  if (*offset < 0 && !ask_end(reader, partition, which, offset)) return false;
  alert_state_move(reader->state, topic_of(reader), partition, *offset);
  return true;
}

/* --- rebalances --- */

/* Who leaves asks for nothing more: while it unsubscribes nobody answers, for half a minute a partition. */
static void take_up(struct alert_reader *reader, rd_kafka_topic_partition_list_t *list) {
  for (int i = 0; i < list->cnt; i++) {
    if (reader->leaving || *reader->trouble || !find_begin(reader, list->elems[i].partition, &list->elems[i].offset))
      list->elems[i].offset = RD_KAFKA_OFFSET_END;
    reader->shares = memory_grown(reader->shares, (size_t)(reader->count + 1) * sizeof *reader->shares);
    reader->shares[reader->count++] = (struct share){list->elems[i].partition, false, UNKNOWN};
  }
  client_rebalanced(rd_kafka_incremental_assign(reader->client, list), "incremental_assign");
  if (reader->paused) rd_kafka_pause_partitions(reader->client, list);
  reader->assigned = true;
}

static struct share *share_of(struct alert_reader *reader, int32_t partition) {
  for (int32_t i = 0; i < reader->count; i++) {
    if (reader->shares[i].partition == partition) return &reader->shares[i];
  }
  return NULL;
}

static void let_go(struct alert_reader *reader, const rd_kafka_topic_partition_list_t *list) {
  for (int i = 0; i < list->cnt; i++) {
    struct share *share = share_of(reader, list->elems[i].partition);
    if (share) *share = reader->shares[--reader->count];
  }
}

/* The offsets to commit: of what has moved, before what is still to be delivered. NULL: none. */
static rd_kafka_topic_partition_list_t *moved(struct alert_reader *reader) {
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(reader->count);
  for (int32_t i = 0; i < reader->count; i++) {
    struct share *share = &reader->shares[i];
    int64_t next = alert_state_position(reader->state, topic_of(reader), share->partition),
            held = alert_state_held(reader->state, topic_of(reader), share->partition);
    if (held >= 0 && held < next) next = held;
    if (next < 0 || next == share->committed) continue;
    rd_kafka_topic_partition_list_add(list, topic_of(reader), share->partition)->offset = next;
    share->committed = next;
  }
  if (list->cnt > 0 && !alert_state_trouble(reader->state)) return list;
  rd_kafka_topic_partition_list_destroy(list);
  return NULL;
}

static void commit(struct alert_reader *reader, bool wait) {
  rd_kafka_topic_partition_list_t *list = moved(reader);
  if (!list) return;
  rd_kafka_resp_err_t code = rd_kafka_commit(reader->client, list, !wait);
  if (code) log_info("commit", rd_kafka_err2str(code), log_text("client", "alert"));
  rd_kafka_topic_partition_list_destroy(list);
}

void alert_reader_commit(struct alert_reader *reader) { commit(reader, false); }

static void rebalance(rd_kafka_t *client, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list,
                      void *context) {
  struct alert_reader *reader = context;
  bool taken = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS, lost = rd_kafka_assignment_lost(client);
  log_info("rebalance",
           taken  ? "partitions assigned"
           : lost ? "partitions lost"
                  : "partitions revoked",
           log_number("partitions", list->cnt), log_text("client", "alert"));
  if (taken) {
    take_up(reader, list);
    return;
  }
  if (!lost) commit(reader, true);
  let_go(reader, list);
  client_rebalanced(rd_kafka_incremental_unassign(client, list), "incremental_unassign");
}

/* --- reading --- */

static rd_kafka_conf_t *configure(struct alert_reader *reader, char *why, size_t room) {
  rd_kafka_conf_t *conf = client_conf(reader->settings, RD_KAFKA_CONSUMER, why, room);
  if (!conf) return NULL;
  client_set(conf, "group.id", reader->settings->alert_group);
  client_set(conf, "partition.assignment.strategy", "cooperative-sticky");
  client_set(conf, "isolation.level", "read_committed");
  client_set(conf, "enable.auto.commit", "false");
  client_set(conf, "enable.auto.offset.store", "false");
  client_set(conf, "auto.offset.reset", "error"); /* what is cut is said */
  client_set(conf, "enable.partition.eof", "true");
  client_set(conf, "queued.max.messages.kbytes", "16384");
  client_set_default(conf, reader->settings, "session.timeout.ms",
                     "10000"); /* so soon after a crash another reads on */
  client_set_default(conf, reader->settings, "fetch.wait.max.ms", "100");
  rd_kafka_conf_set_rebalance_cb(conf, rebalance);
  rd_kafka_conf_set_error_cb(conf, note_error);
  rd_kafka_conf_set_opaque(conf, reader);
  return conf;
}

static bool subscribe(struct alert_reader *reader, char *why, size_t room) {
  rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, topic_of(reader), RD_KAFKA_PARTITION_UA);
  rd_kafka_poll_set_consumer(reader->client);
  rd_kafka_resp_err_t code = rd_kafka_subscribe(reader->client, topics);
  rd_kafka_topic_partition_list_destroy(topics);
  if (code) snprintf(why, room, "subscribe: %s", rd_kafka_err2str(code));
  return !code;
}

struct alert_reader *alert_reader_open(const struct settings *settings, struct alert_state *state, int socket,
                                       char *why, size_t room) {
  struct alert_reader *reader = memory_zeroed(1, sizeof *reader);
  reader->settings = settings;
  reader->state = state;
  rd_kafka_conf_t *conf = configure(reader, why, room);
  reader->client = conf ? rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, room) : NULL;
  if (conf && !reader->client) rd_kafka_conf_destroy(conf);
  if (!reader->client || !subscribe(reader, why, room)) {
    alert_reader_close(reader);
    return NULL;
  }
  reader->queue = rd_kafka_queue_get_consumer(reader->client);
  rd_kafka_queue_io_event_enable(reader->queue, socket, "r", 1);
  return reader;
}

/* Unsubscribing before closing: a close that meets a new assignment may hang (librdkafka before 2.4). */
static void leave(struct alert_reader *reader) {
  reader->leaving = true;
  rd_kafka_unsubscribe(reader->client);
  for (int i = 0; i < LEAVE_STEPS && reader->count > 0; i++) {
    rd_kafka_message_t *message = rd_kafka_consumer_poll(reader->client, LEAVE_MS);
    if (message) rd_kafka_message_destroy(message);
  }
  rd_kafka_consumer_close(reader->client);
  client_destroy_member(reader->client, reader->assigned);
}

void alert_reader_close(struct alert_reader *reader) {
  if (!reader) return;
  if (reader->queue) {
    rd_kafka_queue_io_event_enable(reader->queue, -1, NULL, 0);
    rd_kafka_queue_destroy(reader->queue);
  }
  if (reader->client) leave(reader);
  memory_free(reader->shares);
  memory_free(reader);
}

/* A partition that begins anew, elsewhere. A seek does nothing for one whose offset was out of range: librdkafka has stopped it. */
static void begin_at(struct alert_reader *reader, int32_t partition, int64_t offset) {
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic_of(reader), partition)->offset = offset;
  rd_kafka_error_t *error = rd_kafka_incremental_unassign(reader->client, list);
  if (!error) error = rd_kafka_incremental_assign(reader->client, list);
  if (error) give_up(reader, topic_of(reader), rd_kafka_error_string(error));
  if (error) rd_kafka_error_destroy(error);
  if (reader->paused) rd_kafka_pause_partitions(reader->client, list);
  rd_kafka_topic_partition_list_destroy(list);
}

/* What retention has cut before it was read is told of, counted, and passed over. */
static void pass_gap(struct alert_reader *reader, int32_t partition) {
  int64_t begin, kept = alert_state_position(reader->state, topic_of(reader), partition);
  if (!ask_end(reader, partition, RD_KAFKA_OFFSET_BEGINNING, &begin)) return;
  log_error("cut", "retention has cut events before they were read", log_text("topic", topic_of(reader)),
            log_number("partition", partition), log_number("from", kept), log_number("to", begin));
  if (begin > kept && kept >= 0) reader->cut += begin - kept;
  alert_state_move(reader->state, topic_of(reader), partition, begin);
  begin_at(reader, partition, begin);
}

static void take_error(struct alert_reader *reader, const rd_kafka_message_t *message) {
  struct share *share = share_of(reader, message->partition);
  switch (message->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      if (share) share->over = true;
      break;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET: pass_gap(reader, message->partition); break;
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
      give_up(reader, reader->settings->alert_group, rd_kafka_message_errstr(message));
      break;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__FATAL: give_up(reader, topic_of(reader), rd_kafka_message_errstr(message)); break;
    default: log_warning("kafka error", rd_kafka_message_errstr(message), log_text("client", "alert"));
  }
}

rd_kafka_message_t *alert_reader_poll(struct alert_reader *reader) {
  for (;;) {
    rd_kafka_message_t *message = rd_kafka_consumer_poll(reader->client, 0);
    if (!message || !message->err) return message;
    take_error(reader, message);
    rd_kafka_message_destroy(message);
  }
}

void alert_reader_pause(struct alert_reader *reader, bool paused) {
  if (reader->paused == paused) return;
  reader->paused = paused;
  log_info(paused ? "paused" : "resumed",
           paused ? "too much waits to be delivered: nothing more is read" : "reading goes on");
  rd_kafka_topic_partition_list_t *list = NULL;
  if (rd_kafka_assignment(reader->client, &list) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  if (paused) rd_kafka_pause_partitions(reader->client, list);
  else rd_kafka_resume_partitions(reader->client, list);
  rd_kafka_topic_partition_list_destroy(list);
}

int64_t alert_reader_cut(const struct alert_reader *reader) { return reader->cut; }

bool alert_reader_assigned(const struct alert_reader *reader) { return reader->assigned; }

bool alert_reader_over(const struct alert_reader *reader) {
  for (int32_t i = 0; i < reader->count; i++) {
    if (!reader->shares[i].over) return false;
  }
  return reader->assigned;
}

const char *alert_reader_trouble(const struct alert_reader *reader) {
  return *reader->trouble ? reader->trouble : NULL;
}
