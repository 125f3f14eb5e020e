/* advice_points.c: advice on points: those that never fade, those that one click after the other collects, and thresholds that take
 * too many events too fast. */
#include "advice_find.h"

#define POINT 1e9
#define WEEK_MIN INT64_C(10080)

enum { MANY_EVENTS = 5, MANY_A_WEEK = 3 };

/* Events that cost a lead nothing, so that one person makes dozens of them. */
static const char *const idle[] = {"page", "view", "visit", "open", "click", "impression", NULL};

static bool is_idle(const struct definition *d, const struct rule *rule, const cJSON *node) {
  if (rule->pattern == NONE || d->patterns[rule->pattern].every_name) return rule->pattern != NONE;
  const cJSON *event = advice_member(node, "event"),
              *name = cJSON_IsObject(event) ? advice_member(event, "name") : event;
  return node_speaks(name, idle);
}

static bool is_unlimited(const struct rule *rule) { return rule->points > 0 && !rule->cap && !rule->at_most_times; }

/* Is it the score, or a sum that it is part of? */
static bool adds(const struct definition *d, int32_t sum, int32_t score) {
  for (int32_t i = 0; i < d->scores[sum].of_count; i++)
    if (adds(d, d->scores[sum].of[i], score)) return true;
  return sum == score;
}

/* Is the score to come up to some threshold? */
static bool asks_for_score(const struct definition *d, const struct condition *c, int32_t score) {
  if (!c) return false;
  for (int32_t i = 0; i < c->child_count; i++)
    if (asks_for_score(d, c->children[i], score)) return true;
  return c->kind == CONDITION_SCORE && adds(d, c->index, score) && (c->op == OP_AT_LEAST || c->op == OP_ABOVE) &&
         c->threshold > 0;
}

static bool is_asked_for(const struct definition *d, int32_t score) {
  for (int32_t i = 0; i < d->criterion_count; i++)
    if (asks_for_score(d, d->criteria[i].when, score)) return true;
  for (int32_t i = 0; i < d->stage_count; i++)
    if (asks_for_score(d, d->stages[i].enter, score)) return true;
  for (int32_t i = 0; i < d->move_count; i++)
    if (asks_for_score(d, d->moves[i].when, score)) return true;
  return false;
}

static void advise_repeated(struct adviser *a, int32_t i) {
  const struct definition *d = a->definition;
  const cJSON *rules = advice_member(advice_item(a, "scores", i), "rules");
  if (!is_asked_for(d, i)) return;
  for (int32_t j = 0; j < d->scores[i].rule_count; j++) {
    const struct rule *rule = &d->scores[i].rules[j];
    const cJSON *node = cJSON_GetArrayItem(rules, j);
    if (!node || !is_unlimited(rule) || !is_idle(d, rule, node)) continue;
    advise(a, node, "give it a \"cap\", or an \"at_most\" like once an hour",
           "rule \"%.*s\" has no limit: who opens the same page or mail again and again comes as far as any threshold",
           NAMED(rule->name));
  }
}

/* Does something take points away again: time, silence, or the rule's own end? */
static bool fades(const struct score *score) {
  bool stays = false;
  if (score->half_life_min) return true;
  for (int32_t i = 0; i < score->rule_count; i++) {
    const struct rule *rule = &score->rules[i];
    if (rule->quiet_every_ms && rule->points < 0) return true;
    stays = stays || (rule->points > 0 && !rule->lasts_ms);
  }
  return !stays;
}

void advise_points(struct adviser *a) {
  const struct definition *d = a->definition;
  for (int32_t i = 0; i < d->score_count; i++) {
    if (d->scores[i].kind != SCORE_EVENTS) continue;
    advise_repeated(a, i);
    if (!fades(&d->scores[i]))
      advise(a, advice_item(a, "scores", i),
             "give it a \"half_life\", its rules \"lasts\", or a rule with \"quiet_every\"",
             "the points of score \"%.*s\" never fade: what somebody did three years ago counts as what they did today",
             NAMED(d->scores[i].name));
  }
}

/* --- thresholds --- */

/* How many events the strongest rules take to come there at once; 0 where they do not. */
static int64_t events_needed(const struct score *score, int64_t threshold) {
  bool used[LIMIT_RULES] = {false};
  int64_t sum = 0, events = 0;
  while (sum < threshold) {
    int32_t best = NONE;
    for (int32_t i = 0; i < score->rule_count; i++)
      if (!used[i] && score->rules[i].points > 0 &&
          (best == NONE || score->rules[i].points > score->rules[best].points))
        best = i;
    if (best == NONE) return 0;
    const struct rule *rule = &score->rules[best];
    int64_t wanted = (threshold - sum + rule->points - 1) / rule->points, most = wanted;
    if (rule->cap && rule->cap / rule->points < most) most = rule->cap / rule->points;
    if (rule->at_most_times && !rule->at_most_per_ms && rule->at_most_times < most) most = rule->at_most_times;
    if (rule->lasts_ms && rule->keep < most) most = rule->keep;
    used[best] = true;
    events += most;
    sum += most * rule->points;
  }
  return events;
}

/* In balance, what comes in a week makes up for what fades in it: threshold · ln 2 · week / half-life. */
static int64_t events_a_week(int64_t events, int64_t half_life_min) {
  return (events * 693 * WEEK_MIN / half_life_min + 999) / 1000;
}

void advise_pace(struct adviser *a, const cJSON *node, const struct condition *c) {
  const struct score *score = &a->definition->scores[c->index];
  if (score->kind != SCORE_EVENTS || !score->half_life_min || (c->op != OP_AT_LEAST && c->op != OP_ABOVE)) return;
  int64_t events = events_needed(score, c->threshold), weekly = events_a_week(events, score->half_life_min);
  if (events < MANY_EVENTS || weekly < MANY_A_WEEK) return;
  advise(a, node, "lower the threshold, give the rules more points, or let them fade more slowly",
         "points fade faster here than people act: it takes %lld of the strongest events of score \"%.*s\" at once to "
         "come to "
         "%.15g, or %lld every week to stay there",
         (long long)events, NAMED(score->name), (double)c->threshold / POINT, (long long)weekly);
}
