/* audit.c: a thread takes one partition after the other; what it finds is that partition's own. */
#include "audit.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "../producer/encode.h"
#include "audit_diff.h"
#include "clock.h"
#include "engine/memory.h"
#include "replay_kafka.h"

enum { READ = 512, WAIT_MS = 100, PATIENCE_MS = 30000, THREADS = 64 };

/* What the threads share. */
struct run {
  const struct audit_order *order;
  struct audit *audit;
  atomic_int next;
};

/* One partition being audited. */
struct auditor {
  const struct audit_order *order;
  struct audit_partition *result;
  struct topic_reader *reader;
  struct replay_shared shared;
  struct sink sink;
  struct summary summary;
  struct replay_task *task;
  struct audit_compare *compare;
  struct topic_stream *changes;
  bool changes_over;                            /* nothing more comes of it */
  struct topic_stream *inputs[SETTINGS_INPUTS]; /* by the task's inputs */
  struct buffer buffer;
  char why[REPLAY_WHY];
};

static bool fail(struct auditor *a, const char *why) {
  if (!*a->result->why) snprintf(a->result->why, sizeof a->result->why, "%s", why);
  return false;
}

/* --- what is found --- */

static void on_find(void *context, const struct audit_finding *finding) {
  struct auditor *a = context;
  struct audit_partition *result = a->result;
  result->kinds[finding->kind]++;
  if (result->note_count == AUDIT_FINDINGS) return;
  struct audit_note *note = &result->notes[result->note_count++];
  struct buffer text = {0};
  note->kind = finding->kind;
  note->offset = finding->offset;
  audit_name(&text, finding->decided.at ? finding->decided : finding->there);
  if (finding->kind == AUDIT_DIFFERENT) {
    buffer_append_text(&text, ": ");
    audit_diff(&text, finding->decided, finding->there);
  }
  snprintf(note->text, sizeof note->text, "%.*s", (int)text.length, text.at);
  buffer_fini(&text);
}

static struct audit_stage *stage_named(struct audit_partition *result, struct slice name) {
  for (int32_t i = 0; i < result->stage_count; i++)
    if (slice_equal(slice_of(result->stages[i].name), name)) return &result->stages[i];
  if (result->stage_count == AUDIT_STAGES) return NULL;
  struct audit_stage *stage = &result->stages[result->stage_count++];
  snprintf(stage->name, sizeof stage->name, "%.*s", (int)name.length, name.at);
  return stage;
}

/* In the order of the definition. */
static void name_stages(struct audit_partition *result, const struct definition *definition) {
  for (int32_t i = 0; i < definition->stage_count; i++) (void)stage_named(result, definition->stages[i].name);
}

static void on_change(void *context, const struct change *change) {
  struct auditor *a = context;
  a->buffer.length = 0;
  change_encode(&a->buffer, change);
  a->result->decided++;
  audit_compare_decided(a->compare, (struct slice){a->buffer.at, (uint32_t)a->buffer.length});
  if (change->type != CHANGE_STAGE) return;
  if (a->result->stage_count == 0) name_stages(a->result, change->definition);
  struct audit_stage *from = stage_named(a->result, change->definition->stages[change->from].name);
  if (from) from->left++;
  struct audit_stage *to = stage_named(a->result, change->definition->stages[change->to].name);
  if (to) to->entered++;
}

static void on_dead_letter(void *context, const struct record *record, enum reject reject, const char *detail) {
  (void)context, (void)record, (void)reject, (void)detail; /* the journal says how many there were, and it is checked */
}

static bool is_at_limit(const struct topic_stream *stream) {
  return topic_stream_position(stream) >= topic_stream_limit(stream);
}

/* --- the journal --- */

/* All of the journal, transactions included that are ending now: what they published may have been seen already. */
static bool read_journal(struct auditor *a) {
  struct record records[READ];
  struct journal_record record = {0};
  int64_t until_ns = clock_monotonic_ns() + PATIENCE_MS * INT64_C(1000000);
  struct topic_stream *stream =
      topic_stream_start(a->reader, a->order->settings->journal, a->result->number, true, a->why, sizeof a->why);
  bool good = stream ? true : fail(a, a->why);
  if (good && !topic_stream_extend(stream)) good = fail(a, topic_stream_why(stream));
  while (good && !is_at_limit(stream)) {
    int32_t count = topic_stream_read(stream, records, READ, WAIT_MS);
    if (count > 0) until_ns = clock_monotonic_ns() + PATIENCE_MS * INT64_C(1000000);
    if (*topic_stream_why(stream)) good = fail(a, topic_stream_why(stream));
    else if (count < 0 && clock_monotonic_ns() > until_ns)
      good = fail(a, "the journal: no answer, or a transaction does not end");
    for (int32_t i = 0; i < count && good; i++)
      good = replay_kafka_journal(a->task, &record, &records[i], a->why) == 0 || fail(a, a->why);
  }
  topic_stream_end(stream);
  journal_record_fini(&record);
  return good;
}

