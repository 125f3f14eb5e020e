/* encode_number.c: numbers as RFC 8785 writes them: ECMAScript's Number::toString, the shortest digits that read back as the
 * same double, and of equally short ones the nearest.
 *
 * Whole numbers and short decimals, which is nearly all that there is, are found by arithmetic alone; the rest goes through
 * printf and strtod, which round exactly. The locale is the C library's first, "C", and is never set. */
#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "encode.h"

enum {
  DIGITS_MAX = 20,    /* of a uint64_t */
  DIGITS_UNIQUE = 15, /* decimals of so many digits are doubles of their own (DBL_DIG) */
  DIGITS_ENOUGH = 17, /* so many tell every double from its neighbours */
  PLACES_QUICK = 6,   /* decimals looked for by arithmetic */
  POINT_LOW = -6,     /* ECMAScript: an exponent where the point is further left of the first digit … */
  POINT_HIGH = 21,    /* … or further right */
};
#define WHOLE_LIMIT 9007199254740992.0 /* 2⁵³: below it each whole number is a double of its own */

static_assert(DBL_DIG == DIGITS_UNIQUE && DBL_DECIMAL_DIG == DIGITS_ENOUGH, "doubles are IEEE 754 binary64");

/* Writes the digits of `number` so that they end before `end`; returns where they begin. */
static char *digits_before(char *end, uint64_t number) {
  do *--end = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  return end;
}

static void append_unsigned(struct buffer *buffer, uint64_t number) {
  char digits[DIGITS_MAX];
  const char *first = digits_before(digits + DIGITS_MAX, number);
  buffer_append(buffer, first, (size_t)(digits + DIGITS_MAX - first));
}

static uint64_t append_sign(struct buffer *buffer, int64_t number) {
  if (number < 0) buffer_append(buffer, "-", 1);
  return number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
}

void json_append_integer(struct buffer *buffer, int64_t number) {
  uint64_t size = append_sign(buffer, number);
  append_unsigned(buffer, size);
}

/* `number` · 10^−places; its last digit is not 0 unless places is 0. */
static void append_decimal(struct buffer *buffer, uint64_t number, int places) {
  uint64_t one = 1;
  for (int i = 0; i < places; i++) one *= 10;
  append_unsigned(buffer, number / one);
  if (!places) return;
  char *at = buffer_reserve(buffer, (size_t)places + 1);
  uint64_t fraction = number % one;
  at[0] = '.';
  for (int i = places; i > 0; i--, fraction /= 10) at[i] = (char)('0' + fraction % 10);
  buffer_used(buffer, (size_t)places + 1);
}

void json_append_points(struct buffer *buffer, int64_t nanopoints) {
  uint64_t thousandths = append_sign(buffer, nanopoints / (NANOPOINT / 1000));
  int places = 3;
  for (; places > 0 && thousandths % 10 == 0; places--) thousandths /= 10;
  append_decimal(buffer, thousandths, places);
}

/* --- doubles --- */

/* x ≥ 0. A decimal of up to 15 digits that reads as x is the shortest: no two of them read as the same double. A quotient of a
 * whole number below 2⁵³ and a small power of ten is rounded once, just as reading it is. */
static bool append_quick(struct buffer *buffer, double x) {
  if (x >= WHOLE_LIMIT) return false;
  if (x == (double)(uint64_t)x) {
    append_unsigned(buffer, (uint64_t)x);
    return true;
  }
  static const double powers[] = {1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
  for (int i = 0; i < PLACES_QUICK; i++) {
    double whole = rint(x * powers[i]);
    if (whole >= 1e15) return false;
    if (whole / powers[i] != x) continue;
    append_decimal(buffer, (uint64_t)whole, i + 1);
    return true;
  }
  return false;
}

struct decimal { /* 0.d₁d₂d₃… · 10^point */
  char digits[DIGITS_ENOUGH + 1];
  int count, point;
};

/* The decimal of `count` digits that is nearest to x. */
static struct decimal decimal_nearest(double x, int count) {
  char text[40];
  struct decimal decimal = {.count = count};
  snprintf(text, sizeof text, "%.*e", count - 1, x); /* d.ddde±dd */
  decimal.digits[0] = text[0];
  memcpy(decimal.digits + 1, text + 2, (size_t)count - 1);
  decimal.point = (int)strtol(strchr(text, 'e') + 1, NULL, 10) + 1;
  return decimal;
}

/* The next one up of as many digits. */
static struct decimal decimal_above(struct decimal decimal) {
  int i = decimal.count - 1;
  while (i >= 0 && decimal.digits[i] == '9') decimal.digits[i--] = '0';
  if (i >= 0) {
    decimal.digits[i]++;
  } else {
    decimal.digits[0] = '1';
    decimal.point++;
  }
  return decimal;
}

static bool reads_as(const struct decimal *decimal, double x) {
  char text[40];
  snprintf(text, sizeof text, "0.%.*se%d", decimal->count, decimal->digits, decimal->point);
  return strtod(text, NULL) == x;
}

/* x > 0. Below a power of two doubles lie closer together than above it: there the nearest decimal may read as the neighbour
 * below where the one above it still reads as x. */
static struct decimal decimal_shortest(double x) {
  int count = x < DBL_MIN ? 1 : DIGITS_UNIQUE;
  for (;; count++) {
    assert(count <= DIGITS_ENOUGH);
    struct decimal decimal = decimal_nearest(x, count);
    if (reads_as(&decimal, x)) return decimal;
    decimal = decimal_above(decimal);
    if (reads_as(&decimal, x)) return decimal;
  }
}

static void append_zeros(struct buffer *buffer, int count) {
  for (; count > 0; count--) buffer_append(buffer, "0", 1);
}

static void append_exponent(struct buffer *buffer, const struct decimal *decimal) {
  buffer_append(buffer, decimal->digits, 1);
  if (decimal->count > 1) {
    buffer_append(buffer, ".", 1);
    buffer_append(buffer, decimal->digits + 1, (size_t)decimal->count - 1);
  }
  buffer_append_text(buffer, decimal->point > 0 ? "e+" : "e-");
  append_unsigned(buffer, (uint64_t)abs(decimal->point - 1));
}

static void append_shortest(struct buffer *buffer, double x) {
  struct decimal decimal = decimal_shortest(x);
  while (decimal.count > 1 && decimal.digits[decimal.count - 1] == '0') decimal.count--;
  int count = decimal.count, point = decimal.point;
  if (point <= POINT_LOW || point > POINT_HIGH) {
    append_exponent(buffer, &decimal);
  } else if (point <= 0) {
    buffer_append(buffer, "0.", 2);
    append_zeros(buffer, -point);
    buffer_append(buffer, decimal.digits, (size_t)count);
  } else if (point >= count) {
    buffer_append(buffer, decimal.digits, (size_t)count);
    append_zeros(buffer, point - count);
  } else {
    buffer_append(buffer, decimal.digits, (size_t)point);
    buffer_append(buffer, ".", 1);
    buffer_append(buffer, decimal.digits + point, (size_t)(count - point));
  }
}

void json_append_double(struct buffer *buffer, double number) {
  assert(isfinite(number));
  if (number < 0) buffer_append(buffer, "-", 1);
  double size = fabs(number);
  if (!append_quick(buffer, size)) append_shortest(buffer, size);
}
