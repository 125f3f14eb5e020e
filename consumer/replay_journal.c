/* replay_journal.c: the journal's lines to tasks, and the inputs' records to the same. */
#include "replay_journal.h"

#include <inttypes.h>

#include "engine/memory.h"
#include "envelope.h"
#include "replay_task.h"
#include "source_file.h"
#include "terminal.h"

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, HEADERS = 8, NAME = 255 };

struct replay_journal {
  const struct replay_order *order;
  struct replay_shared shared;
  struct catalog *catalog;
  struct replay_task *tasks[READING_PARTITIONS]; /* ascending by partition */
  int32_t task_count;

  /* while it is read */
  struct source_file *source;
  struct envelope *envelope;
  struct journal_record record;
  char topic[NAME + 1], group[NAME + 1]; /* of the first line that has one */
  bool has_topic, has_group;
};

struct replay_journal *replay_journal_create(const struct replay_order *order, const struct sink *sink,
                                             struct summary *summary) {
  char why[REPLAY_WHY];
  struct replay_journal *journal = memory_zeroed(1, sizeof *journal);
  journal->order = order;
  journal->catalog = catalog_create();
  for (int32_t i = 0; i < order->log.definition_count; i++) /* they fit together, so none is refused */
    catalog_add(journal->catalog, order->log.definitions[i], why, sizeof why);
  journal->shared = (struct replay_shared){.catalog = journal->catalog,
                                           .signatures = order->signatures,
                                           .event_bytes_max = order->log.event_bytes_max,
                                           .sink = sink,
                                           .summary = summary};
  summary->journal = true;
  return journal;
}

void replay_journal_destroy(struct replay_journal *journal) {
  if (!journal) return;
  for (int32_t i = 0; i < journal->task_count; i++) replay_task_destroy(journal->tasks[i]);
  catalog_destroy(journal->catalog);
  memory_free(journal);
}

/* --- tasks --- */

