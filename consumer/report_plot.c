/* report_plot.c: horizontal bars with a name and figures above, and vertical ones along the weeks. Narrow enough to be read on a telephone. */
#include "report_plot.h"

#include <inttypes.h>

#include "report_words.h"
#include "terminal.h"

enum {
  WIDTH = 480,
  ROW = 42,   /* from bar to bar */
  THICK = 14, /* a bar, below its line of text */
  BASE = 13,  /* from a row's top to its text's base line */
  BELOW = 19, /* from a row's top to its bar */
  LEGEND = 26,
  ITEM = 98,  /* an item of the legend */
  WEEKS = 62, /* height of a row of weeks, its name included */
  TALL = 120, /* height of the handovers */
  NAME_COLUMNS = 32,
  MEMBERS = 40,
  DAYS = 5,       /* so many dates have room below the weeks */
  DAY_WIDTH = 82, /* of a date */
  FIGURES = 12,   /* so many bars have their figures above them; of more only the highest has */
};

#define BLUE "#2b5c8a"
#define PALE "#9db8d2"
#define RED "#b8432f"
#define AMBER "#e0a43a"
#define GREY "#c9d1da"
#define INK "#1c2430"

struct plot {
  struct buffer svg;
  struct page page; /* writes to svg, for its escapes */
};

/* --- pieces --- */

static void plot_begin(struct plot *plot, struct page *page, int height, const char *title) {
  page_heading(page, 3, title);
  plot->page = (struct page){.out = &plot->svg, .html = true};
  buffer_printf(&plot->svg, "<svg viewBox=\"0 0 %d %d\" role=\"img\" font-size=\"14\" fill=\"" INK "\"><title>", WIDTH,
                height);
  page_escape(&plot->page, title);
  buffer_append_text(&plot->svg, "</title>\n");
}

static void plot_end(struct plot *plot, struct page *page) {
  buffer_append_text(&plot->svg, "</svg>\n");
  page_drawing(page, &plot->svg);
  buffer_fini(&plot->svg);
}

static void rect(struct plot *plot, int x, int y, int width, int height, const char *colour) {
  if (width <= 0 || height <= 0) return;
  buffer_printf(&plot->svg, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", x, y, width, height,
                colour);
}

/* Frees the words. */
static void say(struct plot *plot, int x, int y, const char *anchor, struct buffer *words) {
  buffer_printf(&plot->svg, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">", x, y, anchor);
  buffer_append(words, "", 1);
  page_escape(&plot->page, words->at);
  buffer_append_text(&plot->svg, "</text>\n");
  buffer_fini(words);
}

static void say_plain(struct plot *plot, int x, int y, const char *anchor, const char *text) {
  struct buffer words = {0};
  buffer_append_text(&words, text);
  say(plot, x, y, anchor, &words);
}

/* A name above a bar, cut where it is long, and figures at its end, whose words it frees. */
static void say_row(struct plot *plot, int top, struct slice name, struct buffer *figures) {
  struct buffer words = {0};
  struct terminal terminal = {.buffer = &words};
  terminal_text(&terminal, name.at ? name : SLICE("\u2013"), NAME_COLUMNS);
  say(plot, 0, top + BASE, "start", &words);
  if (figures) say(plot, WIDTH, top + BASE, "end", figures);
}

/* Of something there is at least a pixel. */
static int scaled(uint64_t part, uint64_t whole, int length) {
  if (part == 0 || whole == 0) return 0;
  int size = (int)((double)part / (double)whole * length);
  return size > 0 ? size : 1;
}

static void legend(struct plot *plot, const char *const *names, const char *const *colours, int count) {
  for (int i = 0; i < count; i++) {
    rect(plot, i * ITEM, 2, 12, 12, colours[i]);
    say_plain(plot, i * ITEM + 17, BASE, "start", names[i]);
  }
}

/* --- stages --- */

