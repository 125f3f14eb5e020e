/* restore.c: the steps in order, one function each; a step that has to wait for the broker returns and is called again. */
#include "restore.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crash.h"
#include "engine/memory.h"
#include "log.h"
#include "message.h"
#include "restore_snapshot.h"
#include "stuck.h"

enum { WHY = 700, READ = 256, WAIT_MS = 5, BUDGET_MS = 20, DEFINITION_MS = 10000 };

struct restore {
  struct partition *partition;
  struct source_kafka *source;
  struct membership *membership;
  enum restore_outcome (*next)(struct restore *restore);
  int64_t started_ns;
  int64_t committed[SETTINGS_INPUTS];
  int64_t input_begin[SETTINGS_INPUTS]; /* where the inputs' logs begin now … */
  int64_t input_end[SETTINGS_INPUTS];   /* … and end */
  int64_t journal_begin, journal_end;
  int64_t journal_read; /* up to here, ends included */
  struct restore_snapshot *snapshot;

  struct stuck stuck;
  enum restore_outcome (*then)(struct restore *restore); /* after a look at what it is stuck at */

  rd_kafka_queue_t *journal;
  bool at_stable_end;                        /* of what has been committed of it; more is there */
  rd_kafka_queue_t *inputs[SETTINGS_INPUTS]; /* NULL: not started */
  bool journal_done;
  struct journal_record record;      /* the one that is being replayed */
  int32_t input_of[SETTINGS_INPUTS]; /* its topics, among the settings' inputs */
  int32_t entry;
  int64_t left;       /* of the run at `entry` */
  int64_t waiting_ns; /* since when, for a definition that is not here yet; 0: no */
  uint64_t records;
  char why[WHY];
};

