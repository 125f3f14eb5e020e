/* advice_use.c: advice on what decides nothing: criteria, scores, attributes, calendars and routes that nobody asks for. */
#include "advice_find.h"

struct used {
  bool criteria[LIMIT_CRITERIA], scores[LIMIT_SCORES], attributes[LIMIT_ATTRIBUTES];
};

static void mark_condition(const struct definition *d, const struct condition *c, struct used *used);

static void mark_score(const struct definition *d, int32_t score, struct used *used) {
  const struct score *s = &d->scores[score];
  if (used->scores[score]) return;
  used->scores[score] = true;
  for (int32_t i = 0; i < s->of_count; i++) mark_score(d, s->of[i], used);
}

static void mark_condition(const struct definition *d, const struct condition *c, struct used *used) {
  if (!c) return;
  for (int32_t i = 0; i < c->child_count; i++) mark_condition(d, c->children[i], used);
  if (c->kind == CONDITION_ATTRIBUTE) used->attributes[c->index] = true;
  if (c->kind == CONDITION_SCORE) mark_score(d, c->index, used);
  if (c->kind != CONDITION_CRITERION || used->criteria[c->index]) return;
  used->criteria[c->index] = true;
  mark_condition(d, d->criteria[c->index].when, used);
}

static void mark_all(const struct definition *d, struct used *used) {
  for (int32_t i = 0; i < d->stage_count; i++) mark_condition(d, d->stages[i].enter, used);
  for (int32_t i = 0; i < d->move_count; i++) mark_condition(d, d->moves[i].when, used);
  for (int32_t i = 0; i < d->route_count; i++) mark_condition(d, d->routes[i].when, used);
  for (int32_t i = 0; i < d->score_count; i++) /* published with every change, whoever asks for the score */
    for (int32_t j = 0; j < d->scores[i].rule_count; j++) mark_condition(d, d->scores[i].rules[j].when, used);
}

/* A sum is there for people to read; single scores are there to decide, by themselves or in a sum. */
static bool is_read(const struct definition *d, int32_t score, const struct used *used) {
  if (used->scores[score] || d->scores[score].kind == SCORE_SCORES) return true;
  for (int32_t i = 0; i < d->score_count; i++)
    for (int32_t j = 0; j < d->scores[i].of_count; j++)
      if (d->scores[i].of[j] == score) return true;
  return false;
}

static void advise_calendars(struct adviser *a) {
  const struct definition *d = a->definition;
  for (int32_t i = 0; i < d->calendar_count; i++) {
    bool used = false;
    for (int32_t j = 0; j < d->sla_count; j++) used = used || d->slas[j].calendar == i;
    if (!used)
      advise(a, advice_item(a, "calendars", i), "name it as the \"calendar\" of an SLA, or take it out",
             "calendar \"%.*s\" decides nothing: no SLA counts in its hours", NAMED(d->calendars[i].name));
  }
}

/* Behind a queue that takes every lead nobody gets one. */
static void advise_hidden_routes(struct adviser *a) {
  const struct definition *d = a->definition;
  for (int32_t i = 0; i + 1 < d->route_count; i++) {
    if (d->routes[i].when) continue;
    advise(a, advice_item(a, "routes", i + 1), "put the queue without \"when\" at the end",
           "queue \"%.*s\" never gets a lead: \"%.*s\" before it takes every one", NAMED(d->routes[i + 1].queue),
           NAMED(d->routes[i].queue));
    return;
  }
}

/* Somebody is told when a lead lies in the stage: a queue from which people take leads themselves is enough then. */
static bool is_watched(const struct definition *d, int32_t stage) {
  for (int32_t i = 0; i < d->sla_count; i++)
    if (d->slas[i].stage == stage) return true;
  return false;
}

static void advise_routes(struct adviser *a) {
  const struct definition *d = a->definition;
  const cJSON *routes = advice_member(a->document.root, "routes");
  bool routed = false, named = false, watched = true;
  for (int32_t i = 0; i < d->stage_count; i++) {
    routed = routed || d->stages[i].route;
    watched = watched && (!d->stages[i].route || is_watched(d, i));
  }
  for (int32_t i = 0; i < d->route_count; i++) named = named || d->routes[i].member_count;
  advise_hidden_routes(a);
  if (!d->route_count) return;
  if (!routed)
    advise(a, routes, "give the stage in which somebody is to get the lead \"route\": true",
           "the routes decide nothing: no stage has \"route\", so no lead is ever given to a queue");
  else if (!named && !watched)
    advise(a, routes, "name the \"members\" of at least one queue, or add an SLA",
           "no queue has members: every lead waits until somebody takes it, and nobody is told that it waits");
}

void advise_unused(struct adviser *a) {
  const struct definition *d = a->definition;
  struct used used = {0};
  mark_all(d, &used);
  for (int32_t i = 0; i < d->criterion_count; i++)
    if (!used.criteria[i])
      advise(a, advice_item(a, "criteria", i), "ask for it in a stage's \"enter\", a move or a route, or take it out",
             "criterion \"%.*s\" decides nothing: no stage, move or route asks for it", NAMED(d->criteria[i].name));
  for (int32_t i = 0; i < d->score_count; i++)
    if (!is_read(d, i, &used))
      advise(a, advice_item(a, "scores", i), "compare it in a criterion that a stage asks for, or take it out",
             "score \"%.*s\" decides nothing: no stage, move or route asks for it, and no other score adds it",
             NAMED(d->scores[i].name));
  for (int32_t i = 0; i < d->attribute_count; i++)
    if (!used.attributes[i] && !d->attributes[i].share)
      advise(a, advice_item(a, "attributes", i), "ask for it, share it, or do not keep what is of no use",
             "attribute \"%.*s\" is kept for nothing: no condition asks for it, and it is not shared",
             NAMED(d->attributes[i].name));
  advise_calendars(a);
  advise_routes(a);
}
