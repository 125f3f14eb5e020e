/* membership.c: librdkafka's group consumer with everything it is assigned paused. */
#include "membership.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "crash.h"
#include "engine/memory.h"
#include "log.h"

enum { COMMITTED_MS = 100, LEAVE_STEP_MS = 50, LEAVE_STEPS = 60, SETTLE_MS = 3000, TELL_MS = 1000, WHY = 600 };

struct membership {
  const struct shared *shared;
  struct membership_handlers handlers;
  rd_kafka_t *client;
  bool assigned;           /* an assignment has come, perhaps an empty one */
  int64_t member_since_ns; /* 0: not yet a member */
  int64_t told_ns;         /* when it was last told that offsets do not come */
  uint64_t errors;
  bool failed;
  char why[WHY];
};

static void note_error(rd_kafka_t *client, int code, const char *reason, void *context) {
  struct membership *m = context;
  m->errors++;
  if (code == RD_KAFKA_RESP_ERR__FATAL) {
    code = (int)rd_kafka_fatal_error(client, m->why, sizeof m->why);
    m->failed = true;
  }
  log_warning("kafka error", reason, log_text("code", rd_kafka_err2name(code)), log_text("client", "member"));
}

/* --- rebalances --- */

static int32_t *partitions_of(const rd_kafka_topic_partition_list_t *list) {
  int32_t *partitions = memory_zeroed((size_t)list->cnt, sizeof *partitions);
  for (int i = 0; i < list->cnt; i++) partitions[i] = list->elems[i].partition;
  return partitions;
}

/* Nothing is read through this client: it starts at the end, paused. */
static void assign(struct membership *m, rd_kafka_topic_partition_list_t *list) {
  for (int i = 0; i < list->cnt; i++) list->elems[i].offset = RD_KAFKA_OFFSET_END;
  client_rebalanced(rd_kafka_incremental_assign(m->client, list), "incremental_assign");
  CRASH_POINT("assigned-not-paused");
  rd_kafka_pause_partitions(m->client, list);
  m->assigned = true;
}

static void rebalance(rd_kafka_t *client, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list,
                      void *context) {
  struct membership *m = context;
  int32_t *partitions = partitions_of(list);
  bool lost = rd_kafka_assignment_lost(client);
  log_info("rebalance",
           code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS ? "partitions assigned"
           : lost                                       ? "partitions lost"
                                                        : "partitions revoked",
           log_number("partitions", list->cnt));
  switch (code) {
    case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
      assign(m, list);
      m->handlers.assigned(m->handlers.context, partitions, list->cnt);
      break;
    case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
      (lost ? m->handlers.lost : m->handlers.revoked)(m->handlers.context, partitions, list->cnt);
      CRASH_POINT("stop-not-unassigned");
      client_rebalanced(rd_kafka_incremental_unassign(client, list), "incremental_unassign");
      CRASH_POINT("stop-unassigned");
      break;
    default:
      log_warning("rebalance", rd_kafka_err2str(code));
      m->handlers.lost(m->handlers.context, partitions, list->cnt);
      rd_kafka_assign(client, NULL);
  }
  memory_free(partitions);
}

/* --- joining and leaving --- */

static rd_kafka_conf_t *configure(struct membership *m, char *why, size_t room) {
  rd_kafka_conf_t *conf = client_conf(m->shared->settings, RD_KAFKA_CONSUMER, why, room);
  if (!conf) return NULL;
  client_set(conf, "group.id", m->shared->settings->group);
  client_set(conf, "partition.assignment.strategy", "cooperative-sticky");
  client_set(conf, "isolation.level", "read_committed"); /* committed() then waits for open transactions */
  client_set(conf, "enable.auto.commit", "false");
  client_set(conf, "enable.auto.offset.store", "false");
  client_set(conf, "auto.offset.reset", "latest");
  rd_kafka_conf_set_rebalance_cb(conf, rebalance);
  rd_kafka_conf_set_error_cb(conf, note_error);
  rd_kafka_conf_set_opaque(conf, m);
  return conf;
}

static bool subscribe(struct membership *m, char *why, size_t room) {
  rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, m->shared->settings->inputs.at[0], RD_KAFKA_PARTITION_UA);
  rd_kafka_poll_set_consumer(m->client);
  rd_kafka_resp_err_t code = rd_kafka_subscribe(m->client, topics);
  rd_kafka_topic_partition_list_destroy(topics);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) snprintf(why, room, "subscribe: %s", rd_kafka_err2str(code));
  return code == RD_KAFKA_RESP_ERR_NO_ERROR;
}

