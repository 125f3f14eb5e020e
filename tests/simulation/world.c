/* world.c: see world.h.
 *
 *   feed, faults ─→ all are connected again, dead ones are started ─→ everything is committed, and quiet for a while ─→ all end
 *   ─→ the topics are judged ─→ a new instance without a snapshot takes all up from the log alone, and ends ─→ states are compared */
#include "world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/settings.h"
#include "consumer/daemon.h"
#include "consumer/engine/definition.h"
#include "consumer/log.h"
#include "group.h"

enum { WHY = 2000, LOOK_MS = 20, QUIET_MS = 250, PATIENCE_MS = 90000, FEW = 5, INSTANCES = 2 * PLAN_INSTANCES + 1 };

enum phase { PHASE_FEED, PHASE_DRAIN, PHASE_QUIET, PHASE_END, PHASE_JUDGE, PHASE_AGAIN, PHASE_AGAIN_END, PHASE_OVER };

struct instance {
  const char *name;
  struct host *host;
  struct process *process; /* NULL: it does not run */
  bool ending, retired;    /* it is asked to end; it is not started again */
  bool alone;              /* the one that takes all up from the log */
};

static struct {
  struct plan *plan;
  enum phase phase;
  struct instance instances[INSTANCES];
  int32_t instance_count, hosts;
  int32_t fed;
  int64_t since_ns;
  int32_t refused;  /* messages that are or will be */
  int32_t restored; /* tasks, by the one that is alone */
  int64_t ends[TOPIC_COUNT][PARTITIONS];
} world;

static struct definition *first;

/* --- an instance --- */

static void start_later(struct instance *instance, int64_t delay_ns);

static void configure(const struct instance *instance, struct settings *settings) {
  const struct plan *plan = world.plan;
  char texts[12][64];
  struct settings_override given[12];
  int count = 0;
  snprintf(texts[count++], 64, "bootstrap=simulated:1");
  snprintf(texts[count++], 64, "inputs=%s", plan->inputs == 2 ? "first,second" : "first");
  snprintf(texts[count++], 64, "stage_changes=changes");
  snprintf(texts[count++], 64, "dead_letters=letters");
  snprintf(texts[count++], 64, "state=state");
  snprintf(texts[count++], 64, "journal=journal");
  snprintf(texts[count++], 64, "definitions_topic=definitions");
  snprintf(texts[count++], 64, "instance=%s", instance->name);
  snprintf(texts[count++], 64, "state_dir=%s", host_folder(instance->host));
  snprintf(texts[count++], 64, "threads=%d", (int)plan->threads);
  snprintf(texts[count++], 64, "draft=true");
  snprintf(texts[count++], 64, "journal_inputs=%s", plan->sha256 ? "sha256" : "xxh3");
  for (int i = 0; i < count; i++) given[i] = (struct settings_override){texts[i], false};
  struct problems problems = {0};
  if (!settings_parse(settings, NULL, 0, given, (size_t)count, &problems))
    machine_fail("settings: %s: %s", problems.at[0].pointer, problems.at[0].message);
  problems_fini(&problems);
  settings->commit_interval_ms = plan->commit_interval_ms; /* shorter than anybody may set it */
  settings->snapshot_records = plan->snapshot_records;
  settings->snapshot_interval_ms = plan->snapshot_interval_ms;
  *settings->http = 0;
}

static void run_daemon(struct instance *instance, const struct settings *settings, struct catalog *catalog) {
  const struct daemon_order order = {
      .settings = settings, .catalog = catalog, .wall_clock = !instance->alone, .follows = true};
  char why[WHY] = "";
  struct daemon *daemon = daemon_start(&order, why, sizeof why);
  if (!daemon) {
    machine_say("not started: %s", why);
    return;
  }
  while (!daemon_failed(daemon) && !instance->ending) {
    machine_step();
    machine_sleep(LOOK_MS * MS);
    daemon_look(daemon);
  }
  machine_say("instance %s ends", instance->name);
  daemon_stop(daemon);
}

/* What a process took it has to give back. */
static void *run(void *context) {
  struct instance *instance = context;
  struct process *process = process_current();
  struct settings settings;
  char why[WHY];
  struct catalog *catalog = catalog_create();
  configure(instance, &settings);
  catalog_add(catalog, first, why, sizeof why);
  run_daemon(instance, &settings, catalog);
  catalog_destroy(catalog);
  settings_fini(&settings);
  if (process->allocated != 0) machine_fail("a process ends and %d pieces of memory are left", (int)process->allocated);
  instance->process = NULL;
  if (!instance->ending) start_later(instance, 50 * MS);
  process_kill(process);
  return NULL;
}

