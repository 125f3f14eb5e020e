/* advice_stage.c: advice on the ways between stages: which cannot be entered or left, and where a lead is forgotten.
 *
 * The top of the ladder is where leads are meant to end, and in the first stage nothing is known of a lead yet: neither is held
 * to have a way out by time. */
#include "../consumer/engine/plan.h"
#include "advice_find.h"

bool condition_uses_event(const struct condition *c) {
  bool uses = c->kind == CONDITION_EVENT;
  for (int32_t i = 0; i < c->child_count; i++) uses = uses || condition_uses_event(c->children[i]);
  return uses;
}

static bool is_possible(const struct definition *d, const struct condition *c) { return !c || !condition_never(d, c); }

/* Which rung is above, as far as a lead can climb to it; or NONE. */
static int32_t climb_of(const struct definition *d, int32_t stage) {
  int32_t next = d->plan->stages[stage].climb;
  return next != NONE && is_possible(d, d->stages[next].enter) ? next : NONE;
}

static uint32_t stages_reached(const struct definition *d) {
  uint32_t reached = 1, before = 0;
  while (reached != before) {
    before = reached;
    for (int32_t i = 0; i < d->stage_count; i++) {
      int32_t next = reached >> i & 1 ? climb_of(d, i) : NONE;
      if (next >= 0) reached |= 1u << next;
    }
    for (int32_t i = 0; i < d->move_count; i++)
      if (reached & d->moves[i].from && is_possible(d, d->moves[i].when)) reached |= 1u << d->moves[i].to;
  }
  return reached;
}

static bool has_exit(const struct definition *d, int32_t stage) {
  if (climb_of(d, stage) != NONE) return true;
  for (int32_t i = 0; i < d->move_count; i++)
    if (d->moves[i].from >> stage & 1 && is_possible(d, d->moves[i].when)) return true;
  return false;
}

/* Does an SLA run here, or can time alone take a lead out of it? */
static bool is_watched(const struct definition *d, int32_t stage) {
  for (int32_t i = 0; i < d->sla_count; i++)
    if (d->slas[i].stage == stage) return true;
  for (int32_t i = 0; i < d->move_count; i++) {
    const struct move *move = &d->moves[i];
    if (!(move->from >> stage & 1) || !is_possible(d, move->when)) continue;
    if (move->when && condition_uses_event(move->when)) continue;
    if (move->after_ms > 0 || condition_uses_time(d, move->when)) return true;
  }
  return false;
}

static void advise_stage(struct adviser *a, int32_t i) {
  const struct definition *d = a->definition;
  const cJSON *node = advice_item(a, "stages", i);
  struct slice name = d->stages[i].name;
  bool top = !d->stages[i].off_ladder && d->plan->stages[i].next == NONE;
  if (top && i > 0) return;
  if (!has_exit(d, i))
    advise(a, node, "give the next stage an \"enter\", or add a move from here",
           "stage \"%.*s\" cannot be left: who is there stays there", NAMED(name));
  else if (i > 0 && i != advice_handover(d) && !is_watched(d, i))
    advise(a, node, "add an SLA, or a move with \"after\" that takes the lead on or back",
           "a lead can stay in stage \"%.*s\" for ever without anyone being told: no SLA runs there and no move comes "
           "by time",
           NAMED(name));
}

static void advise_routes(struct adviser *a) {
  const struct definition *d = a->definition;
  bool routed = false;
  for (int32_t i = 0; i < d->stage_count; i++) routed = routed || d->stages[i].route;
  for (int32_t i = 0; i < d->route_count; i++)
    if (!d->routes[i].when) return;
  const cJSON *routes = advice_member(a->document.root, "routes");
  if (routed)
    advise(a, routes ? routes : a->document.root, "end \"routes\" with a queue that has no \"when\"",
           "a lead that no route fits gets no queue: nobody in particular has to answer");
}

static bool replaces_to(const struct definition *d, int32_t stage) {
  for (int32_t i = 0; i < d->replace_count; i++)
    if (d->replaces[i].to == stage) return true;
  return false;
}

void advise_stages(struct adviser *a) {
  const struct definition *d = a->definition;
  uint32_t reached = stages_reached(d);
  for (int32_t i = 0; i < d->stage_count; i++) {
    if (reached >> i & 1) advise_stage(a, i);
    else if (replaces_to(d, i))
      advise(a, advice_item(a, "stages", i), "give it an \"enter\" that can hold, or a move that leads to it",
             "only leads of earlier versions come to stage \"%.*s\": nothing leads there but \"replaces\"",
             NAMED(d->stages[i].name));
    else
      advise(a, advice_item(a, "stages", i), "give it an \"enter\" that can hold, or a move that leads to it",
             "stage \"%.*s\" cannot be reached: no lead ever gets there", NAMED(d->stages[i].name));
  }
  advise_routes(a);
}
