/* topics.h: the topics that handover needs: what is there, what is missing, what is wrong, and making them.
 *
 *     topics_want → topics_read (broker) → topics_judge → topics_create (broker) → topics_read → topics_judge
 *
 * topics_want and topics_judge are pure. May use: librdkafka, settings.h. */
#ifndef HANDOVER_PRODUCER_TOPICS_H
#define HANDOVER_PRODUCER_TOPICS_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "../config/settings.h"

enum {
  TOPICS_COUNT = SETTINGS_INPUTS + 6,
  TOPICS_TIMEOUT_MS = 10000,
  TOPICS_FINDINGS = 10, /* a topic */
  TOPICS_FINDING = 240,
  TOPICS_VALUE = 64, /* of a topic's setting */
  TOPICS_PARTITIONS = 100000,
};

enum topics_outcome { TOPICS_OK, TOPICS_WRONG, TOPICS_UNREACHABLE };

enum topic_role {
  ROLE_INPUT,
  ROLE_STAGE_CHANGES,
  ROLE_DEAD_LETTERS,
  ROLE_STATE,
  ROLE_JOURNAL,
  ROLE_DEFINITIONS,
  ROLE_UNDELIVERED, /* wanted where there are receivers; the daemon does without */
  ROLE_COUNT
};

enum topic_setting {
  TOPIC_CLEANUP,
  TOPIC_RETENTION_MS,
  TOPIC_RETENTION_BYTES,
  TOPIC_MESSAGE_BYTES,
  TOPIC_MIN_INSYNC,
  TOPIC_UNCLEAN,
  TOPIC_SETTINGS,
};

struct topic_finding {
  bool wrong; /* else advice */
  char text[TOPICS_FINDING];
};

struct topic {
  enum topic_role role;
  const char *name; /* of the settings */
  bool exists, created, settings_read;
  int32_t partitions, replication;
  char settings[TOPIC_SETTINGS][TOPICS_VALUE];   /* as they are; "" not known */
  char wanted[TOPIC_SETTINGS][TOPICS_VALUE];     /* for a topic that is to be made; "" the broker's default */
  int32_t wanted_partitions, wanted_replication; /* 0: cannot be made, see findings */
  struct topic_finding findings[TOPICS_FINDINGS];
  int32_t finding_count;
};

struct topics {
  struct topic at[TOPICS_COUNT];
  int32_t count, brokers;
  int32_t partitions; /* N, or 0 where it is not known */
};

struct topics_request {
  int32_t partitions;  /* for inputs that are not there; 0: not said */
  int32_t replication; /* 0: three, or as many as there are brokers */
};

extern const char *const topic_role_names[ROLE_COUNT];
extern const char *const topic_setting_names[TOPIC_SETTINGS];

/* The names, from the settings; everything else unknown. */
void topics_want(struct topics *topics, const struct settings *settings);
/* Sets N, the findings, and what is wanted of the topics that are missing. True: nothing is missing or wrong. */
bool topics_judge(struct topics *topics, const struct settings *settings, const struct topics_request *request);
/* Adds a finding; what does not fit is left out. */
void topic_find(struct topic *topic, bool wrong, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Asks the brokers. With `settings_too` also how the topics are set up. False with a sentence in `why`. */
bool topics_read(struct topics *topics, rd_kafka_t *client, bool settings_too, char *why, size_t room);
/* Makes what is missing and wanted, with a finding for each that could not be. False only where no broker answered. */
bool topics_create(struct topics *topics, rd_kafka_t *client, char *why, size_t room);

/* Whether the daemon may start: inputs are there with one partition count N, outputs are there with the same N, definitions
 * has one partition. `client` is any client of the cluster. TOPICS_WRONG and TOPICS_UNREACHABLE come with at least one problem
 * (pointer: the topic, line 0). *partitions is N where it is known, else 0. */
enum topics_outcome topics_check(const struct settings *settings, rd_kafka_t *client, int32_t *partitions,
                                 struct problems *problems);

#endif
