/* topics_admin.c: topics.h's questions to the brokers, through librdkafka's admin API. Every wait ends after TOPICS_TIMEOUT_MS.
 * All topics are asked for at once: asking for one by its name can make it. May use: librdkafka, topics.h. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "topics.h"

enum { ADMIN_ERROR = 512 };

static struct topic *topic_named(struct topics *topics, const char *name) {
  for (int32_t i = 0; i < topics->count; i++) {
    if (strcmp(topics->at[i].name, name) == 0) return &topics->at[i];
  }
  return NULL;
}

/* Metadata */

static void note_metadata(struct topics *topics, const struct rd_kafka_metadata *metadata) {
  topics->brokers = metadata->broker_cnt;
  for (int i = 0; i < metadata->topic_cnt; i++) {
    const struct rd_kafka_metadata_topic *found = &metadata->topics[i];
    struct topic *topic = topic_named(topics, found->topic);
    if (!topic || found->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || found->partition_cnt == 0) continue;
    topic->exists = true;
    topic->partitions = found->partition_cnt;
    topic->replication = found->partitions[0].replica_cnt;
    for (int j = 1; j < found->partition_cnt; j++) {
      if (found->partitions[j].replica_cnt < topic->replication) topic->replication = found->partitions[j].replica_cnt;
    }
  }
}

/* Results of the admin API */

/* Waits for the result of a request; NULL with a sentence in `why`. */
static rd_kafka_event_t *await(rd_kafka_queue_t *queue, const char *what, char *why, size_t room) {
  rd_kafka_event_t *event = rd_kafka_queue_poll(queue, TOPICS_TIMEOUT_MS + 1000);
  if (event && !rd_kafka_event_error(event)) return event;
  snprintf(why, room, "%s: %s", what, event ? rd_kafka_event_error_string(event) : "no answer in time");
  if (event) rd_kafka_event_destroy(event);
  return NULL;
}

static rd_kafka_AdminOptions_t *options_for(rd_kafka_t *client, rd_kafka_admin_op_t operation) {
  char error[ADMIN_ERROR];
  rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(client, operation);
  rd_kafka_resp_err_t failed =
      rd_kafka_AdminOptions_set_request_timeout(options, TOPICS_TIMEOUT_MS, error, sizeof error);
  assert(!failed);
  if (operation == RD_KAFKA_ADMIN_OP_CREATETOPICS) {
    failed = rd_kafka_AdminOptions_set_operation_timeout(options, TOPICS_TIMEOUT_MS - 1000, error, sizeof error);
    assert(!failed);
  }
  (void)failed;
  return options;
}

/* Settings of topics */

static void note_setting(struct topic *topic, const rd_kafka_ConfigEntry_t *entry) {
  const char *name = rd_kafka_ConfigEntry_name(entry), *value = rd_kafka_ConfigEntry_value(entry);
  for (int i = 0; i < TOPIC_SETTINGS; i++) {
    if (strcmp(topic_setting_names[i], name) == 0) snprintf(topic->settings[i], TOPICS_VALUE, "%s", value ? value : "");
  }
}

static void note_settings(struct topics *topics, rd_kafka_event_t *event) {
  size_t count, entry_count;
  const rd_kafka_ConfigResource_t **resources =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &count);
  for (size_t i = 0; i < count; i++) {
    struct topic *topic = topic_named(topics, rd_kafka_ConfigResource_name(resources[i]));
    if (!topic) continue;
    if (rd_kafka_ConfigResource_error(resources[i])) {
      topic_find(topic, false, "its settings could not be read and were not checked: %.120s",
                 rd_kafka_err2str(rd_kafka_ConfigResource_error(resources[i])));
      continue;
    }
    topic->settings_read = true;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resources[i], &entry_count);
    for (size_t j = 0; j < entry_count; j++) note_setting(topic, entries[j]);
  }
}

static bool read_settings(struct topics *topics, rd_kafka_t *client, char *why, size_t room) {
  rd_kafka_ConfigResource_t *resources[TOPICS_COUNT];
  size_t count = 0;
  for (int32_t i = 0; i < topics->count; i++) {
    if (topics->at[i].exists)
      resources[count++] = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topics->at[i].name);
  }
  if (count == 0) return true;
  rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
  rd_kafka_AdminOptions_t *options = options_for(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
  rd_kafka_DescribeConfigs(client, resources, count, options, queue);
  rd_kafka_event_t *event = await(queue, "reading the topics' settings", why, room);
  if (event) {
    note_settings(topics, event);
    rd_kafka_event_destroy(event);
  }
  rd_kafka_AdminOptions_destroy(options);
  rd_kafka_ConfigResource_destroy_array(resources, count);
  rd_kafka_queue_destroy(queue);
  return event != NULL;
}

