/* bench_site.c: topics by topics.h; deleting by librdkafka's admin API, whatever begins with the prefix. */
#include "bench_site.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../producer/topics.h"
#include "client.h"
#include "clock.h"
#include "connect.h"
#include "engine/memory.h"
#include "interrupt.h"
#include "load_send.h"

enum { LOOK_US = 20000, ASK_MS = 10000, APPEAR_MS = 10000, STALLED_MS = 60000, FIFTH = 5 };

static bool fail(struct bench_site *site, const char *what, const char *why) {
  snprintf(site->bench->why, BENCH_WHY, "%.200s: %.600s", what, why);
  return false;
}

/* Settings of a round */

void site_set(struct bench_site *site, const char *name, const char *value) {
  assert(site->name_count < SITE_NAMES);
  char *text = site->names[site->name_count++];
  snprintf(text, SITE_NAME, "%s=%s", name, value);
  bool taken = options_override(&site->options, text, false);
  assert(taken && "cmd_bench.c leaves room");
  (void)taken;
}

static void set_own(struct bench_site *site, const char *name, const char *topic) {
  char text[SITE_NAME];
  snprintf(text, sizeof text, "%s%" PRId32 "-%s", site->prefix, site->bench->round, topic);
  site_set(site, name, text);
}

static bool load_settings(struct bench_site *site, int *status) {
  struct bench *bench = site->bench;
  char input[SITE_NAME];
  site->options = bench->options;
  site->name_count = 0;
  snprintf(input, sizeof input, "%sinput-%" PRId32, site->prefix, bench->adds ? bench->round : 0);
  site_set(site, "inputs", bench->topic ? bench->topic : input);
  set_own(site, "stage_changes", "stage-changes");
  set_own(site, "dead_letters", "dead-letters");
  set_own(site, "state", "state");
  set_own(site, "journal", "journal");
  set_own(site, "definitions_topic", "definitions");
  set_own(site, "group", "group");
  site_set(site, "state_dir", site->state_dir);
  site_set(site, "http", "");
  site_set(site, "definitions", "");
  settings_fini(&site->settings);
  *status = 2;
  return options_load(&site->options, "bench", &site->settings);
}

/* Topics */

static void note_made(struct bench_site *site, const struct topics *topics) {
  for (int32_t i = 0; i < topics->count; i++) {
    const char *name = topics->at[i].name;
    if (topics->at[i].created) buffer_append(&site->made, name, strlen(name) + 1);
  }
}

/* What is there already is not made by being named. */
static bool input_there(struct bench_site *site, const struct topics *topics) {
  if (topics->at[0].exists || !site->bench->topic) return true;
  site->bench->useless = true;
  return fail(site, site->bench->topic, "there is no such topic");
}

bool site_make_topics(struct bench_site *site) {
  struct bench *bench = site->bench;
  const struct topics_request request = {.partitions = bench->topic ? 0 : (int32_t)bench->partitions};
  struct topics topics = {0};
  int64_t end_ns = clock_monotonic_ns() + APPEAR_MS * INT64_C(1000000);
  bool there = false;
  while (!there && clock_monotonic_ns() < end_ns && !interrupt_seen()) { /* a new topic is not known at once */
    topics_want(&topics, &site->settings);
    if (!topics_read(&topics, site->admin, false, bench->why, BENCH_WHY)) return false;
    there = topics_judge(&topics, &site->settings, &request);
    if (!input_there(site, &topics)) return false;
    bool asked = there || topics_create(&topics, site->admin, bench->why, BENCH_WHY);
    note_made(site, &topics);
    if (!asked) return false;
    if (!there) usleep(LOOK_US);
  }
  site->partitions = topics.partitions;
  for (int32_t i = 0; i < topics.count && !there; i++) {
    for (int32_t j = 0; j < topics.at[i].finding_count && !there; j++)
      if (topics.at[i].findings[j].wrong) return fail(site, topics.at[i].name, topics.at[i].findings[j].text);
  }
  return there || fail(site, "topics", "they are not there in time");
}

rd_kafka_t *site_reader(struct bench_site *site, const char *isolation) {
  rd_kafka_conf_t *conf = client_conf(&site->settings, RD_KAFKA_CONSUMER, site->bench->why, BENCH_WHY);
  if (!conf) return NULL;
  client_set(conf, "group.id", site->settings.group); /* of a group that is asked about; nobody joins it */
  client_set(conf, "enable.auto.commit", "false");
  client_set(conf, "enable.partition.eof", "true");
  client_set(conf, "auto.offset.reset", "error");
  client_set(conf, "isolation.level", isolation);
  client_set_default(conf, &site->settings, "fetch.wait.max.ms", "10");
  rd_kafka_conf_set_log_cb(conf, NULL);
  rd_kafka_t *client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, site->bench->why, BENCH_WHY);
  if (client) rd_kafka_poll_set_consumer(client);
  if (!client) rd_kafka_conf_destroy(conf);
  return client;
}

