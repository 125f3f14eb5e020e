/* audit.c: a thread takes one partition after the other; what it finds is that partition's own. */
#include "audit.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "../producer/encode.h"
#include "audit_diff.h"
#include "audit_letter.h"
#include "clock.h"
#include "engine/memory.h"
#include "interrupt.h"
#include "replay_kafka.h"

enum { READ = 512, PATIENCE_MS = 30000, THREADS = 64 };

/* What the threads share. */
struct run {
  const struct audit_order *order;
  struct audit *audit;
  atomic_int next;
};

/* What was published, of one kind, against what is decided. */
struct side {
  struct auditor *auditor;
  enum audit_of of;
  enum bundle_kind kind;
  struct audit_stream *stream; /* NULL: there is none */
  struct audit_compare *compare;
  int64_t before; /* where it ended when the audit began: its transactions are over, so the journal has them */
  bool over;      /* nothing more comes of it, or nothing more is asked */
};

/* One partition being audited. */
struct auditor {
  const struct audit_order *order;
  struct audit_partition *result;
  struct audit_source *source;
  struct replay_shared shared;
  struct sink sink;
  struct summary summary;
  struct replay_task *task;
  struct side sides[AUDIT_SIDES];
  bool cut;            /* the oldest dead letters are no longer kept, up to: */
  struct buffer first; /* which one is the first that is */
  struct audit_stream *journal;
  struct audit_stream *inputs[SETTINGS_INPUTS]; /* by the task's inputs */
  bool complete;                                /* decided up to the journal's end */
  struct buffer buffer;
  char why[REPLAY_WHY];
};

/* The first failure is told; the last is in a->why. */
static bool fail(struct auditor *a, const char *why) {
  if (!*a->result->why) snprintf(a->result->why, sizeof a->result->why, "%s", why);
  if (why != a->why) snprintf(a->why, sizeof a->why, "%s", why);
  return false;
}

/* --- what is found --- */

/* By what it is, or by what it should be. */
static bool is_asked(const struct audit_scope *scope, const struct audit_finding *finding) {
  bool decided = finding->decided.at && audit_scope_has_event(scope, finding->decided);
  bool there = finding->offset >= 0 && audit_scope_has_event(scope, finding->there);
  return decided || there;
}

