/* check.c: what was committed, against the oracle. The journal is read here by hand: it says in which order the inputs were read. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker.h"
#include "consumer/engine/task.h"
#include "consumer/snapshot.h"
#include "oracle.h"
#include "world.h"

struct check {
  const struct plan *plan;
  int32_t partition;
  struct oracle *oracle;
  const struct planned_event *events[TOPIC_CHANGES][PLAN_EVENTS]; /* of this partition, by input and offset */
  int64_t next[TOPIC_CHANGES];
  const struct planned_event *letters[PLAN_EVENTS];
  enum topic letter_topics[PLAN_EVENTS];
  int32_t letter_count;
  const struct oracle_text *last; /* of what was published before this record of the journal */
};

/* --- a record of the journal --- */

static const char *expect(const char *at, const char *text) {
  if (strncmp(at, text, strlen(text)) != 0) machine_fail("journal: \"%.60s\" where \"%s\" is wanted", at, text);
  return at + strlen(text);
}

static const char *number(const char *at, int64_t *value) {
  for (*value = 0; *at >= '0' && *at <= '9'; at++) *value = 10 * *value + (*at - '0');
  return at;
}

static void take_record(struct check *c, enum topic topic) {
  int64_t offset = c->next[topic]++;
  const struct planned_event *e = offset < PLAN_EVENTS ? c->events[topic][offset] : NULL;
  if (!e)
    machine_fail("partition %d: the journal has a record %" PRId64 " of %s, which is not there", (int)c->partition,
                 offset, topic_names[topic]);
  if (e->event.good) {
    oracle_event(c->oracle, topic_names[topic], offset, &e->event);
  } else {
    c->letter_topics[c->letter_count] = topic;
    c->letters[c->letter_count++] = e;
  }
}

static const char *take_run(struct check *c, const char *at) {
  int64_t begin, count;
  enum topic topic = strncmp(at, "first\"", 6) == 0 ? TOPIC_FIRST : TOPIC_SECOND;
  at = number(expect(strchr(at, '"') + 1, ","), &begin);
  at = expect(number(expect(at, ","), &count), "]");
  if (begin != c->next[topic])
    machine_fail("partition %d: the journal goes on with %s at %" PRId64 ", not at %" PRId64, (int)c->partition,
                 topic_names[topic], begin, c->next[topic]);
  for (int64_t i = 0; i < count; i++) take_record(c, topic);
  return at;
}

static const char *take_entry(struct check *c, const char *at) {
  int64_t value;
  if (strncmp(at, "[\"", 2) == 0) return take_run(c, at + 2);
  if (strncmp(at, "{\"clock\":", 9) == 0) {
    at = number(at + 9, &value);
    oracle_mark(c->oracle, value);
    return expect(at, "}");
  }
  at = number(expect(at, "{\"definition\":"), &value);
  oracle_know(c->oracle, (int32_t)value);
  return strchr(at, '}') + 1;
}

static int64_t published(const struct check *c) {
  int64_t count = 0;
  for (const struct oracle_text *t = oracle_published(c->oracle); t; t = t->next) count++;
  return count;
}

static void take_journal(struct check *c, const struct record_in *record, int64_t sequence) {
  char *text = arena_copy(record->value, record->value_length); /* with an end */
  const char *at = expect(text, arena_format("{\"journal\":2,\"partition\":%d,\"sequence\":%" PRId64 ",\"entries\":[",
                                             (int)c->partition, sequence));
  int64_t before = published(c), letters_before = c->letter_count, count;
  for (; *at != ']'; at += *at == ',') at = take_entry(c, at);
  at = number(expect(strstr(at, ",\"published\""), ",\"published\":"), &count);
  if (count != published(c) - before)
    machine_fail("partition %d: record %" PRId64 " of the journal says that %" PRId64 " were published, not %" PRId64,
                 (int)c->partition, sequence, count, published(c) - before);
  number(expect(at, ",\"dead_letters\":"), &count);
  if (count != c->letter_count - letters_before)
    machine_fail("partition %d: record %" PRId64 " of the journal says that %" PRId64 " were dead letters",
                 (int)c->partition, sequence, count);
}

/* --- what is in the topics --- */

