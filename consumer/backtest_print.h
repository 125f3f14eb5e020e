/* backtest_print.h: a backtest as text, JSON, one HTML page, and lead by lead. The same log gives the same bytes.
 *
 * May use: backtest.h, backtest_gate.h, backtest_sweep.h, report_sheet.h. */
#ifndef HANDOVER_CONSUMER_BACKTEST_PRINT_H
#define HANDOVER_CONSUMER_BACKTEST_PRINT_H

#include <stdio.h>

#include "../producer/buffer.h"
#include "backtest_gate.h"
#include "backtest_sweep.h"

struct backtest_result {
  const struct backtest *backtest;
  const struct sweep *sweep; /* NULL: none was asked for */
  const struct gate *gates;
  int32_t gate_count;
};

void backtest_print_text(const struct backtest_result *result, struct buffer *out);
void backtest_print_html(const struct backtest_result *result, struct buffer *out);
void backtest_print_json(const struct backtest_result *result, struct buffer *out);
/* One JSON object a line for each lead whose first handovers differ; written to the file piece by piece. False: an error, in errno. */
bool backtest_print_leads(const struct backtest *backtest, FILE *file);

/* The Monday of a ledger's week, or 1970-01-01. */
int64_t backtest_week_ms(int64_t week);
/* The weeks that OLD's or NEW's handovers are in: the first, and how many. */
int64_t backtest_weeks(const struct backtest *backtest, int64_t *first);
uint64_t backtest_week_count(const struct backtest *backtest, int32_t side, int64_t week);
/* Whole millionths as a decimal number: "0.25". */
void backtest_append_millionths(struct buffer *out, int64_t millionths);

#endif
