/* test_calendar.c: working time, against a walk of every single minute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../consumer/engine/calendar.h"

#define MINUTE INT64_C(60000)
#define DAY (1440 * MINUTE)

static struct opening week[] = {{540, 750}, {810, 1050}}; /* 09:00-12:30, 13:30-17:30 */
static struct opening night[] = {{0, 180}, {1320, 1440}};
static int32_t holidays[] = {20454}; /* 2026-01-01 */
static struct offset offsets[] = {
    {0, 0}, {INT64_C(1774746000000), 60 * MINUTE}, {INT64_C(1792890000000), 0}}; /* 2026-03-29, 2026-10-25, 01:00Z */

static struct calendar london(void) {
  struct calendar c = {.holidays = holidays, .holiday_count = 1, .offsets = offsets, .offset_count = 3};
  for (int i = 0; i < 5; i++) {
    c.openings[i] = week;
    c.opening_count[i] = 2;
  }
  c.openings[6] = night; /* Sunday night, where the clock skips and repeats */
  c.opening_count[6] = 2;
  return c;
}

static bool open_at(const struct calendar *c, int64_t at) {
  int64_t offset = 0;
  for (int i = 0; i < c->offset_count && c->offsets[i].from_ms <= at; i++) offset = c->offsets[i].offset_ms;
  int64_t local = at + offset, day = local / DAY, minute = local % DAY / MINUTE;
  for (int i = 0; i < c->holiday_count; i++)
    if (c->holidays[i] == day) return false;
  int64_t weekday = (day + 3) % 7;
  for (int i = 0; i < c->opening_count[weekday]; i++)
    if (minute >= c->openings[weekday][i].from_min && minute < c->openings[weekday][i].to_min) return true;
  return false;
}

static int64_t walked(const struct calendar *c, int64_t start, int64_t minutes) {
  int64_t at = start;
  for (; minutes > 0; at += MINUTE) minutes -= open_at(c, at);
  return at;
}

static void as_if_every_minute_were_walked(void **state) {
  (void)state;
  struct calendar c = london();
  for (int64_t start = INT64_C(1767139200000); start < INT64_C(1798675200000); start += 1433 * 7 * MINUTE)
    for (int64_t minutes = 1; minutes < 3000; minutes = minutes * 3 + 7)
      assert_int_equal(calendar_deadline(&c, start, minutes * MINUTE), walked(&c, start, minutes));
}

static void around_the_days_when_the_clock_changes(void **state) {
  (void)state;
  struct calendar c = london();
  for (int change = 1; change < 3; change++)
    for (int64_t start = offsets[change].from_ms - DAY; start < offsets[change].from_ms + DAY; start += 31 * MINUTE)
      for (int64_t minutes = 1; minutes < 700; minutes += 59)
        assert_int_equal(calendar_deadline(&c, start, minutes * MINUTE), walked(&c, start, minutes));
}

static void never_within_ten_years(void **state) {
  (void)state;
  struct calendar closed = {0};
  assert_int_equal(calendar_deadline(&closed, 0, 1), TIME_NEVER);
}

/* In the west the first moment of all is still the last day of 1969, a Wednesday. */
static void from_the_first_moment_on(void **state) {
  (void)state;
  static struct offset west[] = {{0, -5 * 60 * MINUTE}};
  static struct opening late[] = {{1320, 1440}};
  struct calendar c = {.offsets = west, .offset_count = 1};
  c.openings[2] = late;
  c.opening_count[2] = 1;
  assert_int_equal(calendar_deadline(&c, 0, 60 * MINUTE), 4 * 60 * MINUTE); /* 23:00 there */
  assert_int_equal(calendar_deadline(&c, 0, 120 * MINUTE), 5 * 60 * MINUTE);
  assert_int_equal(calendar_deadline(&c, 0, 180 * MINUTE), 7 * DAY + 4 * 60 * MINUTE);
}

/* An offset that begins when ten years are over does not matter any more. */
static void an_offset_far_away(void **state) {
  (void)state;
  static struct offset far[] = {{0, 0}, {3660 * DAY, 60 * MINUTE}};
  static struct opening always[] = {{0, 1440}};
  struct calendar c = {.offsets = far, .offset_count = 2};
  c.openings[0] = always; /* on Mondays */
  c.opening_count[0] = 1;
  assert_int_equal(calendar_deadline(&c, 0, MINUTE), 4 * DAY + MINUTE);
  assert_int_equal(calendar_deadline(&c, 0, 521 * DAY), 4 * DAY + 520 * 7 * DAY + DAY);
  assert_int_equal(calendar_deadline(&c, 0, 522 * DAY), TIME_NEVER);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(as_if_every_minute_were_walked),
      cmocka_unit_test(around_the_days_when_the_clock_changes),
      cmocka_unit_test(never_within_ten_years),
      cmocka_unit_test(from_the_first_moment_on),
      cmocka_unit_test(an_offset_far_away),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
