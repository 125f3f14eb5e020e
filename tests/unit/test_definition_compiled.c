/* test_definition_compiled.c: what a good definition becomes; all problems of a bad one in one go, in the order of the document,
 * up to the cap; the sample; files; how much open time ten years have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/definition_compile.h"
#include "consumer/engine/plan.h"

static struct definition *parsed(const char *text) {
  struct problems problems;
  struct definition *d = definition_parse(text, strlen(text), &problems);
  for (size_t i = 0; i < problems.count; i++) {
    print_error("%d:%d %s: %s\n", problems.at[i].line, problems.at[i].column, problems.at[i].pointer,
                problems.at[i].message);
  }
  assert_non_null(d);
  problems_fini(&problems);
  return d;
}

static bool is(struct slice slice, const char *text) { return slice_equal(slice, slice_of(text)); }

/* --- what it becomes --- */

static const char document[] =
    "// The whole language, in little.\n"
    "{\"handover\": 1, \"name\": \"d\", \"version\": 7, \"effective_from\": \"2026-01-01T00:00:00Z\", /* teams */ "
    "\"teams\": "
    "[\"m\", \"s\"],\n"
    "\"events\": {\"lead\": [\"/u\", \"@key\"], \"time\": [\"/t\", \"@timestamp\"], \"name\": \"/n\", \"max_ahead\": "
    "\"1m\"},\n"
    "\"attributes\": {\"email\": [\"/e~1mail\", \"/u\"], \"size\": {\"at\": \"/size\", \"type\": \"number\", "
    "\"share\": false}},\n"
    "\"criteria\": {\"big\": {\"attribute\": \"size\", \"above\": 2.5},\n"
    "  \"often\": {\"when\": {\"happened\": {\"name\": [\"Visit\", \"Call\", \"Visit\"], \"description\": \"any\"}, "
    "\"times\": 3, "
    "\"within\": \"1d\"}},\n"
    "  \"often too\": {\"all\": [{\"happened\": {\"name\": [\"Visit\", \"Call\", \"Visit\"]}, \"within\": \"1d\", "
    "\"times\": 3}]}},\n"
    "\"scores\": {\"all\": {\"from\": \"scores\", \"of\": [\"e\", \"fit\"], \"min\": -1.5},\n"
    "  \"fit\": {\"from\": \"attributes\", \"rules\": [{\"name\": \"r\", \"when\": {\"not\": {\"attribute\": "
    "\"email\", \"like\": "
    "[\"*@x\", \"y\"]}}, \"points\": -0.125}]},\n"
    "  \"e\": {\"from\": \"events\", \"half_life\": \"2h\", \"max\": 10, \"rules\": [\n"
    "    {\"name\": \"p\", \"event\": {\"name\": \"*\", \"where\": {\"/p/q\": {\"at_least\": 3}, \"/p\": {\"is\": "
    "\"x\"}}}, "
    "\"points\": 1, \"cap\": 2.5, \"at_most\": {\"times\": 2, \"per\": \"1h\"}},\n"
    "    {\"name\": \"w\", \"event\": \"Call\", \"points\": 2, \"lasts\": \"1d\", \"fading\": true},\n"
    "    {\"name\": \"q\", \"quiet_every\": \"1d\", \"points\": -3}]}},\n"
    "\"stages\": [{\"name\": \"a\", \"owner\": \"m\"}, {\"name\": \"b\", \"owner\": \"s\", \"route\": true, \"enter\": "
    "{\"at_least\": 1, "
    "\"of\": [\"big\", {\"event\": \"Call\"}]}}, {\"name\": \"o\", \"owner\": \"s\", \"off_ladder\": true}],\n"
    "\"moves\": [{\"name\": \"out\", \"from\": \"*\", \"to\": \"o\", \"when\": {\"score\": \"all\", \"below\": "
    "0.000001}, \"reason\": "
    "\"/p\", \"reset\": [\"e\"]}, {\"name\": \"back\", \"from\": [\"o\", \"b\"], \"to\": \"a\", \"after\": \"2w\"}],\n"
    "\"slas\": [{\"name\": \"s\", \"stage\": \"b\", \"within\": \"4h\", \"calendar\": \"w\", \"met_by\": [\"Call\", "
    "\"Answer\"]}],\n"
    "\"routes\": [{\"queue\": \"q\", \"members\": [\"x\", {\"name\": \"y\", \"weight\": 3}]}],\n"
    "\"calendars\": {\"w\": {\"hours\": {\"mon-tue\": [\"00:00-12:00\", \"12:00-24:00\"], \"sun\": [\"09:30-10:00\"]}, "
    "\"holidays\": [\"2026-12-25\", \"1970-01-02\", \"2026-12-25\"],\n"
    "  \"offsets\": [[\"1970-01-01T00:00:00Z\", \"-05:30\"], [\"2026-01-01T00:00:00Z\", \"+01:00\"]]}},\n"
    "\"lateness\": \"10s\", \"replaces\": {\"old\": \"b\"}}";

