/* http.h: /metrics and the probes, read-only, on one address; no lead data. May use: libmicrohttpd, metrics.h.
 *
 * GET and HEAD only. One thread of its own, at most 32 connections; 8 KiB of headers and 10 s for a request and its answer, however
 * slowly they come and are taken. */
#ifndef HANDOVER_CONSUMER_HTTP_H
#define HANDOVER_CONSUMER_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../producer/encode.h"

struct metrics;

/* Called on the server's thread. Appends lines "[+]name detail\n" or "[-]name detail\n" for ?verbose; true: all is well. */
typedef bool http_probe(void *context, struct buffer *lines);

/* The same for a whole page. */
typedef void http_page(void *context, struct buffer *buffer);

struct http_options {
  const char *address;      /* host:port, [::1]:port; an IP address or "localhost"; port 0: any (tests) */
  bool public;              /* addresses other than loopback are allowed */
  struct metrics *metrics;  /* outlives the server */
  http_page *render;        /* not NULL: writes /metrics instead */
  http_probe *live, *ready; /* NULL: always yes */
  void *context;
};

struct http;

/* NULL with a sentence in `why`. */
struct http *http_start(const struct http_options *options, char *why, size_t room);
uint16_t http_port(const struct http *http);
void http_stop(struct http *http);

/* Is it host:port with an IP address that may be listened on? Also used where settings are checked. */
bool http_address_check(const char *address, bool public, char *why, size_t room);

#endif
