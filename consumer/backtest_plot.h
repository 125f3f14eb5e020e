/* backtest_plot.h: the drawings of a backtest. Each draws nothing where there is nothing to draw. May use: plot.h, backtest_print.h. */
#ifndef HANDOVER_CONSUMER_BACKTEST_PLOT_H
#define HANDOVER_CONSUMER_BACKTEST_PLOT_H

#include "backtest_print.h"
#include "plot.h"

/* Precision over recall, a point a value: tight against loose. */
void backtest_plot_curve(const struct backtest_result *result, struct page *page);
/* How many a week each value hands over, against the capacity. */
void backtest_plot_volume(const struct backtest_result *result, struct page *page);
void backtest_plot_weeks(const struct backtest_result *result, struct page *page);

#endif
