/* json_number.c: a JSON number's text to its nearest double. Exported by decode.h.
 *
 * Nearly all numbers are short: up to 19 digits that make a whole number up to 2⁵³ and a power of ten up to 10²² are doubles
 * themselves, so that one multiplication or division rounds once, which is right. The others go to strtod, as digits and an
 * exponent without a point, so that no locale matters: at most DIGITS_MOST digits, because what is behind them can only say whether
 * there is anything (no double, and nothing half way between two, has more than 767 significant digits). */
#include <float.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "decode.h"

_Static_assert(FLT_EVAL_METHOD == 0, "one multiplication has to round once, to a double");

enum { DIGITS_MOST = 780, DIGITS_FAST = 19, EXPONENT_FAST = 22 };
#define EXPONENT_MOST INT64_C(1000000000000) /* beyond the length of any text */
#define EXPONENT_SENT INT64_C(99999)         /* beyond any double, with all of the digits */

/* The number is ±digits · 10^exponent. Leading zeros are none of its digits, and the point stands behind the last. */
struct decimal {
  bool negative;
  uint32_t count; /* digits */
  uint64_t whole; /* the first DIGITS_FAST of them */
  int64_t exponent;
};

static bool is_digit(const char *at, const char *end) { return at < end && *at >= '0' && *at <= '9'; }

static inline void take_digit(struct decimal *d, char digit) {
  if (d->count == 0 && digit == '0') return;
  if (d->count < DIGITS_FAST) d->whole = d->whole * 10 + (uint64_t)(digit - '0');
  d->count++;
}

/* Each step returns what is behind it, or NULL where it has no digit. */
static const char *take_integer(struct decimal *d, const char *at, const char *end) {
  if (!is_digit(at, end)) return NULL;
  if (*at == '0') return at + 1;
  while (is_digit(at, end)) take_digit(d, *at++);
  return at;
}

static const char *take_fraction(struct decimal *d, const char *at, const char *end) {
  if (at == end || *at != '.') return at;
  if (!is_digit(++at, end)) return NULL;
  for (; is_digit(at, end); at++) {
    take_digit(d, *at);
    d->exponent--;
  }
  return at;
}

static const char *take_exponent(struct decimal *d, const char *at, const char *end) {
  if (at == end || (*at != 'e' && *at != 'E')) return at;
  bool negative = ++at < end && *at == '-';
  if (at < end && (*at == '-' || *at == '+')) at++;
  if (!is_digit(at, end)) return NULL;
  int64_t exponent = 0;
  for (; is_digit(at, end); at++)
    if (exponent < EXPONENT_MOST) exponent = exponent * 10 + (*at - '0');
  d->exponent += negative ? -exponent : exponent;
  return at;
}

static bool fast(const struct decimal *d, double *number) {
  static const double powers[EXPONENT_FAST + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  if (d->count > DIGITS_FAST || d->whole > UINT64_C(1) << DBL_MANT_DIG) return false;
  if (d->exponent < -EXPONENT_FAST || d->exponent > EXPONENT_FAST) return d->count == 0;
  double whole = (double)d->whole;
  *number = d->exponent < 0 ? whole / powers[-d->exponent] : whole * powers[d->exponent];
  return true;
}

/* Of a text that is a number: its first digits, and a 1 for all that are left out and are not zero. */
static double slow(const struct decimal *d, struct slice text) {
  char digits[DIGITS_MOST + 32];
  uint32_t count = 0;
  int64_t exponent = d->exponent;
  bool more = false;
  for (uint32_t i = 0; i < text.length && (text.at[i] | 0x20) != 'e'; i++) {
    char digit = text.at[i];
    if (digit == '-' || digit == '.' || (count == 0 && digit == '0')) continue;
    if (count < DIGITS_MOST) {
      digits[count++] = digit;
    } else {
      more |= digit != '0';
      exponent++;
    }
  }
  exponent -= more;
  if (exponent > EXPONENT_SENT) exponent = EXPONENT_SENT;
  if (exponent < -EXPONENT_SENT) exponent = -EXPONENT_SENT;
  snprintf(digits + count, sizeof digits - count, "%se%" PRId64, more ? "1" : "", exponent);
  return strtod(digits, NULL);
}

bool json_number(struct slice text, double *number) {
  if (text.length == 0) return false;
  const char *at = text.at, *end = at + text.length;
  struct decimal d = {.negative = *at == '-'};
  if (!(at = take_integer(&d, at + d.negative, end))) return false;
  if (!(at = take_fraction(&d, at, end))) return false;
  if (!(at = take_exponent(&d, at, end)) || at != end) return false;
  double magnitude = 0;
  if (!fast(&d, &magnitude)) magnitude = slow(&d, text);
  *number = d.negative ? -magnitude : magnitude;
  return true;
}