bool topics_read(struct topics *topics, rd_kafka_t *client, bool settings_too, char *why, size_t room) {
  const struct rd_kafka_metadata *metadata = NULL;
  rd_kafka_resp_err_t failed = rd_kafka_metadata(client, 1, NULL, &metadata, TOPICS_TIMEOUT_MS);
  if (failed) {
    snprintf(why, room, "no broker answered within %d s: %s", TOPICS_TIMEOUT_MS / 1000, rd_kafka_err2str(failed));
    return false;
  }
  note_metadata(topics, metadata);
  rd_kafka_metadata_destroy(metadata);
  return !settings_too || read_settings(topics, client, why, room);
}

/* Making topics */

static rd_kafka_NewTopic_t *new_topic(struct topic *topic) {
  char error[ADMIN_ERROR];
  rd_kafka_NewTopic_t *made =
      rd_kafka_NewTopic_new(topic->name, topic->wanted_partitions, topic->wanted_replication, error, sizeof error);
  if (!made) {
    topic_find(topic, true, "could not be made: %.200s", error);
    return NULL;
  }
  for (int i = 0; i < TOPIC_SETTINGS; i++) {
    if (*topic->wanted[i]) rd_kafka_NewTopic_set_config(made, topic_setting_names[i], topic->wanted[i]);
  }
  return made;
}

static void note_created(struct topics *topics, rd_kafka_event_t *event) {
  size_t count;
  const rd_kafka_topic_result_t **results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
  for (size_t i = 0; i < count; i++) {
    struct topic *topic = topic_named(topics, rd_kafka_topic_result_name(results[i]));
    rd_kafka_resp_err_t failed = rd_kafka_topic_result_error(results[i]);
    if (!topic) continue;
    topic->created = !failed;
    if (failed && failed != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      const char *text = rd_kafka_topic_result_error_string(results[i]);
      topic_find(topic, true, "could not be made: %.200s", text ? text : rd_kafka_err2str(failed));
    }
  }
}

bool topics_create(struct topics *topics, rd_kafka_t *client, char *why, size_t room) {
  rd_kafka_NewTopic_t *made[TOPICS_COUNT];
  size_t count = 0;
  for (int32_t i = 0; i < topics->count; i++) {
    struct topic *topic = &topics->at[i];
    if (topic->exists || topic->wanted_partitions == 0) continue;
    topic->finding_count = 0; /* no longer "is missing" */
    if ((made[count] = new_topic(topic))) count++;
  }
  if (count == 0) return true;
  rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
  rd_kafka_AdminOptions_t *options = options_for(client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
  rd_kafka_CreateTopics(client, made, count, options, queue);
  rd_kafka_event_t *event = await(queue, "making topics", why, room);
  if (event) {
    note_created(topics, event);
    rd_kafka_event_destroy(event);
  }
  rd_kafka_AdminOptions_destroy(options);
  rd_kafka_NewTopic_destroy_array(made, count);
  rd_kafka_queue_destroy(queue);
  return event != NULL;
}

enum topics_outcome topics_check(const struct settings *settings, rd_kafka_t *client, int32_t *partitions,
                                 struct problems *problems) {
  static const struct topics_request request = {0, 0};
  struct topics topics;
  char why[ADMIN_ERROR];
  *partitions = 0;
  topics_want(&topics, settings);
  if (topics.at[topics.count - 1].role == ROLE_UNDELIVERED) topics.count--;
  if (!topics_read(&topics, client, false, why, sizeof why)) {
    settings_problem(problems, "", 0, 0, "%s", why);
    return TOPICS_UNREACHABLE;
  }
  bool good = topics_judge(&topics, settings, &request);
  *partitions = topics.partitions;
  for (int32_t i = 0; i < topics.count; i++) {
    for (int32_t j = 0; j < topics.at[i].finding_count; j++) {
      const struct topic_finding *finding = &topics.at[i].findings[j];
      if (finding->wrong) settings_problem(problems, topics.at[i].name, 0, 0, "%s", finding->text);
    }
  }
  return good ? TOPICS_OK : TOPICS_WRONG;
}