void report_plot_funnel(const struct report *report, struct page *page) {
  struct plot plot = {0};
  uint64_t most = 0;
  for (int rank = 0; rank < report->ladder.rungs; rank++) {
    if (report->all->rows[rank].entered > most) most = report->all->rows[rank].entered;
  }
  if (most == 0) return;
  plot_begin(&plot, page, report->ladder.rungs * ROW, "Funnel: entered, rung by rung");
  for (int rank = 0; rank < report->ladder.rungs; rank++) {
    const struct report_row *row = &report->all->rows[rank];
    struct buffer words = {0};
    int width = scaled(row->entered, most, WIDTH), top = rank * ROW;
    rect(&plot, (WIDTH - width) / 2, top + BELOW, width, THICK, BLUE);
    buffer_printf(&words, "%" PRIu64, row->entered);
    if (rank + 1 < report->ladder.rungs) {
      buffer_append_text(&words, ", converted ");
      report_per_cent(&words, row->converted, row->entered);
    }
    say_row(&plot, top, report_stage_name(report, rank), &words);
  }
  plot_end(&plot, page);
}

static void draw_stay(struct plot *plot, struct slice name, const struct report_spread *stay, int64_t most_ms,
                      int top) {
  int median = scaled((uint64_t)stay->median_ms, (uint64_t)most_ms, WIDTH);
  int p90 = scaled((uint64_t)stay->p90_ms, (uint64_t)most_ms, WIDTH);
  struct buffer words = {0};
  rect(plot, 0, top + BELOW, p90, THICK, PALE);
  rect(plot, 0, top + BELOW, median, THICK, BLUE);
  report_duration(&words, stay->median_ms);
  buffer_append_text(&words, " / ");
  report_duration(&words, stay->p90_ms);
  say_row(plot, top, name, &words);
}

void report_plot_stays(const struct report *report, struct page *page) {
  static const char *const names[] = {"median", "p90"}, *const colours[] = {BLUE, PALE};
  struct plot plot = {0};
  int64_t most_ms = 0;
  int rows = 0;
  for (int rank = 0; rank < report->ladder.count; rank++) {
    const struct report_spread *stay = &report->all->rows[rank].stay;
    if (stay->p90_ms > most_ms) most_ms = stay->p90_ms;
    rows += stay->count > 0;
  }
  if (rows == 0) return;
  plot_begin(&plot, page, LEGEND + rows * ROW, "Time in each stage");
  legend(&plot, names, colours, 2);
  for (int rank = 0, row = 0; rank < report->ladder.count; rank++) {
    const struct report_spread *stay = &report->all->rows[rank].stay;
    if (stay->count == 0) continue;
    draw_stay(&plot, report_stage_name(report, rank), stay, most_ms, LEGEND + row++ * ROW);
  }
  plot_end(&plot, page);
}

/* --- weeks --- */

static int bar_left(const struct report *report, int i) { return i * WIDTH / report->bar_count; }

static int bar_width(const struct report *report, int i) {
  int width = (bar_left(report, i + 1) - bar_left(report, i)) * 4 / 5;
  return width > 60 ? 60 : width;
}

/* The first day of some of the bars, as many as there is room for. */
static void say_days(struct plot *plot, const struct report *report, int y) {
  int step = (report->bar_count + DAYS - 1) / DAYS;
  for (int i = 0; i < report->bar_count; i += step) {
    if (bar_left(report, i) + DAY_WIDTH > WIDTH) break;
    struct buffer words = {0};
    report_time(&words, report_bar_from(report, i), true);
    say(plot, bar_left(report, i), y, "start", &words);
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
    int height = scaled(entered, most, WEEKS - BELOW - 20), base = top + WEEKS - 4;
    rect(plot, bar_left(report, i), base - height, bar_width(report, i), height, BLUE);
    if (entered == 0 || (report->bar_count > FIGURES && (said || entered < most))) continue;
    said = true;
    struct buffer words = {0};
    buffer_printf(&words, "%" PRIu64, entered);
    say(plot, bar_left(report, i), base - height - 2, "start", &words);
  }
  rect(plot, 0, top + WEEKS - 4, WIDTH, 1, GREY);
}

