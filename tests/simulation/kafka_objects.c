/* kafka_objects.c: of librdkafka's interface what holds something: configurations, topics, lists, headers, errors, metadata. All of it
 * is the arena's, so nothing is freed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

/* --- configurations --- */

rd_kafka_conf_t *rd_kafka_conf_new(void) { return arena_zeroed(sizeof(rd_kafka_conf_t)); }
void rd_kafka_conf_destroy(rd_kafka_conf_t *conf) { (void)conf; }

rd_kafka_conf_res_t rd_kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value, char *error,
                                      size_t room) {
  (void)error, (void)room;
  if (strcmp(name, "group.id") == 0) snprintf(conf->group, sizeof conf->group, "%s", value);
  if (strcmp(name, "transactional.id") == 0) snprintf(conf->transactional, sizeof conf->transactional, "%s", value);
  if (strcmp(name, "isolation.level") == 0) snprintf(conf->isolation, sizeof conf->isolation, "%s", value);
  if (strcmp(name, "auto.offset.reset") == 0) snprintf(conf->reset, sizeof conf->reset, "%s", value);
  if (strcmp(name, "enable.partition.eof") == 0) snprintf(conf->eof, sizeof conf->eof, "%s", value);
  return RD_KAFKA_CONF_OK;
}

void rd_kafka_conf_set_opaque(rd_kafka_conf_t *conf, void *opaque) { conf->opaque = opaque; }

void rd_kafka_conf_set_dr_msg_cb(rd_kafka_conf_t *conf,
                                 void (*call)(rd_kafka_t *, const rd_kafka_message_t *, void *)) {
  conf->report = call;
}

void rd_kafka_conf_set_rebalance_cb(rd_kafka_conf_t *conf, void (*call)(rd_kafka_t *, rd_kafka_resp_err_t,
                                                                        rd_kafka_topic_partition_list_t *, void *)) {
  conf->rebalance = call;
}

void rd_kafka_conf_set_error_cb(rd_kafka_conf_t *conf, void (*call)(rd_kafka_t *, int, const char *, void *)) {
  (void)conf, (void)call;
}

void rd_kafka_conf_set_log_cb(rd_kafka_conf_t *conf,
                              void (*call)(const rd_kafka_t *, int, const char *, const char *)) {
  (void)conf, (void)call;
}

void rd_kafka_conf_set_stats_cb(rd_kafka_conf_t *conf, int (*call)(rd_kafka_t *, char *, size_t, void *)) {
  (void)conf, (void)call;
}