static void start(void *context, int64_t argument) {
  struct instance *instance = context;
  (void)argument;
  if (instance->process || instance->retired || (world.phase >= PHASE_END && !instance->alone)) return;
  instance->ending = false;
  instance->process = process_start((int32_t)(instance - world.instances), instance->host, run, instance);
  machine_say("instance %s starts as process %d", instance->name, (int)instance->process->number);
}

static void start_later(struct instance *instance, int64_t delay_ns) { machine_after(delay_ns, start, instance, 0); }

static struct instance *instance_add(const char *name) {
  if (world.instance_count == INSTANCES) machine_fail("too many instances");
  struct instance *instance = &world.instances[world.instance_count++];
  instance->name = name;
  instance->host = host_create(++world.hosts);
  return instance;
}

/* --- what the daemon's log says --- */

/* Something of these was said and must not be: the log of a task contradicts itself, or nothing can be committed any more. */
static bool is_refusal(const char *message) {
  return strncmp(message, "partition ", 10) == 0 || (strstr(message, "transactions in a row") && world.refused < FEW) ||
         strstr(message, " is gone") || strstr(message, "more partitions");
}

static void say_fields(const char *event, const char *message, size_t count, const struct log_field *fields) {
  char text[WHY];
  int length = snprintf(text, sizeof text, "%s: %s", event, message ? message : "");
  for (size_t i = 0; i < count && length < WHY - 200; i++) {
    if (!fields[i].name) continue;
    length += fields[i].text ? snprintf(text + length, 200, ", %s %.100s", fields[i].name, fields[i].text)
                             : snprintf(text + length, 200, ", %s %" PRId64, fields[i].name, fields[i].number);
  }
  machine_say("%s", text);
}

void log_write(enum log_level level, const char *event, const char *message, size_t count,
               const struct log_field *fields) {
  if (machine_verbose) say_fields(event, message, count, fields);
  if (level == LOG_ERROR && strcmp(event, "failed") == 0 && is_refusal(message)) machine_fail("%s", message);
  if (level == LOG_ERROR && (strcmp(event, "bug") == 0 || strstr(event, "refused")))
    machine_fail("%s: %s", event, message);
  if (strcmp(event, "task restored") == 0 && world.phase == PHASE_AGAIN) world.restored++;
}

/* --- what is written for them --- */

static const char *payload(const struct family_event *e) {
  char time[32];
  family_time(time, e->time_ms);
  if (!e->good) return arena_format("{\"userId\":\"%s\",\"event\":", e->lead);
  const char *mail = !e->mail   ? ""
                     : *e->mail ? arena_format(",\"traits\":{\"mail\":\"%s\"}", e->mail)
                                : ",\"traits\":{\"mail\":null}";
  const char *reason = e->reason ? arena_format(",\"properties\":{\"reason\":\"%s\"}", e->reason) : "";
  const char *id = e->id ? arena_format(",\"messageId\":\"%s\"", e->id) : "";
  return arena_format("{\"userId\":\"%s\",\"event\":\"%s\",\"timestamp\":\"%s\"%s%s%s}", e->lead, e->name, time, id,
                      mail, reason);
}

static void write_record(enum topic topic, int32_t partition, const char *key, const char *value,
                         int64_t timestamp_ms) {
  const struct record_in record = {.state = RECORD_COMMITTED,
                                   .producer = NO_PRODUCER,
                                   .timestamp_ms = timestamp_ms,
                                   .key = arena_copy(key, strlen(key)),
                                   .key_length = strlen(key),
                                   .value = arena_copy(value, strlen(value)),
                                   .value_length = strlen(value)};
  log_append(broker_log(topic, partition), &record);
}

static void feed(void *context, int64_t index) {
  struct planned_event *e = &world.plan->events[index];
  (void)context;
  e->event.timestamp_ms = machine_wall_ms();
  e->event.time_ms = e->event.timestamp_ms - e->behind_ms;
  write_record((enum topic)e->input, e->partition, e->event.lead, payload(&e->event), e->event.timestamp_ms);
  world.fed++;
}

