/* definition_calendar.c: calendars: hours, holidays, offsets. */
#include <stdlib.h>
#include <string.h>

#include "definition_compile.h"

enum { WEEK = 7, DAY_MIN = 1440 };

/* --- hours --- */

static const char *const weekdays[WEEK] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

static int32_t read_weekday(const char *text) {
  for (int32_t i = 0; i < WEEK; i++)
    if (strncmp(text, weekdays[i], 3) == 0) return i;
  return NONE;
}

/* "mon" or "mon-thu". */
static bool read_days(const char *text, int32_t *first, int32_t *last) {
  size_t length = strlen(text);
  if (length != 3 && (length != 7 || text[3] != '-')) return false;
  *first = read_weekday(text);
  *last = length == 3 ? *first : read_weekday(text + 4);
  return *first != NONE && *last != NONE && *first <= *last;
}

/* Two digits, or NONE. */
static int32_t read_two(const char *text) {
  if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') return NONE;
  return (text[0] - '0') * 10 + (text[1] - '0');
}

/* "09:30" in minutes, or NONE; only these five bytes are looked at. */
static int32_t read_clock(const char *text) {
  int32_t hour = read_two(text);
  if (hour == NONE || text[2] != ':') return NONE;
  int32_t minute = read_two(text + 3);
  return minute == NONE || minute > 59 || hour > 24 ? NONE : hour * 60 + minute;
}

static bool read_opening(const char *text, struct opening *opening) {
  if (strlen(text) != 11 || text[5] != '-') return false;
  opening->from_min = read_clock(text);
  opening->to_min = read_clock(text + 6);
  return opening->from_min != NONE && opening->to_min > opening->from_min && opening->to_min <= DAY_MIN;
}

static bool compile_openings(struct compiler *c, const cJSON *node, struct opening **openings, int32_t *kept) {
  int32_t count;
  bool good = true;
  *kept = 0;
  if (!take_list(c, node, "a day's hours", 0, &count)) return false;
  *openings = arena_take(c->arena, (size_t)count, sizeof **openings);
  for (const cJSON *child = node->child; child; child = child->next) {
    struct opening opening;
    bool text = take_text(c, child, "opening hours"), is = text && read_opening(child->valuestring, &opening);
    good &= is;
    if (text && !is) {
      complain(c, child, "opening hours must be like \"09:00-17:30\", from 00:00 up to 24:00; this is \"%.*s\"",
               SHOWN(child->valuestring));
    } else if (is && *kept > 0 && opening.from_min < (*openings)[*kept - 1].to_min) {
      complain(c, child, "a day's hours ascend and do not overlap; these begin before those in front of them end");
      good = false;
    } else if (is) {
      (*openings)[(*kept)++] = opening;
    }
  }
  return good;
}

static bool compile_day(struct compiler *c, const cJSON *node, struct calendar *calendar) {
  int32_t first, last, count;
  struct opening *openings = NULL;
  bool good = compile_openings(c, node, &openings, &count);
  if (!read_days(node->string, &first, &last)) {
    complain_name(c, node,
                  "days must be like \"mon\" or \"mon-fri\", of mon, tue, wed, thu, fri, sat, sun in this order; this "
                  "is \"%.*s\"",
                  SHOWN(node->string));
    return false;
  }
  for (int32_t day = first; day <= last; day++) {
    if (calendar->openings[day]) {
      complain_name(c, node, "\"%.*s\": the hours of \"%s\" are there already", SHOWN(node->string), weekdays[day]);
      return false;
    }
    calendar->openings[day] = openings;
    calendar->opening_count[day] = count;
  }
  return good;
}

static bool compile_hours(struct compiler *c, const cJSON *node, struct calendar *calendar) {
  bool good = true;
  if (!cJSON_IsObject(node)) {
    complain(c, node, "\"hours\" must be an object, in braces, like {\"mon-fri\": [\"09:00-17:30\"]}; this is %s",
             kind_of(node));
    return false;
  }
  for (const cJSON *child = node->child; child; child = child->next) good &= compile_day(c, child, calendar);
  return good;
}

/* --- holidays --- */

