/* json.c: is a text strict JSON, and if not, where and why? Exported by decode.h.
 *
 * The decoder's own walk (decode_walk.c) is fast and only says no; this one is plain and says where. They have to agree on every
 * text: tests/fuzz/fuzz_event.c compares them. */
#include "decode.h"
#include "utf8.h"

struct reader {
  const char *bytes;
  size_t length, at; /* on failure `at` is the first wrong byte */
  const char *why;
};

static bool fail(struct reader *r, const char *why) {
  r->why = why;
  return false;
}

/* What a missing byte is called, when it is the end that is there. */
static bool missing(struct reader *r, const char *why) {
  return fail(r, r->at == r->length ? "the text ends too early" : why);
}

static int peek(const struct reader *r) { return r->at < r->length ? (unsigned char)r->bytes[r->at] : -1; }

static bool take(struct reader *r, int byte) {
  bool there = peek(r) == byte;
  r->at += there;
  return there;
}

static void skip_white(struct reader *r) {
  while (peek(r) == ' ' || peek(r) == '\t' || peek(r) == '\n' || peek(r) == '\r') r->at++;
}

/* --- strings --- */

static bool hexadecimal(struct reader *r, unsigned *unit) {
  *unit = 0;
  for (int i = 0; i < 4; i++, r->at++) {
    int c = peek(r);
    int digit = c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
    if (c < 0 || digit < 0) return missing(r, "\\u needs four hexadecimal digits");
    *unit = *unit << 4 | (unsigned)digit;
  }
  return true;
}

/* Behind \u. */
static bool character(struct reader *r) {
  static const char half[] = "half a surrogate pair";
  size_t first = r->at - 2;
  unsigned high, low;
  if (!hexadecimal(r, &high)) return false;
  if (high < 0xd800 || high > 0xdfff) return true;
  bool paired = high < 0xdc00 && r->length - r->at >= 2 && r->bytes[r->at] == '\\' && r->bytes[r->at + 1] == 'u';
  if (paired) {
    r->at += 2;
    if (!hexadecimal(r, &low)) return false;
    paired = low >= 0xdc00 && low <= 0xdfff;
  }
  if (!paired) r->at = first;
  return paired || fail(r, half);
}

/* Behind the backslash. */
static bool escape(struct reader *r) {
  int c = peek(r);
  if (c <= 0 || !strchr("\"\\/bfnrtu", c)) return missing(r, "JSON has no such escape");
  r->at++;
  return c != 'u' || character(r);
}

static bool string(struct reader *r) {
  r->at++;
  for (;;) {
    int c = peek(r);
    if (c < 0) return fail(r, "the text ends in a string; a quotation mark is missing");
    if (c < 0x20) return fail(r, "a control character in a string; it has to be escaped");
    if (c >= 0x80) {
      size_t length = utf8_length(r->bytes + r->at, r->length - r->at);
      if (!length) return fail(r, "this is not UTF-8");
      r->at += length;
      continue;
    }
    r->at++;
    if (c == '"') return true;
    if (c == '\\' && !escape(r)) return false;
  }
}

/* --- numbers and words --- */

static bool digits(struct reader *r) {
  size_t first = r->at;
  while (peek(r) >= '0' && peek(r) <= '9') r->at++;
  return r->at > first || missing(r, "a digit is missing here");
}

static bool number(struct reader *r) {
  take(r, '-');
  if (take(r, '0')) {
    if (peek(r) >= '0' && peek(r) <= '9') return fail(r, "a number does not begin with 0 and another digit");
  } else if (!digits(r)) {
    return false;
  }
  if (take(r, '.') && !digits(r)) return false;
  if (!take(r, 'e') && !take(r, 'E')) return true;
  if (!take(r, '+')) take(r, '-');
  return digits(r);
}

static bool word(struct reader *r, const char *text) {
  size_t length = strlen(text);
  if (r->length - r->at < length || memcmp(r->bytes + r->at, text, length) != 0)
    return fail(r, "no JSON value begins like this");
  r->at += length;
  return true;
}

/* --- values --- */

static bool value(struct reader *r, int depth);

static bool members(struct reader *r, int depth) {
  do {
    skip_white(r);
    if (peek(r) == '}') return fail(r, "a comma before }; the last member has none");
    if (peek(r) != '"') return missing(r, "a member's name is missing; it is a string in quotation marks");
    if (!string(r)) return false;
    skip_white(r);
    if (!take(r, ':')) return missing(r, "a colon is missing behind a member's name");
    if (!value(r, depth)) return false;
  } while (take(r, ','));
  return take(r, '}') || missing(r, "a comma or } is missing here");
}

static bool elements(struct reader *r, int depth) {
  do {
    skip_white(r);
    if (peek(r) == ']') return fail(r, "a comma before ]; the last element has none");
    if (!value(r, depth)) return false;
  } while (take(r, ','));
  return take(r, ']') || missing(r, "a comma or ] is missing here");
}

static bool container(struct reader *r, int depth) {
  bool object = peek(r) == '{';
  if (depth == LIMIT_DEPTH) return fail(r, "nested deeper than 64");
  r->at++;
  skip_white(r);
  if (take(r, object ? '}' : ']')) return true;
  return object ? members(r, depth + 1) : elements(r, depth + 1);
}

static bool one_value(struct reader *r, int depth) {
  int c = peek(r);
  switch (c) {
    case '{':
    case '[': return container(r, depth);
    case '"': return string(r);
    case 't': return word(r, "true");
    case 'f': return word(r, "false");
    case 'n': return word(r, "null");
    default: break;
  }
  if (c == '-' || (c >= '0' && c <= '9')) return number(r);
  return missing(r, "no JSON value begins like this");
}

/* A value with the white space around it. */
static bool value(struct reader *r, int depth) {
  skip_white(r);
  if (!one_value(r, depth)) return false;
  skip_white(r);
  return true;
}

static bool whole(struct reader *r) {
  if (r->length >= 3 && memcmp(r->bytes, "\xef\xbb\xbf", 3) == 0) return fail(r, "a byte order mark");
  if (!value(r, 0)) return false;
  return r->at == r->length || fail(r, "something stands behind the end of the value");
}

bool json_valid(const char *bytes, size_t length, size_t *at, const char **why) {
  struct reader reader = {.bytes = bytes, .length = length};
  if (whole(&reader)) return true;
  *at = reader.at;
  *why = reader.why;
  return false;
}
