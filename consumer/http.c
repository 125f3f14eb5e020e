/* http.c: libmicrohttpd and a table of pages, by one thread. Nothing that a request says is kept or echoed. A request with a body is
 * refused before it is read. May use: libmicrohttpd, metrics.h, clock.h.
 *
 * libmicrohttpd's own time-out begins anew with every byte. So the thread is ours: between its calls it cuts the connections off whose
 * request, with its answer, takes too long. */
#include "http.h"

#include <assert.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "metrics.h"

enum { HTTP_CONNECTIONS = 32, HTTP_MOST_S = 10, HTTP_REQUEST_BYTES = 8192, HTTP_ADDRESS = 256, LOOK_MS = 500 };

struct visitor {
  int socket;       /* libmicrohttpd's; -1: nobody */
  int64_t since_ns; /* it came, or was answered last */
};

struct http {
  struct MHD_Daemon *daemon;
  struct visitor visitors[HTTP_CONNECTIONS];
  pthread_t thread;
  bool threaded;
  int end; /* an eventfd: the thread ends */
  struct http_options options;
  uint16_t port;
};

struct page {
  const char *path, *type;
  unsigned (*write)(struct http *http, bool verbose, struct buffer *buffer); /* the status */
};

/* Pages */

static unsigned write_metrics(struct http *http, bool verbose, struct buffer *buffer) {
  (void)verbose;
  if (http->options.render) http->options.render(http->options.context, buffer);
  else metrics_render(http->options.metrics, buffer);
  return MHD_HTTP_OK;
}

static unsigned write_probe(struct http *http, http_probe *probe, bool verbose, struct buffer *buffer) {
  struct buffer lines = {0};
  bool good = !probe || probe(http->options.context, &lines);
  if (verbose && lines.length) buffer_append(buffer, lines.at, lines.length);
  buffer_append_text(buffer, good ? "ok\n" : "not ok\n");
  buffer_fini(&lines);
  return good ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
}

static unsigned write_live(struct http *http, bool verbose, struct buffer *buffer) {
  return write_probe(http, http->options.live, verbose, buffer);
}

static unsigned write_ready(struct http *http, bool verbose, struct buffer *buffer) {
  return write_probe(http, http->options.ready, verbose, buffer);
}

static unsigned write_version(struct http *http, bool verbose, struct buffer *buffer) {
  (void)http;
  (void)verbose;
  buffer_append_text(buffer, "{\"version\":\"" HANDOVER_VERSION "\"}\n");
  return MHD_HTTP_OK;
}

static unsigned write_index(struct http *http, bool verbose, struct buffer *buffer) {
  (void)http;
  (void)verbose;
  buffer_append_text(
      buffer,
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>handover</title><h1>handover " HANDOVER_VERSION
      "</h1><ul><li><a href=\"/metrics\">metrics</a><li><a href=\"/readyz?verbose\">ready?</a>"
      "<li><a href=\"/livez?verbose\">alive?</a><li><a href=\"/version\">version</a></ul></html>\n");
  return MHD_HTTP_OK;
}

static const struct page pages[] = {
    {"/metrics", "text/plain; version=0.0.4; charset=utf-8", write_metrics},
    {"/livez", "text/plain; charset=utf-8", write_live},
    {"/readyz", "text/plain; charset=utf-8", write_ready},
    {"/healthz", "text/plain; charset=utf-8", write_live},
    {"/version", "application/json", write_version},
    {"/", "text/html; charset=utf-8", write_index},
};

/* Requests */

static enum MHD_Result respond(struct MHD_Connection *connection, unsigned status, const char *type,
                               const struct buffer *body) {
  struct MHD_Response *response = MHD_create_response_from_buffer(body->length, body->at, MHD_RESPMEM_MUST_COPY);
  if (!response) return MHD_NO;
  bool good = MHD_add_response_header(response, "Content-Type", type) == MHD_YES &&
              MHD_add_response_header(response, "Cache-Control", "no-store") == MHD_YES &&
              MHD_add_response_header(response, "X-Content-Type-Options", "nosniff") == MHD_YES;
  if (good && status == MHD_HTTP_METHOD_NOT_ALLOWED)
    good = MHD_add_response_header(response, "Allow", "GET, HEAD") == MHD_YES;
  enum MHD_Result result = good ? MHD_queue_response(connection, status, response) : MHD_NO;
  MHD_destroy_response(response);
  return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status, const char *text) {
  struct buffer body = {0};
  buffer_append_text(&body, text);
  enum MHD_Result result = respond(connection, status, "text/plain; charset=utf-8", &body);
  buffer_fini(&body);
  return result;
}