/* Where the input begins; everything between there and its end is a record of ours. */
static bool ask_offsets(struct bench_site *site, int64_t *ends) {
  rd_kafka_t *client = site_reader(site, "read_committed");
  const char *topic = site->settings.inputs.at[0];
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  if (!client) return false;
  for (int32_t i = 0; i < site->partitions && !code; i++) {
    code = client_offset(client, topic, i, RD_KAFKA_OFFSET_BEGINNING, ASK_MS, &site->begins[i]);
    if (!code) code = client_offset(client, topic, i, RD_KAFKA_OFFSET_END, ASK_MS, &ends[i]);
  }
  rd_kafka_destroy(client);
  return !code || fail(site, topic, rd_kafka_err2str(code));
}

/* Of a topic of somebody else's the offsets behind the last record may be ends of transactions: it is read. */
static bool count_records(struct bench_site *site) {
  size_t partitions = (size_t)site->partitions;
  int64_t *ends = memory_zeroed(partitions, sizeof *ends);
  site->begins = memory_grown(site->begins, partitions * sizeof *site->begins);
  bool good = ask_offsets(site, ends);
  if (good && site->bench->topic) {
    memcpy(ends, site->begins, partitions * sizeof *ends);
    good = site_count(site, &site->total, ends);
  }
  site->goal = 0;
  for (size_t i = 0; i < partitions && good; i++) site->goal += (uint64_t)(ends[i] - site->begins[i]);
  if (!site->bench->topic) site->total = site->goal;
  memory_free(ends);
  return good && (site->total > 0 || fail(site, site->settings.inputs.at[0], "is empty"));
}

bool site_fill(struct bench_site *site) {
  struct bench *bench = site->bench;
  const char *topic = site->settings.inputs.at[0];
  if (!bench->topic && !load_fill(&site->settings, topic, &bench->load, 0, bench->load.events, bench->why, BENCH_WHY))
    return false;
  return count_records(site);
}

/* Beginning and end */

bool site_open(struct bench_site *site, struct bench *bench, int *status) {
  site->bench = bench;
  snprintf(site->prefix, sizeof site->prefix, "handover-bench-%" PRIdMAX "-", (intmax_t)getpid());
  bench_path(bench, "state", site->state_dir);
  bench_path(bench, "log", site->log);
  if (!load_settings(site, status)) return false;
  rd_kafka_conf_t *conf = client_conf(&site->settings, RD_KAFKA_PRODUCER, bench->why, BENCH_WHY);
  if (!conf) return false;
  site->admin = connect_client("bench", &site->settings, conf, status);
  return site->admin != NULL;
}

bool site_round(struct bench_site *site) {
  int status;
  if (site->member) rd_kafka_destroy(site->member);
  site->member = NULL;
  scratch_wipe(site->state_dir);
  if (!load_settings(site, &status)) return fail(site, "settings", "are of no use");
  site->member = site_reader(site, "read_committed");
  return site->member && site_make_topics(site);
}

static void take_deleted(rd_kafka_event_t *event, char *why, size_t room) {
  size_t count;
  const rd_kafka_topic_result_t **results =
      rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count);
  for (size_t i = 0; i < count; i++) {
    rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]);
    if (code && code != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
      snprintf(why, room, "%.300s is left behind: %.300s", rd_kafka_topic_result_name(results[i]),
               rd_kafka_err2str(code));
  }
}

static void delete_topics(struct bench_site *site, char *why, size_t room) {
  enum { MOST = (BENCH_REPEATS + 1) * TOPICS_COUNT };
  static rd_kafka_DeleteTopic_t *gone[MOST];
  size_t count = 0;
  for (const char *name = site->made.at; name && name < site->made.at + site->made.length && count < MOST;
       name += strlen(name) + 1)
    gone[count++] = rd_kafka_DeleteTopic_new(name);
  if (count == 0) return;
  rd_kafka_queue_t *queue = rd_kafka_queue_new(site->admin);
  rd_kafka_DeleteTopics(site->admin, gone, count, NULL, queue);
  rd_kafka_event_t *event = rd_kafka_queue_poll(queue, ASK_MS);
  if (event && !rd_kafka_event_error(event)) take_deleted(event, why, room);
  else snprintf(why, room, "topics %.60s* are left behind: the broker does not delete them in time", site->prefix);
  if (event) rd_kafka_event_destroy(event);
  rd_kafka_DeleteTopic_destroy_array(gone, count);
  rd_kafka_queue_destroy(queue);
}

