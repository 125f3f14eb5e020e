/* demo_cast.h: the people of the demo who have a story, as tables that can be read like one. May use: nothing. */
#ifndef HANDOVER_CONSUMER_DEMO_CAST_H
#define HANDOVER_CONSUMER_DEMO_CAST_H

#include <stdint.h>

struct demo_person {
  const char *lead, *name, *email, *phone, *title, *company, *industry;
  int32_t employees;
  const char *region, *source;
};

/* "identify" says words of: name email phone title company region source. Any other event says properties: "a=b; c=7". */
struct demo_line {
  const char *who;  /* the lead */
  const char *when; /* "Mon 02 09:30", a day of November 2026; "+6" behind it: the record comes 6 minutes late */
  const char *event, *says;
};

/* A record that is none. */
struct demo_broken {
  const char *when, *key, *payload; /* key "": none */
};

extern const struct demo_person demo_people[];
extern const struct demo_line demo_lines[]; /* of each person in the order of time */
extern const struct demo_broken demo_broken_records[];
extern const int32_t demo_people_count, demo_line_count, demo_broken_count;

#endif
