/* describe_score.c: scores, their limits, and a table of rules each. */
#include "../producer/encode.h"
#include "describe_parts.h"

enum { COLUMNS = 4 };

static void say_range(struct buffer *text, const cJSON *score) {
  const cJSON *least = phrase_member(score, "min"), *most = phrase_member(score, "max");
  buffer_append_text(text, " It stays between ");
  json_append_double(text, least ? least->valuedouble : 0);
  buffer_append_text(text, " and ");
  json_append_double(text, most ? most->valuedouble : 1000000);
  buffer_append_text(text, ".");
}

static void say_origin(struct page *page, const cJSON *score) {
  struct buffer text = {0};
  const char *from = phrase_text(score, "from");
  if (strcmp(from, "attributes") == 0) buffer_append_text(&text, "The sum of the points of all rules that hold.");
  if (strcmp(from, "events") == 0) buffer_append_text(&text, "Each event that matches a rule adds its points.");
  if (strcmp(from, "scores") == 0) {
    buffer_append_text(&text, "The sum of ");
    phrase_list(&text, phrase_member(score, "of"), " and ");
    buffer_append_text(&text, ".");
  }
  if (phrase_member(score, "half_life")) {
    buffer_append_text(&text, " Half of the points are gone after ");
    phrase_duration(&text, phrase_text(score, "half_life"));
    buffer_append_text(&text, ", half of the rest after as long again.");
  } else if (strcmp(from, "events") == 0) {
    buffer_append_text(&text, " Points stay, unless a rule says otherwise.");
  }
  say_range(&text, score);
  say_text(page, &text);
}

static void say_when(struct buffer *text, const cJSON *rule) {
  if (phrase_member(rule, "when")) {
    phrase_condition(text, phrase_member(rule, "when"));
  } else if (phrase_member(rule, "event")) {
    phrase_pattern(text, phrase_member(rule, "event"));
  } else {
    buffer_append_text(text, "each time without activity for ");
    phrase_duration(text, phrase_text(rule, "quiet_every"));
  }
}

static void say_limit(struct buffer *text, const cJSON *rule) {
  const cJSON *cap = phrase_member(rule, "cap"), *at_most = phrase_member(rule, "at_most");
  if (cap) {
    buffer_append_text(text, "adds up to ");
    json_append_double(text, cap->valuedouble);
    buffer_append_text(text, " at most; ");
  }
  if (at_most) {
    int times = (int)phrase_member(at_most, "times")->valuedouble;
    buffer_append_text(text, times == 1 ? "counts once" : "");
    if (times != 1) buffer_printf(text, "counts %d times", times);
    buffer_append_text(text, phrase_member(at_most, "per") ? " within any " : ", ever");
    phrase_duration(text, phrase_text(at_most, "per"));
    buffer_append_text(text, "; ");
  }
  if (phrase_member(rule, "lasts")) {
    bool fading = cJSON_IsTrue(phrase_member(rule, "fading"));
    buffer_append_text(text, fading ? "shrinks evenly to nothing over " : "counts in full for ");
    phrase_duration(text, phrase_text(rule, "lasts"));
    buffer_append_text(text, fading ? "; " : ", then not at all; ");
  }
  if (text->length >= 2) text->length -= 2;
}

static void describe_rule(struct page *page, const cJSON *rule) {
  struct buffer when = {0}, points = {0}, limit = {0};
  say_when(&when, rule);
  if (phrase_member(rule, "points")->valuedouble > 0) buffer_append_text(&points, "+");
  json_append_double(&points, phrase_member(rule, "points")->valuedouble);
  say_limit(&limit, rule);
  struct buffer name = {0};
  buffer_append_text(&name, phrase_text(rule, "name"));
  if (*phrase_text(rule, "description")) buffer_printf(&name, ": %s", phrase_text(rule, "description"));
  page_row(page, (const char *[]){described(&name), described(&when), described(&points), described(&limit)}, COLUMNS);
  buffer_fini(&name);
  buffer_fini(&limit);
  buffer_fini(&points);
  buffer_fini(&when);
}

void describe_scores(struct page *page, const cJSON *root) {
  const cJSON *scores = phrase_member(root, "scores");
  if (!scores || !scores->child) return;
  page_heading(page, 2, "Points");
  for
    EACH(score, scores) {
      page_heading(page, 3, score->string);
      say_description(page, score);
      say_origin(page, score);
      const cJSON *rules = phrase_member(score, "rules");
      if (rules) page_row(page, (const char *[]){"rule", "when", "points", "limits"}, COLUMNS);
    for
      EACH(rule, rules) describe_rule(page, rule);
    }
}
