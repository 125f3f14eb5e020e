/* time.c: docs/definition.md, events: "2026-03-01T09:30:00.25+01:00" to milliseconds since 1970. Exported by decode.h. */
#include "decode.h"

enum { DATE_TIME = 19, SHORTEST = DATE_TIME + 1, OFFSET = 6 };

static const unsigned char month_days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

/* Two digits; *bad becomes true where they are none. */
static inline unsigned two(const char *at, bool *bad) {
  unsigned tens = (unsigned char)at[0] - (unsigned)'0', ones = (unsigned char)at[1] - (unsigned)'0';
  *bad |= (tens > 9) | (ones > 9);
  return tens * 10 + ones;
}

static bool in_month(unsigned year, unsigned month, unsigned day) {
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= month_days[month - 1] + (unsigned)(leap && month == 2);
}

/* Days since 1970-01-01 in the Gregorian calendar; years begin in March, so that a leap day is a year's last. */
static int64_t days_since_1970(unsigned year, unsigned month, unsigned day) {
  static const unsigned short before[12] = {306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275};
  unsigned y = year + 400 - (month <= 2); /* 400 years, which are 146,097 days, so that no year is negative */
  int64_t leap_days = (int64_t)(y / 4) - y / 100 + y / 400;
  return INT64_C(365) * y + leap_days + before[month - 1] + day - 146097 - 719469;
}

static bool date(const char *at, int64_t *days) {
  bool bad = at[4] != '-' || at[7] != '-';
  unsigned year = two(at, &bad) * 100 + two(at + 2, &bad), month = two(at + 5, &bad), day = two(at + 8, &bad);
  if (bad || month < 1 || month > 12 || day < 1) return false;
  *days = days_since_1970(year, month, day);
  return day <= 28 || in_month(year, month, day);
}

static bool time_of_day(const char *at, int64_t *seconds) {
  bool bad = at[2] != ':' || at[5] != ':';
  unsigned hour = two(at, &bad), minute = two(at + 3, &bad), second = two(at + 6, &bad);
  *seconds = INT64_C(3600) * hour + INT64_C(60) * minute + second;
  return !bad && hour <= 23 && minute <= 59 && second <= 59;
}

/* "" or ".25…": returns what is behind, NULL where a point has no digit behind it. */
static const char *fraction(const char *at, const char *end, int64_t *ms) {
  static const int64_t worth[3] = {100, 10, 1};
  *ms = 0;
  if (at == end || *at != '.') return at;
  const char *first = ++at;
  for (; at < end && *at >= '0' && *at <= '9'; at++)
    if (at - first < 3) *ms += worth[at - first] * (*at - '0');
  return at > first ? at : NULL;
}

/* All that is left has to be "Z" or "+hh:mm". */
static bool offset(const char *at, const char *end, int64_t *seconds) {
  *seconds = 0;
  if (end - at == 1) return *at == 'Z' || *at == 'z';
  if (end - at != OFFSET || (*at != '+' && *at != '-')) return false;
  bool bad = at[3] != ':';
  unsigned hour = two(at + 1, &bad), minute = two(at + 4, &bad);
  *seconds = (INT64_C(3600) * hour + INT64_C(60) * minute) * (*at == '-' ? -1 : 1);
  return !bad && hour <= 23 && minute <= 59;
}

bool time_parse(struct slice text, int64_t *time_ms) {
  if (text.length < SHORTEST) return false;
  const char *at = text.at, *end = at + text.length;
  int64_t days, seconds, ms, ahead;
  if (at[10] != 'T' && at[10] != 't' && at[10] != ' ') return false;
  if (!date(at, &days) || !time_of_day(at + 11, &seconds)) return false;
  at = fraction(at + DATE_TIME, end, &ms);
  if (!at || !offset(at, end, &ahead)) return false;
  int64_t time = ((days * 86400 + seconds - ahead) * 1000) + ms;
  if (time < 0 || time >= TIME_END) return false;
  *time_ms = time;
  return true;
}
