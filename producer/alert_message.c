/* alert_message.c: a body and its headers by the receiver's kind. */
#define _GNU_SOURCE /* memrchr */
#include "alert_message.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../consumer/sha256.h"
#include "json_write.h"

enum { PAGERDUTY_SUMMARY = 1024 };

void alert_message_id(char id[ALERT_ID], const char *event_id, const char *receiver) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/~:";
  size_t length = 0;
  for (; *event_id && length < ALERT_ID - RECEIVER_NAME - 8; event_id++) {
    if (strchr(plain, *event_id)) id[length++] = *event_id;
    else length += (size_t)snprintf(id + length, ALERT_ID - length, "%%%02X", (unsigned char)*event_id);
  }
  snprintf(id + length, ALERT_ID - length, "/%s", receiver);
}

void alert_message_incident(const cJSON *event, char key[ALERT_INCIDENT]) {
  static const char *const pointers[] = {"/data/definition/name", "/data/lead", "/data/since"};
  struct sha256 hash;
  _Static_assert((int)ALERT_INCIDENT == (int)SHA256_HEX, "a digest as text");
  sha256_init(&hash);
  for (size_t i = 0; i < sizeof pointers / sizeof *pointers; i++) {
    const char *text = alert_event_text(event, pointers[i]);
    sha256_add(&hash, text, strlen(text) + 1);
  }
  sha256_take(&hash, key);
  sha256_fini(&hash);
}

__attribute__((format(printf, 2, 3))) static void put_header(struct alert_message *message, const char *format, ...) {
  va_list arguments;
  assert(message->header_count < ALERT_HEADERS);
  va_start(arguments, format);
  vsnprintf(message->headers[message->header_count++], ALERT_HEADER, format, arguments);
  va_end(arguments);
}

static void put_signatures(struct alert_message *message, const struct alert_target *target, const char *id,
                           int64_t now_s) {
  char all[ALERT_KEYS * (ALERT_SIGNATURE + 1)] = "";
  struct slice body = {message->body.at, (uint32_t)message->body.length};
  for (int32_t i = 0; i < target->key_count; i++) {
    char signature[ALERT_SIGNATURE];
    size_t length = strlen(all);
    alert_sign(&target->keys[i], id, now_s, body, signature);
    snprintf(all + length, sizeof all - length, "%s%s", length ? " " : "", signature);
  }
  put_header(message, "webhook-id: %s", id);
  put_header(message, "webhook-timestamp: %" PRId64, now_s);
  put_header(message, "webhook-signature: %s", all);
}

static void pagerduty_event(struct buffer *body, const struct alert_delivery *delivery, const cJSON *event,
                            struct slice summary) {
  static const struct {
    const char *name, *pointer;
  } details[] = {{"lead", "/data/lead"},
                 {"stage", "/data/stage"},
                 {"owner", "/data/owner"},
                 {"since", "/data/since"},
                 {"deadline", "/data/deadline"},
                 {"queue", "/data/route/queue"},
                 {"assignee", "/data/route/assignee"}};
  json_open(body, "payload", "{");
  json_write_text(body, "summary", summary);
  json_write_text(body, "source", slice_of("handover"));
  json_write_text(body, "severity", slice_of("error"));
  json_write_text(body, "timestamp", slice_of(alert_event_text(event, "/time")));
  json_write_text(body, "component", slice_of(alert_event_text(event, "/data/definition/name")));
  json_write_text(body, "class", slice_of(alert_event_text(event, "/data/sla")));
  json_open(body, "custom_details", "{");
  json_write_text(body, "id", slice_of(delivery->id));
  for (size_t i = 0; i < sizeof details / sizeof *details; i++) {
    const char *text = alert_event_text(event, details[i].pointer);
    if (*text) json_write_text(body, details[i].name, slice_of(text));
  }
  json_close(body, "}");
  json_close(body, "}");
}

/* Up to a character's end. */
static struct slice cut(struct slice text, uint32_t most) {
  if (text.length <= most) return text;
  while (most > 0 && ((unsigned char)text.at[most] & 0xC0) == 0x80) most--;
  return (struct slice){text.at, most};
}

static struct slice first_line(struct slice text) {
  const char *end = text.length ? memchr(text.at, '\n', text.length) : NULL;
  return end ? (struct slice){text.at, (uint32_t)(end - text.at)} : text;
}

static void render(struct buffer *out, const char *text, const struct alert_target *target,
                   const struct alert_delivery *delivery, const cJSON *event, enum alert_escape escape) {
  const struct alert_words words = {
      event, delivery->event, delivery->id, target->receiver->name, target->receiver->link, escape};
  alert_template_render(out, text, &words);
}

