/* site.h: a cluster, a state directory, and a daemon that is started, watched and stopped within the test's own process. */
#ifndef HANDOVER_TESTS_SITE_H
#define HANDOVER_TESTS_SITE_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "apart.h"
#include "consumer/daemon.h"
#include "consumer/log.h"
#include "stream.h"

enum { SITE_VERSIONS = 3, SITE_INSTANCES = 2, SITE_ANSWER = 65536 };

struct instance {
  struct settings settings;
  bool has_settings;
  struct catalog *catalog;
  struct daemon *daemon;
};

struct site {
  struct cluster cluster;
  char folder[64];
  struct instance instances[SITE_INSTANCES], *instance; /* the one that the functions are about */
  struct definition *definitions[SITE_VERSIONS];        /* ascending; all that may have been decided by */
  int32_t version_count;                                /* of them, what the daemon gets as files */
  struct catalog *known;                                /* the same, for deciding again */
  bool wall_clock, follows;
  const char *path; /* of definitions, where it follows; NULL: none */
  struct stream stream;
  struct tape changes, letters, journal;
  struct decided decided[STREAM_PARTITIONS];
  size_t journal_seen; /* of the tape */
  int32_t port;
  int log;
  off_t log_from; /* what site_log shows */
  char why[2000];
};

/* Too large for a stack. */
static struct site site;

static inline const char *site_path(const char *name) {
  static char path[128];
  snprintf(path, sizeof path, "%s/%s", site.folder, name);
  return path;
}

static inline void site_open_cluster(void) {
  cluster_start(&site.cluster);
  for (int i = 0; i < STREAM_INPUTS; i++) cluster_topic(&site.cluster, stream_inputs[i], STREAM_PARTITIONS);
  cluster_topic(&site.cluster, "stage-changes", STREAM_PARTITIONS);
  cluster_topic(&site.cluster, "handover-dead-letters", STREAM_PARTITIONS);
  cluster_topic(&site.cluster, "handover-state", STREAM_PARTITIONS);
  cluster_topic(&site.cluster, "handover-journal", STREAM_PARTITIONS);
  cluster_topic(&site.cluster, "handover-definitions", 1);
  tape_start(&site.changes, &site.cluster, "stage-changes", STREAM_PARTITIONS);
  tape_start(&site.letters, &site.cluster, "handover-dead-letters", STREAM_PARTITIONS);
  tape_start(&site.journal, &site.cluster, "handover-journal", STREAM_PARTITIONS);
}

static inline void site_close_cluster(void) {
  tape_stop(&site.changes);
  tape_stop(&site.letters);
  tape_stop(&site.journal);
  cluster_stop(&site.cluster);
}

/* Around each test. The daemon's log goes to a file: DUMP=1 shows it at the end. */
static inline int site_open(void **state) {
  (void)state;
  memset(&site, 0, sizeof site);
  site.instance = site.instances;
  site_open_cluster();
  snprintf(site.folder, sizeof site.folder, "/tmp/handover-mock-XXXXXX");
  assert_non_null(mkdtemp(site.folder));
  site.log = open(site_path("log"), O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
  assert_true(site.log >= 0);
  log_open(site.log, LOG_INFO, false);
  for (int32_t p = 0; p < STREAM_PARTITIONS; p++) decided_init(&site.decided[p], p);
  site.known = catalog_create();
  site.definitions[0] = stream_definition(1, "2026-01-01T00:00:00Z", 3);
  site.version_count = 1;
  return 0;
}

/* What has been logged since the last start; the next call overwrites it. */
static inline const char *site_log(void) {
  static char text[1 << 20];
  ssize_t length = pread(site.log, text, sizeof text - 1, site.log_from);
  assert_true(length >= 0);
  text[length] = 0;
  return text;
}

static inline int site_remove(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)status, (void)kind, (void)place;
  return remove(path);
}

static inline int site_close(void **state) {
  (void)state;
  for (int i = 0; i < SITE_INSTANCES; i++)
    if (site.instances[i].daemon) daemon_stop(site.instances[i].daemon); /* the test has failed */
  site.log_from = 0;
  if (getenv("DUMP")) fputs(site_log(), stderr);
  log_open(STDERR_FILENO, LOG_INFO, false);
  close(site.log);
  site_close_cluster();
  for (int32_t p = 0; p < STREAM_PARTITIONS; p++) decided_fini(&site.decided[p]);
  for (int i = 0; i < SITE_INSTANCES; i++) catalog_destroy(site.instances[i].catalog);
  catalog_destroy(site.known);
  for (int32_t i = 0; i < SITE_VERSIONS; i++)
    if (site.definitions[i]) definition_destroy(site.definitions[i]);
  for (int i = 0; i < SITE_INSTANCES; i++)
    if (site.instances[i].has_settings) settings_fini(&site.instances[i].settings);
  nftw(site.folder, site_remove, 16, FTW_DEPTH | FTW_PHYS);
  return 0;
}

#define site_test(test) cmocka_unit_test_setup_teardown(test, site_open, site_close)

