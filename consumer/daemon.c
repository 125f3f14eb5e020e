/* daemon.c: what stands around the workers: checks before the start, the metrics, HTTP, and the end.
 *
 * After daemon_start the only threads are the workers' and those that write their snapshots, that of `handover-state`, HTTP's and the
 * libraries' own. */
#include "daemon.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../producer/state_topic.h"
#include "../producer/topics.h"
#include "budget.h"
#include "client.h"
#include "connect.h"
#include "crash.h"
#include "definition_watch.h"
#include "engine/memory.h"
#include "http.h"
#include "library.h"
#include "log.h"
#include "snapshot_file.h"
#include "worker.h"

enum {
  STATUS_OK = 0,
  STATUS_OUTSIDE = 3,
  CLUSTER_MS = 5000,
  DEAD_MS = 60000, /* a worker's loop that has not come round for so long is not alive */
  GIVE_UP_MS =
      DAEMON_STOP_MS - 2500, /* for waiting on brokers; the rest is for the last call and for taking things down */
  WHY = 512,
};

struct daemon {
  struct shared shared;
  struct worker *workers[SETTINGS_THREADS];
  atomic_int worker_count; /* of those that have been started; HTTP's thread reads it */
  struct http *http;
  struct definition_watch *watch; /* NULL: it does not follow */
  int lock;                       /* of the state directory; -1: not taken */
};

/* --- before the start --- */

static void say_problems(const struct problems *problems, const char *hint, char *why, size_t room) {
  size_t length = 0;
  *why = 0;
  for (size_t i = 0; i < problems->count && length < room; i++) {
    const char *separator = i == 0 ? "" : "; ";
    const char *pointer = problems->at[i].pointer;
    int written = snprintf(why + length, room - length, "%s%s%s%s", separator, pointer, *pointer ? ": " : "",
                           problems->at[i].message);
    if (written > 0) length += (size_t)written;
  }
  if (length < room) snprintf(why + length, room - length, "%s", hint);
}

static char *cluster_of(rd_kafka_t *client) {
  char *id = rd_kafka_clusterid(client, CLUSTER_MS);
  char *copy = memory_text(id ? id : "");
  if (id) rd_kafka_mem_free(client, id);
  return copy;
}

static const char *mechanism_of(const struct settings *settings) {
  const char *mechanism = "";
  for (int32_t i = 0; i < settings->kafka_count; i++)
    if (strncmp(settings->kafka[i].name, "sasl.mechanism", sizeof "sasl.mechanism" - 1) == 0) /* or sasl.mechanisms */
      mechanism = settings->kafka[i].value;
  return mechanism;
}

/* One line on the version of librdkafka; false where it may not run. */
static bool look_at_library(const struct settings *settings, char *why, size_t room) {
  const char *text, *scram = library_scram_trouble(rd_kafka_version(), mechanism_of(settings));
  enum library_verdict verdict = library_judge(rd_kafka_version(), &text);
  if (verdict == LIBRARY_REFUSED) {
    snprintf(why, room, "librdkafka %s: %s", rd_kafka_version_str(), text);
    return false;
  }
  enum log_level level = scram || verdict == LIBRARY_WARNING ? LOG_WARNING : LOG_INFO;
  log_write(level, "library",
            scram   ? scram
            : *text ? text
                    : "no trouble is known of it",
            LOG_FIELDS(log_text("librdkafka", rd_kafka_version_str())));
  return true;
}

/* Topics are there and have the right numbers of partitions. */
static bool look_at_topics(struct shared *shared, rd_kafka_t *client, char *why, size_t room) {
  static const char hint[] =
      " (`handover topics` says more, and makes what is missing; a topic that its user has no right to looks missing)";
  struct problems problems = {0};
  enum topics_outcome outcome = topics_check(shared->settings, client, &shared->partitions, &problems);
  if (outcome == TOPICS_OK) shared->cluster = cluster_of(client);
  if (outcome != TOPICS_OK) say_problems(&problems, outcome == TOPICS_WRONG ? hint : "", why, room);
  problems_fini(&problems);
  return outcome == TOPICS_OK;
}

static bool check_brokers(struct shared *shared, char *why, size_t room) {
  rd_kafka_conf_t *conf = client_conf(shared->settings, RD_KAFKA_PRODUCER, why, room);
  if (!conf) return false;
  connect_listen(conf);
  rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, room);
  if (!client) {
    rd_kafka_conf_destroy(conf);
    return false;
  }
  const char *silent = connect_await(client);
  if (silent) snprintf(why, room, "no broker answers: %s", silent);
  bool good = !silent && look_at_topics(shared, client, why, room);
  rd_kafka_destroy(client);
  return good;
}

/* What is wrong with how the topics are set up (kept too short, compacted …), where the brokers tell: it is people's to mend, and no reason
 * not to run. */
