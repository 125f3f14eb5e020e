/* explain_need.c: a walk over the condition. Under a `not` it asks for the opposite: "all" and "any" change places. */
#include "explain_need.h"

#include "explain_words.h"

enum { THOUSANDTH = NANOPOINT / 1000 };

static void need(struct buffer *out, struct view *view, const struct condition *c, bool wanted);

/* --- leaves --- */

static void leaf_begin(struct buffer *out, const char *kind) { buffer_printf(out, "{\"kind\":\"%s\"", kind); }

static void leaf_end(struct buffer *out, struct buffer *words) {
  buffer_append_text(out, ",\"text\":");
  json_append_string(out, (struct slice){words->at, (uint32_t)words->length});
  buffer_append_text(out, "}");
  buffer_fini(words);
}

/* What is missing is cut away from zero, so that it is enough. */
static int64_t enough(int64_t nanopoints) {
  int64_t cut = nanopoints / THOUSANDTH * THOUSANDTH;
  return cut == nanopoints ? cut : cut + THOUSANDTH;
}

/* "min" and "max" hide it, but it has to be made up for first. */
static void beyond(struct buffer *words, int64_t nanopoints, const char *where) {
  if (nanopoints < THOUSANDTH) return;
  buffer_append_text(words, "; it is ");
  json_append_points(words, nanopoints);
  buffer_append_text(words, where);
}

/* "15.5 more points of engagement (24.5 of 40)" */
static void score_words(struct buffer *words, struct view *view, int32_t index, enum operator op, int64_t threshold) {
  const struct score *score = &view->definition->scores[index];
  int64_t value = score_value(view, index), sum = score_sum(view, index);
  bool up = op == OP_AT_LEAST || op == OP_ABOVE, strict = op == OP_ABOVE || op == OP_BELOW;
  if (up ? score->max - strict < threshold : score->min + strict > threshold) {
    explain_name(words, score->name);
    buffer_append_text(words, up ? " can never be so high (" : " can never be so low (");
  } else {
    if (strict) buffer_append_text(words, "more than ");
    json_append_points(words, enough(up ? threshold - sum : sum - threshold));
    buffer_append_text(words, up ? " more points of " : " points fewer of ");
    explain_name(words, score->name);
    buffer_append_text(words, " (");
  }
  json_append_points(words, value);
  buffer_append_text(words, up ? " of " : ", at most ");
  json_append_points(words, threshold);
  if (sum < value) beyond(words, value - sum, " below its least");
  if (sum > value) beyond(words, sum - value, " above its most");
  buffer_append_text(words, ")");
}

static void need_score(struct buffer *out, struct view *view, const struct condition *c, bool wanted) {
  static const char *const ops[] = {
      [OP_AT_LEAST] = "at_least", [OP_AT_MOST] = "at_most", [OP_ABOVE] = "above", [OP_BELOW] = "below"};
  static const enum operator opposite[] = {
      [OP_AT_LEAST] = OP_BELOW, [OP_AT_MOST] = OP_ABOVE, [OP_ABOVE] = OP_AT_MOST, [OP_BELOW] = OP_AT_LEAST};
  enum operator op = wanted ? c->op : opposite[c->op];
  int64_t apart = c->threshold - score_sum(view, c->index);
  struct buffer words = {0};
  leaf_begin(out, "score");
  buffer_append_text(out, ",\"score\":");
  json_append_string(out, view->definition->scores[c->index].name);
  buffer_append_text(out, ",\"value\":");
  json_append_points(out, score_value(view, c->index));
  buffer_printf(out, ",\"op\":\"%s\",\"threshold\":", ops[op]);
  json_append_points(out, c->threshold);
  buffer_append_text(out, ",\"apart\":");
  json_append_points(out, apart > 0 ? enough(apart) : -enough(-apart));
  score_words(&words, view, c->index, op, c->threshold);
  leaf_end(out, &words);
}

static void value_words(struct buffer *words, const struct view *view, int32_t index) {
  const struct definition *d = view->definition;
  int32_t place = d->plan->attribute[index];
  switch (d->attributes[index].type) {
    case ATTRIBUTE_TEXT:
      buffer_append_text(words, "“");
      explain_name(words, lead_text(d->plan, view->lead, place));
      buffer_append_text(words, "”");
      break;
    case ATTRIBUTE_NUMBER: json_append_double(words, lead_number(view->lead, place)); break;
    case ATTRIBUTE_BOOLEAN: buffer_append_text(words, lead_slot(view->lead, place) ? "true" : "false"); break;
  }
}

/* "budget is not known", "employees is 12, not at least 20". What is not shared is not told. */
static void need_attribute(struct buffer *out, const struct view *view, const struct condition *c, bool wanted) {
  const struct attribute *attribute = &view->definition->attributes[c->index];
  bool known = lead_knows(view->definition->plan, view->lead, c->index);
  struct buffer words = {0};
  leaf_begin(out, "attribute");
  buffer_append_text(out, ",\"attribute\":");
  json_append_string(out, attribute->name);
  explain_name(&words, attribute->name);
  if (!known) {
    buffer_append_text(&words, " is not known");
  } else if (c->compare.op == OP_PRESENT) {
    buffer_append_text(&words, " is known");
  } else {
    buffer_append_text(&words, " is ");
    if (attribute->share) value_words(&words, view, c->index);
    if (attribute->share) buffer_append_text(&words, ", ");
    buffer_append_text(&words, wanted ? "not " : "");
    explain_comparison(&words, &c->compare);
  }
  leaf_end(out, &words);
}

