/* advice_condition.c: advice on single conditions: thresholds out of reach, operators that do not go with a type, conditions that
 * contradict themselves.
 *
 * What can never be true because a part of it cannot is said of the part alone. */
#include <stdio.h>

#include "../consumer/engine/memory.h"
#include "advice_find.h"

#define POINT 1e9

static void advise_score(struct adviser *a, const cJSON *node, const struct condition *c) {
  const struct definition *d = a->definition;
  struct range range = score_bounds(d, c->index);
  struct slice name = d->scores[c->index].name;
  if (!condition_never(d, c)) {
    advise_pace(a, node, c);
    return;
  }
  if (c->op == OP_AT_LEAST || c->op == OP_ABOVE)
    advise(a, node, "lower the threshold, or give the rules more points or higher caps",
           "no lead can %s %.15g: the rules of score \"%.*s\" add up to %.15g at most",
           c->op == OP_ABOVE ? "come above" : "reach", (double)c->threshold / POINT, NAMED(name),
           (double)range.most / POINT);
  else
    advise(a, node, "raise the threshold, or lower the score's \"min\"",
           "no lead can come down %s %.15g: score \"%.*s\" is %.15g at least", c->op == OP_BELOW ? "below" : "to",
           (double)c->threshold / POINT, NAMED(name), (double)range.least / POINT);
}

static const char *const types[] = {
    [ATTRIBUTE_TEXT] = "text", [ATTRIBUTE_NUMBER] = "number", [ATTRIBUTE_BOOLEAN] = "boolean"};

static void advise_attribute(struct adviser *a, const cJSON *node, const struct condition *c) {
  const struct attribute *attribute = &a->definition->attributes[c->index];
  for (int32_t i = 0; i < c->compare.operand_count; i++) {
    if (operand_fits(attribute->type, c->compare.op, &c->compare.operands[i])) continue;
    advise(a, node, "give the attribute the type that is compared with, or compare with a value of its type",
           "attribute \"%.*s\" is of type %s, which does not go with this comparison: it is false for every lead%s",
           NAMED(attribute->name), types[attribute->type], c->compare.operand_count > 1 ? " at one of its values" : "");
    return;
  }
}

static const cJSON *list_of(const cJSON *node, enum condition_kind kind) {
  if (kind == CONDITION_ALL) return advice_member(node, "all");
  if (kind == CONDITION_ANY) return advice_member(node, "any");
  return kind == CONDITION_AT_LEAST ? advice_member(node, "of") : NULL;
}

/* Is it never true though each of its parts could be? */
static bool contradicts_itself(const struct definition *d, const struct condition *c) {
  if (c->kind != CONDITION_ALL && c->kind != CONDITION_AT_LEAST) return false;
  for (int32_t i = 0; i < c->child_count; i++)
    if (condition_never(d, c->children[i])) return false;
  return condition_never(d, c);
}

static void advise_condition(struct adviser *a, const cJSON *node, const struct condition *c) {
  if (!c || !node) return;
  if (c->kind == CONDITION_SCORE) advise_score(a, node, c);
  if (c->kind == CONDITION_ATTRIBUTE) advise_attribute(a, node, c);
  if (contradicts_itself(a->definition, c))
    advise(a, node, "take one of the comparisons out, or ask for one or the other with \"any\"",
           "this can never be true: its parts contradict each other%s",
           c->kind == CONDITION_AT_LEAST ? ", or are fewer than it asks for" : "");
  if (c->kind == CONDITION_NOT) {
    advise_condition(a, advice_member(node, "not"), c->children[0]);
    return;
  }
  const cJSON *child = c->child_count ? list_of(node, c->kind) : NULL;
  child = child ? child->child : NULL;
  for (int32_t i = 0; i < c->child_count && child; i++, child = child->next) advise_condition(a, child, c->children[i]);
}

/* A rule of no use: said where none of its own comparisons has been spoken of. */
static void advise_rules(struct adviser *a) {
  const struct definition *d = a->definition;
  for (int32_t i = 0; i < d->score_count; i++) {
    const cJSON *rules = advice_member(advice_item(a, "scores", i), "rules");
    for (int32_t j = 0; j < d->scores[i].rule_count; j++) {
      const struct rule *rule = &d->scores[i].rules[j];
      const cJSON *node = cJSON_GetArrayItem(rules, j);
      if (!rule->when || !node) continue;
      advise_condition(a, advice_member(node, "when"), rule->when);
      if (condition_never(d, rule->when))
        advise(a, node, "correct what it asks for, or take the rule out",
               "rule \"%.*s\" can never match: no lead can have its points", NAMED(rule->name));
    }
  }
}

void advise_conditions(struct adviser *a) {
  const struct definition *d = a->definition;
  for (int32_t i = 0; i < d->criterion_count; i++) advise_condition(a, advice_criterion(a, i), d->criteria[i].when);
  advise_rules(a);
  for (int32_t i = 0; i < d->stage_count; i++)
    advise_condition(a, advice_member(advice_item(a, "stages", i), "enter"), d->stages[i].enter);
  for (int32_t i = 0; i < d->move_count; i++)
    advise_condition(a, advice_member(advice_item(a, "moves", i), "when"), d->moves[i].when);
  for (int32_t i = 0; i < d->route_count; i++)
    advise_condition(a, advice_member(advice_item(a, "routes", i), "when"), d->routes[i].when);
}
