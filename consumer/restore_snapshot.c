/* restore_snapshot.c: candidates are looked at from the best to the worst; the first that loads is taken. */
#include "restore_snapshot.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crash.h"
#include "engine/memory.h"
#include "log.h"
#include "snapshot.h"
#include "snapshot_file.h"

enum { READ = 64, WAIT_MS = 5, LOCAL = -1 };

struct candidate {
  struct buffer bytes;
  struct snapshot_head head;
  struct snapshot_state state;
};

struct restore_snapshot {
  struct partition *partition;
  struct source_kafka *source;
  const int64_t *committed, *input_begin;
  int64_t journal_end;
  bool (*next)(struct restore_snapshot *restore);
  bool local_good; /* `local` holds one that may be used */
  struct candidate local, topic;
  rd_kafka_queue_t *stream; /* of handover-state */
  int64_t state_end;
  int64_t journal_offset;
  bool done;
};

static const struct settings *settings_of(const struct restore_snapshot *r) { return r->partition->shared->settings; }

static void warn(const struct restore_snapshot *r, int32_t generation, const char *why) {
  log_warning("snapshot not used", why, log_number("partition", r->partition->number),
              log_text("from", generation == LOCAL ? "state_dir" : settings_of(r)->state));
}

/* --- may it be used? --- */

static void expect(const struct restore_snapshot *r, struct snapshot_head *head) {
  const struct settings *settings = settings_of(r);
  snapshot_head_init(head, r->partition->shared->cluster, settings->group, r->partition->number);
  for (int32_t i = 0; i < settings->inputs.count; i++) snapshot_head_input(head, settings->inputs.at[i], 0);
}

static const struct definition *definition_of(const struct restore_snapshot *r,
                                              const struct snapshot_version *version) {
  return catalog_find(r->partition->shared->catalog, version->version, slice_of(version->digest), version->agreed);
}

static bool versions_fit(const struct restore_snapshot *r, const struct snapshot_head *head, char *why, size_t room) {
  for (int32_t i = 0; i < head->version_count; i++) {
    if (definition_of(r, &head->versions[i])) continue;
    snprintf(why, room, "it knows version %" PRIu32 " of the definition, %s, which is not at hand",
             head->versions[i].version, head->versions[i].digest);
    return false;
  }
  return head->version_count > 0;
}

static bool positions_fit(const struct restore_snapshot *r, const struct snapshot_head *head, char *why, size_t room) {
  for (int32_t i = 0; i < head->input_count; i++) {
    int64_t next = head->inputs[i].next;
    bool younger = next > (r->committed[i] >= 0 ? r->committed[i] : r->journal_end > 0 ? INT64_MAX : 0);
    bool cut = next > 0 && next < r->input_begin[i];
    if (!younger && !cut) continue;
    snprintf(why, room,
             younger ? "it is younger than what was committed: %.200s at %" PRId64
                     : "the records that come after it are gone: %.200s at %" PRId64,
             head->inputs[i].topic, next);
    return false;
  }
  if (head->journal_offset <= r->journal_end) return true;
  snprintf(why, room, "it is younger than the journal");
  return false;
}

enum verdict {
  VERDICT_GOOD,
  VERDICT_LATER, /* a definition is not at hand: of no use now, but nothing is wrong with it */
  VERDICT_BAD,
};

static enum verdict examine(const struct restore_snapshot *r, struct candidate *c, char *why, size_t room) {
  struct snapshot_head *expected = memory_zeroed(1, sizeof *expected);
  expect(r, expected);
  bool whole = snapshot_decode(c->bytes.at, c->bytes.length, &c->head, &c->state, why, room) &&
               snapshot_fits(&c->head, expected, why, room) && positions_fit(r, &c->head, why, room);
  memory_free(expected);
  if (!whole) return VERDICT_BAD;
  return versions_fit(r, &c->head, why, room) ? VERDICT_GOOD : VERDICT_LATER;
}

/* --- loading --- */

static bool load(struct restore_snapshot *r, const struct candidate *c) {
  struct partition *p = r->partition;
  for (int32_t i = 0; i < c->head.version_count; i++) partition_know(p, definition_of(r, &c->head.versions[i]));
  if (!task_load(lane_task(p->lane), c->state.at, c->state.length)) {
    partition_forget(p);
    return false;
  }
  lane_reload(p->lane);
  for (int32_t i = 0; i < c->head.input_count; i++)
    p->next[i] = c->head.inputs[i].next > 0 ? c->head.inputs[i].next : -1;
  journal_resume(&p->journal, c->head.sequence, c->head.chain);
  r->journal_offset = c->head.journal_offset;
  r->done = true;
  return true;
}

/* --- the local file --- */

static bool begin_topic(struct restore_snapshot *r);
static bool choose(struct restore_snapshot *r);

/* How many records have been committed since. */
static int64_t behind(const struct restore_snapshot *r, const struct snapshot_head *head) {
  int64_t sum = 0;
  for (int32_t i = 0; i < head->input_count; i++)
    if (r->committed[i] > head->inputs[i].next) sum += r->committed[i] - head->inputs[i].next;
  return sum;
}

