/* test_supervise.c: what a service manager is told of `run` and `alert`: a socket of the test's own in its place, librdkafka's mock cluster. */
#define _GNU_SOURCE /* nftw, F_SETPIPE_SZ */
#include "site.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/un.h>

#include "consumer/command.h"
#include "consumer/supervise.h"

enum { STATUS_OK = 0, TEXT = 512 };

static struct {
  int socket;
  int ready, extended, alive, reloading, stopping; /* how often each has come */
  char status[TEXT];                               /* the last */
} manager;

/* --- the manager --- */

static void manager_start(const char *name, const char *watchdog_us) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memset(&manager, 0, sizeof manager);
  memcpy(address.sun_path, name, strlen(name));
  if (*name == '@') address.sun_path[0] = 0;
  manager.socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(manager.socket, (struct sockaddr *)&address,
                        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name) + (*name == '/'))),
                   0);
  assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
  assert_int_equal(unsetenv("WATCHDOG_PID"), 0);
  assert_int_equal(watchdog_us ? setenv("WATCHDOG_USEC", watchdog_us, 1) : unsetenv("WATCHDOG_USEC"), 0);
}

static void manager_stop(void) {
  close(manager.socket);
  assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
  assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
}

static void take_line(const char *line) {
  static const char status[] = "STATUS=";
  manager.ready += strcmp(line, "READY=1") == 0;
  manager.alive += strcmp(line, "WATCHDOG=1") == 0;
  manager.reloading += strcmp(line, "RELOADING=1") == 0;
  manager.stopping += strcmp(line, "STOPPING=1") == 0;
  manager.extended += strncmp(line, "EXTEND_TIMEOUT_USEC=", sizeof "EXTEND_TIMEOUT_USEC=" - 1) == 0;
  if (strncmp(line, status, sizeof status - 1) == 0)
    snprintf(manager.status, sizeof manager.status, "%s", line + sizeof status - 1);
}

/* As `run` does. */
static void look(struct supervisor *supervisor) {
  const struct supervised supervised = daemon_supervised(site.instance->daemon);
  supervisor_look(supervisor, &supervised);
}

/* All that has come. */
static void manager_read(void) {
  char text[TEXT], *rest, *line;
  ssize_t length;
  while ((length = recv(manager.socket, text, sizeof text - 1, MSG_DONTWAIT)) > 0) {
    text[length] = 0;
    for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) take_line(line);
  }
}

/* Looks until it has been told so much more. */
static void attend(struct supervisor *supervisor, const int *told, int more) {
  const int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  const struct timespec pause = {0, 10000000L};
  for (const int wanted = *told + more; *told < wanted; manager_read()) {
    check_deadline(until_ns, "word from the daemon");
    if (supervisor) look(supervisor);
    nanosleep(&pause, NULL);
  }
}

static void await_status(struct supervisor *supervisor, const char *text, bool restoring) {
  const int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  const struct timespec pause = {0, 10000000L};
  while (!strstr(manager.status, text) || (strstr(manager.status, "; restoring ") != NULL) != restoring) {
    check_deadline(until_ns, manager.status);
    if (supervisor) look(supervisor);
    nanosleep(&pause, NULL);
    manager_read();
  }
}

/* --- the way there --- */

static void test_addresses(void **state) {
  (void)state;
  struct notify notify;
  char longest[200];
  memset(longest, 'a', sizeof longest - 1);
  longest[0] = '/';
  longest[sizeof longest - 1] = 0;
  const char *const wrong[] = {"relative", "/", "@", "vsock:2:1234", longest};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_int_equal(setenv("NOTIFY_SOCKET", wrong[i], 1), 0);
    assert_false(notify_open(&notify));
    assert_true(notify_send(&notify, "READY=1\n"));
    notify_close(&notify);
  }
  assert_int_equal(setenv("NOTIFY_SOCKET", "", 1), 0);
  assert_true(notify_open(&notify) && notify_send(&notify, "READY=1\n"));
  assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
  assert_true(notify_open(&notify) && notify_send(&notify, "READY=1\n"));
}

static int64_t watchdog_of(const char *usec, const char *pid) {
  struct notify notify;
  assert_int_equal(setenv("WATCHDOG_USEC", usec, 1), 0);
  assert_int_equal(pid ? setenv("WATCHDOG_PID", pid, 1) : unsetenv("WATCHDOG_PID"), 0);
  assert_true(notify_open(&notify));
  const int64_t interval_ns = notify.watchdog_ns;
  notify_close(&notify);
  return interval_ns;
}

