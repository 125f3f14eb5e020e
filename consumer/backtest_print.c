/* backtest_print.c: the tables one below the other, as text or as a page with drawings. */
#include "backtest_print.h"

#include <inttypes.h>

#include "backtest_plot.h"
#include "backtest_tables.h"

int64_t backtest_week_ms(int64_t week) {
  int64_t monday_ms = week * BACKTEST_WEEK_MS - LEDGER_MONDAY_MS;
  return monday_ms > 0 ? monday_ms : 0; /* the first week begins before there are times */
}

int64_t backtest_weeks(const struct backtest *backtest, int64_t *first) {
  const struct ledger_weeks *old = &backtest->ledger.sides[BACKTEST_OLD].weeks;
  const struct ledger_weeks *new = &backtest->ledger.sides[BACKTEST_NEW].weeks;
  *first = 0;
  if (old->count == 0 || new->count == 0) {
    const struct ledger_weeks *one = old->count ? old : new;
    *first = one->first;
    return one->count;
  }
  int64_t old_end = old->first + old->count, new_end = new->first + new->count;
  *first = old->first < new->first ? old->first : new->first;
  return (old_end > new_end ? old_end : new_end) - *first;
}

uint64_t backtest_week_count(const struct backtest *backtest, int32_t side, int64_t week) {
  const struct ledger_weeks *weeks = &backtest->ledger.sides[side].weeks;
  return week >= weeks->first && week < weeks->first + weeks->count ? weeks->at[week - weeks->first] : 0;
}

void backtest_append_millionths(struct buffer *out, int64_t millionths) {
  char text[32];
  int length =
      snprintf(text, sizeof text, "%" PRId64 ".%06" PRId64, millionths / BACKTEST_ONE, millionths % BACKTEST_ONE);
  while (text[length - 1] == '0') length--;
  if (text[length - 1] == '.') length--;
  buffer_append(out, text, (size_t)length);
}

static const char title[] = "Backtest: OLD against NEW";

void backtest_print_text(const struct backtest_result *result, struct buffer *out) {
  struct sheet sheet = {.out = out};
  sheet_say(&sheet, "%s", title);
  backtest_table_head(result, &sheet);
  backtest_table_figures(result, &sheet);
  backtest_table_compared(result, &sheet);
  backtest_table_stages(result, &sheet);
  backtest_table_weeks(result, &sheet);
  backtest_table_signs(result, &sheet);
  backtest_table_sweep(result, &sheet);
  backtest_table_gates(result, &sheet);
  sheet_end(&sheet);
}

void backtest_print_html(const struct backtest_result *result, struct buffer *out) {
  struct page page = {.out = out, .html = true, .wide = true};
  struct sheet sheet = {.out = out, .page = &page};
  page_begin(&page, title);
  backtest_table_head(result, &sheet);
  backtest_table_gates(result, &sheet);
  backtest_table_figures(result, &sheet);
  backtest_table_compared(result, &sheet);
  backtest_table_sweep(result, &sheet);
  sheet_end(&sheet);
  backtest_plot_curve(result, &page);
  backtest_plot_volume(result, &page);
  backtest_table_stages(result, &sheet);
  backtest_table_weeks(result, &sheet);
  sheet_end(&sheet);
  backtest_plot_weeks(result, &page);
  backtest_table_signs(result, &sheet);
  sheet_end(&sheet);
  page_end(&page);
}