/* --- settings --- */

/* A free port that nobody else is given until this process ends: it stays bound, in a way that lets an HTTP server listen there. */
static inline int32_t site_free_port(void) {
  const int on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(descriptor, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal(setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
  assert_int_equal(getsockname(descriptor, (struct sockaddr *)&address, &length), 0);
  return ntohs(address.sin_port);
}

/* `more` are overrides, NULL at their end; they come after what all tests have. With a dash: a property of librdkafka. */
static inline void site_configure(const char *const *more) {
  char text[1000], state[128];
  struct settings_override overrides[16];
  struct problems problems = {0};
  size_t count = 0;
  snprintf(state, sizeof state, "%s", site_path("state"));
  int length =
      snprintf(text, sizeof text,
               "{\"bootstrap\":\"%s\",\"inputs\":[\"one\"],\"instance\":\"test\",\"state_dir\":\"%s\",\"draft\":true,"
               "\"http\":\"\",\"commit_interval_ms\":50,\"kafka\":{\"session.timeout.ms\":\"6000\","
               "\"heartbeat.interval.ms\":\"200\",\"fetch.wait.max.ms\":\"10\"}}",
               cluster_bootstrap(&site.cluster), state);
  for (; more && more[count]; count++) {
    bool kafka = more[count][0] == '-';
    overrides[count] = (struct settings_override){more[count] + (kafka ? 1 : 0), kafka};
  }
  if (site.instance->has_settings) settings_fini(&site.instance->settings);
  site.instance->has_settings = true;
  if (!settings_parse(&site.instance->settings, text, (size_t)length, overrides, count, &problems))
    fail_msg("%s: %s", problems.at[0].pointer, problems.at[0].message);
  problems_fini(&problems);
}

#define site_set(...) site_configure((const char *const[]){__VA_ARGS__, NULL})

/* --- the daemon --- */

/* Made anew at each start. An instance that runs keeps its own. */
static inline struct catalog *site_catalog(void) {
  char why[300];
  if (site.instance->catalog) catalog_destroy(site.instance->catalog);
  site.instance->catalog = catalog_create();
  for (int32_t i = 0; i < site.version_count; i++)
    if (catalog_add(site.instance->catalog, site.definitions[i], why, sizeof why) != CATALOG_ADDED) fail_msg("%s", why);
  return site.instance->catalog;
}

static inline bool site_try(void) {
  const struct daemon_order order = {.settings = &site.instance->settings,
                                     .catalog = site_catalog(),
                                     .wall_clock = site.wall_clock,
                                     .follows = site.follows,
                                     .paths = &site.path,
                                     .path_count = site.path ? 1 : 0};
  *site.why = 0;
  site.log_from = lseek(site.log, 0, SEEK_END);
  site.instance->daemon = daemon_start(&order, site.why, sizeof site.why);
  return site.instance->daemon != NULL;
}

static inline void site_start(void) {
  if (!site_try()) fail_msg("not started: %s", site.why);
}

/* Its status; it has to come in time. */
static inline int site_stop(void) {
  int64_t until_ns = deadline_ns(DAEMON_STOP_MS + 500);
  int status = daemon_stop(site.instance->daemon);
  site.instance->daemon = NULL;
  check_deadline(until_ns, "daemon_stop");
  return status;
}

/* The answer of the HTTP server, headers and all, or "" (and no assertion: any thread may ask); each thread's next call overwrites it. */
static inline const char *site_get(const char *path) {
  static _Thread_local char text[SITE_ANSWER];
  size_t length = 0;
  ssize_t got = 1;
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)site.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0) {
    int wanted = snprintf(text, sizeof text, "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n", path);
    if (send(descriptor, text, (size_t)wanted, MSG_NOSIGNAL) != wanted) got = 0;
    while (got > 0 && length < sizeof text - 1) {
      got = recv(descriptor, text + length, sizeof text - 1 - length, 0);
      if (got > 0) length += (size_t)got;
    }
  }
  text[length] = 0;
  close(descriptor);
  return text;
}

/* The number behind `series` in /metrics. */
static inline double site_metric(const char *series) {
  char line[160];
  snprintf(line, sizeof line, "\n%s ", series);
  const char *found = strstr(site_get("/metrics"), line);
  if (!found) fail_msg("/metrics has no %s", series);
  return strtod(found + strlen(line), NULL);
}

/* --- what comes out --- */

static inline int64_t site_decided(void) {
  int64_t records = 0;
  for (int32_t p = 0; p < STREAM_PARTITIONS; p++)
    for (int32_t i = 0; i < STREAM_INPUTS; i++) records += site.decided[p].next[i];
  return records;
}

/* What the daemons' own main thread does now and then, and what must not be. */
static inline void site_look(void) {
  for (int i = 0; i < SITE_INSTANCES; i++) {
    if (!site.instances[i].daemon) continue;
    daemon_look(site.instances[i].daemon);
    if (daemon_failed(site.instances[i].daemon)) fail_msg("a daemon ended: %s", site_log());
  }
}

