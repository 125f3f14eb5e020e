/* story.h: a published event as people read it: who, from where to where, why, what is missing, who has to act by when.
 *
 *   Mon  2 Nov 15:15  Farid Haddad, Cedar Stack     suspect → mql              Page Viewed
 *                     total 83.8: industry we know best +25, pricing page +23.8 and 2 more
 *                     marketing: marketing follows up by Thu 5 Nov 15:15; missing for sql: budget, need, timescale
 *
 * Nothing is used but what is in the event, so it is good for any definition. Times are UTC, and the caller says so once.
 * May use: cJSON, terminal.h. */
#ifndef HANDOVER_CONSUMER_STORY_H
#define HANDOVER_CONSUMER_STORY_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "terminal.h"

/* A stage change or an SLA's breach, with its line breaks. False, and nothing is appended, where `event` is neither. */
bool story_event(struct buffer *buffer, const cJSON *event, bool colour);

struct story_dead_letter {
  struct slice reason, detail, topic;
  int32_t partition;
  int64_t offset, timestamp_ms;
};

/* One line. */
void story_dead_letter(struct buffer *buffer, const struct story_dead_letter *letter, bool colour);

/* The text of a member, or no bytes where it is no string. */
struct slice story_text(const cJSON *object, const char *name);
/* Is the event of this type: "lead.stage.changed", "lead.sla.breached"? */
bool story_is(const cJSON *event, const char *type);

#endif