/* A group that cannot be deleted yet goes by itself, in the broker's time. */
static void delete_groups(struct bench_site *site) {
  rd_kafka_DeleteGroup_t *gone[BENCH_REPEATS];
  char name[SITE_NAME];
  size_t count = 0;
  for (int32_t i = 0; i <= site->bench->round && i < BENCH_REPEATS; i++) {
    snprintf(name, sizeof name, "%s%" PRId32 "-group", site->prefix, i);
    gone[count++] = rd_kafka_DeleteGroup_new(name);
  }
  rd_kafka_queue_t *queue = rd_kafka_queue_new(site->admin);
  rd_kafka_DeleteGroups(site->admin, gone, count, NULL, queue);
  rd_kafka_event_t *event = rd_kafka_queue_poll(queue, ASK_MS);
  if (event) rd_kafka_event_destroy(event);
  rd_kafka_DeleteGroup_destroy_array(gone, count);
  rd_kafka_queue_destroy(queue);
}

bool site_close(struct bench_site *site, char *why, size_t room) {
  *why = 0;
  child_kill(&site->daemon);
  if (site->member) rd_kafka_destroy(site->member);
  if (site->admin && !site->bench->keep) {
    delete_topics(site, why, room);
    delete_groups(site);
  }
  if (site->admin) rd_kafka_destroy(site->admin);
  settings_fini(&site->settings);
  buffer_fini(&site->made);
  memory_free(site->begins);
  return !*why;
}

/* Processes */

void site_words(struct bench_site *site, struct child *child, const char *command) {
  *child = (struct child){0};
  child_word(child, "handover");
  child_word(child, command);
  if (site->options.file) {
    child_word(child, "--settings");
    child_word(child, site->options.file);
  }
  for (size_t i = 0; i < site->options.count; i++) {
    child_word(child, site->options.overrides[i].kafka ? "-X" : "--set");
    child_word(child, site->options.overrides[i].text);
  }
}

bool site_start(struct bench_site *site) {
  struct bench *bench = site->bench;
  site_words(site, &site->daemon, "run");
  child_word(&site->daemon, "--definition");
  child_word(&site->daemon, bench->definition);
  child_word(&site->daemon, "--draft");
  return child_start(&site->daemon, NULL, site->log, bench->why, BENCH_WHY);
}

bool site_stop(struct bench_site *site) { return child_stop(&site->daemon, site->bench->why, BENCH_WHY); }

bool site_floor(struct bench_site *site, struct child_use *use) {
  struct child child = {0};
  site_words(site, &child, "bench");
  child_word(&child, "consume");
  child_word(&child, "--topic");
  child_word(&child, site->settings.inputs.at[0]);
  return bench_child(site->bench, &child, NULL, use);
}

/* Waiting */

static bool committed(struct bench_site *site, uint64_t *count) {
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(site->partitions);
  for (int32_t i = 0; i < site->partitions; i++)
    rd_kafka_topic_partition_list_add(list, site->settings.inputs.at[0], i);
  rd_kafka_resp_err_t code = rd_kafka_committed(site->member, list, ASK_MS);
  *count = 0;
  for (int32_t i = 0; i < site->partitions && !code; i++)
    if (list->elems[i].offset > site->begins[i]) *count += (uint64_t)(list->elems[i].offset - site->begins[i]);
  rd_kafka_topic_partition_list_destroy(list);
  return !code || fail(site, "committed offsets", rd_kafka_err2str(code));
}

bool site_await(struct bench_site *site, struct child_use *use, struct site_part *early) {
  struct bench *bench = site->bench;
  uint64_t done = 0, before = 0;
  int64_t moved_ns = clock_monotonic_ns();
  if (early) early->count = 0;
  do {
    usleep(LOOK_US);
    before = done;
    if (!committed(site, &done) || !child_look(&site->daemon, use, bench->why, BENCH_WHY)) return false;
    if (early && early->count == 0 && done >= site->goal / FIFTH) *early = (struct site_part){*use, done};
    if (done != before) moved_ns = clock_monotonic_ns();
    if (interrupt_seen()) return fail(site, "the daemon", "interrupted");
    if (clock_monotonic_ns() - moved_ns > STALLED_MS * INT64_C(1000000))
      return fail(site, "the daemon", "nothing has been committed for a minute");
  } while (done < site->goal);
  return true;
}

static int32_t count_lines(const char *path, const char *with) {
  char line[4096];
  int32_t count = 0;
  FILE *file = fopen(path, "r");
  while (file && fgets(line, sizeof line, file)) count += strstr(line, with) != NULL;
  if (file) fclose(file);
  return count;
}

bool site_await_restored(struct bench_site *site, struct child_use *use) {
  struct bench *bench = site->bench;
  int64_t end_ns = clock_monotonic_ns() + INT64_C(10) * STALLED_MS * 1000000;
  while (count_lines(site->log, "\"event\":\"task restored\"") < site->partitions) {
    usleep(LOOK_US / 4);
    if (!child_look(&site->daemon, use, bench->why, BENCH_WHY)) return false;
    if (interrupt_seen()) return fail(site, "the daemon", "interrupted");
    if (clock_monotonic_ns() > end_ns) return fail(site, "the daemon", "not all tasks are restored within ten minutes");
  }
  return child_look(&site->daemon, use, bench->why, BENCH_WHY);
}
