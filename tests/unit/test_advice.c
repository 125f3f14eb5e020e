/* test_advice.c: each kind of advice in both directions: a definition that gets it, and the nearest one that does not.
 *
 * All are variants of one good definition, which gets none. A variant puts a text in place of another; ' stands for ". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config/advice.h"
#include "config/definition.h"

static const char good[] =
    "{'handover': 1, 'name': 'n', 'version': 1, 'effective_from': '2026-01-01T00:00:00Z', 'teams': ['m', 'sales'],"
    "'events': 'segment', 'lateness': '5m',"
    "'attributes': {'email': '/e', 'size': {'at': '/s', 'type': 'number'}, 'vat': {'at': '/v', 'share': false}},"
    "'criteria': {'contact': {'attribute': 'email', 'present': true}, 'need': {'happened': 'Asked'},"
    " 'authority': {'attribute': 'size', 'above': 1}, 'timescale': {'score': 'fit', 'at_least': 30},"
    " 'active': {'score': 'clicks', 'at_least': 20}, 'firm': {'attribute': 'vat', 'present': true}},"
    "'scores': {'fit': {'from': 'attributes', 'rules': ["
    "  {'name': 'big', 'when': {'attribute': 'size', 'above': 9}, 'points': 30}]},"
    " 'clicks': {'from': 'events', 'half_life': '7d', 'rules': ["
    "  {'name': 'page', 'event': 'Page Viewed', 'points': 10, 'cap': 40}]}},"
    "'stages': [{'name': 'new', 'owner': 'm'}, {'name': 'sql', 'owner': 'sales', 'route': true, 'enter': {'all': ["
    "  'contact', 'need', 'authority', 'timescale', 'active', 'firm']}},"
    " {'name': 'won', 'owner': 'sales', 'enter': {'event': 'Won'}}],"
    "'moves': [{'name': 'no', 'from': 'sql', 'to': 'new', 'when': {'event': 'No'}, 'reason': '/why'}],"
    "'slas': [{'name': 'answer', 'stage': 'sql', 'within': '4h', 'calendar': 'day', 'met_by': 'Yes'}],"
    "'routes': [{'queue': 'large', 'when': {'attribute': 'size', 'above': 99}, 'members': ['ana']}, {'queue': 'rest'}],"
    "'calendars': {'day': {'hours': {'mon-fri': ['09:00-17:00']}}}}";

struct edit {
  const char *old, *new; /* NULL: none */
};

#define LATENESS "'lateness': '5m'"
#define ENTER "'contact', 'need', 'authority', 'timescale', 'active', 'firm'"
#define NO_MOVE "{'name': 'no', 'from': 'sql', 'to': 'new', 'when': {'event': 'No'}, 'reason': '/why'}"
#define MOVE_AND(more) NO_MOVE, NO_MOVE ", " more
#define SLA "{'name': 'answer', 'stage': 'sql', 'within': '4h', 'calendar': 'day', 'met_by': 'Yes'}"
#define WON "{'name': 'won', 'owner': 'sales', 'enter': {'event': 'Won'}}"
#define WON_AND(more) WON, WON ", " more
#define PAGE "{'name': 'page', 'event': 'Page Viewed', 'points': 10, 'cap': 40}"
#define ROUTES "{'queue': 'large', 'when': {'attribute': 'size', 'above': 99}, 'members': ['ana']}, {'queue': 'rest'}"

