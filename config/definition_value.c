/* definition_value.c: reads one value of a document, or says what it is and what it should be. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../consumer/decode.h"
#include "definition_compile.h"
#include "duration.h"
#include "names.h"

const char *kind_of(const cJSON *node) {
  if (cJSON_IsString(node)) return "text";
  if (cJSON_IsNumber(node)) return "a number";
  if (cJSON_IsBool(node)) return cJSON_IsTrue(node) ? "true" : "false";
  if (cJSON_IsArray(node)) return "a list";
  return cJSON_IsObject(node) ? "an object" : "null";
}

const cJSON *member_of(const cJSON *object, const char *name) { return cJSON_GetObjectItemCaseSensitive(object, name); }

bool is_text(const cJSON *node, const char *text) {
  return cJSON_IsString(node) && strcmp(node->valuestring, text) == 0;
}

struct slice keep_text(struct compiler *c, const char *text) {
  return arena_text(c->arena, slice_of(text));
}

/* --- objects and lists --- */

enum {
  MEMBERS_MAX = 24,
  LISTED = 400,
  MEANT_MAX = 100 /* unknown members of an object; more are no slips of the pen */
};

static size_t index_of(const struct known_member *members, size_t count, const char *name) {
  size_t i = 0;
  while (i < count && strcmp(members[i].name, name) != 0) i++;
  return i;
}

/* The known member that an unknown one was meant to be, or `count`. */
static size_t meant(const struct known_member *members, size_t count, const char *name) {
  const char *known[MEMBERS_MAX] = {0};
  assert(count <= MEMBERS_MAX);
  for (size_t i = 0; i < count; i++) known[i] = members[i].name;
  const char *near = name_nearest(name, known, count);
  return near ? index_of(members, count, near) : count;
}

static void complain_unknown(struct compiler *c, const cJSON *node, const char *what,
                             const struct known_member *members, size_t count, size_t near) {
  char list[LISTED] = "";
  for (size_t i = 0, length = 0; i < count && length < sizeof list; i++)
    length += (size_t)snprintf(list + length, sizeof list - length, "%s%s", i ? ", " : "", members[i].name);
  if (near < count) {
    complain_name(c, node, "%s has no member \"%.*s\"; did you mean \"%s\"?", what, SHOWN(node->string),
                  members[near].name);
  } else {
    complain_name(c, node, "%s has no member \"%.*s\"; it can have: %s", what, SHOWN(node->string), list);
  }
}

/* What is missing because it is misspelt is one mistake, not two. */
bool take_object(struct compiler *c, const cJSON *node, const char *what, const struct known_member *members,
                 size_t count) {
  bool misspelt[MEMBERS_MAX + 1] = {false};
  int32_t unknown = 0;
  if (!cJSON_IsObject(node)) {
    complain(c, node, "%s must be an object, in braces; this is %s", what, kind_of(node));
    return false;
  }
  for (const cJSON *child = node->child; child; child = child->next) {
    if (index_of(members, count, child->string) < count) continue;
    size_t near = unknown++ < MEANT_MAX ? meant(members, count, child->string) : count;
    misspelt[near] = true;
    complain_unknown(c, child, what, members, count, near);
  }
  for (size_t i = 0; i < count; i++) {
    if (!members[i].required || misspelt[i] || member_of(node, members[i].name)) continue;
    complain(c, node, "\"%s\" is missing; %s must have it", members[i].name, what);
  }
  return true;
}

bool is_misspelt(const cJSON *object, const char *name, const struct known_member *members, size_t count) {
  size_t index = index_of(members, count, name);
  int32_t unknown = 0;
  for (const cJSON *child = object->child; child && unknown < MEANT_MAX; child = child->next) {
    if (index_of(members, count, child->string) < count) continue;
    if (meant(members, count, child->string) == index) return true;
    unknown++;
  }
  return false;
}

bool take_list(struct compiler *c, const cJSON *node, const char *what, int32_t most, int32_t *count) {
  *count = 0;
  if (!cJSON_IsArray(node)) {
    complain(c, node, "%s must be a list, in brackets; this is %s", what, kind_of(node));
    return false;
  }
  for (const cJSON *child = node->child; child; child = child->next) ++*count;
  if (*count > 0 && (most == 0 || *count <= most)) return true;
  if (*count == 0) complain(c, node, "%s cannot be an empty list", what);
  else complain(c, node, "there are %d %s, and there can be at most %d", *count, what, most);
  return false;
}

