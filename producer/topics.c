/* topics.c: what should be, and what differs from it. Pure: topics_admin.c talks to the brokers.
 *
 * N, the number of partitions, is the inputs': a lead's events must meet in one task, so all inputs have the same N, and the
 * outputs too, because a task publishes to the partition of its number. May use: libc, settings.h. */
#include "topics.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const topic_role_names[ROLE_COUNT] = {"input",   "stage changes", "dead letters", "state",
                                                  "journal", "definitions",   "undelivered"};
const char *const topic_setting_names[TOPIC_SETTINGS] = {"cleanup.policy",      "retention.ms",
                                                         "retention.bytes",     "max.message.bytes",
                                                         "min.insync.replicas", "unclean.leader.election.enable"};

#define DAY_MS INT64_C(86400000)
#define DEAD_LETTERS_MS (30 * DAY_MS)
enum {
  MESSAGE_BYTES = 1048588,         /* Kafka's default: 1 MiB and a record's head */
  DEAD_LETTER_HEADERS = 16 * 1024, /* a dead letter is a record as it came, and its headers */
};

void topic_find(struct topic *topic, bool wrong, const char *format, ...) {
  if (topic->finding_count == TOPICS_FINDINGS) return;
  struct topic_finding *finding = &topic->findings[topic->finding_count++];
  va_list arguments;
  finding->wrong = wrong;
  va_start(arguments, format);
  vsnprintf(finding->text, sizeof finding->text, format, arguments);
  va_end(arguments);
}

static void want(struct topics *topics, enum topic_role role, const char *name) {
  assert(topics->count < TOPICS_COUNT);
  topics->at[topics->count++] = (struct topic){.role = role, .name = name};
}

void topics_want(struct topics *topics, const struct settings *settings) {
  memset(topics, 0, sizeof *topics);
  for (int32_t i = 0; i < settings->inputs.count; i++) want(topics, ROLE_INPUT, settings->inputs.at[i]);
  want(topics, ROLE_STAGE_CHANGES, settings->stage_changes);
  want(topics, ROLE_DEAD_LETTERS, settings->dead_letters);
  want(topics, ROLE_STATE, settings->state);
  want(topics, ROLE_JOURNAL, settings->journal);
  want(topics, ROLE_DEFINITIONS, settings->definitions_topic);
  if (settings->receivers.count > 0) want(topics, ROLE_UNDELIVERED, settings->undelivered);
}

/* A topic's setting as a number; `unknown` where it is not known. */
static int64_t number_of(const struct topic *topic, enum topic_setting setting, int64_t unknown) {
  const char *text = topic->settings[setting];
  char *end;
  long long number = strtoll(text, &end, 10);
  return *text && !*end ? number : unknown;
}

/* Of what all inputs together ask of the other topics. −1: for ever. */
struct demands {
  int64_t retention_ms, message_bytes;
};

static struct demands demands_of(const struct topics *topics) {
  struct demands demands = {0, MESSAGE_BYTES};
  bool known = false;
  for (int32_t i = 0; i < topics->count; i++) {
    const struct topic *topic = &topics->at[i];
    if (topic->role != ROLE_INPUT || !topic->settings_read) continue;
    int64_t retention = number_of(topic, TOPIC_RETENTION_MS, -1),
            bytes = number_of(topic, TOPIC_MESSAGE_BYTES, MESSAGE_BYTES);
    known = true;
    if (retention < 0 || demands.retention_ms < 0) {
      demands.retention_ms = -1;
    } else if (retention > demands.retention_ms) {
      demands.retention_ms = retention;
    }
    if (bytes > demands.message_bytes) demands.message_bytes = bytes;
  }
  if (!known) demands.retention_ms = -1;
  return demands;
}

/* N */

static void judge_partitions(struct topics *topics, const struct topics_request *request) {
  const struct topic *first = NULL;
  for (int32_t i = 0; i < topics->count; i++) {
    struct topic *topic = &topics->at[i];
    if (topic->role != ROLE_INPUT || !topic->exists) continue;
    if (!first) first = topic;
    if (topic->partitions != first->partitions) {
      topic_find(topic, true, "has %" PRId32 " partitions, but %.100s has %" PRId32 ": inputs need the same number",
                 topic->partitions, first->name, first->partitions);
    }
  }
  topics->partitions = first ? first->partitions : request->partitions;
  if (first && request->partitions && request->partitions != first->partitions) {
    topic_find(&topics->at[0], true, "--partitions %" PRId32 ", but %.100s has %" PRId32, request->partitions,
               first->name, first->partitions);
  }
}

