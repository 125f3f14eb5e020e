/* suite_run.c: one test on a task of its own.
 *
 * Events become records in the form that the definition's `events` read: lead, time, id and name go where the first source of each
 * says. They are applied in the order of their times. A probe looks into a copy of the task, so that looking changes nothing:
 * at the probe's time, before the first event that is later. */
#include <stdio.h>
#include <stdlib.h>

#include "../producer/encode.h"
#include "engine/memory.h"
#include "lane.h"
#include "suite.h"

struct sent { /* an event of the test, repeats being events of their own */
  const cJSON *event;
  int64_t time_ms;
  int32_t order, repetition;
};

struct run {
  struct suite *suite;
  struct suite_result *result;
  struct suite_coverage *coverage;
  const cJSON *test;
  const char *lead;
  int64_t start_ms, offset;
  struct lane *lane;
  const cJSON *probe;  /* the next one */
  const char *fixture; /* its path, while it is sent */
  int line;            /* of it */
  struct sent *sent;
  int32_t sent_count;
};

static const char *text_of(const cJSON *object, const char *name, const char *otherwise) {
  const cJSON *node = cJSON_GetObjectItemCaseSensitive(object, name);
  return cJSON_IsString(node) ? node->valuestring : otherwise;
}

/* What came out, in the words of `expect` */

static void add_text(cJSON *object, const char *name, struct slice text) {
  struct buffer copy = {0};
  buffer_append(&copy, text.at, text.length);
  buffer_append(&copy, "", 1);
  if (text.at) cJSON_AddStringToObject(object, name, copy.at);
  else cJSON_AddNullToObject(object, name);
  buffer_fini(&copy);
}

static void add_time(cJSON *object, const char *name, int64_t time_ms) {
  struct buffer text = {0};
  time_append(&text, time_ms);
  add_text(object, name, (struct slice){text.at, (uint32_t)text.length});
  buffer_fini(&text);
}

static void add_scores(cJSON *object, const struct definition *d, const int64_t *scores) {
  cJSON *to = cJSON_AddObjectToObject(object, "scores");
  for (int32_t i = 0; i < d->score_count; i++) {
    struct buffer points = {0};
    json_append_points(&points, scores[i]);
    double number = 0;
    json_number((struct slice){points.at, (uint32_t)points.length}, &number);
    struct buffer name = {0};
    buffer_append(&name, d->scores[i].name.at, d->scores[i].name.length);
    buffer_append(&name, "", 1);
    cJSON_AddNumberToObject(to, name.at, number);
    buffer_fini(&name);
    buffer_fini(&points);
  }
}

static void add_criteria(struct run *run, cJSON *object, const struct definition *d, const bool *criteria) {
  cJSON *met = cJSON_AddArrayToObject(object, "met"), *missing = cJSON_AddArrayToObject(object, "missing");
  for (int32_t i = 0; i < d->criterion_count; i++) {
    cJSON *holder = cJSON_CreateObject();
    add_text(holder, "name", d->criteria[i].name);
    cJSON_AddItemToArray(criteria[i] ? met : missing, cJSON_DetachItemFromObject(holder, "name"));
    cJSON_Delete(holder);
    (criteria[i] ? run->coverage->met : run->coverage->missing)[i] = true;
  }
}

static void cover(struct suite_coverage *coverage, const struct change *change) {
  coverage->stages[change->from] = true;
  coverage->stages[change->to] = true;
  if (change->move != NONE) coverage->moves[change->move] = true;
  if (change->type == CHANGE_BREACH) coverage->slas[change->sla] = true;
  for (int32_t i = 0; i < change->definition->route_count; i++)
    if (change->queue.at && slice_equal(change->queue, change->definition->routes[i].queue)) coverage->routes[i] = true;
  for (int32_t i = 0; i < change->contribution_count; i++)
    coverage->rules[change->contributions[i].score][change->contributions[i].rule] = true;
}

static void on_change(void *context, const struct change *change) {
  struct run *run = context;
  const struct definition *d = change->definition;
  cJSON *got = cJSON_CreateObject();
  cJSON_AddItemToArray(run->result->got, got);
  add_time(got, "at", change->time_ms);
  add_text(got, "lead", change->lead);
  if (change->type == CHANGE_BREACH) {
    add_text(got, "breach", d->slas[change->sla].name);
  } else {
    add_text(got, "from", d->stages[change->from].name);
    add_text(got, "to", d->stages[change->to].name);
    add_text(got, "move", change->move == NONE ? (struct slice){0} : d->moves[change->move].name);
    add_text(got, "reason", change->has_reason ? change->reason : (struct slice){0});
    add_criteria(run, got, d, change->criteria);
  }
  cJSON_AddStringToObject(got, "cause", suite_causes[change->cause]);
  add_text(got, "queue", change->queue);
  add_text(got, "assignee", change->assignee);
  add_scores(got, d, change->scores);
  cover(run->coverage, change);
}

