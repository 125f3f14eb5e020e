/* test_engine.c: what the engine does at its edges, which logs hardly come to: leads of one hash, versions that are known late,
 * limits, definitions that use almost nothing, or a thing a hundred times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consumer/engine/decay.h"
#include "consumer/engine/route.h"
#include "consumer/engine/standing.h"
#include "consumer/engine/state.h"
#include "consumer/engine/trace.h"
#include "consumer/engine/value.h"
#include "engine_site.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

/* --- leads --- */

/* Two names of one hash: "lead-115311" and "lead-150238". */
static void test_one_hash(void **state) {
  (void)state;
  static const char *const names[] = {"lead-115311", "lead-150238"};
  struct definition *d = first(LADDER "{\"event\":\"Go\"}}]");
  struct site site;
  begin(&site, &d, 1);
  uint64_t hash = task_hash(slice_of(names[0]));
  assert_true(hash == task_hash(slice_of(names[1])));
  for (int i = 0; i < 2; i++) send(&site, names[i], "Come", BEGIN + i, "");
  send(&site, names[1], "Go", BEGIN + 2, "");
  struct lead_sight sight;
  struct task *task = lane_task(site.lane);
  for (int i = 0; i < 2; i++) {
    uint32_t number;
    assert_true(task_number(task, slice_of(names[i]), &number));
    assert_int_equal(number, i);
    assert_true(task_look(task, slice_of(names[i]), BEGIN + 3, &sight));
    assert_int_equal(sight.stage, i);
  }
  end(&site, &d, 1);
}

/* Of tasks side by side each counts what it is given, and the timers of its own. */
static void test_side_by_side(void **state) {
  (void)state;
  static const char *const ids[] = {"1", "2", "2", "3", "2", "4"};
  static const int days[] = {0, 0, 1, 3, 3, 9};
  struct definition *d = first(LADDER "{\"quiet_for\":\"1d\"}}]");
  struct site sites[2] = {0};
  struct task *tasks[2];
  for (int i = 0; i < 2; i++) {
    tasks[i] = task_create(0, take_change, &sites[i]);
    assert_true(task_know(tasks[i], d));
  }
  tasks_share(tasks, 2);
  for (int i = 0; i < 6; i++) {
    const struct event event = {.lead = i % 2 ? SLICE("x") : SLICE("y"),
                                .id = slice_of(ids[i]),
                                .time_ms = BEGIN + days[i] * DAY,
                                .name_index = -1};
    for (int j = 0; j < 2; j++) task_advance(tasks[j], (struct position){0}, TIME_NONE, event.time_ms);
    task_apply_at(tasks[1], &event, task_apply(tasks[0], &event, task_hash(event.lead)));
  }
  for (int i = 0; i < 2; i++) {
    const struct task_counts *counts = task_counts(tasks[i]);
    assert_int_equal(counts->events, 6);
    assert_int_equal(counts->duplicates, 1);
    assert_int_equal(counts->timers, task_counts(tasks[0])->timers);
    assert_int_equal(task_lead_count(tasks[i]), 2);
    assert_string_equal(sites[i].stages, "bb");
  }
  for (int i = 2; i-- > 0;) task_destroy(tasks[i]);
  definition_destroy(d);
}

/* --- versions --- */

static void test_versions_do_not_fit(void **state) {
  (void)state;
  struct definition *both[] = {first(LADDER "{\"event\":\"Go\"}}]"),
                               parsed("12", "2026-02-01", "\"stages\":[{\"name\":\"b\",\"owner\":\"m\"}]")};
  const char whole[] =
      "version 12 no longer has the stage \"a\" of version 1; say in its \"replaces\" which stage takes its leads";
  char why[200];
  assert_false(versions_check((const struct definition *const *)both, 2, why, sizeof why));
  assert_string_equal(why, whole);
  for (size_t room = 1; room < sizeof whole; room++) {
    memset(why, 'x', sizeof why);
    assert_false(versions_check((const struct definition *const *)both, 2, why, room));
    assert_memory_equal(why, whole, strlen(why));
    assert_true(strlen(why) < room && why[room] == 'x');
  }
  for (int i = 0; i < 2; i++) definition_destroy(both[i]);
}

