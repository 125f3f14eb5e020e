/* report_plot.h: the drawings of a report, as SVG within the page: no scripts, whole numbers, the same bytes each time.
 *
 * May use: report.h, page.h, terminal.h. */
#ifndef HANDOVER_CONSUMER_REPORT_PLOT_H
#define HANDOVER_CONSUMER_REPORT_PLOT_H

#include "../config/page.h"
#include "report.h"

/* Each draws nothing where there is nothing to draw. */
void report_plot_funnel(const struct report *report, struct page *page);    /* entered, rung by rung */
void report_plot_stays(const struct report *report, struct page *page);     /* median and p90 of each stage */
void report_plot_handovers(const struct report *report, struct page *page); /* by week, and what became of them */
void report_plot_members(const struct report *report, struct page *page);   /* SLAs of each member */
void report_plot_weeks(const struct report *report, struct page *page);     /* entered, by week */

#endif
