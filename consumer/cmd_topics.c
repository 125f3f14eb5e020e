/* cmd_topics.c: `handover topics`: what is missing and wrong among the topics, and with --create making what is missing.
 *
 * Nothing is ever changed that is there. Without --create nothing is changed at all. */
#include "cmd_topics.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../producer/encode.h"
#include "../producer/topics.h"
#include "client.h"
#include "clock.h"
#include "connect.h"
#include "options.h"

enum { STATUS_OK = 0, STATUS_NO = 1, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, WHY = 700, APPEAR_MS = 5000 };

static const char help[] =
    "usage: handover topics --settings FILE [--create] [--partitions N] [--replication N] [--json]\n"
    "\n"
    "Says which topics handover needs, which of them are missing, and what is wrong with those that are there.\n"
    "\n"
    "  handover topics --settings handover.json\n"
    "  handover topics --settings handover.json --create --partitions 12\n"
    "\n"
    "  --settings FILE        settings (docs/settings.md); - is standard input\n"
    "  --set NAME=VALUE       a setting, after the file's\n"
    "  -X PROPERTY=VALUE      a property of librdkafka\n"
    "  --create               make what is missing; what is there is never changed\n"
    "  --partitions N         for inputs that are not there; the other topics follow the inputs\n"
    "  --replication N        copies of new topics; by default 3, or as many as there are brokers\n"
    "  --json                 the result as JSON\n"
    "  --help                 this text\n"
    "\n"
    "Exit status 0: all is well; 1: something is missing or wrong; 2: wrong usage or settings; 3: no broker answers.\n";

struct command {
  struct options options;
  struct topics_request request;
  bool create, json, help;
};

static bool count_parse(const char *name, const char *text, int32_t most, int32_t *count) {
  char *end;
  long number = strtol(text, &end, 10);
  if (*text >= '0' && *text <= '9' && !*end && number >= 1 && number <= most) {
    *count = (int32_t)number;
    return true;
  }
  fprintf(stderr, "handover topics: --%s: \"%.40s\" is no number from 1 to %" PRId32 "\n", name, text, most);
  return false;
}

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover topics: %.300s: %s\n", what, why);
  return false;
}

static bool take_option(struct command *command, int option, char **argv) {
  switch (option) {
    case 'c': command->create = true; return true;
    case 'p': return count_parse("partitions", optarg, TOPICS_PARTITIONS, &command->request.partitions);
    case 'r': return count_parse("replication", optarg, INT16_MAX, &command->request.replication);
    case 'j': command->json = true; return true;
    case 'h': command->help = true; return true;
    default: return options_take(&command->options, "topics", option, argv);
  }
}

static bool command_parse(struct command *command, int argc, char **argv) {
  static const struct option names[] = {OPTIONS_LONG,
                                        {"create", no_argument, NULL, 'c'},
                                        {"partitions", required_argument, NULL, 'p'},
                                        {"replication", required_argument, NULL, 'r'},
                                        {"json", no_argument, NULL, 'j'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  int option;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":X:h", names, NULL)) != -1) {
    if (!take_option(command, option, argv)) return false;
  }
  if (command->help) return true;
  if (optind < argc) return say(argv[optind], "nothing more is expected here");
  return options_given(&command->options, "topics");
}

static rd_kafka_t *connect_broker(const struct settings *settings, int *status) {
  char why[WHY];
  rd_kafka_conf_t *conf = client_conf(settings, RD_KAFKA_PRODUCER, why, sizeof why);
  *status = STATUS_USAGE;
  if (conf) return connect_client("topics", settings, conf, status);
  fprintf(stderr, "handover topics: settings: %s\n", why);
  return NULL;
}

/* Results */

static bool has_wrong(const struct topic *topic) {
  for (int32_t i = 0; i < topic->finding_count; i++) {
    if (topic->findings[i].wrong) return true;
  }
  return false;
}

static void print_size(int32_t partitions, int32_t replication) {
  printf(", %" PRId32 " partition%s, replication %" PRId32, partitions, partitions == 1 ? "" : "s", replication);
}

static void print_wanted(const struct topic *topic) {
  if (topic->wanted_partitions == 0) return;
  printf("  would be made");
  print_size(topic->wanted_partitions, topic->wanted_replication);
  for (int i = 0; i < TOPIC_SETTINGS; i++) {
    if (*topic->wanted[i]) printf(", %s=%s", topic_setting_names[i], topic->wanted[i]);
  }
  printf("\n");
}

static void print_text(const struct topics *topics) {
  for (int32_t i = 0; i < topics->count; i++) {
    const struct topic *topic = &topics->at[i];
    const char *verdict = !topic->exists ? "missing" : has_wrong(topic) ? "wrong" : topic->created ? "made" : "ok";
    printf("%-8s %s (%s)", verdict, topic->name, topic_role_names[topic->role]);
    if (topic->exists) print_size(topic->partitions, topic->replication);
    printf("\n");
    for (int32_t j = 0; j < topic->finding_count; j++) {
      const struct topic_finding *finding = &topic->findings[j];
      if (strcmp(finding->text, "is missing") != 0) printf("  %s%s\n", finding->wrong ? "" : "advice: ", finding->text);
    }
    if (!topic->exists) print_wanted(topic);
  }
}

