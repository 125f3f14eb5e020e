/* report_log.c: an event's names become numbers, its id is looked for, and a fact is kept. */
#include "report_log.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/memory.h"

enum { ROOM_FIRST = 1024, FACTS_MOST = INT32_MAX };

struct report_log *report_log_create(enum report_by by, struct slice attribute, struct slice amount) {
  struct report_log *log = memory_zeroed(1, sizeof *log);
  log->by = by;
  log->has_amounts = amount.length > 0;
  log->reader = report_reader_create(attribute, amount);
  report_texts_init(&log->leads);
  report_texts_init(&log->topics);
  report_texts_init(&log->texts);
  log->id_mask = 2 * ROOM_FIRST - 1;
  log->ids = memory_zeroed(log->id_mask + 1, sizeof *log->ids);
  log->first_ms = log->last_ms = TIME_NONE;
  if (log->has_amounts) log->amount = report_texts_number(&log->texts, amount);
  return log;
}

void report_log_destroy(struct report_log *log) {
  if (!log) return;
  report_reader_destroy(log->reader);
  report_texts_fini(&log->leads);
  report_texts_fini(&log->topics);
  report_texts_fini(&log->texts);
  memory_free(log->facts);
  memory_free(log->ids);
  memory_free(log->promises);
  memory_free(log->reasons);
  memory_free(log->unseen);
  memory_free(log->topic_order);
  memory_free(log);
}

/* --- names --- */

int report_log_stage(struct report_log *log, struct slice name) {
  uint32_t text = report_texts_number(&log->texts, name);
  for (int i = 0; i < log->stage_count; i++) {
    if (log->stages[i].name == text) return i;
  }
  if (log->stage_count == REPORT_STAGES) return NONE;
  log->stages[log->stage_count] = (struct report_stage){.name = text, .owner_ms = TIME_NONE, .first_ms = INT64_MAX};
  return log->stage_count++;
}

int report_log_sla(struct report_log *log, struct slice name, int stage) {
  uint32_t text = report_texts_number(&log->texts, name);
  for (int i = 0; i < log->sla_count; i++) {
    if (log->slas[i].name == text && log->slas[i].stage == stage) return i;
  }
  if (log->sla_count == REPORT_SLAS) return NONE;
  log->slas[log->sla_count] = (struct report_sla){text, (uint8_t)stage};
  return log->sla_count++;
}

static int version_of(struct report_log *log, const struct report_event *event) {
  struct report_version version = {report_texts_number(&log->texts, event->version),
                                   report_texts_number(&log->texts, event->digest), event->agreed};
  for (int i = log->version_count - 1; i >= 0; i--) {
    const struct report_version *known = &log->versions[i];
    if (known->number == version.number && known->digest == version.digest && known->agreed == version.agreed) return i;
  }
  if (log->version_count == REPORT_VERSIONS) return NONE;
  log->versions[log->version_count] = version;
  return log->version_count++;
}

static uint32_t value_of(struct report_log *log, const struct report_event *event) {
  switch (log->by) {
    case REPORT_BY_MEMBER: return report_texts_number(&log->texts, event->member);
    case REPORT_BY_QUEUE: return report_texts_number(&log->texts, event->queue);
    case REPORT_BY_VERSION: return report_texts_number(&log->texts, event->version);
    case REPORT_BY_ATTRIBUTE: return report_texts_number(&log->texts, event->attribute);
    case REPORT_BY_NOTHING:
    case REPORT_BY_OWNER: break; /* the owner is the stage's */
  }
  return 0;
}

static int64_t amount_of(struct report_log *log, const struct report_event *event) {
  int64_t amount = MONEY_NONE;
  if (log->has_amounts && event->amount.at && !money_parse(event->amount, &amount)) log->amounts_cut++;
  return amount;
}

/* --- ids --- */

static uint32_t id_hash(const struct report_fact *fact) {
  uint64_t hash = table_mix((uint64_t)fact->topic << 32 | fact->n, (uint64_t)fact->offset);
  return (uint32_t)table_mix(hash, (uint32_t)fact->partition);
}

static bool same_id(const struct report_fact *a, const struct report_fact *b) {
  return a->offset == b->offset && a->partition == b->partition && a->n == b->n && a->topic == b->topic;
}