/* Each is held against the next one above it, in whatever order they are given. */
static void test_versions_in_any_order(void **state) {
  (void)state;
  struct definition *three[] = {
      first("\"stages\":[{\"name\":\"a\",\"owner\":\"m\"}]"),
      parsed("2", "2026-02-01", "\"stages\":[{\"name\":\"b\",\"owner\":\"m\"}],\"replaces\":{\"a\":\"b\"}"),
      parsed("3", "2026-03-01", "\"stages\":[{\"name\":\"c\",\"owner\":\"m\"}],\"replaces\":{\"b\":\"c\"}")};
  static const int orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  char why[200];
  for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
    const struct definition *given[3];
    for (int j = 0; j < 3; j++) given[j] = three[orders[i][j]];
    assert_true(versions_check(given, 3, why, sizeof why));
  }
  for (int i = 0; i < 3; i++) definition_destroy(three[i]);
}

/* Of a version that is known another document is not taken; the same one, signed since, is. */
static void test_version_in_place(void **state) {
  (void)state;
  struct definition *one = first(LADDER "{\"event\":\"Go\"}}]"), *other = first(LADDER "{\"event\":\"Went\"}}]");
  struct definition *same = first(LADDER "{\"event\":\"Go\"}}]");
  struct task *task = task_create(0, take_change, NULL);
  assert_true(task_know(task, one));
  assert_false(task_know(task, same));
  other->agreed = same->agreed = true;
  assert_false(task_know(task, other));
  assert_ptr_equal(task_definition(task), one);
  assert_true(task_know(task, same));
  assert_ptr_equal(task_definition(task), same);
  struct definition *later = parsed("2", "2026-02-01", LADDER "{\"event\":\"Go\"}}]");
  struct definition *later_signed = parsed("2", "2026-02-01", LADDER "{\"event\":\"Go\"}}]");
  later_signed->agreed = true;
  assert_true(task_know(task, later));
  assert_true(task_know(task, later_signed));
  assert_ptr_equal(task_definition(task), same);
  task_destroy(task);
  definition_destroy(later);
  definition_destroy(later_signed);
  definition_destroy(one);
  definition_destroy(other);
  definition_destroy(same);
}

/* A version's first review is its own: none of a moment before it counts. */
static void test_reviewed_from_then_on(void **state) {
  (void)state;
#define ATTRIBUTE "\"attributes\":{\"p\":\"/traits/p\"},"
  struct definition *two[] = {
      first(ATTRIBUTE LADDER "{\"event\":\"Go\"}}]"),
      parsed_from(
          "2", "2026-01-03T00:00:00.001Z",
          "\"review_every\":\"1h\"," ATTRIBUTE LADDER
          "{\"all\":[{\"attribute\":\"p\",\"is\":\"x\"},{\"not\":{\"happened\":\"Go\",\"within\":\"1d\"}}]}}]")};
  const int64_t hour_ms = 3600000;
  struct site site;
  begin(&site, two, 2);
  send(&site, "x", "identify", BEGIN + 1, "\"p\":\"x\"");
  lane_mark(site.lane, BEGIN + 2 * DAY + hour_ms - 1);
  assert_int_equal(site.changes, 0);
  lane_mark(site.lane, BEGIN + 2 * DAY + hour_ms);
  assert_string_equal(site.stages, "b");
  end(&site, two, 2);
}

/* Before anything has run, what counts is the lowest version there is, whenever it is known. */
static void test_lowest_is_first(void **state) {
  (void)state;
  struct definition *two[] = {first(LADDER "{\"event\":\"Go\"}}]"),
                              parsed("2", "2026-01-01", LADDER "{\"event\":\"Go\"}}]")};
  struct task *task = task_create(0, take_change, NULL);
  assert_true(task_know(task, two[1]));
  assert_ptr_equal(task_definition(task), two[1]);
  assert_true(task_know(task, two[0]));
  assert_ptr_equal(task_definition(task), two[0]);
  task_destroy(task);
  for (int i = 0; i < 2; i++) definition_destroy(two[i]);
}

