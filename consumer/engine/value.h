/* value.h: what attributes take from an event's values. */
#ifndef HANDOVER_ENGINE_VALUE_H
#define HANDOVER_ENGINE_VALUE_H

#include "event.h"
#include "lead.h"

/* The text that an attribute of type text would take: false where it would take none. Cut after the last whole character within
 * LIMIT_TEXT bytes. */
bool value_text(const struct value *value, struct slice *text);

/* Sets the lead's attributes from an event; returns how many values were of no use. */
uint32_t attributes_set(struct pool *pool, const struct definition *definition, struct lead *lead,
                        const struct event *event);
static inline uint32_t attributes_take(struct pool *pool, const struct definition *definition, struct lead *lead,
                                       const struct event *event) {
  return event->present & definition->plan->attribute_fields ? attributes_set(pool, definition, lead, event) : 0;
}

/* To be called where attributes of the lead have been set otherwise: what was worked out of them is forgotten, and gets slots. */
void attributes_changed(struct pool *pool, const struct definition *definition, struct lead *lead);

#endif
