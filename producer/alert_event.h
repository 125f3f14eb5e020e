/* alert_event.h: a published event as a tree that pointers look into. May use: cJSON, config/receiver.h. */
#ifndef HANDOVER_PRODUCER_ALERT_EVENT_H
#define HANDOVER_PRODUCER_ALERT_EVENT_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "../config/receiver.h"
#include "buffer.h"

/* What stands at a pointer (RFC 6901); "" is `node` itself. NULL: nothing. `length`: of the pointer. */
const cJSON *alert_event_at(const cJSON *node, const char *pointer, size_t length);
/* A text of the event; "" where there is none. */
const char *alert_event_text(const cJSON *event, const char *pointer);
/* A scalar as text: numbers as RFC 8785 writes them. False: it is none, null, or beyond what a double holds; nothing is appended. */
bool alert_event_scalar(struct buffer *out, const cJSON *node);

/* Does it pass? */
bool alert_event_passes(const cJSON *event, const struct receiver_filter *filter);

#endif