/* A version that takes over from before a lead was last heard of: no period of its quiet is over yet. */
static void test_known_late(void **state) {
  (void)state;
#define QUIET(every)                                                                                  \
  "\"scores\":{\"s\":{\"from\":\"events\",\"rules\":[{\"name\":\"v\",\"event\":\"V\",\"points\":30}," \
  "{\"name\":\"q\",\"quiet_every\":\"" every "\",\"points\":-3}]}}," LADDER "{\"score\":\"s\",\"at_least\":50}}]"
  struct definition *both[] = {first(QUIET("10d")), parsed("2", "2026-01-02", QUIET("1d"))};
  struct site site;
  begin(&site, both, 1);
  struct task *task = lane_task(site.lane);
  struct lead_sight sight;
  send(&site, "x", "V", BEGIN + 5 * DAY, "");
  send(&site, "y", "Other", BEGIN + 9 * DAY, "");
  assert_true(lane_know(site.lane, both[1]));
  send(&site, "y", "Other", BEGIN + 9 * DAY + 1, "");
  assert_int_equal(task_definition(task)->version, 2);
  assert_true(task_look(task, SLICE("x"), BEGIN + 6 * DAY - 1, &sight));
  assert_int_equal(sight.scores[0], 30 * NANOPOINT);
  assert_true(task_look(task, SLICE("x"), BEGIN + 9 * DAY + 2, &sight));
  assert_int_equal(sight.scores[0], (30 - 4 * 3) * NANOPOINT);
  end(&site, both, 2);
}

/* --- limits --- */

static unsigned less_seen;
static int64_t last_added;

static void note_less(void *context, const struct trace *trace) {
  (void)context;
  if (trace->kind != TRACE_COUNT) return;
  less_seen |= trace->count.less;
  last_added = trace->count.added;
}

static void test_no_more_points(void **state) {
  (void)state;
  struct definition *d = first(
      "\"scores\":{\"s\":{\"from\":\"events\",\"max\":1000000,\"rules\":[{\"name\":\"v\",\"event\":\"V\","
      "\"points\":10000}]}}," LADDER "{\"score\":\"s\",\"below\":0}}]");
  struct site site;
  begin(&site, &d, 1);
  less_seen = 0;
  task_follow(lane_task(site.lane), SLICE("x"), note_less, NULL);
  for (int i = 0; i < 100000; i++) send(&site, "x", "V", BEGIN + i, "");
  assert_int_equal(less_seen, 0);
  assert_int_equal(last_added, 10000 * NANOPOINT);
  send(&site, "x", "V", BEGIN + 100000, "");
  assert_int_equal(less_seen, LESS_LIMIT);
  assert_int_equal(last_added, 0);
  end(&site, &d, 1);
}

static int versions_told;

static void count_versions(void *context, const struct trace *trace) {
  (void)context;
  versions_told += trace->kind == TRACE_VERSION;
}

/* Who is followed before it is there hears nothing of a version that took over meanwhile. */
static void test_followed_early(void **state) {
  (void)state;
  struct definition *three[] = {first(LADDER "{\"event\":\"Go\"}}]"),
                                parsed("2", "2026-01-02", LADDER "{\"event\":\"Go\"}}]"),
                                parsed("3", "2026-01-04", LADDER "{\"event\":\"Go\"}}]")};
  struct site site;
  begin(&site, three, 3);
  task_follow(lane_task(site.lane), SLICE("late"), count_versions, NULL);
  versions_told = 0;
  send(&site, "y", "Come", BEGIN, "");
  send(&site, "y", "Come", BEGIN + 2 * DAY, "");
  assert_int_equal(versions_told, 0);
  send(&site, "late", "Come", BEGIN + 2 * DAY + 1, "");
  send(&site, "y", "Come", BEGIN + 4 * DAY, "");
  assert_int_equal(versions_told, 1);
  end(&site, three, 3);
}

static uint32_t met_last;

static void note_met(void *context, const struct trace *trace) {
  (void)context;
  if (trace->kind == TRACE_TAKEN) met_last = trace->met;
}

