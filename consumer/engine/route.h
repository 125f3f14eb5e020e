/* route.h: who gets a lead: the first queue whose condition holds, and in it one member, by weighted rendezvous hashing. */
#ifndef HANDOVER_ENGINE_ROUTE_H
#define HANDOVER_ENGINE_ROUTE_H

#include "view.h"

/* The route that takes the lead as it stands, or NONE. */
int32_t route_choose(struct view *view);
/* The member for a lead: docs/engine.md, Routes (D. G. Thaler, C. V. Ravishankar, "Using name-based mappings to increase hit
 * rates", 1998, with the best of `weight` draws). NONE where the queue has no members. */
int32_t route_member(const struct route *route, struct slice lead);

#endif
