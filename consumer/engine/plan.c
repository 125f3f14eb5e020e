/* plan.c: derives struct plan from a definition. Runs once a definition, so plain beats fast. */
#include "plan.h"

#include "event.h"
#include "lead.h"
#include "memory.h"
#include "order.h"

/* --- which conditions does time change --- */

/* Marks of a walk over criteria and scores: each is looked into once, so a definition of many criteria costs no more. */
struct walk {
  const struct definition *definition;
  bool criterion_seen[LIMIT_CRITERIA];
  bool score_seen[LIMIT_SCORES];
  unsigned criterion_motion[LIMIT_CRITERIA]; /* where seen */
  unsigned score_motion[LIMIT_SCORES];
};

static bool score_uses_time(struct walk *walk, int32_t index) {
  if (walk->score_seen[index]) return false;
  walk->score_seen[index] = true;
  const struct score *score = &walk->definition->scores[index];
  if (score->kind == SCORE_EVENTS) return true;
  for (int32_t i = 0; i < score->of_count; i++)
    if (score_uses_time(walk, score->of[i])) return true;
  return false;
}

static bool walk_uses_time(struct walk *walk, const struct condition *c) {
  switch (c->kind) {
    case CONDITION_QUIET_FOR: return true;
    case CONDITION_HAPPENED: return walk->definition->happened[c->index].within_ms > 0;
    case CONDITION_SCORE: return score_uses_time(walk, c->index);
    case CONDITION_CRITERION:
      if (walk->criterion_seen[c->index]) return false;
      walk->criterion_seen[c->index] = true;
      return walk_uses_time(walk, walk->definition->criteria[c->index].when);
    default: break;
  }
  for (int32_t i = 0; i < c->child_count; i++)
    if (walk_uses_time(walk, c->children[i])) return true;
  return false;
}

bool condition_uses_time(const struct definition *definition, const struct condition *condition) {
  struct walk walk = {.definition = definition};
  return walk_uses_time(&walk, condition);
}

/* --- what time alone can do to a truth, or to a score --- */

static unsigned turned(unsigned motion) {
  return (motion & MOTION_RISES ? MOTION_FALLS : 0u) | (motion & MOTION_FALLS ? MOTION_RISES : 0u);
}

/* Accumulators fade together, so their sum goes toward zero; kept above zero it never rises. Points that last expire each for
 * itself: where all are positive and none fade besides, the sum falls. Anything else may go both ways. */
static unsigned motion_of_events(const struct score *score) {
  int32_t lasting = 0;
  bool positive = true;
  for (int32_t i = 0; i < score->rule_count; i++) {
    if (score->rules[i].quiet_every_ms) return MOTION_RISES | MOTION_FALLS;
    lasting += score->rules[i].lasts_ms > 0;
    positive &= score->rules[i].points > 0;
  }
  if (lasting == 0 && score->half_life_min == 0) return MOTION_NONE;
  if (lasting == 0) return score->min >= 0 ? MOTION_FALLS : MOTION_RISES | MOTION_FALLS;
  return lasting == score->rule_count && positive ? MOTION_FALLS : MOTION_RISES | MOTION_FALLS;
}

static unsigned motion_of_score(struct walk *walk, int32_t index) {
  const struct score *score = &walk->definition->scores[index];
  if (walk->score_seen[index]) return walk->score_motion[index];
  unsigned motion = score->kind == SCORE_EVENTS ? motion_of_events(score) : MOTION_NONE;
  for (int32_t i = 0; i < score->of_count; i++) motion |= motion_of_score(walk, score->of[i]);
  walk->score_seen[index] = true;
  return walk->score_motion[index] = motion;
}

static unsigned motion_of(struct walk *walk, const struct condition *c);

static unsigned motion_of_criterion(struct walk *walk, int32_t index) {
  if (walk->criterion_seen[index]) return walk->criterion_motion[index];
  walk->criterion_seen[index] = true;
  return walk->criterion_motion[index] = motion_of(walk, walk->definition->criteria[index].when);
}