/* Of each event it is told which SLAs this one met, and nothing of those that were met before. */
static void test_followed_slas(void **state) {
  (void)state;
#define MET(name) "{\"name\":\"" name "\",\"stage\":\"a\",\"within\":\"9d\",\"met_by\":\"" name "\"}"
  struct definition *d = first("\"slas\":[" MET("P") "," MET("Q") "," MET("R") "]," LADDER "{\"event\":\"Go\"}}]");
  static const char *const names[] = {"Come", "Q", "Q", "P", "Come", "R"};
  static const uint32_t met[] = {0, 2, 0, 1, 0, 4};
  struct site site;
  begin(&site, &d, 1);
  task_follow(lane_task(site.lane), SLICE("x"), note_met, NULL);
  for (int i = 0; i < 6; i++) {
    met_last = UINT32_MAX;
    send(&site, "x", names[i], BEGIN + i, "");
    assert_int_equal(met_last, met[i]);
  }
  end(&site, &d, 1);
}

static uint64_t changed_last, known_last;

static void note_attributes(void *context, const struct trace *trace) {
  (void)context;
  if (trace->kind != TRACE_TAKEN) return;
  changed_last = trace->changed;
  known_last = trace->known;
}

/* Which attributes have another value than before, and which are known; a value that is told again is none. */
static void test_followed_attributes(void **state) {
  (void)state;
  struct definition *d = first(
      "\"attributes\":{\"p\":\"/traits/p\",\"q\":{\"at\":\"/traits/q\",\"type\":\"number\"},"
      "\"r\":{\"at\":\"/traits/r\",\"type\":\"boolean\"}}," LADDER "{\"event\":\"Go\"}}]");
  static const char *const traits[] = {
      "",           "\"q\":1",      "\"q\":1,\"p\":\"x\"", "\"r\":false", "\"p\":\"y\",\"q\":2,\"r\":true",
      "\"q\":null", "\"p\":\"yy\"", "\"r\":true"};
  static const uint64_t changed[] = {0, 2, 1, 4, 7, 2, 1, 0}, known[] = {0, 2, 3, 7, 7, 5, 5, 5};
  struct site site;
  begin(&site, &d, 1);
  task_follow(lane_task(site.lane), SLICE("x"), note_attributes, NULL);
  for (int i = 0; i < 8; i++) {
    send(&site, "x", "identify", BEGIN + i, traits[i]);
    assert_int_equal(changed_last, changed[i]);
    assert_int_equal(known_last, known[i]);
  }
  end(&site, &d, 1);
}

/* An event that is late, but counts in full: one that is older had to go for it, and that is all. */
static void test_followed_late(void **state) {
  (void)state;
  struct definition *d = first(
      "\"scores\":{\"s\":{\"from\":\"events\",\"rules\":[{\"name\":\"v\",\"event\":\"V\","
      "\"points\":5,\"lasts\":\"1d\",\"keep\":2}]}}," LADDER "{\"score\":\"s\",\"at_least\":50}}]");
  static const int hours[] = {0, 4, 2, 3, 30, 5};
  static const int64_t added[] = {5, 5, 0, 0, 5, 0};
  static const unsigned less[] = {0, 0, LESS_KEEP, LESS_KEEP, 0, LESS_KEEP | LESS_LATE};
  struct site site;
  begin(&site, &d, 1);
  task_follow(lane_task(site.lane), SLICE("x"), note_less, NULL);
  for (int i = 0; i < 6; i++) {
    less_seen = 0;
    send(&site, "x", "V", BEGIN + hours[i] * (DAY / 24), "");
    assert_int_equal(last_added, added[i] * NANOPOINT);
    assert_int_equal(less_seen, less[i]);
  }
  end(&site, &d, 1);
}

/* What the cap allows to the point is all there is: it is the cap that took the rest. */
static void test_followed_cap(void **state) {
  (void)state;
  struct definition *d = first(
      "\"scores\":{\"s\":{\"from\":\"events\",\"min\":-99,\"rules\":["
      "{\"name\":\"v\",\"event\":\"V\",\"points\":5,\"cap\":10},"
      "{\"name\":\"w\",\"event\":\"W\",\"points\":-6,\"cap\":9}]}}," LADDER "{\"score\":\"s\",\"at_least\":50}}]");
  static const char *const names[] = {"V", "V", "V", "W", "W", "W"};
  static const int64_t added[] = {5, 5, 0, -6, -3, 0};
  static const unsigned less[] = {0, 0, LESS_CAP, 0, LESS_CAP, LESS_CAP};
  struct site site;
  begin(&site, &d, 1);
  task_follow(lane_task(site.lane), SLICE("x"), note_less, NULL);
  for (int i = 0; i < 6; i++) {
    less_seen = 0;
    send(&site, "x", names[i], BEGIN + i, "");
    assert_int_equal(last_added, added[i] * NANOPOINT);
    assert_int_equal(less_seen, less[i]);
  }
  end(&site, &d, 1);
}