static bool read_local(struct restore_snapshot *r) {
  char why[SNAPSHOT_WHY] = "";
  const char *folder = settings_of(r)->state_dir;
  enum snapshot_outcome outcome = snapshot_file_read(folder, r->partition->number, &r->local.bytes, why, sizeof why);
  r->next = begin_topic;
  if (outcome == SNAPSHOT_ABSENT) return false;
  enum verdict verdict = outcome == SNAPSHOT_OK ? examine(r, &r->local, why, sizeof why) : VERDICT_BAD;
  r->local_good = verdict == VERDICT_GOOD;
  if (!r->local_good) warn(r, LOCAL, why);
  if (verdict == VERDICT_BAD) {
    CRASH_POINT("torn-not-aside");
    snapshot_file_aside(folder, r->partition->number, why, sizeof why);
    CRASH_POINT("torn-aside");
  }
  if (!r->local_good) return false;
  r->partition->chunks.kept = r->local.head.generation;
  if (behind(r, &r->local.head) <= settings_of(r)->snapshot_records) r->next = choose;
  return false;
}

/* --- handover-state --- */

static bool read_topic(struct restore_snapshot *r) {
  rd_kafka_message_t *messages[READ];
  bool over = false;
  int32_t count = stream_read(r->stream, messages, READ, WAIT_MS);
  for (int32_t i = 0; i < count; i++) {
    const rd_kafka_message_t *m = messages[i];
    if (!m->err) {
      snapshot_chunks_add(&r->partition->chunks, (struct slice){m->key, m->key ? (uint32_t)m->key_len : 0},
                          (struct slice){m->payload, m->payload ? (uint32_t)m->len : 0});
    } else if (m->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      log_warning("snapshot", rd_kafka_message_errstr(m), log_text("from", settings_of(r)->state));
      over = true;
    }
    over = over || m->offset + (m->err ? 0 : 1) >= r->state_end;
    rd_kafka_message_destroy(messages[i]);
  }
  if (!over) return false;
  CRASH_POINT("wiped-topic-read");
  r->next = choose;
  return false;
}

static bool begin_topic(struct restore_snapshot *r) {
  int64_t begin;
  if (!source_ends(r->source, SOURCE_STATE, r->partition->number, &begin, &r->state_end)) return false;
  r->partition->chunks.kept = -1;
  r->next = choose;
  if (begin == r->state_end) return false;
  r->stream = source_stream(r->source);
  source_start(r->source, SOURCE_STATE, r->partition->number, begin, r->stream);
  CRASH_POINT("wiped-topic-begun");
  r->next = read_topic;
  return false;
}

static void stop_topic(struct restore_snapshot *r) {
  if (!r->stream) return;
  source_stop(r->source, SOURCE_STATE, r->partition->number);
  stream_destroy(r->stream);
  r->stream = NULL;
}

/* --- the choice --- */

/* The best one of the topic that may be used; those that may not are dropped. */
static int32_t best_of_topic(struct restore_snapshot *r) {
  int32_t generation;
  while (r->stream && (generation = snapshot_chunks_best(&r->partition->chunks)) >= 0) {
    char why[SNAPSHOT_WHY] = "";
    r->topic.bytes.length = 0;
    snapshot_chunks_assemble(&r->partition->chunks, generation, &r->topic.bytes);
    if (examine(r, &r->topic, why, sizeof why) == VERDICT_GOOD) return generation;
    warn(r, generation, why);
    snapshot_chunks_drop(&r->partition->chunks, generation);
  }
  return -1;
}

static void say(const struct restore_snapshot *r, const struct candidate *c) {
  log_info("snapshot loaded", c == &r->local ? "from the state directory" : "from the state topic",
           log_number("partition", r->partition->number),
           log_number("leads", (int64_t)task_lead_count(lane_task(r->partition->lane))),
           log_number("records behind", behind(r, &c->head)));
}

static bool choose(struct restore_snapshot *r) {
  int32_t generation = best_of_topic(r);
  if (r->local_good && generation >= 0 && r->topic.head.sequence > r->local.head.sequence) r->local_good = false;
  const struct candidate *c = r->local_good ? &r->local : generation >= 0 ? &r->topic : NULL;
  if (c && load(r, c)) {
    CRASH_POINT("restore-snapshot-loaded");
    say(r, c);
  } else if (c) {
    warn(r, r->local_good ? LOCAL : generation, "its state cannot be read");
    if (!r->local_good) snapshot_chunks_drop(&r->partition->chunks, generation);
    r->local_good = false;
    if (!r->stream) r->next = begin_topic;
    return false;
  }
  if (r->stream) snapshot_chunks_forget(&r->partition->chunks);
  r->done = true;
  return true;
}

bool restore_snapshot_step(struct restore_snapshot *r, int64_t *journal_offset) {
  if (!r->done) r->next(r);
  if (!r->done) return false;
  *journal_offset = r->journal_offset;
  stop_topic(r);
  return true;
}

struct restore_snapshot *restore_snapshot_create(struct partition *partition, struct source_kafka *source,
                                                 const int64_t *committed, const int64_t *input_begin,
                                                 int64_t journal_end) {
  struct restore_snapshot *r = memory_zeroed(1, sizeof *r);
  r->partition = partition;
  r->source = source;
  r->committed = committed;
  r->input_begin = input_begin;
  r->journal_end = journal_end;
  r->next = read_local;
  return r;
}

void restore_snapshot_destroy(struct restore_snapshot *r) {
  if (!r) return;
  stop_topic(r);
  buffer_fini(&r->local.bytes);
  buffer_fini(&r->topic.bytes);
  memory_free(r);
}
