/* report_csv.c: a report as CSV: what is no table of its own in report.csv, name and value; then the tables. */
#include <inttypes.h>

#include "../producer/encode.h"
#include "report_print.h"
#include "report_tables.h"

static void put_text(struct sheet *sheet, const char *figure, struct slice text) {
  sheet_name(sheet, slice_of(figure));
  sheet_name(sheet, text);
}

static void put_time(struct sheet *sheet, const char *figure, int64_t ms) {
  struct buffer words = {0};
  time_append(&words, ms);
  put_text(sheet, figure, (struct slice){words.at, (uint32_t)words.length});
  buffer_fini(&words);
}

static void put_flag(struct sheet *sheet, const char *figure, bool flag) {
  sheet_name(sheet, slice_of(figure));
  sheet_flag(sheet, flag);
}

static void put_count(struct sheet *sheet, const char *figure, uint64_t count) {
  sheet_name(sheet, slice_of(figure));
  sheet_count(sheet, count);
}

static void put_money(struct sheet *sheet, const char *figure, money_sum sum) {
  sheet_name(sheet, slice_of(figure));
  sheet_money(sheet, sum);
}

static void put_revenue(const struct report *report, struct sheet *sheet) {
  struct report_revenue all = report_revenue(report, report->all);
  put_count(sheet, "open", all.open);
  put_money(sheet, "pipeline", all.pipeline.sum);
  put_count(sheet, "pipeline_unknown", all.pipeline.unknown);
  put_count(sheet, "wins", all.wins);
  put_money(sheet, "revenue", all.revenue.sum);
  put_count(sheet, "revenue_unknown", all.revenue.unknown);
  put_count(sheet, "amounts_cut", report->log->amounts_cut);
}

static void put_head(const struct report *report, const char *by, struct sheet *sheet) {
  const struct report_log *log = report->log;
  sheet_table(sheet, (struct sheet_table){.name = "report", .columns = 2, .names = 1});
  sheet_head(sheet, "figure", "figure");
  sheet_head(sheet, "value", "value");
  put_text(sheet, "definition", report_text(log, log->definition));
  put_time(sheet, "from", report->from_ms);
  put_time(sheet, "to", report->to_ms);
  put_flag(sheet, "order_inferred", report->ladder.inferred);
  put_flag(sheet, "conserved", report->conserved);
  put_text(sheet, "by", by ? slice_of(by) : (struct slice){NULL, 0});
  put_count(sheet, "events", log->fact_count);
  put_count(sheet, "duplicates", log->duplicates);
  put_count(sheet, "other_types", log->others);
  put_count(sheet, "leads", report->leads);
  put_count(sheet, "leads_cut", report->later_leads);
  put_count(sheet, "missing_changes", report->gaps);
  put_count(sheet, "renamed", report->renamed);
  put_text(sheet, "amount", report_text(log, log->amount));
  if (log->has_amounts) put_revenue(report, sheet);
}

static void put_unseen(const struct report_log *log, struct sheet *sheet) {
  static const struct sheet_head heads[] = {
      {"topic", "topic"}, {"partition", "partition"}, {"first offset", "first_offset"}};
  sheet_table(sheet, (struct sheet_table){.name = "unseen", .columns = 3, .names = 1});
  sheet_heads(sheet, heads, 3);
  for (uint32_t i = 0; i < log->unseen_count; i++) {
    const struct report_unseen *unseen = &log->unseen[i];
    sheet_name(sheet, report_text(log, unseen->topic));
    if (unseen->partition == NONE) sheet_none(sheet);
    else sheet_count(sheet, (uint64_t)unseen->partition);
    if (unseen->first == NONE) sheet_none(sheet);
    else sheet_count(sheet, (uint64_t)unseen->first);
  }
}

void report_print_csv(const struct report *report, const char *by, struct sheet_files *files) {
  struct sheet sheet = {.files = files};
  put_head(report, by, &sheet);
  put_unseen(report->log, &sheet);
  report_tables(report, by, &sheet);
}
