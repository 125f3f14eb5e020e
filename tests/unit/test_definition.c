/* test_definition.c: what a definition may say and what is said about one that is wrong: place, pointer, words; everything at
 * once, nothing twice.
 *
 * A case puts one line in place of one of a good document's. The mark ^ stands where the problem is and is taken out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/definition.h"

enum { HEAD, EVENTS, ATTRIBUTES, CRITERIA, SCORES, CALENDARS, STAGES, MORE, LINES };

static const char *const good[LINES] = {
    [HEAD] = "'handover': 1, 'name': 'n', 'version': 1, 'effective_from': '2026-01-01T00:00:00Z', 'teams': ['m', 's'],",
    [EVENTS] = "'events': 'segment',",
    [ATTRIBUTES] = "'attributes': {'t': '/t', 'n': {'at': '/n', 'type': 'number'}},",
    [CRITERIA] = "'criteria': {'c': {'attribute': 't', 'present': true}},",
    [SCORES] =
        "'scores': {'fit': {'from': 'attributes', 'rules': [{'name': 'r', 'when': {'attribute': 'n', 'above': 1}, "
        "'points': 1}]}, 'e': {'from': 'events', 'rules': [{'name': 'r', 'event': 'E', 'points': 1}]}},",
    [CALENDARS] = "'calendars': {'w': {'hours': {'mon-fri': ['09:00-17:00']}}},",
    [STAGES] =
        "'stages': [{'name': 'a', 'owner': 'm'}, {'name': 'b', 'owner': 's', 'enter': 'c'}, {'name': 'o', 'owner': "
        "'s', 'off_ladder': true}]",
    [MORE] = "",
};

struct text {
  char at[40000];
  size_t length;
  int line, column; /* of the mark, or 0 */
};

/* The good document with another line; ' stands for ". */
static void write_document(struct text *text, int line, const char *other) {
  text->length = 0;
  text->line = text->column = 0;
  text->at[text->length++] = '{';
  for (int i = 0; i < LINES; i++) {
    const char *from = i == line ? other : good[i];
    size_t start = i ? text->length : 0;
    for (; *from; from++) {
      if (*from == '^') {
        text->line = i + 1;
        text->column = (int)(text->length - start) + 1;
      } else {
        text->at[text->length++] = *from == '\'' ? '"' : *from;
      }
    }
    text->at[text->length++] = '\n';
  }
  text->at[text->length++] = '}';
}

static void print_problems(const struct problems *problems) {
  for (size_t i = 0; i < problems->count; i++) {
    print_error("%d:%d \"%s\": %s\n", problems->at[i].line, problems->at[i].column, problems->at[i].pointer,
                problems->at[i].message);
  }
}

struct wrong {
  int line;
  const char *text, *pointer, *words;
};

/* Exactly one problem, at the mark. */
static void expect_wrong(const struct wrong *wrong) {
  static struct text text;
  struct problems problems;
  write_document(&text, wrong->line, wrong->text);
  assert_null(definition_parse(text.at, text.length, &problems));
  const struct problem *p = problems.at;
  if (problems.count != 1 || p->line != text.line || p->column != text.column ||
      strcmp(p->pointer, wrong->pointer) != 0 || !strstr(p->message, wrong->words)) {
    print_problems(&problems);
    fail_msg("expected %d:%d \"%s\": %s\nof %s", text.line, text.column, wrong->pointer, wrong->words, wrong->text);
  }
  problems_fini(&problems);
}

#define EXPECT_WRONG(table) \
  for (size_t i = 0; i < sizeof(table) / sizeof *(table); i++) expect_wrong(&(table)[i])

static void expect_good(int line, const char *other) {
  static struct text text;
  struct problems problems;
  write_document(&text, line, other);
  struct definition *definition = definition_parse(text.at, text.length, &problems);
  if (!definition) {
    print_problems(&problems);
    fail_msg("should be good: %s", other);
  }
  assert_int_equal(problems.count, 0);
  problems_fini(&problems);
  definition_destroy(definition);
}

/* --- the document --- */

#define OTHER_HEAD(name, version, from, teams) \
  "'handover': 1, 'name': " name ", 'version': " version ", 'effective_from': " from ", 'teams': " teams ","
#define FROM "'2026-01-01T00:00:00Z'"