const cJSON *take_one_or_list(struct compiler *c, const cJSON *node, const char *what, int32_t *count) {
  if (!cJSON_IsArray(node)) {
    *count = 1;
    return node;
  }
  return take_list(c, node, what, 0, count) ? node->child : NULL;
}

/* --- texts --- */

bool take_text(struct compiler *c, const cJSON *node, const char *what) {
  if (cJSON_IsString(node)) return true;
  complain(c, node, "%s must be text, in double quotes; this is %s", what, kind_of(node));
  return false;
}

int32_t take_choice(struct compiler *c, const cJSON *node, const char *what, const char *const *choices, size_t count) {
  char list[LISTED] = "";
  if (!take_text(c, node, what)) return NONE;
  for (size_t i = 0, length = 0; i < count && length < sizeof list; i++) {
    if (is_text(node, choices[i])) return (int32_t)i;
    const char *between = i == 0 ? "" : i + 1 == count ? " or " : ", ";
    length += (size_t)snprintf(list + length, sizeof list - length, "%s\"%s\"", between, choices[i]);
  }
  const char *near = name_nearest(node->valuestring, choices, count);
  complain(c, node, "%s must be %s; this is \"%.*s\"%s%s%s", what, list, SHOWN(node->valuestring),
           near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
  return NONE;
}

bool take_name(struct compiler *c, const cJSON *node, const char *what) {
  if (!take_text(c, node, what)) return false;
  size_t length = strlen(node->valuestring);
  if (length >= 1 && length <= LIMIT_TEXT) return true;
  complain(c, node, "%s must have 1 to %d bytes; this has %zu", what, LIMIT_TEXT, length);
  return false;
}

bool check_name(struct compiler *c, const cJSON *node, const char *what) {
  size_t length = strlen(node->string);
  if (length >= 1 && length <= LIMIT_TEXT) return true;
  complain_name(c, node, "%s must have 1 to %d bytes; this has %zu", what, LIMIT_TEXT, length);
  return false;
}

void take_description(struct compiler *c, const cJSON *node) {
  const cJSON *description = member_of(node, "description");
  if (description) (void)take_text(c, description, "a description");
}

bool take_boolean(struct compiler *c, const cJSON *node, const char *what, bool *value) {
  *value = cJSON_IsTrue(node);
  if (cJSON_IsBool(node)) return true;
  complain(c, node, "%s must be true or false, without quotes; this is %s", what, kind_of(node));
  return false;
}

/* --- numbers: exact, by their text --- */

/* ±digits · 10^exponent, digits without zeros at either end; count 0: zero. Digits beyond those kept are counted. */
struct decimal {
  bool negative;
  char digits[24];
  int64_t count, exponent;
};

enum { EXPONENT_MAX = 1 << 24 }; /* beyond any number of a definition's length */

static int64_t read_exponent(struct slice text, uint32_t at) {
  bool negative = false;
  int64_t exponent = 0;
  for (; at < text.length; at++) {
    if (text.at[at] == '-') negative = true;
    else if (text.at[at] != '+' && exponent < EXPONENT_MAX) exponent = exponent * 10 + (text.at[at] - '0');
  }
  return negative ? -exponent : exponent;
}

static struct decimal read_decimal(struct slice text) {
  struct decimal d = {0};
  int64_t zeros = 0, fraction = 0; /* zeros that may turn out to be the last; digits behind the point */
  bool behind = false;
  for (uint32_t i = 0; i < text.length; i++) {
    char byte = text.at[i];
    if (byte == '-') {
      d.negative = true;
    } else if (byte == '.') {
      behind = true;
    } else if (byte == 'e' || byte == 'E') {
      d.exponent = read_exponent(text, i + 1);
      break;
    } else {
      fraction += behind;
      if (byte == '0') {
        zeros += d.count > 0 || behind;
        continue;
      }
      for (; zeros > 0 && d.count > 0; zeros--, d.count++)
        if (d.count < (int64_t)sizeof d.digits) d.digits[d.count] = '0';
      if (d.count < (int64_t)sizeof d.digits) d.digits[d.count] = byte;
      d.count++;
      zeros = 0;
    }
  }
  d.exponent += zeros - fraction;
  return d;
}

/* The number times 10^shift where that is a whole number of at most 19 digits; `most` where it has more. */
static uint64_t scale(const struct decimal *d, int shift, uint64_t most) {
  uint64_t value = 0;
  if (d->count == 0) return 0;
  if (d->count + d->exponent + shift > 19) return most;
  for (int64_t i = 0; i < d->count; i++) value = value * 10 + (uint64_t)(d->digits[i] - '0');
  for (int64_t i = 0; i < d->exponent + shift; i++) value *= 10;
  return value;
}

static bool take_decimal(struct compiler *c, const cJSON *node, const char *what, struct decimal *d) {
  if (!cJSON_IsNumber(node)) {
    complain(c, node, "%s must be a number%s; this is %s", what, cJSON_IsString(node) ? ", without quotes" : "",
             kind_of(node));
    return false;
  }
  if (!isfinite(node->valuedouble)) return false; /* check_tree said so */
  *d = read_decimal(document_number(&c->document, node));
  return true;
}

bool take_integer(struct compiler *c, const cJSON *node, const char *what, int64_t least, int64_t most,
                  int64_t *value) {
  struct decimal d;
  if (!take_decimal(c, node, what, &d)) return false;
  uint64_t size = d.count > 0 && d.exponent < 0 ? UINT64_MAX : scale(&d, 0, UINT64_MAX);
  *value = size > INT64_MAX ? INT64_MAX : d.negative ? -(int64_t)size : (int64_t)size;
  if (size <= INT64_MAX && *value >= least && *value <= most) return true;
  struct slice text = document_number(&c->document, node);
  complain(c, node, "%s must be a whole number from %lld to %lld; this is %.*s", what, (long long)least,
           (long long)most, text.length > 40 ? 40 : (int)text.length, text.at);
  return false;
}

bool take_number(struct compiler *c, const cJSON *node, const char *what, double *value) {
  struct decimal d;
  if (!take_decimal(c, node, what, &d)) return false;
  *value = node->valuedouble;
  return true;
}

bool take_points(struct compiler *c, const cJSON *node, const char *what, int64_t limit, int decimals, int64_t *value) {
  struct decimal d;
  if (!take_decimal(c, node, what, &d)) return false;
  struct slice text = document_number(&c->document, node);
  int shown = text.length > 40 ? 40 : (int)text.length;
  if (d.count > 0 && d.exponent < -decimals) {
    complain(c, node, "%s can have at most %d decimals; this is %.*s", what, decimals, shown, text.at);
    return false;
  }
  uint64_t size = scale(&d, 9, UINT64_MAX);
  if (size > (uint64_t)limit * (uint64_t)NANOPOINT) {
    complain(c, node, "%s must be from -%lld to %lld; this is %.*s", what, (long long)limit, (long long)limit, shown,
             text.at);
    return false;
  }
  *value = d.negative ? -(int64_t)size : (int64_t)size;
  return true;
}

bool take_threshold(struct compiler *c, const cJSON *node, const char *what, int64_t *value) {
  return take_points(c, node, what, LIMIT_SCORE / NANOPOINT, 6, value);
}

/* --- times --- */

bool take_duration(struct compiler *c, const cJSON *node, const char *what, int64_t *value_ms) {
  *value_ms = 0;
  if (!take_text(c, node, what)) return false;
  *value_ms = duration_parse(node->valuestring);
  if (*value_ms == 0) {
    complain(c, node,
             "%s must be a duration like \"90s\", \"15m\", \"48h\", \"14d\" or \"2w\" (1 to 999999, no leading zero); "
             "this is \"%.*s\"",
             what, SHOWN(node->valuestring));
    return false;
  }
  if (*value_ms <= TEN_YEARS_MS) return true;
  complain(c, node, "%s can be at most ten years, which is \"3650d\"; this is \"%s\"", what, node->valuestring);
  return false;
}

bool take_time(struct compiler *c, const cJSON *node, const char *what, int64_t *value_ms) {
  if (!take_text(c, node, what)) return false;
  if (time_parse(slice_of(node->valuestring), value_ms)) return true;
  complain(c, node, "%s must be a time like \"2026-01-01T00:00:00Z\", from 1970 up to 2200; this is \"%.*s\"", what,
           SHOWN(node->valuestring));
  return false;
}