static void on_find(void *context, const struct audit_finding *finding) {
  const struct side *side = context;
  struct audit_partition *result = side->auditor->result;
  bool letter = side->of == AUDIT_LETTERS;
  if (!letter && !is_asked(&side->auditor->order->scope, finding)) return;
  result->kinds[side->of][finding->kind]++;
  if (result->note_count == AUDIT_FINDINGS) return;
  struct audit_note *note = &result->notes[result->note_count++];
  struct buffer text = {0};
  note->of = side->of;
  note->kind = finding->kind;
  note->offset = finding->offset;
  (letter ? audit_letter_name : audit_name)(&text, finding->decided.at ? finding->decided : finding->there);
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

static struct slice bytes_of(const struct buffer *buffer) {
  return (struct slice){buffer->at, (uint32_t)buffer->length};
}

static void on_change(void *context, const struct change *change) {
  struct auditor *a = context;
  a->buffer.length = 0;
  change_encode(&a->buffer, change);
  bool counts = audit_scope_has_change(&a->order->scope, change);
  a->result->decided += counts;
  audit_compare_decided(a->sides[AUDIT_CHANGES].compare, bytes_of(&a->buffer), counts);
  if (change->type != CHANGE_STAGE) return;
  if (a->result->stage_count == 0) name_stages(a->result, change->definition);
  struct audit_stage *from = stage_named(a->result, change->definition->stages[change->from].name);
  if (from) from->left++;
  struct audit_stage *to = stage_named(a->result, change->definition->stages[change->to].name);
  if (to) to->entered++;
}

static void on_dead_letter(void *context, const struct record *record, enum reject reject, const char *detail) {
  (void)detail;
  struct auditor *a = context;
  if (!a->result->letters) return; /* the journal says how many there were, and it is checked */
  a->buffer.length = 0;
  size_t id = audit_letter_decided(&a->buffer, record, reject);
  a->cut = a->cut && (a->first.length < id || memcmp(a->first.at, a->buffer.at, id) != 0);
  if (a->cut) a->result->letters_gone++;
  else audit_compare_decided(a->sides[AUDIT_LETTERS].compare, bytes_of(&a->buffer), true);
}

/* --- reading --- */

static int64_t patience_ns(void) { return clock_monotonic_ns() + PATIENCE_MS * INT64_C(1000000); }

static struct audit_stream *start(struct auditor *a, enum bundle_kind kind, const char *topic) {
  struct bundle_name name = {.kind = kind, .partition = a->result->number};
  snprintf(name.topic, sizeof name.topic, "%s", topic);
  struct audit_stream *stream = audit_stream_start(a->source, &name, a->why, sizeof a->why);
  if (!stream) fail(a, a->why);
  return stream;
}

/* The next records, up to READ, of what is not at its limit yet. 0: it is over. -1: it failed, which has been noted. */
static int32_t read_some(struct auditor *a, struct audit_stream *stream, struct record *records, const char *silence) {
  int64_t until_ns = patience_ns();
  for (;;) {
    int32_t count = audit_stream_read(stream, records, READ);
    if (*audit_stream_why(stream)) fail(a, audit_stream_why(stream));
    else if (interrupt_seen()) fail(a, "a signal came");
    else if (count >= 0) return count;
    else if (audit_stream_is_at_limit(stream)) return 0;
    else if (clock_monotonic_ns() > until_ns) fail(a, silence);
    else continue;
    return -1;
  }
}

/* --- the journal --- */

/* All of the journal, transactions included that are ending now: what they published may have been seen already. */
static bool read_journal(struct auditor *a) {
  struct record records[READ];
  struct journal_record record = {0};
  a->journal = start(a, BUNDLE_JOURNAL, "");
  bool good = a->journal;
  if (good && !audit_stream_extend(a->journal)) good = fail(a, audit_stream_why(a->journal));
  while (good && !audit_stream_is_at_limit(a->journal)) {
    int32_t count = read_some(a, a->journal, records, "the journal: no answer, or a transaction does not end");
    good = count >= 0;
    for (int32_t i = 0; i < count && good; i++)
      good = replay_kafka_journal(a->task, &record, &records[i], a->why) == 0 || fail(a, a->why);
  }
  journal_record_fini(&record);
  return good;
}

/* --- what was published --- */

enum extent {
  EXTENT_DECIDED, /* as much as has been decided */
  EXTENT_DOUBTS,  /* as much as tells what became of what has been decided */
  EXTENT_ALL,     /* all that was there when the audit began, and what has been decided */
};

static bool is_read(const struct side *side, enum extent extent) {
  bool all = audit_stream_is_at_limit(side->stream);
  switch (extent) {
    case EXTENT_DECIDED: return !audit_compare_wants(side->compare);
    case EXTENT_DOUBTS: return !audit_compare_doubts(side->compare);
    case EXTENT_ALL: return all && !audit_compare_wants(side->compare);
  }
  return true;
}

static void take_there(struct side *side, const struct record *records, int32_t count) {
  struct buffer *buffer = &side->auditor->buffer;
  for (int32_t i = 0; i < count; i++) {
    struct slice bytes = records[i].payload;
    if (side->of == AUDIT_LETTERS) {
      struct slice headers = audit_stream_headers(side->stream, i);
      if (audit_letter_is_mark(headers)) continue;
      buffer->length = 0;
      audit_letter_there(buffer, &records[i], headers);
      bytes = bytes_of(buffer);
    }
    audit_compare_there(side->compare, bytes, records[i].position.offset);
  }
}

/* False: it failed. */
static bool read_side(struct side *side, enum extent extent) {
  struct auditor *a = side->auditor;
  struct record records[READ];
  int64_t until_ns = patience_ns();
  while (!side->over && !is_read(side, extent)) {
    bool all = audit_stream_is_at_limit(side->stream);
    int32_t count = audit_stream_read(side->stream, records, READ);
    if (*audit_stream_why(side->stream)) return fail(a, audit_stream_why(side->stream));
    if (interrupt_seen()) return fail(a, "a signal came");
    take_there(side, records, count);
    if (count > 0) until_ns = patience_ns();
    if (count > 0 || (clock_monotonic_ns() < until_ns && !all)) continue;
    if (!all) return fail(a, "what was published: no answer");
    side->over = true; /* all that was there has been read, and nothing comes */
    audit_compare_all_there(side->compare);
  }
  return true;
}

static bool read_sides(struct auditor *a, enum extent extent) {
  return read_side(&a->sides[AUDIT_CHANGES], extent) && read_side(&a->sides[AUDIT_LETTERS], extent);
}

/* Bundles of others may have no dead letters; about a part only published events are asked. */
static bool start_side(struct auditor *a, enum audit_of of) {
  struct side *side = &a->sides[of];
  const struct bundle_name name = {.kind = side->kind, .partition = a->result->number};
  if (of == AUDIT_CHANGES || audit_origin_has(&a->order->origin, &name)) {
    side->stream = start(a, side->kind, "");
    if (!side->stream) return false;
    side->before = audit_stream_limit(side->stream);
  }
  if (of == AUDIT_LETTERS) {
    a->result->letters = side->stream && audit_scope_is_whole(&a->order->scope);
    side->over = !a->result->letters;
  }
  return true;
}

/* What the journal has is there, or on its way. */
static bool extend_sides(struct auditor *a) {
  for (int of = 0; of < AUDIT_SIDES; of++) {
    struct audit_stream *stream = a->sides[of].stream;
    if (stream && !audit_stream_extend(stream)) return fail(a, audit_stream_why(stream));
  }
  return true;
}

/* Which dead letter is the first that is kept, where older ones are not. */
static bool find_first_letter(struct auditor *a) {
  struct side *side = &a->sides[AUDIT_LETTERS];
  struct record records[READ];
  if (side->over || audit_stream_begin(side->stream) == 0) return true;
  a->cut = true;
  int32_t count = 0;
  while (count >= 0 && a->first.length == 0 && !audit_stream_is_at_limit(side->stream)) {
    count = read_some(a, side->stream, records, "no answer");
    for (int32_t i = 0; i < count && a->first.length == 0; i++) {
      struct slice headers = audit_stream_headers(side->stream, i);
      if (!audit_letter_is_mark(headers)) audit_letter_there(&a->first, &records[i], headers);
    }
    take_there(side, records, count);
  }
  return count >= 0;
}

/* `good`: up to the journal's end. */
static void end_side(struct side *side, bool good) {
  if (side->over && side->of == AUDIT_LETTERS && !side->auditor->result->letters) return;
  if (good) audit_compare_all_there(side->compare); /* up to its limit; what was decided is not behind that */
  audit_compare_all_decided(side->compare, good ? side->before : 0);
}

/* --- the inputs --- */

/* One batch of the input that the task waits for. False: it has ended, or failed. */
static bool read_input(struct auditor *a) {
  struct record records[READ];
  const struct replay_input *input = a->task->waits;
  struct audit_stream **stream = &a->inputs[input - a->task->inputs];
  if (!*stream) *stream = start(a, BUNDLE_INPUT, input->topic);
  int32_t count = *stream ? read_some(a, *stream, records, "an input: no answer") : -1;
  for (int32_t i = 0; i < count; i += LANE_BATCH)
    replay_task_take(a->task, records + i, count - i < LANE_BATCH ? count - i : LANE_BATCH);
  return count > 0;
}

/* --- all that there was, for a copy; all that a bundle has, by its manifest --- */

/* What is left of a stream; how many records that was, or -1. */
static int64_t read_rest(struct auditor *a, struct audit_stream *stream) {
  struct record records[READ];
  int64_t all = 0;
  while (!audit_stream_is_at_limit(stream)) {
    int32_t count = read_some(a, stream, records, "no answer");
    if (count < 0) return -1;
    all += count;
  }
  return all;
}

static void give_up_copy(struct auditor *a) {
  if (a->order->origin.copy) bundle_writer_fail(a->order->origin.copy, a->why);
}

/* *stream NULL: it is read for this alone. */
static void finish_stream(struct auditor *a, struct audit_stream **stream, enum bundle_kind kind, const char *topic) {
  if (!*stream) *stream = start(a, kind, topic);
  if (!*stream || read_rest(a, *stream) < 0) give_up_copy(a);
  else if (!audit_stream_agrees(*stream, a->why, sizeof a->why)) fail(a, a->why);
}

/* An input that the journal does not name. */
static void finish_other(struct auditor *a, const char *topic) {
  struct audit_stream *stream = NULL;
  for (int32_t i = 0; i < a->task->input_count; i++)
    if (a->inputs[i] && strcmp(a->task->inputs[i].topic, topic) == 0) return;
  finish_stream(a, &stream, BUNDLE_INPUT, topic);
  audit_stream_end(stream, INT64_MAX);
}

static void finish_streams(struct auditor *a) {
  const struct audit_origin *origin = &a->order->origin;
  if (!origin->copy && !origin->bundle) return;
  finish_stream(a, &a->journal, BUNDLE_JOURNAL, "");
  for (int of = 0; of < AUDIT_SIDES; of++) {
    struct side *side = &a->sides[of];
    const struct bundle_name name = {.kind = side->kind, .partition = a->result->number};
    if (of == AUDIT_CHANGES || audit_origin_has(origin, &name)) finish_stream(a, &side->stream, side->kind, "");
  }
  for (int32_t i = 0; i < a->task->input_count; i++)
    if (a->inputs[i]) finish_stream(a, &a->inputs[i], BUNDLE_INPUT, a->task->inputs[i].topic);
  for (int32_t i = 0; origin->copy && i < origin->settings->inputs.count; i++)
    finish_other(a, origin->settings->inputs.at[i]);
  const struct bundle_manifest *manifest = origin->bundle ? bundle_manifest(origin->bundle) : NULL;
  for (int32_t i = 0; manifest && i < manifest->stream_count; i++) {
    const struct bundle_name *name = &manifest->streams[i].name;
    if (name->partition == a->result->number && name->kind == BUNDLE_INPUT) finish_other(a, name->topic);
  }
}

static void end_streams(struct auditor *a) {
  for (int32_t i = 0; i < SETTINGS_INPUTS; i++) audit_stream_end(a->inputs[i], INT64_MAX);
  audit_stream_end(a->journal, INT64_MAX);
  for (int of = 0; of < AUDIT_SIDES; of++)
    audit_stream_end(a->sides[of].stream, a->complete ? audit_compare_rest(a->sides[of].compare) : INT64_MAX);
}

/* --- one partition --- */

static void note_state(struct auditor *a) {
  struct audit_partition *result = a->result;
  result->journal_records = a->summary.journal_records;
  result->verified = audit_compare_verified(a->sides[AUDIT_CHANGES].compare);
  result->letters_verified = audit_compare_verified(a->sides[AUDIT_LETTERS].compare);
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

/* What the journal does not have yet. */
static bool count_behind(struct auditor *a) {
  int64_t behind = (int64_t)a->summary.left[LEFT_BEHIND];
  for (int32_t i = 0; i < SETTINGS_INPUTS; i++) {
    int64_t count = a->inputs[i] ? read_rest(a, a->inputs[i]) : 0;
    if (count < 0) return false;
    behind += count;
  }
  a->result->behind = (uint64_t)behind;
  return true;
}

static void decide(struct auditor *a) {
  bool good = true;
  replay_task_start(a->task);
  while (good && a->task->waits) good = read_input(a) && read_sides(a, EXTENT_DECIDED);
  replay_task_end(a->task, !*a->result->why);
  if (*a->task->why) fail(a, a->task->why);
  if (*a->task->flaw) fail(a, a->task->flaw);
}

static void replay(struct auditor *a) {
  if (!start_side(a, AUDIT_CHANGES) || !start_side(a, AUDIT_LETTERS) || !read_journal(a) || !extend_sides(a) ||
      !find_first_letter(a))
    return;
  decide(a);
  bool decided = !*a->result->why;
  a->complete = read_sides(a, decided ? EXTENT_ALL : EXTENT_DOUBTS) && decided;
  for (int of = 0; of < AUDIT_SIDES; of++) end_side(&a->sides[of], a->complete);
  a->complete = a->complete && count_behind(a);
}

static void judge(struct audit_partition *result) {
  result->proven = !*result->why;
  for (int of = 0; of < AUDIT_SIDES; of++)
    for (int kind = 0; kind < AUDIT_KINDS; kind++) result->proven = result->proven && result->kinds[of][kind] == 0;
}

static void audit_partition(const struct audit_order *order, struct audit_source *source,
                            struct audit_partition *result) {
  struct auditor *a = memory_zeroed(1, sizeof *a);
  a->order = order;
  a->result = result;
  a->source = source;
  a->sink = (struct sink){a, on_change, on_dead_letter};
  a->shared = (struct replay_shared){.catalog = order->catalog,
                                     .signatures = order->keys != AUDIT_KEYS_NONE,
                                     .event_bytes_max = audit_origin_event_bytes_max(&order->origin),
                                     .sink = &a->sink,
                                     .summary = &a->summary};
  for (int of = 0; of < AUDIT_SIDES; of++) {
    static const enum bundle_kind kinds[] = {[AUDIT_CHANGES] = BUNDLE_CHANGES, [AUDIT_LETTERS] = BUNDLE_DEAD_LETTERS};
    struct side *side = &a->sides[of];
    *side = (struct side){.auditor = a, .of = (enum audit_of)of, .kind = kinds[of]};
    side->compare = audit_compare_create(on_find, side);
  }
  a->task = replay_task_create(&a->shared, result->number);
  replay(a);
  finish_streams(a);
  end_streams(a);
  note_state(a);
  judge(result);
  replay_task_destroy(a->task);
  for (int of = 0; of < AUDIT_SIDES; of++) audit_compare_destroy(a->sides[of].compare);
  buffer_fini(&a->first);
  buffer_fini(&a->buffer);
  memory_free(a);
}

/* --- all of them --- */

static void *work(void *context) {
  struct run *run = context;
  const struct audit_order *order = run->order;
  char why[REPLAY_WHY];
  struct audit_source *source = audit_source_open(&order->origin, why, sizeof why);
  if (!source && order->origin.copy) bundle_writer_fail(order->origin.copy, why);
  for (;;) {
    int32_t i = atomic_fetch_add(&run->next, 1);
    if (i >= run->audit->count || interrupt_seen()) break;
    struct audit_partition *result = &run->audit->partitions[i];
    if (source) audit_partition(order, source, result);
    else snprintf(result->why, sizeof result->why, "%s", why);
  }
  audit_source_close(source);
  return NULL;
}

/* How many partitions there are; what is known of the whole goes into a copy's manifest. */
static int32_t count_partitions(const struct audit_order *order, char *why, size_t room) {
  struct audit_source *source = audit_source_open(&order->origin, why, room);
  if (!source) return -1;
  int32_t count = audit_source_partitions(source, why, room);
  if (count > 0 && order->origin.copy) {
    struct bundle_manifest *manifest = bundle_writer_manifest(order->origin.copy);
    manifest->partitions = count;
    audit_source_cluster(source, manifest->cluster, sizeof manifest->cluster);
  }
  audit_source_close(source);
  return count;
}

static void run_threads(struct run *run) {
  pthread_t threads[THREADS];
  int32_t started = 0, wanted = run->order->threads < THREADS ? run->order->threads : THREADS;
  while (started < wanted - 1 && pthread_create(&threads[started], NULL, work, run) == 0) started++;
  work(run);
  for (int32_t i = 0; i < started; i++) pthread_join(threads[i], NULL);
}

struct audit *audit_run(const struct audit_order *order, char *why, size_t room) {
  int32_t count = count_partitions(order, why, room);
  if (count <= 0) return NULL;
  struct audit *audit = memory_zeroed(1, sizeof *audit);
  struct run run = {.order = order, .audit = audit};
  audit->keys = order->keys;
  audit->scope = order->scope;
  audit->partitions = memory_zeroed((size_t)count, sizeof *audit->partitions);
  audit->count = count;
  for (int32_t i = 0; i < count; i++) audit->partitions[i].number = i;
  run_threads(&run);
  if (!interrupt_seen()) return audit;
  snprintf(why, room, "interrupted");
  audit_destroy(audit);
  return NULL;
}

void audit_destroy(struct audit *audit) {
  if (!audit) return;
  memory_free(audit->partitions);
  memory_free(audit);
}