static unsigned motion_of(struct walk *walk, const struct condition *c) {
  unsigned motion = MOTION_NONE;
  switch (c->kind) {
    case CONDITION_QUIET_FOR: return MOTION_RISES;
    case CONDITION_EVENT: return MOTION_FALLS; /* when the event has passed */
    case CONDITION_HAPPENED: return walk->definition->happened[c->index].within_ms ? MOTION_FALLS : MOTION_NONE;
    case CONDITION_SCORE:
      motion = motion_of_score(walk, c->index);
      return c->op == OP_AT_LEAST || c->op == OP_ABOVE ? motion : turned(motion);
    case CONDITION_CRITERION: return motion_of_criterion(walk, c->index);
    default: break;
  }
  for (int32_t i = 0; i < c->child_count; i++) motion |= motion_of(walk, c->children[i]);
  return c->kind == CONDITION_NOT ? turned(motion) : motion;
}

static void name_criteria(const struct definition *d, const struct condition *c, bool *named) {
  if (c->kind == CONDITION_CRITERION) {
    if (named[c->index]) return;
    named[c->index] = true;
    name_criteria(d, d->criteria[c->index].when, named);
  }
  for (int32_t i = 0; i < c->child_count; i++) name_criteria(d, c->children[i], named);
}

/* --- stages --- */

static int32_t rung_above(const struct definition *d, int32_t stage) {
  if (d->stages[stage].off_ladder) return NONE;
  for (int32_t i = stage + 1; i < d->stage_count; i++)
    if (!d->stages[i].off_ladder) return i;
  return NONE;
}

static bool stage_reviewed(const struct definition *d, const struct stage_plan *p) {
  for (int32_t i = 0; i < d->move_count; i++)
    if ((p->moves >> i & 1) && d->moves[i].when && condition_uses_time(d, d->moves[i].when)) return true;
  return p->climb != NONE && condition_uses_time(d, d->stages[p->climb].enter);
}

static bool stage_rises(const struct definition *d, const struct stage_plan *p) {
  struct walk walk = {.definition = d};
  unsigned motion = p->climb == NONE ? MOTION_NONE : motion_of(&walk, d->stages[p->climb].enter);
  for (int32_t i = 0; i < d->move_count; i++)
    if ((p->moves >> i & 1) && d->moves[i].when) motion |= motion_of(&walk, d->moves[i].when);
  return motion & MOTION_RISES;
}

static void plan_stage(const struct definition *d, int32_t stage, struct stage_plan *p) {
  p->next = rung_above(d, stage);
  p->climb = p->next != NONE && d->stages[p->next].enter ? p->next : NONE;
  for (int32_t i = 0; i < d->move_count; i++)
    if (d->moves[i].from >> stage & 1) p->moves |= UINT64_C(1) << i;
  for (int32_t i = 0; i < d->sla_count; i++)
    if (d->slas[i].stage == stage) p->slas |= UINT32_C(1) << i;
  if (p->climb != NONE) {
    p->next_names = memory_zeroed(LIMIT_CRITERIA, sizeof(bool));
    name_criteria(d, d->stages[p->climb].enter, p->next_names);
  }
  p->reviewed = stage_reviewed(d, p);
  p->rises = stage_rises(d, p);
  p->timeless = !p->slas && !p->moves && !p->rises;
}

/* --- where a lead keeps its state --- */

static void plan_rule(struct plan *plan, const struct rule *rule, struct rule_plan *p) {
  p->kept = rule->lasts_ms ? plan->list_count++ : NONE;
  bool limited = rule->at_most_times > 0;
  p->counted = limited && rule->at_most_per_ms ? plan->list_count++ : NONE;
  p->count = limited && !rule->at_most_per_ms ? plan->slot_count++ : NONE;
  p->quiet = rule->quiet_every_ms ? plan->slot_count++ : NONE;
}

/* What most events touch comes first, so that it is near the beginning of a lead's cells. */
static void plan_accumulators(const struct definition *d, struct plan *plan, int32_t index) {
  const struct score *score = &d->scores[index];
  struct score_plan *p = &plan->scores[index];
  *p = (struct score_plan){.first_rule = plan->rule_count, .as_of = NONE, .cached = NONE};
  if (score->kind == SCORE_ATTRIBUTES) p->cached = plan->slot_count++;
  if (score->kind != SCORE_EVENTS) return;
  p->as_of = plan->slot_count++;
  for (int32_t i = 0; i < score->rule_count; i++) {
    int32_t accumulator = score->rules[i].lasts_ms ? NONE : plan->slot_count++;
    plan->rules[plan->rule_count++] = (struct rule_plan){.score = index, .rule = i, .accumulator = accumulator};
  }
  p->accumulators = plan->slot_count - p->as_of - 1;
}

