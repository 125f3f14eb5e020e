/* test_http.c: the server over real sockets: pages, methods, probes, and requests that nobody should send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "consumer/http.h"
#include "consumer/metrics.h"

static struct metrics *metrics;
static struct http *http;
static atomic_bool ready;
static char answer[1 << 16];

static bool probe_ready(void *context, struct buffer *lines) {
  buffer_append_text(lines, ready ? "[+]restored 3 of 3\n" : "[-]restored 1 of 3\n");
  return *(atomic_bool *)context;
}

static int dial(void) {
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(http_port(http)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct timeval patience = {.tv_sec = 120};
  int connection = socket(AF_INET, SOCK_STREAM, 0);
  assert_true(connection >= 0);
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  assert_int_equal(connect(connection, (struct sockaddr *)&address, sizeof address), 0);
  return connection;
}

/* Reads up to the end of the connection; the status, or 0 where none came. */
static int hear(int connection) {
  size_t length = 0;
  ssize_t got;
  while (length < sizeof answer - 1 && (got = recv(connection, answer + length, sizeof answer - 1 - length, 0)) > 0)
    length += (size_t)got;
  answer[length] = 0;
  close(connection);
  int status = 0;
  return sscanf(answer, "HTTP/1.%*d %d", &status) == 1 ? status : 0;
}

static int ask_bytes(const char *request, size_t length) {
  int connection = dial();
  for (size_t sent = 0; sent < length;) {
    ssize_t now = send(connection, request + sent, length - sent, MSG_NOSIGNAL);
    if (now <= 0) break; /* refused before all was said */
    sent += (size_t)now;
  }
  return hear(connection);
}

static int ask(const char *method, const char *path) {
  char request[512];
  int length =
      snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", method, path);
  return ask_bytes(request, (size_t)length);
}

static const char *body(void) {
  const char *at = strstr(answer, "\r\n\r\n");
  return at ? at + 4 : "";
}

static int set_up(void **state) {
  char why[600];
  struct http_options options = {.address = "127.0.0.1:0", .ready = probe_ready, .context = &ready};
  (void)state;
  ready = true;
  options.metrics = metrics = metrics_create(1);
  http = http_start(&options, why, sizeof why);
  return http && http_port(http) ? 0 : -1;
}

static int tear_down(void **state) {
  (void)state;
  http_stop(http);
  metrics_destroy(metrics);
  return 0;
}

static void test_pages(void **state) {
  (void)state;
  metrics_add(metrics, 0, METRIC_EVENTS_CONSUMED, 42);
  assert_int_equal(ask("GET", "/metrics"), 200);
  assert_non_null(strstr(answer, "Content-Type: text/plain; version=0.0.4"));
  assert_non_null(strstr(answer, "X-Content-Type-Options: nosniff"));
  assert_non_null(strstr(body(), "\nhandover_events_consumed_total 42\n"));
  assert_int_equal(ask("GET", "/version"), 200);
  assert_int_equal(strncmp(body(), "{\"version\":\"", 12), 0);
  assert_int_equal(ask("GET", "/"), 200);
  assert_non_null(strstr(body(), "href=\"/metrics\""));
  assert_int_equal(ask("HEAD", "/metrics"), 200);
  assert_string_equal(body(), "");
}

static void test_probes(void **state) {
  (void)state;
  assert_int_equal(ask("GET", "/readyz"), 200);
  assert_string_equal(body(), "ok\n");
  ready = false;
  assert_int_equal(ask("GET", "/readyz"), 503);
  assert_string_equal(body(), "not ok\n");
  assert_int_equal(ask("GET", "/readyz?verbose"), 503);
  assert_string_equal(body(), "[-]restored 1 of 3\nnot ok\n");
  assert_int_equal(ask("GET", "/livez?verbose=1"), 200);
  assert_int_equal(ask("GET", "/healthz"), 200);
  ready = true;
}

static void test_refused(void **state) {
  (void)state;
  static const char *const methods[] = {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW", "get"};
  static const char *const paths[] = {"/nothing", "/metrics/", "//metrics", "/../etc/passwd", "/%2e%2e/", "/metricsx"};
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
    assert_int_equal(ask(methods[i], "/metrics"), 405);
    assert_non_null(strstr(answer, "Allow: GET, HEAD"));
  }
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    assert_int_equal(ask("GET", paths[i]), 404);
    assert_null(strstr(body(), paths[i])); /* nothing is echoed */
  }
}

static void test_bodies(void **state) {
  (void)state;
  static const char get[] = "GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\nabc";
  static const char chunked[] =
      "GET /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  static const char post[] = "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc";
  assert_int_equal(ask_bytes(get, sizeof get - 1), 413);
  assert_int_equal(ask_bytes(chunked, sizeof chunked - 1), 413);
  assert_int_equal(ask_bytes(post, sizeof post - 1), 405);
}

static void test_garbage(void **state) {
  (void)state;
  static char flood[64 * 1024];
  int status;
  size_t length = (size_t)snprintf(flood, sizeof flood, "GET /metrics HTTP/1.1\r\nHost: x\r\nX-Long: ");
  memset(flood + length, 'a', sizeof flood - length);
  status = ask_bytes(flood, sizeof flood);
  assert_true(status == 0 || status == 413 || status == 414 || status == 431); /* cut off, or told */
  memset(flood, 'a', sizeof flood);
  memcpy(flood, "GET /", 5);
  status = ask_bytes(flood, sizeof flood);
  assert_true(status == 0 || (status >= 400 && status < 500));
  for (size_t i = 0; i < sizeof flood; i++) flood[i] = (char)(i * 7919 >> 3);
  flood[5000] = '\n';
  status = ask_bytes(flood, 9000);
  assert_true(status == 0 || (status >= 400 && status < 600));
  assert_int_equal(ask("GET", "/livez"), 200); /* and it still answers */
}

