/* suite_update.c: the bytes of each failed test's `expect` are replaced, and nothing else of the file: remarks elsewhere stay.
 *
 * Positions are those of the file, for a document blanks comments and does not move anything. The new file is written beside the
 * old one and renamed over it. */
#include <stdio.h>
#include <unistd.h>

#include "../producer/encode.h"
#include "engine/memory.h"
#include "suite_report.h"

/* Behind the array that begins at `at`. */
static size_t array_end(const struct document *d, size_t at) {
  int depth = 0;
  for (bool text = false; at < d->length; at++) {
    char c = d->text[at];
    if (text && c == '\\') at++;
    else if (c == '"') text = !text;
    else if (!text && (c == '[' || c == '{')) depth++;
    else if (!text && (c == ']' || c == '}') && --depth == 0) return at + 1;
  }
  return d->length;
}

static void append_member(struct buffer *out, const cJSON *change, const char *name) {
  const cJSON *node = cJSON_GetObjectItemCaseSensitive(change, name);
  if (!cJSON_IsString(node)) return;
  buffer_printf(out, ", \"%s\": ", name);
  json_append_string(out, slice_of(node->valuestring));
}

/* A time as people write it here: "2d3h" after the start, or where it is no whole second, or before it, as it is. */
static void append_at(struct buffer *out, const cJSON *change, int64_t start_ms) {
  static const int64_t worth[] = {86400000, 3600000, 60000, 1000};
  const cJSON *at = cJSON_GetObjectItemCaseSensitive(change, "at");
  int64_t ms = 0;
  suite_time(at, 0, &ms);
  ms -= start_ms;
  buffer_append_text(out, "\"at\": ");
  if (ms < 0 || ms % 1000 != 0) {
    json_append_string(out, slice_of(at->valuestring));
    return;
  }
  buffer_append_text(out, ms ? "\"" : "\"0s");
  for (size_t i = 0; i < sizeof worth / sizeof *worth; i++) {
    if (ms / worth[i]) buffer_printf(out, "%lld%c", (long long)(ms / worth[i]), "dhms"[i]);
    ms %= worth[i];
  }
  buffer_append_text(out, "\"");
}

static bool is_about(const cJSON *change, const char *lead) {
  const cJSON *node = cJSON_GetObjectItemCaseSensitive(change, "lead");
  return cJSON_IsString(node) && strcmp(node->valuestring, lead) == 0;
}

static void append_changes(struct buffer *out, const struct suite_result *result) {
  static const char *const names[] = {"lead", "breach", "from", "to", "move", "queue", "reason"};
  const cJSON *change;
  buffer_append_text(out, "[");
  cJSON_ArrayForEach(change, result->got) {
    buffer_append_text(out, change == result->got->child ? "\n        {" : ",\n        {");
    append_at(out, change, result->start_ms);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
      if (i > 0 || !is_about(change, result->lead)) append_member(out, change, names[i]);
    buffer_append_text(out, "}");
  }
  buffer_append_text(out, result->got->child ? "\n      ]" : "]");
}

static bool replace(const char *path, const struct buffer *text) {
  struct buffer beside = {0};
  buffer_append_text(&beside, path);
  buffer_append(&beside, ".new", sizeof ".new");
  FILE *file = fopen(beside.at, "wbx");
  bool good = file && fwrite(text->at, 1, text->length, file) == text->length;
  if (file && fflush(file) != 0) good = false;
  if (file && fsync(fileno(file)) != 0) good = false;
  if (file && fclose(file) != 0) good = false;
  good = good && rename(beside.at, path) == 0;
  if (file && !good) (void)remove(beside.at);
  buffer_fini(&beside);
  return good;
}

bool suite_update(const struct suite *suite, const struct suite_entry *entries, int32_t count) {
  struct buffer text = {0};
  size_t from = 0;
  for (int32_t i = 0; i < count; i++) {
    const struct suite_result *r = &entries[i].result;
    if (entries[i].suite != suite || !r->failed) continue;
    size_t at = document_value(&suite->document, cJSON_GetObjectItemCaseSensitive(r->test, "expect"));
    buffer_append(&text, suite->text + from, at - from);
    append_changes(&text, r);
    from = array_end(&suite->document, at);
  }
  bool good = true;
  if (from) {
    buffer_append(&text, suite->text + from, suite->length - from);
    good = replace(suite->path, &text);
  }
  buffer_fini(&text);
  return good;
}
