/* report.c: period, bars, one walk over all leads, and the orders in which things are shown. */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/memory.h"
#include "report_count.h"

#define MONDAY_MS INT64_C(345600000) /* 1970-01-05 */

/* --- the period --- */

static void set_period(struct report *report, const struct report_request *request) {
  const struct report_log *log = report->log;
  int64_t from_ms = INT64_MAX;
  for (int i = 0; i < log->stage_count; i++) {
    if (log->stages[i].first_ms < from_ms) from_ms = log->stages[i].first_ms;
  }
  report->from_ms = request->from_ms != TIME_NONE ? request->from_ms : from_ms == INT64_MAX ? 0 : from_ms;
  report->to_ms = request->to_ms != TIME_NONE ? request->to_ms : log->last_ms == TIME_NONE ? 0 : log->last_ms + 1;
  if (report->to_ms < report->from_ms) report->to_ms = report->from_ms;
}

/* Weeks from Monday to Monday; where there are many, several to a bar. */
static void set_bars(struct report *report) {
  int64_t monday_ms = report->from_ms - MONDAY_MS, over_ms = monday_ms % REPORT_WEEK_MS;
  report->bars_from_ms = report->from_ms - (over_ms < 0 ? over_ms + REPORT_WEEK_MS : over_ms);
  if (report->bars_from_ms < 0) report->bars_from_ms = 0; /* no time is before 1970 */
  int64_t weeks = (report->to_ms - report->bars_from_ms + REPORT_WEEK_MS - 1) / REPORT_WEEK_MS;
  if (weeks < 1) weeks = 1;
  report->bar_weeks = (int)((weeks + REPORT_BARS - 1) / REPORT_BARS);
  report->bar_count = (int)((weeks + report->bar_weeks - 1) / report->bar_weeks);
  report->bars = memory_zeroed((size_t)report->bar_count, sizeof *report->bars);
}

/* --- orders --- */

static int by_name(const struct report_log *log, uint32_t a, uint32_t b) {
  return slice_compare(report_text(log, a), report_text(log, b));
}

/* Sorts by insertion; `later` says whether a comes after b. Lists are short, or nearly in order. */
static bool sla_later(const struct report *report, int a, int b) {
  const struct report_sla *x = &report->log->slas[a], *y = &report->log->slas[b];
  int p = report->ladder.ranks[x->stage], q = report->ladder.ranks[y->stage];
  return p != q ? p > q : by_name(report->log, x->name, y->name) > 0;
}

static bool version_later(const struct report *report, int a, int b) {
  const struct report_version *x = &report->log->versions[a], *y = &report->log->versions[b];
  struct slice p = report_text(report->log, x->number), q = report_text(report->log, y->number);
  if (p.length != q.length) return p.length > q.length; /* numbers without zeros before them */
  int order = slice_compare(p, q);
  if (!order) order = by_name(report->log, x->digest, y->digest);
  return order ? order > 0 : x->agreed && !y->agreed;
}

static int *sorted(const struct report *report, int count, bool (*later)(const struct report *, int, int)) {
  int *order = memory_zeroed((size_t)count, sizeof *order);
  for (int i = 0; i < count; i++) {
    int at = i;
    for (; at > 0 && later(report, order[at - 1], i); at--) order[at] = order[at - 1];
    order[at] = i;
  }
  return order;
}

static void sort_receivers(struct report *report) {
  for (uint32_t i = 1; i < report->receiver_count; i++) {
    for (uint32_t j = i; j > 0; j--) {
      struct report_receiver *a = &report->receivers[j - 1], *b = &report->receivers[j], other = *a;
      if (by_name(report->log, a->owner, b->owner) <= 0) break;
      *a = *b;
      *b = other;
    }
  }
}

/* qsort takes no context: what is sorted carries its texts. */
struct sortable {
  struct slice first, second, third;
  uint64_t weight; /* the larger comes first */
  void *what;
};

static int by_texts(const void *a, const void *b) {
  const struct sortable *x = a, *y = b;
  int order = (x->weight < y->weight) - (x->weight > y->weight);
  if (!order) order = slice_compare(x->first, y->first);
  if (!order) order = slice_compare(x->second, y->second);
  return order ? order : slice_compare(x->third, y->third);
}

static void sort_cuts(const struct report_log *log, struct report_cuts *cuts) {
  struct sortable *rows = memory_zeroed(cuts->count, sizeof *rows);
  for (uint32_t i = 0; i < cuts->count; i++) {
    struct report_cut *cut = cuts->at[i];
    rows[i] =
        (struct sortable){.first = report_text(log, cut->queue), .second = report_text(log, cut->name), .what = cut};
  }
  qsort(rows, cuts->count, sizeof *rows, by_texts);
  for (uint32_t i = 0; i < cuts->count; i++) cuts->at[i] = rows[i].what;
  memory_free(rows);
}

/* The most frequent first. */
static void sort_backs(const struct report_log *log, struct report_backs *backs) {
  struct sortable *rows = memory_zeroed(backs->count, sizeof *rows);
  char(*ranks)[8] = memory_zeroed(backs->count, sizeof *ranks);
  for (uint32_t i = 0; i < backs->count; i++) {
    struct report_back *back = backs->at[i];
    int length = snprintf(ranks[i], sizeof ranks[i], "%02u%02u", back->key[0] & 63, back->key[1] & 63);
    rows[i] = (struct sortable){{ranks[i], (uint32_t)length},
                                report_text(log, back->key[2]),
                                report_text(log, back->key[3]),
                                back->count,
                                back};
  }
  qsort(rows, backs->count, sizeof *rows, by_texts);
  for (uint32_t i = 0; i < backs->count; i++) backs->at[i] = rows[i].what;
  memory_free(ranks);
  memory_free(rows);
}

