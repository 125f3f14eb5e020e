/* suite_judge.c: expected and got, member by member: only what an expectation names is compared, but for who it is about. */
#include <stdio.h>

#include "../producer/encode.h"
#include "suite.h"

enum { COLUMN = 40 };

static bool holds_text(const cJSON *list, const char *text) {
  const cJSON *node;
  cJSON_ArrayForEach(node, list) {
    if (cJSON_IsString(node) && strcmp(node->valuestring, text) == 0) return true;
  }
  return false;
}

/* Every text of `expected` is in `got`. */
static bool list_agrees(const cJSON *expected, const cJSON *got) {
  const cJSON *node;
  cJSON_ArrayForEach(node, expected) {
    if (!cJSON_IsString(node) || !holds_text(got, node->valuestring)) return false;
  }
  return true;
}

static bool numbers_agree(const cJSON *expected, const cJSON *got) {
  const cJSON *node;
  cJSON_ArrayForEach(node, expected) {
    const cJSON *other = cJSON_GetObjectItemCaseSensitive(got, node->string);
    if (!cJSON_IsNumber(node) || !other) return false;
    if (node->valuedouble < other->valuedouble || node->valuedouble > other->valuedouble) return false;
  }
  return true;
}

static bool agrees(const cJSON *expected, const cJSON *got, int64_t start_ms) {
  int64_t wanted_ms, got_ms;
  if (strcmp(expected->string, "at") == 0)
    return suite_time(expected, start_ms, &wanted_ms) && suite_time(got, 0, &got_ms) && wanted_ms == got_ms;
  if (cJSON_IsArray(expected)) return list_agrees(expected, got);
  if (cJSON_IsObject(expected)) return numbers_agree(expected, got);
  return cJSON_Compare(expected, got, true);
}

/* What is shown: a time as a time, of scores and criteria what was asked for. */
static void append_shown(struct buffer *out, const cJSON *node, int64_t start_ms) {
  int64_t time_ms;
  if (node && cJSON_IsString(node) && strcmp(node->string, "at") == 0 && suite_time(node, start_ms, &time_ms)) {
    time_append(out, time_ms);
    return;
  }
  char *text = node ? cJSON_PrintUnformatted(node) : NULL;
  if (node && cJSON_IsString(node)) buffer_append_text(out, node->valuestring);
  else buffer_append_text(out, text ? text : "-");
  cJSON_free(text);
}

static void append_row(struct buffer *why, bool differs, const char *name, const cJSON *expected, const cJSON *got,
                       int64_t start_ms) {
  struct buffer left = {0}, right = {0};
  append_shown(&left, expected, start_ms);
  append_shown(&right, got, start_ms);
  buffer_append(&left, "", 1);
  buffer_append(&right, "", 1);
  buffer_printf(why, "  %c %-9s %-*s %s\n", differs ? '!' : ' ', name, COLUMN, left.at, right.at);
  buffer_fini(&left);
  buffer_fini(&right);
}

static void append_head(struct suite_result *result, const char *what, const char *why) {
  buffer_printf(&result->why, "line %d, %s: %s\n", result->line, what, why);
  buffer_printf(&result->why, "    %-9s %-*s %s\n", "", COLUMN, "expected", "got");
}

/* One of both is not there: the other is shown by its first words. */
static void judge_lone(const char *what, const cJSON *expected, const cJSON *got, int64_t start_ms,
                       struct suite_result *result) {
  static const char *const shown[] = {"at", "lead", "from", "to", "breach", "move"};
  append_head(result, what, expected ? "is expected, and did not come" : "came, and is not expected");
  for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
    const cJSON *e = cJSON_GetObjectItemCaseSensitive(expected, shown[i]);
    const cJSON *g = cJSON_GetObjectItemCaseSensitive(got, shown[i]);
    if ((e && !cJSON_IsNull(e)) || (g && !cJSON_IsNull(g))) append_row(&result->why, true, shown[i], e, g, start_ms);
  }
}

void suite_judge(const struct suite *suite, const char *what, const cJSON *expected, const cJSON *got, int64_t start_ms,
                 struct suite_result *result) {
  bool good = expected && got;
  const cJSON *node;
  cJSON_ArrayForEach(node, expected) {
    good = good && agrees(node, cJSON_GetObjectItemCaseSensitive(got, node->string), start_ms);
  }
  /* a breach is no stage change, whatever else is said */
  if (good && strcmp(what, "probe") != 0)
    good = !cJSON_GetObjectItemCaseSensitive(expected, "breach") == !cJSON_GetObjectItemCaseSensitive(got, "breach");
  if (good) return;
  int line = expected ? suite_line(suite, expected) : suite_line(suite, result->test);
  result->line = line;
  result->failed = true;
  if (!expected || !got) {
    judge_lone(what, expected, got, start_ms, result);
    return;
  }
  append_head(result, what, "is another");
  cJSON_ArrayForEach(node, expected) {
    const cJSON *other = cJSON_GetObjectItemCaseSensitive(got, node->string);
    append_row(&result->why, !agrees(node, other, start_ms), node->string, node, other, start_ms);
  }
}