/* Where the fact's number stands in `ids`, or would. */
static uint32_t *id_place(const struct report_log *log, const struct report_fact *fact) {
  for (uint32_t i = id_hash(fact) & log->id_mask;; i = (i + 1) & log->id_mask) {
    if (!log->ids[i] || same_id(&log->facts[log->ids[i] - 1], fact)) return &log->ids[i];
  }
}

static void ids_grow(struct report_log *log) {
  memory_free(log->ids);
  log->id_mask = log->id_mask * 2 + 1;
  log->ids = memory_zeroed((size_t)log->id_mask + 1, sizeof *log->ids);
  for (uint32_t i = 0; i < log->fact_count; i++) *id_place(log, &log->facts[i]) = i + 1;
}

static void fact_keep(struct report_log *log, const struct report_fact *fact) {
  if (log->fact_count == log->fact_room) {
    log->fact_room = log->fact_room ? log->fact_room * 2 : ROOM_FIRST;
    log->facts = memory_grown(log->facts, log->fact_room * sizeof *log->facts);
  }
  log->facts[log->fact_count++] = *fact;
  if (log->fact_count > (log->id_mask + 1) / 2) ids_grow(log);
  else *id_place(log, fact) = log->fact_count;
}

/* --- what an event says of stages --- */

/* The latest word counts; of words of one moment the greatest, so that the order of reading does not matter. */
static void say_owner(struct report_log *log, int stage, const struct report_event *event) {
  struct report_stage *known = &log->stages[stage];
  int order = known->owner ? slice_compare(report_text(log, known->owner), event->owner) : -1;
  if (event->time_ms < known->owner_ms || (event->time_ms == known->owner_ms && order >= 0)) return;
  known->owner_ms = event->time_ms;
  known->owner = report_texts_number(&log->texts, event->owner);
}

static void say_above(struct report_log *log, int low, int high) {
  if (low != high) log->stages[low].above |= UINT64_C(1) << high;
}

/* The rungs that were skipped, one above the other; a climb is one rung up; so is `next`. */
static bool say_ladder(struct report_log *log, const struct report_event *event, struct report_fact *fact) {
  int low = fact->from;
  for (int i = 0; i < event->skipped_count; i++) {
    int stage = report_log_stage(log, event->skipped[i]);
    if (stage == NONE) return false;
    fact->skipped |= UINT64_C(1) << stage;
    say_above(log, low, stage);
    low = stage;
  }
  if (event->skipped_count > 0 || !event->move.at) say_above(log, low, fact->to);
  if (!event->next.at) return true;
  int next = report_log_stage(log, event->next);
  if (next == NONE) return false;
  say_above(log, fact->to, next);
  return true;
}

static void say_first(struct report_log *log, int stage, int64_t time_ms) {
  if (time_ms < log->stages[stage].first_ms) log->stages[stage].first_ms = time_ms;
}

/* --- taking --- */

static bool take_dues(struct report_log *log, const struct report_event *event, struct report_fact *fact) {
  fact->due = log->promise_count;
  fact->due_count = (uint16_t)event->due_count;
  for (int i = 0; i < event->due_count; i++) {
    int sla = report_log_sla(log, event->due[i].sla, fact->to);
    if (sla == NONE) return false;
    if (log->promise_count == log->promise_room) {
      log->promise_room = log->promise_room ? log->promise_room * 2 : ROOM_FIRST;
      log->promises = memory_grown(log->promises, log->promise_room * sizeof *log->promises);
    }
    log->promises[log->promise_count++] = (struct report_promise){event->due[i].by_ms, (uint32_t)sla};
  }
  return true;
}

/* False: more names than there is room for. */
static bool take_names(struct report_log *log, const struct report_event *event, struct report_fact *fact) {
  bool change = event->kind == REPORT_CHANGE;
  int from = report_log_stage(log, event->from), to = change ? report_log_stage(log, event->to) : from;
  int version = version_of(log, event);
  if (from == NONE || to == NONE || version == NONE) return false;
  fact->from = (uint8_t)from;
  fact->to = (uint8_t)to;
  fact->version = (uint16_t)version;
  fact->lead = report_texts_number(&log->leads, event->lead);
  fact->move = report_texts_number(&log->texts, event->move);
  fact->reason = report_texts_number(&log->texts, event->reason);
  fact->queue = report_texts_number(&log->texts, event->queue);
  fact->member = report_texts_number(&log->texts, event->member);
  fact->value = value_of(log, event);
  fact->amount = amount_of(log, event);
  say_owner(log, to, event);
  say_first(log, from, fact->since_ms);
  if (change) {
    say_first(log, to, fact->time_ms);
    return say_ladder(log, event, fact) && take_dues(log, event, fact);
  }
  int sla = report_log_sla(log, event->sla, from);
  fact->sla = (uint16_t)sla;
  return sla != NONE;
}