static void warn_of_topics(const struct settings *settings) {
  char why[WHY];
  struct topics *topics = memory_zeroed(1, sizeof *topics);
  struct topics_request request = {0};
  rd_kafka_conf_t *conf = client_conf(settings, RD_KAFKA_PRODUCER, why, sizeof why);
  rd_kafka_t *client = conf ? rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why) : NULL;
  if (conf && !client) rd_kafka_conf_destroy(conf);
  topics_want(topics, settings);
  if (client && topics_read(topics, client, true, why, sizeof why)) topics_judge(topics, settings, &request);
  for (int32_t i = 0; i < topics->count; i++) {
    for (int32_t f = 0; f < topics->at[i].finding_count; f++) {
      const struct topic_finding *finding = &topics->at[i].findings[f];
      if (finding->wrong) log_warning("topic", finding->text, log_text("topic", topics->at[i].name));
    }
  }
  if (client) rd_kafka_destroy(client);
  memory_free(topics);
}

/* --- probes --- */

static bool probe_workers(const struct daemon *d, bool (*good)(const struct worker *worker), const char *what,
                          struct buffer *lines) {
  int32_t started = atomic_load(&d->worker_count);
  bool all = started == d->shared.settings->threads;
  for (int32_t i = 0; i < started; i++) {
    bool one = good(d->workers[i]);
    buffer_printf(lines, "[%c]worker %" PRId32 " %s\n", one ? '+' : '-', i, what);
    all = all && one;
  }
  return all;
}

static bool comes_round(const struct worker *worker, int64_t within_ns) {
  return !worker_failed(worker) && clock_monotonic_ns() - worker_beat_ns(worker) < within_ns;
}

static bool is_alive(const struct worker *worker) { return comes_round(worker, DEAD_MS * INT64_C(1000000)); }

static bool probe_live(void *context, struct buffer *lines) {
  return probe_workers(context, is_alive, "makes progress", lines);
}

static bool probe_ready(void *context, struct buffer *lines) {
  return probe_workers(context, worker_ready, "has its tasks, and all are restored", lines);
}

static bool start_http(struct daemon *d, char *why, size_t room) {
  const struct settings *settings = d->shared.settings;
  if (!*settings->http) return true;
  struct http_options options = {.address = settings->http,
                                 .public = settings->http_public,
                                 .metrics = d->shared.metrics,
                                 .live = probe_live,
                                 .ready = probe_ready,
                                 .context = d};
  d->http = http_start(&options, why, room);
  return d->http != NULL;
}

/* --- starting --- */

static bool start_workers(struct daemon *d, char *why, size_t room) {
  while (d->worker_count < d->shared.settings->threads) {
    struct worker *worker = worker_start(&d->shared, d->worker_count, why, room);
    if (!worker) return false;
    d->workers[d->worker_count] = worker; /* before it counts: HTTP's thread looks */
    d->worker_count++;
  }
  return true;
}

static void say_started(const struct daemon *d) {
  const struct shared *s = &d->shared;
  log_info("started", "reading events", log_text("group", s->settings->group),
           log_text("instance", s->settings->instance), log_number("threads", s->settings->threads),
           log_number("partitions", s->partitions), log_text("http", s->settings->http),
           log_text("librdkafka", rd_kafka_version_str()));
}

/* What it will take, before it takes it. */
static void say_memory(const struct shared *s) {
  const struct settings *settings = s->settings;
  int64_t queues = (int64_t)s->partitions * settings->inputs.count;
  struct budget budget = budget_share(settings->buffers_mb, s->partitions, settings->inputs.count, settings->threads);
  log_info("memory", "at most, for records on their way; leads come on top",
           log_number("buffers_mb", settings->buffers_mb), log_number("reading_kb", budget.queue_kb * queues),
           log_number("publishing_kb", budget.publish_kb * settings->threads));
  if (budget.needed_mb > settings->buffers_mb)
    log_warning("memory", "buffers_mb is too small for so many partitions and threads; more than that will be used",
                log_number("needed_mb", budget.needed_mb));
}

/* The folder is there, can be written, and is this process' alone. */
static bool take_folder(struct daemon *d, char *why, size_t room) {
  static const char setting[] = "state_dir: ";
  const char *folder = d->shared.settings->state_dir;
  size_t length = sizeof setting - 1;
  memcpy(why, setting, sizeof setting);
  if (!snapshot_file_folder(folder, why + length, room - length)) return false;
  d->lock = snapshot_file_lock(folder, why + length, room - length);
  return d->lock >= 0;
}

static bool learn_definitions(struct daemon *d, const struct daemon_order *order, char *why, size_t room) {
  const struct definition_watch_order watched = {order->settings, order->catalog, order->paths, order->path_count,
                                                 d->shared.metrics};
  for (int32_t i = 0; i < catalog_count(order->catalog); i++)
    definition_announce(d->shared.metrics, catalog_at(order->catalog, i));
  if (!order->follows) return true;
  d->watch = definition_watch_open(&watched, why, room);
  return d->watch != NULL;
}

