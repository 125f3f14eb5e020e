/* explain_standing.h: where a lead stands at the end of its story, and what time alone would do with it.
 *
 * May use: engine headers, encode.h. */
#ifndef HANDOVER_CONSUMER_EXPLAIN_STANDING_H
#define HANDOVER_CONSUMER_EXPLAIN_STANDING_H

#include "../producer/buffer.h"
#include "engine/task.h"

/* Appends one JSON object: at the time up to which the task has come. The lead is there. */
void explain_standing(struct buffer *out, struct task *task, struct slice lead);

/* Lets a year pass, or less, up to the first change of stage: what would be published goes to the task's callback. */
void explain_foresee(struct task *task, struct slice lead);

#endif