static bool refuse(char *why, const char *text) {
  snprintf(why, REPORT_WHY, "%s", text);
  return false;
}

static bool take_definition(struct report_log *log, struct slice name, char *why) {
  uint32_t text = report_texts_number(&log->texts, name);
  if (!log->definition) log->definition = text;
  return text == log->definition ||
         refuse(why, "was decided by another definition than those before: one definition makes one report");
}

bool report_log_take(struct report_log *log, struct slice bytes, char *why) {
  struct report_event event;
  enum report_reading reading = report_reader_read(log->reader, bytes, &event, why);
  if (reading == REPORT_OTHER) log->others++;
  if (reading != REPORT_READ) return reading == REPORT_OTHER;
  if (!take_definition(log, event.definition, why)) return false;
  struct report_fact fact = {.time_ms = event.time_ms,
                             .since_ms = event.since_ms,
                             .offset = event.offset,
                             .partition = event.partition,
                             .n = event.n,
                             .topic = report_texts_number(&log->topics, event.topic),
                             .kind = (uint8_t)event.kind};
  if (*id_place(log, &fact)) {
    log->duplicates++;
    return true;
  }
  if (log->fact_count == FACTS_MOST) return refuse(why, "more than 2147483647 events");
  if (!take_names(log, &event, &fact))
    return refuse(why, "more than 64 stages, 1024 SLAs or 4096 versions of the definition");
  if (log->first_ms == TIME_NONE || fact.time_ms < log->first_ms) log->first_ms = fact.time_ms;
  if (fact.time_ms > log->last_ms) log->last_ms = fact.time_ms;
  fact_keep(log, &fact);
  return true;
}

void report_log_dead_letter(struct report_log *log, struct slice reason) {
  uint32_t name = report_texts_number(&log->texts, reason);
  uint32_t i = 0;
  log->dead_letters++;
  while (i < log->reason_count && log->reasons[i].name != name) i++;
  if (i == log->reason_count) {
    log->reasons = memory_grown(log->reasons, (i + 1) * sizeof *log->reasons);
    log->reasons[log->reason_count++] = (struct report_reason){name, 0};
  }
  log->reasons[i].count++;
}

void report_log_unseen(struct report_log *log, struct slice topic, int32_t partition, int64_t first) {
  log->unseen = memory_grown(log->unseen, (log->unseen_count + 1) * sizeof *log->unseen);
  log->unseen[log->unseen_count++] = (struct report_unseen){report_texts_number(&log->texts, topic), partition, first};
}

/* --- the end --- */

static int by_bytes(const void *a, const void *b) {
  return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

static void sort_reasons(struct report_log *log) {
  for (uint32_t i = 1; i < log->reason_count; i++) {
    struct report_reason reason = log->reasons[i];
    uint32_t at = i;
    for (; at > 0 && slice_compare(report_text(log, log->reasons[at - 1].name), report_text(log, reason.name)) > 0;
         at--)
      log->reasons[at] = log->reasons[at - 1];
    log->reasons[at] = reason;
  }
}

void report_log_sort(struct report_log *log) {
  uint32_t count = log->topics.count;
  struct slice *sorted = memory_zeroed(count, sizeof *sorted);
  uint32_t *places = memory_zeroed(count, sizeof *places);
  memcpy(sorted, log->topics.at, count * sizeof *sorted);
  qsort(sorted + 1, count - 1, sizeof *sorted, by_bytes);
  for (uint32_t i = 1; i < count; i++) places[report_texts_number(&log->topics, sorted[i])] = i;
  for (uint32_t i = 0; i < log->fact_count; i++) log->facts[i].topic = places[log->facts[i].topic];
  memory_free(places);
  log->topic_order = sorted;
  sort_reasons(log);
}
