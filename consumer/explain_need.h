/* explain_need.h: what stands between a lead and a condition: those leaves that are not as they would have to be, joined as the
 * condition joins them. As JSON, each node with a `kind`:
 *
 *   {"kind":"all","of":[…]}    {"kind":"any","of":[…]}    {"kind":"at_least","count":2,"of":[…]}
 *   {"kind":"criterion","criterion":"budget","needs":…}
 *   {"kind":"score","score":"engagement","value":24.5,"op":"at_least","threshold":40,"apart":15.5,"text":"15.5 more points of engagement …"}
 *   {"kind":"attribute","attribute":"budget","text":"budget is not known"}
 *   {"kind":"happened","text":…}    {"kind":"quiet_for","text":…}    {"kind":"event","text":…}
 *
 * A condition that is as it should be is null. May use: engine headers, encode.h. */
#ifndef HANDOVER_CONSUMER_EXPLAIN_NEED_H
#define HANDOVER_CONSUMER_EXPLAIN_NEED_H

#include "../producer/encode.h"
#include "engine/view.h"

/* Appends what is needed for the condition to become true at the view's moment. */
void explain_need(struct buffer *out, struct view *view, const struct condition *condition);

#endif
