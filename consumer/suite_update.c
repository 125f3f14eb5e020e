/* suite_update.c: what came out becomes what is expected, in the file: values that differ, changes that are too many or missing.
 *
 * Everything else stays as it stands, remarks too: positions are those of the file, for a document blanks comments and does not move
 * anything. A remark before a change belongs to that change, and goes with it. The new file is written beside the old one and renamed
 * over it. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../producer/encode.h"
#include "decode.h"
#include "engine/memory.h"
#include "suite_report.h"

/* One place of the file, and what it becomes. */
struct edit {
  size_t from, to;
  struct buffer text;
};

struct updating {
  const struct suite *suite;
  struct edit *edits;
  int32_t count;
};

static void append_member(struct buffer *out, const cJSON *change, const char *name) {
  const cJSON *node = cJSON_GetObjectItemCaseSensitive(change, name);
  if (!cJSON_IsString(node)) return;
  buffer_printf(out, ", \"%s\": ", name);
  json_append_string(out, slice_of(node->valuestring));
}

/* A time as people write it here: "2d3h" after the start, or where it is no whole second, or before it, as it is. */
static void append_at(struct buffer *out, const cJSON *at, int64_t start_ms) {
  static const int64_t worth[] = {86400000, 3600000, 60000, 1000};
  int64_t ms = 0;
  suite_time(at, 0, &ms);
  ms -= start_ms;
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

static void append_change(struct buffer *out, const struct suite_result *result, const cJSON *change) {
  static const char *const names[] = {"lead", "breach", "from", "to", "move", "queue", "reason"};
  buffer_append_text(out, "{\"at\": ");
  append_at(out, cJSON_GetObjectItemCaseSensitive(change, "at"), result->start_ms);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (i > 0 || !is_about(change, result->lead)) append_member(out, change, names[i]);
  buffer_append_text(out, "}");
}

/* Values */

static void append_file(struct buffer *out, const struct suite *suite, size_t from, size_t to) {
  buffer_append(out, suite->text + from, to - from);
}

static void append_list(struct buffer *out, const cJSON *list) {
  const cJSON *node;
  buffer_append_text(out, "[");
  cJSON_ArrayForEach(node, list) {
    if (node != list->child) buffer_append_text(out, ", ");
    json_append_string(out, slice_of(node->valuestring));
  }
  buffer_append_text(out, "]");
}

/* The scores that are written, each as it is. */
static void append_scores(struct buffer *out, const struct suite *suite, const cJSON *written, const cJSON *got) {
  const struct document *d = &suite->document;
  size_t from = document_value(d, written);
  const cJSON *node;
  if (!got) {
    buffer_append_text(out, "{}");
    return;
  }
  cJSON_ArrayForEach(node, written) {
    const cJSON *is = cJSON_GetObjectItemCaseSensitive(got, node->string);
    if (!is || cJSON_Compare(node, is, true)) continue;
    append_file(out, suite, from, document_value(d, node));
    json_append_double(out, is->valuedouble);
    from = document_behind(d, node);
  }
  append_file(out, suite, from, document_behind(d, written));
}

static void append_value(struct buffer *out, const struct suite *suite, const cJSON *node, const cJSON *got,
                         int64_t start_ms) {
  int64_t ms;
  bool at = strcmp(node->string, "at") == 0, absolute = at && time_parse(slice_of(node->valuestring), &ms);
  if (at && !absolute) append_at(out, got, start_ms);
  else if (cJSON_IsArray(node)) append_list(out, got);
  else if (cJSON_IsObject(node)) append_scores(out, suite, node, got);
  else if (cJSON_IsString(got)) json_append_string(out, slice_of(got->valuestring));
  else buffer_append_text(out, "null");
}

/* An expectation or a probe as it is written, but with the values that came. */
static void append_object(struct buffer *out, const struct suite *suite, struct suite_pair pair, int64_t start_ms) {
  const struct document *d = &suite->document;
  size_t from = document_value(d, pair.expected);
  const cJSON *node;
  cJSON_ArrayForEach(node, pair.expected) {
    const cJSON *got = suite_got(pair.got, node->string);
    if (suite_member_agrees(node, got, start_ms)) continue;
    append_file(out, suite, from, document_value(d, node));
    append_value(out, suite, node, got, start_ms);
    from = document_behind(d, node);
  }
  append_file(out, suite, from, document_behind(d, pair.expected));
}

/* Lists of changes */

/* What stands between two places, without the comma. */
static void append_between(struct buffer *out, const struct suite *suite, size_t from, size_t to) {
  size_t comma = from;
  while (comma < to && suite->document.text[comma] != ',') comma++;
  append_file(out, suite, from, comma);
  if (comma < to) append_file(out, suite, comma + 1, to);
}

/* The white space before the list's first change: what a new one is written behind. */
static struct slice indentation_of(const struct suite *suite, const cJSON *expect) {
  if (!expect->child) return SLICE("\n        ");
  size_t end = document_value(&suite->document, expect->child), from = end;
  while (suite->text[from - 1] == ' ' || suite->text[from - 1] == '\t') from--;
  return suite->text[from - 1] == '\n' ? (struct slice){suite->text + from - 1, (uint32_t)(end - from + 1)}
                                       : SLICE(" ");
}

/* A change that stays: what stood before it, and it. One that came in place of another kind is new, but stays where it was. */
static size_t append_kept(struct buffer *out, const struct suite *suite, const struct suite_result *result,
                          struct suite_pair pair, size_t from) {
  const struct document *d = &suite->document;
  bool breach = cJSON_GetObjectItemCaseSensitive(pair.expected, "breach") != NULL;
  append_between(out, suite, from, document_value(d, pair.expected));
  if (breach == (cJSON_GetObjectItemCaseSensitive(pair.got, "breach") != NULL))
    append_object(out, suite, pair, result->start_ms);
  else append_change(out, result, pair.got);
  return document_behind(d, pair.expected);
}

static void append_changes(struct buffer *out, const struct suite *suite, const struct suite_result *result,
                           const cJSON *expect) {
  const struct document *d = &suite->document;
  struct slice indentation = indentation_of(suite, expect);
  size_t from = document_value(d, expect) + 1, end = document_behind(d, expect) - 1;
  buffer_append_text(out, "[");
  if (!expect->child) {
    append_file(out, suite, from, end);
    from = end;
  }
  for (int32_t i = 0, written = 0; i < result->changes.count; i++) {
    struct suite_pair pair = result->changes.at[i];
    if (!pair.got) from = document_behind(d, pair.expected);
    if (!pair.got) continue;
    if (written++) buffer_append_text(out, ",");
    if (pair.expected) from = append_kept(out, suite, result, pair, from);
    else {
      buffer_append(out, indentation.at, indentation.length);
      append_change(out, result, pair.got);
    }
  }
  if (!expect->child && result->changes.count) buffer_append_text(out, "\n      ");
  append_file(out, suite, from, end);
  buffer_append_text(out, "]");
}

/* The file */

static struct buffer *add_edit(struct updating *u, const cJSON *node) {
  const struct document *d = &u->suite->document;
  u->edits = memory_grown(u->edits, (size_t)(u->count + 1) * sizeof *u->edits);
  u->edits[u->count] = (struct edit){document_value(d, node), document_behind(d, node), {0}};
  return &u->edits[u->count++].text;
}

static void edit_test(struct updating *u, const struct suite_result *r) {
  const cJSON *expect = cJSON_GetObjectItemCaseSensitive(r->test, "expect");
  bool good = true;
  for (int32_t i = 0; i < r->changes.count; i++)
    good = good && suite_agrees(r->changes.at[i].expected, r->changes.at[i].got, r->start_ms);
  if (!good) append_changes(add_edit(u, expect), u->suite, r, expect);
  for (int32_t i = 0; i < r->probes.count; i++) {
    struct suite_pair pair = r->probes.at[i];
    if (!suite_agrees(pair.expected, pair.got, r->start_ms))
      append_object(add_edit(u, pair.expected), u->suite, pair, r->start_ms);
  }
}

static int by_place(const void *a, const void *b) {
  const struct edit *x = a, *y = b;
  return (x->from > y->from) - (x->from < y->from);
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
  struct updating u = {.suite = suite};
  struct buffer text = {0};
  size_t from = 0;
  bool good = true;
  for (int32_t i = 0; i < count; i++)
    if (entries[i].suite == suite) edit_test(&u, &entries[i].result);
  if (u.count) qsort(u.edits, (size_t)u.count, sizeof *u.edits, by_place); /* probes may stand before `expect` */
  for (int32_t i = 0; i < u.count; i++) {
    append_file(&text, suite, from, u.edits[i].from);
    buffer_append(&text, u.edits[i].text.at, u.edits[i].text.length);
    buffer_fini(&u.edits[i].text);
    from = u.edits[i].to;
  }
  append_file(&text, suite, from, suite->length);
  if (u.count) good = replace(suite->path, &text);
  memory_free(u.edits);
  buffer_fini(&text);
  return good;
}