static void plan_quiet(struct plan *plan, struct score_plan *p, int32_t rule) {
  p->quiet = memory_grown(p->quiet, ((size_t)p->quiet_count + 1) * sizeof *p->quiet);
  p->quiet[p->quiet_count++] = rule;
  plan->quiet = true;
}

static void plan_rules(const struct definition *d, struct plan *plan) {
  for (int32_t i = 0; i < plan->rule_count; i++) {
    struct rule_plan *p = &plan->rules[i];
    plan_rule(plan, &d->scores[p->score].rules[p->rule], p);
    if (p->quiet != NONE) plan_quiet(plan, &plan->scores[p->score], i);
    if (p->kept != NONE) plan->scores[p->score].lasting = true;
  }
}

static void plan_attributes(const struct definition *d, struct plan *plan) {
  for (int32_t i = 0; i < d->attribute_count; i++) {
    for (int32_t f = 0; f < d->attributes[i].field_count; f++)
      plan->attribute_fields |= event_bit(d->attributes[i].fields[f]);
    plan->attribute[i] = d->attributes[i].type == ATTRIBUTE_TEXT ? plan->list_count++ : plan->slot_count++;
  }
}

/* What is known of which criteria attributes alone decide. */
struct decided {
  const struct definition *definition;
  bool known[LIMIT_CRITERIA], decide[LIMIT_CRITERIA];
};

static bool attributes_make(const struct definition *d, int32_t score) {
  if (d->scores[score].kind == SCORE_EVENTS) return false;
  for (int32_t i = 0; i < d->scores[score].of_count; i++)
    if (!attributes_make(d, d->scores[score].of[i])) return false;
  return true;
}

static bool attributes_decide_criterion(struct decided *decided, int32_t index);

/* Do attributes alone decide it? */
static bool attributes_decide(struct decided *decided, const struct condition *c) {
  switch (c->kind) {
    case CONDITION_ATTRIBUTE: return true;
    case CONDITION_CRITERION: return attributes_decide_criterion(decided, c->index);
    case CONDITION_SCORE: return attributes_make(decided->definition, c->index);
    case CONDITION_QUIET_FOR:
    case CONDITION_HAPPENED:
    case CONDITION_EVENT: return false;
    default: break;
  }
  for (int32_t i = 0; i < c->child_count; i++)
    if (!attributes_decide(decided, c->children[i])) return false;
  return true;
}

/* Each is looked into once, however many name it. They do not name each other in circles. */
static bool attributes_decide_criterion(struct decided *decided, int32_t index) {
  if (!decided->known[index]) {
    decided->decide[index] = attributes_decide(decided, decided->definition->criteria[index].when);
    decided->known[index] = true;
  }
  return decided->decide[index];
}

/* Criteria of attributes without which the condition does not hold. */
static uint32_t asked_of_attributes(const struct plan *plan, const struct condition *c) {
  uint32_t asked = 0;
  if (c->kind == CONDITION_CRITERION && plan->of_attributes[c->index] != NONE)
    asked = UINT32_C(1) << plan->of_attributes[c->index];
  for (int32_t i = 0; c->kind == CONDITION_ALL && i < c->child_count; i++)
    asked |= asked_of_attributes(plan, c->children[i]);
  return asked;
}

static void plan_judged(const struct definition *d, struct plan *plan) {
  struct decided decided = {.definition = d};
  int32_t bits = 0;
  for (int32_t i = 0; i < d->criterion_count; i++)
    plan->of_attributes[i] = bits < 32 && attributes_decide_criterion(&decided, i) ? bits++ : NONE;
  for (int32_t i = 0; i < d->stage_count; i++) {
    struct stage_plan *p = &plan->stages[i];
    if (p->climb != NONE) p->asks = asked_of_attributes(plan, d->stages[p->climb].enter);
  }
  plan->judged = plan->slot_count++;
}

static uint32_t up(size_t bytes, size_t to) { return (uint32_t)((bytes + to - 1) / to * to); }

static void plan_stay(const struct definition *d, struct plan *plan) {
  plan->stay = plan->slot_count++;
  plan->entered = plan->slot_count++;
  plan->created = plan->slot_count++;
  plan->entries = plan->slot_count;
  plan->slot_count += d->stage_count;
  for (int32_t i = 0; i < d->sla_count; i++) plan->sla_deadline[i] = plan->slot_count++;
}

