/* describe_data.c: working hours, what is known of a lead, and the settings of the agreement. */
#include "../producer/encode.h"
#include "describe_parts.h"

/* Texts without quotes, with commas between them. */
static void plain_list(struct buffer *text, const cJSON *node) {
  if (cJSON_IsString(node)) buffer_append_text(text, node->valuestring);
  if (!cJSON_IsArray(node)) return;
  for
    EACH(child, node) {
      if (child != node->child) buffer_append_text(text, ", ");
      if (cJSON_IsString(child)) buffer_append_text(text, child->valuestring);
    }
}

static void describe_calendars(struct page *page, const cJSON *root) {
  const cJSON *calendars = phrase_member(root, "calendars");
  if (!calendars || !calendars->child) return;
  page_heading(page, 2, "Working hours");
  for
    EACH(calendar, calendars) {
      struct buffer text = {0};
      page_heading(page, 3, calendar->string);
      say_description(page, calendar);
    for
      EACH(days, phrase_member(calendar, "hours")) {
        buffer_printf(&text, "%s: ", days->string);
        plain_list(&text, days);
        say_item(page, 1, &text);
      }
    if (phrase_member(calendar, "holidays")) {
      buffer_append_text(&text, "Holidays: ");
      plain_list(&text, phrase_member(calendar, "holidays"));
      say_item(page, 1, &text);
    }
    const cJSON *offsets = phrase_member(calendar, "offsets");
    if (!offsets) page_item(page, 1, "Local time is UTC.");
    for
      EACH(offset, offsets) {
        buffer_printf(&text, "From %s local time is UTC %s.", offset->child->valuestring,
                      offset->child->next->valuestring);
        say_item(page, 1, &text);
      }
    }
}

static void describe_attribute(struct page *page, const cJSON *attribute) {
  struct buffer text = {0};
  const cJSON *at = cJSON_IsObject(attribute) ? phrase_member(attribute, "at") : attribute;
  bool shared = !cJSON_IsObject(attribute) || !cJSON_IsFalse(phrase_member(attribute, "share"));
  const char *type = cJSON_IsObject(attribute) ? phrase_text(attribute, "type") : "";
  plain_list(&text, at);
  page_row(
      page,
      (const char *[]){attribute->string, *type ? type : "text", shared ? "yes" : "no, only used", described(&text)},
      4);
  buffer_fini(&text);
}

static void describe_attributes(struct page *page, const cJSON *root) {
  const cJSON *attributes = phrase_member(root, "attributes");
  if (!attributes || !attributes->child) return;
  page_heading(page, 2, "What is known of a lead");
  page_text(page, "Shared means: copied into what is published when a lead changes stage.");
  page_row(page, (const char *[]){"attribute", "type", "shared", "read from"}, 4);
  for
    EACH(attribute, attributes) describe_attribute(page, attribute);
}

static void describe_events(struct page *page, const cJSON *root) {
  static const char *const parts[] = {"lead", "time", "id", "name"};
  const cJSON *events = phrase_member(root, "events");
  struct buffer text = {0};
  page_heading(page, 2, "Events and time");
  if (cJSON_IsString(events)) {
    buffer_printf(&text, "Events are in the form “%s”.", events->valuestring);
    say_item(page, 1, &text);
  }
  for (size_t i = 0; cJSON_IsObject(events) && i < sizeof parts / sizeof *parts; i++) {
    if (!phrase_member(events, parts[i])) continue;
    buffer_printf(&text, "The event's %s is read from ", parts[i]);
    plain_list(&text, phrase_member(events, parts[i]));
    say_item(page, 1, &text);
  }
  bool ahead = cJSON_IsObject(events) && phrase_member(events, "max_ahead");
  buffer_append_text(&text, "An event's clock may be ahead by ");
  phrase_duration(&text, ahead ? phrase_text(events, "max_ahead") : "5m");
  say_item(page, 1, &text);
  buffer_append_text(&text, "Late events are waited for: ");
  phrase_duration(&text, phrase_member(root, "lateness") ? phrase_text(root, "lateness") : "5m");
  say_item(page, 1, &text);
  buffer_append_text(&text, "What time alone can change is looked at every ");
  phrase_duration(&text, phrase_member(root, "review_every") ? phrase_text(root, "review_every") : "1d");
  say_item(page, 1, &text);
  const cJSON *ids = phrase_member(root, "deduplicate");
  buffer_printf(&text, "Message ids that are remembered for each lead, so that the same counts once: %d",
                ids ? (int)ids->valuedouble : 16);
  say_item(page, 1, &text);
}

void describe_data(struct page *page, const cJSON *root) {
  describe_calendars(page, root);
  describe_attributes(page, root);
  describe_events(page, root);
}