static void judge_count(struct topic *topic, int32_t partitions) {
  int32_t right = topic->role == ROLE_DEFINITIONS ? 1 : partitions;
  if (topic->role == ROLE_INPUT || right == 0 || topic->partitions == right) return;
  topic_find(topic, true, "has %" PRId32 " partitions, should have %" PRId32, topic->partitions, right);
}

/* What is there */

static void judge_cleanup(struct topic *topic) {
  const char *policy = topic->settings[TOPIC_CLEANUP];
  const char *right = topic->role == ROLE_STATE ? "compact" : "delete";
  if (!*policy || strcmp(policy, right) == 0) return;
  const char *why =
      topic->role == ROLE_STATE ? "snapshots would be lost" : "records would be lost, and nothing could be recomputed";
  topic_find(topic, true, "cleanup.policy is %s, should be %s: %s", policy, right, why);
}

static void judge_retention(struct topic *topic, const struct settings *settings, const struct demands *demands) {
  int64_t retention = number_of(topic, TOPIC_RETENTION_MS, -1);
  bool kept_forever = retention < 0;
  if (topic->role == ROLE_INPUT && !kept_forever && retention <= settings->snapshot_interval_ms) {
    topic_find(topic, true,
               "retention.ms is %" PRId64 ", not longer than snapshot_interval_ms (%" PRId64
               "): a restart would find a gap",
               retention, settings->snapshot_interval_ms);
  }
  if (topic->role == ROLE_STAGE_CHANGES && !kept_forever) {
    topic_find(topic, false, "retention.ms is %" PRId64 ": an audit reaches no further back", retention);
  }
  if (topic->role == ROLE_DEFINITIONS && !kept_forever) {
    topic_find(topic, true, "retention.ms is %" PRId64 ", should be -1: definitions are kept for ever", retention);
  }
  if (topic->role == ROLE_JOURNAL && !kept_forever &&
      (demands->retention_ms < 0 || retention < demands->retention_ms)) {
    topic_find(topic, true, "retention.ms is %" PRId64 ", should be %" PRId64 ", as long as the inputs", retention,
               demands->retention_ms);
  }
}

static void judge_retention_bytes(struct topic *topic) {
  int64_t bytes = number_of(topic, TOPIC_RETENTION_BYTES, -1);
  if (bytes < 0 || topic->role == ROLE_DEAD_LETTERS || topic->role == ROLE_UNDELIVERED || topic->role == ROLE_STATE)
    return;
  topic_find(topic, topic->role != ROLE_INPUT, "retention.bytes is %" PRId64 "%s", bytes,
             topic->role == ROLE_INPUT ? ": what is cut can be neither replayed nor audited" : ", should be -1");
}

static void judge_message_bytes(struct topic *topic, const struct demands *demands) {
  int64_t bytes = number_of(topic, TOPIC_MESSAGE_BYTES, INT64_MAX), least = MESSAGE_BYTES;
  if (topic->role == ROLE_INPUT) return;
  if (topic->role == ROLE_DEAD_LETTERS) least = demands->message_bytes + DEAD_LETTER_HEADERS;
  if (topic->role == ROLE_UNDELIVERED) least = MESSAGE_BYTES + DEAD_LETTER_HEADERS;
  if (bytes >= least) return;
  topic_find(topic, true, "max.message.bytes is %" PRId64 ", should be at least %" PRId64 "%s", bytes, least,
             topic->role == ROLE_DEAD_LETTERS  ? ": the largest input record and its headers"
             : topic->role == ROLE_UNDELIVERED ? ": the largest event and its headers"
                                               : "");
}