void report_plot_weeks(const struct report *report, struct page *page) {
  struct plot plot = {0};
  if (report->ladder.rungs == 0) return;
  plot_begin(&plot, page, report->ladder.rungs * WEEKS + LEGEND, "Entered each stage, by week");
  for (int rank = 0; rank < report->ladder.rungs; rank++) {
    say_row(&plot, rank * WEEKS, report_stage_name(report, rank), NULL);
    draw_weeks(&plot, report, rank, rank * WEEKS);
  }
  say_days(&plot, report, report->ladder.rungs * WEEKS + BASE + 2);
  plot_end(&plot, page);
}

static void draw_handovers(struct plot *plot, const struct report *report, int i, uint64_t most) {
  static const char *const colours[] = {BLUE, RED, AMBER, PALE, GREY};
  const struct report_answers *a = &report->bars[i].answers;
  const uint64_t parts[] = {a->accepted, a->rejected, a->returned, a->elsewhere, a->waiting};
  struct buffer words = {0};
  uint64_t sum = 0;
  int base = LEGEND + TALL, before = 0, left = bar_left(report, i);
  for (int part = 0; part < 5; part++) {
    sum += parts[part];
    int height = scaled(sum, most, TALL - 16);
    rect(plot, left, base - height, bar_width(report, i), height - before, colours[part]);
    before = height;
  }
  if (sum == 0 || (report->bar_count > FIGURES && sum < most)) return;
  buffer_printf(&words, "%" PRIu64, sum);
  say(plot, left, base - before - 3, "start", &words);
}

void report_plot_handovers(const struct report *report, struct page *page) {
  static const char *const names[] = {"accepted", "rejected", "returned", "elsewhere", "waiting"};
  static const char *const colours[] = {BLUE, RED, AMBER, PALE, GREY};
  struct plot plot = {0};
  uint64_t most = 0;
  for (int i = 0; i < report->bar_count; i++) {
    if (report->bars[i].answers.handed > most) most = report->bars[i].answers.handed;
  }
  if (most == 0) return;
  plot_begin(&plot, page, LEGEND + TALL + LEGEND, "Handed over, by week, and what became of it");
  legend(&plot, names, colours, 5);
  for (int i = 0; i < report->bar_count; i++) draw_handovers(&plot, report, i, most);
  rect(&plot, 0, LEGEND + TALL, WIDTH, 1, GREY);
  say_days(&plot, report, LEGEND + TALL + 16);
  plot_end(&plot, page);
}

/* --- members --- */

static void draw_member(struct plot *plot, const struct report *report, const struct report_cut *cut, uint64_t most,
                        int top) {
  const struct report_promises *promises = &cut->promises;
  struct buffer words = {0};
  int kept = scaled(promises->kept, most, WIDTH), breached = scaled(promises->breached, most, WIDTH);
  rect(plot, 0, top + BELOW, kept, THICK, BLUE);
  rect(plot, kept, top + BELOW, breached, THICK, RED);
  rect(plot, kept + breached, top + BELOW, scaled(promises->running, most, WIDTH), THICK, GREY);
  buffer_printf(&words, "%" PRIu64 " of %" PRIu64 " kept", promises->kept, promises->kept + promises->breached);
  say_row(plot, top, report_text(report->log, cut->name ? cut->name : cut->queue), &words);
}

void report_plot_members(const struct report *report, struct page *page) {
  static const char *const names[] = {"kept", "breached", "running"}, *const colours[] = {BLUE, RED, GREY};
  struct plot plot = {0};
  int count = report->members.count < MEMBERS ? (int)report->members.count : MEMBERS;
  uint64_t most = 0;
  for (int i = 0; i < count; i++) {
    if (report->members.at[i]->promises.started > most) most = report->members.at[i]->promises.started;
  }
  if (most == 0) return;
  plot_begin(&plot, page, LEGEND + count * ROW, "SLAs by member");
  legend(&plot, names, colours, 3);
  for (int i = 0; i < count; i++) draw_member(&plot, report, report->members.at[i], most, LEGEND + i * ROW);
  plot_end(&plot, page);
}