/* --- what was published --- */

enum extent {
  EXTENT_DECIDED, /* as much as has been decided */
  EXTENT_DOUBTS,  /* as much as tells what became of what has been decided */
  EXTENT_ALL,     /* all that was there when the audit began, and what has been decided */
};

static bool is_read(const struct auditor *a, enum extent extent) {
  bool all = is_at_limit(a->changes);
  switch (extent) {
    case EXTENT_DECIDED: return !audit_compare_wants(a->compare);
    case EXTENT_DOUBTS: return !audit_compare_doubts(a->compare);
    case EXTENT_ALL: return all && !audit_compare_wants(a->compare);
  }
  return true;
}

/* False: it failed. */
static bool read_changes(struct auditor *a, enum extent extent) {
  struct record records[READ];
  int64_t until_ns = clock_monotonic_ns() + PATIENCE_MS * INT64_C(1000000);
  while (!a->changes_over && !is_read(a, extent)) {
    bool all = is_at_limit(a->changes);
    int32_t count = topic_stream_read(a->changes, records, READ, WAIT_MS);
    if (*topic_stream_why(a->changes)) return fail(a, topic_stream_why(a->changes));
    for (int32_t i = 0; i < count; i++) audit_compare_there(a->compare, records[i].payload, records[i].position.offset);
    if (count > 0) until_ns = clock_monotonic_ns() + PATIENCE_MS * INT64_C(1000000);
    if (count > 0 || (clock_monotonic_ns() < until_ns && !all)) continue;
    if (!all) return fail(a, "the published events: no answer");
    a->changes_over = true; /* all that was there has been read, and nothing comes */
    audit_compare_all_there(a->compare);
  }
  return true;
}

/* --- the inputs --- */

static struct topic_stream *input_stream(struct auditor *a, const struct replay_input *input) {
  struct topic_stream **stream = &a->inputs[input - a->task->inputs];
  if (!*stream) *stream = topic_stream_start(a->reader, input->topic, a->result->number, false, a->why, sizeof a->why);
  if (!*stream) fail(a, a->why);
  return *stream;
}

/* One batch of the input that the task waits for. False: it has ended, or failed. */
static bool read_input(struct auditor *a) {
  struct record records[READ];
  struct topic_stream *stream = input_stream(a, a->task->waits);
  int64_t until_ns = clock_monotonic_ns() + PATIENCE_MS * INT64_C(1000000);
  if (!stream) return false;
  for (;;) {
    int32_t count = topic_stream_read(stream, records, READ, WAIT_MS);
    if (*topic_stream_why(stream)) return fail(a, topic_stream_why(stream));
    for (int32_t i = 0; i < count; i += LANE_BATCH)
      replay_task_take(a->task, records + i, count - i < LANE_BATCH ? count - i : LANE_BATCH);
    if (count > 0) return true;
    if (count == 0) return false;
    if (clock_monotonic_ns() > until_ns) return fail(a, "an input: no answer");
  }
}

/* What the journal does not have yet. */
static void count_behind(struct auditor *a) {
  for (int32_t i = 0; i < SETTINGS_INPUTS; i++) {
    struct record records[READ];
    int32_t count;
    while (a->inputs[i] && (count = topic_stream_read(a->inputs[i], records, READ, WAIT_MS)) > 0)
      a->result->behind += (uint64_t)count;
  }
  a->result->behind += a->summary.left[LEFT_BEHIND];
}

/* --- one partition --- */

static void note_state(struct auditor *a) {
  struct audit_partition *result = a->result;
  result->journal_records = a->summary.journal_records;
  result->verified = audit_compare_verified(a->compare);
  if (!a->task->lane) return;
  struct task *task = lane_task(a->task->lane);
  const struct lane_counts *counts = lane_counts(a->task->lane);
  const struct definition *definition = task_definition(task);
  result->events = task_counts(task)->events;
  result->duplicates = task_counts(task)->duplicates;
  result->leads = task_lead_count(task);
  for (int reject = 0; reject < REJECT_COUNT; reject++) result->dead_letters += counts->rejects[reject];
  for (int32_t i = 0; i < definition->stage_count; i++) {
    struct audit_stage *stage = stage_named(result, definition->stages[i].name);
    if (stage) stage->inside = task_stage_count(task, i);
  }
}

