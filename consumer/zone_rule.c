/* zone_rule.c: the rule at the end of a time zone's file, like CET-1CEST,M3.5.0,M10.5.0/3 (POSIX' TZ, hours up to 167 as RFC 9636
 * allows). Offsets in it count from local time to UTC: CET-1 is an hour ahead. */
#include <string.h>

#include "zone.h"

enum { HOUR_S = 3600, DAY_S = 86400, HOURS_MOST = 167, YEAR_LAST = 2200 };

/* --- reading --- */

struct rule_text {
  const char *at, *end;
};

static bool take(struct rule_text *text, char byte) {
  bool is = text->at < text->end && *text->at == byte;
  text->at += is;
  return is;
}

static bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

static bool take_number(struct rule_text *text, int32_t least, int32_t most, int32_t *number) {
  const char *from = text->at;
  *number = 0;
  for (; text->at < text->end && is_digit(*text->at) && text->at - from < 4; text->at++)
    *number = *number * 10 + (*text->at - '0');
  return text->at > from && *number >= least && *number <= most;
}

/* Letters, or anything in <>. */
static bool take_name(struct rule_text *text) {
  const char *from = text->at;
  if (take(text, '<')) {
    while (text->at < text->end && *text->at != '>') text->at++;
    return take(text, '>');
  }
  while (text->at < text->end && ((*text->at | 32) >= 'a' && (*text->at | 32) <= 'z')) text->at++;
  return text->at > from;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool take_clock(struct rule_text *text, int32_t hours_most, int32_t *seconds) {
  int32_t hours, minutes = 0, rest = 0;
  bool negative = take(text, '-');
  if (!negative) (void)take(text, '+');
  bool good = take_number(text, 0, hours_most, &hours);
  if (good && take(text, ':'))
    good = take_number(text, 0, 59, &minutes) && (!take(text, ':') || take_number(text, 0, 59, &rest));
  *seconds = (hours * 60 + minutes) * 60 + rest;
  if (negative) *seconds = -*seconds;
  return good;
}

struct rule_day {
  char
      kind; /* M: a weekday of a month; J: a day of the year, 29 February never counted; 0: the same, counted, from 0 */
  int32_t month, week, day;
  int32_t clock_s; /* local time of that day, before the change */
};

static bool take_day(struct rule_text *text, struct rule_day *day) {
  bool good;
  *day = (struct rule_day){.clock_s = 2 * HOUR_S};
  if (take(text, 'M')) {
    day->kind = 'M';
    good = take_number(text, 1, 12, &day->month) && take(text, '.') && take_number(text, 1, 5, &day->week) &&
           take(text, '.') && take_number(text, 0, 6, &day->day);
  } else if (take(text, 'J')) {
    day->kind = 'J';
    good = take_number(text, 1, 365, &day->day);
  } else {
    good = take_number(text, 0, 365, &day->day);
  }
  return good && (!take(text, '/') || take_clock(text, HOURS_MOST, &day->clock_s));
}

/* --- the calendar --- */

static bool is_leap(int32_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

static int32_t month_days(int32_t year, int32_t month) {
  static const int32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970 to the year's first. */
static int32_t year_days(int32_t year) {
  int32_t before = year - 1;
  return (year - 1970) * 365 + before / 4 - before / 100 + before / 400 - 477;
}

static int32_t weekday_days(const struct rule_day *day, int32_t year) {
  int32_t days = year_days(year);
  for (int32_t month = 1; month < day->month; month++) days += month_days(year, month);
  int32_t weekday = (days + 4) % 7; /* 1970 began on a Thursday */
  int32_t of_month = (day->day - weekday + 7) % 7 + (day->week - 1) * 7;
  if (of_month >= month_days(year, day->month)) of_month -= 7; /* week 5 is the last */
  return days + of_month;
}

/* Local seconds since 1970. */
static int64_t day_begins(const struct rule_day *day, int32_t year) {
  int32_t days;
  if (day->kind == 'M') days = weekday_days(day, year);
  else if (day->kind == 'J') days = year_days(year) + day->day - 1 + (is_leap(year) && day->day > 59);
  else days = year_days(year) + day->day;
  return (int64_t)days * DAY_S + day->clock_s;
}

/* --- the changes --- */

struct rule {
  int32_t standard_s, summer_s; /* local time minus UTC */
  struct rule_day begins, ends; /* of summer */
};

static void add_years(struct zone *zone, const struct rule *rule, int64_t to_s) {
  int64_t last_s = zone->changes[zone->count - 1].at_s;
  for (int32_t year = 1970; year <= YEAR_LAST && (int64_t)year_days(year) * DAY_S < to_s + DAY_S; year++) {
    int64_t begins_s = day_begins(&rule->begins, year) - rule->standard_s;
    int64_t ends_s = day_begins(&rule->ends, year) - rule->summer_s;
    bool north = begins_s < ends_s;
    int64_t first_s = north ? begins_s : ends_s, second_s = north ? ends_s : begins_s;
    if (first_s > last_s) zone_add(zone, first_s, north ? rule->summer_s : rule->standard_s);
    if (second_s > last_s) zone_add(zone, second_s, north ? rule->standard_s : rule->summer_s);
  }
}

bool zone_rule(struct zone *zone, const char *rule_text, size_t length, int64_t to_s) {
  struct rule_text text = {rule_text, rule_text + length};
  struct rule rule;
  int32_t west_s;
  if (!take_name(&text) || !take_clock(&text, 24, &west_s)) return false;
  rule.standard_s = -west_s;
  if (text.at == text.end) { /* no summer: the last change of the file says the same, if there is one */
    if (zone->count == 1) zone_add(zone, zone->changes[0].at_s, rule.standard_s);
    return true;
  }
  rule.summer_s = rule.standard_s + HOUR_S;
  if (!take_name(&text)) return false;
  if (text.at < text.end && *text.at != ',') {
    if (!take_clock(&text, 24, &west_s)) return false;
    rule.summer_s = -west_s;
  }
  if (!take(&text, ',') || !take_day(&text, &rule.begins) || !take(&text, ',') || !take_day(&text, &rule.ends))
    return false;
  if (text.at != text.end) return false;
  add_years(zone, &rule, to_s);
  return true;
}
