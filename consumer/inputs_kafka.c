/* inputs_kafka.c: an inlet an input; the one whose head is the earliest gives the next record. */
#include "inputs_kafka.h"

#include <inttypes.h>
#include <stdio.h>

#include "client.h"
#include "engine/memory.h"
#include "interrupt.h"
#include "progress.h"
#include "topic_reader.h"

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, DETAIL = 160 };

struct inlet { /* one input's partition */
  struct topic_stream *stream;
  struct record records[INPUTS_BATCH];
  int32_t count, at;
  bool over;
  int64_t time_ms; /* of the record at `at`, or where that is no event of the one before it */
};

struct inputs {
  const struct settings *settings;
  const struct inputs_user *user;
  struct topic_reader *reader;
  struct decoder *decoder; /* NULL: there is one input, and nothing to merge */
  struct inlet inlets[SETTINGS_INPUTS];
  struct record batch[INPUTS_BATCH];
  int32_t count; /* of the batch */
  struct progress progress;
  uint64_t records;
};

static int say(struct inputs *inputs, const char *what, const char *why, int status) {
  progress_end(&inputs->progress);
  if (interrupt_seen()) fprintf(stderr, "handover %s: interrupted\n", inputs->user->command);
  else fprintf(stderr, "handover %s: %.300s: %s\n", inputs->user->command, what, why);
  return status;
}

static void hand_on(struct inputs *inputs) {
  if (inputs->count) inputs->user->records(inputs->user->context, inputs->batch, inputs->count);
  inputs->records += (uint64_t)inputs->count;
  inputs->count = 0;
  progress_show(&inputs->progress, inputs->records, 0, 0);
}

/* --- one inlet --- */

static void look_at_head(struct inputs *inputs, struct inlet *inlet) {
  struct event *event;
  char detail[DETAIL];
  if (!inputs->decoder || inlet->over) return;
  if (decoder_decode(inputs->decoder, 0, &inlet->records[inlet->at], &event, detail) == REJECT_NONE)
    inlet->time_ms = event->time_ms;
}

/* What has been taken from it is handed on first: those records are gone with the next ones. */
static int fill(struct inputs *inputs, struct inlet *inlet) {
  hand_on(inputs);
  inlet->at = 0;
  inlet->count = topic_stream_await(inlet->stream, inlet->records, INPUTS_BATCH);
  inlet->over = inlet->count <= 0;
  if (inlet->count < 0)
    return say(inputs, inputs->settings->bootstrap, topic_stream_why(inlet->stream), STATUS_OUTSIDE);
  look_at_head(inputs, inlet);
  return STATUS_OK;
}

static int take(struct inputs *inputs, struct inlet *inlet) {
  inputs->batch[inputs->count++] = inlet->records[inlet->at++];
  if (inputs->count == INPUTS_BATCH) hand_on(inputs);
  if (inlet->at == inlet->count) return fill(inputs, inlet);
  look_at_head(inputs, inlet);
  return STATUS_OK;
}

/* --- one partition --- */

/* The inlet whose head is the earliest; of equal ones the first. NULL: all are over. */
static struct inlet *earliest(struct inputs *inputs) {
  struct inlet *found = NULL;
  for (int32_t i = 0; i < inputs->settings->inputs.count; i++) {
    struct inlet *inlet = &inputs->inlets[i];
    if (!inlet->over && (!found || inlet->time_ms < found->time_ms)) found = inlet;
  }
  return found;
}

static int start(struct inputs *inputs, int32_t index, int32_t partition) {
  const char *topic = inputs->settings->inputs.at[index];
  struct inlet *inlet = &inputs->inlets[index];
  char why[TOPIC_READER_WHY];
  *inlet = (struct inlet){.time_ms = TIME_NONE};
  inlet->stream = topic_stream_start(inputs->reader, topic, partition, false, why, sizeof why);
  if (!inlet->stream) return say(inputs, inputs->settings->bootstrap, why, STATUS_OUTSIDE);
  int64_t first = topic_stream_begin(inlet->stream);
  if (first > 0) inputs->user->cut(inputs->user->context, slice_of(topic), partition, first);
  return fill(inputs, inlet);
}

static int read_partition(struct inputs *inputs, int32_t partition) {
  int status = STATUS_OK;
  struct inlet *inlet;
  for (int32_t i = 0; i < inputs->settings->inputs.count; i++) inputs->inlets[i].stream = NULL;
  for (int32_t i = 0; i < inputs->settings->inputs.count && status == STATUS_OK; i++)
    status = start(inputs, i, partition);
  while (status == STATUS_OK && (inlet = earliest(inputs))) status = take(inputs, inlet);
  if (status == STATUS_OK) hand_on(inputs);
  inputs->count = 0;
  for (int32_t i = 0; i < inputs->settings->inputs.count; i++) topic_stream_end(inputs->inlets[i].stream);
  return status;
}

/* --- all of them --- */

/* All inputs have as many partitions. */
static int count_partitions(struct inputs *inputs, int32_t *partitions) {
  char why[TOPIC_READER_WHY];
  *partitions = 0;
  for (int32_t i = 0; i < inputs->settings->inputs.count; i++) {
    const char *topic = inputs->settings->inputs.at[i];
    int32_t count = topic_reader_partitions(inputs->reader, topic, why, sizeof why);
    if (count < 0) return say(inputs, inputs->settings->bootstrap, why, STATUS_OUTSIDE);
    if (count == 0) return say(inputs, topic, "there is no such topic", STATUS_OUTSIDE);
    if (i > 0 && count != *partitions)
      return say(inputs, topic, "has another number of partitions than the input before it", STATUS_USAGE);
    *partitions = count;
  }
  return STATUS_OK;
}

int inputs_kafka_read(const struct settings *settings, const struct inputs_user *user) {
  struct inputs *inputs = memory_zeroed(1, sizeof *inputs);
  char why[TOPIC_READER_WHY];
  int32_t partitions = 0;
  int status = STATUS_OK;
  inputs->settings = settings;
  inputs->user = user;
  if (!client_check(settings, why, sizeof why)) status = say(inputs, "settings", why, STATUS_USAGE);
  if (status == STATUS_OK && !(inputs->reader = topic_reader_open(settings, why, sizeof why)))
    status = say(inputs, "settings", why, STATUS_USAGE);
  if (settings->inputs.count > 1)
    inputs->decoder = decoder_create(user->definition, 1, (uint32_t)settings->event_bytes_max);
  progress_start(&inputs->progress);
  if (status == STATUS_OK) status = count_partitions(inputs, &partitions);
  for (int32_t i = 0; i < partitions && status == STATUS_OK; i++) status = read_partition(inputs, i);
  progress_end(&inputs->progress);
  topic_reader_close(inputs->reader);
  decoder_destroy(inputs->decoder);
  memory_free(inputs);
  return status;
}
