/* replay_task.c: the walk over a journal, one entry after the other, as far as the inputs have come. */
#include "replay_task.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../producer/encode.h"
#include "engine/memory.h"

/* --- what is wrong --- */

static void set_flaw(struct replay_task *task, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void stop(struct replay_task *task, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The journal is of no use behind what it has now. */
static void set_flaw(struct replay_task *task, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(task->flaw, sizeof task->flaw, format, arguments);
  va_end(arguments);
}

static void leave(struct replay_task *task, enum summary_left left, uint64_t count) {
  task->shared->summary->left[left] += count;
}

/* What had been kept is not replayed. */
static void drop_kept(struct replay_task *task) {
  for (int32_t i = 0; i < task->input_count; i++) {
    leave(task, LEFT_STOPPED, task->inputs[i].kept.count);
    task->shared->summary->kept -= task->inputs[i].kept.count;
    record_queue_fini(&task->inputs[i].kept);
  }
}

/* Names the record of the journal that is being replayed, if there is one. */
static void stop(struct replay_task *task, const char *format, ...) {
  char text[REPLAY_WHY - 100];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (task->open) {
    snprintf(task->why, sizeof task->why, "record %" PRIu64 " of the journal (offset %" PRId64 "): %s",
             task->record.sequence, task->records[task->record.sequence].offset, text);
  } else {
    snprintf(task->why, sizeof task->why, "%s", text);
  }
  task->waits = NULL;
  drop_kept(task);
}

/* --- the lane's sink --- */

static void on_change(void *context, const struct change *change) {
  struct replay_task *task = context;
  task->buffer.length = 0;
  change_encode(&task->buffer, change);
  journal_published(&task->journal, (struct slice){task->buffer.at, (uint32_t)task->buffer.length});
  task->shared->sink->change(task->shared->sink->context, change);
}

static void on_dead_letter(void *context, const struct record *record, enum reject reject, const char *detail) {
  struct replay_task *task = context;
  journal_dead_letter(&task->journal);
  task->shared->sink->dead_letter(task->shared->sink->context, record, reject, detail);
}

/* --- making and ending --- */

struct replay_task *replay_task_create(const struct replay_shared *shared, int32_t number) {
  static const char *const topics[] = {"-"}; /* entries are not gathered, so no name is asked for */
  struct replay_task *task = memory_zeroed(1, sizeof *task);
  task->shared = shared;
  task->number = number;
  task->left = -1;
  task->sink = (struct sink){task, on_change, on_dead_letter};
  journal_init(&task->journal, number, topics, 1);
  return task;
}

void replay_task_destroy(struct replay_task *task) {
  for (int32_t i = 0; i < task->input_count; i++) record_queue_fini(&task->inputs[i].kept);
  lane_destroy(task->lane);
  journal_fini(&task->journal);
  journal_record_fini(&task->record);
  buffer_fini(&task->bytes);
  buffer_fini(&task->buffer);
  memory_free(task->records);
  memory_free(task);
}

/* --- its journal --- */

static struct replay_input *input_named(struct replay_task *task, struct slice topic) {
  for (int32_t i = 0; i < task->input_count; i++)
    if (slice_equal(slice_of(task->inputs[i].topic), topic)) return &task->inputs[i];
  return NULL;
}

/* The inputs that the record's runs are of, and how much they want. False: too many. */
static bool note_runs(struct replay_task *task, const struct journal_record *record) {
  for (int32_t i = 0; i < record->entry_count; i++) {
    const struct journal_entry *run = &record->entries[i];
    if (run->kind != JOURNAL_RUN) continue;
    const char *topic = record->topics[run->topic];
    struct replay_input *input = input_named(task, slice_of(topic));
    if (!input) {
      if (task->input_count == SETTINGS_INPUTS) return false;
      input = &task->inputs[task->input_count++];
      *input = (struct replay_input){.first = run->first, .last = -1, .applied = -1};
      memcpy(input->topic, topic, strlen(topic) + 1);
    }
    if (__builtin_add_overflow(input->wanted, run->count, &input->wanted)) input->wanted = INT64_MAX;
  }
  return true;
}

static void keep_record(struct replay_task *task, struct slice bytes, int64_t offset) {
  if (task->count == task->room) {
    task->room = task->room ? task->room * 2 : 16;
    task->records = memory_grown(task->records, task->room * sizeof *task->records);
  }
  task->records[task->count++] = (struct replay_record){task->bytes.length, bytes.length, offset};
  buffer_append(&task->bytes, bytes.at, bytes.length);
}

static struct slice record_bytes(const struct replay_task *task, uint64_t sequence) {
  const struct replay_record *record = &task->records[sequence];
  return (struct slice){task->bytes.at + record->at, record->length};
}

/* The same record once more is the same; with other content nobody knows which is right. */
static void add_again(struct replay_task *task, uint64_t sequence, struct slice bytes, int64_t offset) {
  if (slice_equal(record_bytes(task, sequence), bytes)) return;
  set_flaw(task,
           "record %" PRIu64 " of the journal is there twice with other content (offsets %" PRId64 " and %" PRId64 ")",
           sequence, task->records[sequence].offset, offset);
  task->count = sequence;
}

void replay_task_add(struct replay_task *task, const struct journal_record *record, struct slice bytes,
                     int64_t offset) {
  uint64_t sequence = record->sequence;
  if (sequence < task->count) {
    add_again(task, sequence, bytes, offset);
  } else if (*task->flaw) {
    return;
  } else if (sequence > task->count && task->count == 0) {
    set_flaw(task, "the journal has been cut: it begins with record %" PRIu64 " (offset %" PRId64 "), 0 is wanted",
             sequence, offset);
  } else if (sequence > task->count) {
    set_flaw(task,
             "record %" PRIu64 " of the journal is missing: record %" PRIu64 " (offset %" PRId64
             ") follows record %" PRIu64,
             task->count, sequence, offset, task->count - 1);
  } else if (!note_runs(task, record)) {
    set_flaw(task, "record %" PRIu64 " of the journal (offset %" PRId64 ") names more topics than there can be inputs",
             sequence, offset);
  } else {
    keep_record(task, bytes, offset);
  }
}

/* --- the walk --- */

static bool stopped(const struct replay_task *task) { return *task->why; }
/* Somebody looks at a part of the log only: what comes behind is not compared. */
static bool is_over(const struct replay_task *task) { return task->lane && lane_ended(task->lane); }

static void open_record(struct replay_task *task) {
  char why[REPLAY_WHY];
  struct slice bytes = record_bytes(task, task->next++);
  if (!journal_record_parse(&task->record, bytes.at, bytes.length, why, sizeof why)) abort(); /* it was good before */
  for (int32_t t = 0; t < task->record.topic_count; t++)
    task->input_of[t] = (int32_t)(input_named(task, slice_of(task->record.topics[t])) - task->inputs);
  journal_use(&task->journal, task->record.inputs_kind);
  task->open = true;
  task->entry = 0;
  task->left = -1;
}

static void stop_inputs(struct replay_task *task) {
  char what[REPLAY_WHY];
  int64_t last[SETTINGS_INPUTS];
  for (int32_t t = 0; t < task->record.topic_count; t++) last[t] = task->inputs[task->input_of[t]].applied;
  journal_inputs_say(&task->record, last, what, sizeof what);
  stop(task, "%s", what);
}

/* What was read must be what was read then, and what came out what was published then. */
static bool close_record(struct replay_task *task) {
  const struct journal_record *record = &task->record;
  struct journal *journal = &task->journal;
  uint8_t chain[JOURNAL_CHAIN];
  journal_chain(journal, chain);
  if (!journal_inputs_fit(journal, record)) {
    stop_inputs(task);
    return false;
  }
  if (journal->published != record->published || journal->dead_letters != record->dead_letters) {
    stop(task,
         "it says that %" PRIu64 " messages and %" PRIu64 " dead letters were published; replayed they are %" PRIu64
         " and %" PRIu64,
         record->published, record->dead_letters, journal->published, journal->dead_letters);
    return false;
  }
  if (memcmp(chain, record->chain, sizeof chain) != 0) {
    stop(task,
         "its chain is not that of the replay: %" PRIu64 " messages were published, with other bytes or after others",
         record->published);
    return false;
  }
  journal_next(journal);
  task->shared->summary->journal_records++;
  task->open = false;
  return true;
}

/* NULL: the journal is over, or the task stopped. */
static const struct journal_entry *next_entry(struct replay_task *task) {
  for (;;) {
    if (task->open && task->entry < task->record.entry_count) return &task->record.entries[task->entry];
    if (task->open && !close_record(task)) return NULL;
    if (task->next == task->count) return NULL;
    open_record(task);
  }
}

/* By the signatures at hand, whatever the journal says. */
static bool is_signed(const struct replay_task *task, uint32_t version) {
  const struct catalog *catalog = task->shared->catalog;
  for (int32_t i = 0; i < catalog_count(catalog); i++)
    if (catalog_at(catalog, i)->version == version) return catalog_at(catalog, i)->agreed;
  return false;
}

static void know(struct replay_task *task, const struct journal_entry *entry) {
  const struct replay_shared *shared = task->shared;
  const struct definition *definition =
      catalog_find(shared->catalog, entry->version, slice_of(entry->digest), entry->agreed);
  assert(definition); /* looked for when the journal was read */
  if (entry->agreed && shared->signatures && !is_signed(task, entry->version)) {
    stop(task, "it calls version %" PRIu32 " of the definition agreed; by --trust its file is not", entry->version);
  } else if (task->lane) {
    lane_know(task->lane, definition);
  } else {
    task->lane = lane_create(task->number, &definition, 1, &task->sink, shared->event_bytes_max);
    if (shared->on_lane) shared->on_lane(shared->sink->context, task->lane);
  }
  task->entry++;
}

/* The first record of a run has to be the journal's. */
static bool begin_run(struct replay_task *task, const struct replay_input *input, const struct journal_entry *run,
                      int64_t offset) {
  task->left = run->count;
  if (offset == run->first) return true;
  if (offset < run->first) {
    stop(task, "%s has a record %" PRId64 " that the journal has not: %" PRId64 " comes next", input->topic, offset,
         run->first);
  } else if (input->applied < 0) {
    stop(task, "%s has been cut: it begins at %" PRId64 ", %" PRId64 " is wanted", input->topic, offset, run->first);
  } else {
    stop(task, "record %" PRId64 " of %s is gone, the next one is %" PRId64, run->first, input->topic, offset);
  }
  return false;
}

/* Records of the run that is waited for, up to what is left of it. Returns how many were taken. */
static int32_t apply_run(struct replay_task *task, struct replay_input *input, const struct record *records,
                         int32_t count) {
  const struct journal_entry *run = &task->record.entries[task->entry];
  if (task->left < 0 && !begin_run(task, input, run, records[0].position.offset)) return 0;
  if (count > task->left) count = (int32_t)task->left;
  journal_taken(&task->journal, records, count);
  lane_apply(task->lane, records, count);
  input->applied = records[count - 1].position.offset;
  task->left -= count;
  if (task->left > 0) return count;
  task->left = -1;
  task->entry++;
  return count;
}

/* As much of a run as is kept. False: there is more to come. */
static bool apply_kept(struct replay_task *task, struct replay_input *input, const struct journal_entry *run) {
  struct record records[LANE_BATCH];
  int64_t wanted = task->left < 0 ? run->count : task->left;
  int32_t count = record_queue_pop(&input->kept, records, wanted < LANE_BATCH ? (int32_t)wanted : LANE_BATCH);
  if (count == 0) return false;
  task->shared->summary->kept -= (uint64_t)count;
  int32_t taken = apply_run(task, input, records, count);
  leave(task, LEFT_STOPPED, (uint64_t)(count - taken));
  return true;
}

/* As far as it goes with what is there. */
static void go_on(struct replay_task *task) {
  const struct journal_entry *entry;
  task->waits = NULL;
  while (!stopped(task) && !task->waits && !is_over(task) && (entry = next_entry(task))) {
    if (entry->kind == JOURNAL_DEFINITION) {
      know(task, entry);
    } else if (!task->lane) {
      stop(task, "it comes before any definition");
    } else if (entry->kind == JOURNAL_CLOCK) {
      lane_mark(task->lane, entry->mark_ms);
      task->entry++;
    } else {
      struct replay_input *input = &task->inputs[task->input_of[entry->topic]];
      if (!apply_kept(task, input, entry)) task->waits = input;
    }
  }
}

void replay_task_start(struct replay_task *task) { go_on(task); }

const struct journal_entry *replay_missing(const struct catalog *catalog, const struct journal_record *record) {
  for (int32_t i = 0; i < record->entry_count; i++) {
    const struct journal_entry *entry = &record->entries[i];
    if (entry->kind != JOURNAL_DEFINITION) continue;
    if (!catalog_find(catalog, entry->version, slice_of(entry->digest), entry->agreed)) return entry;
  }
  return NULL;
}

/* --- what comes of the inputs --- */

/* How many records follow each other. */
static int32_t ascending(struct replay_input *input, const struct record *records, int32_t count) {
  int32_t good = 0;
  while (good < count && records[good].position.offset > input->last) input->last = records[good++].position.offset;
  return good;
}

static void keep(struct replay_task *task, struct replay_input *input, const struct record *records, int32_t count) {
  struct summary *summary = task->shared->summary;
  for (int32_t i = 0; i < count; i++) {
    struct record record = records[i];
    record.position.topic = slice_of(input->topic);
    record_queue_push(&input->kept, &record);
  }
  summary->kept += (uint64_t)count;
  if (summary->kept > summary->kept_most) summary->kept_most = summary->kept;
}

/* Those that runs want, in order: applied at once, or kept. */
static void take_wanted(struct replay_task *task, struct replay_input *input, const struct record *records,
                        int32_t count) {
  input->wanted -= count;
  while (count > 0 && task->waits == input) {
    int32_t taken = apply_run(task, input, records, count);
    records += taken;
    count -= taken;
    if (!stopped(task)) go_on(task);
  }
  if (stopped(task)) {
    leave(task, LEFT_STOPPED, (uint64_t)count);
  } else {
    keep(task, input, records, count);
  }
}

void replay_task_take(struct replay_task *task, const struct record *records, int32_t count) {
  struct replay_input *input = input_named(task, records[0].position.topic);
  int32_t before = 0;
  if (stopped(task) || !input) {
    leave(task, stopped(task) ? LEFT_STOPPED : LEFT_BEHIND, (uint64_t)count);
    return;
  }
  int64_t last = input->last;
  int32_t good = ascending(input, records, count);
  while (before < good && records[before].position.offset < input->first) before++;
  int32_t wanted = good - before;
  if (wanted > input->wanted) wanted = (int32_t)input->wanted;
  leave(task, LEFT_BEFORE, (uint64_t)before);
  leave(task, *task->flaw ? LEFT_STOPPED : LEFT_BEHIND, (uint64_t)(good - before - wanted));
  if (wanted > 0) take_wanted(task, input, records + before, wanted);
  if (good == count) return;
  if (good > 0) last = records[good - 1].position.offset;
  leave(task, LEFT_STOPPED, (uint64_t)(count - good));
  if (!stopped(task))
    stop(task, "record %" PRId64 " of %s comes after record %" PRId64 ": are its files in order, and each there once?",
         records[good].position.offset, input->topic, last);
}

void replay_task_end(struct replay_task *task, bool complete) {
  if (complete && task->waits) {
    const struct journal_entry *run = &task->record.entries[task->entry];
    bool begun = task->left >= 0;
    stop(task, "%s ends too early: of %" PRId64 " records from %" PRId64 " on %" PRId64 " are missing",
         task->waits->topic, run->count, run->first, begun ? task->left : run->count);
  }
  drop_kept(task);
  if (task->lane) summary_lane(task->shared->summary, task->lane);
}