static void the_head_and_where_things_stand(void **state) {
  (void)state;
  struct definition *d = parsed(document);
  assert_true(is(d->name, "d") && d->version == 7 && !d->agreed);
  assert_int_equal(d->effective_from_ms, INT64_C(1767225600000));
  assert_int_equal(d->max_ahead_ms, 60000);
  assert_int_equal(d->lateness_ms, 10000);
  assert_int_equal(d->review_every_ms, 86400000);
  assert_int_equal(d->deduplicate, 16);
  assert_int_equal(d->digest.length, 71);
  assert_memory_equal(d->digest.at, "sha256:", 7);
  assert_int_equal(d->lead.count, 2);
  assert_int_equal(d->lead.at[0].kind, SOURCE_FIELD);
  assert_int_equal(d->lead.at[1].kind, SOURCE_KEY);
  assert_int_equal(d->time.at[1].kind, SOURCE_TIMESTAMP);
  assert_int_equal(d->id.count, 0);
  assert_int_equal(d->field_count, 7); /* /u /t /n /e~1mail /size /p/q /p: each once */
  const struct field *mail = &d->fields[d->attributes[0].fields[0]];
  assert_true(mail->token_count == 1 && is(mail->tokens[0], "e/mail") && !mail->numeric);
  assert_int_equal(d->attributes[0].fields[1], d->lead.at[0].field);
  assert_true(d->fields[d->attributes[1].fields[0]].numeric && d->attributes[1].type == ATTRIBUTE_NUMBER);
  assert_true(d->attributes[0].share && !d->attributes[1].share);
  definition_destroy(d);
}

static void patterns_and_conditions(void **state) {
  (void)state;
  struct definition *d = parsed(document);
  assert_int_equal(d->name_count, 3);
  assert_true(is(d->names[0], "Answer") && is(d->names[1], "Call") && is(d->names[2], "Visit"));
  assert_int_equal(d->happened_count, 1); /* the same but for order and description */
  const struct happened *h = &d->happened[0];
  assert_true(is(h->text, "{\"happened\":{\"name\":[\"Visit\",\"Call\",\"Visit\"]},\"times\":3,\"within\":\"1d\"}"));
  assert_true(h->times == 3 && h->within_ms == 86400000);
  const struct pattern *p = &d->patterns[h->pattern];
  assert_true(p->name_count == 2 && p->names[0] == 1 && p->names[1] == 2 && !p->every_name);
  assert_int_equal(d->criteria[1].when->kind, CONDITION_HAPPENED);
  assert_int_equal(d->criteria[2].when->children[0]->index, d->criteria[1].when->index);
  assert_true(d->criteria[0].when->compare.op == OP_ABOVE);
  assert_true(d->criteria[0].when->compare.operands[0].number == 2.5);
  const struct condition *enter = d->stages[1].enter;
  assert_true(enter->kind == CONDITION_AT_LEAST && enter->number == 1 && enter->child_count == 2);
  assert_true(enter->children[0]->kind == CONDITION_CRITERION && enter->children[0]->index == 0);
  assert_true(enter->children[1]->kind == CONDITION_EVENT);
  definition_destroy(d);
}

