/* advice_reach.c: what can be true at all: the range of every score, conditions that nobody can meet.
 *
 * Ranges are bounds: a score can be no more than `most`, though two of its rules may exclude each other. So "never" is never
 * said of what can happen. */
#include <string.h>

#include "advice_find.h"

#define UNBOUNDED INT64_C(4000000000000000000)

/* Saturating, both not negative. */
static int64_t add(int64_t a, int64_t b) { return a > UNBOUNDED - b ? UNBOUNDED : a + b; }

static int64_t within(int64_t value, int64_t least, int64_t most) {
  return value < least ? least : value > most ? most : value;
}

/* How far a rule's points go in their own direction. */
static int64_t rule_reach(const struct definition *d, const struct score *score, const struct rule *rule) {
  int64_t points = rule->points < 0 ? -rule->points : rule->points, reach = UNBOUNDED;
  if (score->kind == SCORE_ATTRIBUTES) reach = condition_never(d, rule->when) ? 0 : points;
  else if (rule->at_most_times > 0 && rule->at_most_per_ms == 0) reach = points * rule->at_most_times;
  if (rule->lasts_ms > 0 && reach > points * rule->keep) reach = points * rule->keep;
  return rule->cap > 0 && rule->cap < reach ? rule->cap : reach;
}

struct range score_bounds(const struct definition *d, int32_t index) {
  const struct score *score = &d->scores[index];
  int64_t up = 0, down = 0;
  for (int32_t i = 0; i < score->rule_count; i++) {
    int64_t reach = rule_reach(d, score, &score->rules[i]);
    if (score->rules[i].points > 0) up = add(up, reach);
    else down = add(down, reach);
  }
  struct range range = {-down, up};
  if (score->kind == SCORE_SCORES) {
    int64_t least = 0, most = 0;
    for (int32_t i = 0; i < score->of_count; i++) {
      struct range part = score_bounds(d, score->of[i]);
      least += part.least; /* at most 8 scores of at most 10¹⁸ */
      most += part.most;
    }
    range = (struct range){least, most};
  }
  return (struct range){within(range.least, score->min, score->max), within(range.most, score->min, score->max)};
}

static bool score_never(const struct definition *d, const struct condition *c) {
  struct range range = score_bounds(d, c->index);
  if (c->op == OP_AT_LEAST) return c->threshold > range.most;
  if (c->op == OP_ABOVE) return c->threshold >= range.most;
  if (c->op == OP_AT_MOST) return c->threshold < range.least;
  return c->threshold <= range.least;
}

bool operand_fits(enum attribute_type type, enum operator op, const struct operand *operand) {
  if (op == OP_PRESENT) return true;
  if (op != OP_IS && op != OP_IN) return type == (op == OP_LIKE ? ATTRIBUTE_TEXT : ATTRIBUTE_NUMBER);
  return (int)operand->kind == (int)type;
}

static bool attribute_never(const struct definition *d, const struct condition *c) {
  for (int32_t i = 0; i < c->compare.operand_count; i++)
    if (operand_fits(d->attributes[c->index].type, c->compare.op, &c->compare.operands[i])) return false;
  return c->compare.operand_count > 0;
}

static bool number_holds(double number, const struct comparison *compare) {
  double other = compare->operands[0].number;
  switch (compare->op) {
    case OP_AT_LEAST: return number >= other;
    case OP_AT_MOST: return number <= other;
    case OP_ABOVE: return number > other;
    case OP_BELOW: return number < other;
    default: return true;
  }
}

static bool is_lower(enum operator op) { return op == OP_AT_LEAST || op == OP_ABOVE; }
static bool is_upper(enum operator op) { return op == OP_AT_MOST || op == OP_BELOW; }

static bool same_operand(const struct operand *a, const struct operand *b) {
  if (a->kind != b->kind) return false;
  if (a->kind == OPERAND_NUMBER) return a->number == b->number;
  if (a->kind == OPERAND_BOOLEAN) return a->boolean == b->boolean;
  if (a->text.length != b->text.length) return false;
  for (uint32_t i = 0; i < a->text.length; i++) {
    char x = a->text.at[i], y = b->text.at[i];
    if (x >= 'A' && x <= 'Z') x = (char)(x + 32);
    if (y >= 'A' && y <= 'Z') y = (char)(y + 32);
    if (x != y) return false;
  }
  return true;
}

/* Is some value of `a` (is, in) also one that `b` lets through? */
static bool values_meet(const struct comparison *a, const struct comparison *b) {
  for (int32_t i = 0; i < a->operand_count; i++) {
    if (b->op != OP_IS && b->op != OP_IN) {
      if (a->operands[i].kind != OPERAND_NUMBER || b->op == OP_LIKE || number_holds(a->operands[i].number, b))
        return true;
      continue;
    }
    for (int32_t j = 0; j < b->operand_count; j++)
      if (same_operand(&a->operands[i], &b->operands[j])) return true;
  }
  return false;
}

static bool is_absent(const struct comparison *c) { return c->op == OP_PRESENT && !c->operands[0].boolean; }

/* Can one attribute not compare both ways? Said of presence, of values and of numbers' bounds; globs are left alone. */
static bool contradict(const struct comparison *a, const struct comparison *b) {
  if (is_absent(a) || is_absent(b)) return !(is_absent(a) && is_absent(b));
  if (a->op == OP_PRESENT || b->op == OP_PRESENT) return false;
  if (a->op == OP_IS || a->op == OP_IN) return !values_meet(a, b);
  if (b->op == OP_IS || b->op == OP_IN) return !values_meet(b, a);
  if (is_upper(a->op) && is_lower(b->op)) return contradict(b, a);
  if (!is_lower(a->op) || !is_upper(b->op)) return false;
  double low = a->operands[0].number, high = b->operands[0].number;
  return a->op == OP_AT_LEAST && b->op == OP_AT_MOST ? low > high : low >= high;
}

static bool all_never(const struct definition *d, const struct condition *c) {
  for (int32_t i = 0; i < c->child_count; i++) {
    const struct condition *a = c->children[i];
    if (condition_never(d, a)) return true;
    for (int32_t j = 0; j < i && a->kind == CONDITION_ATTRIBUTE; j++) {
      const struct condition *b = c->children[j];
      if (b->kind == CONDITION_ATTRIBUTE && a->index == b->index && contradict(&a->compare, &b->compare)) return true;
    }
  }
  return false;
}

bool condition_never(const struct definition *d, const struct condition *c) {
  int32_t possible = 0;
  for (int32_t i = 0; i < c->child_count && c->kind != CONDITION_NOT; i++)
    possible += !condition_never(d, c->children[i]);
  switch (c->kind) {
    case CONDITION_ALL: return all_never(d, c);
    case CONDITION_ANY: return possible == 0;
    case CONDITION_AT_LEAST: return possible < c->number;
    case CONDITION_CRITERION: return condition_never(d, d->criteria[c->index].when);
    case CONDITION_ATTRIBUTE: return attribute_never(d, c);
    case CONDITION_SCORE: return score_never(d, c);
    default: return false;
  }
}