static void replay(struct auditor *a) {
  bool good = true;
  a->changes =
      topic_stream_start(a->reader, a->order->settings->stage_changes, a->result->number, true, a->why, sizeof a->why);
  if (!a->changes) {
    fail(a, a->why);
    return;
  }
  int64_t before = topic_stream_limit(a->changes); /* its transactions are over, so the journal has them */
  if (!read_journal(a)) return;
  if (!topic_stream_extend(a->changes)) { /* and what the journal has is there, or on its way */
    fail(a, topic_stream_why(a->changes));
    return;
  }
  replay_task_start(a->task);
  while (good && a->task->waits) good = read_input(a) && read_changes(a, EXTENT_DECIDED);
  replay_task_end(a->task, !*a->result->why);
  if (*a->task->why) fail(a, a->task->why);
  if (*a->task->flaw) fail(a, a->task->flaw);
  bool complete = !*a->result->why;
  bool read = read_changes(a, complete ? EXTENT_ALL : EXTENT_DOUBTS);
  complete = complete && read;
  audit_compare_all_decided(a->compare, complete ? before : 0);
  if (complete) count_behind(a);
}

static void judge(struct audit_partition *result) {
  result->proven = !*result->why;
  for (int kind = 0; kind < AUDIT_KINDS; kind++) result->proven = result->proven && result->kinds[kind] == 0;
}

static void audit_partition(const struct audit_order *order, struct topic_reader *reader,
                            struct audit_partition *result) {
  struct auditor *a = memory_zeroed(1, sizeof *a);
  a->order = order;
  a->result = result;
  a->reader = reader;
  a->sink = (struct sink){a, on_change, on_dead_letter};
  a->shared = (struct replay_shared){.catalog = order->catalog,
                                     .signatures = order->signatures,
                                     .event_bytes_max = (uint32_t)order->settings->event_bytes_max,
                                     .sink = &a->sink,
                                     .summary = &a->summary};
  a->compare = audit_compare_create(on_find, a);
  a->task = replay_task_create(&a->shared, result->number);
  replay(a);
  note_state(a);
  judge(result);
  for (int32_t i = 0; i < SETTINGS_INPUTS; i++) topic_stream_end(a->inputs[i]);
  topic_stream_end(a->changes);
  replay_task_destroy(a->task);
  audit_compare_destroy(a->compare);
  buffer_fini(&a->buffer);
  memory_free(a);
}

/* --- all of them --- */

static void *work(void *context) {
  struct run *run = context;
  char why[TOPIC_READER_WHY];
  struct topic_reader *reader = topic_reader_open(run->order->settings, why, sizeof why);
  for (;;) {
    int32_t i = atomic_fetch_add(&run->next, 1);
    if (i >= run->audit->count) break;
    struct audit_partition *result = &run->audit->partitions[i];
    if (reader) audit_partition(run->order, reader, result);
    else snprintf(result->why, sizeof result->why, "%s", why);
  }
  topic_reader_close(reader);
  return NULL;
}

static int32_t count_partitions(const struct audit_order *order, char *why, size_t room) {
  struct topic_reader *reader = topic_reader_open(order->settings, why, room);
  if (!reader) return -1;
  int32_t count = topic_reader_partitions(reader, order->settings->journal, why, room);
  if (count == 0)
    snprintf(why, room, "%.200s: there is no such topic: has a daemon ever run here?", order->settings->journal);
  topic_reader_close(reader);
  return count;
}

struct audit *audit_run(const struct audit_order *order, char *why, size_t room) {
  int32_t count = count_partitions(order, why, room);
  if (count <= 0) return NULL;
  struct audit *audit = memory_zeroed(1, sizeof *audit);
  struct run run = {.order = order, .audit = audit};
  pthread_t threads[THREADS];
  int32_t started = 0, wanted = order->threads < THREADS ? order->threads : THREADS;
  audit->partitions = memory_zeroed((size_t)count, sizeof *audit->partitions);
  audit->count = count;
  for (int32_t i = 0; i < count; i++) audit->partitions[i].number = i;
  while (started < wanted - 1 && pthread_create(&threads[started], NULL, work, &run) == 0) started++;
  work(&run);
  for (int32_t i = 0; i < started; i++) pthread_join(threads[i], NULL);
  return audit;
}

void audit_destroy(struct audit *audit) {
  if (!audit) return;
  memory_free(audit->partitions);
  memory_free(audit);
}