static const struct variant {
  const char *pointer, *words;
  struct edit advised[3], near[3];
} variants[] = {
    /* times */
    {"/lateness", "shorter than", {{LATENESS, "'lateness': '4m'"}}, {{LATENESS, "'lateness': '6m'"}}},
    /* single conditions and rules */
    {"/criteria/timescale",
     "can reach 30.5: the rules of score \"fit\" add up to 30 at most",
     {{"'at_least': 30", "'at_least': 30.5"}},
     {{NULL, NULL}}},
    {"/criteria/active",
     "can come above 40: the rules of score \"clicks\" add up to 40 at most",
     {{"'at_least': 20", "'above': 40"}},
     {{"'at_least': 20", "'at_least': 40"}}},
    {"/criteria/timescale",
     "come down below 0: score \"fit\" is 0 at least",
     {{"'at_least': 30", "'below': 0"}},
     {{"'at_least': 30", "'at_most': 0"}}},
    {"/criteria/contact",
     "of type text",
     {{"'present': true}, 'need'", "'above': 3}, 'need'"}},
     {{"'present': true}, 'need'", "'is': '3'}, 'need'"}}},
    {"/criteria/authority", "of type number", {{"'above': 1}", "'is': '1'}"}}, {{"'above': 1}", "'is': 1}"}}},
    {"/criteria/authority",
     "contradict each other",
     {{"{'attribute': 'size', 'above': 1}",
       "{'all': [{'attribute': 'size', 'above': 5}, {'attribute': 'size', 'at_most': 5}]}"}},
     {{"{'attribute': 'size', 'above': 1}",
       "{'all': [{'attribute': 'size', 'at_least': 5}, {'attribute': 'size', 'at_most': 5}]}"}}},
    {"/scores/fit/rules/0",
     "can never match",
     {{"'when': {'attribute': 'size', 'above': 9}",
       "'when': {'all': [{'attribute': 'size', 'is': 9}, {'attribute': 'size', 'is': 8}]}"}},
     {{"'when': {'attribute': 'size', 'above': 9}",
       "'when': {'any': [{'attribute': 'size', 'is': 9}, {'attribute': 'size', 'is': 8}]}"}}},
    /* points */
    {"/scores/clicks/rules/0",
     "has no limit",
     {{", 'cap': 40", ""},
      {"'scores': {", "'scores': {'sum': {'from': 'scores', 'of': ['clicks']}, "},
      {"'score': 'clicks', 'at_least': 20", "'score': 'sum', 'at_least': 20"}},
     {{", 'cap': 40", ""},
      {"'scores': {", "'scores': {'sum': {'from': 'scores', 'of': ['clicks']}, "},
      {"'score': 'clicks', 'at_least': 20", "'score': 'sum', 'below': 20"}}},
    {"/scores/clicks/rules/0",
     "has no limit",
     {{", 'cap': 40", ""}},
     {{", 'cap': 40", ", 'at_most': {'times': 1, 'per': '1h'}"}}},
    {"/scores/clicks/rules/0",
     "has no limit",
     {{PAGE, "{'name': 'any', 'event': '*', 'points': 10}"}},
     {{PAGE, "{'name': 'guide', 'event': 'Guide Downloaded', 'points': 10}"}}},
    {"/scores/clicks",
     "never fade",
     {{", 'half_life': '7d'", ""}},
     {{", 'half_life': '7d'", ""}, {"'cap': 40", "'lasts': '90d', 'cap': 40"}}},
    {"/scores/clicks",
     "never fade",
     {{", 'half_life': '7d'", ""}},
     {{", 'half_life': '7d'", ""}, {PAGE, PAGE ", {'name': 'quiet', 'quiet_every': '30d', 'points': -5}"}}},
    {"/criteria/active",
     "it takes 5 of the strongest events of score \"clicks\" at once to come to 20, or 4 every week",
     {{"'points': 10, 'cap': 40", "'points': 4, 'cap': 40"}},
     {{"'points': 10, 'cap': 40", "'points': 5, 'cap': 40"}}},
    {"/criteria/active",
     "every week to stay there",
     {{"'points': 10, 'cap': 40", "'points': 4, 'cap': 40"}},
     {{"'points': 10, 'cap': 40", "'points': 4, 'cap': 40"}, {"'7d'", "'30d'"}}},
    /* what decides nothing */
    {"/criteria/idle",
     "decides nothing",
     {{"'criteria': {", "'criteria': {'idle': 'need', "}},
     {{"'criteria': {", "'criteria': {'idle': 'need', "}, {"'contact', 'need'", "'contact', 'idle'"}}},
    {"/scores/clicks",
     "decides nothing",
     {{"'score': 'clicks', 'at_least': 20", "'happened': 'Page Viewed'"}},
     {{"'score': 'clicks', 'at_least': 20", "'happened': 'Page Viewed'"},
      {"'scores': {", "'scores': {'sum': {'from': 'scores', 'of': ['clicks']}, "}}},
    {"/attributes/vat",
     "kept for nothing",
     {{"{'attribute': 'vat', 'present': true}", "{'happened': 'X'}"}},
     {{"{'attribute': 'vat', 'present': true}", "{'happened': 'X'}"}, {"'share': false", "'share': true"}}},
    {"/calendars/day", "decides nothing", {{", 'calendar': 'day'", ""}}, {{NULL, NULL}}},
    {"/routes", "no stage has \"route\"", {{", 'route': true", ""}}, {{NULL, NULL}}},
    {"/routes",
     "no queue has members",
     {{", 'members': ['ana']", ""}, {"'stage': 'sql', 'within'", "'stage': 'won', 'within'"}},
     {{", 'members': ['ana']", ""}}},
    {"/routes/1", "never gets a lead", {{", 'when': {'attribute': 'size', 'above': 99}", ""}}, {{NULL, NULL}}},
    {"/routes", "no route fits", {{", {'queue': 'rest'}", ""}}, {{NULL, NULL}}},
    /* stages */
    {"/stages/3",
     "cannot be left",
     {{MOVE_AND("{'name': 'off', 'from': 'won', 'to': 'off', 'when': {'event': 'Lost'}}")},
      {WON_AND("{'name': 'off', 'owner': 'm', 'off_ladder': true}")}},
     {{MOVE_AND("{'name': 'off', 'from': 'won', 'to': 'off', 'when': {'event': 'Lost'}}, {'name': 'on', 'from': 'off', "
                "'to': 'new', 'after': '9d'}")},
      {WON_AND("{'name': 'off', 'owner': 'm', 'off_ladder': true}")}}},
    {"/stages/3",
     "for ever without anyone being told",
     {{MOVE_AND("{'name': 'off', 'from': 'won', 'to': 'off', 'when': {'event': 'Lost'}}, {'name': 'on', 'from': 'off', "
                "'to': 'new', 'when': {'event': 'Back'}}")},
      {WON_AND("{'name': 'off', 'owner': 'm', 'off_ladder': true}")}},
     {{MOVE_AND("{'name': 'off', 'from': 'won', 'to': 'off', 'when': {'event': 'Lost'}}, {'name': 'on', 'from': 'off', "
                "'to': 'new', 'when': {'quiet_for': '9d'}}")},
      {WON_AND("{'name': 'off', 'owner': 'm', 'off_ladder': true}")}}},
    {"/stages/3",
     "cannot be reached",
     {{WON_AND("{'name': 'off', 'owner': 'm', 'off_ladder': true}")}},
     {{WON_AND("{'name': 'off', 'owner': 'm', 'off_ladder': true}")},
      {"'name': 'no', 'from': 'sql', 'to': 'new'", "'name': 'no', 'from': 'sql', 'to': 'off'"}}},
    {"/stages/3",
     "only leads of earlier versions",
     {{WON_AND("{'name': 'off', 'owner': 'm', 'off_ladder': true}")},
      {LATENESS, LATENESS ", 'replaces': {'old': 'off'}"}},
     {{WON_AND("{'name': 'off', 'owner': 'm', 'off_ladder': true}")},
      {LATENESS, LATENESS ", 'replaces': {'old': 'new'}"}}},
    {"/stages",
     "no lead is ever handed over",
     {{"'owner': 'sales'", "'owner': 'm'"}, {"'owner': 'sales'", "'owner': 'm'"}},
     {{"'owner': 'sales'", "'owner': 'm'"}}},
    /* the path to sales */
    {"/stages/1",
     "no criterion decides",
     {{", 'enter': {'all': [  " ENTER "]}", ""},
      {MOVE_AND("{'name': 'old', 'from': 'new', 'to': 'sql', 'after': '9d'}")}},
     {{", 'enter': {'all': [  " ENTER "]}", ""},
      {MOVE_AND("{'name': 'old', 'from': 'new', 'to': 'sql', 'after': '9d', 'when': 'need'}")}}},
    {"/stages/1", "two criteria alone", {{ENTER, "'contact', 'need'"}}, {{ENTER, "'contact', 'need', 'firm'"}}},
    {"/stages/1", "contact information", {{"'contact', 'need',", "'need',"}}, {{ENTER, "'contact'"}}},
    {"/stages/1", "business need", {{"'need', 'authority'", "'authority'"}}, {{ENTER, "'need'"}}},
    {"/stages/1", "authority", {{"'authority', 'timescale'", "'timescale'"}}, {{ENTER, "'authority'"}}},
    {"/stages/1", "timeframe", {{"'timescale', 'active'", "'active'"}}, {{ENTER, "'timescale'"}}},
    /* what sales is promised, and can answer */
    {"/stages/1", "has no SLA", {{"'stage': 'sql'", "'stage': 'won'"}}, {{NULL, NULL}}},
    {"/stages/1",
     "nothing comes back",
     {{"'slas': [" SLA "],", ""}, {"'moves': [" NO_MOVE "],", ""}, {"'enter': {'event': 'Won'}", "'enter': 'active'"}},
     {{"'slas': [" SLA "],", ""}, {"'moves': [" NO_MOVE "],", ""}}},
    {"/stages/1",
     "sales cannot say no",
     {{"'when': {'event': 'No'}, 'reason': '/why'", "'after': '30d'"}},
     {{"'event': 'No'", "'event': 'Not Now'"}}},
    {"/stages/1",
     "sales cannot say no",
     {{"'from': 'sql', 'to': 'new'", "'from': 'won', 'to': 'new'"}},
     {{"'from': 'sql', 'to': 'new'", "'from': ['won', 'sql'], 'to': 'new'"}}},
    {"/moves/0",
     "without a reason",
     {{", 'reason': '/why'", ""}},
     {{"'when': {'event': 'No'}, 'reason': '/why'", "'after': '30d'"}}},
    {"/slas/0",
     "shorter than a weekend",
     {{"'within': '4h', 'calendar': 'day'", "'within': '71h'"}},
     {{"'within': '4h', 'calendar': 'day'", "'within': '3d'"}}},
    {"/slas/0",
     "can never be missed",
     {{MOVE_AND("{'name': 'old', 'from': 'sql', 'to': 'new', 'after': '4h'}")}},
     {{MOVE_AND("{'name': 'old', 'from': 'sql', 'to': 'new', 'after': '5h'}")}}},
    {"/slas/0",
     "can never be missed",
     {{MOVE_AND("{'name': 'old', 'from': '*', 'to': 'new', 'after': '1h'}")}},
     {{MOVE_AND("{'name': 'old', 'from': '*', 'to': 'new', 'after': '1h', 'when': {'quiet_for': '9d'}}")}}},
    {"/moves/1",
     "around the ladder",
     {{MOVE_AND("{'name': 'fast', 'from': 'new', 'to': 'sql', 'when': {'event': 'Imported'}}")}},
     {{MOVE_AND("{'name': 'fast', 'from': 'new', 'to': 'sql', 'when': {'event': 'Demo Requested'}}")}}},
    {"/moves/1",
     "around the ladder",
     {{MOVE_AND("{'name': 'fast', 'from': 'new', 'to': 'won', 'when': {'all': ['contact', {'event': 'Imported'}]}}")}},
     {{MOVE_AND(
         "{'name': 'fast', 'from': 'new', 'to': 'won', 'when': {'all': ['authority', {'event': 'Imported'}]}}")}}},
    {"/moves/1",
     "around the ladder",
     {{MOVE_AND("{'name': 'old', 'from': 'new', 'to': 'sql', 'after': '9d'}")}},
     {{MOVE_AND("{'name': 'old', 'from': 'won', 'to': 'sql', 'after': '9d'}")}}},
    {"/moves/1",
     "around the ladder",
     {{MOVE_AND(
         "{'name': 'old', 'from': 'new', 'to': 'sql', 'after': '9d', 'when': {'not': {'score': 'fit', 'below': 9}}}")}},
     {{MOVE_AND(
         "{'name': 'old', 'from': 'new', 'to': 'sql', 'after': '9d', 'when': {'score': 'fit', 'at_least': 9}}")}}},
};

