/* order.c: the costs are rough: a comparison with one value is 1, a glob 4, a score from events 16. */
#include "order.h"

#include "memory.h"

enum { COST_MOST = 1 << 20, COST_HAPPENED = 2, COST_CACHED = 3, COST_GLOB = 4, COST_EVENTS = 16 };

struct costs { /* where known; a cost is never 0 */
  const struct definition *definition;
  int32_t criteria[LIMIT_CRITERIA], scores[LIMIT_SCORES];
};

static int32_t kept(int64_t cost) { return cost < COST_MOST ? (int32_t)cost : COST_MOST; }

static int32_t cost_of_score(struct costs *costs, int32_t index) {
  const struct score *score = &costs->definition->scores[index];
  if (costs->scores[index]) return costs->scores[index];
  int64_t cost = score->kind == SCORE_EVENTS ? COST_EVENTS : COST_CACHED;
  for (int32_t i = 0; i < score->of_count; i++) cost += cost_of_score(costs, score->of[i]);
  return costs->scores[index] = kept(cost);
}

static int32_t cost_of(struct costs *costs, const struct condition *c) {
  int64_t cost = 1;
  switch (c->kind) {
    case CONDITION_CRITERION:
      if (!costs->criteria[c->index])
        costs->criteria[c->index] = cost_of(costs, costs->definition->criteria[c->index].when);
      return costs->criteria[c->index];
    case CONDITION_SCORE: return cost_of_score(costs, c->index);
    case CONDITION_ATTRIBUTE:
      return kept((int64_t)c->compare.operand_count * (c->compare.op == OP_LIKE ? COST_GLOB : 1));
    case CONDITION_HAPPENED: return COST_HAPPENED;
    default: break;
  }
  for (int32_t i = 0; i < c->child_count; i++) cost += cost_of(costs, c->children[i]);
  return kept(cost);
}

/* By insertion: of equal ones the document's first stays first. */
static void order(struct costs *costs, struct condition *c) {
  if (!c || c->child_count == 0) return;
  c->by_cost = memory_zeroed((size_t)c->child_count, sizeof(struct condition *));
  for (int32_t i = 0; i < c->child_count; i++) {
    int32_t at = i, cost = cost_of(costs, c->children[i]);
    for (; at > 0 && cost_of(costs, c->by_cost[at - 1]) > cost; at--) c->by_cost[at] = c->by_cost[at - 1];
    c->by_cost[at] = c->children[i];
    order(costs, c->children[i]);
  }
}

static void forget(struct costs *costs, struct condition *c) {
  if (!c) return;
  memory_free(c->by_cost);
  c->by_cost = NULL;
  for (int32_t i = 0; i < c->child_count; i++) forget(costs, c->children[i]);
}

typedef void visitor(struct costs *costs, struct condition *condition); /* NULL: nothing is asked there */

static void visit_all(struct definition *d, visitor *visit) {
  struct costs costs = {.definition = d};
  for (int32_t i = 0; i < d->criterion_count; i++) visit(&costs, d->criteria[i].when);
  for (int32_t i = 0; i < d->score_count; i++)
    for (int32_t j = 0; j < d->scores[i].rule_count; j++) visit(&costs, d->scores[i].rules[j].when);
  for (int32_t i = 0; i < d->stage_count; i++) visit(&costs, d->stages[i].enter);
  for (int32_t i = 0; i < d->move_count; i++) visit(&costs, d->moves[i].when);
  for (int32_t i = 0; i < d->route_count; i++) visit(&costs, d->routes[i].when);
}

void order_conditions(struct definition *definition) { visit_all(definition, order); }
void order_destroy(struct definition *definition) { visit_all(definition, forget); }
