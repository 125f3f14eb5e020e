/* json_write.c: a comma is due behind anything but an opening bracket and a member's name. */
#include "json_write.h"

#include <inttypes.h>

static void separate(struct buffer *out) {
  char last = out->length ? out->at[out->length - 1] : '[';
  if (last != '{' && last != '[' && last != ':') buffer_append_text(out, ",");
}

void json_member(struct buffer *out, const char *name) {
  separate(out);
  buffer_printf(out, "\"%s\":", name);
}

void json_open(struct buffer *out, const char *name, const char *bracket) {
  if (name) json_member(out, name);
  else separate(out);
  buffer_append_text(out, bracket);
}

void json_close(struct buffer *out, const char *bracket) { buffer_append_text(out, bracket); }

void json_write_null(struct buffer *out, const char *name) {
  json_member(out, name);
  buffer_append_text(out, "null");
}

void json_write_flag(struct buffer *out, const char *name, bool flag) {
  json_member(out, name);
  buffer_append_text(out, flag ? "true" : "false");
}

void json_write_count(struct buffer *out, const char *name, uint64_t count) {
  json_member(out, name);
  buffer_printf(out, "%" PRIu64, count);
}

void json_write_integer(struct buffer *out, const char *name, int64_t number) {
  json_member(out, name);
  json_append_integer(out, number);
}

void json_write_text(struct buffer *out, const char *name, struct slice text) {
  json_member(out, name);
  if (text.at) json_append_string(out, text);
  else buffer_append_text(out, "null");
}

void json_write_time(struct buffer *out, const char *name, int64_t time_ms) {
  if (time_ms == TIME_NONE) {
    json_write_null(out, name);
    return;
  }
  json_member(out, name);
  buffer_append_text(out, "\"");
  time_append(out, time_ms);
  buffer_append_text(out, "\"");
}