/* A new lead has what task.c gives it, and soon the first points, an id and a time that is kept. */
static uint32_t cells_of_new_lead(const struct definition *d) {
  uint32_t cells = 6;
  for (int32_t i = 0; i < d->score_count; i++) cells += d->scores[i].kind == SCORE_EVENTS;
  return cells;
}

static void plan_record(const struct definition *d, struct plan *plan) {
  for (int32_t i = 0; i < d->score_count; i++) plan_accumulators(d, plan, i);
  plan_judged(d, plan);
  plan_stay(d, plan);
  plan_attributes(d, plan);
  plan->text_count = plan->list_count;
  plan_rules(d, plan);
  plan->happened = memory_zeroed((size_t)d->happened_count, sizeof *plan->happened);
  for (int32_t i = 0; i < d->happened_count; i++) plan->happened[i] = plan->list_count++;
  plan->ids = d->deduplicate ? plan->list_count++ : NONE;
  for (int32_t i = 0; i < d->attribute_count; i++)
    plan->known[i] = plan->attribute[i] + (d->attributes[i].type == ATTRIBUTE_TEXT ? plan->slot_count : 0);
  plan->first_cells = cells_of_new_lead(d);
  size_t words =
      (size_t)(plan->slot_count + plan->list_count) / 64 + 1; /* one bit more than cells: lead_run looks there */
  plan->stride = up(sizeof(struct lead) + words * sizeof(uint64_t), LEAD_ALIGN);
}

/* --- which rules can an event name touch --- */

static bool pattern_names(const struct pattern *pattern, int32_t name) {
  for (int32_t i = 0; i < pattern->name_count; i++)
    if (pattern->names[i] == name) return true;
  return pattern->every_name;
}

static void plan_dispatch(const struct definition *d, struct plan *plan, int32_t name, struct dispatch *out) {
  out->rules = memory_zeroed((size_t)plan->rule_count, sizeof *out->rules);
  out->happened = memory_zeroed((size_t)d->happened_count, sizeof *out->happened);
  for (int32_t i = 0; i < plan->rule_count; i++) {
    int32_t pattern = d->scores[plan->rules[i].score].rules[plan->rules[i].rule].pattern;
    if (pattern != NONE && pattern_names(&d->patterns[pattern], name)) out->rules[out->rule_count++] = i;
  }
  for (int32_t i = 0; i < d->happened_count; i++)
    if (pattern_names(&d->patterns[d->happened[i].pattern], name)) out->happened[out->happened_count++] = i;
}

void definition_plan(struct definition *d) {
  struct plan *plan = memory_zeroed(1, sizeof *plan);
  size_t rules = 0;
  for (int32_t i = 0; i < d->score_count; i++) rules += (size_t)d->scores[i].rule_count;
  plan->rules = memory_zeroed(rules, sizeof *plan->rules);
  for (int32_t i = 0; i < d->stage_count; i++) plan_stage(d, i, &plan->stages[i]);
  plan_record(d, plan);
  struct walk walk = {.definition = d};
  for (int32_t i = 0; i < d->criterion_count; i++) plan->criteria[i] = (uint8_t)motion_of_criterion(&walk, i);
  plan->dispatch = memory_zeroed((size_t)d->name_count + 1, sizeof *plan->dispatch);
  for (int32_t i = 0; i <= d->name_count; i++) plan_dispatch(d, plan, i, &plan->dispatch[i]);
  d->plan = plan;
  order_conditions(d);
}

void definition_plan_destroy(struct definition *d) {
  if (!d->plan) return;
  order_destroy(d);
  for (int32_t i = 0; i <= d->name_count; i++) {
    memory_free(d->plan->dispatch[i].rules);
    memory_free(d->plan->dispatch[i].happened);
  }
  for (int32_t i = 0; i < d->stage_count; i++) memory_free(d->plan->stages[i].next_names);
  for (int32_t i = 0; i < d->score_count; i++) memory_free(d->plan->scores[i].quiet);
  memory_free(d->plan->dispatch);
  memory_free(d->plan->happened);
  memory_free(d->plan->rules);
  memory_free(d->plan);
  d->plan = NULL;
}
