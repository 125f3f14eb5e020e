/* report_plot.c: horizontal bars with a name and figures above, and vertical ones along the weeks. Narrow enough to be read on a telephone. */
#include "report_plot.h"

#include <inttypes.h>

#include "plot.h"
#include "report_words.h"

enum {
  WEEKS = 62, /* height of a row of weeks, its name included */
  TALL = 120, /* height of the handovers */
  MEMBERS = 40,
  DAYS = 5,       /* so many dates have room below the weeks */
  DAY_WIDTH = 82, /* of a date */
  FIGURES = 12,   /* so many bars have their figures above them; of more only the highest has */
};

/* --- stages --- */

void report_plot_funnel(const struct report *report, struct page *page) {
  struct plot plot = {0};
  uint64_t most = 0;
  for (int rank = 0; rank < report->ladder.rungs; rank++) {
    if (report->all->rows[rank].entered > most) most = report->all->rows[rank].entered;
  }
  if (most == 0) return;
  plot_begin(&plot, page, report->ladder.rungs * PLOT_ROW, "Funnel: entered, rung by rung");
  for (int rank = 0; rank < report->ladder.rungs; rank++) {
    const struct report_row *row = &report->all->rows[rank];
    struct buffer words = {0};
    int width = plot_scaled(row->entered, most, PLOT_WIDTH), top = rank * PLOT_ROW;
    plot_rect(&plot, (PLOT_WIDTH - width) / 2, top + PLOT_BELOW, width, PLOT_THICK, PLOT_BLUE);
    buffer_printf(&words, "%" PRIu64, row->entered);
    if (rank + 1 < report->ladder.rungs) {
      buffer_append_text(&words, ", converted ");
      report_per_cent(&words, row->converted, row->entered);
    }
    plot_say_row(&plot, top, report_stage_name(report, rank), &words);
  }
  plot_end(&plot, page);
}

static void draw_stay(struct plot *plot, struct slice name, const struct report_spread *stay, int64_t most_ms,
                      int top) {
  int median = plot_scaled((uint64_t)stay->median_ms, (uint64_t)most_ms, PLOT_WIDTH);
  int p90 = plot_scaled((uint64_t)stay->p90_ms, (uint64_t)most_ms, PLOT_WIDTH);
  struct buffer words = {0};
  plot_rect(plot, 0, top + PLOT_BELOW, p90, PLOT_THICK, PLOT_PALE);
  plot_rect(plot, 0, top + PLOT_BELOW, median, PLOT_THICK, PLOT_BLUE);
  report_duration(&words, stay->median_ms);
  buffer_append_text(&words, " / ");
  report_duration(&words, stay->p90_ms);
  plot_say_row(plot, top, name, &words);
}

void report_plot_stays(const struct report *report, struct page *page) {
  static const char *const names[] = {"median", "p90"}, *const colours[] = {PLOT_BLUE, PLOT_PALE};
  struct plot plot = {0};
  int64_t most_ms = 0;
  int rows = 0;
  for (int rank = 0; rank < report->ladder.count; rank++) {
    const struct report_spread *stay = &report->all->rows[rank].stay;
    if (stay->p90_ms > most_ms) most_ms = stay->p90_ms;
    rows += stay->count > 0;
  }
  if (rows == 0) return;
  plot_begin(&plot, page, PLOT_LEGEND + rows * PLOT_ROW, "Time in each stage");
  plot_legend(&plot, names, colours, 2);
  for (int rank = 0, row = 0; rank < report->ladder.count; rank++) {
    const struct report_spread *stay = &report->all->rows[rank].stay;
    if (stay->count == 0) continue;
    draw_stay(&plot, report_stage_name(report, rank), stay, most_ms, PLOT_LEGEND + row++ * PLOT_ROW);
  }
  plot_end(&plot, page);
}

/* --- weeks --- */

static int bar_left(const struct report *report, int i) { return i * PLOT_WIDTH / report->bar_count; }

static int bar_width(const struct report *report, int i) {
  int width = (bar_left(report, i + 1) - bar_left(report, i)) * 4 / 5;
  return width > 60 ? 60 : width;
}

/* The first day of some of the bars, as many as there is room for. */
static void say_days(struct plot *plot, const struct report *report, int y) {
  int step = (report->bar_count + DAYS - 1) / DAYS;
  for (int i = 0; i < report->bar_count; i += step) {
    if (bar_left(report, i) + DAY_WIDTH > PLOT_WIDTH) break;
    struct buffer words = {0};
    report_time(&words, report_bar_from(report, i), true);
    plot_say(plot, bar_left(report, i), y, "start", &words);
  }
}

static uint64_t most_entered(const struct report *report, int rank) {
  uint64_t most = 0;
  for (int i = 0; i < report->bar_count; i++) {
    if (report->bars[i].entered[rank] > most) most = report->bars[i].entered[rank];
  }
  return most;
}