static void publish_second(void *context, int64_t argument) {
  char document[FAMILY_DOCUMENT];
  (void)context, (void)argument;
  family_document(&world.plan->versions[1], document);
  write_record(TOPIC_DEFINITIONS, 0, "simulated/2", document, machine_wall_ms());
  machine_say("version 2 is published");
}

/* --- what goes wrong --- */

static void freeze(struct process *process, int64_t for_ns) {
  if (process) process->frozen_until_ns = machine_now_ns() + for_ns;
}

/* It is somebody else's name now: the one of before is never started again. */
static void replace(struct instance *instance, int64_t for_ns) {
  if (!instance->process || instance->retired || world.instance_count == INSTANCES - 1) return;
  freeze(instance->process, for_ns);
  instance->retired = true;
  start_later(instance_add(instance->name), draw_ns(0, for_ns));
}

static void strike(struct instance *instance, const struct planned *f) {
  struct process *process = instance->process;
  switch (f->fault) {
    case FAULT_KILL:
    case FAULT_POWER:
      if (!process) break;
      process->doomed_steps = f->count;
      process->power = f->fault == FAULT_POWER;
      break;
    case FAULT_FREEZE: freeze(process, f->for_ns); break;
    case FAULT_ZOMBIE: replace(instance, f->for_ns); break;
    case FAULT_CUT:
      if (process) process->cut_until_ns = machine_now_ns() + f->for_ns;
      break;
    case FAULT_STOP: instance->ending = true; break;
    case FAULT_EXPEL: group_expel((uint32_t)f->count); break;
    case FAULT_LATE_END:
      faults.late_ends = 1 + f->count % 3;
      faults.late_ns = f->for_ns;
      break;
    case FAULT_LOST_ANSWER: faults.lost_answers = 1 + f->count % 3; break;
    case FAULT_SLOW_MARKERS:
      faults.slow_markers = f->count;
      faults.slow_ns = f->for_ns;
      break;
    case FAULT_REFUSED:
      faults.refused = 1 + f->count % 4;
      world.refused += faults.refused;
      break;
    case FAULT_BUSY: faults.busy = f->count; break;
    case FAULT_DISK: host_fail(instance->host, f->count); break;
    case FAULT_SLOW_DISK: host_slow(instance->host, f->for_ns / 10); break;
    case FAULT_COUNT: break;
  }
}

static void go_wrong(void *context, int64_t index) {
  const struct planned *f = &world.plan->faults[index];
  (void)context;
  machine_say("fault %d: %s", (int)index, fault_names[f->fault]);
  strike(&world.instances[f->instance], f);
}

/* Dead instances are started again, and those that have ended because they were asked to. */
static void revive(void) {
  for (int32_t i = 0; i < world.instance_count; i++) {
    struct instance *instance = &world.instances[i];
    bool dead = instance->process && instance->process->dead;
    if (dead && instance->process->power) host_power_off(instance->host);
    if (dead) instance->process = NULL;
    if (instance->process || instance->retired || machine_now_ns() < world.plan->start_ns[i % PLAN_INSTANCES]) continue;
    if (dead || instance->ending) start_later(instance, draw_ns(1 * MS, one_in(3) ? 800 * MS : 60 * MS));
    instance->ending = false;
  }
}

static void mend(void) {
  memset(&faults, 0, sizeof faults);
  for (int32_t i = 0; i < world.instance_count; i++) {
    host_fail(world.instances[i].host, 0);
    host_slow(world.instances[i].host, 0);
  }
}

/* --- on to the end --- */

static bool all_committed(void) {
  for (int32_t input = 0; input < world.plan->inputs; input++) {
    for (int32_t p = 0; p < world.plan->partitions; p++) {
      const struct log *log = broker_log((enum topic)input, p);
      int64_t offset = -1;
      if (log->count > 0 && (!broker_committed(log->topic, p, &offset) || offset != log->count)) return false;
    }
  }
  return broker_idle();
}

static void go_on(enum phase phase) {
  world.phase = phase;
  world.since_ns = machine_now_ns();
  machine_say("phase %d", (int)phase);
}

static bool all_ended(void) {
  bool ended = true;
  for (int32_t i = 0; i < world.instance_count; i++) {
    struct instance *instance = &world.instances[i];
    if (instance->process && instance->process->dead) instance->process = NULL;
    instance->ending = true;
    ended &= instance->process == NULL;
  }
  return ended && broker_idle();
}

