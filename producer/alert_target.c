/* alert_target.c: files of secrets and of words. */
#include "alert_target.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../consumer/engine/memory.h"
#include "../consumer/secret.h"
#include "alert_template.h"
#include "alert_words.h"

enum { AT_ONCE = 4, SLACK_PACE_MS = 1000 };

static const char pagerduty_url[] = "https://events.pagerduty.com/v2/enqueue";

static bool load_url(struct alert_target *target, char *why, size_t room) {
  const struct receiver *r = target->receiver;
  const char *wrong;
  if (r->kind == RECEIVER_STDOUT) return true;
  if (*r->url_file) {
    if (!secret_read_line(r->url_file, target->url, sizeof target->url, why, room)) return false;
  } else {
    snprintf(target->url, sizeof target->url, "%s", *r->url ? r->url : pagerduty_url);
  }
  if (receiver_url_good(target->url, r->allow_http, &wrong)) return true;
  snprintf(why, room, "%.300s: the address in it %s", *r->url_file ? r->url_file : "url", wrong);
  return false;
}

static bool load_key(struct alert_target *target, const char *path, char *why, size_t room) {
  char text[ALERT_SECRET];
  if (!*path) return true;
  if (!secret_read_line(path, text, sizeof text, why, room)) return false;
  bool good = alert_key_read(&target->keys[target->key_count], text);
  explicit_bzero(text, sizeof text);
  target->key_count += good;
  if (!good)
    snprintf(why, room, "%.300s: is no secret of a webhook: whsec_ and the base64 of %d to %d bytes", path,
             ALERT_KEY_LEAST, ALERT_KEY);
  return good;
}

static bool load_secrets(struct alert_target *target, char *why, size_t room) {
  const struct receiver *r = target->receiver;
  if (r->kind == RECEIVER_PAGERDUTY)
    return secret_read_line(r->secret_file, target->routing_key, sizeof target->routing_key, why, room);
  return r->kind != RECEIVER_WEBHOOK ||
         (load_key(target, r->secret_file, why, room) && load_key(target, r->old_secret_file, why, room));
}

/* Into target->words. False with a sentence in `why`. */
static bool read_words(struct alert_target *target, const char *path, char *why, size_t room) {
  FILE *file = fopen(path, "rb");
  char *text = memory_zeroed(1, ALERT_TEMPLATE_BYTES + 1);
  size_t length = file ? fread(text, 1, ALERT_TEMPLATE_BYTES + 1, file) : 0;
  const char *trouble = !file || ferror(file)           ? strerror(errno)
                        : length > ALERT_TEMPLATE_BYTES ? "larger than 64 KiB"
                        : memchr(text, 0, length)       ? "holds a byte that is zero"
                                                        : NULL;
  if (file) fclose(file);
  if (trouble) {
    snprintf(why, room, "%.300s: %s", path, trouble);
    memory_free(text);
    return false;
  }
  target->words = text;
  target->own_words = true;
  return true;
}

static bool load_words(struct alert_target *target, char *why, size_t room) {
  const struct receiver *r = target->receiver;
  char wrong[200];
  if (*r->template_file) {
    if (!read_words(target, r->template_file, why, room)) return false;
  } else {
    target->words = memory_text(alert_words_of((enum receiver_kind)r->kind));
  }
  const char *texts[] = {target->words, r->link},
             *names[] = {*r->template_file ? r->template_file : "template", "link"};
  for (int i = 0; i < 2; i++) {
    if (alert_template_check(texts[i], wrong, sizeof wrong)) continue;
    snprintf(why, room, "%.300s: %s", names[i], wrong);
    return false;
  }
  return true;
}

bool alert_target_load(struct alert_target *target, const struct receiver *receiver, char *why, size_t room) {
  *target = (struct alert_target){.receiver = receiver};
  bool paced = receiver->pace_ms >= 0, one = receiver->kind == RECEIVER_SLACK || receiver->kind == RECEIVER_STDOUT;
  target->pace_ms = paced ? receiver->pace_ms : receiver->kind == RECEIVER_SLACK ? SLACK_PACE_MS : 0;
  target->at_once = one ? 1 : AT_ONCE;
  return load_url(target, why, room) && load_secrets(target, why, room) && load_words(target, why, room);
}

void alert_target_fini(struct alert_target *target) {
  memory_free(target->words);
  explicit_bzero(target, sizeof *target);
}