static void make_pagerduty(struct buffer *body, const struct alert_target *target,
                           const struct alert_delivery *delivery, const cJSON *event) {
  struct buffer text = {0};
  char key[ALERT_INCIDENT];
  bool resolve = delivery->action == ALERT_RESOLVE;
  alert_message_incident(event, key);
  json_open(body, NULL, "{");
  json_write_text(body, "routing_key", slice_of(target->routing_key));
  json_write_text(body, "event_action", slice_of(resolve ? "resolve" : "trigger"));
  json_write_text(body, "dedup_key", slice_of(key));
  if (!resolve) {
    render(&text, target->words, target, delivery, event, ALERT_PLAIN);
    struct slice summary = cut(first_line((struct slice){text.at, (uint32_t)text.length}), PAGERDUTY_SUMMARY);
    pagerduty_event(body, delivery, event, summary);
    text.length = 0;
    render(&text, target->receiver->link, target, delivery, event, ALERT_URL);
    if (text.length > 0) {
      json_open(body, "links", "[");
      json_open(body, NULL, "{");
      json_write_text(body, "href", (struct slice){text.at, (uint32_t)text.length});
      json_write_text(body, "text", slice_of("Open the lead"));
      json_close(body, "}");
      json_close(body, "]");
    }
  }
  json_close(body, "}");
  buffer_fini(&text);
}

/* --- Slack --- */

/* Where a section that begins at `at` ends: before a line if it can, else before an entity or a link that would be cut in two. */
static uint32_t section_length(struct slice left) {
  if (left.length <= SLACK_SECTION) return left.length;
  uint32_t most = cut(left, SLACK_SECTION).length;
  const char *line = memrchr(left.at, '\n', most);
  if (line && line > left.at) return (uint32_t)(line - left.at);
  for (uint32_t i = most; i > 0 && most - i < 600; i--) {
    char c = left.at[i - 1];
    if (c == ';' || c == '>') break;
    if (c == '&' || c == '<') return i > 1 ? i - 1 : most;
  }
  return most;
}

static void put_section(struct buffer *body, struct slice text) {
  json_open(body, NULL, "{");
  json_write_text(body, "type", slice_of("section"));
  json_open(body, "text", "{");
  json_write_text(body, "type", slice_of("mrkdwn"));
  json_write_text(body, "text", text);
  json_close(body, "}");
  json_close(body, "}");
}

void alert_message_slack(struct buffer *body, struct slice text) {
  struct slice first = first_line(text);
  while (text.length > 0 && text.at[text.length - 1] == '\n') text.length--;
  json_open(body, NULL, "{");
  json_write_text(
      body, "text",
      (struct slice){first.at ? first.at : "", first.length < SLACK_SECTION ? first.length : section_length(first)});
  json_open(body, "blocks", "[");
  for (int i = 0; i < SLACK_SECTIONS && text.length > 0; i++) {
    uint32_t length = section_length(text);
    put_section(body, (struct slice){text.at, length});
    text = (struct slice){text.at + length, text.length - length};
    while (text.length > 0 && *text.at == '\n') text = (struct slice){text.at + 1, text.length - 1};
  }
  json_close(body, "]");
  json_close(body, "}");
}

static void make_slack(struct buffer *body, const struct alert_target *target, const struct alert_delivery *delivery,
                       const cJSON *event) {
  struct buffer text = {0};
  render(&text, target->words, target, delivery, event, ALERT_SLACK);
  alert_message_slack(body, (struct slice){text.at ? text.at : "", (uint32_t)text.length});
  buffer_fini(&text);
}

void alert_message_make(struct alert_message *message, const struct alert_target *target,
                        const struct alert_delivery *delivery, const cJSON *event, int64_t now_s) {
  struct buffer *body = &message->body;
  switch ((enum receiver_kind)target->receiver->kind) {
    case RECEIVER_SLACK: make_slack(body, target, delivery, event); break;
    case RECEIVER_PAGERDUTY: make_pagerduty(body, target, delivery, event); break;
    case RECEIVER_STDOUT: render(body, target->words, target, delivery, event, ALERT_PLAIN); return;
    case RECEIVER_WEBHOOK:
      render(body, target->words, target, delivery, event, ALERT_JSON);
      put_signatures(message, target, delivery->id, now_s);
      break;
    case RECEIVER_KINDS: assert(false);
  }
  bool as_published = target->receiver->kind == RECEIVER_WEBHOOK && !target->own_words;
  put_header(message, "Content-Type: %s", as_published ? "application/cloudevents+json" : "application/json");
}

void alert_message_fini(struct alert_message *message) {
  if (message->body.at) explicit_bzero(message->body.at, message->body.length); /* a routing key */
  buffer_fini(&message->body);
  memset(message, 0, sizeof *message);
}