static void scores_and_rules(void **state) {
  (void)state;
  struct definition *d = parsed(document);
  const struct score *all = &d->scores[0], *fit = &d->scores[1], *e = &d->scores[2];
  assert_true(all->kind == SCORE_SCORES && all->of_count == 2 && all->of[0] == 2 && all->of[1] == 1);
  assert_true(all->min == -1500000000 && all->max == 1000000 * NANOPOINT);
  assert_true(fit->rules[0].points == -125000000 && fit->rules[0].pattern == NONE);
  const struct condition *like = fit->rules[0].when->children[0];
  assert_true(like->compare.op == OP_LIKE && like->compare.operand_count == 2 &&
              is(like->compare.operands[1].text, "y"));
  assert_true(e->half_life_min == 120 && e->max == 10 * NANOPOINT && e->rule_count == 3);
  const struct rule *page = &e->rules[0], *webinar = &e->rules[1], *quiet = &e->rules[2];
  assert_true(page->cap == 2500000000 && page->at_most_times == 2 && page->at_most_per_ms == 3600000);
  const struct pattern *p = &d->patterns[page->pattern];
  assert_true(p->every_name && p->name_count == 0 && p->where_count == 2);
  assert_true(d->fields[p->wheres[0].field].numeric && d->fields[p->wheres[0].field].token_count == 2);
  assert_false(d->fields[p->wheres[1].field].numeric);
  assert_true(webinar->lasts_ms == 86400000 && webinar->fading && webinar->keep == 32 && page->keep == 0);
  assert_true(quiet->quiet_every_ms == 86400000 && quiet->pattern == NONE);
  definition_destroy(d);
}

static void stages_and_working_time(void **state) {
  (void)state;
  struct definition *d = parsed(document);
  assert_true(d->stages[2].off_ladder && d->stages[1].route && is(d->stages[1].owner, "s"));
  assert_true(d->moves[0].from == 3 && d->moves[0].to == 2 && d->moves[0].reset == 4 &&
              d->moves[0].when->threshold == 1000);
  assert_true(d->moves[0].reason == d->patterns[d->scores[2].rules[0].pattern].wheres[1].field);
  assert_true(d->moves[1].from == 6 && d->moves[1].reason == NONE && d->moves[1].after_ms == 14 * INT64_C(86400000));
  assert_true(d->slas[0].stage == 1 && d->slas[0].calendar == 0 && d->patterns[d->slas[0].met_by].name_count == 2);
  assert_true(d->routes[0].members[0].weight == 1 && d->routes[0].members[1].weight == 3);
  assert_true(d->replace_count == 1 && is(d->replaces[0].from, "old") && d->replaces[0].to == 1);
  const struct calendar *w = &d->calendars[0];
  assert_true(w->opening_count[0] == 2 && w->opening_count[1] == 2 && w->opening_count[2] == 0 &&
              w->opening_count[6] == 1);
  assert_true(w->openings[1][1].to_min == 1440 && w->openings[6][0].from_min == 570);
  assert_true(w->holiday_count == 2 && w->holidays[0] == 1 && w->holidays[1] == 20812);
  assert_true(w->offset_count == 2 && w->offsets[0].offset_ms == -330 * 60000 && w->offsets[1].offset_ms == 3600000);
  assert_non_null(d->plan);
  definition_destroy(d);
}

/* --- what it is known by --- */

static void the_digest_is_of_what_is_said(void **state) {
  static const char plain[] =
      "{\"handover\":1,\"name\":\"d\",\"version\":1,\"effective_from\":\"2026-01-01T00:00:00Z\",\"teams\":[\"m\"],"
      "\"events\":\"segment\",\"stages\":[{\"name\":\"a\",\"owner\":\"m\"}]}";
  static const char other[] =
      "// a remark\n{ \"version\": 1.0, \"name\": \"\\u0064\", \"handover\": 1e0, \"effective_from\": "
      "\"2026-01-01T00:00:00Z\",\n"
      "\"signoffs\": [], \"teams\": [\"m\"], \"events\": \"segment\", \"stages\": [{\"owner\": \"m\", \"name\": "
      "\"a\"}] }\n";
  (void)state;
  struct definition *a = parsed(plain), *b = parsed(other), *c = parsed(document);
  assert_true(slice_equal(a->digest, b->digest));
  assert_false(slice_equal(a->digest, c->digest));
  assert_true(is(a->digest, "sha256:cda1ee929960f86694bebb9f041e0a7b3154174ddaea8f75b34a18c5da7a2e8b"));
  definition_destroy(a);
  definition_destroy(b);
  definition_destroy(c);
}

