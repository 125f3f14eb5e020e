/* standing.h: how one lead stands, down to its conditions, and what time alone would do with it: for `handover explain`. */
#ifndef HANDOVER_ENGINE_STANDING_H
#define HANDOVER_ENGINE_STANDING_H

#include "task.h"
#include "view.h"

struct standing {
  struct view view; /* without an event; good, as all of this, until the task goes on */
  uint32_t entry;
  struct slice queue, assignee;             /* at == NULL: none */
  const struct contribution *contributions; /* as a change has them */
  int32_t contribution_count;
  struct shared_attribute attributes[LIMIT_ATTRIBUTES];
  int32_t attribute_count;
  struct due due[LIMIT_SLAS]; /* SLAs that are neither met nor breached */
  int32_t due_count;
};

/* False: there is no such lead. May count periods of quiet that are over, as task_look. `now_ms`: not before the lead's own. */
bool task_stand(struct task *task, struct slice lead, int64_t now_ms, struct standing *standing);

/* As if no record came any more, and no version took over: fires the lead's own deadlines up to `until_ms`, the first change of
 * its stage, or the day of the next version. What is published says clock mark. The task is of no use for records afterwards. */
void task_foresee(struct task *task, struct slice lead, int64_t until_ms);

#endif
