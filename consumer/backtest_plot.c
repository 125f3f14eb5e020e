/* backtest_plot.c: the curve, what it costs a week, and the weeks of OLD and NEW. */
#include "backtest_plot.h"

#include <inttypes.h>

#include "report_words.h"

enum {
  LEFT = 44,
  ACROSS = 410,
  TALL = 260,
  TOP = 34,
  BOTTOM = 46,
  WEEKS_TALL = 120,
  WEEKS_MOST = 60,
  LABELS = 8,
  DAYS = 5,
  DAY_WIDTH = 82
};

/* --- the curve --- */

struct place {
  int x, y;
};

static struct place place_of(int64_t recall, int64_t precision) {
  return (struct place){LEFT + (int)(recall * ACROSS / BACKTEST_ONE),
                        TOP + TALL - (int)(precision * TALL / BACKTEST_ONE)};
}

/* False: of nobody. */
static bool place_of_side(const struct backtest *b, int32_t side, struct place *place) {
  int64_t precision = ratio_millionths(backtest_precision(&b->sides[side].count));
  int64_t recall = ratio_millionths(backtest_recall(b, &b->sides[side].count));
  if (precision == BACKTEST_UNKNOWN || recall == BACKTEST_UNKNOWN) return false;
  *place = place_of(recall, precision);
  return true;
}

static void draw_axes(struct plot *plot) {
  for (int i = 0; i <= 4; i++) {
    struct buffer words = {0};
    int y = TOP + TALL - i * TALL / 4, x = LEFT + i * ACROSS / 4;
    plot_rect(plot, LEFT, y, ACROSS, 1, PLOT_GREY);
    buffer_printf(&words, "%d%%", i * 25);
    plot_say(plot, LEFT - 8, y + 4, "end", &words);
    buffer_printf(&words, "%d%%", i * 25);
    plot_say(plot, x, TOP + TALL + 18, "middle", &words);
  }
  plot_say_plain(plot, 0, TOP - 16, "start", "precision");
  plot_say_plain(plot, LEFT + ACROSS / 2, TOP + TALL + 38, "middle", "recall");
}

static void draw_base(const struct backtest *b, struct plot *plot) {
  int64_t base = b->all.leads ? (int64_t)(b->all.won * (uint64_t)BACKTEST_ONE / b->all.leads) : 0;
  int y = place_of(0, base).y;
  plot_line(plot, LEFT, y, LEFT + ACROSS, y, PLOT_AMBER);
  plot_say_plain(plot, LEFT + 6, y - 5, "start", "everybody");
}

static void draw_points(const struct backtest_result *result, struct plot *plot) {
  const struct sweep *sweep = result->sweep;
  int32_t step = sweep->count / LABELS + 1;
  struct place before = {0}, now;
  bool drawn = false;
  for (int32_t i = 0; i < sweep->count; i++) {
    if (!place_of_side(result->backtest, BACKTEST_PAIR + i, &now)) continue;
    if (drawn) plot_line(plot, before.x, before.y, now.x, now.y, PLOT_PALE);
    before = now;
    drawn = true;
  }
  for (int32_t i = 0; i < sweep->count; i++) {
    if (!place_of_side(result->backtest, BACKTEST_PAIR + i, &now)) continue;
    plot_dot(plot, now.x, now.y, 4, PLOT_BLUE);
    if (i % step == 0) plot_say_plain(plot, now.x + 7, now.y - 6, "start", sweep->values[i]);
  }
}

static void draw_side(const struct backtest *b, struct plot *plot, int32_t side, const char *colour, const char *name,
                      int below) {
  struct place place;
  if (!place_of_side(b, side, &place)) return;
  plot_dot(plot, place.x, place.y, 6, colour);
  plot_say_plain(plot, place.x - 9, place.y + below, "end", name);
}

void backtest_plot_curve(const struct backtest_result *result, struct page *page) {
  struct plot plot = {0};
  const struct backtest *b = result->backtest;
  if (b->all.won == 0) return;
  plot_begin(&plot, page, TOP + TALL + BOTTOM, "Tight against loose: precision over recall");
  draw_axes(&plot);
  draw_base(b, &plot);
  if (result->sweep) draw_points(result, &plot);
  draw_side(b, &plot, BACKTEST_OLD, PLOT_RED, "OLD", 14);
  draw_side(b, &plot, BACKTEST_NEW, PLOT_INK, "NEW", -4);
  plot_end(&plot, page);
}

/* --- what it costs --- */

