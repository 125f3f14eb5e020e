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
#include "random_definition.h"

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
    add_definition(&text, 1, "2026-01-01T00:00:00Z");
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
