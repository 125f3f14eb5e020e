/* backtest_sweep.c: the value's text in the document is replaced, and each document compiled. */
#include "backtest_sweep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../producer/buffer.h"

enum { DECIMALS = 6, WHY = 400, UNITS = 5 };

#define MOST INT64_C(1000000000000000) /* 10⁹ in millionths */

static bool say(const char *command, struct slice what, const char *why) {
  fprintf(stderr, "handover %s: --sweep %.*s: %s\n", command, (int)what.length, what.at, why);
  return false;
}

/* --- values --- */

static const struct unit {
  char letter;
  int64_t seconds;
} units[UNITS] = {{'w', 604800}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};

/* Of "14d" the unit; NULL: it ends in none. */
static const struct unit *unit_of(struct slice text) {
  for (int i = 0; i < UNITS && text.length; i++)
    if (text.at[text.length - 1] == units[i].letter) return &units[i];
  return NULL;
}

/* A decimal number in millionths. */
static bool number_parse(struct slice text, int64_t *value) {
  uint32_t at = text.length && text.at[0] == '-', digits = 0, decimals = 0;
  bool negative = at, point = false;
  *value = 0;
  for (; at < text.length; at++) {
    char c = text.at[at];
    if (c == '.' && !point && digits) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9' || *value > MOST || (point && ++decimals > DECIMALS)) return false;
    *value = *value * 10 + (c - '0');
    digits++;
  }
  for (uint32_t i = decimals; i < DECIMALS; i++) *value *= 10;
  if (*value > MOST || !digits || (point && !decimals)) return false;
  if (negative) *value = -*value;
  return true;
}

static bool value_parse(struct slice text, bool durations, int64_t *value) {
  if (!durations) return number_parse(text, value);
  const struct unit *unit = unit_of(text);
  if (!unit) return false;
  text.length--;
  if (!number_parse(text, value) || *value % 1000000 || llabs(*value) > INT64_C(1000000) * 1000000) return false;
  *value = *value / 1000000 * unit->seconds;
  return true;
}

static void value_print(bool durations, int64_t value, char text[SWEEP_VALUE]) {
  if (durations) {
    int unit = 1; /* weeks are for those who write them: 14d is plainer */
    while (unit < UNITS - 1 && value % units[unit].seconds) unit++;
    snprintf(text, SWEEP_VALUE, "\"%" PRId64 "%c\"", value / units[unit].seconds, units[unit].letter);
    return;
  }
  uint64_t size = (uint64_t)llabs(value);
  int length = snprintf(text, SWEEP_VALUE, "%s%" PRIu64, value < 0 ? "-" : "", size / 1000000);
  if (size % 1000000 == 0) return;
  length += snprintf(text + length, SWEEP_VALUE - (size_t)length, ".%06" PRIu64, size % 1000000);
  while (text[length - 1] == '0') text[--length] = 0;
}

/* --- what was said --- */

static struct slice cut_at(struct slice *text, char c) {
  const char *found = memchr(text->at, c, text->length);
  struct slice piece = {text->at, found ? (uint32_t)(found - text->at) : text->length};
  uint32_t taken = piece.length + (found != NULL);
  *text = (struct slice){text->at + taken, text->length - taken};
  return piece;
}

static bool list_values(struct sweep *sweep, const char *command) {
  if (sweep->step == 0) return say(command, sweep->pointer, "STEP is 0");
  if (sweep->from != sweep->to && (sweep->from < sweep->to) != (sweep->step > 0))
    return say(command, sweep->pointer, "STEP leads away from TO");
  if ((sweep->to - sweep->from) / sweep->step >= SWEEP_MOST)
    return say(command, sweep->pointer, "more than 100 values");
  sweep->count = (int32_t)((sweep->to - sweep->from) / sweep->step) + 1;
  for (int32_t i = 0; i < sweep->count; i++)
    value_print(sweep->durations, sweep->from + i * sweep->step, sweep->values[i]);
  return true;
}

bool sweep_parse(struct sweep *sweep, const char *command, const char *text) {
  struct slice whole = slice_of(text), rest = whole, pieces[3];
  const char *sign = strrchr(text, '='); /* a pointer may have one, too */
  if (!sign) return say(command, whole, "is POINTER=FROM:TO:STEP, like /criteria/engaged/when/at_least=20:80:5");
  sweep->pointer = (struct slice){text, (uint32_t)(sign - text)};
  rest = slice_of(sign + 1);
  for (int i = 0; i < 3; i++) pieces[i] = cut_at(&rest, ':');
  sweep->durations = unit_of(pieces[0]) != NULL;
  bool good = rest.length == 0 && value_parse(pieces[0], sweep->durations, &sweep->from) &&
              value_parse(pieces[1], sweep->durations, &sweep->to) &&
              value_parse(pieces[2], sweep->durations, &sweep->step);
  if (!good)
    return say(
        command, whole,
        "FROM:TO:STEP are three numbers of at most six decimals, like 20:80:5, or three durations, like 7d:28d:7d");
  return list_values(sweep, command);
}

