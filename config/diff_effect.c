/* diff_effect.c: what a change comes to: which stages more or fewer leads will reach, which moves are taken more or less often.
 *
 * A change makes one thing hold for more leads or for fewer, or a score higher or lower. From there it goes on through criteria,
 * scores and negations to all that asks for it. Where it goes both ways, that is said. */
#include <string.h>

#include "../consumer/engine/memory.h"
#include "../consumer/engine/plan.h"
#include "diff_find.h"

enum direction direction_flipped(enum direction direction) {
  return direction == MORE ? LESS : direction == LESS ? MORE : direction;
}

enum direction direction_both(enum direction a, enum direction b) { return (enum direction)(a | b); }

/* The cause, with the place of its name among the definition's own. */
struct origin {
  const struct definition *definition;
  enum diff_cause kind;
  int32_t index;
  enum direction direction;
};

static enum direction at(const struct origin *s, enum diff_cause kind, int32_t index) {
  return s->kind == kind && s->index == index ? s->direction : SAME;
}

static enum direction condition_direction(const struct origin *s, const struct condition *c);

static enum direction score_direction(const struct origin *s, int32_t index) {
  const struct score *score = &s->definition->scores[index];
  enum direction all = at(s, BY_SCORE, index);
  for (int32_t i = 0; i < score->of_count; i++) all = direction_both(all, score_direction(s, score->of[i]));
  for (int32_t i = 0; i < score->rule_count; i++) {
    const struct rule *rule = &score->rules[i];
    enum direction one = rule->when ? condition_direction(s, rule->when) : SAME;
    if (rule->quiet_every_ms && s->kind == BY_ACTIVITY) one = direction_flipped(s->direction);
    all = direction_both(all, rule->points > 0 ? one : direction_flipped(one));
  }
  return all;
}

static enum direction condition_direction(const struct origin *s, const struct condition *c) {
  enum direction all = SAME;
  if (!c) return SAME;
  for (int32_t i = 0; i < c->child_count; i++) all = direction_both(all, condition_direction(s, c->children[i]));
  switch (c->kind) {
    case CONDITION_NOT: return direction_flipped(all);
    case CONDITION_CRITERION:
      return direction_both(at(s, BY_CRITERION, c->index),
                            condition_direction(s, s->definition->criteria[c->index].when));
    case CONDITION_ATTRIBUTE: return at(s, BY_ATTRIBUTE, c->index);
    case CONDITION_SCORE:
      all = score_direction(s, c->index);
      return c->op == OP_AT_LEAST || c->op == OP_ABOVE ? all : direction_flipped(all);
    case CONDITION_QUIET_FOR: return s->kind == BY_ACTIVITY ? direction_flipped(s->direction) : SAME;
    default: return all;
  }
}

/* What all causes come to. */
struct effect {
  const struct definition *definition;
  enum direction stages[LIMIT_STAGES], moves[LIMIT_MOVES], routes[LIMIT_ROUTES], slas[LIMIT_SLAS];
  uint32_t touched;
};

/* Does the move take leads up, so that it is a way to reach its stage? */
static bool is_upward(const struct definition *d, const struct move *move) {
  if (d->stages[move->to].off_ladder) return false;
  for (int32_t i = move->to + 1; i < d->stage_count; i++)
    if (move->from >> i & 1 && !d->stages[i].off_ladder) return false;
  return true;
}

static void effect_add(struct effect *e, const struct origin *s) {
  const struct definition *d = s->definition;
  for (int32_t i = 0; i < d->stage_count; i++) {
    enum direction one = direction_both(at(s, BY_STAGE, i), condition_direction(s, d->stages[i].enter));
    e->stages[i] = direction_both(e->stages[i], one);
    if (one || (s->kind == BY_STAGE && s->index == i)) e->touched |= UINT32_C(1) << i;
  }
  for (int32_t i = 0; i < d->move_count; i++) {
    const struct move *move = &d->moves[i];
    bool itself = s->index == i && (s->kind == BY_MOVE || s->kind == BY_MOVE_ALONE), upward = is_upward(d, move);
    enum direction one = direction_both(itself ? s->direction : SAME, condition_direction(s, move->when));
    if (one || itself) e->touched |= UINT32_C(1) << move->to;
    if (upward) e->stages[move->to] = direction_both(e->stages[move->to], one);
    else if (s->kind != BY_MOVE_ALONE) e->moves[i] = direction_both(e->moves[i], one);
  }
  for (int32_t i = 0; i < d->route_count; i++)
    e->routes[i] =
        direction_both(e->routes[i], direction_both(at(s, BY_ROUTE, i), condition_direction(s, d->routes[i].when)));
  for (int32_t i = 0; i < d->sla_count; i++) {
    if (s->kind != BY_SLA || s->index != i) continue;
    e->slas[i] = direction_both(e->slas[i], s->direction);
    e->touched |= UINT32_C(1) << d->slas[i].stage;
  }
}