static enum restore_outcome refuse(struct restore *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

static enum restore_outcome refuse(struct restore *r, const char *format, ...) {
  char text[WHY - 32];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  snprintf(r->why, sizeof r->why, "partition %" PRId32 ": %s", r->partition->number, text);
  return RESTORE_REFUSED;
}

static const struct settings *settings_of(const struct restore *r) { return r->partition->shared->settings; }
static const char *input_name(const struct restore *r, int32_t input) { return settings_of(r)->inputs.at[input]; }

/* --- waiting for the end of somebody else's transaction --- */

static enum restore_outcome look_at_stuck(struct restore *r) {
  if (stuck_look(&r->stuck)) r->next = r->then;
  return RESTORE_MORE;
}

/* What cannot be done now; `again` does it. */
static enum restore_outcome wait_for_stable(struct restore *r, enum restore_outcome (*again)(struct restore *restore)) {
  if (!stuck_for_long(&r->stuck)) return RESTORE_MORE;
  r->then = again;
  r->next = look_at_stuck;
  return RESTORE_MORE;
}

/* --- 1: what was committed, and where the logs begin and end --- */

static enum restore_outcome choose_snapshot(struct restore *r);

/* In this order: once the group's offsets are stable, all that they follow from is before the journal's end. False: no answer yet. */
static bool ask(struct restore *r) {
  int32_t number = r->partition->number;
  CRASH_POINT("restore-begun");
  if (!membership_committed(r->membership, number, r->committed)) return false;
  stuck_over(&r->stuck);
  if (!source_ends(r->source, SOURCE_JOURNAL, number, &r->journal_begin, &r->journal_end)) return false;
  for (int32_t i = 0; i < settings_of(r)->inputs.count; i++)
    if (!source_ends(r->source, i, number, &r->input_begin[i], &r->input_end[i])) return false;
  return true;
}

static enum restore_outcome look_around(struct restore *r) {
  if (!ask(r)) return wait_for_stable(r, look_around);
  for (int32_t i = 0; i < settings_of(r)->inputs.count; i++) {
    if (r->committed[i] > r->input_end[i])
      return refuse(r, "%.200s ends at %" PRId64 ", but %" PRId64 " were committed: has the topic been made anew?",
                    input_name(r, i), r->input_end[i], r->committed[i]);
  }
  r->snapshot = restore_snapshot_create(r->partition, r->source, r->committed, r->input_begin, r->journal_end);
  r->next = choose_snapshot;
  CRASH_POINT("restore-looked-around");
  return RESTORE_MORE;
}

/* --- 2: the snapshot --- */

static enum restore_outcome read_journal(struct restore *r);

static enum restore_outcome choose_snapshot(struct restore *r) {
  int64_t journal_offset = 0;
  if (!restore_snapshot_step(r->snapshot, &journal_offset)) return RESTORE_MORE;
  restore_snapshot_destroy(r->snapshot); /* and with it the snapshot's bytes */
  r->snapshot = NULL;
  if (journal_offset < r->journal_begin) journal_offset = r->journal_begin; /* sequences tell what is missing */
  r->partition->journal_offset = journal_offset;
  CRASH_POINT("restore-snapshot-chosen");
  r->journal = source_stream(r->source);
  source_start(r->source, SOURCE_JOURNAL, r->partition->number, journal_offset, r->journal);
  r->journal_read = journal_offset;
  r->journal_done = journal_offset >= r->journal_end;
  r->next = read_journal;
  return RESTORE_MORE;
}

/* --- 3: a record of the journal --- */

static enum restore_outcome replay_entries(struct restore *r);
static enum restore_outcome finish(struct restore *r);

/* Which inputs the record's topics are. */
static bool map_topics(struct restore *r) {
  for (int32_t t = 0; t < r->record.topic_count; t++) {
    int32_t input = 0;
    while (input < settings_of(r)->inputs.count && strcmp(r->record.topics[t], input_name(r, input)) != 0) input++;
    if (input == settings_of(r)->inputs.count) {
      refuse(r, "the journal has records of %.200s, which is not among the inputs", r->record.topics[t]);
      return false;
    }
    r->input_of[t] = input;
  }
  return true;
}

/* Also where it does not say which group wrote it. */
static bool is_ours(struct restore *r, const rd_kafka_message_t *message) {
  const char *own = settings_of(r)->group;
  struct slice group = message_header(message, "group");
  if (!group.at || slice_equal(group, slice_of(own))) return true;
  refuse(r,
         "%.200s was written by the group %.*s, and this is %.200s: both would publish the same; give each group "
         "topics of "
         "its own for what it publishes",
         settings_of(r)->journal, group.length < 200 ? (int)group.length : 200, group.at, own);
  return false;
}

static enum restore_outcome take_journal_record(struct restore *r, const rd_kafka_message_t *message) {
  char why[WHY / 2];
  if (!is_ours(r, message)) return RESTORE_REFUSED;
  const struct journal *journal = &r->partition->journal;
  if (!journal_record_parse(&r->record, message->payload, message->payload ? message->len : 0, why, sizeof why))
    return refuse(r, "%.200s at offset %" PRId64 ": %s", settings_of(r)->journal, message->offset, why);
  if (r->record.partition != r->partition->number)
    return refuse(r, "%.200s at offset %" PRId64 " is of partition %" PRId32, settings_of(r)->journal, message->offset,
                  r->record.partition);
  if (r->record.sequence < journal->sequence) return RESTORE_MORE; /* the snapshot has it */
  if (r->record.sequence > journal->sequence)
    return refuse(r,
                  "%.200s has been cut: record %" PRIu64 " is wanted, %" PRIu64 " is the first (at offset %" PRId64
                  "); a snapshot that reaches further would do",
                  settings_of(r)->journal, journal->sequence, r->record.sequence, message->offset);
  if (!map_topics(r)) return RESTORE_REFUSED;
  CRASH_POINT("replay-record-read");
  journal_use(&r->partition->journal, r->record.inputs_kind);
  r->entry = 0;
  r->left = -1;
  r->next = replay_entries;
  return RESTORE_MORE;
}

static enum restore_outcome read_journal(struct restore *r) {
  rd_kafka_message_t *message;
  if (r->journal_done) {
    r->next = finish;
    return RESTORE_MORE;
  }
  if (!stream_read(r->journal, &message, 1, WAIT_MS))
    return r->at_stable_end ? wait_for_stable(r, read_journal) : RESTORE_MORE;
  enum restore_outcome outcome = RESTORE_MORE;
  r->at_stable_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
  if (r->at_stable_end) {
    r->journal_read = message->offset;
    r->journal_done = message->offset >= r->journal_end; /* before it: an open transaction; its end is waited for */
  } else if (message->err) {
    outcome = refuse(r, "%.200s: %s", settings_of(r)->journal, rd_kafka_message_errstr(message));
  } else {
    stuck_over(&r->stuck);
    r->partition->journal_offset = r->journal_read = message->offset + 1;
    r->journal_done = message->offset + 1 >= r->journal_end;
    outcome = take_journal_record(r, message);
  }
  rd_kafka_message_destroy(message);
  return outcome;
}

/* --- 4: its entries --- */

/* Another instance may have read a definition a moment before this one does. */
static enum restore_outcome wait_for_definition(struct restore *r, const struct journal_entry *entry) {
  const struct timespec pause = {0, WAIT_MS * 1000000L};
  int64_t now_ns = clock_monotonic_ns();
  if (r->waiting_ns == 0) r->waiting_ns = now_ns;
  if (!r->partition->shared->follows || now_ns - r->waiting_ns > DEFINITION_MS * INT64_C(1000000))
    return refuse(r, "it was decided by version %" PRIu32 " of the definition with digest %s: start with that file too",
                  entry->version, entry->digest);
  nanosleep(&pause, NULL);
  return RESTORE_MORE;
}

static enum restore_outcome know(struct restore *r, const struct journal_entry *entry) {
  const struct definition *definition =
      catalog_find(r->partition->shared->catalog, entry->version, slice_of(entry->digest), entry->agreed);
  if (!definition) return wait_for_definition(r, entry);
  partition_know(r->partition, definition);
  CRASH_POINT("replay-definition-known");
  journal_definition(&r->partition->journal, entry->version, slice_of(entry->digest), entry->agreed);
  r->waiting_ns = 0;
  r->entry++;
  return RESTORE_MORE;
}

static bool start_input(struct restore *r, int32_t input, int64_t first) {
  int64_t from = r->partition->next[input] >= 0 ? r->partition->next[input] : first;
  if (first < from || from < r->input_begin[input]) {
    refuse(r, "%.200s has been cut: it begins at %" PRId64 ", %" PRId64 " is wanted", input_name(r, input),
           r->input_begin[input], from);
    return false;
  }
  r->inputs[input] = source_stream(r->source);
  source_start(r->source, input, r->partition->number, from, r->inputs[input]);
  return true;
}

/* Applies messages of the run that are consecutive and good; the first record must be the journal's. */
static enum restore_outcome apply_run(struct restore *r, int32_t input, int64_t first, rd_kafka_message_t **messages,
                                      int32_t count) {
  int32_t good = 0;
  while (good < count && !messages[good]->err) good++;
  if (good > 0 && first >= 0 && messages[0]->offset != first)
    return refuse(r, "%.200s: record %" PRId64 " is gone, the next one is %" PRId64, input_name(r, input), first,
                  messages[0]->offset);
  partition_apply(r->partition, input, messages, good);
  CRASH_POINT("replay-run-applied");
  r->left -= good;
  r->records += (uint64_t)good;
  if (good == count) return RESTORE_MORE;
  return refuse(r, "%.200s: %s", input_name(r, input), rd_kafka_message_errstr(messages[good]));
}

/* An end is where the log ended then (a leader of late may have known of less): records may follow it. */
static int32_t without_ends(rd_kafka_message_t **messages, int32_t count) {
  int32_t kept = 0;
  for (int32_t i = 0; i < count; i++) {
    if (messages[i]->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      rd_kafka_message_destroy(messages[i]);
    } else {
      messages[kept++] = messages[i];
    }
  }
  return kept;
}

static enum restore_outcome replay_run(struct restore *r, const struct journal_entry *entry) {
  rd_kafka_message_t *messages[READ];
  int32_t input = r->input_of[entry->topic];
  bool begins = r->left < 0;
  if (!r->inputs[input] && !start_input(r, input, entry->first)) return RESTORE_REFUSED;
  if (begins) r->left = entry->count;
  int32_t room = r->left < READ ? (int32_t)r->left : READ;
  int32_t count = without_ends(messages, stream_read(r->inputs[input], messages, room, WAIT_MS));
  if (count == 0 && begins) r->left = -1; /* the first record is still to come */
  if (count == 0) return RESTORE_MORE;
  enum restore_outcome outcome = apply_run(r, input, begins ? entry->first : -1, messages, count);
  for (int32_t i = 0; i < count; i++) rd_kafka_message_destroy(messages[i]);
  return outcome;
}

static enum restore_outcome refuse_inputs(struct restore *r) {
  char what[WHY - 100];
  int64_t last[SETTINGS_INPUTS];
  for (int32_t t = 0; t < r->record.topic_count; t++) last[t] = r->partition->next[r->input_of[t]] - 1;
  journal_inputs_say(&r->record, last, what, sizeof what);
  return refuse(r, "record %" PRIu64 " of %.200s: %s", r->record.sequence, settings_of(r)->journal, what);
}

/* What was read must be what was read then, and what came out what was published then. */
static enum restore_outcome check_record(struct restore *r) {
  struct journal *journal = &r->partition->journal;
  uint8_t chain[JOURNAL_CHAIN];
  if (!journal_inputs_fit(journal, &r->record)) return refuse_inputs(r);
  journal_chain(journal, chain);
  if (journal->published != r->record.published || journal->dead_letters != r->record.dead_letters ||
      memcmp(chain, r->record.chain, sizeof chain) != 0)
    return refuse(r,
                  "record %" PRIu64 " of %.200s says that %" PRIu64 " messages and %" PRIu64
                  " dead letters were published; replayed they are %" PRIu64 " and %" PRIu64
                  "%s: the journal or handover itself is not what it was",
                  r->record.sequence, settings_of(r)->journal, r->record.published, r->record.dead_letters,
                  journal->published, journal->dead_letters,
                  journal->published == r->record.published ? ", with other bytes" : "");
  journal_next(journal);
  CRASH_POINT("replay-record-checked");
  r->next = read_journal;
  return RESTORE_MORE;
}

static enum restore_outcome replay_entries(struct restore *r) {
  if (r->entry == r->record.entry_count) return check_record(r);
  const struct journal_entry *entry = &r->record.entries[r->entry];
  if (entry->kind != JOURNAL_DEFINITION && !r->partition->lane)
    return refuse(r, "record %" PRIu64 " of the journal comes before any definition", r->record.sequence);
  enum restore_outcome outcome = RESTORE_MORE;
  switch (entry->kind) {
    case JOURNAL_DEFINITION: return know(r, entry);
    case JOURNAL_CLOCK: partition_mark(r->partition, entry->mark_ms); break;
    case JOURNAL_RUN: outcome = replay_run(r, entry); break;
  }
  if (entry->kind == JOURNAL_RUN && r->left != 0) return outcome;
  r->left = -1;
  r->entry++;
  return outcome;
}

/* --- 5: is it where it was? --- */

static void stop_streams(struct restore *r) {
  if (r->journal) {
    source_stop(r->source, SOURCE_JOURNAL, r->partition->number);
    stream_destroy(r->journal);
    r->journal = NULL;
  }
  for (int32_t i = 0; i < SETTINGS_INPUTS; i++) {
    if (!r->inputs[i]) continue;
    source_stop(r->source, i, r->partition->number);
    stream_destroy(r->inputs[i]);
    r->inputs[i] = NULL;
  }
}

/* A group that was idle for long may have lost its offsets; the journal was committed with them and says the same. */
static bool position_fits(const struct restore *r, int32_t input) {
  return r->committed[input] < 0 || r->committed[input] == r->partition->next[input];
}

/* Who was away for long while this went on may not know yet that the task is another member's, which has committed more since: what that
 * says is read on, until the group tells. The journal may have said so already: where all before its end of then was undone, the record
 * that was read as its last one is newer, and so are the ends that it follows from. */
static enum restore_outcome look_again(struct restore *r, int32_t input) {
  int64_t before[SETTINGS_INPUTS], next = r->partition->next[input];
  memcpy(before, r->committed, sizeof before);
  if (!ask(r)) {
    memcpy(r->committed, before, sizeof before);
    return RESTORE_MORE;
  }
  if (memcmp(before, r->committed, sizeof before) != 0) {
    r->journal_done = r->journal_read >= r->journal_end;
    r->next = read_journal;
    return RESTORE_MORE;
  }
  if (next > r->input_end[input]) /* the group's offsets go with a topic that is deleted */
    return refuse(r, "%.200s ends at %" PRId64 ", but %" PRId64 " were read: has the topic been made anew?",
                  input_name(r, input), r->input_end[input], next);
  if (position_fits(r, input)) return RESTORE_MORE;
  return refuse(r,
                "%.200s: the group %.200s has committed %" PRId64 ", the journal %.200s says %" PRId64
                ": were the group's offsets set by hand?",
                input_name(r, input), settings_of(r)->group, r->committed[input], settings_of(r)->journal,
                next < 0 ? 0 : next);
}

static enum restore_outcome finish(struct restore *r) {
  struct partition *p = r->partition;
  for (int32_t i = 0; i < settings_of(r)->inputs.count; i++) {
    if (!position_fits(r, i) || p->next[i] > r->input_end[i]) return look_again(r, i);
    if (p->next[i] >= 0 && p->next[i] < r->input_begin[i])
      return refuse(r, "%.200s has been cut: it begins at %" PRId64 ", %" PRId64 " comes next", input_name(r, i),
                    r->input_begin[i], p->next[i]);
    if (p->metrics[i]) atomic_store(&p->metrics[i]->restore_remaining, 0);
  }
  stop_streams(r);
  CRASH_POINT("restore-not-started");
  partition_start(p);
  CRASH_POINT("restore-started");
  log_info("task restored", "replayed up to what was committed", log_number("partition", p->number),
           log_number("records", (int64_t)r->records),
           log_number("leads", (int64_t)task_lead_count(lane_task(p->lane))),
           log_number("ms", (clock_monotonic_ns() - r->started_ns) / 1000000));
  return RESTORE_DONE;
}

/* --- the outside --- */

struct restore *restore_create(struct partition *partition, struct source_kafka *source, struct membership *membership,
                               struct fence *fence) {
  struct restore *r = memory_zeroed(1, sizeof *r);
  r->partition = partition;
  r->source = source;
  r->membership = membership;
  r->stuck = (struct stuck){.source = source, .fence = fence, .partition = partition->number};
  r->next = look_around;
  r->started_ns = clock_monotonic_ns();
  return r;
}

void restore_destroy(struct restore *r) {
  if (!r) return;
  stop_streams(r);
  stuck_fini(&r->stuck);
  restore_snapshot_destroy(r->snapshot);
  journal_record_fini(&r->record);
  memory_free(r);
}

static void measure(struct restore *r) {
  for (int32_t i = 0; i < settings_of(r)->inputs.count; i++) {
    if (!r->partition->metrics[i] || r->committed[i] < 0) continue;
    int64_t next = r->partition->next[i] >= 0 ? r->partition->next[i] : r->input_begin[i];
    atomic_store(&r->partition->metrics[i]->restore_remaining, r->committed[i] - next);
  }
}

enum restore_outcome restore_step(struct restore *r) {
  int64_t until_ns = clock_monotonic_ns() + BUDGET_MS * INT64_C(1000000);
  enum restore_outcome outcome;
  do {
    outcome = r->next(r);
  } while (outcome == RESTORE_MORE && clock_monotonic_ns() < until_ns);
  if (outcome == RESTORE_MORE) measure(r);
  return outcome;
}

const char *restore_why(const struct restore *r) { return r->why; }