/* --- the place --- */

/* RFC 6901: is it this reference token, in which ~1 is a slash and ~0 a tilde? */
static bool is_token(struct slice token, const char *name) {
  for (uint32_t i = 0; i < token.length; i++, name++) {
    char c = token.at[i];
    if (c == '~' && i + 1 < token.length) c = token.at[++i] == '1' ? '/' : '~';
    if (*name != c) return false;
  }
  return *name == 0;
}

static const cJSON *child_at(const cJSON *node, struct slice token) {
  int32_t index = 0;
  const cJSON *child;
  char number[12];
  cJSON_ArrayForEach(child, node) {
    if (cJSON_IsObject(node) && is_token(token, child->string)) return child;
    snprintf(number, sizeof number, "%d", index++);
    if (cJSON_IsArray(node) && is_token(token, number)) return child;
  }
  return NULL;
}

/* Says where the pointer leads no further, and what there is. */
static void say_nowhere(const struct sweep *sweep, const char *command, const cJSON *node, struct slice token) {
  struct buffer why = {0};
  const cJSON *child;
  buffer_printf(&why, "leads nowhere: there is no \"%.*s\"", (int)token.length, token.at);
  if (cJSON_IsObject(node)) buffer_append_text(&why, node->child ? ", but" : "");
  if (cJSON_IsArray(node)) buffer_printf(&why, " in a list of %d", cJSON_GetArraySize(node));
  for (child = cJSON_IsObject(node) ? node->child : NULL; child; child = child->next)
    buffer_printf(&why, child->next ? " \"%s\"," : " \"%s\"", child->string);
  buffer_append(&why, "", 1);
  say(command, sweep->pointer, why.at);
  buffer_fini(&why);
}

static const cJSON *find(const struct sweep *sweep, const char *command, const cJSON *root) {
  struct slice rest = sweep->pointer;
  const cJSON *node = root;
  if (rest.length == 0 || rest.at[0] != '/') {
    say(command, rest, "a JSON Pointer begins with a slash");
    return NULL;
  }
  cut_at(&rest, '/');
  for (bool more = true; more;) {
    more = memchr(rest.at, '/', rest.length) != NULL;
    struct slice token = cut_at(&rest, '/');
    const cJSON *child = child_at(node, token);
    if (!child) say_nowhere(sweep, command, node, token);
    if (!child) return NULL;
    node = child;
  }
  return node;
}

static bool check_kind(const struct sweep *sweep, const char *command, const cJSON *node) {
  int64_t value;
  if (cJSON_IsString(node) && value_parse(slice_of(node->valuestring), true, &value)) {
    if (sweep->durations) return true;
    return say(command, sweep->pointer, "leads to a duration: FROM, TO and STEP are durations then, like 7d:28d:7d");
  }
  if (!cJSON_IsNumber(node)) return say(command, sweep->pointer, "leads neither to a number nor to a duration");
  if (!sweep->durations) return true;
  return say(command, sweep->pointer, "leads to a number: FROM, TO and STEP are numbers then, like 20:80:5");
}

/* --- the definitions --- */

static bool make(struct sweep *sweep, const char *command, int32_t i, const struct buffer *text) {
  struct problems problems = {0};
  char why[WHY];
  sweep->definitions[i] = definition_parse(text->at, text->length, &problems);
  if (!sweep->definitions[i]) {
    snprintf(why, sizeof why, "%s is no value for it: %.200s: %s", sweep->values[i], problems.at[0].pointer,
             problems.at[0].message);
    say(command, sweep->pointer, why);
  }
  problems_fini(&problems);
  return sweep->definitions[i];
}

bool sweep_make(struct sweep *sweep, const char *command, const struct agreement *agreement, const char *text,
                size_t length) {
  const struct document *document = &agreement->document;
  const cJSON *node = find(sweep, command, document->root);
  if (!node || !check_kind(sweep, command, node)) return false;
  size_t from = document_value(document, node), behind = document_behind(document, node);
  snprintf(sweep->as_it_stands, SWEEP_VALUE, "%.*s", (int)(behind - from), text + from);
  bool good = true;
  for (int32_t i = 0; i < sweep->count && good; i++) {
    struct buffer changed = {0};
    buffer_append(&changed, text, from);
    buffer_append_text(&changed, sweep->values[i]);
    buffer_append(&changed, text + behind, length - behind);
    good = make(sweep, command, i, &changed);
    buffer_fini(&changed);
  }
  return good;
}

void sweep_fini(struct sweep *sweep) {
  for (int32_t i = 0; i < sweep->count; i++) definition_destroy(sweep->definitions[i]);
}