/* Points that last go all at once: a score rises where negative ones do, or where the others fade less than they go. */
static void test_what_lasts_may_rise(void **state) {
  (void)state;
#define LASTS(name, points, time) "{\"name\":\"" name "\",\"event\":\"V\",\"points\":" points time "}"
#define SCORE(rules) "\"scores\":{\"s\":{\"from\":\"events\",\"half_life\":\"99d\",\"rules\":[" rules "]}},"
  static const char *const bodies[] = {
      SCORE(LASTS("p", "10", ",\"lasts\":\"30d\"") "," LASTS("q", "-5", ",\"lasts\":\"1d\"")),
      SCORE(LASTS("p", "10", "") "," LASTS("q", "-5", ",\"lasts\":\"1d\"")),
      SCORE(LASTS("p", "10", ",\"lasts\":\"30d\",\"fading\":true") "," LASTS("q", "-5", ",\"lasts\":\"1d\"")),
  };
  for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
    struct buffer body = {0};
    buffer_printf(&body, "%s%s", bodies[i], LADDER "{\"score\":\"s\",\"at_least\":8}}]");
    buffer_append(&body, "", 1);
    struct definition *d = first(body.at);
    struct site site;
    begin(&site, &d, 1);
    send(&site, "x", "V", BEGIN + 1, "");
    lane_mark(site.lane, BEGIN + DAY);
    assert_int_equal(site.changes, 0);
    lane_mark(site.lane, BEGIN + 2 * DAY);
    assert_int_equal(site.changes, 1);
    buffer_fini(&body);
    end(&site, &d, 1);
  }
}

/* A sum goes up with any of its scores, wherever that one stands in it: what attributes alone decide is not judged again by events. */
static void test_sum_in_any_order(void **state) {
  (void)state;
  static const char *const orders[] = {"\"fit\",\"acts\"", "\"acts\",\"fit\""};
  for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
    struct buffer body = {0};
    buffer_printf(
        &body,
        "\"attributes\":{\"size\":{\"at\":\"/traits/size\",\"type\":\"number\"}},\"scores\":{\"fit\":{\"from\":"
        "\"attributes\",\"rules\":[{\"name\":\"large\",\"when\":{\"attribute\":\"size\",\"at_least\":50},\"points\":5}]"
        "},"
        "\"acts\":{\"from\":\"events\",\"rules\":[{\"name\":\"v\",\"event\":\"V\",\"points\":5}]},"
        "\"total\":{\"from\":\"scores\",\"of\":[%s]}},\"criteria\":{\"enough\":{\"score\":\"total\",\"at_least\":10}},%"
        "s",
        orders[i], LADDER "\"enough\"}]");
    buffer_append(&body, "", 1);
    struct definition *d = first(body.at);
    struct site site;
    begin(&site, &d, 1);
    send(&site, "x", "identify", BEGIN + 1, "\"size\":60");
    assert_int_equal(site.changes, 0);
    send(&site, "x", "V", BEGIN + 2, "");
    assert_string_equal(site.stages, "b");
    buffer_fini(&body);
    end(&site, &d, 1);
  }
}

