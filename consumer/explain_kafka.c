/* explain_kafka.c: first the partition to which producers send the lead's id as a key, then, where the lead is not there, all others. */
#include "explain_kafka.h"

#include <inttypes.h>
#include <stdio.h>

#include "engine/memory.h"
#include "explain_story.h"
#include "interrupt.h"
#include "replay_kafka.h"

enum { STATUS_OK = 0, STATUS_NO = 1, STATUS_USAGE = 2, STATUS_OUTSIDE = 3 };

struct explain {
  const struct explain_kafka_order *order;
  struct explain_story story;
  struct replay_kafka from;
  struct replay_shared shared;
  struct summary summary;
  struct progress progress;
  int32_t partitions;
  struct replay_task **tasks; /* of the partitions that were decided, and … */
  struct lane **lanes;        /* … those that have decided anything */
  int32_t task_count, lane_count;
};

static int say(const char *what, const char *why, int status) {
  fprintf(stderr, "handover explain: %.300s: %.900s\n", what, why);
  return status;
}

static int say_partition(const struct explain *explain, int32_t partition, int status) {
  if (interrupt_seen()) return say("interrupted", "there is no story", STATUS_OUTSIDE);
  fprintf(stderr, "handover explain: partition %" PRId32 ": %s\n", partition, explain->from.why);
  return status;
}

/* All that has been decided of it. */
static int decide(struct explain *explain, int32_t partition) {
  struct replay_task *task = replay_task_create(&explain->shared, partition);
  explain->tasks[explain->task_count++] = task;
  int status = replay_kafka(&explain->from, task);
  progress_end(&explain->progress);
  if (status != STATUS_OK) return say_partition(explain, partition, status);
  if (task->lane) explain->lanes[explain->lane_count++] = task->lane;
  return STATUS_OK;
}

/* As the producers of Java's clients do, and kcat and librdkafka where they are told to. */
static int32_t partition_of(struct slice lead, int32_t partitions) {
  return rd_kafka_msg_partitioner_murmur2(NULL, lead.at, lead.length, partitions, NULL, NULL);
}

static int decide_others(struct explain *explain, int32_t first) {
  int status = STATUS_OK;
  if (explain->partitions == 1) return status;
  fprintf(stderr,
          "handover explain: the lead is not in partition %" PRId32
          ", where Java's producers send its id as a key: all others are read\n",
          first);
  for (int32_t i = 0; i < explain->partitions && status == STATUS_OK && explain->story.partition == NONE; i++) {
    if (i != first) status = decide(explain, i);
  }
  return status;
}

static int find(struct explain *explain) {
  const struct explain_kafka_order *order = explain->order;
  bool given = order->partition != NONE;
  char why[100];
  if (order->partition >= explain->partitions) {
    snprintf(why, sizeof why, "there are %" PRId32 " partitions, counted from 0", explain->partitions);
    return say("--partition", why, STATUS_USAGE);
  }
  int32_t first = given ? order->partition : partition_of(order->lead, explain->partitions);
  int status = decide(explain, first);
  if (status == STATUS_OK && explain->story.partition == NONE && !given) status = decide_others(explain, first);
  return status;
}

static int tell(struct explain *explain, struct buffer *out) {
  int64_t until_ms = explain->order->at_ms != TIME_NONE ? explain->order->at_ms : explain->order->until_ms;
  struct lane *lane = explain_story_lane(&explain->story, explain->lanes, explain->lane_count);
  if (!lane) {
    explain_story_absent(&explain->story, explain->lanes, explain->lane_count);
    return STATUS_NO;
  }
  if (until_ms != TIME_NONE) lane_mark(lane, until_ms);
  explain_story_tell(&explain->story, lane, out);
  return STATUS_OK;
}

static int run(struct explain *explain, struct buffer *out) {
  const struct settings *settings = explain->order->settings;
  char why[TOPIC_READER_WHY];
  explain->partitions = topic_reader_partitions(explain->from.reader, settings->journal, why, sizeof why);
  if (explain->partitions < 0) return say(settings->bootstrap, why, STATUS_OUTSIDE);
  if (explain->partitions == 0)
    return say(settings->journal, "there is no such topic: has a daemon ever run here?", STATUS_OUTSIDE);
  explain->tasks = memory_zeroed((size_t)explain->partitions, sizeof(struct replay_task *));
  explain->lanes = memory_zeroed((size_t)explain->partitions, sizeof(struct lane *));
  int status = find(explain);
  return status == STATUS_OK ? tell(explain, out) : status;
}

int explain_kafka_run(const struct explain_kafka_order *order, struct buffer *out) {
  struct explain *explain = memory_zeroed(1, sizeof *explain);
  char why[TOPIC_READER_WHY];
  int status = STATUS_USAGE;
  explain->order = order;
  explain_story_init(&explain->story, order->lead, order->at_ms);
  explain->shared = (struct replay_shared){.catalog = order->catalog,
                                           .signatures = order->signatures,
                                           .event_bytes_max = (uint32_t)order->settings->event_bytes_max,
                                           .sink = &explain->story.sink,
                                           .summary = &explain->summary,
                                           .on_lane = explain_story_follow};
  explain->from = (struct replay_kafka){.settings = order->settings, .progress = &explain->progress};
  progress_start(&explain->progress);
  explain->from.reader = topic_reader_open(order->settings, why, sizeof why);
  if (!explain->from.reader) say("settings", why, status);
  else status = run(explain, out);
  for (int32_t i = 0; i < explain->task_count; i++) replay_task_destroy(explain->tasks[i]);
  memory_free(explain->tasks);
  memory_free(explain->lanes);
  topic_reader_close(explain->from.reader);
  explain_story_fini(&explain->story);
  memory_free(explain);
  return status;
}
