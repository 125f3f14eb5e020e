/* timer.c: fires deadlines in the order of (time, bytes of the lead).
 *
 * All leads of one moment are taken from the queue together and sorted; what a step arms is always later, so the order holds. */
#include "memory.h"
#include "save.h"

/* Takes stale entries away; returns the least true deadline. */
int64_t timers_least(struct task *task) {
  const struct due_entry *entry;
  while ((entry = due_least(&task->due))) {
    struct due_entry shown = *entry;
    struct lead *lead = leads_at(&task->leads, shown.lead);
    if (lead->queued_ms == shown.time_ms && lead->deadline_ms == shown.time_ms) return shown.time_ms;
    due_pop(&task->due);
    if (lead->queued_ms != shown.time_ms) continue;
    lead->queued_ms = TIME_NEVER;
    deadline_set(task, shown.lead, lead, lead->deadline_ms);
  }
  return TIME_NEVER;
}

static void firing_add(struct task *task, uint32_t count, uint32_t number) {
  if (count == task->firing_room) {
    task->firing_room = task->firing_room ? task->firing_room * 2 : 64;
    task->firing = memory_grown(task->firing, task->firing_room * sizeof *task->firing);
  }
  task->firing[count] = number;
}

static bool before(const struct task *task, uint32_t a, uint32_t b) {
  return slice_compare(lead_id(leads_at(&task->leads, a)), lead_id(leads_at(&task->leads, b))) < 0;
}

static void sift(struct task *task, uint32_t root, uint32_t count) {
  uint32_t *a = task->firing, moving = a[root];
  for (uint32_t child; (child = root * 2 + 1) < count; root = child) {
    if (child + 1 < count && before(task, a[child], a[child + 1])) child++;
    if (!before(task, moving, a[child])) break;
    a[root] = a[child];
  }
  a[root] = moving;
}

/* Heapsort by the bytes of the leads. */
static void firing_sort(struct task *task, uint32_t count) {
  for (uint32_t i = count / 2; i-- > 0;) sift(task, i, count);
  for (uint32_t end = count; end > 1;) {
    end--;
    uint32_t last = task->firing[end];
    task->firing[end] = task->firing[0];
    task->firing[0] = last;
    sift(task, 0, end);
  }
}

void timers_fire_due(struct task *task, int64_t until_ms) {
  for (int64_t moment; (moment = timers_least(task)) != TIME_NEVER && moment <= until_ms;) {
    uint32_t count = 0;
    for (; timers_least(task) == moment; count++) {
      uint32_t number = due_least(&task->due)->lead;
      firing_add(task, count, number);
      due_pop(&task->due);
      leads_at(&task->leads, number)->queued_ms = TIME_NEVER;
    }
    firing_sort(task, count);
    for (uint32_t i = 0; i < count; i++) {
      struct lead *lead = leads_at(&task->leads, task->firing[i]);
      save_before_change(task, task->firing[i], lead);
      task->counts.timers++;
      task_step(task, task->firing[i], lead, moment > lead->now_ms ? moment : lead->now_ms, NULL);
    }
  }
}