/* Puts the edit into the text, which has room; the old text is there once. */
static void apply(char *text, const struct edit *edit) {
  static char copy[8000];
  if (!edit->old) return;
  char *at = strstr(text, edit->old);
  if (!at) fail_msg("not there: %s", edit->old);
  strncpy(copy, at + strlen(edit->old), sizeof copy - 1);
  memcpy(at, edit->new, strlen(edit->new));
  strncpy(at + strlen(edit->new), copy, sizeof copy - 1 - (size_t)(at - text) - strlen(edit->new));
}

static void find(const struct edit edits[3], struct advices *advices) {
  static char text[8000];
  struct problems problems;
  memset(text, 0, sizeof text);
  memcpy(text, good, sizeof good);
  for (size_t i = 0; edits && i < 3; i++) apply(text, &edits[i]);
  for (char *c = text; *c; c++)
    if (*c == '\'') *c = '"';
  size_t length = strlen(text);
  struct definition *d = definition_parse(text, length, &problems);
  if (!d) fail_msg("%s: %s\n%s", problems.at[0].pointer, problems.at[0].message, text);
  advice_find(d, text, length, advices);
  definition_destroy(d);
  problems_fini(&problems);
}

/* Is it advised: at this place, or with `pointer` NULL at any? */
static bool is_advised(const struct advices *advices, const char *pointer, const char *words) {
  for (size_t i = 0; i < advices->count; i++)
    if ((!pointer || strcmp(advices->at[i].pointer, pointer) == 0) && strstr(advices->at[i].why, words)) return true;
  return false;
}

