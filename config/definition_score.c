/* definition_score.c: scores and their rules. */
#include <string.h>

#include "definition_compile.h"

enum { POINTS = 10000, POINTS_DECIMALS = 3, KEEP_DEFAULT = 32 };

#define MAX_DEFAULT (1000000 * NANOPOINT)

/* --- rules --- */

static const struct known_member attribute_rule_members[] = {
    {"name", true}, {"description", false}, {"when", true}, {"points", true}};

static const struct known_member event_rule_members[] = {
    {"name", true}, {"description", false}, {"event", false}, {"quiet_every", false}, {"points", true},
    {"cap", false}, {"at_most", false},     {"lasts", false}, {"fading", false},      {"keep", false}};

/* What rules of both kinds have. */
static void compile_rule_head(struct compiler *c, const cJSON *node, struct rule *rule) {
  const cJSON *name = member_of(node, "name"), *points = member_of(node, "points");
  rule->pattern = NONE;
  if (cJSON_IsString(name)) rule->name = keep_text(c, name->valuestring);
  if (points && take_points(c, points, "points", POINTS, POINTS_DECIMALS, &rule->points) && rule->points == 0)
    complain(c, points, "points cannot be 0: such a rule would say nothing");
  take_description(c, node);
}

static void compile_attribute_rule(struct compiler *c, const cJSON *node, struct rule *rule) {
  if (!TAKE_OBJECT(c, node, "a rule of a score from attributes", attribute_rule_members)) return;
  const cJSON *when = member_of(node, "when");
  compile_rule_head(c, node, rule);
  if (when) rule->when = take_condition(c, when, 0, "a score's rule");
}

static void compile_trigger(struct compiler *c, const cJSON *node, struct rule *rule) {
  const cJSON *event = member_of(node, "event"), *quiet_every = member_of(node, "quiet_every");
  if (event) rule->pattern = take_pattern(c, event, "a rule's event");
  if (quiet_every && take_duration(c, quiet_every, "\"quiet_every\"", &rule->quiet_every_ms) &&
      rule->quiet_every_ms < HOUR_MS)
    complain(c, quiet_every, "\"quiet_every\" must be at least \"1h\"; this is \"%s\"", quiet_every->valuestring);
  if (event && quiet_every)
    complain_name(c, quiet_every, "a rule has \"event\" or \"quiet_every\", not both; make it two rules");
  if (!event && !quiet_every && !IS_MISSPELT(node, "event", event_rule_members) &&
      !IS_MISSPELT(node, "quiet_every", event_rule_members))
    complain(c, node, "a rule of a score from events must say \"event\", or \"quiet_every\" for what silence costs");
}

static void compile_lasts(struct compiler *c, const cJSON *node, struct rule *rule) {
  const cJSON *lasts = member_of(node, "lasts"), *fading = member_of(node, "fading"), *keep = member_of(node, "keep");
  int64_t number = KEEP_DEFAULT;
  if (lasts) (void)take_duration(c, lasts, "\"lasts\"", &rule->lasts_ms);
  if (fading) (void)take_boolean(c, fading, "\"fading\"", &rule->fading);
  if (keep) (void)take_integer(c, keep, "\"keep\", how many of the latest events are kept,", 1, LIMIT_KEEP, &number);
  rule->keep = lasts ? (int32_t)number : 0;
  if (fading && !lasts) complain_name(c, fading, "\"fading\" goes with \"lasts\", which is missing");
  if (keep && !lasts) complain_name(c, keep, "\"keep\" goes with \"lasts\", which is missing");
}

static void compile_at_most(struct compiler *c, const cJSON *node, struct rule *rule) {
  static const struct known_member members[] = {{"times", true}, {"per", false}};
  if (!TAKE_OBJECT(c, node, "\"at_most\"", members)) return;
  const cJSON *times = member_of(node, "times"), *per = member_of(node, "per");
  int64_t number = 0;
  if (times) (void)take_integer(c, times, "\"times\"", 1, LIMIT_TIMES, &number);
  if (per) (void)take_duration(c, per, "\"per\"", &rule->at_most_per_ms);
  rule->at_most_times = (int32_t)number;
}

static void compile_event_rule(struct compiler *c, const cJSON *node, struct rule *rule) {
  if (!TAKE_OBJECT(c, node, "a rule of a score from events", event_rule_members)) return;
  const cJSON *cap = member_of(node, "cap"), *at_most = member_of(node, "at_most");
  compile_rule_head(c, node, rule);
  compile_trigger(c, node, rule);
  compile_lasts(c, node, rule);
  if (cap && take_threshold(c, cap, "a cap", &rule->cap) && rule->cap <= 0)
    complain(c, cap, "a cap must be above 0; it holds in both directions");
  if (at_most) compile_at_most(c, at_most, rule);
}