static bool is_leap(int32_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

/* Days since 1970-01-01 of a date of the Gregorian calendar, by counting from March on, so that the leap day comes last. */
static int32_t days_of(int32_t year, int32_t month, int32_t day) {
  int32_t years = month > 2 ? year : year - 1, months = month > 2 ? month - 3 : month + 9;
  int32_t leaps = (years + 400) / 4 - (years + 400) / 100 + (years + 400) / 400; /* not negative in year 0 */
  return years * 365 + leaps - 97 + (months * 153 + 2) / 5 + day - 719469;
}

static bool read_date(const char *text, int32_t *days) {
  static const int32_t month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (strlen(text) != 10 || text[4] != '-' || text[7] != '-') return false;
  int32_t century = read_two(text), year = read_two(text + 2), month = read_two(text + 5), day = read_two(text + 8);
  if (century == NONE || year == NONE || month < 1 || month > 12 || day < 1) return false;
  year += century * 100;
  *days = days_of(year, month, day);
  return day <= month_days[month - 1] + (month == 2 && is_leap(year));
}

static int compare_days(const void *left, const void *right) {
  int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
  return (a > b) - (a < b);
}

static bool compile_holidays(struct compiler *c, const cJSON *node, struct calendar *calendar) {
  int32_t count, kept = 0;
  bool good = true;
  if (!take_list(c, node, "\"holidays\"", 0, &count)) return false;
  calendar->holidays = arena_take(c->arena, (size_t)count, sizeof *calendar->holidays);
  for (const cJSON *child = node->child; child; child = child->next) {
    bool text = take_text(c, child, "a holiday"), is = text && read_date(child->valuestring, &calendar->holidays[kept]);
    kept += is;
    good &= is;
    if (text && !is)
      complain(c, child, "a holiday must be a date like \"2026-12-25\"; this is \"%.*s\"", SHOWN(child->valuestring));
  }
  if (kept) qsort(calendar->holidays, (size_t)kept, sizeof *calendar->holidays, compare_days);
  for (int32_t i = 0; i < kept; i++)
    if (calendar->holiday_count == 0 || calendar->holidays[i] != calendar->holidays[calendar->holiday_count - 1])
      calendar->holidays[calendar->holiday_count++] = calendar->holidays[i];
  return good;
}

/* --- offsets --- */

/* "+01:00", up to ±23:59. */
static bool read_offset(const char *text, int64_t *offset_ms) {
  if (strlen(text) != 6 || (*text != '+' && *text != '-')) return false;
  int32_t minutes = read_clock(text + 1);
  *offset_ms = (*text == '-' ? -minutes : minutes) * MINUTE_MS;
  return minutes != NONE && minutes < DAY_MIN;
}

static bool compile_offset(struct compiler *c, const cJSON *node, struct offset *offset) {
  bool pair = cJSON_IsArray(node) && cJSON_GetArraySize(node) == 2;
  if (!pair) {
    complain(c, node, "an offset must be a time and a difference, like [\"2026-03-29T01:00:00Z\", \"+01:00\"]");
    return false;
  }
  const cJSON *time = node->child, *difference = time->next;
  bool good = take_time(c, time, "the time from which an offset holds", &offset->from_ms);
  if (!take_text(c, difference, "an offset")) return false;
  if (read_offset(difference->valuestring, &offset->offset_ms)) return good;
  complain(c, difference, "an offset from UTC must be like \"+01:00\" or \"-05:30\", up to 23:59; this is \"%.*s\"",
           SHOWN(difference->valuestring));
  return false;
}

static bool compile_offsets(struct compiler *c, const cJSON *node, struct calendar *calendar) {
  int32_t count;
  int64_t before_ms = TIME_NONE;
  bool good = true;
  if (!take_list(c, node, "\"offsets\"", 0, &count)) return false;
  calendar->offsets = arena_take(c->arena, (size_t)count, sizeof *calendar->offsets);
  for (const cJSON *child = node->child; child; child = child->next) {
    struct offset offset;
    if (!compile_offset(c, child, &offset)) {
      good = false;
      continue;
    }
    if (child == node->child && offset.from_ms != 0) {
      complain(c, child->child, "the first offset must hold from \"1970-01-01T00:00:00Z\" on");
      good = false;
    } else if (offset.from_ms <= before_ms) {
      complain(c, child->child, "offsets must ascend; this one begins no later than the one in front of it");
      good = false;
    }
    before_ms = offset.from_ms;
    calendar->offsets[calendar->offset_count++] = offset;
  }
  return good;
}

/* --- calendars --- */

static bool compile_calendar(struct compiler *c, const cJSON *node, struct calendar *calendar) {
  static const struct known_member members[] = {{"hours", true}, {"holidays", false}, {"offsets", false}};
  if (!TAKE_OBJECT(c, node, "a calendar", members)) return false;
  const cJSON *hours = member_of(node, "hours"), *holidays = member_of(node, "holidays"),
              *offsets = member_of(node, "offsets");
  bool good = hours && compile_hours(c, hours, calendar);
  if (holidays) good &= compile_holidays(c, holidays, calendar);
  if (offsets) good &= compile_offsets(c, offsets, calendar);
  return good;
}

void compile_calendars(struct compiler *c) {
  struct definition *d = c->definition;
  d->calendars = arena_take(c->arena, (size_t)c->calendars.count, sizeof *d->calendars);
  d->calendar_count = c->calendars.count;
  for (int32_t i = 0; i < c->calendars.count; i++) {
    d->calendars[i].name = keep_text(c, c->calendars.at[i]);
    c->least_open_ms[i] = compile_calendar(c, c->calendars.nodes[i], &d->calendars[i]) ? OPEN_UNKNOWN : CALENDAR_WRONG;
  }
}
