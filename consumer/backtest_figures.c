/* backtest_figures.c: from what was noted lead by lead to the figures. */
#include <stdlib.h>

#include "backtest.h"
#include "engine/memory.h"

/* --- one lead --- */

static int64_t first_ms(const struct backtest *b, const struct ledger_leads *leads, int32_t side, uint32_t lead) {
  return ledger_first_ms(&b->ledger, leads, side, lead);
}

bool backtest_is_late(const struct ledger_leads *leads, uint32_t lead, int64_t handed_ms) {
  return leads->won_ms[lead] != TIME_NONE && handed_ms >= leads->won_ms[lead];
}

static void count_outcome(struct backtest_count *count, const struct ledger_leads *leads, uint32_t lead) {
  count->leads++;
  if (leads->won_ms[lead] != TIME_NONE) count->won++;
  else if (leads->rejected[lead]) count->rejected++;
  else count->open++;
}

enum backtest_how backtest_how_of(const struct backtest *b, const struct ledger_leads *leads, uint32_t lead) {
  int64_t old = first_ms(b, leads, BACKTEST_OLD, lead), new = first_ms(b, leads, BACKTEST_NEW, lead);
  if (old == TIME_NONE) return new == TIME_NONE ? HOW_COUNT : HOW_NEW;
  if (new == TIME_NONE) return HOW_GONE;
  if (old == new) return HOW_SAME;
  return new < old ? HOW_EARLIER : HOW_LATER;
}

/* --- all leads --- */

struct distances { /* by how much NEW is earlier, or later */
  int64_t *at;
  size_t count, room;
};

static void distance_add(struct distances *distances, int64_t ms) {
  if (distances->count == distances->room) {
    distances->room = distances->room ? distances->room * 2 : 256;
    distances->at = memory_grown(distances->at, distances->room * sizeof *distances->at);
  }
  distances->at[distances->count++] = ms;
}

static int compare_ms(const void *left, const void *right) {
  int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
  return (a > b) - (a < b);
}

/* Of an even number the lower of the two in the middle. */
static int64_t median(struct distances *distances) {
  if (distances->count == 0) return TIME_NONE;
  qsort(distances->at, distances->count, sizeof *distances->at, compare_ms);
  return distances->at[(distances->count - 1) / 2];
}

static void reckon_lead(struct backtest *b, const struct ledger_leads *leads, uint32_t lead,
                        struct distances *distances) {
  count_outcome(&b->all, leads, lead);
  for (int32_t side = 0; side < b->ledger.side_count; side++) {
    int64_t handed_ms = first_ms(b, leads, side, lead);
    if (handed_ms == TIME_NONE) continue;
    if (backtest_is_late(leads, lead, handed_ms)) b->sides[side].late++;
    else count_outcome(&b->sides[side].count, leads, lead);
  }
  enum backtest_how how = backtest_how_of(b, leads, lead);
  if (how == HOW_COUNT) return;
  count_outcome(&b->compared[how].count, leads, lead);
  if (how == HOW_EARLIER || how == HOW_LATER)
    distance_add(&distances[how],
                 llabs(first_ms(b, leads, BACKTEST_NEW, lead) - first_ms(b, leads, BACKTEST_OLD, lead)));
}

static void reckon_leads(struct backtest *b) {
  struct distances distances[HOW_COUNT] = {0};
  for (int32_t i = 0; i < b->partition_count; i++)
    for (uint32_t lead = 0; lead < b->partitions[i].leads.count; lead++)
      reckon_lead(b, &b->partitions[i].leads, lead, distances);
  for (int32_t how = 0; how < HOW_COUNT; how++) {
    b->compared[how].median_ms = median(&distances[how]);
    memory_free(distances[how].at);
  }
}

/* --- rules and criteria --- */

static void reckon_first(struct backtest *b, const struct ledger_leads *leads, int32_t side, uint32_t at) {
  const struct ledger_signs *signs = &b->ledger.signs[side];
  const uint64_t *bits = leads->signs[side] + (size_t)at * (size_t)signs->words;
  uint32_t lead = leads->firsts[side][at].lead;
  if (backtest_is_late(leads, lead, first_ms(b, leads, side, lead))) return;
  for (int32_t bit = 0; bit < signs->bits; bit++)
    if (bits[bit / 64] >> bit % 64 & 1) count_outcome(&b->signs[side][bit], leads, lead);
}

static void reckon_signs(struct backtest *b) {
  for (int32_t side = 0; side < BACKTEST_PAIR; side++) {
    b->signs[side] = memory_zeroed((size_t)b->ledger.signs[side].bits, sizeof *b->signs[side]);
    for (int32_t i = 0; i < b->partition_count; i++)
      for (uint32_t at = 0; at < b->partitions[i].leads.first_count[side]; at++)
        reckon_first(b, &b->partitions[i].leads, side, at);
  }
}

void backtest_reckon(struct backtest *b) {
  b->sides = memory_zeroed((size_t)b->ledger.side_count, sizeof *b->sides);
  for (int32_t i = 0; i < b->partition_count; i++) b->dead_letters += panel_dead_letters(b->partitions[i].panel);
  reckon_leads(b);
  reckon_signs(b);
  for (int32_t side = 0; side < b->ledger.side_count; side++) {
    const struct ledger_weeks *weeks = &b->ledger.sides[side].weeks;
    for (int64_t week = 0; week < weeks->count; week++) {
      if (weeks->at[week] > b->sides[side].busiest) b->sides[side].busiest = weeks->at[week];
      b->sides[side].weeks_over += b->order->capacity && weeks->at[week] > (uint64_t)b->order->capacity;
    }
  }
}

/* --- shares --- */

int64_t ratio_millionths(struct ratio ratio) {
  if (ratio.whole == 0) return BACKTEST_UNKNOWN;
  backtest_wide share = ratio.part / ratio.whole * (backtest_wide)BACKTEST_ONE +
                        ratio.part % ratio.whole * (backtest_wide)BACKTEST_ONE / ratio.whole;
  return share > INT64_MAX ? INT64_MAX : (int64_t)share;
}

/* By continued fractions: whole parts first, then what is left, the other way up. Nothing is multiplied, so nothing is too large. */
int ratio_compare(struct ratio a, struct ratio b) {
  for (int sign = 1;; sign = -sign) {
    backtest_wide left = a.part / a.whole, right = b.part / b.whole;
    if (left != right) return left < right ? -sign : sign;
    a.part %= a.whole;
    b.part %= b.whole;
    if (a.part == 0 || b.part == 0) return a.part == b.part ? 0 : a.part == 0 ? -sign : sign;
    a = (struct ratio){a.whole, a.part};
    b = (struct ratio){b.whole, b.part};
  }
}

struct ratio backtest_precision(const struct backtest_count *count) {
  return (struct ratio){count->won, count->leads};
}

struct ratio backtest_recall(const struct backtest *b, const struct backtest_count *count) {
  return (struct ratio){count->won, b->all.won};
}

struct ratio backtest_lift(const struct backtest *b, const struct backtest_count *count) {
  return (struct ratio){(backtest_wide)count->won * b->all.leads, (backtest_wide)count->leads * b->all.won};
}

struct ratio backtest_per_week(const struct backtest *b, uint64_t count) {
  if (b->ledger.from_ms == TIME_NONE) return (struct ratio){0, 0};
  return (struct ratio){(backtest_wide)count * (backtest_wide)BACKTEST_WEEK_MS,
                        (backtest_wide)(b->ledger.to_ms - b->ledger.from_ms + 1)};
}
