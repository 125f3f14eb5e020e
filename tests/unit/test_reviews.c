/* test_reviews.c: a deadline may be left out only where a step would publish nothing. Random definitions and logs, once with the
 * shortcut (deadline.c) and once with every review armed: the published bytes are the same. Seeds are fixed; SEEDS=n for more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../config/definition.h"
#include "../../consumer/engine/plan.h"
#include "../../consumer/lane.h"
#include "../../producer/encode.h"

static uint64_t random_state;

static uint32_t below(uint32_t n) {
  random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)((random_state >> 33) % n);
}

static const char *pick(const char *const *from, uint32_t count) { return from[below(count)]; }
#define PICK(...) pick((const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

enum place { ANYWHERE, NO_EVENT };

static void add_leaf(struct buffer *out, enum place place, int criteria) {
  switch (below(place == ANYWHERE ? 7 : 6)) {
    case 0:
      buffer_printf(out, "{\"score\":\"%s\",\"%s\":%d}", PICK("s", "t", "f"),
                    PICK("at_least", "at_most", "above", "below"), (int)below(30) - 10);
      break;
    case 1: buffer_printf(out, "{\"quiet_for\":\"%s\"}", PICK("3h", "1d", "5d")); break;
    case 2:
      buffer_printf(out, "{\"happened\":\"%s\",\"times\":%u%s}", PICK("V", "U", "W"), 1 + below(3),
                    PICK("", ",\"within\":\"1d\"", ",\"within\":\"7h\""));
      break;
    case 3: buffer_printf(out, "{\"attribute\":\"n\",\"%s\":%u}", PICK("above", "below"), below(10)); break;
    case 4:
      if (criteria > 0) {
        buffer_printf(out, "\"c%u\"", below((uint32_t)criteria));
        break;
      }
      __attribute__((fallthrough));
    case 5: buffer_printf(out, "{\"score\":\"s\",\"%s\":%d}", PICK("at_least", "below"), (int)below(40) - 15); break;
    default: buffer_printf(out, "{\"event\":\"%s\"}", PICK("V", "U", "W")); break;
  }
}

static void add_condition(struct buffer *out, enum place place, int criteria, uint32_t depth) {
  uint32_t kind = depth ? below(6) : 5;
  if (kind > 3) {
    add_leaf(out, place, criteria);
    return;
  }
  buffer_append_text(out,
                     (const char *const[]){"{\"all\":[", "{\"any\":[", "{\"not\":", "{\"at_least\":2,\"of\":["}[kind]);
  uint32_t children = kind == 2 ? 1 : 2 + below(2);
  for (uint32_t i = 0; i < children; i++) {
    if (i) buffer_append_text(out, ",");
    add_condition(out, place, criteria, depth - 1);
  }
  buffer_append_text(out, kind == 2 ? "}" : "]}");
}

static void add_move(struct buffer *out, int index) {
  static const char *const stages[] = {"a", "b", "c", "d"};
  uint32_t from = below(4), to = (from + 1 + below(3)) % 4;
  buffer_printf(out, "%s{\"name\":\"m%d\",\"from\":\"%s\",\"to\":\"%s\"", index ? "," : "", index,
                below(4) ? stages[from] : "*", stages[to]);
  bool after = below(3) == 0;
  if (after) buffer_printf(out, ",\"after\":\"%s\"", PICK("2h", "30h", "6d"));
  if (!after || below(2)) {
    buffer_append_text(out, ",\"when\":");
    add_condition(out, after ? NO_EVENT : ANYWHERE, 3, 2);
  }
  if (below(3) == 0) buffer_append_text(out, ",\"reset\":[\"s\"]");
  buffer_append_text(out, "}");
}

static void add_scores(struct buffer *out) {
  buffer_printf(out, "\"scores\":{\"s\":{\"from\":\"events\"%s,\"min\":%d,\"max\":60,\"rules\":[",
                PICK("", ",\"half_life\":\"1d\"", ",\"half_life\":\"9d\""), (int)below(2) * -50);
  buffer_printf(out, "{\"name\":\"v\",\"event\":\"V\",\"points\":%u%s}", 1 + below(20), PICK("", ",\"cap\":25"));
  buffer_printf(out, ",{\"name\":\"u\",\"event\":\"U\",\"points\":%d}", -1 - (int)below(20));
  if (below(2))
    buffer_printf(out, ",{\"name\":\"w\",\"event\":\"W\",\"points\":%d,\"lasts\":\"%s\"%s}", below(2) ? 12 : -12,
                  PICK("1d", "4d"), PICK("", ",\"fading\":true"));
  if (below(2))
    buffer_printf(out, ",{\"name\":\"q\",\"quiet_every\":\"%s\",\"points\":%d}", PICK("5h", "1d", "3d"),
                  below(2) ? 3 : -7);
  buffer_append_text(
      out,
      "]},\"f\":{\"from\":\"attributes\",\"rules\":[{\"name\":\"r\",\"when\":{\"attribute\":\"n\",\"above\":4},"
      "\"points\":9}]},\"t\":{\"from\":\"scores\",\"of\":[\"s\",\"f\"]}},");
}

static void add_definition(struct buffer *out) {
  buffer_append_text(
      out,
      "{\"handover\":1,\"name\":\"r\",\"version\":1,\"effective_from\":\"2026-01-01T00:00:00Z\","
      "\"teams\":[\"m\"],\"events\":\"segment\",\"attributes\":{\"n\":{\"at\":\"/n\",\"type\":\"number\"}},");
  buffer_printf(out, "\"review_every\":\"%s\",\"lateness\":\"%s\",", PICK("1h", "6h", "1d"), PICK("5m", "1h", "2d"));
  add_scores(out);
  buffer_append_text(out, "\"criteria\":{");
  for (int i = 0; i < 3; i++) {
    buffer_printf(out, "%s\"c%d\":", i ? "," : "", i);
    add_condition(out, NO_EVENT, i, 2);
  }
  buffer_append_text(out, "},\"stages\":[{\"name\":\"a\",\"owner\":\"m\"},{\"name\":\"b\",\"owner\":\"m\",\"enter\":");
  add_condition(out, ANYWHERE, 3, 2);
  buffer_append_text(out, "},{\"name\":\"c\",\"owner\":\"m\",\"enter\":");
  add_condition(out, ANYWHERE, 3, 2);
  buffer_append_text(out, "},{\"name\":\"d\",\"owner\":\"m\",\"off_ladder\":true}],\"moves\":[");
  int moves = 1 + (int)below(4);
  for (int i = 0; i < moves; i++) add_move(out, i);
  buffer_append_text(out, "],\"slas\":[{\"name\":\"sla\",\"stage\":\"b\",\"within\":\"20h\",\"met_by\":\"V\"}]}");
}

static void collect(void *context, const struct change *change) {
  change_encode(context, change);
  buffer_append_text(context, "\n");
}

static void no_dead_letter(void *context, const struct record *record, enum reject reject, const char *detail) {
  (void)context;
  (void)record;
  fail_msg("reject %s: %s", reject_name(reject), detail);
}

static void run(struct definition *definition, bool always, uint64_t seed, struct buffer *out) {
  definition->plan->review_always = always;
  random_state = seed;
  struct sink sink = {out, collect, no_dead_letter};
  const struct definition *known = definition;
  struct lane *lane = lane_create(0, &known, 1, &sink, LIMIT_EVENT);
  int64_t now = INT64_C(1767225600000);
  for (int64_t i = 0; i < 60; i++) {
    now += below(3) ? below(3600000) : below(4 * 86400000u);
    int64_t t = now - (below(5) ? 0 : (int64_t)below(2 * 86400000u));
    struct buffer line = {0};
    buffer_printf(&line, "{\"userId\":\"l%u\",\"timestamp\":%lld,\"event\":\"%s\",\"n\":%u}", below(4), (long long)t,
                  PICK("V", "V", "U", "W", "X"), below(10));
    struct record record = {{line.at, (uint32_t)line.length}, {0}, TIME_NONE, {SLICE("events"), 0, i}};
    lane_apply(lane, &record, 1);
    buffer_fini(&line);
  }
  lane_mark(lane, now + INT64_C(40) * 86400000);
  lane_destroy(lane);
}

static void reviews_left_out_change_nothing(void **state) {
  (void)state;
  uint64_t seeds = getenv("SEEDS") ? strtoull(getenv("SEEDS"), NULL, 10) : 2000;
  uint64_t published = 0;
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    random_state = seed * UINT64_C(0x9e3779b97f4a7c15);
    struct buffer text = {0}, with = {0}, without = {0};
    add_definition(&text);
    struct problems problems = {0};
    struct definition *definition = definition_parse(text.at, text.length, &problems);
    if (!definition)
      fail_msg("seed %llu: %s: %s", (unsigned long long)seed, problems.at[0].pointer, problems.at[0].message);
    run(definition, true, seed, &with);
    run(definition, false, seed, &without);
    if (with.length != without.length || (with.length && memcmp(with.at, without.at, with.length) != 0))
      fail_msg("seed %llu differs", (unsigned long long)seed);
    published += with.length > 0;
    definition_destroy(definition);
    problems_fini(&problems);
    buffer_fini(&text);
    buffer_fini(&with);
    buffer_fini(&without);
  }
  assert_true(published > seeds / 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(reviews_left_out_change_nothing)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
