/* partition.c: messages become records, records go through the lane, and what comes out goes to the sink and into the journal's
 * chain. */
#include "partition.h"

#include <assert.h>
#include <string.h>

#include "../producer/state_topic.h"
#include "crash.h"
#include "engine/memory.h"
#include "log.h"
#include "message.h"

/* --- the lane's sink --- */

static const char *const cause_names[] = {"event", "move", "climb", "timer"};

static void measure_change(struct partition *p, const struct change *change) {
  const struct stage *stages = change->definition->stages;
  if (change->type == CHANGE_BREACH) {
    metrics_breach(p->shared->metrics, p->slot, stages[change->from].name, change->definition->slas[change->sla].name,
                   1);
    return;
  }
  metrics_transition(p->shared->metrics, p->slot, stages[change->from].name, stages[change->to].name,
                     cause_names[change->cause]);
}

static void on_change(void *context, const struct change *change) {
  struct partition *p = context;
  p->buffer.length = 0;
  change_encode(&p->buffer, change);
  size_t length = p->buffer.length;
  change_encode_id(&p->buffer, change);
  struct slice bytes = {p->buffer.at, (uint32_t)length};
  struct slice id = {p->buffer.at + length, (uint32_t)(p->buffer.length - length)};
  journal_published(&p->journal, bytes);
  if (p->state != PARTITION_RUNNING) return;
  p->awaited = true;
  sink_kafka_change(p->sink, p->number, change, id, bytes);
  measure_change(p, change);
}

/* The headers of the message at this offset, of those that are applied; NULL: it has none. */
static const rd_kafka_headers_t *headers_of(const struct partition *p, int64_t offset) {
  rd_kafka_headers_t *headers = NULL;
  int32_t low = 0, high = p->message_count;
  while (high - low > 1) {
    int32_t middle = low + (high - low) / 2;
    if (p->messages[middle]->offset <= offset) low = middle;
    else high = middle;
  }
  assert(low < high && p->messages[low]->offset == offset);
  return rd_kafka_message_headers(p->messages[low], &headers) == RD_KAFKA_RESP_ERR_NO_ERROR ? headers : NULL;
}

static void on_dead_letter(void *context, const struct record *record, enum reject reject, const char *detail) {
  struct partition *p = context;
  journal_dead_letter(&p->journal);
  if (p->state != PARTITION_RUNNING) return;
  p->awaited = true;
  sink_kafka_dead_letter(p->sink, p->number, record, reject, detail, headers_of(p, record->position.offset));
  metrics_reject(p->shared->metrics, p->slot, (int32_t)reject, 1);
}

/* --- making and ending --- */

struct partition *partition_create(const struct shared *shared, struct sink_kafka *sink, int32_t slot, int32_t number) {
  const struct settings_list *inputs = &shared->settings->inputs;
  struct partition *p = memory_zeroed(1, sizeof *p);
  p->shared = shared;
  p->sink = sink;
  p->slot = slot;
  p->number = number;
  p->state = PARTITION_RESTORING;
  p->lane_sink = (struct sink){p, on_change, on_dead_letter};
  snapshot_chunks_init(&p->chunks, number);
  p->snapshot_ns = clock_monotonic_ns();
  journal_init(&p->journal, number, (const char *const *)inputs->at, inputs->count);
  for (int32_t i = 0; i < inputs->count; i++) {
    p->next[i] = -1;
    p->metrics[i] = metrics_partition_open(shared->metrics, slot, inputs->at[i], number);
  }
  return p;
}

void partition_destroy(struct partition *p) {
  if (!p) return;
  const struct settings_list *inputs = &p->shared->settings->inputs;
  for (int32_t i = 0; i < inputs->count; i++)
    metrics_partition_close(p->shared->metrics, p->slot, inputs->at[i], p->number);
  lane_destroy(p->lane);
  journal_fini(&p->journal);
  snapshot_chunks_fini(&p->chunks);
  if (p->upload) upload_release(p->upload);
  buffer_fini(&p->buffer);
  memory_free(p->known);
  memory_free(p);
}

/* --- versions --- */

static void note_known(struct partition *p, const struct definition *definition) {
  int32_t at = 0;
  while (at < p->known_count && p->known[at]->version != definition->version) at++;
  if (at == p->known_count) p->known = memory_grown(p->known, (size_t)++p->known_count * sizeof *p->known);
  p->known[at] = definition;
}

void partition_know(struct partition *p, const struct definition *definition) {
  note_known(p, definition);
  if (p->lane) {
    lane_know(p->lane, definition);
  } else {
    p->lane = lane_create(p->number, &definition, 1, &p->lane_sink, (uint32_t)p->shared->settings->event_bytes_max);
  }
}

void partition_forget(struct partition *p) {
  lane_destroy(p->lane);
  p->lane = NULL;
  p->known_count = 0;
}

static bool knows(const struct partition *p, const struct definition *definition) {
  for (int32_t i = 0; i < p->known_count; i++)
    if (p->known[i] == definition) return true;
  return false;
}

void partition_learn(struct partition *p) {
  for (int32_t i = 0; i < catalog_count(p->shared->catalog); i++) {
    const struct definition *definition = catalog_at(p->shared->catalog, i);
    if (knows(p, definition)) continue;
    partition_know(p, definition);
    journal_definition(&p->journal, definition->version, definition->digest, definition->agreed);
  }
}

void partition_start(struct partition *p) {
  journal_use(&p->journal, (enum fingerprint_kind)p->shared->settings->journal_inputs);
  partition_learn(p);
  p->counted = *task_counts(lane_task(p->lane));
  p->active_version = task_definition(lane_task(p->lane))->version;
  p->state = PARTITION_RUNNING;
}