/* Connections beyond the limit are turned away, and the server is well when they are gone. */
static void test_many_connections(void **state) {
  (void)state;
  int held[48];
  for (int i = 0; i < 48; i++) held[i] = dial();
  for (int i = 0; i < 48; i++) close(held[i]);
  int status = 0;
  for (int i = 0; i < 5000 && status != 200; i++) {
    status = ask("GET", "/livez");
    usleep(20000);
  }
  assert_int_equal(status, 200);
}

static time_t seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

/* A byte a tenth of a second, for a request that never ends: it is cut off all the same. Others are answered meanwhile. */
static void test_slow(void **state) {
  (void)state;
  static const char drip[] =
      "GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
  int slow = dial(), sent = 0, status = 0;
  bool cut = false;
  time_t begin = seconds();
  while (!cut && sent < 300) {
    char byte = sent < (int)sizeof drip - 1 ? drip[sent] : 'a';
    cut = send(slow, &byte, 1, MSG_NOSIGNAL) != 1 || recv(slow, answer, 1, MSG_DONTWAIT) == 0;
    if (sent++ == 20) status = ask("GET", "/livez");
    usleep(100000);
  }
  close(slow);
  assert_int_equal(status, 200);
  assert_true(cut);
  assert_true(seconds() - begin >= 8); /* a client may well be slow for some seconds */
}

/* As many slow ones as there may be keep others out for no longer than that. */
static void test_all_slow(void **state) {
  (void)state;
  int held[32];
  for (int i = 0; i < 32; i++) {
    held[i] = dial();
    assert_int_equal(send(held[i], "GET /", 5, MSG_NOSIGNAL), 5);
  }
  time_t begin = seconds();
  int status = ask("GET", "/livez"); /* waits in the kernel's queue, or is turned away */
  for (int i = 0; i < 400 && status != 200; i++) {
    for (int j = 0; j < 32; j++) send(held[j], "a", 1, MSG_NOSIGNAL); /* never idle */
    usleep(50000);
    status = ask("GET", "/livez");
  }
  for (int i = 0; i < 32; i++) close(held[i]);
  assert_int_equal(status, 200);
  assert_in_range(seconds() - begin, 0, 60);
}

/* Requests of one connection, one after the other, for longer than one may take. */
static void test_kept_alive(void **state) {
  (void)state;
  static const char request[] = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
  for (int i = 0; i < 50 && ask("GET", "/livez") != 200; i++) usleep(100000); /* the connections of before are gone */
  int connection = dial();
  for (int i = 0; i < 12; i++) {
    assert_int_equal(send(connection, request, sizeof request - 1, MSG_NOSIGNAL), sizeof request - 1);
    ssize_t length = recv(connection, answer, sizeof answer - 1, 0);
    assert_true(length > 12 && memcmp(answer, "HTTP/1.1 200", 12) == 0);
    sleep(1);
  }
  close(connection);
}

static void test_addresses(void **state) {
  (void)state;
  static const char *const good[] = {"127.0.0.1:9464", "localhost:1", "[::1]:65535", "127.9.9.9:0"};
  static const char *const bad[] = {"",
                                    ":",
                                    "9464",
                                    "127.0.0.1",
                                    "127.0.0.1:",
                                    ":9464",
                                    "127.0.0.1:65536",
                                    "127.0.0.1:-1",
                                    "127.0.0.1:9x",
                                    "::1:9464",
                                    "[]:1",
                                    "[::1:9464",
                                    "example.org:80",
                                    "256.0.0.1:1",
                                    "127.0.0.1:000001"};
  static const char *const public[] = {"0.0.0.0:9464", "[::]:9464", "10.0.0.1:9464", "[fe80::1]:80"};
  char why[600];
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    assert_true(http_address_check(good[i], false, why, sizeof why));
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    why[0] = 0;
    assert_false(http_address_check(bad[i], true, why, sizeof why));
    assert_true(strlen(why) > 10);
  }
  for (size_t i = 0; i < sizeof public / sizeof *public; i++) {
    assert_false(http_address_check(public[i], false, why, sizeof why));
    assert_non_null(strstr(why, "http_public"));
    assert_true(http_address_check(public[i], true, why, sizeof why));
  }
}

static void test_taken(void **state) {
  (void)state;
  char why[600] = "", address[32];
  snprintf(address, sizeof address, "127.0.0.1:%u", http_port(http));
  struct http_options options = {.address = address, .metrics = metrics};
  assert_null(http_start(&options, why, sizeof why));
  assert_non_null(strstr(why, "cannot listen"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pages),     cmocka_unit_test(test_probes),   cmocka_unit_test(test_refused),
      cmocka_unit_test(test_bodies),    cmocka_unit_test(test_garbage),  cmocka_unit_test(test_many_connections),
      cmocka_unit_test(test_slow),      cmocka_unit_test(test_all_slow), cmocka_unit_test(test_kept_alive),
      cmocka_unit_test(test_addresses), cmocka_unit_test(test_taken),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