static void compare_changes(const struct check *c) {
  const struct log *log = broker_log(TOPIC_CHANGES, c->partition);
  const struct oracle_text *wanted = oracle_published(c->oracle);
  const struct record_in *record;
  for (int32_t at = 0; at = log_next(log, at, true, &record), record; at++, wanted = wanted->next) {
    if (!wanted)
      machine_fail("partition %d: more was published: %.*s", (int)c->partition, (int)record->value_length,
                   record->value);
    if (record->value_length == wanted->length && memcmp(record->value, wanted->bytes, wanted->length) == 0) continue;
    machine_fail("partition %d: published:\n%.*s\nwanted:\n%.*s", (int)c->partition, (int)record->value_length,
                 record->value, (int)wanted->length, wanted->bytes);
  }
  if (wanted)
    machine_fail("partition %d: this was not published: %.*s", (int)c->partition, (int)wanted->length, wanted->bytes);
}

static void compare_letters(const struct check *c) {
  const struct log *log = broker_log(TOPIC_LETTERS, c->partition);
  const struct record_in *record;
  int32_t count = 0;
  for (int32_t at = 0; at = log_next(log, at, true, &record), record; at++, count++) {
    if (count == c->letter_count)
      machine_fail("partition %d: more dead letters than there should be", (int)c->partition);
    const struct planned_event *e = c->letters[count];
    bool same = record->timestamp_ms == e->event.timestamp_ms && record->key_length == strlen(e->event.lead) &&
                memcmp(record->key, e->event.lead, record->key_length) == 0;
    if (!same) machine_fail("partition %d: dead letter %d is another one", (int)c->partition, (int)count);
  }
  if (count != c->letter_count)
    machine_fail("partition %d: %d dead letters, not %d", (int)c->partition, (int)count, (int)c->letter_count);
}

static void compare_offsets(const struct check *c) {
  for (int32_t input = 0; input < c->plan->inputs; input++) {
    int64_t end = broker_log((enum topic)input, c->partition)->count, offset = -1;
    if (!broker_committed((enum topic)input, c->partition, &offset)) machine_fail("a transaction is open at the end");
    if (c->next[input] == end && (end == 0 || offset == end)) continue;
    machine_fail("partition %d: %s ends at %" PRId64 ", the journal at %" PRId64 ", the group at %" PRId64,
                 (int)c->partition, topic_names[input], end, c->next[input], offset);
  }
}

static void check_partition(const struct plan *plan, int32_t partition) {
  struct check *c = arena_zeroed(sizeof *c);
  int32_t counts[TOPIC_CHANGES] = {0};
  int64_t sequence = 0;
  c->plan = plan;
  c->partition = partition;
  c->oracle = oracle_create(partition, plan->versions);
  for (int32_t i = 0; i < plan->event_limit; i++) {
    const struct planned_event *e = &plan->events[i];
    if (e->partition == partition) c->events[e->input][counts[e->input]++] = e;
  }
  const struct log *log = broker_log(TOPIC_JOURNAL, partition);
  const struct record_in *record;
  for (int32_t at = 0; at = log_next(log, at, true, &record), record; at++) take_journal(c, record, sequence++);
  compare_changes(c);
  compare_letters(c);
  compare_offsets(c);
}

void check_topics(const struct plan *plan) {
  for (int32_t p = 0; p < plan->partitions; p++) check_partition(plan, p);
}

/* --- states --- */

/* Leads may lie in another order. */
static void digest(const struct snapshot_state *state, uint64_t counts[256]) {
  memset(counts, 0, 256 * sizeof *counts);
  for (size_t i = 0; i < state->length; i++) counts[(unsigned char)state->at[i]]++;
}

bool check_states(int32_t partition, const char *bytes, size_t length, const char *others, size_t other_length) {
  struct snapshot_head *one = arena_zeroed(sizeof *one), *other = arena_zeroed(sizeof *other);
  struct snapshot_state state, other_state;
  uint64_t counts[2][256];
  char why[SNAPSHOT_WHY];
  if (!snapshot_decode(bytes, length, one, &state, why, sizeof why))
    machine_fail("partition %d: the last snapshot: %s", (int)partition, why);
  if (!snapshot_decode(others, other_length, other, &other_state, why, sizeof why)) return false; /* torn */
  if (one->sequence != other->sequence) return false;
  if (memcmp(one->chain, other->chain, sizeof one->chain) != 0)
    machine_fail("partition %d: a snapshot has another chain", (int)partition);
  digest(&state, counts[0]);
  digest(&other_state, counts[1]);
  if (state.length != other_state.length || memcmp(counts[0], counts[1], sizeof counts[0]) != 0)
    machine_fail("partition %d: the state that was kept is not that which follows from the log", (int)partition);
  machine_say("partition %d: the state that was kept is that of the log", (int)partition);
  return true;
}