/* --- the names of the causes --- */

static int32_t place_in(const cJSON *section, const char *key, const char *name) {
  int32_t i = 0;
  for
    EACH(thing, section) {
      if (strcmp(thing_name(thing, key), name) == 0) return i;
      i++;
    }
  return NONE;
}

static int32_t cause_index(const struct diff_side *side, const struct cause *cause) {
  static const struct {
    const char *section, *key;
  } sections[] = {
      [BY_CRITERION] = {"criteria", "name"}, [BY_SCORE] = {"scores", "name"}, [BY_ATTRIBUTE] = {"attributes", "name"},
      [BY_STAGE] = {"stages", "name"},       [BY_MOVE] = {"moves", "name"},   [BY_MOVE_ALONE] = {"moves", "name"},
      [BY_ROUTE] = {"routes", "queue"},      [BY_SLA] = {"slas", "name"}};
  if (cause->kind == BY_ACTIVITY) return 0;
  return place_in(phrase_member(side->root, sections[cause->kind].section), sections[cause->kind].key, cause->name);
}

/* --- in words --- */

static void say_stages(struct buffer *text, const struct effect *e, enum direction wanted, const char *what) {
  const char *between = "";
  for (int32_t i = 0; i < e->definition->stage_count; i++) {
    struct slice name = e->definition->stages[i].name;
    if (e->stages[i] != wanted) continue;
    buffer_printf(text, "%s%s “%.*s”",
                  *between       ? between
                  : text->length ? "; "
                                 : "",
                  *between ? "" : what, (int)name.length, name.at);
    between = ",";
  }
}

static void say_moves(struct buffer *text, const struct effect *e) {
  static const char *const words[] = {[MORE] = "more often", [LESS] = "less often", [EITHER] = "at other times"};
  for (int32_t i = 0; i < e->definition->move_count; i++) {
    struct slice name = e->definition->moves[i].name;
    if (!e->moves[i]) continue;
    buffer_printf(text, "%s“%.*s” will be taken %s", text->length ? "; " : "", (int)name.length, name.at,
                  words[e->moves[i]]);
  }
}

static void say_routes(struct buffer *text, const struct effect *e) {
  static const char *const words[] = {[MORE] = "more", [LESS] = "fewer", [EITHER] = "other"};
  for (int32_t i = 0; i < e->definition->route_count; i++) {
    struct slice queue = e->definition->routes[i].queue;
    if (!e->routes[i]) continue;
    buffer_printf(text, "%s%s leads for the queue “%.*s”", text->length ? "; " : "", words[e->routes[i]],
                  (int)queue.length, queue.at);
  }
}

static void say_slas(struct buffer *text, const struct effect *e) {
  static const char *const words[] = {[MORE] = "more time", [LESS] = "less time", [EITHER] = "another time"};
  for (int32_t i = 0; i < e->definition->sla_count; i++)
    if (e->slas[i]) buffer_printf(text, "%s%s to keep it", text->length ? "; " : "", words[e->slas[i]]);
}

/* Of leads that climb, or of SLAs: by what nobody doubts which way is up. */
static enum diff_effect effect_sum(const struct effect *e) {
  enum direction all = SAME;
  for (int32_t i = 0; i < LIMIT_STAGES; i++) all = direction_both(all, e->stages[i]);
  for (int32_t i = 0; i < LIMIT_SLAS; i++) all = direction_both(all, e->slas[i]);
  return all == MORE ? DIFF_LOOSER : all == LESS ? DIFF_TIGHTER : all == EITHER ? DIFF_MIXED : DIFF_OPEN;
}

static void effect_say(struct diff_change *change, const struct effect *e, bool later) {
  struct buffer text = {0};
  say_stages(&text, e, LESS, "fewer leads will reach");
  say_stages(&text, e, MORE, "more leads will reach");
  say_stages(&text, e, EITHER, "other leads will reach");
  say_moves(&text, e);
  say_routes(&text, e);
  say_slas(&text, e);
  buffer_append(&text, "", 1);
  change->effect = effect_sum(e);
  change->outcome = text.at;
  change->stages = later ? e->touched : 0;
}

void diff_effect(const struct differ *d, struct diff_change *change, const struct cause *causes, size_t count) {
  /* What is gone is looked for in the earlier definition. */
  const struct diff_side *side = d->after;
  for (size_t i = 0; i < count; i++)
    if (causes[i].kind != BY_NONE && cause_index(side, &causes[i]) == NONE) side = d->before;
  struct effect effect = {.definition = side->definition};
  for (size_t i = 0; i < count; i++) {
    if (causes[i].kind == BY_NONE) continue;
    int32_t index = cause_index(side, &causes[i]);
    if (index == NONE) continue;
    struct origin origin = {side->definition, causes[i].kind, index, causes[i].direction};
    effect_add(&effect, &origin);
  }
  effect_say(change, &effect, side == d->after);
}
