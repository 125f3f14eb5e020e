/* backtest_tables.h: the tables of a backtest, one call each, for text and for the page. May use: backtest_print.h, report_sheet.h. */
#ifndef HANDOVER_CONSUMER_BACKTEST_TABLES_H
#define HANDOVER_CONSUMER_BACKTEST_TABLES_H

#include "backtest_print.h"
#include "report_sheet.h"

void backtest_table_head(const struct backtest_result *result, struct sheet *sheet);
void backtest_table_figures(const struct backtest_result *result, struct sheet *sheet);
void backtest_table_compared(const struct backtest_result *result, struct sheet *sheet);
void backtest_table_stages(const struct backtest_result *result, struct sheet *sheet);
void backtest_table_weeks(const struct backtest_result *result, struct sheet *sheet);
void backtest_table_signs(const struct backtest_result *result, struct sheet *sheet); /* rules and criteria, of both */
void backtest_table_sweep(const struct backtest_result *result, struct sheet *sheet);
void backtest_table_gates(const struct backtest_result *result, struct sheet *sheet);

#endif