/* Where the first record has yet to come, the version before counts as active though nothing was decided by it. */
static void note_takeover(struct partition *p) {
  uint32_t version = task_definition(lane_task(p->lane))->version;
  if (version == p->active_version) return;
  log_info("definition", "a version has taken over", log_number("partition", p->number), log_number("version", version),
           log_number("before", p->active_version));
  p->active_version = version;
  CRASH_POINT("learn-taken-over");
}

/* What a restore replays is in the log already. */
static void note_touched(struct partition *p) {
  if (p->touched || p->state != PARTITION_RUNNING) return;
  p->touched = true;
  p->touched_ns = clock_monotonic_ns();
}

/* --- records --- */

static void apply_records(struct partition *p, int32_t input, const struct record *records, int32_t count) {
  if (count == 0) return;
  journal_run(&p->journal, input, records[0].position.offset, count);
  journal_taken(&p->journal, records, count);
  lane_apply(p->lane, records, count);
  p->next[input] = records[count - 1].position.offset + 1;
  p->records_since_snapshot += (uint64_t)count;
  p->at_end[input] = false;
  note_touched(p);
}

void partition_apply(struct partition *p, int32_t input, rd_kafka_message_t *const *messages, int32_t count) {
  struct record records[LANE_BATCH];
  const struct slice topic = slice_of(p->shared->settings->inputs.at[input]);
  uint64_t bytes = 0;
  uint64_t before = p->records_since_snapshot;
  int32_t taken = 0;
  p->messages = messages;
  p->message_count = count;
  for (int32_t i = 0; i < count; i++) {
    if (messages[i]->offset < p->next[input]) continue;
    records[taken] = message_record(messages[i], topic);
    bytes += records[taken++].payload.length;
    if (taken < LANE_BATCH) continue;
    apply_records(p, input, records, taken);
    taken = 0;
  }
  apply_records(p, input, records, taken);
  if (p->state != PARTITION_RUNNING) return;
  p->open_records += p->records_since_snapshot - before;
  p->open_bytes += bytes;
  metrics_add(p->shared->metrics, p->slot, METRIC_EVENTS_CONSUMED, (uint64_t)count);
  metrics_add(p->shared->metrics, p->slot, METRIC_EVENT_BYTES, bytes);
}

/* --- clock marks --- */

void partition_mark(struct partition *p, int64_t mark_ms) {
  journal_clock(&p->journal, mark_ms);
  lane_mark(p->lane, mark_ms);
  note_touched(p);
}

/* A task that has read nothing has no leads and no offset by which the broker could fence us. */
int64_t partition_mark_due(const struct partition *p, int64_t wall_ms) {
  bool read_any = false;
  for (int32_t i = 0; i < p->shared->settings->inputs.count; i++) {
    if (!p->at_end[i]) return TIME_NONE;
    read_any |= p->next[i] >= 0;
  }
  if (!read_any) return TIME_NONE;
  struct task *task = lane_task(p->lane);
  int64_t mark_ms = wall_ms - task_definition(task)->lateness_ms - p->shared->settings->clock_grace_ms;
  return task_deadline(task) <= mark_ms ? mark_ms : TIME_NONE;
}

/* --- transactions --- */

static void note_sent(struct partition *p) {
  journal_next(&p->journal);
  memcpy(p->committing_next, p->next, sizeof p->next);
  p->committing = true;
  p->committing_records = p->open_records;
  p->touched = p->awaited = false;
  p->open_records = p->open_bytes = 0;
}

void partition_send(struct partition *p, rd_kafka_topic_partition_list_t *offsets) {
  assert(p->state == PARTITION_RUNNING && p->touched && !p->committing);
  p->buffer.length = 0;
  journal_encode(&p->journal, &p->buffer);
  sink_kafka_journal(p->sink, p->number, (struct slice){p->buffer.at, (uint32_t)p->buffer.length});
  for (int32_t i = 0; i < p->shared->settings->inputs.count; i++) {
    if (p->next[i] < 0) continue;
    rd_kafka_topic_partition_list_add(offsets, p->shared->settings->inputs.at[i], p->number)->offset = p->next[i];
  }
  note_sent(p);
}

void partition_committed(struct partition *p) {
  int64_t journal_offset = sink_kafka_journal_next(p->sink, p->number);
  if (journal_offset >= 0) p->journal_offset = journal_offset;
  p->committing = false;
  note_takeover(p);
  int64_t stream_ms = task_stream(lane_task(p->lane));
  for (int32_t i = 0; i < p->shared->settings->inputs.count; i++) {
    if (!p->metrics[i] || p->committing_next[i] < 0) continue;
    atomic_store(&p->metrics[i]->position, p->committing_next[i]);
    if (stream_ms != TIME_NONE) atomic_store(&p->metrics[i]->event_time_ms, stream_ms);
  }
}

/* --- metrics --- */

void partition_measure(struct partition *p, uint64_t *leads, uint64_t *bytes) {
  if (p->state != PARTITION_RUNNING) return;
  struct metrics *metrics = p->shared->metrics;
  const struct task_counts *now = task_counts(lane_task(p->lane));
  metrics_add(metrics, p->slot, METRIC_EVENTS_DUPLICATE, now->duplicates - p->counted.duplicates);
  metrics_add(metrics, p->slot, METRIC_ATTRIBUTES_IGNORED, now->ignored_attributes - p->counted.ignored_attributes);
  metrics_add(metrics, p->slot, METRIC_TIMERS, now->timers - p->counted.timers);
  p->counted = *now;
  *leads += task_lead_count(lane_task(p->lane));
  *bytes += task_bytes(lane_task(p->lane));
}
