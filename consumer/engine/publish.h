/* publish.h: gathers what a change says of a lead and hands it to the task's callback. */
#ifndef HANDOVER_ENGINE_PUBLISH_H
#define HANDOVER_ENGINE_PUBLISH_H

#include "state.h"
#include "view.h"

/* The lead goes to `to`: by a move (or NONE: it climbs), by the view's event or by a timer. The view is as before. */
void publish_stage(struct task *task, struct view *view, int32_t to, int32_t move, const struct stay_route *route);
void publish_breach(struct task *task, struct view *view, int32_t sla, int64_t deadline_ms);

/* Parts of a change, for who has none: `out` has room for definition_contributions, and for LIMIT_ATTRIBUTES. Return how many. */
int32_t publish_contributions(struct view *view, struct contribution *out);
int32_t publish_attributes(const struct view *view, struct shared_attribute *out);

#endif
