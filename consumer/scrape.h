/* scrape.h: texts fetched by HTTP from several addresses at once. May use: libcurl, buffer.h. One thread. */
#ifndef HANDOVER_CONSUMER_SCRAPE_H
#define HANDOVER_CONSUMER_SCRAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../producer/buffer.h"

enum { SCRAPE_MOST = 64, SCRAPE_BYTES = 4 << 20, SCRAPE_WHY = 200 };

struct scrape_answer {
  bool good;          /* `text` is the body of a 200 */
  struct buffer text; /* kept from one call to the next: scrape_close frees it */
  char why[SCRAPE_WHY];
};

struct scrape;

/* "127.0.0.1:9464", "http://host:9464" or "https://host/metrics": of what has no path it is /metrics. NULL: one of them is no such address, or
 * there are too many, and `why` says which. */
struct scrape *scrape_open(const char *const *urls, int32_t count, char *why, size_t room);
void scrape_close(struct scrape *scrape);

/* All of them at once; what has not come within wait_ms is given up. No redirect is followed, no proxy asked. */
void scrape_fetch(struct scrape *scrape, int wait_ms);
const struct scrape_answer *scrape_answer(const struct scrape *scrape, int32_t index);
const char *scrape_url(const struct scrape *scrape, int32_t index);

#endif
