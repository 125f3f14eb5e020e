/* report_html.c: a report as one page: each table, with its drawing below it. */
#include "../config/page.h"
#include "report_plot.h"
#include "report_print.h"
#include "report_tables.h"

typedef void draw(const struct report *report, struct page *page);
typedef void tabulate(const struct report *report, struct sheet *sheet);

static void put(const struct report *report, struct sheet *sheet, tabulate *table, draw *plot) {
  table(report, sheet);
  sheet_end(sheet);
  if (plot) plot(report, sheet->page);
}

void report_print_html(const struct report *report, const char *by, struct buffer *out) {
  struct page page = {.out = out, .html = true, .wide = true};
  struct sheet sheet = {.out = out, .page = &page};
  struct slice name = report_text(report->log, report->log->definition);
  page_begin(&page, name.at ? name.at : "No events"); /* the log's texts end in NUL */
  report_table_head(report, &sheet);
  put(report, &sheet, report_table_stages, report_plot_funnel);
  report_plot_stays(report, &page);
  put(report, &sheet, report_table_handovers, report_plot_handovers);
  put(report, &sheet, report_table_backs, NULL);
  put(report, &sheet, report_table_slas, NULL);
  put(report, &sheet, report_table_members, report_plot_members);
  put(report, &sheet, report_table_weeks, report_plot_weeks);
  put(report, &sheet, report_table_money, NULL);
  report_table_groups(report, by, &sheet);
  put(report, &sheet, report_table_versions, NULL);
  put(report, &sheet, report_table_dead_letters, NULL);
  page_end(&page);
}