rd_kafka_resp_err_t rd_kafka_conf_interceptor_add_on_new(rd_kafka_conf_t *conf, const char *name, on_new *call,
                                                         void *context) {
  (void)name;
  conf->new = call;
  conf->new_context = context;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t rd_kafka_interceptor_add_on_request_sent(rd_kafka_t *client, const char *name, on_sent *call,
                                                             void *context) {
  (void)name;
  client->sent = call;
  client->sent_context = context;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* --- topics --- */

rd_kafka_topic_conf_t *rd_kafka_default_topic_conf_dup(rd_kafka_t *client) {
  (void)client;
  return arena_zeroed(sizeof(rd_kafka_topic_conf_t));
}

void rd_kafka_topic_conf_set_opaque(rd_kafka_topic_conf_t *conf, void *opaque) { conf->opaque = opaque; }

rd_kafka_topic_t *rd_kafka_topic_new(rd_kafka_t *client, const char *name, rd_kafka_topic_conf_t *conf) {
  rd_kafka_topic_t *topic = arena_zeroed(sizeof *topic);
  topic->client = client;
  topic->topic = broker_topic(name);
  topic->opaque = conf ? conf->opaque : NULL;
  return topic;
}

void rd_kafka_topic_destroy(rd_kafka_topic_t *topic) { (void)topic; }
const char *rd_kafka_topic_name(const rd_kafka_topic_t *topic) { return topic_names[topic->topic]; }
void *rd_kafka_topic_opaque(const rd_kafka_topic_t *topic) { return topic->opaque; }

/* --- lists of partitions --- */

rd_kafka_topic_partition_list_t *rd_kafka_topic_partition_list_new(int size) {
  rd_kafka_topic_partition_list_t *list = arena_zeroed(sizeof *list);
  list->size = size > 0 ? size : 1;
  list->elems = arena_zeroed((size_t)list->size * sizeof *list->elems);
  return list;
}

void rd_kafka_topic_partition_list_destroy(rd_kafka_topic_partition_list_t *list) { (void)list; }

rd_kafka_topic_partition_t *rd_kafka_topic_partition_list_add(rd_kafka_topic_partition_list_t *list, const char *topic,
                                                              int32_t partition) {
  if (list->cnt == list->size) {
    rd_kafka_topic_partition_t *elems = arena_zeroed(2 * (size_t)list->size * sizeof *elems);
    memcpy(elems, list->elems, (size_t)list->cnt * sizeof *elems);
    list->elems = elems;
    list->size *= 2;
  }
  rd_kafka_topic_partition_t *added = &list->elems[list->cnt++];
  added->topic = (char *)(uintptr_t)topic_names[broker_topic(topic)];
  added->partition = partition;
  added->offset = RD_KAFKA_OFFSET_INVALID;
  return added;
}

/* --- headers --- */

rd_kafka_headers_t *rd_kafka_headers_new(size_t count) {
  (void)count;
  return arena_zeroed(sizeof(rd_kafka_headers_t));
}

void rd_kafka_headers_destroy(rd_kafka_headers_t *headers) { (void)headers; }

rd_kafka_resp_err_t rd_kafka_header_add(rd_kafka_headers_t *headers, const char *name, ssize_t name_length,
                                        const void *value, ssize_t length) {
  (void)name_length;
  size_t bytes = length < 0 ? strlen(value) : (size_t)length;
  headers->at[headers->count++] = (struct header){arena_format("%s", name), arena_copy(value, bytes), bytes};
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t rd_kafka_header_get_last(const rd_kafka_headers_t *headers, const char *name, const void **value,
                                             size_t *length) {
  for (int32_t i = headers->count; i-- > 0;) {
    if (strcmp(headers->at[i].name, name) != 0) continue;
    *value = headers->at[i].value;
    *length = headers->at[i].length;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  return RD_KAFKA_RESP_ERR__NOENT;
}

rd_kafka_resp_err_t rd_kafka_header_get_all(const rd_kafka_headers_t *headers, size_t index, const char **name,
                                            const void **value, size_t *length) {
  if (index >= (size_t)headers->count) return RD_KAFKA_RESP_ERR__NOENT;
  *name = headers->at[index].name;
  *value = headers->at[index].value;
  *length = headers->at[index].length;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t rd_kafka_message_headers(const rd_kafka_message_t *message, rd_kafka_headers_t **headers) {
  *headers = ((const struct message *)message)->headers;
  return *headers ? RD_KAFKA_RESP_ERR_NO_ERROR : RD_KAFKA_RESP_ERR__NOENT;
}

/* --- errors --- */

rd_kafka_error_t *client_error(rd_kafka_resp_err_t code, bool retriable, bool abort) {
  rd_kafka_error_t *error = arena_zeroed(sizeof *error);
  *error = (rd_kafka_error_t){code, rd_kafka_err2str(code), retriable, abort};
  return error;
}

const char *rd_kafka_err2str(rd_kafka_resp_err_t code) { return arena_format("error %d", (int)code); }
const char *rd_kafka_err2name(rd_kafka_resp_err_t code) { return rd_kafka_err2str(code); }
void rd_kafka_error_destroy(rd_kafka_error_t *error) { (void)error; }
const char *rd_kafka_error_string(const rd_kafka_error_t *error) { return error->text; }
const char *rd_kafka_error_name(const rd_kafka_error_t *error) { return error->text; }
int rd_kafka_error_is_retriable(const rd_kafka_error_t *error) { return error->retriable; }
int rd_kafka_error_txn_requires_abort(const rd_kafka_error_t *error) { return error->abort; }

rd_kafka_resp_err_t rd_kafka_fatal_error(rd_kafka_t *client, char *text, size_t room) {
  (void)client;
  snprintf(text, room, "fatal");
  return RD_KAFKA_RESP_ERR__FATAL;
}

/* --- clients --- */

rd_kafka_t *rd_kafka_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, char *error, size_t room) {
  rd_kafka_t *client = arena_zeroed(sizeof *client);
  machine_step();
  client->process = process_current();
  client->type = type;
  client->conf = *conf;
  if (conf->new) conf->new (client, conf, conf->new_context, error, room);
  return client;
}

const char *rd_kafka_name(const rd_kafka_t *client) { return client->conf.transactional; }
int rd_kafka_version(void) { return RD_KAFKA_VERSION; }
const char *rd_kafka_version_str(void) { return "of the simulation"; }
void rd_kafka_set_log_level(rd_kafka_t *client, int level) { (void)client, (void)level; }

/* The only ones that the application frees itself are not the arena's to begin with: the daemon takes copies. */
void rd_kafka_mem_free(rd_kafka_t *client, void *memory) { (void)client, (void)memory; }
char *rd_kafka_clusterid(rd_kafka_t *client, int wait_ms) {
  (void)wait_ms;
  client_travel(client, NEVER);
  return arena_format("simulated");
}

static void describe(struct rd_kafka_metadata_topic *topic, enum topic which) {
  topic->topic = (char *)(uintptr_t)topic_names[which];
  topic->partition_cnt = broker_partitions(which);
  topic->partitions = arena_zeroed(PARTITIONS * sizeof *topic->partitions);
  for (int32_t p = 0; p < topic->partition_cnt; p++) topic->partitions[p].id = p;
}

rd_kafka_resp_err_t rd_kafka_metadata(rd_kafka_t *client, int all, rd_kafka_topic_t *only,
                                      const struct rd_kafka_metadata **metadata, int wait_ms) {
  struct rd_kafka_metadata *made = arena_zeroed(sizeof *made);
  (void)all;
  if (!client_travel(client, machine_now_ns() + wait_ms * MS)) return RD_KAFKA_RESP_ERR__TIMED_OUT;
  made->topics = arena_zeroed(TOPIC_COUNT * sizeof *made->topics);
  for (int t = 0; t < TOPIC_COUNT; t++)
    if (broker_partitions((enum topic)t) > 0 && (!only || only->topic == (enum topic)t))
      describe(&made->topics[made->topic_cnt++], (enum topic)t);
  made->broker_cnt = 1;
  made->brokers = arena_zeroed(sizeof *made->brokers);
  *metadata = made;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

void rd_kafka_metadata_destroy(const struct rd_kafka_metadata *metadata) { (void)metadata; }

/* --- the way to the broker --- */

int64_t client_travel_ns(const rd_kafka_t *client) {
  int64_t cut_ns = client->process->cut_until_ns - machine_now_ns();
  int64_t most_ns = one_in(40) ? 30 * MS : 1 * MS;
  return draw_ns(20 * US, most_ns) + (cut_ns > 0 ? cut_ns : 0);
}

bool client_travel(const rd_kafka_t *client, int64_t until_ns) {
  int64_t there_ns = machine_now_ns() + client_travel_ns(client);
  machine_step();
  machine_wait(there_ns < until_ns ? there_ns : until_ns, NULL, NULL);
  return there_ns <= until_ns;
}
