/* test_summary.c: the table: names of several versions put together, and nothing that a terminal would obey. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consumer/summary.h"

static struct stage old_stages[] = {{.name = {"new", 3}}, {.name = {"lead", 4}}, {.name = {"won", 3}}};
static struct stage new_stages[] = {{.name = {"new", 3}}, {.name = {"won", 3}}, {.name = {"m\033ql \xC3\xA9", 7}}};
static struct sla slas[] = {{.name = {"answer", 6}}, {.name = {"call", 4}}};
static const struct definition old = {
    .version = 1, .stages = old_stages, .stage_count = 3, .slas = slas, .sla_count = 1};
static const struct definition new = {
    .version = 2, .stages = new_stages, .stage_count = 3, .slas = slas, .sla_count = 2};

static void change(struct summary *summary, const struct definition *definition, int32_t from, int32_t to, int count) {
  const struct change change = {.type = CHANGE_STAGE, .definition = definition, .from = from, .to = to};
  while (count-- > 0) summary_change(summary, &change);
}

static void breach(struct summary *summary, const struct definition *definition, int32_t sla) {
  const struct change change = {.type = CHANGE_BREACH, .definition = definition, .sla = sla};
  summary_change(summary, &change);
}

static char *print(const struct summary *summary) {
  char *text;
  size_t length;
  FILE *file = open_memstream(&text, &length);
  assert_non_null(file);
  summary_print(summary, file);
  assert_int_equal(fclose(file), 0);
  return text;
}

static void test_table(void **state) {
  (void)state;
  const struct definition *const definitions[] = {&old, &new};
  struct summary summary;
  summary_init(&summary, definitions, 2);
  change(&summary, &old, 0, 1, 2);
  change(&summary, &old, 0, 2, 3);
  change(&summary, &new, 0, 1, 4); /* new → won by the other version */
  change(&summary, &new, 2, 0, 1);
  breach(&summary, &old, 0);
  breach(&summary, &new, 0);
  breach(&summary, &new, 1);
  summary.lines = 16;
  summary.empty = 1;
  summary.events = 12;
  summary.duplicates = 2;
  summary.leads = 5;
  summary.partitions = 1;
  summary.rejects[REJECT_NOT_JSON] = 2;
  summary.rejects[REJECT_NO_NAME] = 1;
  summary.elapsed_ns = 500000000;
  char *text = print(&summary);
  assert_string_equal(text,
                      "lines                                                   16\n"
                      "  events                                                12\n"
                      "    of them duplicates                                   2\n"
                      "  dead letters                                           3\n"
                      "    not_json                                             2\n"
                      "    no_name                                              1\n"
                      "  empty                                                  1\n"
                      "partitions                                               1\n"
                      "leads                                                    5\n"
                      "changes                                                 10\n"
                      "  new \u2192 lead                                             2\n"
                      "  new \u2192 won                                              7\n"
                      "  m?ql \u00e9 \u2192 new                                           1\n"
                      "SLA breaches                                             3\n"
                      "  answer                                                 2\n"
                      "  call                                                   1\n"
                      "seconds                                              0.500\n"
                      "events/s                                                24\n");
  free(text);
  assert_int_equal(summary_dead_letters(&summary), 3);
  summary_fini(&summary);
}

static void test_journal(void **state) {
  (void)state;
  const struct definition *const definitions[] = {&old};
  struct summary summary;
  summary_init(&summary, definitions, 1);
  summary.lines = 10;
  summary.events = 4;
  summary.journal = true;
  summary.journal_records = 3;
  summary.left[LEFT_BEFORE] = 1;
  summary.left[LEFT_STOPPED] = 5;
  summary.kept_most = 2;
  char *text = print(&summary);
  assert_non_null(strstr(text,
                         "  empty                                                  0\n"
                         "  not replayed                                           6\n"
                         "    before the journal                                   1\n"
                         "    of partitions that differ                            5\n"
                         "journal records that fit                                 3\n"
                         "most records kept for later                              2\n"
                         "partitions                                               0\n"));
  free(text);
  summary_fini(&summary);
}

static void test_reasons(void **state) {
  (void)state;
  struct summary summary = {0};
  char *text;
  size_t length;
  summary.rejects[REJECT_TOO_LARGE] = 7;
  summary.rejects[REJECT_BAD_TIME] = 1;
  FILE *file = open_memstream(&text, &length);
  assert_non_null(file);
  summary_print_reasons(&summary, file);
  fclose(file);
  assert_string_equal(text, "too_large 7, bad_time 1");
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_table), cmocka_unit_test(test_journal),
                                     cmocka_unit_test(test_reasons)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