/* --- everything that is wrong, in one go --- */

static void all_at_once_in_the_order_of_the_document(void **state) {
  static const char text[] =
      "/* one line\n   and another */ {\n"
      "  \"handover\": 2,\n"
      "  \"name\": \"d\", \"version\": 1,\n"
      "  \"effective_from\": \"soon\", // 5:21\n"
      "  \"teams\": [\"m\"],\n"
      "  \"stages\": [{\"name\": \"a\", \"owner\": \"M\"}, {\"name\": \"b\", \"owner\": \"m\", \"entre\": \"c\"}],\n"
      "  \"moves\": [{\"name\": \"x\", \"from\": \"A\", \"to\": \"b\", \"when\": {\"all\": [\"d\", {\"score\": \"s\", "
      "\"above\": \"1\"}]}}],\n"
      "  \"criteria\": {\"c\": {\"quiet_for\": \"1\"}}\n"
      "}\n";
  static const struct {
    int line, column;
    const char *pointer, *words;
  } expected[] = {
      {2, 19, "", "\"events\" is missing"},
      {3, 15, "/handover", "format 1"},
      {5, 21, "/effective_from", "\"soon\""},
      {7, 37, "/stages/0/owner", "did you mean \"m\"?"},
      {7, 71, "/stages/1/entre", "did you mean \"enter\"?"},
      {8, 35, "/moves/0/from", "did you mean \"a\"?"},
      {8, 68, "/moves/0/when/all/0", "there is no criterion \"d\""},
      {8, 83, "/moves/0/when/all/1/score", "there is no score \"s\", nor any other"},
      {8, 97, "/moves/0/when/all/1/above", "without quotes"},
      {9, 35, "/criteria/c/quiet_for", "\"90s\""},
  };
  struct problems problems;
  (void)state;
  assert_null(definition_parse(text, strlen(text), &problems));
  assert_int_equal(problems.count, sizeof expected / sizeof *expected);
  for (size_t i = 0; i < problems.count; i++) {
    const struct problem *p = &problems.at[i];
    if (p->line != expected[i].line || p->column != expected[i].column ||
        strcmp(p->pointer, expected[i].pointer) != 0 || !strstr(p->message, expected[i].words))
      fail_msg("%zu: %d:%d %s: %s", i, p->line, p->column, p->pointer, p->message);
  }
  problems_fini(&problems);
}

/* Names that nobody can know because their section is wrong or missing are not said to be unknown. */
static void one_mistake_is_one_problem(void **state) {
  static const char *const texts[] = {
      "\"teams\":[\"m\"],\"moves\":[{\"name\":\"x\",\"from\":\"a\",\"to\":\"b\",\"after\":\"1d\"}]",
      "\"teams\":[],\"stages\":[{\"name\":\"a\",\"owner\":\"m\"}]",
      "\"teams\":[\"m\"],\"stages\":[{\"name\":\"a\",\"owner\":\"m\"},{\"owner\":\"m\"}],\"moves\":[{\"name\":\"x\","
      "\"from\":\"a\",\"to\":"
      "\"b\",\"after\":\"1d\"}]",
      "\"teams\":[\"m\"],\"stages\":[{\"name\":\"a\",\"owner\":\"m\"},{\"name\":\"b\",\"owner\":\"m\",\"enter\":{"
      "\"score\":\"s\",\"above\":"
      "1}}],\"scores\":7",
      "\"teams\":[\"m\"],\"stages\":[{\"name\":\"a\",\"owner\":\"m\"}],\"calendars\":{\"w\":{\"hours\":{\"mon\":[]}}},"
      "\"slas\":[{\"name\":"
      "\"x\",\"stage\":\"a\",\"within\":\"3650d\",\"calendar\":\"w\",\"met_by\":\"E\"}]",
  };
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    char text[1000];
    struct problems problems;
    int length = snprintf(text, sizeof text,
                          "{\"handover\":1,\"name\":\"d\",\"version\":1,\"effective_from\":\"2026-01-01T00:00:00Z\","
                          "\"events\":\"segment\",%s}",
                          texts[i]);
    assert_null(definition_parse(text, (size_t)length, &problems));
    if (problems.count != 1) fail_msg("%s: %s; %s", texts[i], problems.at[0].message, problems.at[1].message);
    problems_fini(&problems);
  }
}

