/* describe.c: head, stages, criteria and moves. */
#include "describe.h"

#include "../producer/encode.h"
#include "describe_parts.h"

const char *described(struct buffer *text) {
  buffer_append(text, "", 1);
  return text->at;
}

void say_item(struct page *page, int depth, struct buffer *text) {
  page_item(page, depth, described(text));
  buffer_fini(text);
}

void say_text(struct page *page, struct buffer *text) {
  page_text(page, described(text));
  buffer_fini(text);
}

void say_description(struct page *page, const cJSON *node) {
  const char *text = cJSON_IsObject(node) ? phrase_text(node, "description") : "";
  if (*text) page_text(page, text);
}

void say_condition(struct page *page, int depth, const cJSON *node) {
  struct buffer text = {0};
  const cJSON *list = NULL;
  if (cJSON_IsString(node)) {
    list = NULL;
  } else if ((list = phrase_member(node, "all"))) {
    buffer_append_text(&text, "all of these:");
  } else if ((list = phrase_member(node, "any"))) {
    buffer_append_text(&text, "one of these, or more:");
  } else if ((list = phrase_member(node, "of"))) {
    buffer_printf(&text, "at least %d of these:", (int)phrase_member(node, "at_least")->valuedouble);
  }
  if (!list) phrase_condition(&text, node);
  say_item(page, depth, &text);
  for
    EACH(child, list) say_condition(page, depth + 1, child);
}

/* --- the head --- */

static void describe_head(struct page *page, const cJSON *root, const struct definition *definition) {
  struct buffer text = {0};
  buffer_printf(&text, "%s, version %u", phrase_text(root, "name"), definition->version);
  page_begin(page, described(&text));
  buffer_fini(&text);
  if (*phrase_text(root, "summary")) page_text(page, phrase_text(root, "summary"));
  say_description(page, root);
  buffer_append_text(&text, "In force from ");
  time_append(&text, definition->effective_from_ms);
  buffer_append_text(&text, ", by the time of the events.");
  say_item(page, 1, &text);
  buffer_append_text(&text, "Has to be signed by ");
  phrase_list(&text, phrase_member(root, "teams"), " and ");
  buffer_append_text(&text, ".");
  say_item(page, 1, &text);
  buffer_append_text(&text, "Known by its digest: ");
  buffer_append(&text, definition->digest.at, definition->digest.length);
  say_item(page, 1, &text);
  for
    EACH(old, phrase_member(root, "replaces")) {
      buffer_printf(&text, "The stage “%s” of earlier versions is now “%s”.", old->string, old->valuestring);
      say_item(page, 1, &text);
    }
}

/* --- stages --- */

static void describe_entry(struct page *page, const cJSON *stage, bool first) {
  const cJSON *enter = phrase_member(stage, "enter");
  if (first) page_text(page, "Every new lead begins here.");
  else if (enter) page_text(page, "A lead on the rung below climbs to here as soon as this holds:");
  else if (phrase_member(stage, "off_ladder") && cJSON_IsTrue(phrase_member(stage, "off_ladder")))
    page_text(page, "Beside the ladder: only a move leads here.");
  else page_text(page, "No lead climbs to here; only a move leads here.");
  if (enter) say_condition(page, 1, enter);
}

static bool names(const cJSON *node, const char *name) {
  if (cJSON_IsString(node)) return strcmp(node->valuestring, name) == 0;
  for
    EACH(child, node)
  if (strcmp(child->valuestring, name) == 0) return true;
  return false;
}

static void describe_ways_out(struct page *page, const cJSON *root, const char *stage) {
  bool any = false;
  for
    EACH(move, phrase_member(root, "moves")) {
      const cJSON *from = phrase_member(move, "from");
      if (!names(from, stage) && !(names(from, "*") && strcmp(phrase_text(move, "to"), stage) != 0)) continue;
      struct buffer text = {0};
      if (!any) page_text(page, "Moves lead from here:");
      buffer_printf(&text, "to “%s”: %s", phrase_text(move, "to"), phrase_text(move, "name"));
      say_item(page, 1, &text);
      any = true;
    }
}

static void describe_stages(struct page *page, const cJSON *root) {
  const cJSON *stages = phrase_member(root, "stages");
  page_heading(page, 2, "Stages");
  page_text(page, "The stages form a ladder, lowest first. A lead climbs one rung after the other.");
  for
    EACH(stage, stages) {
      struct buffer text = {0};
      buffer_printf(&text, "%s (%s)", phrase_text(stage, "name"), phrase_text(stage, "owner"));
      page_heading(page, 3, described(&text));
      buffer_fini(&text);
      say_description(page, stage);
      describe_entry(page, stage, stage == stages->child);
      if (cJSON_IsTrue(phrase_member(stage, "route")))
        page_text(page, "Here the lead is given to a queue; see Routes.");
      describe_ways_out(page, root, phrase_text(stage, "name"));
    }
}

/* --- criteria, moves --- */

static void describe_criteria(struct page *page, const cJSON *root) {
  const cJSON *criteria = phrase_member(root, "criteria");
  if (!criteria || !criteria->child) return;
  page_heading(page, 2, "Criteria");
  page_text(page, "Questions with a yes or a no. A comparison with what is not known is a no.");
  for
    EACH(criterion, criteria) {
      const cJSON *when = cJSON_IsObject(criterion) ? phrase_member(criterion, "when") : NULL;
      page_heading(page, 3, criterion->string);
      say_description(page, criterion);
      say_condition(page, 1, when ? when : criterion);
    }
}

void say_from(struct buffer *text, const cJSON *move) {
  if (names(phrase_member(move, "from"), "*")) buffer_append_text(text, "every other stage");
  else phrase_list(text, phrase_member(move, "from"), " or ");
}

static void describe_move(struct page *page, const cJSON *move) {
  struct buffer text = {0};
  const cJSON *when = phrase_member(move, "when");
  page_heading(page, 3, phrase_text(move, "name"));
  say_description(page, move);
  buffer_append_text(&text, "From ");
  say_from(&text, move);
  buffer_printf(&text, " to “%s”", phrase_text(move, "to"));
  if (phrase_member(move, "after")) {
    buffer_append_text(&text, ", once the lead has been there for ");
    phrase_duration(&text, phrase_text(move, "after"));
  }
  buffer_append_text(&text,
                     when ? (phrase_member(move, "after") ? " and this holds:" : ", as soon as this holds:") : ".");
  say_text(page, &text);
  if (when) say_condition(page, 1, when);
  if (!phrase_member(move, "reset")) return;
  buffer_append_text(&text, "Set to zero: the points of ");
  phrase_list(&text, phrase_member(move, "reset"), " and ");
  buffer_append_text(&text, ".");
  say_text(page, &text);
}

static void describe_moves(struct page *page, const cJSON *root) {
  if (!phrase_member(root, "moves")) return;
  page_heading(page, 2, "Moves");
  page_text(page, "Ways between stages other than climbing. The first that holds is taken.");
  for
    EACH(move, phrase_member(root, "moves")) describe_move(page, move);
}

void describe(struct page *page, const cJSON *root, const struct definition *definition, const struct trust *trust) {
  describe_head(page, root, definition);
  describe_stages(page, root);
  describe_criteria(page, root);
  describe_scores(page, root);
  describe_moves(page, root);
  describe_sales(page, root);
  describe_data(page, root);
  describe_signatures(page, root, trust);
  page_end(page);
}