static void on_dead_letter(void *context, const struct record *record, enum reject reject, const char *detail) {
  struct run *run = context;
  run->result->failed = true;
  if (run->fixture) buffer_printf(&run->result->why, "%s:%d: ", run->fixture, run->line);
  buffer_printf(&run->result->why, "an event could not be used: %s: %s\n    ", reject_name(reject), detail);
  buffer_append(&run->result->why, record->payload.at, record->payload.length);
  buffer_append_text(&run->result->why, "\n");
}

/* Records */

static void apply(struct run *run, struct slice payload, const char *key, int64_t time_ms) {
  struct record record = {.payload = payload,
                          .key = key ? slice_of(key) : (struct slice){0},
                          .timestamp_ms = time_ms,
                          .position = {SLICE("test"), 0, run->offset++}};
  lane_apply(run->lane, &record, 1);
}

/* Puts the value where the source's pointer says, with objects on the way; what stands there already stays. */
static void put(cJSON *payload, const struct definition *d, const struct sources *sources, const char *value) {
  if (!sources->count || sources->at[0].kind != SOURCE_FIELD || !value) return;
  const struct field *field = &d->fields[sources->at[0].field];
  cJSON *at = payload;
  for (int32_t i = 0; i < field->token_count; i++) {
    struct buffer name = {0};
    buffer_append(&name, field->tokens[i].at, field->tokens[i].length);
    buffer_append(&name, "", 1);
    cJSON *next = cJSON_GetObjectItemCaseSensitive(at, name.at);
    bool last = i == field->token_count - 1;
    if (!next && last) cJSON_AddStringToObject(at, name.at, value);
    if (!next && !last) next = cJSON_AddObjectToObject(at, name.at);
    buffer_fini(&name);
    if (last || !cJSON_IsObject(next)) return;
    at = next;
  }
}

static void copy_member(cJSON *payload, const cJSON *event, const char *name) {
  const cJSON *node = cJSON_GetObjectItemCaseSensitive(event, name);
  if (node) cJSON_AddItemToObject(payload, name, cJSON_Duplicate(node, true));
}

static cJSON *payload_of(const struct run *run, const struct sent *sent, const char *lead) {
  const struct definition *d = run->suite->definition;
  const cJSON *with = cJSON_GetObjectItemCaseSensitive(sent->event, "with");
  cJSON *payload = with ? cJSON_Duplicate(with, true) : cJSON_CreateObject();
  struct buffer text = {0};
  time_append(&text, sent->time_ms);
  buffer_append(&text, "", 1);
  copy_member(payload, sent->event, "traits");
  copy_member(payload, sent->event, "properties");
  put(payload, d, &d->lead, lead);
  put(payload, d, &d->time, text.at);
  text.length = 0;
  buffer_append_text(&text, text_of(sent->event, "id", ""));
  if (text.length && sent->repetition) buffer_printf(&text, "-%d", sent->repetition + 1);
  if (!text.length) buffer_printf(&text, "test-%d-%d", sent->order + 1, sent->repetition + 1);
  buffer_append(&text, "", 1);
  put(payload, d, &d->id, text.at);
  put(payload, d, &d->event_name, text_of(sent->event, "name", "identify"));
  buffer_fini(&text);
  return payload;
}

static void send_event(struct run *run, const struct sent *sent) {
  const char *lead = text_of(sent->event, "lead", run->lead);
  cJSON *payload = payload_of(run, sent, lead);
  char *text = cJSON_PrintUnformatted(payload);
  if (!text) abort();
  apply(run, slice_of(text), lead, sent->time_ms);
  cJSON_free(text);
  cJSON_Delete(payload);
}

static int by_time(const void *a, const void *b) {
  const struct sent *x = a, *y = b;
  if (x->time_ms != y->time_ms) return x->time_ms < y->time_ms ? -1 : 1;
  if (x->order != y->order) return x->order < y->order ? -1 : 1;
  return (x->repetition > y->repetition) - (x->repetition < y->repetition);
}

static void gather(struct run *run) {
  const cJSON *event;
  int32_t order = 0, room = 0;
  cJSON_ArrayForEach(event, cJSON_GetObjectItemCaseSensitive(run->test, "events")) {
    const cJSON *repeat = cJSON_GetObjectItemCaseSensitive(event, "repeat");
    int32_t times = repeat ? (int32_t)repeat->valuedouble : 1;
    int64_t time_ms = 0, every_ms = 0;
    suite_time(cJSON_GetObjectItemCaseSensitive(event, "at"), run->start_ms, &time_ms);
    if (repeat) suite_duration(text_of(event, "every", ""), &every_ms);
    room += times;
    run->sent = memory_grown(run->sent, (size_t)room * sizeof *run->sent);
    for (int32_t i = 0; i < times; i++)
      run->sent[run->sent_count++] = (struct sent){event, time_ms + i * every_ms, order, i};
    order++;
  }
  if (run->sent_count) qsort(run->sent, (size_t)run->sent_count, sizeof *run->sent, by_time);
}

/* Probes */

