/* report_tables.h: the tables of a report, one call each, for text, page and CSV. May use: report.h, report_sheet.h. */
#ifndef HANDOVER_CONSUMER_REPORT_TABLES_H
#define HANDOVER_CONSUMER_REPORT_TABLES_H

#include "report.h"
#include "report_sheet.h"

void report_table_head(const struct report *report, struct sheet *sheet);
void report_table_stages(const struct report *report, struct sheet *sheet);
void report_table_handovers(const struct report *report, struct sheet *sheet);
void report_table_backs(const struct report *report, struct sheet *sheet);
void report_table_slas(const struct report *report, struct sheet *sheet);
void report_table_members(const struct report *report, struct sheet *sheet);
void report_table_weeks(const struct report *report, struct sheet *sheet);
void report_table_money(const struct report *report, struct sheet *sheet);
void report_table_groups(const struct report *report, const char *by, struct sheet *sheet);
void report_table_versions(const struct report *report, struct sheet *sheet);
void report_table_dead_letters(const struct report *report, struct sheet *sheet);
/* All of them but the head, in order. */
void report_tables(const struct report *report, const char *by, struct sheet *sheet);

#endif