void backtest_plot_volume(const struct backtest_result *result, struct page *page) {
  const struct backtest *b = result->backtest;
  const struct sweep *sweep = result->sweep;
  int64_t most = b->order->capacity * BACKTEST_ONE;
  struct plot plot = {0};
  if (!sweep || b->ledger.from_ms == TIME_NONE) return;
  for (int32_t i = 0; i < sweep->count; i++) {
    int64_t per_week = ratio_millionths(backtest_per_week(b, b->ledger.sides[BACKTEST_PAIR + i].handovers));
    if (per_week > most) most = per_week;
  }
  plot_begin(&plot, page, sweep->count * PLOT_ROW, "Handovers a week, value by value");
  for (int32_t i = 0; i < sweep->count; i++) {
    int64_t per_week = ratio_millionths(backtest_per_week(b, b->ledger.sides[BACKTEST_PAIR + i].handovers));
    bool over = b->order->capacity && per_week > b->order->capacity * BACKTEST_ONE;
    struct buffer words = {0};
    plot_rect(&plot, 0, i * PLOT_ROW + PLOT_BELOW, plot_scaled((uint64_t)per_week, (uint64_t)most, PLOT_WIDTH),
              PLOT_THICK, over ? PLOT_RED : PLOT_BLUE);
    buffer_printf(&words, "%.1f", (double)per_week / (double)BACKTEST_ONE);
    plot_say_row(&plot, i * PLOT_ROW, slice_of(sweep->values[i]), &words);
  }
  if (b->order->capacity) {
    int x = plot_scaled((uint64_t)b->order->capacity * (uint64_t)BACKTEST_ONE, (uint64_t)most, PLOT_WIDTH);
    plot_line(&plot, x, 0, x, sweep->count * PLOT_ROW, PLOT_AMBER);
  }
  plot_end(&plot, page);
}

/* --- weeks --- */

static void draw_week(const struct backtest *b, struct plot *plot, int64_t week, int left, int width, uint64_t most) {
  static const char *const colours[] = {PLOT_PALE, PLOT_BLUE};
  for (int32_t side = 0; side < BACKTEST_PAIR; side++) {
    int height = plot_scaled(backtest_week_count(b, side, week), most, WEEKS_TALL);
    plot_rect(plot, left + side * width, PLOT_LEGEND + WEEKS_TALL - height, width, height, colours[side]);
  }
}

void backtest_plot_weeks(const struct backtest_result *result, struct page *page) {
  static const char *const names[] = {"OLD", "NEW", "capacity"}, *const colours[] = {PLOT_PALE, PLOT_BLUE, PLOT_AMBER};
  const struct backtest *b = result->backtest;
  int64_t first, count = backtest_weeks(b, &first), capacity = b->order->capacity;
  uint64_t most = (uint64_t)capacity;
  struct plot plot = {0};
  if (count == 0) return;
  int64_t shown = count < WEEKS_MOST ? count : WEEKS_MOST;
  first += count - shown;
  for (int32_t side = 0; side < BACKTEST_PAIR; side++)
    for (int64_t week = first; week < first + shown; week++)
      if (backtest_week_count(b, side, week) > most) most = backtest_week_count(b, side, week);
  plot_begin(&plot, page, PLOT_LEGEND + WEEKS_TALL + PLOT_LEGEND, "Handovers by week");
  plot_legend(&plot, names, colours, capacity ? 3 : 2);
  int step = PLOT_WIDTH / (int)shown, width = step * 2 / 5 > 20 ? 20 : step * 2 / 5;
  for (int64_t i = 0; i < shown; i++) {
    int left = (int)i * step;
    draw_week(b, &plot, first + i, left, width, most);
    if (i % ((shown + DAYS - 1) / DAYS) != 0 || left + DAY_WIDTH > PLOT_WIDTH) continue;
    struct buffer words = {0};
    report_time(&words, backtest_week_ms(first + i), true);
    plot_say(&plot, left, PLOT_LEGEND + WEEKS_TALL + 16, "start", &words);
  }
  if (capacity) {
    int y = PLOT_LEGEND + WEEKS_TALL - plot_scaled((uint64_t)capacity, most, WEEKS_TALL);
    plot_line(&plot, 0, y, PLOT_WIDTH, y, PLOT_AMBER);
  }
  plot_rect(&plot, 0, PLOT_LEGEND + WEEKS_TALL, PLOT_WIDTH, 1, PLOT_GREY);
  plot_end(&plot, page);
}
