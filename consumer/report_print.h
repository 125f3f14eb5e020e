/* report_print.h: a report as text, JSON, one HTML page, or CSV. The same report gives the same bytes. May use: report.h, report_sheet.h. */
#ifndef HANDOVER_CONSUMER_REPORT_PRINT_H
#define HANDOVER_CONSUMER_REPORT_PRINT_H

#include "../producer/buffer.h"
#include "report.h"
#include "report_sheet.h"

/* `by`: what is grouped by, as it was asked for; NULL: nothing is. */
void report_print_text(const struct report *report, const char *by, struct buffer *out);
void report_print_html(const struct report *report, const char *by, struct buffer *out);
void report_print_json(const struct report *report, const char *by, struct buffer *out);
/* A file a table; whatever the report has, the same files come. */
void report_print_csv(const struct report *report, const char *by, struct sheet_files *files);

#endif
