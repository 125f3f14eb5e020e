/* test_limits.c: a definition with as much of everything as the language allows: all of it is judged, counted, published and moved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine_site.h"

enum { OF_EVENTS = LIMIT_SCORES - 2 }; /* scores; the first is from attributes, the last from all others */

static const char *comma(int i) { return i ? "," : ""; }

static void write_vocabulary(struct buffer *text) {
  buffer_append_text(text, "\"attributes\":{");
  for (int i = 0; i < LIMIT_ATTRIBUTES; i++)
    buffer_printf(text, "%s\"a%d\":{\"at\":\"/traits/a%d\",\"share\":true}", comma(i), i, i);
  buffer_append_text(text, "},\"criteria\":{");
  for (int i = 0; i < LIMIT_CRITERIA; i++)
    buffer_printf(text, "%s\"c%d\":{\"attribute\":\"a%d\",\"is\":\"%d\"}", comma(i), i, i % LIMIT_ATTRIBUTES, i);
  buffer_append_text(text, "},");
}

static void write_scores(struct buffer *text) {
  buffer_append_text(text, "\"scores\":{\"s0\":{\"from\":\"attributes\",\"rules\":[");
  for (int i = 0; i < LIMIT_RULES; i++)
    buffer_printf(text, "%s{\"name\":\"r%d\",\"when\":{\"attribute\":\"a%d\",\"is\":\"%d\"},\"points\":1}", comma(i), i,
                  i % LIMIT_ATTRIBUTES, i);
  for (int s = 1; s <= OF_EVENTS; s++) {
    buffer_printf(text, "]},\"s%d\":{\"from\":\"events\",\"rules\":[", s);
    for (int i = 0; i < LIMIT_RULES; i++)
      buffer_printf(text, "%s{\"name\":\"r%d\",\"event\":\"E%d\",\"points\":%d}", comma(i), i, i, s);
  }
  buffer_append_text(text, "]},\"sum\":{\"from\":\"scores\",\"of\":[");
  for (int s = 0; s <= OF_EVENTS; s++) buffer_printf(text, "%s\"s%d\"", comma(s), s);
  buffer_append_text(text, "]}},");
}

static void write_stages(struct buffer *text) {
  buffer_append_text(text, "\"slas\":[");
  for (int i = 0; i < LIMIT_SLAS; i++)
    buffer_printf(text, "%s{\"name\":\"l%d\",\"stage\":\"0\",\"within\":\"%dh\",\"met_by\":\"M%d\"}", comma(i), i,
                  i + 1, i);
  buffer_append_text(text, "],\"moves\":[");
  for (int i = 0; i < LIMIT_MOVES; i++)
    buffer_printf(text,
                  "%s{\"name\":\"m%d\",\"from\":\"15\",\"to\":\"0\",\"when\":{\"event\":\"B%d\"},\"reset\":[\"s%d\"]}",
                  comma(i), i, i, OF_EVENTS);
  buffer_append_text(text, "],\"routes\":[");
  for (int i = 0; i < LIMIT_ROUTES; i++)
    buffer_printf(text, "%s{\"queue\":\"q%d\",\"when\":{\"attribute\":\"a63\",\"is\":\"%d\"}}", comma(i), i,
                  i + LIMIT_CRITERIA - LIMIT_ROUTES);
  buffer_append_text(text, "],\"stages\":[");
  for (int i = 0; i < LIMIT_STAGES; i++)
    buffer_printf(text, "%s{\"name\":\"%d\",\"owner\":\"m\"%s}", comma(i), i,
                  i ? ",\"route\":true,\"enter\":{\"event\":\"Go\"}" : "");
  buffer_append_text(text, "]");
  buffer_append(text, "", 1);
}

/* Every attribute says its number and `more`. */
static void tell_attributes(struct site *site, int64_t at_ms, int more) {
  struct buffer traits = {0};
  for (int i = 0; i < LIMIT_ATTRIBUTES; i++) buffer_printf(&traits, "%s\"a%d\":\"%d\"", comma(i), i, i + more);
  buffer_append(&traits, "", 1);
  send(site, "x", "identify", at_ms, traits.at);
  buffer_fini(&traits);
}

/* The same, one event each. */
static void tell_each_attribute(struct site *site, int64_t at_ms, int more) {
  for (int i = 0; i < LIMIT_ATTRIBUTES; i++) {
    char trait[32];
    snprintf(trait, sizeof trait, "\"a%d\":\"%d\"", i, i + more);
    send(site, "x", "identify", at_ms, trait);
  }
}