static void there_is_a_cap(void **state) {
  static char text[6000];
  struct problems problems;
  size_t length = (size_t)snprintf(text, sizeof text, "{");
  (void)state;
  for (int i = 0; i < 150; i++)
    length += (size_t)snprintf(text + length, sizeof text - length, "%s\"unknown %d\": 0", i ? ",\n" : "", i);
  text[length++] = '}';
  assert_null(definition_parse(text, length, &problems));
  assert_int_equal(problems.count, 101);
  for (int i = 0; i < 100; i++) assert_int_equal(problems.at[i].line, i + 1);
  assert_string_equal(problems.at[100].message, "and 57 more problems"); /* 50, and the seven that are missing */
  problems_fini(&problems);
}

static void messages_are_cut_between_characters(void **state) {
  static char text[3000];
  struct problems problems;
  size_t length = (size_t)snprintf(text, sizeof text, "{\"");
  (void)state;
  for (int i = 0; i < 900; i++) length += (size_t)snprintf(text + length, sizeof text - length, "é");
  length += (size_t)snprintf(text + length, sizeof text - length, "\": 1}");
  assert_null(definition_parse(text, length, &problems));
  bool found = false;
  for (size_t i = 0; i < problems.count; i++) {
    const char *name = strstr(problems.at[i].message, "no member \"");
    if (!name) continue;
    found = true;
    assert_int_equal(strcspn(name + 11, "\""), 80);
  }
  assert_true(found);
  problems_fini(&problems);
}

/* --- files --- */

static void the_sample_is_good(void **state) {
  struct problems problems;
  (void)state;
  struct definition *d = definition_read(HANDOVER_SOURCE_DIR "/config/sample.json", &problems);
  assert_int_equal(problems.count, 0);
  assert_non_null(d);
  assert_true(is(d->name, "acme-qualified-lead"));
  assert_true(d->lateness_ms >= d->max_ahead_ms);
  problems_fini(&problems);
  definition_destroy(d);
}

static void a_file_that_cannot_be_read(void **state) {
  static const char *const paths[] = {"/nowhere/definition.json", "/"};
  (void)state;
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    struct problems problems;
    assert_null(definition_read(paths[i], &problems));
    assert_int_equal(problems.count, 1);
    assert_int_equal(problems.at[0].line, 0);
    assert_true(*problems.at[0].message != 0);
    problems_fini(&problems);
  }
}

/* --- how much open time ten years have, hour by hour --- */

#define HOUR INT64_C(3600000)

static bool open_in(const struct calendar *c, int64_t hour) {
  int64_t offset = 0;
  for (int i = 0; i < c->offset_count && c->offsets[i].from_ms <= hour * HOUR; i++)
    offset = c->offsets[i].offset_ms / HOUR;
  int64_t local = hour + offset + 24, day = local / 24 - 1, clock = local % 24;
  for (int i = 0; i < c->holiday_count; i++)
    if (c->holidays[i] == day) return false;
  int64_t weekday = (day + 3 + 7) % 7;
  for (int i = 0; i < c->opening_count[weekday]; i++)
    if (clock * 60 >= c->openings[weekday][i].from_min && clock * 60 < c->openings[weekday][i].to_min) return true;
  return false;
}