static void draw_weeks(struct plot *plot, const struct report *report, int rank, int top) {
  uint64_t most = most_entered(report, rank);
  bool said = false;
  for (int i = 0; i < report->bar_count; i++) {
    uint64_t entered = report->bars[i].entered[rank];
    int height = plot_scaled(entered, most, WEEKS - PLOT_BELOW - 20), base = top + WEEKS - 4;
    plot_rect(plot, bar_left(report, i), base - height, bar_width(report, i), height, PLOT_BLUE);
    if (entered == 0 || (report->bar_count > FIGURES && (said || entered < most))) continue;
    said = true;
    struct buffer words = {0};
    buffer_printf(&words, "%" PRIu64, entered);
    plot_say(plot, bar_left(report, i), base - height - 2, "start", &words);
  }
  plot_rect(plot, 0, top + WEEKS - 4, PLOT_WIDTH, 1, PLOT_GREY);
}

void report_plot_weeks(const struct report *report, struct page *page) {
  struct plot plot = {0};
  if (report->ladder.rungs == 0) return;
  plot_begin(&plot, page, report->ladder.rungs * WEEKS + PLOT_LEGEND, "Entered each stage, by week");
  for (int rank = 0; rank < report->ladder.rungs; rank++) {
    plot_say_row(&plot, rank * WEEKS, report_stage_name(report, rank), NULL);
    draw_weeks(&plot, report, rank, rank * WEEKS);
  }
  say_days(&plot, report, report->ladder.rungs * WEEKS + PLOT_BASE + 2);
  plot_end(&plot, page);
}

static void draw_handovers(struct plot *plot, const struct report *report, int i, uint64_t most) {
  static const char *const colours[] = {PLOT_BLUE, PLOT_RED, PLOT_AMBER, PLOT_PALE, PLOT_GREY};
  const struct report_answers *a = &report->bars[i].answers;
  const uint64_t parts[] = {a->accepted, a->rejected, a->returned, a->elsewhere, a->waiting};
  struct buffer words = {0};
  uint64_t sum = 0;
  int base = PLOT_LEGEND + TALL, before = 0, left = bar_left(report, i);
  for (int part = 0; part < 5; part++) {
    sum += parts[part];
    int height = plot_scaled(sum, most, TALL - 16);
    plot_rect(plot, left, base - height, bar_width(report, i), height - before, colours[part]);
    before = height;
  }
  if (sum == 0 || (report->bar_count > FIGURES && sum < most)) return;
  buffer_printf(&words, "%" PRIu64, sum);
  plot_say(plot, left, base - before - 3, "start", &words);
}

void report_plot_handovers(const struct report *report, struct page *page) {
  static const char *const names[] = {"accepted", "rejected", "returned", "elsewhere", "waiting"};
  static const char *const colours[] = {PLOT_BLUE, PLOT_RED, PLOT_AMBER, PLOT_PALE, PLOT_GREY};
  struct plot plot = {0};
  uint64_t most = 0;
  for (int i = 0; i < report->bar_count; i++) {
    if (report->bars[i].answers.handed > most) most = report->bars[i].answers.handed;
  }
  if (most == 0) return;
  plot_begin(&plot, page, PLOT_LEGEND + TALL + PLOT_LEGEND, "Handed over, by week, and what became of it");
  plot_legend(&plot, names, colours, 5);
  for (int i = 0; i < report->bar_count; i++) draw_handovers(&plot, report, i, most);
  plot_rect(&plot, 0, PLOT_LEGEND + TALL, PLOT_WIDTH, 1, PLOT_GREY);
  say_days(&plot, report, PLOT_LEGEND + TALL + 16);
  plot_end(&plot, page);
}

/* --- members --- */

static void draw_member(struct plot *plot, const struct report *report, const struct report_cut *cut, uint64_t most,
                        int top) {
  const struct report_promises *promises = &cut->promises;
  struct buffer words = {0};
  int kept = plot_scaled(promises->kept, most, PLOT_WIDTH),
      breached = plot_scaled(promises->breached, most, PLOT_WIDTH);
  plot_rect(plot, 0, top + PLOT_BELOW, kept, PLOT_THICK, PLOT_BLUE);
  plot_rect(plot, kept, top + PLOT_BELOW, breached, PLOT_THICK, PLOT_RED);
  plot_rect(plot, kept + breached, top + PLOT_BELOW, plot_scaled(promises->running, most, PLOT_WIDTH), PLOT_THICK,
            PLOT_GREY);
  buffer_printf(&words, "%" PRIu64 " of %" PRIu64 " kept", promises->kept, promises->kept + promises->breached);
  plot_say_row(plot, top, report_text(report->log, cut->name ? cut->name : cut->queue), &words);
}

void report_plot_members(const struct report *report, struct page *page) {
  static const char *const names[] = {"kept", "breached", "running"}, *const colours[] = {PLOT_BLUE, PLOT_RED,
                                                                                          PLOT_GREY};
  struct plot plot = {0};
  int count = report->members.count < MEMBERS ? (int)report->members.count : MEMBERS;
  uint64_t most = 0;
  for (int i = 0; i < count; i++) {
    if (report->members.at[i]->promises.started > most) most = report->members.at[i]->promises.started;
  }
  if (most == 0) return;
  plot_begin(&plot, page, PLOT_LEGEND + count * PLOT_ROW, "SLAs by member");
  plot_legend(&plot, names, colours, 3);
  for (int i = 0; i < count; i++) draw_member(&plot, report, report->members.at[i], most, PLOT_LEGEND + i * PLOT_ROW);
  plot_end(&plot, page);
}