static void sort_all(struct report *report) {
  report->sla_order = sorted(report, report->log->sla_count, sla_later);
  report->version_order = sorted(report, report->log->version_count, version_later);
  sort_receivers(report);
  sort_cuts(report->log, &report->members);
  sort_cuts(report->log, &report->groups);
  sort_backs(report->log, &report->backs);
}

/* --- the whole --- */

static bool cut_conserved(const struct report *report, const struct report_cut *cut) {
  for (int rank = 0; rank < report->ladder.count; rank++) {
    const struct report_row *row = &cut->rows[rank];
    if (row->at_start + row->entered != row->left + row->at_end) return false;
  }
  return true;
}

static void check_conserved(struct report *report) {
  report->conserved = cut_conserved(report, report->all);
  for (uint32_t i = 0; i < report->groups.count; i++)
    report->conserved = report->conserved && cut_conserved(report, report->groups.at[i]);
}

struct report_revenue report_revenue(const struct report *report, const struct report_cut *cut) {
  struct report_revenue found = {0};
  int top = report_top(report);
  for (int rank = 0; rank < top; rank++) {
    const struct money *pipeline = &cut->rows[rank].pipeline;
    found.open += cut->rows[rank].at_end;
    found.pipeline.sum += pipeline->sum;
    found.pipeline.unknown += pipeline->unknown;
  }
  if (top >= 0) found.revenue = cut->rows[top].came;
  if (top >= 0) found.wins = cut->rows[top].entered;
  return found;
}

struct report_shares report_shares(const struct report *report, const struct report_cut *cut) {
  const struct report_answers *whole = &report->all->answers, *part = &cut->answers;
  struct report_revenue of = report_revenue(report, report->all), own = report_revenue(report, cut);
  return (struct report_shares){money_share(part->handed, whole->handed), money_share(part->accepted, whole->accepted),
                                money_share(own.wins, of.wins), money_share(own.pipeline.sum, of.pipeline.sum),
                                money_share(own.revenue.sum, of.revenue.sum)};
}

static void count_versions(struct report *report) {
  const struct report_log *log = report->log;
  for (uint32_t i = 0; i < log->fact_count; i++) {
    const struct report_fact *fact = &log->facts[i];
    bool within = fact->time_ms >= report->from_ms && fact->time_ms < report->to_ms;
    report->versions[fact->version] += fact->kind == REPORT_CHANGE && within;
  }
}

/* The SLAs of the definition, though nothing may have happened with them. */
static void add_slas(struct report_log *log, const struct definition *definition) {
  for (int32_t i = 0; definition && i < definition->sla_count; i++) {
    const struct sla *sla = &definition->slas[i];
    report_log_sla(log, sla->name, report_log_stage(log, definition->stages[sla->stage].name));
  }
}

/* A definition is of use only for what one of its versions decided. */
static bool definition_fits(const struct report_log *log, const struct definition *definition, char *why) {
  if (!definition || !log->definition || slice_equal(definition->name, report_text(log, log->definition))) return true;
  snprintf(why, REPORT_WHY, "the definition is another one than that which decided the events");
  return false;
}

struct report *report_create(struct report_log *log, const struct report_request *request, char *why) {
  struct report *report = memory_zeroed(1, sizeof *report);
  struct report_count count = {.report = report};
  report->log = log;
  table_init(&report->members.table);
  table_init(&report->groups.table);
  table_init(&report->backs.table);
  if (!definition_fits(log, request->definition, why)) goto failed;
  if (!report_ladder_make(&report->ladder, log, request->definition)) {
    snprintf(why, REPORT_WHY, "the definition and the events have more than %d stages together", REPORT_STAGES);
    goto failed;
  }
  add_slas(log, request->definition);
  report_log_sort(log);
  set_period(report, request);
  set_bars(report);
  report->all = report_cut_create(report, 0);
  report->receivers = memory_zeroed(REPORT_STAGES, sizeof *report->receivers);
  report->slas = memory_zeroed((size_t)log->sla_count, sizeof *report->slas);
  report->versions = memory_zeroed((size_t)log->version_count, sizeof *report->versions);
  report_stays_walk(log, report_count_lead, &count);
  bool full = count.full;
  report_count_end(&count);
  if (full) {
    snprintf(why, REPORT_WHY, "more than %d values to group by", REPORT_CUTS);
    goto failed;
  }
  count_versions(report);
  check_conserved(report);
  sort_all(report);
  return report;
failed:
  report_destroy(report);
  return NULL;
}

static void cut_destroy(struct report_cut *cut) {
  if (cut) memory_free(cut->rows);
  memory_free(cut);
}

static void cuts_fini(struct report_cuts *cuts) {
  for (uint32_t i = 0; i < cuts->count; i++) cut_destroy(cuts->at[i]);
  memory_free(cuts->at);
  table_fini(&cuts->table);
}

void report_destroy(struct report *report) {
  if (!report) return;
  cut_destroy(report->all);
  cuts_fini(&report->members);
  cuts_fini(&report->groups);
  for (uint32_t i = 0; i < report->backs.count; i++) memory_free(report->backs.at[i]);
  memory_free(report->backs.at);
  table_fini(&report->backs.table);
  memory_free(report->receivers);
  memory_free(report->slas);
  memory_free(report->sla_order);
  memory_free(report->versions);
  memory_free(report->version_order);
  memory_free(report->bars);
  memory_free(report);
}