static void the_document(void **state) {
  static const struct wrong table[] = {
      {HEAD, OTHER_HEAD("^'N'", "1", FROM, "['m', 's']"), "/name", "1 to 64 of a-z 0-9 - _ ."},
      {HEAD, OTHER_HEAD("^''", "1", FROM, "['m', 's']"), "/name", "1 to 64"},
      {HEAD, OTHER_HEAD("^7", "1", FROM, "['m', 's']"), "/name", "must be text, in double quotes; this is a number"},
      {HEAD, OTHER_HEAD("'n'", "^0", FROM, "['m', 's']"), "/version", "from 1 to 2147483647; this is 0"},
      {HEAD, OTHER_HEAD("'n'", "^1.5", FROM, "['m', 's']"), "/version", "whole number"},
      {HEAD, OTHER_HEAD("'n'", "^'1'", FROM, "['m', 's']"), "/version", "must be a number, without quotes"},
      {HEAD, OTHER_HEAD("'n'", "1", "^'2026-02-30T00:00:00Z'", "['m', 's']"), "/effective_from", "must be a time like"},
      {HEAD, OTHER_HEAD("'n'", "1", FROM, "['m', ^'m', 's']"), "/teams/1", "another team called \"m\""},
      {HEAD, OTHER_HEAD("'n'", "1", FROM, "['m', 's', ^7]"), "/teams/2", "must be text"},
      {HEAD, OTHER_HEAD("'n'", "1", FROM, "['m', 's', ^{'': 'x'}]"), "/teams/2", "must be text"},
      {MORE, ",^'slos': []", "/slos", "a definition has no member \"slos\"; did you mean \"slas\"?"},
      {MORE, ",^'xylophone': []", "/xylophone", "it can have: handover, name, version"},
      {MORE, ",'summary': ^1", "/summary", "must be text"},
      {MORE, ",'description': ^null", "/description", "must be text, in double quotes; this is null"},
      {MORE, ",'lateness': ^'05m'", "/lateness", "no leading zero"},
      {MORE, ",'lateness': ^5", "/lateness", "must be text"},
      {MORE, ",'lateness': ^'1000000s'", "/lateness", "must be a duration like \"90s\""},
      {MORE, ",'review_every': ^'7m'", "/review_every", "divide a day"},
      {MORE, ",'deduplicate': ^65", "/deduplicate", "from 0 to 64; this is 65"},
      {MORE, ",'deduplicate': ^-1", "/deduplicate", "from 0 to 64; this is -1"},
      {MORE, ",'deduplicate': ^1e999", "/deduplicate", "is too large; numbers are IEEE doubles"},
      {MORE, ",'lateness': '1s', ^'lateness': '2s'", "/lateness", "is there already, in line 8"},
      {MORE, ",'lateness': '1s', ^'\\u006cateness': '2s'", "/lateness", "is there already"},
      {MORE, ",'summary': 'a^\\u0000b'", "/summary", "\\u0000 cannot stand"},
      {MORE, ",'$schema': ^1", "/$schema", "which editors read, must be text"},
      {MORE, ",'signoffs': ^{}", "/signoffs", "must be a list"},
      {MORE, ",'signoffs': [^{'team': 'm', 'by': 'x', 'at': 'y', 'key': 'z'}]", "/signoffs/0",
       "\"signature\" is missing"},
      {MORE, ",'signoffs': [{'team': 'm', 'by': 'x', 'at': 'y', 'key': ^7, 'signature': ''}]", "/signoffs/0/key",
       "text"},
  };
  (void)state;
  EXPECT_WRONG(table);
  expect_good(MORE, "");
  expect_good(HEAD, OTHER_HEAD("'a-_.9'", "2147483647", "'2199-12-31T23:59:59.999+00:00'", "['m', 's', 'x']"));
  expect_good(HEAD, OTHER_HEAD("'n'", "10e-1", FROM, "['m', 's']"));
  expect_good(MORE, ",'$schema': './definition.schema.json'");
  expect_good(
      MORE, ",'deduplicate': 6.40e1, 'lateness': '3650d', 'review_every': '86400s', 'description': '', 'signoffs': []");
  expect_good(
      MORE,
      ",'signoffs': [{'team': 'x', 'by': '', 'at': 'y', 'key': 'z', 'signature': '='}] // no agreement, no error");
}

