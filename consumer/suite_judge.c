/* suite_judge.c: expected and got, member by member: only what an expectation names is compared.
 *
 * Changes are paired first, so that one that is too many or missing does not make all that follow look wrong: where an expectation is
 * not what came, and the ones after it do not fit either, the next few on both sides are tried. */
#include <stdio.h>

#include "../producer/encode.h"
#include "engine/memory.h"
#include "suite.h"

enum { COLUMN = 40, LOOK_AHEAD = 16, DIFFERENCES_SHOWN = 20 };

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

const cJSON *suite_got(const cJSON *got, const char *name) {
  return cJSON_GetObjectItemCaseSensitive(got, strcmp(name, "met_only") == 0 ? "met" : name);
}

bool suite_member_agrees(const cJSON *expected, const cJSON *got, int64_t start_ms) {
  int64_t wanted_ms, got_ms;
  if (strcmp(expected->string, "at") == 0)
    return suite_time(expected, start_ms, &wanted_ms) && suite_time(got, 0, &got_ms) && wanted_ms == got_ms;
  if (strcmp(expected->string, "met_only") == 0) return list_agrees(expected, got) && list_agrees(got, expected);
  if (cJSON_IsArray(expected)) return list_agrees(expected, got);
  if (cJSON_IsObject(expected)) return numbers_agree(expected, got);
  return cJSON_Compare(expected, got, true);
}

bool suite_agrees(const cJSON *expected, const cJSON *got, int64_t start_ms) {
  const cJSON *node;
  if (!expected || !got) return false;
  cJSON_ArrayForEach(node, expected) {
    if (!suite_member_agrees(node, suite_got(got, node->string), start_ms)) return false;
  }
  /* a breach is no stage change, whatever else is said; what a probe sees is neither */
  return !cJSON_GetObjectItemCaseSensitive(expected, "breach") == !cJSON_GetObjectItemCaseSensitive(got, "breach");
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

static void append_head(struct suite_result *result, int line, const char *what, const char *why) {
  buffer_printf(&result->why, "line %d, %s: %s\n", line, what, why);
  buffer_printf(&result->why, "    %-9s %-*s %s\n", "", COLUMN, "expected", "got");
}

/* One of both is not there: the other is shown by its first words. */
static void show_lone(int line, const char *what, struct suite_pair pair, struct suite_result *result) {
  static const char *const shown[] = {"at", "lead", "from", "to", "breach", "move"};
  append_head(result, line, what, pair.expected ? "is expected, and did not come" : "came, and is not expected");
  for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
    const cJSON *e = cJSON_GetObjectItemCaseSensitive(pair.expected, shown[i]);
    const cJSON *g = cJSON_GetObjectItemCaseSensitive(pair.got, shown[i]);
    if ((e && !cJSON_IsNull(e)) || (g && !cJSON_IsNull(g)))
      append_row(&result->why, true, shown[i], e, g, result->start_ms);
  }
}

static void show_both(int line, const char *what, struct suite_pair pair, struct suite_result *result) {
  const cJSON *node, *breach = cJSON_GetObjectItemCaseSensitive(pair.got, "breach");
  append_head(result, line, what, "is another");
  cJSON_ArrayForEach(node, pair.expected) {
    const cJSON *got = suite_got(pair.got, node->string);
    append_row(&result->why, !suite_member_agrees(node, got, result->start_ms), node->string, node, got,
               result->start_ms);
  }
  if (breach && !cJSON_GetObjectItemCaseSensitive(pair.expected, "breach"))
    append_row(&result->why, true, "breach", NULL, breach, result->start_ms);
}

static void judge(const struct suite *suite, const char *what, struct suite_pair pair, struct suite_result *result) {
  if (suite_agrees(pair.expected, pair.got, result->start_ms)) return;
  int line = suite_line(suite, pair.expected ? pair.expected : result->test);
  if (result->differences == 0) result->line = line;
  result->failed = true;
  if (result->differences++ >= DIFFERENCES_SHOWN) return;
  if (pair.expected && pair.got) show_both(line, what, pair, result);
  else show_lone(line, what, pair, result);
}

void suite_judge_probe(const struct suite *suite, struct suite_pair pair, struct suite_result *result) {
  judge(suite, "probe", pair, result);
}

void suite_judge_end(const struct suite *suite, struct suite_result *result) {
  if (result->differences > DIFFERENCES_SHOWN)
    buffer_printf(&result->why, "and %d more\n", result->differences - DIFFERENCES_SHOWN);
  if (result->differences) suite_note_events(suite, result);
}

/* Pairs */

void suite_add_pair(struct suite_pairs *pairs, const cJSON *expected, const cJSON *got) {
  if ((pairs->count & (pairs->count - 1)) == 0) /* full at the powers of two */
    pairs->at = memory_grown(pairs->at, (size_t)(pairs->count ? pairs->count * 2 : 1) * sizeof *pairs->at);
  pairs->at[pairs->count++] = (struct suite_pair){expected, got};
}

static const cJSON *next_of(const cJSON *node) { return node ? node->next : NULL; }

/* How many changes came before the one that is expected (`many` true), or how many expected ones did not come; 0: cannot be told. */
static int ahead(const cJSON *expected, const cJSON *got, int64_t start_ms, bool *many) {
  const cJSON *e = next_of(expected), *g = next_of(got);
  if (suite_agrees(e, g, start_ms)) return 0; /* one is another, and it goes on */
  for (int k = 1; k <= LOOK_AHEAD && (e || g); k++) {
    *many = suite_agrees(expected, g, start_ms);
    if (*many || suite_agrees(e, got, start_ms)) return k;
    e = next_of(e);
    g = next_of(g);
  }
  return 0;
}

static void pair_changes(const cJSON *expected, const cJSON *got, int64_t start_ms, struct suite_pairs *pairs) {
  while (expected || got) {
    bool many = false;
    int skip = expected && got && !suite_agrees(expected, got, start_ms) ? ahead(expected, got, start_ms, &many) : 0;
    for (; skip > 0; skip--) {
      suite_add_pair(pairs, many ? NULL : expected, many ? got : NULL);
      if (many) got = got->next;
      else expected = expected->next;
    }
    suite_add_pair(pairs, expected, got);
    expected = next_of(expected);
    got = next_of(got);
  }
}

void suite_judge_changes(const struct suite *suite, struct suite_result *result) {
  const cJSON *expected = cJSON_GetObjectItemCaseSensitive(result->test, "expect")->child;
  int32_t expected_count = 0, got_count = 0;
  pair_changes(expected, result->got->child, result->start_ms, &result->changes);
  for (int32_t i = 0; i < result->changes.count; i++) {
    struct suite_pair pair = result->changes.at[i];
    char what[32];
    expected_count += pair.expected != NULL;
    got_count += pair.got != NULL;
    snprintf(what, sizeof what, "change %d", pair.expected ? expected_count : got_count);
    judge(suite, what, pair, result);
  }
}
