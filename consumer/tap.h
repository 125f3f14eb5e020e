/* tap.h: which published events somebody wants to see, and one of them as one line:
 *
 *   2026-11-02 09:30:15  u-17    mql → sql    hand raised: Demo Requested; sales: dev (emea), sales answers by Mon 2 Nov 14:00
 *
 * May use: cJSON, story_words.h, terminal.h. */
#ifndef HANDOVER_CONSUMER_TAP_H
#define HANDOVER_CONSUMER_TAP_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "../producer/buffer.h"

enum { TAP_ATTRIBUTES = 16 };

enum tap_type { TAP_ANY, TAP_CHANGES, TAP_BREACHES };

struct tap_filter { /* NULL: whatever it is */
  enum tap_type type;
  const char *lead, *from, *to, *queue, *member, *owner;
  struct tap_attribute {
    const char *name, *value; /* the text of a string, a number as it is written, true or false */
    size_t name_length;
  } attributes[TAP_ATTRIBUTES];
  int32_t attribute_count;
};

/* "NAME=VALUE". False: it is none, or there are too many. */
bool tap_attribute_take(struct tap_filter *filter, const char *text);

/* Of what is neither a change nor a breach: false. */
bool tap_wants(const struct tap_filter *filter, const cJSON *event);

/* With its line break. `columns`: what does not fit in is cut; 0: all of it. Nothing of what is no change and no breach. */
void tap_line(struct buffer *out, const cJSON *event, int columns, bool colour);

#endif