/* Abstract sockets too; what was meant for the parent is not taken; nobody who does not read makes it wait. */
static void test_socket(void **state) {
  (void)state;
  char name[64], self[24], parent[24];
  struct notify notify;
  int sent = 0;
  snprintf(name, sizeof name, "@handover-test-%d", (int)getpid());
  manager_start(name, NULL);
  snprintf(self, sizeof self, "%d", (int)getpid());
  snprintf(parent, sizeof parent, "%d", (int)getppid());
  assert_int_equal(watchdog_of("2000000", self), INT64_C(2000000000));
  assert_int_equal(watchdog_of("2000000", NULL), INT64_C(2000000000));
  assert_int_equal(watchdog_of("2000000", parent), 0);
  assert_int_equal(watchdog_of("-1", NULL), 0);
  assert_int_equal(watchdog_of("soon", NULL), 0);
  assert_true(notify_open(&notify));
  while (sent < 1000000 && notify_send(&notify, "READY=1\n")) sent++;
  assert_in_range(sent, 1, 999999); /* the queue was full, and it came back */
  manager_read();
  assert_int_equal(manager.ready, sent);
  assert_true(notify_send(&notify, "STOPPING=1\nSTATUS=two lines\n"));
  manager_read();
  assert_int_equal(manager.stopping, 1);
  assert_string_equal(manager.status, "two lines");
  manager_stop();
  assert_false(notify_send(&notify, "READY=1\n")); /* nobody there any more */
  notify_close(&notify);
}

/* --- a daemon --- */

static void test_ready_when_restored(void **state) {
  (void)state;
  struct supervisor supervisor = {0};
  manager_start(site_path("notify"), NULL);
  site_set("threads=2");
  stream_write(&site.stream, &site.cluster, 60, 1);
  cluster_ill(&site.cluster, API_OFFSET_FETCH, RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT); /* no task is taken up */
  site_start();
  assert_true(supervisor_open(&supervisor));
  attend(&supervisor, &manager.extended, 1);
  await_status(&supervisor, " tasks, 0 leads, ", true);
  assert_int_equal(manager.ready, 0);
  cluster_well(&site.cluster, API_OFFSET_FETCH);
  attend(&supervisor, &manager.ready, 1);
  assert_true(daemon_ready(site.instance->daemon));
  char all[60];
  snprintf(all, sizeof all, "%d of %d tasks, ", STREAM_PARTITIONS, STREAM_PARTITIONS);
  await_status(&supervisor, all, false);
  await_status(&supervisor, " leads, lag 0 records", false);
  assert_int_equal(manager.ready, 1);
  assert_int_equal(manager.alive, 0); /* there is no watchdog */
  supervisor_stop(&supervisor, "enough");
  manager_read();
  assert_int_equal(manager.stopping, 1);
  assert_string_equal(manager.status, "enough");
  supervisor_close(&supervisor);
  manager_stop();
  assert_int_equal(site_stop(), STATUS_OK);
}

/* A pipe that takes nothing more: whoever writes to it stands there until somebody reads. */
static void open_full_pipe(int ends[2]) {
  static const char dots[4096];
  assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  while (write(ends[1], dots, sizeof dots) > 0) continue;
  while (write(ends[1], dots, 1) > 0) continue;
  assert_int_equal(fcntl(ends[1], F_SETFL, 0), 0);
}

static void drain(int end) {
  char text[65536];
  while (read(end, text, sizeof text) > 0) continue;
}

/* No sign of life comes for three intervals of the watchdog. */
static void await_silence(struct supervisor *supervisor, int64_t watchdog_ns) {
  const int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  const struct timespec pause = {0, 10000000L};
  int64_t last_ns = clock_monotonic_ns();
  for (int seen = manager.alive; clock_monotonic_ns() - last_ns < 3 * watchdog_ns;) {
    check_deadline(until_ns, "silence");
    if (supervisor) look(supervisor);
    manager_read();
    if (manager.alive != seen) last_ns = clock_monotonic_ns();
    seen = manager.alive;
    nanosleep(&pause, NULL);
  }
}

/* A worker that hangs, one of two, is seen though all else goes on. */
static void test_watchdog(void **state) {
  (void)state;
  struct supervisor supervisor = {0};
  int ends[2];
  manager_start(site_path("notify"), "1000000");
  site_set("threads=2");
  site_start();
  assert_true(supervisor_open(&supervisor));
  attend(&supervisor, &manager.alive, 3);
  assert_int_equal(manager.ready, 1);
  open_full_pipe(ends);
  log_open(ends[1], LOG_INFO, false);
  cluster_error(&site.cluster, API_HEARTBEAT, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, 1); /* who gets that logs it */
  await_silence(&supervisor, supervisor.notify.watchdog_ns);
  assert_false(daemon_alive(site.instance->daemon, supervisor.notify.watchdog_ns));
  drain(ends[0]);
  log_open(site.log, LOG_INFO, false);
  drain(ends[0]);
  attend(&supervisor, &manager.alive, 1);
  supervisor_close(&supervisor);
  manager_stop();
  assert_int_equal(site_stop(), STATUS_OK);
  close(ends[0]);
  close(ends[1]);
}

/* --- the command --- */

static void *run_command(void *context) {
  char bootstrap[200], folder[200], definition[200];
  snprintf(bootstrap, sizeof bootstrap, "bootstrap=%s", cluster_bootstrap(&site.cluster));
  snprintf(folder, sizeof folder, "state_dir=%s", site_path("state"));
  snprintf(definition, sizeof definition, "%s/definition.json", site.folder);
  char run[] = "run", set[] = "--set", http[] = "http=", inputs[] = "inputs=one", file[] = "--definition",
       draft[] = "--draft";
  char *arguments[] = {run, set, bootstrap, set, folder, set, http, set, inputs, file, definition, draft, NULL};
  *(int *)context = cmd_run((int)(sizeof arguments / sizeof *arguments) - 1, arguments);
  return NULL;
}