/* An event from before a lead's first minute has faded until then when it is counted: it fades in two steps. */
static void test_before_its_beginning(void **state) {
  (void)state;
  enum { HALF_LIFE = 1440 };
  struct definition *d = first(
      "\"scores\":{\"s\":{\"from\":\"events\",\"half_life\":\"1d\",\"rules\":[{\"name\":\"v\","
      "\"event\":\"V\",\"points\":5}]}}," LADDER "{\"score\":\"s\",\"at_least\":50}}]");
  const int64_t minute = 60000;
  struct site site;
  int in_one = 0;
  begin(&site, &d, 1);
  for (int late = 1; late < 40; late++) {
    struct lead_sight sight;
    char name[8];
    const int64_t now = BEGIN + DAY + (late + 31) * minute;
    snprintf(name, sizeof name, "x%d", late);
    send(&site, name, "Other", BEGIN + DAY, "");
    send(&site, name, "V", BEGIN + DAY - late * minute, "");
    assert_true(task_look(lane_task(site.lane), slice_of(name), now, &sight));
    const int64_t then = decay_apply(decay_of(late, HALF_LIFE), 5 * NANOPOINT);
    assert_int_equal(sight.scores[0], decay_apply(decay_of(late + 31, HALF_LIFE), then));
    in_one += sight.scores[0] == decay_apply(decay_of(late + late + 31, HALF_LIFE), 5 * NANOPOINT);
  }
  assert_in_range(in_one, 1, 35); /* most often that is another number */
  end(&site, &d, 1);
}

/* A text is cut between characters, one that is none of UTF-8 wherever it can be. */
static void test_texts_are_cut(void **state) {
  (void)state;
  static const char two[] = {'\xc3', '\xbc'}, four[] = {'\xf0', '\x9f', '\x99', '\x82'};
  char text[300];
  struct value value = {.text = {text, sizeof text}, .kind = VALUE_STRING};
  struct slice cut;
  memset(text, 'a', sizeof text);
  assert_true(value_text(&value, &cut));
  assert_int_equal(cut.length, LIMIT_TEXT);
  memcpy(text + LIMIT_TEXT - 1, two, sizeof two);
  assert_true(value_text(&value, &cut));
  assert_int_equal(cut.length, LIMIT_TEXT - 1);
  memcpy(text + LIMIT_TEXT - 3, four, sizeof four);
  assert_true(value_text(&value, &cut));
  assert_int_equal(cut.length, LIMIT_TEXT - 3);
  memset(text, '\x80', sizeof text);
  assert_true(value_text(&value, &cut));
  assert_int_equal(cut.length, 0);
}

/* Values of a wrong type are counted, one an attribute, and change nothing. */
static void test_ignored(void **state) {
  (void)state;
  struct definition *d = first(
      "\"attributes\":{\"n\":{\"at\":\"/traits/n\",\"type\":\"number\"},\"b\":{\"at\":\"/traits/b\","
      "\"type\":\"boolean\"},\"t\":\"/traits/t\"}," LADDER "{\"attribute\":\"n\",\"above\":1}}]");
  static const char *const traits[] = {"",         "\"n\":1",        "\"n\":\"x\"",        "\"b\":\"yes\",\"t\":{}",
                                       "\"t\":[]", "\"b\":\"true\"", "\"n\":null,\"b\":2", "\"n\":\"2\""};
  static const uint64_t ignored[] = {0, 0, 1, 3, 4, 4, 5, 5};
  struct site site;
  begin(&site, &d, 1);
  for (int i = 0; i < 8; i++) {
    assert_int_equal(site.changes, 0);
    send(&site, "x", "identify", BEGIN + i, traits[i]);
    assert_int_equal(task_counts(lane_task(site.lane))->ignored_attributes, ignored[i]);
  }
  assert_int_equal(site.changes, 1);
  end(&site, &d, 1);
}

/* Forty criteria of attributes, of which a lead keeps the first 32 as they were judged. */
static void test_many_criteria(void **state) {
  (void)state;
  struct buffer body = {0};
  buffer_append_text(&body, "\"attributes\":{\"n\":{\"at\":\"/traits/n\",\"type\":\"number\"}},\"criteria\":{");
  for (int i = 0; i < 40; i++) buffer_printf(&body, "%s\"c%d\":{\"attribute\":\"n\",\"is\":%d}", i ? "," : "", i, i);
  buffer_append_text(&body,
                     "}," LADDER "{\"any\":[\"c31\",\"c39\"]}},{\"name\":\"c\",\"owner\":\"m\",\"enter\":\"c32\"}]");
  buffer_append(&body, "", 1);
  struct definition *d = first(body.at);
  struct site site;
  begin(&site, &d, 1);
  static const char *const numbers[] = {"\"n\":30", "\"n\":38", "\"n\":39", "\"n\":31", "\"n\":33", "\"n\":32"};
  static const size_t changes[] = {0, 0, 1, 1, 1, 2};
  for (int i = 0; i < 6; i++) {
    send(&site, "x", "identify", BEGIN + i, numbers[i]);
    assert_int_equal(site.changes, changes[i]);
  }
  assert_string_equal(site.stages, "bc");
  buffer_fini(&body);
  end(&site, &d, 1);
}