static void judge_safety(struct topic *topic, int32_t brokers) {
  int64_t insync = number_of(topic, TOPIC_MIN_INSYNC, -1);
  int32_t right = brokers < 3 ? brokers : 3;
  if (topic->replication < right) {
    topic_find(topic, false, "replication is %" PRId32 ", %" PRId32 " would be safer", topic->replication, right);
  }
  if (insync > topic->replication) {
    topic_find(topic, true,
               "min.insync.replicas is %" PRId64 ", more than the %" PRId32 " replicas: nothing can be written", insync,
               topic->replication);
  } else if (insync == 1 && topic->replication > 1) {
    topic_find(topic, false, "min.insync.replicas is 1, 2 would be safer");
  }
  if (strcmp(topic->settings[TOPIC_UNCLEAN], "true") == 0) {
    topic_find(topic, true, "unclean.leader.election.enable is true: what was committed could be lost");
  }
}

static void judge_existing(struct topics *topics, struct topic *topic, const struct settings *settings) {
  struct demands demands = demands_of(topics);
  judge_count(topic, topics->partitions);
  if (!topic->settings_read) return;
  judge_cleanup(topic);
  judge_retention(topic, settings, &demands);
  judge_retention_bytes(topic);
  judge_message_bytes(topic, &demands);
  judge_safety(topic, topics->brokers);
}

/* What is not there */

static void wish(struct topic *topic, enum topic_setting setting, int64_t number) {
  snprintf(topic->wanted[setting], sizeof topic->wanted[setting], "%" PRId64, number);
}

static void wish_retention(struct topic *topic, const struct demands *demands) {
  static const bool compacted[ROLE_COUNT] = {[ROLE_STATE] = true};
  snprintf(topic->wanted[TOPIC_CLEANUP], sizeof topic->wanted[TOPIC_CLEANUP], "%s",
           compacted[topic->role] ? "compact" : "delete");
  if (topic->role == ROLE_DEAD_LETTERS) {
    wish(topic, TOPIC_RETENTION_MS, DEAD_LETTERS_MS);
    wish(topic, TOPIC_MESSAGE_BYTES, demands->message_bytes + DEAD_LETTER_HEADERS);
    return;
  }
  if (topic->role == ROLE_UNDELIVERED) {
    wish(topic, TOPIC_RETENTION_MS, DEAD_LETTERS_MS);
    wish(topic, TOPIC_MESSAGE_BYTES, MESSAGE_BYTES + DEAD_LETTER_HEADERS);
    return;
  }
  if (topic->role == ROLE_STATE || topic->role == ROLE_INPUT) return;
  wish(topic, TOPIC_RETENTION_MS, topic->role == ROLE_JOURNAL ? demands->retention_ms : -1);
  wish(topic, TOPIC_RETENTION_BYTES, -1);
}

static void judge_missing(struct topics *topics, struct topic *topic, const struct topics_request *request) {
  struct demands demands = demands_of(topics);
  int32_t partitions = topic->role == ROLE_DEFINITIONS ? 1 : topics->partitions;
  int32_t replication = request->replication ? request->replication : topics->brokers < 3 ? topics->brokers : 3;
  topic->wanted_partitions = topic->wanted_replication = 0;
  memset(topic->wanted, 0, sizeof topic->wanted);
  if (partitions == 0) {
    bool input = topic->role == ROLE_INPUT;
    topic_find(topic, true, "is missing; %s",
               input ? "--partitions says how many partitions it is to have" : "it follows the inputs");
    return;
  }
  if (replication > topics->brokers) {
    topic_find(topic, true, "is missing; replication %" PRId32 " needs as many brokers, there are %" PRId32,
               replication, topics->brokers);
    return;
  }
  topic_find(topic, true, "is missing");
  topic->wanted_partitions = partitions;
  topic->wanted_replication = replication;
  wish_retention(topic, &demands);
  wish(topic, TOPIC_MIN_INSYNC, replication > 2 ? 2 : 1);
}

bool topics_judge(struct topics *topics, const struct settings *settings, const struct topics_request *request) {
  bool good = true;
  judge_partitions(topics, request);
  for (int32_t i = 0; i < topics->count; i++) {
    struct topic *topic = &topics->at[i];
    if (topic->exists) {
      judge_existing(topics, topic, settings);
    } else {
      judge_missing(topics, topic, request);
    }
    for (int32_t j = 0; j < topic->finding_count; j++) good = good && !topic->findings[j].wrong;
  }
  return good;
}