/* The oldest snapshots are gone, of all places. */
static void start_alone(void) {
  for (int32_t p = 0; p < world.plan->partitions; p++) {
    struct log *log = broker_log(TOPIC_STATE, p);
    log->count = log->stable = log->visible = 0;
  }
  struct instance *instance = instance_add("alone");
  instance->alone = true;
  start_later(instance, 0);
  go_on(PHASE_AGAIN);
}

static void compare_states(void) {
  const struct host *alone = world.instances[world.instance_count - 1].host;
  for (int32_t p = 0; p < world.plan->partitions; p++) {
    size_t length, other_length;
    const char *name = arena_format("%d.snapshot", (int)p), *bytes = host_file(alone, name, &length);
    for (int32_t i = 0; bytes && i < world.instance_count - 1; i++) {
      const char *others = host_file(world.instances[i].host, name, &other_length);
      if (others) check_states(p, bytes, length, others, other_length);
    }
  }
}

static void advance(void) {
  int64_t waited_ns = machine_now_ns() - world.since_ns;
  if (waited_ns > PATIENCE_MS * MS) machine_fail("phase %d does not end", (int)world.phase);
  switch (world.phase) {
    case PHASE_FEED:
      if (machine_now_ns() < world.plan->end_ns) break;
      mend();
      go_on(PHASE_DRAIN);
      break;
    case PHASE_DRAIN:
      if (all_committed()) go_on(PHASE_QUIET);
      break;
    case PHASE_QUIET:
      if (waited_ns > QUIET_MS * MS) go_on(PHASE_END);
      break;
    case PHASE_END:
      if (all_ended()) go_on(PHASE_JUDGE);
      break;
    case PHASE_JUDGE:
      check_topics(world.plan);
      if (world.plan->seed % 4 == 0) start_alone();
      else go_on(PHASE_OVER);
      break;
    case PHASE_AGAIN:
      if (world.restored >= world.plan->partitions) go_on(PHASE_AGAIN_END);
      break;
    case PHASE_AGAIN_END:
      if (!all_ended()) break;
      compare_states();
      go_on(PHASE_OVER);
      break;
    case PHASE_OVER: break;
  }
}

static void look(void *context, int64_t argument) {
  (void)context, (void)argument;
  if (world.phase < PHASE_END) revive();
  advance();
  machine_after(LOOK_MS * MS / 2, look, NULL, 0);
}

static bool is_over(void) { return world.phase == PHASE_OVER; }

/* --- a run --- */

static struct definition *parse(struct family_version *version) {
  char text[FAMILY_DOCUMENT];
  struct problems problems = {0};
  struct definition *definition = definition_parse(text, family_document(version, text), &problems);
  if (!definition) {
    fprintf(stderr, "the family's definition: %s: %s\n", problems.at[0].pointer, problems.at[0].message);
    exit(2);
  }
  snprintf(version->digest, sizeof version->digest, "%.*s", (int)definition->digest.length, definition->digest.at);
  problems_fini(&problems);
  return definition;
}

static void set_up(struct plan *plan) {
  memset(&world, 0, sizeof world);
  world.plan = plan;
  broker_reset(plan->inputs, plan->partitions);
  group_reset();
  for (int32_t i = 0; i < PLAN_INSTANCES; i++) {
    struct instance *instance = instance_add(arena_format("i%d", (int)i));
    if (i < plan->instances) machine_after(plan->start_ns[i] - machine_now_ns(), start, instance, 0);
    else instance->retired = true;
  }
  for (int32_t i = 0; i < plan->event_limit; i++)
    machine_after(plan->events[i].at_ns - machine_now_ns(), feed, NULL, i);
  for (int32_t i = 0; i < plan->fault_count; i++)
    if (!plan->faults[i].dropped) machine_after(plan->faults[i].at_ns - machine_now_ns(), go_wrong, NULL, i);
  if (plan->second_ns != NEVER) machine_after(plan->second_ns - machine_now_ns(), publish_second, NULL, 0);
  machine_after(LOOK_MS * MS, look, NULL, 0);
}

bool world_run(struct plan *plan) {
  first = parse(&plan->versions[0]);
  struct definition *second = parse(&plan->versions[1]);
  set_up(plan);
  bool good = machine_run(is_over);
  definition_destroy(first);
  definition_destroy(second);
  return good;
}