static void append_state(void *context, const void *bytes, size_t length) { buffer_append(context, bytes, length); }

static void ignore_change(void *context, const struct change *change) {
  (void)context;
  (void)change;
}

static void probe(struct run *run, const cJSON *wanted, int64_t time_ms) {
  const struct definition *d = run->suite->definition;
  const char *lead = text_of(wanted, "lead", run->lead);
  struct buffer state = {0};
  struct lead_sight sight;
  task_save(lane_task(run->lane), append_state, &state);
  struct task *copy = task_create(0, ignore_change, NULL);
  task_know(copy, d);
  if (!task_load(copy, state.at, state.length)) abort(); /* it has just been saved */
  task_mark(copy, time_ms);
  cJSON *got = cJSON_CreateObject();
  add_time(got, "at", time_ms);
  cJSON_AddStringToObject(got, "lead", lead);
  if (task_look(copy, slice_of(lead), time_ms, &sight)) {
    add_text(got, "stage", d->stages[sight.stage].name);
    add_scores(got, d, sight.scores);
    add_criteria(run, got, d, sight.criteria);
    run->coverage->stages[sight.stage] = true;
  } else cJSON_AddNullToObject(got, "stage");
  cJSON_AddItemToArray(run->result->seen, got);
  suite_add_pair(&run->result->probes, wanted, got);
  task_destroy(copy);
  buffer_fini(&state);
}

/* Takes the probes, in their order, that come before an event of `time_ms`. */
static void probe_before(struct run *run, int64_t time_ms) {
  for (; run->probe; run->probe = run->probe->next) {
    int64_t at_ms = 0;
    suite_time(cJSON_GetObjectItemCaseSensitive(run->probe, "at"), run->start_ms, &at_ms);
    if (at_ms >= time_ms) return;
    probe(run, run->probe, at_ms);
  }
}

/* The run */

static void send_fixture(struct run *run) {
  const char *name = text_of(run->test, "fixture", NULL);
  if (!name) return;
  size_t length = 0;
  char *path = suite_beside(run->suite->path, name), *text = suite_file(path, &length);
  if (!text) { /* it was there when the tests were read */
    run->result->failed = true;
    buffer_printf(&run->result->why, "%s: cannot be read, or has more than 1 MiB\n", path);
  }
  run->fixture = path;
  for (size_t from = 0; text && from < length;) {
    const char *end = memchr(text + from, '\n', length - from);
    size_t line = end ? (size_t)(end - text) - from : length - from;
    run->line++;
    if (line) apply(run, (struct slice){text + from, (uint32_t)line}, NULL, TIME_NONE);
    from += line + 1;
  }
  run->fixture = NULL;
  memory_free(text);
  memory_free(path);
}

static void judge_all(const struct run *run) {
  struct suite_result *result = run->result;
  suite_judge_changes(run->suite, result);
  for (int32_t i = 0; i < result->probes.count; i++) suite_judge_probe(run->suite, result->probes.at[i], result);
  suite_judge_end(run->suite, result);
}

static void let_events_pass(struct run *run) {
  int64_t until_ms;
  send_fixture(run);
  gather(run);
  for (int32_t i = 0; i < run->sent_count; i++) {
    probe_before(run, run->sent[i].time_ms);
    send_event(run, &run->sent[i]);
  }
  const cJSON *until = cJSON_GetObjectItemCaseSensitive(run->test, "until");
  if (until && suite_time(until, run->start_ms, &until_ms)) {
    probe_before(run, until_ms);
    lane_mark(run->lane, until_ms);
  }
  probe_before(run, INT64_MAX);
}

void suite_run(struct suite *suite, const cJSON *test, struct suite_result *result, struct suite_coverage *coverage) {
  const cJSON *root = suite->document.root, *probes = cJSON_GetObjectItemCaseSensitive(test, "probes");
  *result = (struct suite_result){.test = test, .name = text_of(test, "name", ""), .line = suite_line(suite, test)};
  result->got = cJSON_CreateArray();
  result->seen = cJSON_CreateArray();
  struct run run = {.suite = suite, .result = result, .coverage = coverage, .test = test};
  run.lead = text_of(test, "lead", text_of(root, "lead", "lead-1"));
  run.probe = probes ? probes->child : NULL;
  time_parse(slice_of(text_of(test, "start", text_of(root, "start", ""))), &run.start_ms);
  result->lead = run.lead;
  result->start_ms = run.start_ms;
  struct sink sink = {&run, on_change, on_dead_letter};
  const struct definition *definition = suite->definition;
  run.lane = lane_create(0, &definition, 1, &sink, LIMIT_EVENT);
  let_events_pass(&run);
  judge_all(&run);
  lane_destroy(run.lane);
  memory_free(run.sent);
}

void suite_result_fini(struct suite_result *result) {
  buffer_fini(&result->why);
  cJSON_Delete(result->got);
  cJSON_Delete(result->seen);
  memory_free(result->changes.at);
  memory_free(result->probes.at);
}
