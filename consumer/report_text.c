/* report_text.c: a report for terminals: the tables, one below the other. */
#include "report_print.h"
#include "report_tables.h"

void report_print_text(const struct report *report, const char *by, struct buffer *out) {
  struct sheet sheet = {.out = out};
  struct slice name = report_text(report->log, report->log->definition);
  sheet_say(&sheet, "%s", name.at ? name.at : "No events."); /* the log's texts end in NUL */
  report_table_head(report, &sheet);
  report_tables(report, by, &sheet);
}
