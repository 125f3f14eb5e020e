/* report_kafka.c: one partition after the other; a report does not ask in which order events come. */
#include "report_kafka.h"

#include <inttypes.h>
#include <stdio.h>

#include "interrupt.h"
#include "letter.h"
#include "message.h"
#include "progress.h"

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, READ = 512 };

struct reading {
  struct report_log *log;
  struct topic_reader *reader;
  const char *bootstrap;
  struct progress progress;
  uint64_t records;
};

typedef bool take_record(struct reading *reading, const struct record *record, const rd_kafka_message_t *message,
                         char *why);

static bool take_event(struct reading *reading, const struct record *record, const rd_kafka_message_t *message,
                       char *why) {
  (void)message;
  return report_log_take(reading->log, record->payload, why);
}

static bool take_letter(struct reading *reading, const struct record *record, const rd_kafka_message_t *message,
                        char *why) {
  struct slice reason = message_header(message, "reason");
  (void)record;
  if (!reason.at && message_header(message, LETTER_MARK_HEADER).at) return true; /* it is about a letter, and is none */
  if (reason.length == 0 || reason.length > REPORT_WHY) {
    snprintf(why, REPORT_WHY, "no header \"reason\": is it of the dead letters' topic?");
    return false;
  }
  report_log_dead_letter(reading->log, reason);
  return true;
}

static int say(struct reading *reading, const char *what, const char *why, int status) {
  progress_end(&reading->progress);
  fprintf(stderr, "handover report: %.300s: %s\n", what, why);
  return status;
}

static int say_record(struct reading *reading, const struct position *position, const char *why) {
  progress_end(&reading->progress);
  fprintf(stderr, "handover report: %.*s/%" PRId32 ": offset %" PRId64 ": %s\n", (int)position->topic.length,
          position->topic.at, position->partition, position->offset, why);
  return STATUS_USAGE;
}

static int read_stream(struct reading *reading, struct topic_stream *stream, take_record *take) {
  struct record records[READ];
  char why[REPORT_WHY];
  int32_t count;
  while ((count = topic_stream_await(stream, records, READ)) > 0) {
    for (int32_t i = 0; i < count; i++) {
      if (!take(reading, &records[i], topic_stream_message(stream, i), why))
        return say_record(reading, &records[i].position, why);
    }
    reading->records += (uint64_t)count;
    progress_show(&reading->progress, reading->records, 0, 0);
  }
  if (count == 0) return STATUS_OK;
  if (interrupt_seen()) return say(reading, "interrupted", "there is no report", STATUS_OUTSIDE);
  return say(reading, reading->bootstrap, topic_stream_why(stream), STATUS_OUTSIDE);
}

static int read_partition(struct reading *reading, const char *topic, int32_t partition, take_record *take) {
  char why[TOPIC_READER_WHY];
  struct topic_stream *stream = topic_stream_start(reading->reader, topic, partition, false, why, sizeof why);
  if (!stream) return say(reading, reading->bootstrap, why, STATUS_OUTSIDE);
  if (topic_stream_begin(stream) > 0)
    report_log_unseen(reading->log, slice_of(topic), partition, topic_stream_begin(stream));
  int status = read_stream(reading, stream, take);
  topic_stream_end(stream);
  return status;
}

static int read_topic(struct reading *reading, const char *topic, bool needed, take_record *take) {
  char why[TOPIC_READER_WHY];
  int32_t count = topic_reader_partitions(reading->reader, topic, why, sizeof why);
  int status = count < 0 ? say(reading, reading->bootstrap, why, STATUS_OUTSIDE) : STATUS_OK;
  if (count == 0 && needed)
    status = say(reading, topic, "there is no such topic: has a daemon ever run here?", STATUS_OUTSIDE);
  if (count == 0 && !needed) report_log_unseen(reading->log, slice_of(topic), NONE, NONE);
  for (int32_t i = 0; i < count && status == STATUS_OK; i++) status = read_partition(reading, topic, i, take);
  return status;
}

int report_kafka_read(struct report_log *log, struct topic_reader *reader, const struct settings *settings) {
  struct reading reading = {.log = log, .reader = reader, .bootstrap = settings->bootstrap};
  progress_start(&reading.progress);
  int status = read_topic(&reading, settings->stage_changes, true, take_event);
  if (status == STATUS_OK) status = read_topic(&reading, settings->dead_letters, false, take_letter);
  progress_end(&reading.progress);
  return status;
}