static void test_run(void **state) {
  (void)state;
  pthread_t thread;
  int status = -1;
  char text[STREAM_TEXT];
  FILE *file = fopen(site_path("definition.json"), "w");
  assert_non_null(file);
  stream_definition_text(text, 1, "2026-01-01T00:00:00Z", 3);
  assert_true(fputs(text, file) >= 0);
  assert_int_equal(fclose(file), 0);
  manager_start(site_path("notify"), "1000000");
  assert_int_equal(pthread_create(&thread, NULL, run_command, &status), 0);
  attend(NULL, &manager.ready, 1);
  attend(NULL, &manager.alive, 1);
  assert_int_equal(kill(getpid(), SIGHUP), 0);
  attend(NULL, &manager.reloading, 1);
  if (manager.ready < 2) attend(NULL, &manager.ready, 1);
  assert_int_equal(kill(getpid(), SIGTERM), 0);
  attend(NULL, &manager.stopping, 1);
  assert_string_equal(manager.status, "committing what is done");
  pthread_join(thread, NULL);
  assert_int_equal(status, STATUS_OK);
  assert_int_equal(manager.ready, 2);
  manager_stop();
  log_open(site.log, LOG_INFO, false);
}

/* --- `alert` --- */

static void *run_alert(void *context) {
  char settings[200], alert[] = "alert", option[] = "--settings";
  char *arguments[] = {alert, option, settings, NULL};
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  assert_int_equal(pthread_sigmask(SIG_UNBLOCK, &signals, NULL), 0);
  snprintf(settings, sizeof settings, "%s/alert.json", site.folder);
  *(int *)context = cmd_alert(3, arguments);
  return NULL;
}

static void write_alert_settings(void) {
  FILE *file = fopen(site_path("alert.json"), "w");
  assert_non_null(file);
  assert_true(fprintf(file,
                      "{\"bootstrap\":\"%s\",\"alert_state\":\"%s/alert.sqlite\",\"alert_http\":\"\","
                      "\"alert_start\":\"beginning\",\"alerts\":[{\"name\":\"lines\",\"kind\":\"stdout\"}]}",
                      cluster_bootstrap(&site.cluster), site.folder) > 0);
  assert_int_equal(fclose(file), 0);
}

static void put_change(void) {
  const struct put put = {"stage-changes", 0, "u-17", "{\"id\":\"a/0/1/0\",\"type\":\"lead.stage.changed\"}", 1};
  cluster_put(&site.cluster, &put);
  cluster_flush(&site.cluster);
}

/* READY=1 with the partitions, not before; its loop hangs where nobody reads its standard output. */
static void test_alert(void **state) {
  (void)state;
  pthread_t thread;
  int status = -1, ends[2], output = dup(STDOUT_FILENO);
  write_alert_settings();
  open_full_pipe(ends);
  assert_true(dup2(ends[1], STDOUT_FILENO) >= 0);
  cluster_ill(&site.cluster, API_FIND_COORDINATOR, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE);
  manager_start(site_path("notify"), "1000000");
  assert_int_equal(pthread_create(&thread, NULL, run_alert, &status), 0);
  attend(NULL, &manager.extended, 1);
  await_status(NULL, "; no partitions yet", false);
  assert_int_equal(manager.ready, 0);
  assert_int_equal(manager.alive, 0);
  cluster_well(&site.cluster, API_FIND_COORDINATOR);
  attend(NULL, &manager.alive, 3);
  assert_int_equal(manager.ready, 1);
  put_change();
  await_silence(NULL, 1000000000);
  drain(ends[0]);
  attend(NULL, &manager.alive, 1);
  await_status(NULL, "0 alerts wait; 1 receivers, 0 of them disabled", false);
  assert_int_equal(kill(getpid(), SIGTERM), 0);
  attend(NULL, &manager.stopping, 1);
  assert_string_equal(manager.status, "taking the answers that are on their way");
  pthread_join(thread, NULL);
  assert_int_equal(status, STATUS_OK);
  assert_int_equal(manager.ready, 1);
  manager_stop();
  assert_true(dup2(output, STDOUT_FILENO) >= 0);
  close(output);
  close(ends[0]);
  close(ends[1]);
  log_open(site.log, LOG_INFO, false);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_addresses), cmocka_unit_test(test_socket), site_test(test_ready_when_restored),
      site_test(test_watchdog),         site_test(test_run),           site_test(test_alert),
  };
  sigset_t signals; /* that test_run sends: for the command, by whichever thread they would be taken */
  sigemptyset(&signals);
  sigaddset(&signals, SIGHUP);
  sigaddset(&signals, SIGTERM);
  if (pthread_sigmask(SIG_BLOCK, &signals, NULL) != 0) return 1;
  return apart_run(tests, sizeof tests / sizeof *tests);
}
