/* definition_worktime.c: how much open time do any ten years have, and is it enough for an SLA?
 *
 * Open time within ten years of a start, as a function of the start, falls while the start lies in open hours and rises while
 * the end does. So it is least where the start's hours close or the end's hours open, or at either end of the range: those
 * moments are tried, by two walks over the open hours ten years apart. */
#include <string.h>

#include "definition_compile.h"

enum { WEEK = 7, EPOCH_WEEKDAY = 3 /* 1970-01-01 was a Thursday; Monday is 0 */ };

#define WALK_END (TIME_END + TEN_YEARS_MS)

/* A walk over the open hours from 1970 on, those of one constant offset after the other. */
struct walk {
  const struct calendar *calendar;
  int32_t stretch;           /* how many offsets have begun */
  int64_t day;               /* local; looked at next, */
  int32_t opening;           /* from this opening on */
  int64_t open_ms, close_ms; /* UTC; the hours that were found last. TIME_NEVER at the end */
  int64_t before_ms;         /* open time in front of them */
};

static bool is_holiday(const struct calendar *calendar, int64_t day) {
  int32_t low = 0, high = calendar->holiday_count;
  while (low < high) {
    int32_t middle = low + (high - low) / 2;
    if (calendar->holidays[middle] < day) low = middle + 1;
    else high = middle;
  }
  return low < calendar->holiday_count && calendar->holidays[low] == day;
}

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b != 0 && a < 0); }

static int64_t later(int64_t a, int64_t b) { return a > b ? a : b; }

static int64_t earlier(int64_t a, int64_t b) { return a < b ? a : b; }

/* The next opening of the local day, within the stretch from `from_ms` to `to_ms` (UTC). */
static bool next_in_day(struct walk *walk, int64_t from_ms, int64_t to_ms, int64_t offset_ms) {
  int64_t weekday = (walk->day + EPOCH_WEEKDAY) % WEEK;
  if (weekday < 0) weekday += WEEK;
  const struct calendar *c = walk->calendar;
  int32_t count = is_holiday(c, walk->day) ? 0 : c->opening_count[weekday];
  while (walk->opening < count) {
    const struct opening *o = &c->openings[weekday][walk->opening++];
    int64_t midnight_ms = walk->day * DAY_MS - offset_ms;
    walk->open_ms = later(midnight_ms + o->from_min * MINUTE_MS, from_ms);
    walk->close_ms = earlier(midnight_ms + o->to_min * MINUTE_MS, to_ms);
    if (walk->open_ms < walk->close_ms) return true;
  }
  return false;
}

static void walk_next(struct walk *walk) {
  const struct calendar *c = walk->calendar;
  walk->before_ms += walk->close_ms - walk->open_ms;
  for (;;) {
    bool begun = walk->stretch > 0; /* otherwise there are no offsets: UTC */
    int64_t offset_ms = begun ? c->offsets[walk->stretch - 1].offset_ms : 0;
    int64_t from_ms = begun ? c->offsets[walk->stretch - 1].from_ms : 0;
    int64_t to_ms = walk->stretch < c->offset_count ? c->offsets[walk->stretch].from_ms : WALK_END;
    if (next_in_day(walk, from_ms, to_ms, offset_ms)) return;
    walk->opening = 0;
    if (++walk->day * DAY_MS - offset_ms < to_ms) continue;
    if (walk->stretch == c->offset_count) break;
    walk->day = floor_div(to_ms + c->offsets[walk->stretch++].offset_ms, DAY_MS);
  }
  walk->open_ms = walk->close_ms = TIME_NEVER;
}

static struct walk walk_start(const struct calendar *calendar) {
  struct walk walk = {.calendar = calendar};
  if (calendar->offset_count > 0) { /* the first holds from 1970 on */
    walk.stretch = 1;
    walk.day = floor_div(calendar->offsets[0].offset_ms, DAY_MS);
  }
  walk_next(&walk);
  return walk;
}

/* Open time from 1970 to `to_ms`, which never goes back. */
static int64_t walk_to(struct walk *walk, int64_t to_ms) {
  while (walk->close_ms <= to_ms) walk_next(walk);
  return walk->before_ms + later(to_ms - walk->open_ms, 0);
}

int64_t calendar_least_open(const struct calendar *calendar) {
  struct walk near = walk_start(calendar), far = walk_start(calendar);
  int64_t start_ms = 0, least_ms = TIME_NEVER;
  for (;;) {
    int64_t end_ms = start_ms + TEN_YEARS_MS;
    least_ms = earlier(least_ms, walk_to(&far, end_ms) - walk_to(&near, start_ms));
    if (start_ms == TIME_END - 1) return least_ms;
    int64_t change_ms = far.open_ms > end_ms ? far.open_ms : far.close_ms; /* a closing is tried for nothing */
    start_ms = earlier(earlier(near.close_ms, change_ms - TEN_YEARS_MS), TIME_END - 1);
  }
}

/* At least so much, without a walk: whole weeks of each stretch of constant offset, each holiday lost in each of them. */
static int64_t roughly_open(const struct calendar *c) {
  int64_t week_ms = 0;
  for (int32_t day = 0; day < WEEK; day++)
    for (int32_t i = 0; i < c->opening_count[day]; i++)
      week_ms += (c->openings[day][i].to_min - c->openings[day][i].from_min) * MINUTE_MS;
  int64_t weeks = TEN_YEARS_MS / (WEEK * DAY_MS) - c->offset_count;
  return later(weeks, 0) * week_ms - (int64_t)c->holiday_count * (c->offset_count + 1) * DAY_MS;
}

void check_working_time(struct compiler *c, const cJSON *within, int32_t calendar, int64_t within_ms) {
  const struct calendar *its = &c->definition->calendars[calendar];
  int64_t *least_ms = &c->least_open_ms[calendar];
  if (*least_ms == CALENDAR_WRONG || within_ms <= roughly_open(its)) return;
  if (*least_ms == OPEN_UNKNOWN) *least_ms = calendar_least_open(its);
  if (within_ms <= *least_ms) return;
  if (*least_ms == 0) {
    complain(c, within, "this would never end: there are ten years in which the calendar \"%.*s\" has no open hours",
             SHOWN(c->calendars.at[calendar]));
  } else {
    complain(c, within,
             "this would not end within ten years: there are ten years in which the calendar \"%.*s\" is open for %lld "
             "hours",
             SHOWN(c->calendars.at[calendar]), (long long)(*least_ms / HOUR_MS));
  }
}
