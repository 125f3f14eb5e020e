/* world.h: one plan, carried out: instances of the daemon, what is written for them, what goes wrong, and the end. */
#ifndef HANDOVER_TESTS_WORLD_H
#define HANDOVER_TESTS_WORLD_H

#include "disk.h"
#include "plan.h"

/* Carries the plan out and judges what came of it. False: machine_why says what is wrong. */
bool world_run(struct plan *plan);

/* check.c, of the plan that has been carried out: what is in the topics against what the oracle says. Fails the machine. */
void check_topics(const struct plan *plan);
/* check.c: the snapshot of a task in one file is of the same state as that in the other, where both are of the same moment. Whether
 * it was. */
bool check_states(int32_t partition, const char *bytes, size_t length, const char *others, size_t other_length);

#endif
