/* http.c: libmicrohttpd with one polling thread and a table of pages. Nothing that a request says is kept or echoed. A request with
 * a body is refused before it is read. May use: libmicrohttpd, metrics.h. */
#include "http.h"

#include <assert.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "metrics.h"

enum { HTTP_CONNECTIONS = 32, HTTP_IDLE_S = 10, HTTP_REQUEST_BYTES = 8192, HTTP_ADDRESS = 256 };

struct http {
  struct MHD_Daemon *daemon;
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
  metrics_render(http->options.metrics, buffer);
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

/* Start and stop */

struct http *http_start(const struct http_options *options, char *why, size_t room) {
  struct sockaddr_storage address;
  if (!resolve(options->address, options->public, &address, why, room)) return NULL;
  struct http *http = calloc(1, sizeof *http);
  assert(http);
  http->options = *options;
  unsigned flags = MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD;
  if (address.ss_family == AF_INET6) flags |= MHD_USE_IPv6;
  http->daemon = MHD_start_daemon(flags, 0, NULL, NULL, handle, http, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
                                  MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS,
                                  MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S,
                                  MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_REQUEST_BYTES, MHD_OPTION_END);
  const union MHD_DaemonInfo *info = http->daemon ? MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
  if (!info) {
    snprintf(why, room, "cannot listen on %.200s: is the port taken?", options->address);
    http_stop(http);
    return NULL;
  }
  http->port = info->port;
  return http;
}

uint16_t http_port(const struct http *http) { return http->port; }

void http_stop(struct http *http) {
  if (!http) return;
  if (http->daemon) MHD_stop_daemon(http->daemon);
  free(http);
}
