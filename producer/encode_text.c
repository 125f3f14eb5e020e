/* encode_text.c: strings, escaped no more than they must be, and times. */
#include <assert.h>

#include "encode.h"

enum { DAY_MS = 86400000, DAYS_TO_1970 = 719468 /* from 0000-03-01 */, DAYS_OF_400_YEARS = 146097 };
#define TIME_LIMIT INT64_C(253402300800000) /* 10000-01-01 */

/* --- strings --- */

/* What stands after the backslash; 'u': four hexadecimal digits; 0: nothing is to be escaped. */
static const char escapes[256] = {
    'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'b', 't', 'n', 'u', 'f', 'r', 'u', 'u',         'u',
    'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', ['"'] = '"', ['\\'] = '\\',
};

static void append_escape(struct buffer *buffer, unsigned char byte) {
  static const char digits[] = "0123456789abcdef";
  char code[6] = {'\\', escapes[byte], '0', '0', digits[byte >> 4], digits[byte & 15]};
  buffer_append(buffer, code, escapes[byte] == 'u' ? sizeof code : 2);
}

void json_append_escaped(struct buffer *buffer, struct slice text) {
  for (uint32_t i = 0; i < text.length; i++) {
    uint32_t from = i;
    while (i < text.length && !escapes[(unsigned char)text.at[i]]) i++;
    buffer_append(buffer, text.at + from, i - from);
    if (i < text.length) append_escape(buffer, (unsigned char)text.at[i]);
  }
}

void json_append_string(struct buffer *buffer, struct slice text) {
  buffer_append(buffer, "\"", 1);
  json_append_escaped(buffer, text);
  buffer_append(buffer, "\"", 1);
}

/* --- times --- */

struct date {
  uint32_t year, month, day;
};

/* Years begin in March, so that a leap day is the last of its year. */
static struct date date_of(uint32_t days_since_1970) {
  uint32_t days = days_since_1970 + DAYS_TO_1970;
  uint32_t era = days / DAYS_OF_400_YEARS, of_era = days % DAYS_OF_400_YEARS;
  uint32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / (DAYS_OF_400_YEARS - 1)) / 365;
  uint32_t of_year = of_era - (year * 365 + year / 4 - year / 100);
  uint32_t month = (of_year * 5 + 2) / 153; /* 0: March */
  uint32_t day = of_year - (month * 153 + 2) / 5 + 1;
  return (struct date){era * 400 + year + (month >= 10), month < 10 ? month + 3 : month - 9, day};
}

static void put_digits(char *at, uint32_t number, int count) {
  for (; count > 0; number /= 10) at[--count] = (char)('0' + number % 10);
}

void time_append(struct buffer *buffer, int64_t time_ms) {
  assert(time_ms >= 0 &&
         time_ms < TIME_LIMIT); /* the decoder lets nothing else in, and deadlines end within ten years */
  struct date date = date_of((uint32_t)(time_ms / DAY_MS));
  uint32_t ms = (uint32_t)(time_ms % DAY_MS);
  static const char model[] = "0000-00-00T00:00:00.000Z";
  char *at = memcpy(buffer_reserve(buffer, sizeof model), model, sizeof model - 1);
  put_digits(at, date.year, 4);
  put_digits(at + 5, date.month, 2);
  put_digits(at + 8, date.day, 2);
  put_digits(at + 11, ms / 3600000, 2);
  put_digits(at + 14, ms / 60000 % 60, 2);
  put_digits(at + 17, ms / 1000 % 60, 2);
  put_digits(at + 20, ms % 1000, 3);
  buffer_used(buffer, sizeof model - 1);
}
