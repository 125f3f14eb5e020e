/* calendar.c: walks the open hours from a start, one stretch of constant offset after the other.
 *
 * Between two changes of the offset local time runs evenly, so a stretch is walked by local days; where the clock skips, open
 * hours that do not exist are not counted, and where it repeats they count twice, for time really passes twice. */
#include "calendar.h"

enum { MINUTE_MS = 60000, WEEK = 7, EPOCH_WEEKDAY = 3 /* 1970-01-01 was a Thursday; Monday is 0 */ };
#define DAY_MS INT64_C(86400000)
#define TEN_YEARS_MS (3650 * DAY_MS)

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b != 0 && a < 0); }

static bool is_holiday(const struct calendar *c, int64_t day) {
  int32_t low = 0, high = c->holiday_count;
  while (low < high) {
    int32_t middle = low + (high - low) / 2;
    if (c->holidays[middle] < day) low = middle + 1;
    else high = middle;
  }
  return low < c->holiday_count && c->holidays[low] == day;
}

/* A walk: what is left to be had, and when it was. */
struct walk {
  const struct calendar *calendar;
  int64_t left_ms;
  int64_t found_ms; /* UTC; TIME_NEVER until found */
};

/* Takes what a local day has to give between two local moments. */
static void walk_day(struct walk *walk, int64_t day, int64_t from, int64_t to, int64_t offset) {
  if (is_holiday(walk->calendar, day)) return;
  int64_t weekday = (day + EPOCH_WEEKDAY) % WEEK; /* moments are from 1970 on: no local day is before −1 */
  for (int32_t i = 0; i < walk->calendar->opening_count[weekday]; i++) {
    const struct opening *o = &walk->calendar->openings[weekday][i];
    int64_t open = day * DAY_MS + (int64_t)o->from_min * MINUTE_MS,
            close = day * DAY_MS + (int64_t)o->to_min * MINUTE_MS;
    if (open < from) open = from;
    if (close > to) close = to;
    if (close <= open) continue;
    if (close - open >= walk->left_ms) {
      walk->found_ms = open + walk->left_ms - offset;
      return;
    }
    walk->left_ms -= close - open;
  }
}

/* From `start` to `end` (UTC), the offset being the same. */
static void walk_stretch(struct walk *walk, int64_t start, int64_t end, int64_t offset) {
  int64_t from = start + offset, to = end + offset;
  for (int64_t day = floor_div(from, DAY_MS); day * DAY_MS < to && walk->found_ms == TIME_NEVER; day++)
    walk_day(walk, day, from, to, offset);
}

int64_t calendar_deadline(const struct calendar *c, int64_t start_ms, int64_t within_ms) {
  struct walk walk = {c, within_ms, TIME_NEVER};
  int64_t end = start_ms + TEN_YEARS_MS, at = start_ms;
  int32_t i = 0;
  while (i < c->offset_count && c->offsets[i].from_ms <= at) i++;
  while (at < end && walk.found_ms == TIME_NEVER) {
    int64_t until = i < c->offset_count && c->offsets[i].from_ms < end ? c->offsets[i].from_ms : end;
    walk_stretch(&walk, at, until, i > 0 ? c->offsets[i - 1].offset_ms : 0);
    at = until;
    i++;
  }
  return walk.found_ms;
}