/* "2 of 3: Page Viewed where … within the last 7 days" */
static void need_happened(struct buffer *out, const struct view *view, const struct condition *c, bool wanted) {
  const struct definition *d = view->definition;
  const struct happened *happened = &d->happened[c->index];
  const struct list *list = lead_list(d->plan, view->lead, d->plan->happened[c->index]);
  const int64_t *times = list_times(view->lead, list);
  int32_t count = 0;
  struct buffer words = {0};
  for (uint32_t i = 0; i < list->count; i++)
    count += !happened->within_ms || times[i] > view->now_ms - happened->within_ms;
  leaf_begin(out, "happened");
  if (happened->times > 1) buffer_printf(&words, "%d of %d times ", (int)count, (int)happened->times);
  explain_pattern(&words, d, happened->pattern);
  if (happened->times == 1) buffer_append_text(&words, wanted ? " has not happened" : " has happened");
  if (happened->within_ms) {
    buffer_append_text(&words, " within the last ");
    explain_duration(&words, happened->within_ms);
  }
  leaf_end(out, &words);
}

static void need_quiet(struct buffer *out, const struct view *view, const struct condition *c, bool wanted) {
  int64_t since = lead_quiet_since_ms(view->definition->plan, view->lead);
  struct buffer words = {0};
  leaf_begin(out, "quiet_for");
  if (wanted) {
    explain_duration(&words, c->duration_ms - (view->now_ms - since));
    buffer_append_text(&words, " more without activity (of ");
  } else {
    buffer_append_text(&words, "activity (there was none for ");
  }
  explain_duration(&words, c->duration_ms);
  buffer_append_text(&words, ")");
  leaf_end(out, &words);
}

static void need_event(struct buffer *out, const struct view *view, const struct condition *c, bool wanted) {
  struct buffer words = {0};
  leaf_begin(out, "event");
  buffer_append_text(&words, wanted ? "this has to happen: " : "an event other than ");
  explain_pattern(&words, view->definition, c->index);
  leaf_end(out, &words);
}

/* --- groups --- */

/* So many more of the children that are not as wanted; one that is left alone stands for itself. */
static void need_children(struct buffer *out, struct view *view, const struct condition *c, bool wanted,
                          int32_t count) {
  const struct condition *only = NULL;
  int32_t open = 0;
  for (int32_t i = 0; i < c->child_count; i++) {
    if (condition_holds(view, c->children[i]) == wanted) continue;
    only = c->children[i];
    open++;
  }
  count -= c->child_count - open;
  if (open == 1) {
    need(out, view, only, wanted);
    return;
  }
  if (count == open) buffer_append_text(out, "{\"kind\":\"all\",\"of\":[");
  else if (count == 1) buffer_append_text(out, "{\"kind\":\"any\",\"of\":[");
  else buffer_printf(out, "{\"kind\":\"at_least\",\"count\":%d,\"of\":[", (int)count);
  bool first = true;
  for (int32_t i = 0; i < c->child_count; i++) {
    if (condition_holds(view, c->children[i]) == wanted) continue;
    if (!first) buffer_append_text(out, ",");
    first = false;
    need(out, view, c->children[i], wanted);
  }
  buffer_append_text(out, "]}");
}

static void need_criterion(struct buffer *out, struct view *view, const struct condition *c, bool wanted) {
  leaf_begin(out, "criterion");
  buffer_append_text(out, ",\"criterion\":");
  json_append_string(out, view->definition->criteria[c->index].name);
  buffer_append_text(out, ",\"needs\":");
  need(out, view, view->definition->criteria[c->index].when, wanted);
  buffer_append_text(out, "}");
}

/* How many children have to be as wanted: of those that have to be true n, of those that have to be false all but n − 1. */
static int32_t children_wanted(const struct condition *c, bool wanted) {
  int32_t n = c->kind == CONDITION_ALL ? c->child_count : c->kind == CONDITION_ANY ? 1 : c->number;
  return wanted ? n : c->child_count - n + 1;
}

static void need(struct buffer *out, struct view *view, const struct condition *c, bool wanted) {
  if (condition_holds(view, c) == wanted) {
    buffer_append_text(out, "null");
    return;
  }
  switch (c->kind) {
    case CONDITION_ALL:
    case CONDITION_ANY:
    case CONDITION_AT_LEAST: need_children(out, view, c, wanted, children_wanted(c, wanted)); break;
    case CONDITION_NOT: need(out, view, c->children[0], !wanted); break;
    case CONDITION_CRITERION: need_criterion(out, view, c, wanted); break;
    case CONDITION_ATTRIBUTE: need_attribute(out, view, c, wanted); break;
    case CONDITION_SCORE: need_score(out, view, c, wanted); break;
    case CONDITION_HAPPENED: need_happened(out, view, c, wanted); break;
    case CONDITION_QUIET_FOR: need_quiet(out, view, c, wanted); break;
    case CONDITION_EVENT: need_event(out, view, c, wanted); break;
  }
}

void explain_need(struct buffer *out, struct view *view, const struct condition *condition) {
  need(out, view, condition, true);
}