static void not_even_a_document(void **state) {
  static const struct {
    const char *text;
    int line, column;
    const char *words;
  } table[] = {
      {"", 1, 1, ""},
      {"[]", 1, 1, "must be an object"},
      {"\n 7", 2, 2, "must be an object"},
      {"{}", 1, 1, ""},
      {"{\n  'a': 1", 2, 4, ""},
      {"\xEF\xBB\xBF{}", 1, 1, "byte order mark"},
      {"{ /* x\n", 1, 3, "comment does not end"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    struct problems problems;
    assert_null(definition_parse(table[i].text, strlen(table[i].text), &problems));
    assert_true(problems.count >= 1);
    assert_int_equal(problems.at[0].line, table[i].line);
    if (*table[i].words) {
      assert_int_equal(problems.at[0].column, table[i].column);
      assert_non_null(strstr(problems.at[0].message, table[i].words));
    }
    problems_fini(&problems);
  }
}

/* --- events and attributes --- */

static void events_and_attributes(void **state) {
  static const struct wrong table[] = {
      {EVENTS, "'events': ^'segmnet',", "/events", "did you mean \"segment\"?"},
      {EVENTS, "'events': ^7,", "/events", "a preset's name, or an object"},
      {EVENTS, "'events': ^{'lead': '/a', 'time': '/b'},", "/events", "\"name\" is missing"},
      {EVENTS, "'events': {'lead': ['/a', ^'@timestamp'], 'time': '/b', 'name': '/c'},", "/events/lead/1", "and @key"},
      {EVENTS, "'events': {'lead': '/a', 'time': ^[], 'name': '/c'},", "/events/time", "empty list"},
      {EVENTS, "'events': {'lead': '/a', 'time': [^7], 'name': '/c'},", "/events/time/0",
       "a JSON Pointer must be text"},
      {EVENTS, "'events': {'lead': '/a', 'time': '/b', 'name': ^'/~2'},", "/events/name", "~0 is ~, ~1 is /"},
      {EVENTS, "'events': {'lead': '/a', 'time': '/b', 'name': '/c', ^'ids': '/d'},", "/events/ids", "mean \"id\"?"},
      {EVENTS, "'events': {'lead': '/a', 'time': '/b', 'name': '/c', 'max_ahead': ^'5'},", "/events/max_ahead",
       "duration"},
      {ATTRIBUTES, "'attributes': {'t': ^'t', 'n': '/n'},", "/attributes/t", "did you mean \"/t\"?"},
      {ATTRIBUTES, "'attributes': {'t': ^'@key', 'n': '/n'},", "/attributes/t", "only some parts of \"events\""},
      {ATTRIBUTES, "'attributes': {'t': {'at': '/t', 'type': ^'txt'}, 'n': '/n'},", "/attributes/t/type",
       "mean \"text\"?"},
      {ATTRIBUTES, "'attributes': {'t': {'at': '/t', 'share': ^'no'}, 'n': '/n'},", "/attributes/t/share",
       "true or false"},
      {ATTRIBUTES, "'attributes': {'t': ^{'type': 'text'}, 'n': '/n'},", "/attributes/t", "\"at\" is missing"},
      {ATTRIBUTES, "'attributes': {'t': '/t', 'n': '/n', ^'': '/x'},", "/attributes/", "1 to 255 bytes; this has 0"},
      {ATTRIBUTES, "'attributes': ^[],", "/attributes",
       "must be an object, in braces, with a member for each attribute"},
  };
  (void)state;
  EXPECT_WRONG(table);
  expect_good(EVENTS, "'events': 'cloudevents',");
  expect_good(EVENTS,
              "'events': {'lead': ['/a', '@key', ''], 'time': '@timestamp', 'name': '@key', 'description': 'x'},");
  expect_good(ATTRIBUTES,
              "'attributes': {'t': ['/a~0~1', '/a/'], 'n': {'at': ['', '/n'], 'type': 'boolean', 'share': false}},");
}

/* --- conditions --- */

static void conditions(void **state) {
  static const struct wrong table[] = {
      {CRITERIA, "'criteria': {'c': ^7},", "/criteria/c",
       "a criterion's name or an object, in braces; this is a number"},
      {CRITERIA, "'criteria': {'c': ^['c', 'd']},", "/criteria/c",
       "this is a list; for several say {\"all\": [...]} or {\"any\": [...]}"},
      {CRITERIA, "'criteria': {'c': ^{}},", "/criteria/c", "a condition cannot be empty"},
      {CRITERIA, "'criteria': {'c': {^'none': []}},", "/criteria/c/none", "there are: all, any, not"},
      {CRITERIA, "'criteria': {'c': {^'atribute': 't', 'is': 1}},", "/criteria/c/atribute",
       "did you mean \"attribute\"?"},
      {CRITERIA, "'criteria': {'c': {'all': ['d'], ^'any': ['d']}, 'd': {'quiet_for': '1d'}},", "/criteria/c/any",
       "one form"},
      {CRITERIA, "'criteria': {'c': {'attribute': ^'T', 'is': 1}},", "/criteria/c/attribute", "did you mean \"t\"?"},
      {CRITERIA, "'criteria': {'c': ^{'attribute': 't'}},", "/criteria/c",
       "with is, in, like, at_least, at_most, above, below or present"},
      {CRITERIA, "'criteria': {'c': {'attribute': 't', ^'iss': 1}},", "/criteria/c/iss", "did you mean \"is\"?"},
      {CRITERIA, "'criteria': {'c': {'attribute': 't', 'is': 1, ^'in': [1]}},", "/criteria/c/in",
       "\"is\" is there already"},
      {CRITERIA, "'criteria': {'c': {'attribute': 't', 'is': ^[1]}},", "/criteria/c/is", "this is a list"},
      {CRITERIA, "'criteria': {'c': {'attribute': 't', 'in': ['a', ^{}]}},", "/criteria/c/in/1", "this is an object"},
      {CRITERIA, "'criteria': {'c': {'attribute': 't', 'in': ^'a'}},", "/criteria/c/in", "must be a list"},
      {CRITERIA, "'criteria': {'c': {'attribute': 't', 'like': ['a*', ^7]}},", "/criteria/c/like/1", "must be text"},
      {CRITERIA, "'criteria': {'c': {'attribute': 'n', 'above': ^'7'}},", "/criteria/c/above",
       "number, without quotes"},
      {CRITERIA, "'criteria': {'c': {'attribute': 'n', 'present': ^'true'}},", "/criteria/c/present", "true or false"},
      {CRITERIA, "'criteria': {'c': {'score': ^'fitt', 'above': 1}},", "/criteria/c/score", "did you mean \"fit\"?"},
      {CRITERIA, "'criteria': {'c': {'score': 'fit', ^'is': 1}},", "/criteria/c/is", "it can have: score, at_least"},
      {CRITERIA, "'criteria': {'c': {'score': 'fit', 'above': ^0.0000001}},", "/criteria/c/above",
       "at most 6 decimals"},
      {CRITERIA, "'criteria': {'c': {'score': 'fit', 'above': ^1000000000.000001}},", "/criteria/c/above",
       "1000000000"},
      {CRITERIA, "'criteria': {'c': {^'scor': 'e', 'at_least': 2}},", "/criteria/c/scor", "did you mean \"score\"?"},
      {CRITERIA, "'criteria': {'c': ^{'at_least': 2}},", "/criteria/c", "\"of\" is missing"},
      {CRITERIA, "'criteria': {'c': {'at_least': ^0, 'of': [{'quiet_for': '1d'}]}},", "/criteria/c/at_least",
       "from 1 to 1"},
      {CRITERIA, "'criteria': {'c': {'at_least': ^2, 'of': [{'quiet_for': '1d'}]}},", "/criteria/c/at_least",
       "from 1 to 1"},
      {CRITERIA, "'criteria': {'c': {'quiet_for': ^'1y'}},", "/criteria/c/quiet_for", "must be a duration"},
      {CRITERIA, "'criteria': {'c': {'happened': 'E', 'times': ^0}},", "/criteria/c/times", "from 1 to 32"},
      {CRITERIA, "'criteria': {'c': {'happened': 'E', ^'time': 2}},", "/criteria/c/time", "did you mean \"times\"?"},
      {CRITERIA, "'criteria': {'c': {'happened': ['E', ^'*']}},", "/criteria/c/happened/1", "stands alone"},
      {CRITERIA, "'criteria': {'c': {'happened': ^''}},", "/criteria/c/happened",
       "an event's name must have 1 to 255 bytes"},
      {CRITERIA, "'criteria': {'c': {'happened': ^{'where': {}}}},", "/criteria/c/happened", "\"name\" is missing"},
      {CRITERIA, "'criteria': {'c': {'happened': {'name': 'E', 'where': {^'p': {'is': 1}}}}},",
       "/criteria/c/happened/where/p", "did you mean \"/p\"?"},
      {CRITERIA, "'criteria': {'c': {'happened': {'name': 'E', 'where': {'/p': ^{}}}}},",
       "/criteria/c/happened/where/~1p", "say how to compare"},
      {CRITERIA, "'criteria': {'c': {'happened': {'name': 'E', 'where': {'/p': ^1}}}},",
       "/criteria/c/happened/where/~1p", "a comparison must be an object"},
      {CRITERIA, "'criteria': {'c': {'all': [^'C']}},", "/criteria/c/all/0", "did you mean \"c\"?"},
      {CRITERIA, "'criteria': {'c': {^'event': 'E'}},", "/criteria/c/event", "a criterion cannot use \"event\""},
      {CRITERIA, "'criteria': {'c': {'attribute': 't', 'is': 1, ^'description': 'x'}},", "/criteria/c/description",
       "apart"},
      {CRITERIA, "'criteria': {'c': {'when': {'quiet_for': '1d'}, ^'then': 1}},", "/criteria/c/then", "mean \"when\"?"},
      {CRITERIA, "'criteria': {'c': {'all': [^'c']}},", "/criteria/c/all/0", "cannot use itself: \"c\" uses \"c\""},
      {CRITERIA, "'criteria': {'c': 'd', 'd': {'any': ['e', 'e']}, 'e': {'not': ^'c'}},", "/criteria/e/not",
       "\"c\" uses \"d\" uses \"e\" uses \"c\""},
      {STAGES, "'stages': [{'name': 'a', 'owner': 'm'}, {'name': 'b', 'owner': 's', 'enter': ^'d'}]", "/stages/1/enter",
       "there is no criterion \"d\"; there are: c"},
  };
  (void)state;
  EXPECT_WRONG(table);
  expect_good(CRITERIA, "'criteria': {'c': {'when': {'happened': '*'}}, 'd': {'description': '', 'when': 'c'}},");
  expect_good(CRITERIA,
              "'criteria': {'c': {'happened': {'name': ['E', 'E'], 'where': {}, 'description': ''}, 'times': 32}},");
  expect_good(
      CRITERIA,
      "'criteria': {'c': {'all': [{'score': 'e', 'below': -1e9}, {'attribute': 't', 'in': ['', 1e300, true]}]}},");
}

/* --- scores --- */

#define ONE_RULE(rule) "'scores': {'fit': {'from': 'events', 'rules': [" rule "]}},"
#define RULE(more) ONE_RULE("{'name': 'r', 'event': 'E', 'points': 1" more "}")

static void scores(void **state) {
  static const struct wrong table[] = {
      {SCORES, "'scores': {'fit': ^[]},", "/scores/fit", "a score must be an object"},
      {SCORES, "'scores': {'fit': ^{'rules': []}},", "/scores/fit", "\"from\" is missing"},
      {SCORES, "'scores': {'fit': {'from': ^'evnts', 'rules': []}},", "/scores/fit/from", "did you mean \"events\"?"},
      {SCORES,
       "'scores': {'fit': {'from': 'scores', ^'rules': [], 'of': ['e']}, 'e': {'from': 'events', 'rules': [{'name': "
       "'r', "
       "'event': 'E', 'points': 1}]}},",
       "/scores/fit/rules", "a score from scores has no member"},
      {SCORES, "'scores': {'fit': {'from': 'scores', 'of': [^'fit']}},", "/scores/fit/of/0", "cannot use itself"},
      {SCORES,
       "'scores': {'fit': {'from': 'events', 'half_life': ^'90s', 'rules': [{'name': 'r', 'event': 'E', 'points': "
       "1}]}},",
       "/scores/fit/half_life", "whole number of minutes"},
      {SCORES,
       "'scores': {'fit': {'from': 'events', 'max': ^-1, 'rules': [{'name': 'r', 'event': 'E', 'points': 1}]}},",
       "/scores/fit/max", "0 where nothing is said"},
      {SCORES,
       "'scores': {'fit': {'from': 'events', 'min': ^3, 'max': 2, 'rules': [{'name': 'r', 'event': 'E', 'points': "
       "1}]}},",
       "/scores/fit/min", "\"min\" cannot be above \"max\""},
      {SCORES, "'scores': {'fit': {'from': 'attributes', 'rules': [{'name': 'r', 'when': ^'c', 'points': 1}]}},",
       "/scores/fit/rules/0/when", "a score's rule cannot use criteria"},
      {SCORES,
       "'scores': {'fit': {'from': 'attributes', 'rules': [{'name': 'r', 'when': {'not': {^'happened': 'E'}}, "
       "'points': 1}]}},",
       "/scores/fit/rules/0/when/not/happened", "a score's rule cannot use \"happened\""},
      {SCORES,
       "'scores': {'fit': {'from': 'attributes', 'rules': [{'name': 'r', 'when': {'attribute': 't', 'is': ''}, "
       "'points': 1, "
       "^'cap': 1}]}},",
       "/scores/fit/rules/0/cap", "a rule of a score from attributes has no member \"cap\""},
      {SCORES, ONE_RULE("^7"), "/scores/fit/rules/0", "must be an object"},
      {SCORES, ONE_RULE("^{'name': 'r', 'points': 1}"), "/scores/fit/rules/0",
       "must say \"event\", or \"quiet_every\""},
      {SCORES, ONE_RULE("{'name': 'r', ^'evnt': 'E', 'points': 1}"), "/scores/fit/rules/0/evnt",
       "did you mean \"event\"?"},
      {SCORES, ONE_RULE("{'name': 'r', 'event': 'E', 'points': ^0.0}"), "/scores/fit/rules/0/points", "cannot be 0"},
      {SCORES, ONE_RULE("{'name': 'r', 'event': 'E', 'points': ^1.2345}"), "/scores/fit/rules/0/points", "3 decimals"},
      {SCORES, ONE_RULE("{'name': 'r', 'event': 'E', 'points': ^-10000.1}"), "/scores/fit/rules/0/points",
       "from -10000"},
      {SCORES, ONE_RULE("{'name': 'r', 'event': 'E', 'points': 1}, {'name': ^'r', 'event': 'F', 'points': 1}"),
       "/scores/fit/rules/1/name", "another rule called \"r\""},
      {SCORES, ONE_RULE("{'name': 'r', 'quiet_every': ^'3599s', 'points': 1}"), "/scores/fit/rules/0/quiet_every",
       "1h"},
      {SCORES, RULE(", 'cap': ^-1"), "/scores/fit/rules/0/cap", "above 0"},
      {SCORES, RULE(", ^'fading': false"), "/scores/fit/rules/0/fading", "goes with \"lasts\""},
      {SCORES, RULE(", 'lasts': '1d', 'keep': ^257"), "/scores/fit/rules/0/keep", "from 1 to 256"},
      {SCORES, RULE(", 'lasts': '1d', 'fading': ^1"), "/scores/fit/rules/0/fading", "true or false"},
      {SCORES, RULE(", 'at_most': ^3"), "/scores/fit/rules/0/at_most", "must be an object"},
      {SCORES, RULE(", 'at_most': ^{'per': '1d'}"), "/scores/fit/rules/0/at_most", "\"times\" is missing"},
      {SCORES, RULE(", 'at_most': {'times': 1, ^'prr': '1d'}"), "/scores/fit/rules/0/at_most/prr",
       "did you mean \"per\"?"},
  };
  (void)state;
  EXPECT_WRONG(table);
  expect_good(
      SCORES,
      RULE(", 'cap': 1000000000, 'lasts': '1s', 'fading': true, 'keep': 256, 'at_most': {'times': 32, 'per': '1s'}"));
  expect_good(SCORES, ONE_RULE("{'name': 'r', 'event': 'E', 'points': 1000.0000e-3}"));
  expect_good(SCORES, ONE_RULE("{'name': 'r', 'event': 'E', 'points': 0.00000000000000000000000000000001e32}"));
  expect_good(
      SCORES,
      "'scores': {'fit': {'from': 'scores', 'of': ['e', 'e'], 'min': -1e9, 'max': -1e9}, 'e': {'from': 'events', "
      "'half_life': '60s', 'rules': [{'name': 'r', 'event': 'E', 'points': -0.001}]}},");
}

/* --- stages, moves, SLAs, routes --- */

#define MOVE(text) ", 'moves': [{'name': 'x', " text "}]"

static void stages_and_moves(void **state) {
  static const struct wrong table[] = {
      {STAGES, "'stages': [^'a']", "/stages/0", "a stage must be an object"},
      {STAGES, "'stages': [^{'name': 'a'}]", "/stages/0", "\"owner\" is missing"},
      {STAGES, "'stages': [{'name': 'a', ^'ownr': 'm'}]", "/stages/0/ownr", "did you mean \"owner\"?"},
      {STAGES, "'stages': [{'name': ^'*', 'owner': 'm'}]", "/stages/0/name", "no stage can be called \"*\""},
      {STAGES, "'stages': [{'name': 'a', 'owner': ^'M2'}]", "/stages/0/owner",
       "there is no team \"M2\"; there are: m, s"},
      {STAGES, "'stages': [{'name': 'a', 'owner': 'm', ^'enter': 'c'}]", "/stages/0/enter", "every new lead is in it"},
      {STAGES, "'stages': [{'name': 'a', 'owner': 'm', 'route': ^true}]", "/stages/0/route", "cannot route"},
      {STAGES,
       "'stages': [{'name': 'a', 'owner': 'm'}, {'name': 'b', 'owner': 'm', 'off_ladder': true, ^'enter': 'c'}]",
       "/stages/1/enter", "a stage off the ladder has no \"enter\""},
      {STAGES, "'stages': [{'name': 'a', 'owner': 'm'}, {'name': ^'a', 'owner': 'm'}]", "/stages/1/name",
       "another stage"},
      {MORE, ", 'replaces': {'x': ^'z'}", "/replaces/x", "there is no stage \"z\"; there are: a, b, o"},
      {MORE, ", 'replaces': {^'b': 'a'}", "/replaces/b", "still there"},
      {MORE, ", 'replaces': ^[]", "/replaces", "must be an object"},
      {MORE, ", 'moves': ^{}", "/moves", "must be a list"},
      {MORE, ", 'moves': [^{'name': 'x', 'from': 'a', 'to': 'o'}]", "/moves/0", "\"when\", \"after\" or both"},
      {MORE, MOVE("'from': 'a', 'to': 'o', ^'wen': 'c'"), "/moves/0/wen", "did you mean \"when\"?"},
      {MORE, MOVE("'from': ^'A1', 'to': 'o', 'after': '1d'"), "/moves/0/from", "there is no stage"},
      {MORE, MOVE("'from': ['a', ^'*'], 'to': 'o', 'after': '1d'"), "/moves/0/from/1", "stands alone"},
      {MORE, MOVE("'from': ['a', ^'o'], 'to': 'o', 'after': '1d'"), "/moves/0/from/1", "cannot start there"},
      {MORE, MOVE("'from': 'a', 'to': ^['o'], 'after': '1d'"), "/moves/0/to", "the stage's name must be text"},
      {MORE, MOVE("'from': 'a', 'to': 'o', 'after': '1d', 'when': {'all': ['c', {^'event': 'E'}]}"),
       "/moves/0/when/all/1/event", "a move with \"after\" cannot use \"event\""},
      {MORE, MOVE("'from': 'a', 'to': 'o', 'after': '1d', 'reason': ^'x'"), "/moves/0/reason", "did you mean \"/x\"?"},
      {MORE, MOVE("'from': 'a', 'to': 'o', 'after': '1d', 'reset': ^'e'"), "/moves/0/reset", "must be a list"},
      {MORE, MOVE("'from': 'a', 'to': 'o', 'after': '1d', 'reset': ['e', ^'fit']"), "/moves/0/reset/1",
       "from attributes"},
      {MORE, MOVE("'from': 'a', 'to': 'o', 'after': '1d'}, {'name': ^'x', 'from': 'b', 'to': 'o', 'when': 'c'"),
       "/moves/1/name", "another move called \"x\""},
  };
  (void)state;
  EXPECT_WRONG(table);
  expect_good(STAGES, "'stages': [{'name': 'a', 'owner': 'm', 'route': false, 'off_ladder': false}]");
  expect_good(MORE, ", 'replaces': {'x': 'a', 'y': 'a'}" MOVE(
                        "'from': '*', 'to': 'o', 'when': {'event': 'E'}, 'reset': ['e']"));
  expect_good(MORE,
              ", 'replaces': {}" MOVE("'from': 'o', 'to': 'o', 'after': '1d', 'when': {'score': 'e', 'above': 1}"));
}

#define SLA(text) ", 'slas': [{'name': 'x', 'stage': 'b', " text "}]"

static void slas_and_routes(void **state) {
  static const struct wrong table[] = {
      {MORE, ", 'slas': [^{'name': 'x', 'stage': 'b', 'met_by': 'E'}]", "/slas/0", "\"within\" is missing"},
      {MORE, ", 'slas': [{'name': 'x', 'stage': ^'B2', 'within': '1h', 'met_by': 'E'}]", "/slas/0/stage",
       "no stage \"B2\""},
      {MORE, SLA("'within': '1h', 'met_by': 'E', 'calendar': ^'W'"), "/slas/0/calendar", "did you mean \"w\"?"},
      {MORE, SLA("'within': ^'3650d', 'met_by': 'E', 'calendar': 'w'"), "/slas/0/within", "not end within ten years"},
      {MORE, SLA("'within': '1h', 'met_by': ^7"), "/slas/0/met_by", "an event's name must be text"},
      {MORE, SLA("'within': '1h', 'met_by': {'name': 'E', 'where': ^[]}"), "/slas/0/met_by/where", "must be an object"},
      {CALENDARS,
       "'slas': [{'name': 'x', 'stage': 'b', 'met_by': 'E', 'within': ^'1s', 'calendar': 'w'}], "
       "'calendars': {'w': {'hours': {}}},",
       "/slas/0/within", "this would never end"},
      {MORE, ", 'routes': [^{'members': ['x']}]", "/routes/0", "\"queue\" is missing"},
      {MORE, ", 'routes': [{'queue': ^''}]", "/routes/0/queue", "the queue's name must have 1 to 255 bytes"},
      {MORE, ", 'routes': [{'queue': 'q', 'when': 'c'}, {'queue': ^'q'}]", "/routes/1/queue",
       "another queue called \"q\""},
      {MORE, ", 'routes': [{'queue': 'q', 'members': ^[]}]", "/routes/0/members", "empty list"},
      {MORE, ", 'routes': [{'queue': 'q', 'members': ['x', {'name': ^'x'}]}]", "/routes/0/members/1/name",
       "another member"},
      {MORE, ", 'routes': [{'queue': 'q', 'members': [^7]}]", "/routes/0/members/0", "a name, or an object"},
      {MORE, ", 'routes': [{'queue': 'q', 'members': [{'name': 'x', 'weight': ^1.5}]}]", "/routes/0/members/0/weight",
       "100"},
  };
  (void)state;
  EXPECT_WRONG(table);
  expect_good(MORE, SLA("'within': '2h', 'met_by': '*', 'calendar': 'w'"));
  expect_good(MORE,
              ", 'routes': [{'queue': 'q', 'when': {'event': 'E'}, 'members': [{'name': 'x', 'weight': 100}, 'y']}]");
}

/* --- calendars --- */

#define HOURS(text) "'calendars': {'w': {'hours': {" text "}}},"
#define WORK "'hours': {'mon': ['09:00-17:00']}"

static void calendars(void **state) {
  static const struct wrong table[] = {
      {CALENDARS, "'calendars': {'w': ^{}},", "/calendars/w", "\"hours\" is missing"},
      {CALENDARS, "'calendars': {'w': {'hours': ^[]}},", "/calendars/w/hours", "must be an object"},
      {CALENDARS,
       "'slas': [{'name': 'x', 'stage': 'b', 'met_by': 'E', 'within': '1s', 'calendar': 'w'}], ^'calendar': {},",
       "/calendar", "did you mean \"calendars\"?"},
      {CALENDARS, HOURS("^'Mon': ['09:00-17:00']"), "/calendars/w/hours/Mon", "days must be like"},
      {CALENDARS, HOURS("^'mon-': ['09:00-17:00']"), "/calendars/w/hours/mon-", "days must be like"},
      {CALENDARS, HOURS("^'sun-mon': ['09:00-17:00']"), "/calendars/w/hours/sun-mon", "in this order"},
      {CALENDARS, HOURS("'mon-wed': ['09:00-17:00'], ^'tue': ['18:00-19:00']"), "/calendars/w/hours/tue",
       "there already"},
      {CALENDARS, HOURS("'mon': ^'09:00-17:00'"), "/calendars/w/hours/mon", "must be a list"},
      {CALENDARS, HOURS("'mon': [^'09:00-09:00']"), "/calendars/w/hours/mon/0", "opening hours must be like"},
      {CALENDARS, HOURS("'mon': [^'09:00-24:01']"), "/calendars/w/hours/mon/0", "up to 24:00"},
      {CALENDARS, HOURS("'mon': ['09:00-12:00', ^'11:59-13:00']"), "/calendars/w/hours/mon/1", "do not overlap"},
      {CALENDARS, "'calendars': {'w': {" WORK ", 'holidays': ^[]}},", "/calendars/w/holidays", "empty list"},
      {CALENDARS, "'calendars': {'w': {" WORK ", 'holidays': [^'2027-02-29']}},", "/calendars/w/holidays/0",
       "a date like"},
      {CALENDARS, "'calendars': {'w': {" WORK ", 'holidays': [^20270201]}},", "/calendars/w/holidays/0",
       "must be text"},
      {CALENDARS, "'calendars': {'w': {" WORK ", 'offsets': [^['1970-01-01T00:00:00Z']]}},", "/calendars/w/offsets/0",
       "like ["},
      {CALENDARS, "'calendars': {'w': {" WORK ", 'offsets': [['1970-01-01T00:00:00Z', ^'1:00']]}},",
       "/calendars/w/offsets/0/1", "must be like \"+01:00\""},
      {CALENDARS, "'calendars': {'w': {" WORK ", 'offsets': [[^'1970-01-02T00:00:00Z', '+01:00']]}},",
       "/calendars/w/offsets/0/0", "must hold from"},
      {CALENDARS, "'calendars': {'w': {" WORK ", ^'holiday': ['2026-01-01']}},", "/calendars/w/holiday",
       "mean \"holidays\"?"},
  };
  (void)state;
  EXPECT_WRONG(table);
  expect_good(CALENDARS, HOURS("'mon-mon': ['00:00-24:00'], 'tue-sun': ['00:00-00:01', '00:01-00:02']"));
  expect_good(CALENDARS, "'calendars': {'w': {" WORK
                         ", 'holidays': ['2028-02-29', '2026-01-01', '2026-01-01'], 'offsets': "
                         "[['1970-01-01T01:00:00+01:00', '-23:59'], ['2026-01-01T00:00:00.001Z', '+23:59']]}},");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_document),
      cmocka_unit_test(not_even_a_document),
      cmocka_unit_test(events_and_attributes),
      cmocka_unit_test(conditions),
      cmocka_unit_test(scores),
      cmocka_unit_test(stages_and_moves),
      cmocka_unit_test(slas_and_routes),
      cmocka_unit_test(calendars),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
