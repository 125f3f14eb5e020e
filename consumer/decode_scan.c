/* decode_scan.c: the steps that are not in every string's way: escapes, what is not ASCII, numbers, and values that nobody wants. */
#include "decode_scan.h"

#include "utf8.h"

/* --- strings --- */

const char *scan_last_run(const struct scan *scan, const char *at) {
  if (scan->end - scan->begin < SCAN_BLOCK) {
    while (at < scan->end && *at != '"' && *at != '\\' && *at >= ' ' && (unsigned char)*at < 0x80) at++;
    return at;
  }
  int64_t before = SCAN_BLOCK - (scan->end - at);
  if (before == SCAN_BLOCK) return at;
  uint64_t stops = scan_stops(scan->end - SCAN_BLOCK) >> (before << SCAN_SHIFT);
  return stops ? at + (__builtin_ctzll(stops) >> SCAN_SHIFT) : scan->end;
}

/* Four hexadecimal digits as a number, or -1. */
static int32_t hexadecimal(const char *at) {
  int32_t unit = 0;
  for (int i = 0; i < 4; i++) {
    int c = (unsigned char)at[i], letter = c | 0x20;
    if (c >= '0' && c <= '9') unit = unit << 4 | (c - '0');
    else if (letter >= 'a' && letter <= 'f') unit = unit << 4 | (letter - 'a' + 10);
    else return -1;
  }
  return unit;
}

static bool is_high(int32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
static bool is_low(int32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

static const char *scan_escape(const char *at) {
  switch (at[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': return at + 2;
    case 'u': break;
    default: return NULL;
  }
  int32_t unit = hexadecimal(at + 2);
  if (unit < 0 || is_low(unit)) return NULL;
  if (!is_high(unit)) return at + 6;
  return at[6] == '\\' && at[7] == 'u' && is_low(hexadecimal(at + 8)) ? at + 12 : NULL;
}

const char *scan_unusual(const struct scan *scan, const char *at, bool *escaped) {
  if (at == scan->end) return NULL;
  if (*at == '\\') {
    *escaped = true;
    return scan_escape(at);
  }
  if ((unsigned char)*at < 0x80) return NULL;
  return scan->any_bytes ? at + 1 : utf8_run(at, scan->end);
}

/* Behind \u, in a string that is good: writes the character and says how many bytes were read. */
static uint32_t unescape_character(const char *at, char **to) {
  int32_t unit = hexadecimal(at);
  bool pair = is_high(unit);
  if (pair) unit = 0x10000 + ((unit - 0xd800) << 10) + (hexadecimal(at + 6) - 0xdc00);
  *to += utf8_write(*to, (uint32_t)unit);
  return pair ? 10 : 4;
}

uint32_t scan_unescape(struct slice raw, char *text) {
  static const char meant[] = {['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t'};
  const char *at = raw.at, *end = at + raw.length;
  char *to = text;
  while (at < end) {
    char c = *at++;
    if (c == '\\') {
      c = *at++;
      if (c == 'u') {
        at += unescape_character(at, &to);
        continue;
      }
      if (c >= 'b' && c <= 't') c = meant[(int)c];
    }
    *to++ = c;
  }
  return (uint32_t)(to - text);
}

/* --- numbers and words --- */

static inline bool is_digit(char c) { return (unsigned char)(c - '0') < 10; }

static inline const char *digits(const char *at) {
  if (!is_digit(*at)) return NULL;
  while (is_digit(*at)) at++;
  return at;
}

const char *scan_number(const char *at) {
  if (*at == '-') at++;
  at = *at == '0' ? at + 1 : digits(at);
  if (at && *at == '.') at = digits(at + 1);
  if (at && (*at | 0x20) == 'e') {
    at++;
    if (*at == '+' || *at == '-') at++;
    at = digits(at);
  }
  return at;
}

const char *scan_word(const char *at) {
  switch (*at) {
    case 't': return at[1] == 'r' && at[2] == 'u' && at[3] == 'e' ? at + 4 : NULL;
    case 'f': return at[1] == 'a' && at[2] == 'l' && at[3] == 's' && at[4] == 'e' ? at + 5 : NULL;
    case 'n': return at[1] == 'u' && at[2] == 'l' && at[3] == 'l' ? at + 4 : NULL;
    default: return NULL;
  }
}

/* --- values --- */

static const char *skip_string(const struct scan *scan, const char *at) {
  bool escaped;
  at = scan_string(scan, at + 1, &escaped);
  return at ? at + 1 : NULL;
}

/* Each from behind the opening bracket. */
static const char *skip_object(const struct scan *scan, const char *at, int room) {
  at = scan_white(at);
  while (*at != '}') {
    if (*at != '"' || !(at = skip_string(scan, at))) return NULL;
    at = scan_white(at);
    if (*at != ':') return NULL;
    if (!(at = scan_value(scan, scan_white(at + 1), room))) return NULL;
    at = scan_white(at);
    if (*at == '}') break;
    if (*at != ',') return NULL;
    at = scan_white(at + 1);
    if (*at != '"') return NULL;
  }
  return at + 1 < scan->end ? at + 1 : NULL;
}

static const char *skip_array(const struct scan *scan, const char *at, int room) {
  at = scan_white(at);
  while (*at != ']') {
    if (!(at = scan_value(scan, at, room))) return NULL;
    at = scan_white(at);
    if (*at == ']') break;
    if (*at != ',') return NULL;
    at = scan_white(at + 1);
    if (*at == ']') return NULL;
  }
  return at + 1;
}

const char *scan_value(const struct scan *scan, const char *at, int room) {
  switch (*at) {
    case '"': return skip_string(scan, at);
    case '{': return room > 0 ? skip_object(scan, at + 1, room - 1) : NULL;
    case '[': return room > 0 ? skip_array(scan, at + 1, room - 1) : NULL;
    case 't':
    case 'f':
    case 'n': return scan_word(at);
    default: return scan_number(at);
  }
}
