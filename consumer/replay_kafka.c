/* replay_kafka.c: streams of one partition into its task. */
#include "replay_kafka.h"

#include <inttypes.h>
#include <stdio.h>

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, READ = 512 };

static int fail(struct replay_kafka *from, int status, const char *why) {
  snprintf(from->why, sizeof from->why, "%s", why);
  return status;
}

static struct topic_stream *start(struct replay_kafka *from, const char *topic, int32_t partition) {
  char why[TOPIC_READER_WHY];
  struct topic_stream *stream = topic_stream_start(from->reader, topic, partition, false, why, sizeof why);
  if (!stream) fail(from, STATUS_OUTSIDE, why);
  return stream;
}

/* --- the journal --- */

int replay_kafka_journal(struct replay_task *task, struct journal_record *parsed, const struct record *record,
                         char *why) {
  char part[REPLAY_WHY / 2];
  int64_t offset = record->position.offset;
  if (!journal_record_parse(parsed, record->payload.at, record->payload.length, part, sizeof part)) {
    snprintf(why, REPLAY_WHY, "the journal at offset %" PRId64 ": %s", offset, part);
    return STATUS_USAGE;
  }
  if (parsed->partition != task->number) {
    snprintf(why, REPLAY_WHY, "the journal at offset %" PRId64 " is of partition %" PRId32, offset, parsed->partition);
    return STATUS_USAGE;
  }
  const struct journal_entry *missing = replay_missing(task->shared->catalog, parsed);
  if (missing) {
    snprintf(why, REPLAY_WHY,
             "record %" PRIu64 " of the journal: decided by version %" PRIu32
             " of the definition with digest %s, which is not at hand: neither published nor given with --definition",
             parsed->sequence, missing->version, missing->digest);
    return STATUS_USAGE;
  }
  replay_task_add(task, parsed, record->payload, offset);
  return STATUS_OK;
}

static int read_journal(struct replay_kafka *from, struct replay_task *task) {
  struct record records[READ];
  struct journal_record parsed = {0};
  int32_t count = 0;
  int status = STATUS_OK;
  struct topic_stream *stream = start(from, from->settings->journal, task->number);
  if (!stream) return STATUS_OUTSIDE;
  while (status == STATUS_OK && (count = topic_stream_await(stream, records, READ)) > 0) {
    for (int32_t i = 0; i < count && status == STATUS_OK; i++)
      status = replay_kafka_journal(task, &parsed, &records[i], from->why);
  }
  if (count < 0) status = fail(from, STATUS_OUTSIDE, topic_stream_why(stream));
  topic_stream_end(stream);
  journal_record_fini(&parsed);
  return status;
}

/* --- the inputs --- */

/* What the task waits for, batch by batch, from whichever input it is. An input that is over is missing something: the task says so. */
static int read_inputs(struct replay_kafka *from, struct replay_task *task, struct topic_stream **streams) {
  struct record records[LANE_BATCH];
  while (task->waits) {
    struct topic_stream **stream = &streams[task->waits - task->inputs];
    if (!*stream) *stream = start(from, task->waits->topic, task->number);
    if (!*stream) return STATUS_OUTSIDE;
    int32_t count = topic_stream_await(*stream, records, LANE_BATCH);
    if (count < 0) return fail(from, STATUS_OUTSIDE, topic_stream_why(*stream));
    if (count == 0) return STATUS_OK;
    replay_task_take(task, records, count);
    from->records += (uint64_t)count;
    progress_show(from->progress, from->records, 0, 0);
  }
  return STATUS_OK;
}

int replay_kafka(struct replay_kafka *from, struct replay_task *task) {
  struct topic_stream *streams[SETTINGS_INPUTS] = {NULL};
  int status = read_journal(from, task);
  if (status == STATUS_OK) {
    replay_task_start(task);
    status = read_inputs(from, task, streams);
  }
  replay_task_end(task, status == STATUS_OK);
  for (int i = 0; i < SETTINGS_INPUTS; i++) topic_stream_end(streams[i]);
  if (status == STATUS_OK && *task->why) status = fail(from, STATUS_USAGE, task->why);
  bool whole = !*task->flaw || (task->lane && lane_ended(task->lane));
  return status == STATUS_OK && !whole ? fail(from, STATUS_USAGE, task->flaw) : status;
}
