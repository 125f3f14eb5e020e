/* order.h: in which order the children of a condition are judged: the cheap ones first. What comes out is the same in any order, and
 * most leads fail a cheap one (is an address known?) before a dear one (how many points are left?) has to be worked out. */
#ifndef HANDOVER_ENGINE_ORDER_H
#define HANDOVER_ENGINE_ORDER_H

#include "definition.h"

/* Fills `by_cost` of all conditions of a definition. */
void order_conditions(struct definition *definition);
void order_destroy(struct definition *definition);

#endif
