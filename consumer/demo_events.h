/* demo_events.h: the demo's log: a made-up fortnight, 2 to 15 November 2026, always the same.
 *
 * A dozen people have stories that somebody wrote (demo_cast.c); a crowd around them comes out of a seeded generator. Some events come
 * twice, some late, and a few records are broken. Nobody in it exists. May use: encode.h. */
#ifndef HANDOVER_CONSUMER_DEMO_EVENTS_H
#define HANDOVER_CONSUMER_DEMO_EVENTS_H

#include "../producer/buffer.h"
#include "engine/slice.h"

enum { DEMO_KEY = 24 };

struct demo_event {
  int64_t timestamp_ms; /* of the record: the event's time and a few seconds, or much more where it came late */
  char key[DEMO_KEY];   /* the lead; "": none */
  const char *payload;  /* not ended by a zero; in struct demo_events' text */
  uint32_t length;
  uint32_t start, sequence; /* where the payload starts in the text; the order in which it was made */
};

struct demo_events {
  struct demo_event *at; /* ascending by timestamp */
  int32_t count, room;
  int32_t leads;  /* how many people there are */
  int32_t broken; /* how many records are broken on purpose */
  struct buffer text;
};

void demo_events_init(struct demo_events *events);
void demo_events_fini(struct demo_events *events);

#endif
