/* test_advice.c: each kind of advice: a definition that has it. The good one, of which each is a variant, has none.
 *
 * A case puts one line in place of one of the good document's; ' stands for ". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config/advice.h"
#include "config/definition.h"

enum { HEAD, ATTRIBUTES, CRITERIA, SCORES, STAGES, MOVES, SLAS, LINES };

static const char *const good[LINES] = {
    [HEAD] =
        "'handover': 1, 'name': 'n', 'version': 1, 'effective_from': '2026-01-01T00:00:00Z', 'teams': ['m', "
        "'sales'], 'events': 'segment',",
    [ATTRIBUTES] = "'attributes': {'email': '/e', 'size': {'at': '/s', 'type': 'number'}},",
    [CRITERIA] =
        "'criteria': {'contact': {'attribute': 'email', 'present': true}, 'need': {'happened': 'Asked'}, "
        "'authority': {'attribute': 'size', 'above': 1}, 'timescale': {'score': 'fit', 'at_least': 30}},",
    [SCORES] =
        "'scores': {'fit': {'from': 'attributes', 'rules': [{'name': 'big', 'when': {'attribute': 'size', "
        "'above': 9}, 'points': 30}]}},",
    [STAGES] =
        "'stages': [{'name': 'new', 'owner': 'm'}, {'name': 'sql', 'owner': 'sales', 'enter': {'all': ['contact', "
        "'need', 'authority', 'timescale']}}, {'name': 'won', 'owner': 'sales', 'enter': {'event': 'Won'}}],",
    [MOVES] = "'moves': [{'name': 'no', 'from': 'sql', 'to': 'new', 'when': {'event': 'No'}}],",
    [SLAS] = "'slas': [{'name': 'answer', 'stage': 'sql', 'within': '4h', 'met_by': 'Yes'}]",
};

static const struct variant {
  int line;
  const char *text, *pointer, *words;
} variants[] = {
    {HEAD,
     "'handover': 1, 'name': 'n', 'version': 1, 'effective_from': '2026-01-01T00:00:00Z', 'teams': ['m', 'sales'], "
     "'events': 'segment', 'lateness': '1m',",
     "/lateness", "shorter than"},
    {CRITERIA,
     "'criteria': {'contact': {'attribute': 'email', 'present': true}, 'need': {'happened': 'Asked'}, 'authority': "
     "{'attribute': 'size', 'above': 1}, 'timescale': {'score': 'fit', 'at_least': 31}},",
     "/criteria/timescale", "add up to 30 at most"},
    {CRITERIA,
     "'criteria': {'contact': {'attribute': 'email', 'above': 3}, 'need': {'happened': 'Asked'}, 'authority': "
     "{'attribute': 'size', 'above': 1}, 'timescale': {'score': 'fit', 'at_least': 30}},",
     "/criteria/contact", "of type text"},
    {CRITERIA,
     "'criteria': {'contact': {'attribute': 'email', 'present': true}, 'need': {'happened': 'Asked'}, 'authority': "
     "{'attribute': 'size', 'above': 1}, 'timescale': {'score': 'fit', 'at_least': 30}, 'idle': {'happened': 'X'}},",
     "/criteria/idle", "decides nothing"},
    {SCORES,
     "'scores': {'fit': {'from': 'attributes', 'rules': [{'name': 'r', 'when': {'all': [{'attribute': 'size', 'above': "
     "9}, {'attribute': 'size', 'below': 5}]}, 'points': 30}]}},",
     "/scores/fit/rules/0", "can never match"},
    {SLAS, "'slas': [{'name': 'answer', 'stage': 'won', 'within': '4h', 'met_by': 'Yes'}]", "/stages/1", "has no SLA"},
    {STAGES,
     "'stages': [{'name': 'new', 'owner': 'm'}, {'name': 'sql', 'owner': 'sales', 'enter': {'all': ['contact', "
     "'need']}}],",
     "/stages/1", "two criteria alone"},
    {STAGES, "'stages': [{'name': 'new', 'owner': 'm'}, {'name': 'sql', 'owner': 'sales', 'enter': 'need'}],",
     "/stages/1", "contact information"},
    {STAGES, "'stages': [{'name': 'new', 'owner': 'm'}, {'name': 'sql', 'owner': 'sales', 'enter': 'contact'}],",
     "/stages/1", "business need"},
    {STAGES, "'stages': [{'name': 'new', 'owner': 'm'}, {'name': 'sql', 'owner': 'sales', 'enter': 'contact'}],",
     "/stages/1", "authority"},
    {STAGES, "'stages': [{'name': 'new', 'owner': 'm'}, {'name': 'sql', 'owner': 'sales', 'enter': 'contact'}],",
     "/stages/1", "timeframe"},
    {MOVES,
     "'moves': [{'name': 'no', 'from': 'sql', 'to': 'off', 'when': {'event': 'No'}}], 'stages': [{'name': 'new', "
     "'owner': 'm'}, {'name': 'sql', 'owner': 'sales', 'enter': 'need'}, {'name': 'off', 'owner': 'm', "
     "'off_ladder': true}],",
     "/stages/2", "cannot be left"},
};

/* Finds the advice of a variant (or of the good one); an own "stages" replaces the line. */
static void find(const struct variant *v, struct advices *advices) {
  static char text[8000];
  size_t length = 0;
  struct problems problems;
  text[length++] = '{';
  for (int i = 0; i < LINES; i++) {
    const char *from = v && v->line == i ? v->text : good[i];
    if (v && i == STAGES && v->line == MOVES && strstr(v->text, "'stages'")) continue;
    for (; *from; from++) text[length++] = *from == '\'' ? '"' : *from;
    text[length++] = '\n';
  }
  text[length++] = '}';
  struct definition *d = definition_parse(text, length, &problems);
  if (!d) print_error("%s\n", problems.at[0].message);
  assert_non_null(d);
  advice_find(d, text, length, advices);
  definition_destroy(d);
  problems_fini(&problems);
}

static void test_the_good_one_has_none(void **state) {
  (void)state;
  struct advices advices;
  find(NULL, &advices);
  for (size_t i = 0; i < advices.count; i++) print_error("%s: %s\n", advices.at[i].pointer, advices.at[i].why);
  assert_int_equal(advices.count, 0);
  advices_fini(&advices);
}

static void test_each_kind(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
    struct advices advices;
    bool found = false;
    find(&variants[i], &advices);
    for (size_t j = 0; j < advices.count; j++)
      found = found ||
              (strcmp(advices.at[j].pointer, variants[i].pointer) == 0 && strstr(advices.at[j].why, variants[i].words));
    if (!found) print_error("not advised: %s: %s\n", variants[i].pointer, variants[i].words);
    for (size_t j = 0; j < advices.count && !found; j++)
      print_error("  %s: %s\n", advices.at[j].pointer, advices.at[j].why);
    assert_true(found);
    advices_fini(&advices);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_good_one_has_none), cmocka_unit_test(test_each_kind)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
