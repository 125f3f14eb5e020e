/* step.c: one look at one lead: SLAs that are over, one move, then rungs (docs/engine.md, step). */
#include "follow.h"
#include "memory.h"
#include "points.h"
#include "publish.h"
#include "route.h"

/* --- routes of a stay, by name --- */

static struct slice text_kept(struct pool *texts, struct slice text) {
  if (!text.at) return text;
  char *kept = pool_bytes(texts, text.length);
  memcpy(kept, text.at, text.length);
  return (struct slice){kept, text.length};
}

static bool same_route(const struct stay_route *route, struct slice queue, struct slice assignee) {
  return slice_equal(route->queue, queue) && (route->assignee.at != NULL) == (assignee.at != NULL) &&
         slice_equal(route->assignee, assignee);
}

uint32_t route_intern(struct task *task, struct slice queue, struct slice assignee) {
  if (!queue.at) return 0;
  for (uint32_t i = 1; i <= task->route_count; i++)
    if (same_route(&task->routes[i], queue, assignee)) return i;
  if (task->route_count + 2 > task->route_room) {
    task->route_room = (task->route_count + 2) * 2;
    task->routes = memory_grown(task->routes, task->route_room * sizeof *task->routes);
  }
  task->routes[++task->route_count] =
      (struct stay_route){text_kept(&task->texts, queue), text_kept(&task->texts, assignee)};
  return task->route_count;
}

static struct stay_route route_for(struct view *view, int32_t stage) {
  struct stay_route none = {0};
  const struct definition *d = view->definition;
  if (!d->stages[stage].route) return none;
  int32_t route = route_choose(view);
  if (route == NONE) return none;
  int32_t member = route_member(&d->routes[route], lead_id(view->lead));
  return (struct stay_route){d->routes[route].queue,
                             member == NONE ? (struct slice){0} : d->routes[route].members[member].name};
}

/* --- entering a stage --- */

void step_enter(struct task *task, struct lead *lead, int32_t stage, int64_t now_ms) {
  const struct plan *plan = task->active->plan;
  struct pool *pool = task_pool(task);
  lead->stage = (uint8_t)stage;
  lead_set_slot(pool, plan, lead, plan->entered, now_ms);
  lead_set_stay(pool, plan, lead, (struct stay){0});
  ++*lead_make(pool, plan, lead, plan->entries + stage);
  task->stage_counts[stage]++;
  uint32_t slas = plan->stages[stage].slas;
  for (int32_t i = 0; slas; i++, slas >>= 1)
    if (slas & 1) lead_set_slot(pool, plan, lead, plan->sla_deadline[i], sla_deadline(task->active, i, now_ms));
}

static void reset_score(struct task *task, struct view *view, int32_t score) {
  int64_t points = view->lead == task->followed ? score_value(view, score) : 0;
  points_reset(task, view->lead, score);
  if (view->lead == task->followed) follow_reset(task, view->lead, score, points);
}

/* The change is published as the lead stands before; then it goes. */
static void go(struct task *task, struct view *view, int32_t to, int32_t move) {
  const struct definition *d = view->definition;
  struct lead *lead = view->lead;
  struct stay_route route = route_for(view, to);
  publish_stage(task, view, to, move, &route);
  task->stage_counts[lead->stage]--;
  step_enter(task, lead, to, view->now_ms);
  uint32_t kept = route_intern(task, route.queue, route.assignee);
  if (kept) lead_set_stay(task_pool(task), d->plan, lead, (struct stay){.route = kept});
  uint32_t reset = move == NONE ? 0 : d->moves[move].reset;
  if (!reset) return;
  for (int32_t i = 0; reset; i++, reset >>= 1)
    if (reset & 1) reset_score(task, view, i);
  view_init(view, d, lead, view->now_ms, view->event);
}

static bool breach(struct task *task, struct view *view) {
  struct lead *lead = view->lead;
  const struct plan *plan = view->definition->plan;
  uint32_t open = lead_open_slas(plan, lead);
  bool any = false;
  for (int32_t i = 0; open; i++, open >>= 1) {
    int64_t deadline = lead_slot(lead, plan->sla_deadline[i]);
    if (!(open & 1) || deadline > view->now_ms) continue;
    struct stay stay = lead_stay(plan, lead);
    stay.breached |= (uint16_t)(1u << i);
    lead_set_stay(task_pool(task), plan, lead, stay);
    publish_breach(task, view, i, deadline);
    any = true;
  }
  return any;
}

static bool take_move(struct task *task, struct view *view) {
  const struct definition *d = view->definition;
  uint64_t moves = d->plan->stages[view->lead->stage].moves;
  int64_t entered = moves ? lead_entered_ms(d->plan, view->lead) : 0;
  for (int32_t i = 0; moves; i++, moves >>= 1) {
    const struct move *move = &d->moves[i];
    if (!(moves & 1) || entered + move->after_ms > view->now_ms) continue;
    if (move->when && !condition_holds(view, move->when)) continue;
    go(task, view, move->to, i);
    return true;
  }
  return false;
}

/* Is something missing that attributes alone bring? Then it is still missing, and no need to look further. */
static bool attributes_refuse(const struct view *view) {
  const struct plan *plan = view->definition->plan;
  struct judged judged = lead_judged(plan, view->lead);
  return judged.known & ~judged.hold & plan->stages[view->lead->stage].asks;
}

static bool climb(struct task *task, struct view *view) {
  int32_t next = view->definition->plan->stages[view->lead->stage].climb;
  if (next == NONE || attributes_refuse(view) || !condition_holds(view, view->definition->stages[next].enter))
    return false;
  go(task, view, next, NONE);
  return true;
}

void task_step(struct task *task, uint32_t number, struct lead *lead, int64_t now_ms, const struct event *event) {
  points_quiet(task, lead, now_ms);
  UNINITIALIZED struct view view; /* large, and view_init sets what is looked at */
  view_init(&view, task->active, lead, now_ms, event);
  bool breached = breach(task, &view), moved = take_move(task, &view), climbed = false;
  while (climb(task, &view)) climbed = true;
  if (breached || moved || climbed) lead->now_ms = now_ms;
  deadline_set(task, number, lead, deadline_next(&view, !moved && !climbed));
}