/* Criteria that name the one before twice, a hundred of them: what would be looked at 2¹⁰⁰ times is looked at once. */
static void test_deep_criteria(void **state) {
  (void)state;
  struct buffer body = {0};
  buffer_append_text(&body,
                     "\"attributes\":{\"n\":\"/traits/n\"},\"criteria\":{\"c0\":{\"attribute\":\"n\",\"is\":\"yes\"}");
  for (int i = 1; i < 100; i++)
    buffer_printf(&body, ",\"c%d\":{\"all\":[\"c%d\",{\"not\":{\"not\":\"c%d\"}}]}", i, i - 1, i - 1);
  buffer_append_text(&body, "}," LADDER "{\"all\":[\"c99\",\"c98\"]}}]");
  buffer_append(&body, "", 1);
  struct definition *d = first(body.at);
  struct site site;
  begin(&site, &d, 1);
  send(&site, "x", "identify", BEGIN, "\"n\":\"no\"");
  assert_int_equal(site.changes, 0);
  send(&site, "x", "identify", BEGIN + 1, "\"n\":\"yes\"");
  assert_int_equal(site.changes, 1);
  buffer_fini(&body);
  end(&site, &d, 1);
}

/* A member of weight 100 draws a hundred times, with "1" to "100" in decimal. */
static void test_weights(void **state) {
  (void)state;
  struct member members[] = {{.name = SLICE("ana"), .weight = 100}, {.name = SLICE("bo"), .weight = 7}};
  const struct route route = {.members = members, .member_count = 2};
  int of_bo = 0;
  for (int lead = 0; lead < 500; lead++) {
    char name[16];
    struct slice id = {name, (uint32_t)snprintf(name, sizeof name, "lead-%d", lead)};
    uint64_t most = 0;
    int32_t wanted = 0;
    for (int32_t i = 0; i < 2; i++) {
      for (int k = 1; k <= members[i].weight; k++) {
        struct buffer drawn = {0};
        buffer_append(&drawn, members[i].name.at, members[i].name.length);
        buffer_append(&drawn, "", 1);
        buffer_printf(&drawn, "%d", k);
        buffer_append(&drawn, "", 1);
        buffer_append(&drawn, id.at, id.length);
        uint64_t value = XXH64(drawn.at, drawn.length, 0);
        if (value > most) wanted = i;
        most = value > most ? value : most;
        buffer_fini(&drawn);
      }
    }
    assert_int_equal(route_member(&route, id), wanted);
    of_bo += wanted;
  }
  assert_in_range(of_bo, 10, 80);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_one_hash),
      cmocka_unit_test(test_side_by_side),
      cmocka_unit_test(test_versions_do_not_fit),
      cmocka_unit_test(test_versions_in_any_order),
      cmocka_unit_test(test_version_in_place),
      cmocka_unit_test(test_reviewed_from_then_on),
      cmocka_unit_test(test_lowest_is_first),
      cmocka_unit_test(test_known_late),
      cmocka_unit_test(test_no_more_points),
      cmocka_unit_test(test_texts_are_cut),
      cmocka_unit_test(test_ignored),
      cmocka_unit_test(test_many_criteria),
      cmocka_unit_test(test_deep_criteria),
      cmocka_unit_test(test_weights),
      cmocka_unit_test(test_followed_early),
      cmocka_unit_test(test_what_lasts_may_rise),
      cmocka_unit_test(test_sum_in_any_order),
      cmocka_unit_test(test_before_its_beginning),
      cmocka_unit_test(test_followed_slas),
      cmocka_unit_test(test_followed_attributes),
      cmocka_unit_test(test_followed_late),
      cmocka_unit_test(test_followed_cap),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