static int64_t least_counted(const struct calendar *c) {
  int64_t hours = TIME_END / HOUR, ten_years = 3650 * 24, least = INT64_MAX, within = 0;
  uint8_t *open = calloc((size_t)(hours + ten_years), 1);
  for (int64_t i = 0; i < hours + ten_years; i++) open[i] = open_in(c, i);
  for (int64_t i = 0; i < ten_years; i++) within += open[i];
  for (int64_t i = 0; i < hours; i++) {
    if (within < least) least = within;
    within += open[i + ten_years] - open[i];
  }
  if (within < least) least = within; /* the last hour's end is as good as its last millisecond, but for that one */
  free(open);
  return least;
}

static void open_time_of_ten_years(void **state) {
  static struct opening day[] = {{540, 720}, {720, 1020}}, night[] = {{0, 180}, {1320, 1440}};
  static struct offset moves[] = {
      {0, 9 * HOUR}, {INT64_C(1774746000000), -11 * HOUR}, {INT64_C(1792890000000), 23 * HOUR}};
  static int32_t holidays[200];
  struct calendar c = {.openings = {[2] = day, [6] = night}, .opening_count = {[2] = 2, [6] = 2}};
  (void)state;
  for (int i = 0; i < 200; i++) holidays[i] = 6 + 21 * i; /* every third Wednesday of the first eleven years */
  assert_int_equal(calendar_least_open(&c), least_counted(&c) * HOUR);
  c.offsets = moves;
  c.offset_count = 3;
  assert_int_equal(calendar_least_open(&c), least_counted(&c) * HOUR);
  c.holidays = holidays;
  c.holiday_count = 200;
  assert_int_equal(calendar_least_open(&c), least_counted(&c) * HOUR);
  c.opening_count[2] = c.opening_count[6] = 0;
  assert_int_equal(calendar_least_open(&c), 0);
}

static bool ends(const char *within, const char *holidays) {
  char text[1000];
  struct problems problems;
  int length =
      snprintf(text, sizeof text,
               "{\"handover\":1,\"name\":\"d\",\"version\":1,\"effective_from\":\"2026-01-01T00:00:00Z\","
               "\"events\":\"segment\",\"teams\":[\"m\"],\"stages\":[{\"name\":\"a\",\"owner\":\"m\"}],"
               "\"calendars\":{\"w\":{\"hours\":{\"mon\":[\"09:00-10:00\"]}%s}},"
               "\"slas\":[{\"name\":\"x\",\"stage\":\"a\",\"within\":\"%s\",\"calendar\":\"w\",\"met_by\":\"E\"}]}",
               holidays, within);
  struct definition *d = definition_parse(text, (size_t)length, &problems);
  bool good = d != NULL;
  problems_fini(&problems);
  definition_destroy(d);
  return good;
}

static void an_sla_takes_no_more_than_there_is(void **state) {
  (void)state; /* ten years have 521 Mondays, or 522 */
  assert_true(ends("521h", ""));
  assert_false(ends("522h", ""));
  assert_true(ends("520h", ",\"holidays\":[\"2026-01-05\"]"));
  assert_false(ends("521h", ",\"holidays\":[\"2026-01-05\"]"));
  assert_true(ends("521h", ",\"holidays\":[\"2026-01-06\",\"2300-01-01\"]")); /* a Tuesday; never */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_head_and_where_things_stand),
      cmocka_unit_test(patterns_and_conditions),
      cmocka_unit_test(scores_and_rules),
      cmocka_unit_test(stages_and_working_time),
      cmocka_unit_test(the_digest_is_of_what_is_said),
      cmocka_unit_test(all_at_once_in_the_order_of_the_document),
      cmocka_unit_test(one_mistake_is_one_problem),
      cmocka_unit_test(there_is_a_cap),
      cmocka_unit_test(messages_are_cut_between_characters),
      cmocka_unit_test(the_sample_is_good),
      cmocka_unit_test(a_file_that_cannot_be_read),
      cmocka_unit_test(open_time_of_ten_years),
      cmocka_unit_test(an_sla_takes_no_more_than_there_is),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