/* Criteria hold from `from` on, as many as there are attributes; each score has its points. */
static void look(struct site *site, int64_t now_ms, int32_t stage, int from, int last_score) {
  struct lead_sight sight;
  int64_t sum = LIMIT_ATTRIBUTES;
  assert_true(task_look(lane_task(site->lane), SLICE("x"), now_ms, &sight));
  assert_int_equal(sight.stage, stage);
  for (int i = 0; i < LIMIT_CRITERIA; i++)
    assert_int_equal(sight.criteria[i], i >= from && i < from + LIMIT_ATTRIBUTES);
  assert_int_equal(sight.scores[0], LIMIT_ATTRIBUTES * NANOPOINT);
  for (int s = 1; s <= OF_EVENTS; s++) {
    const int64_t points = s == OF_EVENTS ? last_score : s * LIMIT_RULES;
    assert_int_equal(sight.scores[s], points * NANOPOINT);
    sum += points;
  }
  assert_int_equal(sight.scores[LIMIT_SCORES - 1], sum * NANOPOINT);
}

static void send_numbered(struct site *site, char kind, int number, int64_t at_ms) {
  char name[16];
  snprintf(name, sizeof name, "%c%d", kind, number);
  send(site, "x", name, at_ms, "");
}

static void test_as_much_as_there_can_be(void **state) {
  (void)state;
  struct buffer text = {0};
  write_vocabulary(&text);
  write_scores(&text);
  write_stages(&text);
  struct definition *both[] = {first(text.at), parsed("2", "2026-02-01", text.at)};
  struct site site;
  begin(&site, both, 2);
  tell_attributes(&site, BEGIN, 0);
  for (int i = 0; i < LIMIT_RULES; i++) send_numbered(&site, 'E', i, BEGIN + 1 + i);
  look(&site, BEGIN + 1000, 0, 0, OF_EVENTS * LIMIT_RULES);
  tell_attributes(&site, BEGIN + 1000, LIMIT_ATTRIBUTES);
  look(&site, BEGIN + 1000, 0, LIMIT_ATTRIBUTES, OF_EVENTS * LIMIT_RULES);
  tell_each_attribute(&site, BEGIN + 1001, 0);
  look(&site, BEGIN + 1001, 0, 0, OF_EVENTS * LIMIT_RULES);
  tell_each_attribute(&site, BEGIN + 1002, LIMIT_ATTRIBUTES);
  send_numbered(&site, 'M', LIMIT_SLAS - 1, BEGIN + 2000);
  send_numbered(&site, 'M', 0, BEGIN + 2000);
  lane_mark(site.lane, BEGIN + DAY);
  assert_int_equal(site.changes, LIMIT_SLAS - 2);
  send(&site, "x", "Go", BEGIN + DAY + 1, "");
  assert_int_equal(site.changes, LIMIT_SLAS - 2 + LIMIT_STAGES - 1);
  look(&site, BEGIN + DAY + 2, LIMIT_STAGES - 1, LIMIT_ATTRIBUTES, OF_EVENTS * LIMIT_RULES);
  send_numbered(&site, 'B', LIMIT_MOVES - 1, BEGIN + 31 * DAY - 1);
  look(&site, BEGIN + 31 * DAY - 1, 0, LIMIT_ATTRIBUTES, 0);
  send(&site, "x", "Come", BEGIN + 31 * DAY, "");
  assert_int_equal(task_definition(lane_task(site.lane))->version, 2);
  look(&site, BEGIN + 31 * DAY, 0, LIMIT_ATTRIBUTES, 0);
  site.changes = 0;
  lane_mark(site.lane, BEGIN + 40 * DAY);
  assert_int_equal(site.changes, LIMIT_SLAS);
  buffer_fini(&text);
  end(&site, both, 2);
}

/* As many periods of quiet as there are rules, each a little longer. */
static void test_quiet(void **state) {
  (void)state;
  struct buffer text = {0};
  buffer_append_text(&text, "\"scores\":{\"s\":{\"from\":\"events\",\"rules\":[");
  for (int i = 0; i < LIMIT_RULES; i++)
    buffer_printf(&text, "%s{\"name\":\"r%d\",\"quiet_every\":\"%dh\",\"points\":1}", comma(i), i, i + 1);
  buffer_append_text(&text, "]}},\"stages\":[{\"name\":\"a\",\"owner\":\"m\"}]");
  buffer_append(&text, "", 1);
  struct definition *d = first(text.at);
  struct site site;
  begin(&site, &d, 1);
  send(&site, "x", "Come", BEGIN, "");
  int64_t points = 0;
  for (int hour = 1; hour <= LIMIT_RULES + 10; hour++) {
    struct lead_sight sight;
    for (int i = 1; i <= LIMIT_RULES; i++) points += hour % i == 0;
    assert_true(task_look(lane_task(site.lane), SLICE("x"), BEGIN + hour * (DAY / 24), &sight));
    assert_int_equal(sight.scores[0], points * NANOPOINT);
  }
  buffer_fini(&text);
  end(&site, &d, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_as_much_as_there_can_be),
      cmocka_unit_test(test_quiet),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
