/* load.h: made-up events in any number, for `handover generate` and `handover bench`: in Segment's shape, fit for config/sample.json.
 *
 * An event is a pure function of the order and its number, in whole numbers only: the same order gives the same bytes on any machine.
 * May use: demo_maker.h. */
#ifndef HANDOVER_CONSUMER_LOAD_H
#define HANDOVER_CONSUMER_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "../producer/buffer.h"
#include "engine/slice.h"

#define LOAD_START_MS INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */
#define LOAD_EVENTS UINT64_C(1000000000)     /* at most */

enum { LOAD_LEADS = 100000000, LOAD_DAYS = 3650, LOAD_KEY = 20 };

struct load_order {
  uint64_t events; /* 1 to LOAD_EVENTS */
  uint64_t seed;
  uint32_t leads; /* 1 to LOAD_LEADS */
  uint32_t days;  /* 1 to LOAD_DAYS: event times go evenly from LOAD_START_MS over so many days */
  bool uniform;   /* every lead as often; else the lead of rank r with a probability in proportion to 1/r */
};

struct load_event { /* zero it to start; load_event_fini */
  char key[LOAD_KEY];
  uint32_t key_length;
  struct buffer payload;
};

/* Makes event `number` (0 … events − 1, and beyond) of its lead at its time. */
void load_make(const struct load_order *order, uint64_t number, struct load_event *event);
/* The same with another lead (below `leads`) or another time. */
void load_make_of(const struct load_order *order, uint64_t number, uint32_t lead, int64_t time_ms,
                  struct load_event *event);
uint32_t load_lead(const struct load_order *order, uint64_t number);
int64_t load_time(const struct load_order *order, uint64_t number);
void load_event_fini(struct load_event *event);

#endif