static inline size_t site_logged(const char *text) {
  size_t count = 0;
  for (const char *at = strstr(site_log(), text); at; at = strstr(at + 1, text)) count++;
  return count;
}

static inline void site_await_logged(const char *text, size_t times) {
  int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  while (site_logged(text) < times) {
    site_look();
    check_deadline(until_ns, text);
  }
}

/* Reads on in the journal until every record that was written is in it, and decides all of them again. */
static inline void site_know(void) {
  char text[300];
  for (int32_t i = 0; i < SITE_VERSIONS; i++)
    if (site.definitions[i]) (void)catalog_add(site.known, site.definitions[i], text, sizeof text);
}

static inline void site_await(void) {
  int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  struct journal_record record = {0};
  char why[300];
  site_know();
  while (site_decided() < site.stream.total) {
    site_look();
    tape_pull(&site.journal, 20);
    for (; site.journal_seen < site.journal.count; site.journal_seen++) {
      const rd_kafka_message_t *message = site.journal.at[site.journal_seen];
      if (!journal_record_parse(&record, message->payload, message->len, why, sizeof why)) fail_msg("journal: %s", why);
      assert_int_equal(record.partition, message->partition);
      decided_record(&site.decided[record.partition], &site.stream, &record, site.known);
    }
    check_deadline(until_ns, "all records in the journal");
  }
  journal_record_fini(&record);
}

/* One more message of a partition: the next that was decided, or (where the mock shows what was aborted) one of before. */
static inline void site_check_change(const rd_kafka_message_t *message, size_t *next, bool repeats) {
  const struct texts *decided = &site.decided[message->partition].changes;
  if (*next < decided->count && message_is(message, decided->at[*next])) {
    ++*next;
    return;
  }
  for (size_t i = 0; repeats && i < *next; i++)
    if (message_is(message, decided->at[i])) return;
  fail_msg("partition %d: %.*s\nwanted: %s", (int)message->partition, (int)message->len, (const char *)message->payload,
           *next < decided->count ? decided->at[*next] : "nothing more");
}

/* What was published is what has been decided, in its order, all of it and nothing else; once, unless `repeats`. */
static inline void site_check_changes(bool repeats) {
  size_t next[STREAM_PARTITIONS] = {0};
  tape_catch_up(&site.changes);
  assert_true(site.changes.count > 0);
  for (size_t i = 0; i < site.changes.count; i++)
    site_check_change(site.changes.at[i], &next[site.changes.at[i]->partition], repeats);
  for (int32_t p = 0; p < STREAM_PARTITIONS; p++) assert_int_equal(next[p], site.decided[p].changes.count);
}

static inline void site_letter_name(const rd_kafka_message_t *message, char *text, size_t room) {
  char reason[40], topic[40], partition[24], offset[24];
  snprintf(text, room, "%s/%s/%s/%s", message_header(message, "reason", reason, sizeof reason),
           message_header(message, "topic", topic, sizeof topic),
           message_header(message, "partition", partition, sizeof partition),
           message_header(message, "offset", offset, sizeof offset));
}

/* Whether anything of what has been logged since the last start says so: the mock shows what was undone, and then what was published in its
 * place. */
static inline bool site_undone(void) { return site_logged("\"transaction undone\"") > 0; }

static inline bool site_was_decided(const struct texts *letters, size_t count, const char *name) {
  bool found = false;
  for (size_t i = 0; i < count && !found; i++) found = strcmp(letters->at[i], name) == 0;
  return found;
}

/* The same of dead letters, which are known by their headers; the record itself is unchanged. */
static inline void site_check_letters(bool repeats) {
  size_t all = 0, seen = 0, next[STREAM_PARTITIONS] = {0};
  char name[160], detail[200], offset[24], topic[40];
  tape_catch_up(&site.letters);
  for (size_t i = 0; i < site.letters.count; i++) {
    const rd_kafka_message_t *message = site.letters.at[i];
    int32_t p = message->partition;
    site_letter_name(message, name, sizeof name);
    const struct texts *decided = &site.decided[p].letters;
    if (!repeats || !site_was_decided(decided, next[p], name)) {
      assert_true(next[p] < decided->count);
      assert_string_equal(name, decided->at[next[p]++]);
      seen++;
    }
    assert_true(strlen(message_header(message, "detail", detail, sizeof detail)) > 0);
    int32_t input = stream_input_of(message_header(message, "topic", topic, sizeof topic));
    const struct stream_record *record =
        &site.stream.at[input][p][strtol(message_header(message, "offset", offset, sizeof offset), NULL, 10)];
    assert_true(message_is(message, record->value));
    assert_int_equal(message->key_len, strlen(record->key));
    assert_memory_equal(message->key, record->key, message->key_len);
  }
  for (int32_t p = 0; p < STREAM_PARTITIONS; p++) all += site.decided[p].letters.count;
  assert_true(all > 0);
  assert_int_equal(all, seen);
}

#endif
