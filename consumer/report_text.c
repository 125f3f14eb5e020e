/* report_text.c: a report for terminals: the tables, one below the other. */
#include "report_print.h"
#include "report_tables.h"

void report_print_text(const struct report *report, const char *by, struct buffer *out) {
  struct sheet sheet = {.out = out};
  struct slice name = report_text(report->log, report->log->definition);
  sheet_say(&sheet, "%s", name.at ? name.at : "No events."); /* the log's texts end in NUL */
  report_table_head(report, &sheet);
  report_table_stages(report, &sheet);
  report_table_handovers(report, &sheet);
  report_table_backs(report, &sheet);
  report_table_slas(report, &sheet);
  report_table_members(report, &sheet);
  report_table_weeks(report, &sheet);
  report_table_money(report, &sheet);
  report_table_groups(report, by, &sheet);
  report_table_versions(report, &sheet);
  report_table_dead_letters(report, &sheet);
  sheet_end(&sheet);
}
