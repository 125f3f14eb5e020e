/* describe_sales.c: what was promised, what sales can answer, who gets a lead. */
#include "describe_parts.h"

static void describe_slas(struct page *page, const cJSON *root) {
  if (!phrase_member(root, "slas")) return;
  page_heading(page, 2, "Promises");
  for
    EACH(sla, phrase_member(root, "slas")) {
      struct buffer text = {0};
      buffer_printf(&text, "%s: a lead in “%s” is answered within ", phrase_text(sla, "name"),
                    phrase_text(sla, "stage"));
      phrase_duration(&text, phrase_text(sla, "within"));
      if (phrase_member(sla, "calendar"))
        buffer_printf(&text, " of working time (calendar “%s”)", phrase_text(sla, "calendar"));
      buffer_append_text(&text, ". Kept by ");
      phrase_pattern(&text, phrase_member(sla, "met_by"));
      buffer_append_text(&text, ", or when the lead leaves the stage.");
      if (*phrase_text(sla, "description")) buffer_printf(&text, " %s", phrase_text(sla, "description"));
      say_item(page, 1, &text);
    }
}

/* The event that a move waits for, wherever it stands in its condition, or NULL. */
static const cJSON *event_of(const cJSON *node) {
  if (!cJSON_IsObject(node) && !cJSON_IsArray(node)) return NULL;
  if (cJSON_IsObject(node) && phrase_member(node, "event")) return phrase_member(node, "event");
  for
    EACH(child, node) {
      const cJSON *found = event_of(child);
      if (found) return found;
    }
  return NULL;
}

static void describe_answers(struct page *page, const cJSON *root) {
  bool any = false;
  for
    EACH(move, phrase_member(root, "moves")) {
      const cJSON *event = event_of(phrase_member(move, "when"));
      if (!event || !phrase_member(move, "reason")) continue;
      if (!any) {
        page_heading(page, 2, "What can be answered");
        page_text(page, "Answers that move a lead and give a reason, which is published with the change:");
      }
      struct buffer text = {0};
      phrase_pattern(&text, event);
      buffer_append_text(&text, " takes a lead from ");
      say_from(&text, move);
      buffer_printf(&text, " to “%s” (%s); the reason stands at %s", phrase_text(move, "to"), phrase_text(move, "name"),
                    phrase_text(move, "reason"));
      say_item(page, 1, &text);
      any = true;
    }
}

static void say_members(struct buffer *text, const cJSON *members) {
  if (!members) buffer_append_text(text, "; nobody by name");
  for
    EACH(member, members) {
      const cJSON *weight = cJSON_IsObject(member) ? phrase_member(member, "weight") : NULL;
      buffer_append_text(text, member == members->child ? "; shared by " : ", ");
      buffer_append_text(text, cJSON_IsString(member) ? member->valuestring : phrase_text(member, "name"));
      if (weight) buffer_printf(text, " (weight %d)", (int)weight->valuedouble);
    }
}

static void describe_routes(struct page *page, const cJSON *root) {
  if (!phrase_member(root, "routes")) return;
  page_heading(page, 2, "Routes");
  page_text(page, "Who gets a lead that is handed over. The first line that fits counts.");
  for
    EACH(route, phrase_member(root, "routes")) {
      struct buffer text = {0};
      buffer_printf(&text, "%s: ", phrase_text(route, "queue"));
      if (phrase_member(route, "when")) phrase_condition(&text, phrase_member(route, "when"));
      else buffer_append_text(&text, "every lead");
      say_members(&text, phrase_member(route, "members"));
      if (*phrase_text(route, "description")) buffer_printf(&text, ". %s", phrase_text(route, "description"));
      say_item(page, 1, &text);
    }
}

void describe_sales(struct page *page, const cJSON *root) {
  describe_slas(page, root);
  describe_answers(page, root);
  describe_routes(page, root);
}