static bool has_body(struct MHD_Connection *connection) {
  const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
  return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Transfer-Encoding") ||
         (length && strcmp(length, "0") != 0);
}

/* libmicrohttpd calls twice: once the headers are there (refusals), and once the request is whole. */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *path, const char *method,
                              const char *version, const char *upload, size_t *upload_length, void **request) {
  static char headers_seen;
  struct http *http = context;
  (void)version;
  (void)upload;
  if (!*request) {
    *request = &headers_seen;
    bool reading = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    if (!reading) return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
    if (has_body(connection)) return refuse(connection, MHD_HTTP_CONTENT_TOO_LARGE, "no body, please\n");
    return MHD_YES;
  }
  if (*upload_length) return MHD_NO;
  for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
    if (strcmp(path, pages[i].path) != 0) continue;
    bool verbose =
        MHD_lookup_connection_value_n(connection, MHD_GET_ARGUMENT_KIND, "verbose", 7, NULL, NULL) == MHD_YES;
    struct buffer body = {0};
    unsigned status = pages[i].write(http, verbose, &body);
    enum MHD_Result result = respond(connection, status, pages[i].type, &body);
    buffer_fini(&body);
    return result;
  }
  return refuse(connection, MHD_HTTP_NOT_FOUND, "not found; see /\n");
}

/* Addresses */

/* host:port or [host]:port into two texts. */
static bool split(const char *address, char host[HTTP_ADDRESS], char port[HTTP_ADDRESS]) {
  const char *colon = strrchr(address, ':');
  size_t length = colon ? (size_t)(colon - address) : 0;
  if (!colon || length == 0 || strlen(address) >= HTTP_ADDRESS || colon[1] == 0) return false;
  bool bracketed = address[0] == '[';
  if (bracketed) {
    if (length < 3 || colon[-1] != ']') return false;
    address++;
    length -= 2;
  }
  memcpy(host, address, length);
  host[length] = 0;
  memcpy(port, colon + 1, strlen(colon + 1) + 1);
  return bracketed || !memchr(host, ':', length);
}

static bool port_parse(const char *text, uint16_t *port) {
  unsigned number = 0;
  size_t length = strlen(text);
  if (length == 0 || length > 5 || strspn(text, "0123456789") != length) return false;
  for (const char *at = text; *at; at++) number = number * 10 + (unsigned)(*at - '0');
  if (number > UINT16_MAX) return false;
  *port = (uint16_t)number;
  return true;
}

static bool is_loopback(const struct sockaddr *address) {
  if (address->sa_family == AF_INET6) {
    return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
  }
  return address->sa_family == AF_INET &&
         ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24 == 127;
}

static bool resolve(const char *address, bool public, struct sockaddr_storage *resolved, char *why, size_t room) {
  char host[HTTP_ADDRESS], port_text[HTTP_ADDRESS];
  uint16_t port;
  if (!split(address, host, port_text) || !port_parse(port_text, &port)) {
    snprintf(why, room, "\"%.200s\" is not host:port, such as 127.0.0.1:9464 or [::1]:9464", address);
    return false;
  }
  struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM}, *found = NULL;
  if (getaddrinfo(strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, port_text, &hints, &found) != 0 || !found) {
    snprintf(why, room, "\"%.200s\" is no IP address; names are not looked up, but for localhost", host);
    return false;
  }
  memset(resolved, 0, sizeof *resolved);
  memcpy(resolved, found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  if (!public && !is_loopback((struct sockaddr *)resolved)) {
    snprintf(why, room, "\"%.200s\" is not a loopback address; set http_public to true if others may read the metrics",
             host);
    return false;
  }
  return true;
}

bool http_address_check(const char *address, bool public, char *why, size_t room) {
  struct sockaddr_storage resolved;
  return resolve(address, public, &resolved, why, room);
}

