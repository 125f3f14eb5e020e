/* suite_coverage.c: what of a definition the tests reached, and what none did. A rule counts as reached where a change shows its
 * points, an SLA where it is breached, a queue where a lead is given to it, a criterion twice: once where it is met, once where it
 * is missing. */
#include "suite_report.h"

struct tally_of {
  struct buffer *out;
  int reached, all;
};

static void count_one(struct tally_of *tally, bool reached, const char *kind, struct slice name, const char *after) {
  tally->all++;
  tally->reached += reached;
  if (reached) return;
  buffer_printf(tally->out, "  no test reaches: %s \"", kind);
  buffer_append(tally->out, name.at, name.length);
  buffer_printf(tally->out, "\"%s\n", after);
}

static void count_scores(struct tally_of *tally, const struct definition *d, const struct suite_coverage *coverage) {
  for (int32_t i = 0; i < d->score_count; i++)
    for (int32_t j = 0; j < d->scores[i].rule_count; j++)
      count_one(tally, coverage->rules[i][j], "rule", d->scores[i].rules[j].name, "");
}

int suite_coverage_report(struct buffer *out, const struct definition *d, const struct suite_coverage *coverage) {
  struct buffer missed = {0};
  struct tally_of tally = {.out = &missed};
  for (int32_t i = 0; i < d->stage_count; i++) count_one(&tally, coverage->stages[i], "stage", d->stages[i].name, "");
  for (int32_t i = 0; i < d->move_count; i++) count_one(&tally, coverage->moves[i], "move", d->moves[i].name, "");
  for (int32_t i = 0; i < d->criterion_count; i++) {
    count_one(&tally, coverage->met[i], "criterion", d->criteria[i].name, " met");
    count_one(&tally, coverage->missing[i], "criterion", d->criteria[i].name, " missing");
  }
  count_scores(&tally, d, coverage);
  for (int32_t i = 0; i < d->sla_count; i++) count_one(&tally, coverage->slas[i], "SLA", d->slas[i].name, " breached");
  for (int32_t i = 0; i < d->route_count; i++) count_one(&tally, coverage->routes[i], "queue", d->routes[i].queue, "");
  int percent = tally.all ? tally.reached * 100 / tally.all : 100;
  buffer_printf(out, "coverage of ");
  buffer_append(out, d->name.at, d->name.length);
  buffer_printf(out, ": %d of %d, %d %%\n", tally.reached, tally.all, percent);
  buffer_append(out, missed.at, missed.length);
  buffer_fini(&missed);
  return percent;
}
