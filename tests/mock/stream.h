/* stream.h: events for tests of the daemon, and what has to come of them: by the engine alone, told by the journal in which
 * order the inputs were read.
 *
 * Records are garbage now and then; leads are few and go back and forth between two stages, and deadlines pass. */
#ifndef HANDOVER_TESTS_STREAM_H
#define HANDOVER_TESTS_STREAM_H

#include "cluster.h"
#include "config/definition.h"
#include "consumer/catalog.h"
#include "consumer/journal.h"
#include "consumer/lane.h"
#include "producer/encode.h"

enum { STREAM_PARTITIONS = 3, STREAM_INPUTS = 2, STREAM_MOST = 400, STREAM_LEADS = 7, STREAM_GARBAGE = 11 };

#define STREAM_BEGIN_MS INT64_C(1772357400000) /* 2026-03-01T09:30:00Z */

static const char *const stream_inputs[STREAM_INPUTS] = {"one", "two"};

/* %d: the version. %s: when it takes effect. %d: seconds within which an answer is promised. */
#define STREAM_DEFINITION                                                                                    \
  "{\"handover\":1,\"name\":\"answers\",\"version\":%d,\"effective_from\":\"%s\","                           \
  "\"teams\":[\"sales\"],\"events\":\"segment\",\"lateness\":\"1s\","                                        \
  "\"stages\":[{\"name\":\"new\",\"owner\":\"sales\"},"                                                      \
  "{\"name\":\"asked\",\"owner\":\"sales\",\"enter\":{\"event\":\"Asked\"}}],"                               \
  "\"moves\":[{\"name\":\"answered\",\"from\":\"asked\",\"to\":\"new\",\"when\":{\"event\":\"Answered\"}}]," \
  "\"slas\":[{\"name\":\"answer\",\"stage\":\"asked\",\"within\":\"%ds\",\"met_by\":\"Answered\"}]}"

enum { STREAM_TEXT = 1200 };

static inline int stream_definition_text(char text[STREAM_TEXT], int version, const char *effective_from,
                                         int within_s) {
  return snprintf(text, STREAM_TEXT, STREAM_DEFINITION, version, effective_from, within_s);
}

static inline struct definition *stream_definition(int version, const char *effective_from, int within_s) {
  char text[STREAM_TEXT];
  struct problems problems;
  int length = stream_definition_text(text, version, effective_from, within_s);
  struct definition *definition = definition_parse(text, (size_t)length, &problems);
  if (!definition) fail_msg("%s: %s", problems.at[0].pointer, problems.at[0].message);
  problems_fini(&problems);
  return definition;
}

/* --- what was written --- */

struct stream_record {
  char key[16], value[160];
  int64_t timestamp_ms;
};

struct stream {
  struct stream_record at[STREAM_INPUTS][STREAM_PARTITIONS][STREAM_MOST]; /* the index is the offset */
  int32_t count[STREAM_INPUTS][STREAM_PARTITIONS];
  int32_t total;
};

static inline void stream_fill(struct stream_record *record, int32_t number) {
  struct buffer text = {0};
  const char *event = number / STREAM_LEADS % 2 == 0 ? "Asked" : "Answered";
  int32_t lead = number % STREAM_LEADS;
  record->timestamp_ms = STREAM_BEGIN_MS + number * INT64_C(700);
  snprintf(record->key, sizeof record->key, "lead-%d", (int)lead);
  if (number % STREAM_GARBAGE == 3) {
    buffer_printf(&text, "{\"event\":\"%s\",%d", event, (int)number);
  } else {
    buffer_printf(&text, "{\"userId\":\"lead-%d\",\"event\":\"%s\",\"timestamp\":\"", (int)lead, event);
    time_append(&text, record->timestamp_ms);
    buffer_append_text(&text, "\"}");
  }
  assert_true(text.length < sizeof record->value);
  memcpy(record->value, text.at, text.length);
  record->value[text.length] = 0;
  buffer_fini(&text);
}

/* So many more records, to the first inputs in turn; they are in the log when it returns. */
static inline void stream_write(struct stream *stream, struct cluster *cluster, int32_t count, int32_t inputs) {
  for (int32_t i = 0; i < count; i++) {
    int32_t number = stream->total++, input = number / 5 % inputs;
    int32_t partition = number % STREAM_LEADS % STREAM_PARTITIONS;
    struct stream_record *record = &stream->at[input][partition][stream->count[input][partition]++];
    assert_true(stream->count[input][partition] <= STREAM_MOST);
    stream_fill(record, number);
    cluster_put(cluster,
                &(struct put){stream_inputs[input], partition, record->key, record->value, record->timestamp_ms});
  }
  cluster_flush(cluster);
}

static inline struct record stream_record(const struct stream *stream, int32_t input, int32_t partition,
                                          int64_t offset) {
  const struct stream_record *at = &stream->at[input][partition][offset];
  return (struct record){.payload = slice_of(at->value),
                         .key = slice_of(at->key),
                         .timestamp_ms = at->timestamp_ms,
                         .position = {slice_of(stream_inputs[input]), partition, offset}};
}