static void print_all(const struct advices *advices) {
  for (size_t i = 0; i < advices->count; i++) print_error("  %s: %s\n", advices->at[i].pointer, advices->at[i].why);
}

static void test_the_good_one_has_none(void **state) {
  (void)state;
  struct advices advices;
  find(NULL, &advices);
  print_all(&advices);
  assert_int_equal(advices.count, 0);
  advices_fini(&advices);
}

static void test_each_kind_in_both_directions(void **state) {
  (void)state;
  int wrong = 0;
  for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
    const struct variant *v = &variants[i];
    struct advices with, without;
    find(v->advised, &with);
    find(v->near, &without);
    bool found = is_advised(&with, v->pointer, v->words), too_much = is_advised(&without, NULL, v->words);
    if (!found || too_much)
      print_error("%zu: %s: %s: %s\n", i, found ? "advised too much" : "not advised", v->pointer, v->words);
    if (!found) print_all(&with);
    if (too_much) print_all(&without);
    wrong += !found || too_much;
    for (size_t j = 0; j < with.count; j++) assert_true(*with.at[j].why && *with.at[j].remedy && with.at[j].line > 0);
    advices_fini(&with);
    advices_fini(&without);
  }
  assert_int_equal(wrong, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_good_one_has_none),
                                     cmocka_unit_test(test_each_kind_in_both_directions)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
