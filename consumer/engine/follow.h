/* follow.h: the engine's own side of trace.h. Every function is called for the lead that is followed, and for no other. */
#ifndef HANDOVER_ENGINE_FOLLOW_H
#define HANDOVER_ENGINE_FOLLOW_H

#include "state.h"
#include "trace.h"

/* Is `lead`, or any, the one that is followed? After a lead is created, and after an activation. */
void follow_created(struct task *task, struct lead *lead);
void follow_activated(struct task *task);

void follow_event(struct task *task, struct lead *lead, const struct event *event, bool duplicate);
void follow_taken(struct task *task, struct lead *lead);
void follow_reset(struct task *task, struct lead *lead, int32_t score, int64_t points);

/* A rule (the plan's number) counted: `added`, of `points` that were left of the rule's after decay. */
void follow_count(struct task *task, struct lead *lead, int32_t rule, int64_t t_ms, int64_t points, int64_t added);
void follow_refused(struct task *task, struct lead *lead, int32_t rule, int64_t t_ms);
/* The same of a rule with `lasts`, where before and after are looked at. */
int64_t follow_contribution(struct task *task, struct lead *lead, int32_t rule, int64_t t_ms);
void follow_kept(struct task *task, struct lead *lead, int32_t rule, int64_t t_ms, int64_t before, bool full);

void follow_destroy(struct follow *follow);

#endif
