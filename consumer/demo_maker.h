/* demo_maker.h: one event of the demo as Segment would send it, and the dice. May use: demo_events.h, demo_cast.h, encode.h. */
#ifndef HANDOVER_CONSUMER_DEMO_MAKER_H
#define HANDOVER_CONSUMER_DEMO_MAKER_H

#include "demo_cast.h"
#include "demo_events.h"

#define DEMO_START_MS INT64_C(1793577600000) /* 2026-11-02T00:00:00Z, a Monday */
#define DEMO_MINUTE_MS INT64_C(60000)
#define DEMO_HOUR_MS (60 * DEMO_MINUTE_MS)
#define DEMO_DAY_MS (24 * DEMO_HOUR_MS)

enum { DEMO_DAYS = 14 };

struct demo_maker {
  struct demo_events *events;
  uint64_t dice;
};

struct demo_draft {
  const struct demo_person *person; /* without a name: a visitor of whom nothing but a cookie is known */
  const char *event, *says;         /* as in struct demo_line */
  const char *more;                 /* members as they are, each with a comma behind it; NULL: none */
  int64_t time_ms, delay_ms;        /* delay: how much later the record comes */
};

/* What the crowd is called and does; the last three as in struct demo_line. */
struct demo_list {
  const char *const *at;
  uint32_t count;
};
extern const struct demo_list demo_firsts, demo_lasts, demo_titles, demo_regions, demo_sources;
extern const struct demo_list demo_pages, demo_guides, demo_features;

uint64_t demo_number(struct demo_maker *maker);
/* 0 … below − 1, which is less than 2³¹ */
uint32_t demo_draw(struct demo_maker *maker, uint32_t below);

/* The event's JSON; `id` has at most 48 bits. */
void demo_payload(struct buffer *text, uint64_t id, const struct demo_draft *draft);

/* Writes the event, now and then twice: somebody's network asks again. */
void demo_make(struct demo_maker *maker, const struct demo_draft *draft);
/* A record as it is. */
void demo_make_raw(struct demo_maker *maker, const char *key, int64_t timestamp_ms, const char *payload);

/* Everybody without a story, all fortnight long, and some who are there when it ends. Returns how many people. */
int32_t demo_crowd(struct demo_maker *maker);

#endif