static void encode_topic(struct buffer *buffer, const struct topic *topic) {
  buffer_append_text(buffer, "{\"name\":");
  json_append_string(buffer, slice_of(topic->name));
  buffer_printf(buffer,
                ",\"role\":\"%s\",\"exists\":%s,\"made\":%s,\"partitions\":%" PRId32 ",\"replication\":%" PRId32
                ",\"findings\":[",
                topic_role_names[topic->role], topic->exists ? "true" : "false", topic->created ? "true" : "false",
                topic->partitions, topic->replication);
  for (int32_t i = 0; i < topic->finding_count; i++) {
    buffer_printf(buffer, "%s{\"wrong\":%s,\"text\":", i ? "," : "", topic->findings[i].wrong ? "true" : "false");
    json_append_string(buffer, slice_of(topic->findings[i].text));
    buffer_append_text(buffer, "}");
  }
  buffer_append_text(buffer, "]}");
}

static void print_json(const struct topics *topics, bool good) {
  struct buffer buffer = {0};
  buffer_printf(&buffer, "{\"ok\":%s,\"brokers\":%" PRId32 ",\"partitions\":%" PRId32 ",\"topics\":[",
                good ? "true" : "false", topics->brokers, topics->partitions);
  for (int32_t i = 0; i < topics->count; i++) {
    if (i) buffer_append_text(&buffer, ",");
    encode_topic(&buffer, &topics->at[i]);
  }
  buffer_append_text(&buffer, "]}\n");
  fwrite(buffer.at, 1, buffer.length, stdout);
  buffer_fini(&buffer);
}

/* The work */

/* Reads and judges afresh; what could not be made, and what was, stays noted. */
static bool look_again(struct topics *topics, const struct settings *settings, const struct topics_request *request,
                       rd_kafka_t *client, bool *good, char *why, size_t room) {
  struct topics before = *topics;
  int64_t end_ns = clock_monotonic_ns() + APPEAR_MS * INT64_C(1000000);
  bool all_there;
  do { /* a new topic is not known to every broker at once */
    topics_want(topics, settings);
    if (!topics_read(topics, client, true, why, room)) return false;
    all_there = true;
    for (int32_t i = 0; i < topics->count; i++)
      all_there = all_there && (topics->at[i].exists || !before.at[i].created);
    if (!all_there) usleep(200 * 1000);
  } while (!all_there && clock_monotonic_ns() < end_ns);
  *good = topics_judge(topics, settings, request);
  for (int32_t i = 0; i < topics->count; i++) {
    struct topic *topic = &topics->at[i];
    topic->created = before.at[i].created;
    if (topic->exists) continue;
    for (int32_t j = 0; j < before.at[i].finding_count; j++) {
      const char *text = before.at[i].findings[j].text; /* why it could not be made */
      if (strncmp(text, "is missing", 10) != 0) topic_find(topic, true, "%s", text);
    }
  }
  return true;
}

static int work(const struct command *command, const struct settings *settings, rd_kafka_t *client) {
  struct topics topics;
  char why[WHY];
  topics_want(&topics, settings);
  bool answered = topics_read(&topics, client, true, why, sizeof why);
  bool good = answered && topics_judge(&topics, settings, &command->request);
  bool missing = false;
  for (int32_t i = 0; i < topics.count; i++) missing = missing || !topics.at[i].exists;
  if (answered && missing && command->create) {
    answered = topics_create(&topics, client, why, sizeof why) &&
               look_again(&topics, settings, &command->request, client, &good, why, sizeof why);
  }
  if (!answered) {
    fprintf(stderr, "handover topics: %.300s: %s\n", settings->bootstrap, why);
    return STATUS_OUTSIDE;
  }
  if (command->json) {
    print_json(&topics, good);
  } else {
    print_text(&topics);
    const char *more = topics.partitions == 0 ? " --partitions N" : "";
    fflush(stdout); /* the hint comes last */
    if (missing && (*more || !command->create))
      fprintf(stderr, "handover topics: --create%s makes what is missing\n", more);
  }
  return good ? STATUS_OK : STATUS_NO;
}

int cmd_topics(int argc, char **argv) {
  struct command command = {0};
  struct settings settings = {0};
  int status = STATUS_USAGE;
  rd_kafka_t *client = NULL;
  if (!command_parse(&command, argc, argv)) {
    fputs("`handover topics --help` says what can be said\n", stderr);
    goto out;
  }
  if (command.help) {
    fputs(help, stdout);
    status = STATUS_OK;
    goto out;
  }
  if (!options_load(&command.options, "topics", &settings)) goto out;
  client = connect_broker(&settings, &status);
  if (client) status = work(&command, &settings, client);
  if (fflush(stdout) != 0) status = STATUS_OUTSIDE;
out:
  if (client) rd_kafka_destroy(client);
  settings_fini(&settings);
  return status;
}