struct membership *membership_join(const struct shared *shared, const struct membership_handlers *handlers, char *why,
                                   size_t room) {
  struct membership *m = memory_zeroed(1, sizeof *m);
  m->shared = shared;
  m->handlers = *handlers;
  rd_kafka_conf_t *conf = configure(m, why, room);
  m->client = conf ? rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, room) : NULL;
  if (conf && !m->client) rd_kafka_conf_destroy(conf);
  if (m->client && subscribe(m, why, room)) return m;
  if (m->client) rd_kafka_destroy(m->client);
  memory_free(m);
  return NULL;
}

/* Errors that come as messages: those that pass are librdkafka's to retry, the others end the worker. */
static void take_error(struct membership *m, const rd_kafka_message_t *message) {
  switch (message->err) {
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__FATAL:
      m->failed = true;
      snprintf(m->why, sizeof m->why, "group %.200s: %s", m->shared->settings->group, rd_kafka_message_errstr(message));
      break;
    default: log_warning("kafka error", rd_kafka_message_errstr(message), log_text("client", "member"));
  }
}

static bool is_member(struct membership *m) {
  char *id = rd_kafka_memberid(m->client);
  bool member = id && *id;
  if (id) rd_kafka_mem_free(m->client, id);
  return member;
}

bool membership_poll(struct membership *m) {
  rd_kafka_message_t *message = rd_kafka_consumer_poll(m->client, 0);
  if (message) {
    if (message->err) take_error(m, message);
    rd_kafka_message_destroy(message); /* a record that came before its partition was paused: not read here */
  }
  if (!m->assigned && m->member_since_ns == 0 && is_member(m)) m->member_since_ns = clock_monotonic_ns();
  return !m->failed;
}

/* Unsubscribing before closing: a close that meets a new assignment may hang (librdkafka before 2.4). */
void membership_leave(struct membership *m) {
  if (!m) return;
  rd_kafka_unsubscribe(m->client);
  rd_kafka_topic_partition_list_t *assignment = NULL;
  for (int i = 0; i < LEAVE_STEPS && !shutdown_over(&m->shared->shutdown); i++) {
    rd_kafka_message_t *message = rd_kafka_consumer_poll(m->client, i == 0 ? 0 : LEAVE_STEP_MS);
    if (message) rd_kafka_message_destroy(message);
    bool known = rd_kafka_assignment(m->client, &assignment) == RD_KAFKA_RESP_ERR_NO_ERROR;
    bool empty = known && assignment->cnt == 0;
    if (known) rd_kafka_topic_partition_list_destroy(assignment);
    if (empty) break;
  }
  CRASH_POINT("stop-not-closed");
  rd_kafka_consumer_close(m->client);
  CRASH_POINT("stop-closed");
  client_destroy_member(m->client, m->assigned);
  memory_free(m);
}

/* A member that gets no partition may never hear so: it counts as settled after a while. */
bool membership_joined(const struct membership *m) {
  if (m->assigned) return true;
  return m->member_since_ns != 0 && clock_monotonic_ns() - m->member_since_ns > SETTLE_MS * INT64_C(1000000);
}

/* --- offsets --- */

/* Whoever waits for them asks again at once: once a second is enough for people. */
static void tell_no_offsets(struct membership *m, rd_kafka_resp_err_t code, int32_t partition) {
  int64_t now_ns = clock_monotonic_ns();
  if (m->told_ns && now_ns - m->told_ns < TELL_MS * INT64_C(1000000)) return;
  m->told_ns = now_ns;
  log_info("committed offsets", rd_kafka_err2str(code), log_number("partition", partition));
}

bool membership_committed(struct membership *m, int32_t partition, int64_t offsets[SETTINGS_INPUTS]) {
  const struct settings_list *inputs = &m->shared->settings->inputs;
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(inputs->count);
  for (int32_t i = 0; i < inputs->count; i++) rd_kafka_topic_partition_list_add(list, inputs->at[i], partition);
  rd_kafka_resp_err_t code = rd_kafka_committed(m->client, list, COMMITTED_MS);
  for (int i = 0; i < list->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
    code = list->elems[i].err;
    offsets[i] = list->elems[i].offset >= 0 ? list->elems[i].offset : -1;
  }
  rd_kafka_topic_partition_list_destroy(list);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) tell_no_offsets(m, code, partition);
  return code == RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* A client that has lost its place forgets its id, and may forget its generation: brokers take what somebody without both commits in a
 * transaction. The id is asked for afterwards: a new one comes only after handlers.lost was called. */
rd_kafka_consumer_group_metadata_t *membership_metadata(struct membership *m) {
  rd_kafka_consumer_group_metadata_t *metadata = rd_kafka_consumer_group_metadata(m->client);
  if (is_member(m)) return metadata;
  rd_kafka_consumer_group_metadata_destroy(metadata);
  return NULL;
}

uint64_t membership_errors(const struct membership *m) { return m->errors; }
const char *membership_why(const struct membership *m) { return m->why; }