/* Connections */

static void note_connection(void *context, struct MHD_Connection *connection, void **slot,
                            enum MHD_ConnectionNotificationCode code) {
  struct http *http = context;
  if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
    if (*slot) ((struct visitor *)*slot)->socket = -1;
    return;
  }
  for (int i = 0; i < HTTP_CONNECTIONS && !*slot; i++) {
    if (http->visitors[i].socket >= 0) continue;
    int socket = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    http->visitors[i] = (struct visitor){socket, clock_monotonic_ns()};
    *slot = &http->visitors[i];
  }
}

static void note_answered(void *context, struct MHD_Connection *connection, void **request,
                          enum MHD_RequestTerminationCode code) {
  (void)context, (void)request, (void)code;
  struct visitor *visitor = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
  if (visitor) visitor->since_ns = clock_monotonic_ns();
}

/* libmicrohttpd closes what has been shut down. */
static void cut_slow(struct http *http) {
  int64_t before_ns = clock_monotonic_ns() - HTTP_MOST_S * INT64_C(1000000000);
  for (int i = 0; i < HTTP_CONNECTIONS; i++) {
    const struct visitor *visitor = &http->visitors[i];
    if (visitor->socket >= 0 && visitor->since_ns < before_ns) shutdown(visitor->socket, SHUT_RDWR);
  }
}

/* Never for ever: where all places were taken, libmicrohttpd takes no notice of newcomers until it is called once more. */
static int wait_ms(const struct http *http) {
  MHD_UNSIGNED_LONG_LONG left_ms;
  return MHD_get_timeout(http->daemon, &left_ms) == MHD_YES && left_ms < LOOK_MS ? (int)left_ms : LOOK_MS;
}

static void *serve(void *context) {
  struct http *http = context;
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
  struct pollfd polled[] = {{info->epoll_fd, POLLIN, 0}, {http->end, POLLIN, 0}};
  while (!polled[1].revents) {
    MHD_run(http->daemon);
    cut_slow(http);
    if (poll(polled, 2, wait_ms(http)) < 0) assert(errno == EINTR || errno == ENOMEM);
  }
  return NULL;
}

/* Start and stop */

static void listen_on(struct http *http, const struct sockaddr_storage *address) {
  unsigned flags = MHD_USE_EPOLL | (address->ss_family == AF_INET6 ? MHD_USE_IPv6 : 0);
  http->daemon =
      MHD_start_daemon(flags, 0, NULL, NULL, handle, http, MHD_OPTION_SOCK_ADDR, address, MHD_OPTION_CONNECTION_LIMIT,
                       (unsigned)HTTP_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_MOST_S,
                       MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_REQUEST_BYTES, MHD_OPTION_NOTIFY_CONNECTION,
                       note_connection, http, MHD_OPTION_NOTIFY_COMPLETED, note_answered, http, MHD_OPTION_END);
}

struct http *http_start(const struct http_options *options, char *why, size_t room) {
  struct sockaddr_storage address;
  if (!resolve(options->address, options->public, &address, why, room)) return NULL;
  struct http *http = calloc(1, sizeof *http);
  assert(http);
  http->options = *options;
  for (int i = 0; i < HTTP_CONNECTIONS; i++) http->visitors[i].socket = -1;
  http->end = eventfd(0, EFD_CLOEXEC);
  listen_on(http, &address);
  const union MHD_DaemonInfo *info = http->daemon ? MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
  if (info) http->port = info->port;
  http->threaded = info && http->end >= 0 && pthread_create(&http->thread, NULL, serve, http) == 0;
  if (http->threaded) return http;
  snprintf(why, room, info ? "no thread for %.200s can be started" : "cannot listen on %.200s: is the port taken?",
           options->address);
  http_stop(http);
  return NULL;
}

uint16_t http_port(const struct http *http) { return http->port; }

void http_stop(struct http *http) {
  if (!http) return;
  if (http->threaded) {
    eventfd_write(http->end, 1);
    pthread_join(http->thread, NULL);
  }
  if (http->daemon) MHD_stop_daemon(http->daemon);
  if (http->end >= 0) close(http->end);
  free(http);
}