static bool start(struct daemon *d, const struct daemon_order *order, char *why, size_t room) {
  struct shared *s = &d->shared;
  if (!look_at_library(s->settings, why, room) || !take_folder(d, why, room)) return false;
  CRASH_POINT("start-folder-taken");
  if (!check_brokers(s, why, room)) return false;
  CRASH_POINT("start-brokers-checked");
  if (order->warns) warn_of_topics(s->settings);
  s->metrics = metrics_create((int32_t)s->settings->threads);
  s->state_topic = state_topic_open(s->settings, &s->shutdown, why, room);
  if (!s->state_topic || !start_http(d, why, room) || !learn_definitions(d, order, why, room)) return false;
  say_started(d);
  say_memory(s);
  return start_workers(d, why, room);
}

struct daemon *daemon_start(const struct daemon_order *order, char *why, size_t room) {
  struct daemon *d = memory_zeroed(1, sizeof *d);
  d->lock = -1;
  d->shared.settings = order->settings;
  d->shared.catalog = order->catalog;
  d->shared.follows = order->follows;
  d->shared.wall_clock = order->wall_clock;
  if (start(d, order, why, room)) {
    CRASH_POINT("started");
    return d;
  }
  daemon_stop(d);
  return NULL;
}

/* --- while it runs --- */

void daemon_look(struct daemon *d) {
  if (d->watch) definition_watch_look(d->watch);
}

void daemon_reload(struct daemon *d) {
  if (d->watch) definition_watch_reload(d->watch);
}

bool daemon_failed(const struct daemon *d) {
  for (int32_t i = 0; i < d->worker_count; i++)
    if (worker_failed(d->workers[i])) return true;
  return false;
}

bool daemon_alive(const struct daemon *d, int64_t within_ns) {
  for (int32_t i = 0; i < d->worker_count; i++)
    if (!comes_round(d->workers[i], within_ns)) return false;
  return true;
}

bool daemon_ready(const struct daemon *d) {
  for (int32_t i = 0; i < d->worker_count; i++)
    if (!worker_ready(d->workers[i])) return false;
  return true;
}

void daemon_describe(const struct daemon *d, char *text, size_t room) {
  struct metrics *m = d->shared.metrics;
  const uint64_t restoring = metrics_sum(m, METRIC_TASKS_RESTORING);
  int length =
      snprintf(text, room, "%" PRIu64 " of %" PRId32 " tasks, %" PRIu64 " leads, lag %" PRId64 " records",
               metrics_sum(m, METRIC_TASKS), d->shared.partitions, metrics_sum(m, METRIC_LEADS), metrics_lag(m));
  if (restoring > 0 && length > 0 && (size_t)length < room)
    snprintf(text + length, room - (size_t)length, "; restoring %" PRIu64 " tasks, %" PRId64 " records to go",
             restoring, metrics_restore_remaining(m));
}

static bool its_ready(const void *who) { return daemon_ready(who); }

static bool its_alive(const void *who, int64_t within_ns) { return daemon_alive(who, within_ns); }

static void its_description(const void *who, char *text, size_t room) { daemon_describe(who, text, room); }

struct supervised daemon_supervised(const struct daemon *d) {
  return (struct supervised){its_ready, its_alive, its_description, d};
}

uint64_t daemon_records(const struct daemon *d) {
  uint64_t records = 0;
  for (int32_t i = 0; i < d->worker_count; i++) records += worker_records(d->workers[i]);
  return records;
}

/* --- ending --- */

/* Threads that hang in a library cannot be taken down: the process ends, and the next start goes on from what was committed. */
static void wait_for_workers(struct daemon *d, int64_t until_ns) {
  for (int32_t i = 0; i < d->worker_count; i++) {
    if (worker_wait(d->workers[i], until_ns)) continue;
    log_error("not stopped", "a worker did not end in time; what was committed stands", log_number("worker", i));
    _exit(STATUS_OUTSIDE);
  }
}

int daemon_stop(struct daemon *d) {
  int64_t until_ns = clock_monotonic_ns() + DAEMON_STOP_MS * INT64_C(1000000);
  int status = STATUS_OK;
  shutdown_request(&d->shared.shutdown, GIVE_UP_MS);
  CRASH_POINT("stop-asked");
  wait_for_workers(d, until_ns);
  CRASH_POINT("stop-workers-ended");
  for (int32_t i = 0; i < d->worker_count; i++) {
    if (!worker_failed(d->workers[i])) continue;
    log_error("failed", worker_why(d->workers[i]), log_number("worker", i));
    status = STATUS_OUTSIDE;
  }
  if (d->http) http_stop(d->http);
  for (int32_t i = 0; i < d->worker_count; i++) worker_destroy(d->workers[i]);
  definition_watch_close(d->watch);
  state_topic_close(d->shared.state_topic);
  CRASH_POINT("stop-uploads-ended");
  metrics_destroy(d->shared.metrics);
  if (d->lock >= 0) close(d->lock);
  free(d->shared.cluster);
  memory_free(d);
  return status;
}