/* Where the partition's task is, or would be. */
static int32_t place_of(const struct replay_journal *journal, int32_t partition) {
  int32_t low = 0, high = journal->task_count;
  while (low < high) {
    int32_t middle = low + (high - low) / 2;
    if (journal->tasks[middle]->number < partition) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

static struct replay_task *task_of(const struct replay_journal *journal, int32_t partition) {
  int32_t at = place_of(journal, partition);
  return at < journal->task_count && journal->tasks[at]->number == partition ? journal->tasks[at] : NULL;
}

/* NULL: there are too many. */
static struct replay_task *task_made(struct replay_journal *journal, int32_t partition) {
  int32_t at = place_of(journal, partition);
  if (at < journal->task_count && journal->tasks[at]->number == partition) return journal->tasks[at];
  if (journal->task_count == READING_PARTITIONS) return NULL;
  memmove(&journal->tasks[at + 1], &journal->tasks[at], (size_t)(journal->task_count - at) * sizeof *journal->tasks);
  journal->task_count++;
  return journal->tasks[at] = replay_task_create(&journal->shared, partition);
}

/* --- the journal's lines --- */

/* The first one is noted; false: this is another. */
static bool is_same(char noted[NAME + 1], bool *has, struct slice name) {
  struct slice cut = {name.at, name.length < NAME ? name.length : NAME};
  if (*has) return slice_equal(slice_of(noted), cut);
  memcpy(noted, cut.at, cut.length);
  noted[cut.length] = 0;
  *has = true;
  return true;
}

/* Who wrote it: one topic, one group. */
static bool check_origin(struct replay_journal *journal, const struct record *line, char *why) {
  struct slice group = envelope_header(journal->envelope, SLICE("group")), topic = line->position.topic;
  if (!is_same(journal->topic, &journal->has_topic, topic)) {
    snprintf(why, REPLAY_WHY, "it is of the topic %.*s, lines before it are of %s: the journal is one topic",
             (int)(topic.length < NAME ? topic.length : NAME), topic.at, journal->topic);
    return false;
  }
  if (group.at && !is_same(journal->group, &journal->has_group, group)) {
    snprintf(why, REPLAY_WHY,
             "it was written by the group %.*s, lines before it by %s: each group has a journal of its own",
             (int)(group.length < NAME ? group.length : NAME), group.at, journal->group);
    return false;
  }
  return true;
}

static bool check_definitions(const struct replay_journal *journal, char *why) {
  const struct journal_record *record = &journal->record;
  const struct journal_entry *missing = replay_missing(journal->catalog, record);
  if (!missing) return true;
  snprintf(why, REPLAY_WHY,
           "partition %" PRId32 ", record %" PRIu64 ": decided by version %" PRIu32
           " of the definition with digest %s: give that file too, with --definition",
           record->partition, record->sequence, missing->version, missing->digest);
  return false;
}

static bool take_line(struct replay_journal *journal, struct slice line, char *why) {
  struct record record;
  char part[REPLAY_WHY / 2];
  if (!envelope_read(journal->envelope, 0, line, &record, part)) {
    snprintf(why, REPLAY_WHY, "not what `kcat -J` prints: %s", part);
    return false;
  }
  struct slice bytes = record.payload;
  if (!check_origin(journal, &record, why)) return false;
  if (!journal_record_parse(&journal->record, bytes.at, bytes.length, part, sizeof part)) {
    snprintf(why, REPLAY_WHY, "no record of a journal: %s", part);
    return false;
  }
  if (journal->record.partition != record.position.partition) {
    snprintf(why, REPLAY_WHY, "a record of partition %" PRId32 " in partition %" PRId32, journal->record.partition,
             record.position.partition);
    return false;
  }
  if (!check_definitions(journal, why)) return false;
  struct replay_task *task = task_made(journal, record.position.partition);
  if (task) replay_task_add(task, &journal->record, bytes, record.position.offset);
  if (!task) snprintf(why, REPLAY_WHY, "more partitions than handover replay takes at once");
  return task;
}

/* Topics, groups and definitions are named by strangers. */
static void print(const char *text) {
  struct buffer buffer = {0};
  struct terminal terminal = {.buffer = &buffer};
  terminal_text(&terminal, slice_of(text), REPLAY_WHY);
  fprintf(stderr, "%.*s\n", (int)buffer.length, buffer.at);
  buffer_fini(&buffer);
}

static int take_lines(struct replay_journal *journal, const struct slice *lines, int32_t count) {
  char why[REPLAY_WHY];
  for (int32_t i = 0; i < count; i++) {
    if (source_line_is_empty(lines[i]) || take_line(journal, lines[i], why)) continue;
    struct source_place place = source_file_place(journal->source, i);
    fprintf(stderr, "handover replay: %s: line %" PRIu64 ": ", place.path, place.line);
    print(why);
    return STATUS_USAGE;
  }
  return STATUS_OK;
}

static int read_lines(struct replay_journal *journal) {
  struct slice lines[LANE_BATCH];
  int32_t count;
  enum source_outcome outcome;
  while ((outcome = source_file_read(journal->source, lines, LANE_BATCH, &count)) == SOURCE_OK) {
    int status = take_lines(journal, lines, count);
    if (status != STATUS_OK) return status;
  }
  if (outcome == SOURCE_END) return STATUS_OK;
  if (outcome == SOURCE_INTERRUPTED) {
    fprintf(stderr, "handover replay: interrupted while the journal was read: nothing was decided\n");
    return STATUS_OUTSIDE;
  }
  fprintf(stderr, "handover replay: %s\n", source_file_why(journal->source));
  return outcome == SOURCE_BAD ? STATUS_USAGE : STATUS_OUTSIDE;
}

int replay_journal_read(struct replay_journal *journal) {
  journal->source = source_file_create(journal->order->journals, journal->order->journal_count);
  journal->envelope = envelope_create(1, SOURCE_LINE, HEADERS);
  int status = read_lines(journal);
  if (status == STATUS_OK && journal->task_count == 0) {
    fprintf(stderr, "handover replay: --journal: no records: nothing can be replayed by it\n");
    status = STATUS_USAGE;
  }
  for (int32_t i = 0; i < journal->task_count && status == STATUS_OK; i++) replay_task_start(journal->tasks[i]);
  journal_record_fini(&journal->record);
  envelope_destroy(journal->envelope);
  source_file_destroy(journal->source);
  return status;
}

/* --- the inputs --- */

/* How many records from the first on are of its partition and topic. */
static int32_t alike(const struct record *records, int32_t count) {
  int32_t same = 1;
  while (same < count && records[same].position.partition == records[0].position.partition &&
         slice_equal(records[same].position.topic, records[0].position.topic))
    same++;
  return same;
}

void replay_journal_apply(struct replay_journal *journal, const struct record *records, int32_t count) {
  while (count > 0) {
    int32_t same = alike(records, count);
    struct replay_task *task = task_of(journal, records[0].position.partition);
    if (task) {
      replay_task_take(task, records, same);
    } else {
      journal->shared.summary->left[LEFT_BEHIND] += (uint64_t)same;
    }
    records += same;
    count -= same;
  }
}

/* True: there is nothing to say. */
static bool say(const struct replay_task *task, const char *what) {
  if (!*what) return true;
  fprintf(stderr, "handover replay: partition %" PRId32 ": ", task->number);
  print(what);
  return false;
}

bool replay_journal_end(struct replay_journal *journal, bool complete) {
  bool good = true;
  for (int32_t i = 0; i < journal->task_count; i++) {
    struct replay_task *task = journal->tasks[i];
    replay_task_end(task, complete);
    good = say(task, task->why) && good;
    good = say(task, task->flaw) && good;
  }
  return good;
}