/* --- what has to come of it --- */

struct texts {
  char **at;
  size_t count, room;
};

static inline void texts_add(struct texts *texts, const char *bytes, size_t length) {
  if (texts->count == texts->room) {
    texts->room = texts->room ? texts->room * 2 : 64;
    texts->at = realloc(texts->at, texts->room * sizeof(char *));
    assert_non_null(texts->at);
  }
  texts->at[texts->count++] = strndup(bytes, length);
}

static inline void texts_fini(struct texts *texts) {
  for (size_t i = 0; i < texts->count; i++) free(texts->at[i]);
  free(texts->at);
  *texts = (struct texts){0};
}

/* One partition, decided by the engine alone. */
struct decided {
  struct lane *lane; /* NULL until a version is known */
  struct sink sink;
  struct journal journal; /* for its chain */
  int64_t next[STREAM_INPUTS];
  struct texts changes, letters; /* a letter: reason/topic/partition/offset */
};

static inline void decided_change(void *context, const struct change *change) {
  struct decided *decided = context;
  struct buffer bytes = {0};
  change_encode(&bytes, change);
  texts_add(&decided->changes, bytes.at, bytes.length);
  journal_published(&decided->journal, (struct slice){bytes.at, (uint32_t)bytes.length});
  buffer_fini(&bytes);
}

static inline void decided_letter(void *context, const struct record *record, enum reject reject, const char *detail) {
  struct decided *decided = context;
  char text[80];
  (void)detail;
  int length = snprintf(text, sizeof text, "%s/%.*s/%d/%d", reject_name(reject), (int)record->position.topic.length,
                        record->position.topic.at, (int)record->position.partition, (int)record->position.offset);
  texts_add(&decided->letters, text, (size_t)length);
  journal_dead_letter(&decided->journal);
}

static inline void decided_init(struct decided *decided, int32_t partition) {
  *decided = (struct decided){0};
  decided->sink = (struct sink){decided, decided_change, decided_letter};
  journal_init(&decided->journal, partition, stream_inputs, STREAM_INPUTS);
}

static inline void decided_fini(struct decided *decided) {
  lane_destroy(decided->lane);
  journal_fini(&decided->journal);
  texts_fini(&decided->changes);
  texts_fini(&decided->letters);
}

static inline void decided_know(struct decided *decided, int32_t partition, const struct definition *definition) {
  if (decided->lane) {
    assert_true(lane_know(decided->lane, definition));
  } else {
    decided->lane = lane_create(partition, &definition, 1, &decided->sink, 1 << 20);
  }
}

/* Records of one input from its next one on. */
static inline void decided_apply(struct decided *decided, const struct stream *stream, int32_t input, int32_t partition,
                                 int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    assert_true(decided->next[input] < stream->count[input][partition]);
    struct record record = stream_record(stream, input, partition, decided->next[input]++);
    journal_taken(&decided->journal, &record, 1);
    lane_apply(decided->lane, &record, 1);
  }
}

/* --- told by the journal --- */

static inline int32_t stream_input_of(const char *topic) {
  int32_t input = 0;
  while (input < STREAM_INPUTS && strcmp(stream_inputs[input], topic) != 0) input++;
  assert_true(input < STREAM_INPUTS);
  return input;
}

static inline void decided_entry(struct decided *decided, const struct stream *stream,
                                 const struct journal_record *record, const struct journal_entry *entry,
                                 const struct catalog *catalog) {
  const struct definition *definition;
  switch (entry->kind) {
    case JOURNAL_DEFINITION:
      definition = catalog_find(catalog, entry->version, slice_of(entry->digest), entry->agreed);
      assert_non_null(definition);
      decided_know(decided, record->partition, definition);
      break;
    case JOURNAL_CLOCK: lane_mark(decided->lane, entry->mark_ms); break;
    case JOURNAL_RUN: {
      int32_t input = stream_input_of(record->topics[entry->topic]);
      assert_int_equal(entry->first, decided->next[input]);
      decided_apply(decided, stream, input, record->partition, entry->count);
    }
  }
}

/* One more record of the journal, where it is one; fingerprint and chain have to hold. */
static inline void decided_record(struct decided *decided, const struct stream *stream,
                                  const struct journal_record *record, const struct catalog *catalog) {
  uint8_t chain[JOURNAL_CHAIN];
  if (record->sequence < decided->journal.sequence) return; /* an aborted one that the mock shows, written again */
  assert_int_equal(record->sequence, decided->journal.sequence);
  journal_use(&decided->journal, record->inputs_kind);
  for (int32_t i = 0; i < record->entry_count; i++)
    decided_entry(decided, stream, record, &record->entries[i], catalog);
  assert_int_equal(record->published, decided->journal.published);
  assert_int_equal(record->dead_letters, decided->journal.dead_letters);
  assert_true(journal_inputs_fit(&decided->journal, record));
  journal_chain(&decided->journal, chain);
  assert_memory_equal(chain, record->chain, JOURNAL_CHAIN);
  journal_next(&decided->journal);
}

#endif