static void compile_rules(struct compiler *c, const cJSON *node, struct score *score) {
  struct names names = {.kind = "rule", .kinds = "rules"};
  if (!names_of_list(c, &names, node, "name", LIMIT_RULES)) return;
  score->rules = arena_take(c->arena, (size_t)cJSON_GetArraySize(node), sizeof *score->rules);
  for (const cJSON *child = node->child; child; child = child->next) {
    struct rule *rule = &score->rules[score->rule_count++];
    if (score->kind == SCORE_ATTRIBUTES) compile_attribute_rule(c, child, rule);
    else compile_event_rule(c, child, rule);
  }
}

/* --- scores --- */

static void compile_half_life(struct compiler *c, const cJSON *node, struct score *score) {
  int64_t half_life_ms;
  if (!take_duration(c, node, "\"half_life\"", &half_life_ms)) return;
  score->half_life_min = half_life_ms / MINUTE_MS;
  if (half_life_ms % MINUTE_MS)
    complain(c, node, "\"half_life\" must be a whole number of minutes; this is \"%s\"", node->valuestring);
}

static void compile_of(struct compiler *c, const cJSON *node, struct score *score) {
  int32_t count;
  if (!take_list(c, node, "\"of\", the scores that are added up,", 0, &count)) return;
  score->of = arena_take(c->arena, (size_t)count, sizeof *score->of);
  for (const cJSON *child = node->child; child; child = child->next) {
    int32_t index = take_reference(c, child, &c->scores);
    if (index == NONE) continue;
    uses_note(&c->score_uses, index, child);
    score->of[score->of_count++] = index;
  }
}

static void compile_bounds(struct compiler *c, const cJSON *node, struct score *score) {
  const cJSON *min = member_of(node, "min"), *max = member_of(node, "max");
  bool good = true;
  score->min = 0;
  score->max = MAX_DEFAULT;
  if (min) good &= take_threshold(c, min, "\"min\"", &score->min);
  if (max) good &= take_threshold(c, max, "\"max\"", &score->max);
  if (!good || score->min <= score->max) return;
  if (min && max) complain(c, min, "\"min\" cannot be above \"max\"");
  else if (min) complain(c, min, "\"min\" cannot be above \"max\", which is 1000000 where nothing is said");
  else complain(c, max, "\"max\" cannot be below \"min\", which is 0 where nothing is said");
}

/* Without a good `from`: its members are nobody's, and only those that no score has are wrong. */
static void check_kindless(struct compiler *c, const cJSON *node) {
  static const struct known_member members[] = {{"from", true}, {"half_life", false}, {"min", false},
                                                {"max", false}, {"rules", false},     {"of", false}};
  (void)TAKE_OBJECT(c, node, "a score", members);
}

static void compile_kind(struct compiler *c, const cJSON *node, struct score *score) {
  static const struct known_member from_attributes[] = {
      {"from", true}, {"min", false}, {"max", false}, {"rules", true}};
  static const struct known_member from_events[] = {
      {"from", true}, {"half_life", false}, {"min", false}, {"max", false}, {"rules", true}};
  static const struct known_member from_scores[] = {{"from", true}, {"of", true}, {"min", false}, {"max", false}};
  switch (score->kind) {
    case SCORE_ATTRIBUTES: (void)TAKE_OBJECT(c, node, "a score from attributes", from_attributes); break;
    case SCORE_EVENTS: (void)TAKE_OBJECT(c, node, "a score from events", from_events); break;
    case SCORE_SCORES: (void)TAKE_OBJECT(c, node, "a score from scores", from_scores); break;
  }
  const cJSON *rules = member_of(node, "rules"), *half_life = member_of(node, "half_life"), *of = member_of(node, "of");
  if (score->kind == SCORE_SCORES && of) compile_of(c, of, score);
  if (score->kind == SCORE_EVENTS && half_life) compile_half_life(c, half_life, score);
  if (score->kind != SCORE_SCORES && rules) compile_rules(c, rules, score);
}

static void compile_score(struct compiler *c, const cJSON *node, struct score *score) {
  static const char *const kinds[] = {"attributes", "events", "scores"}; /* as enum score_kind */
  const cJSON *from = member_of(node, "from");
  int32_t kind = from ? take_choice(c, from, "\"from\"", kinds, sizeof kinds / sizeof *kinds) : NONE;
  if (kind == NONE) {
    check_kindless(c, node);
  } else {
    score->kind = (enum score_kind)kind;
    compile_kind(c, node, score);
  }
  if (cJSON_IsObject(node)) compile_bounds(c, node, score);
}

void compile_scores(struct compiler *c) {
  struct definition *d = c->definition;
  d->scores = arena_take(c->arena, (size_t)c->scores.count, sizeof *d->scores);
  d->score_count = c->scores.count;
  for (int32_t i = 0; i < c->scores.count; i++) {
    c->score_uses.from = i;
    d->scores[i].name = keep_text(c, c->scores.at[i]);
    compile_score(c, c->scores.nodes[i], &d->scores[i]);
  }
  c->score_uses.from = NONE;
}
