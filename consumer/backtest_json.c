/* backtest_json.c: docs/commands.md, backtest, has the members. */

#include "../config/canonical.h"
#include "../producer/json_write.h"
#include "backtest_print.h"

static void write_share(struct buffer *out, const char *name, struct ratio ratio) {
  int64_t millionths = ratio_millionths(ratio);
  json_member(out, name);
  if (millionths == BACKTEST_UNKNOWN) buffer_append_text(out, "null");
  else backtest_append_millionths(out, millionths);
}

static void write_count(struct buffer *out, const struct backtest_count *count) {
  json_write_count(out, "leads", count->leads);
  json_write_count(out, "won", count->won);
  json_write_count(out, "rejected", count->rejected);
  json_write_count(out, "open", count->open);
}

static void write_shares(struct buffer *out, const struct backtest *b, const struct backtest_count *count) {
  write_share(out, "precision", backtest_precision(count));
  write_share(out, "recall", backtest_recall(b, count));
  write_share(out, "lift", backtest_lift(b, count));
}

/* --- one definition --- */

static void write_figures(struct buffer *out, const struct backtest *b, int32_t at) {
  const struct backtest_side *side = &b->sides[at];
  uint64_t handovers = b->ledger.sides[at].handovers;
  json_write_count(out, "handovers", handovers);
  write_share(out, "per_week", backtest_per_week(b, handovers));
  json_write_count(out, "leads", side->count.leads + side->late);
  json_write_count(out, "late", side->late);
  json_write_count(out, "won", side->count.won);
  json_write_count(out, "rejected", side->count.rejected);
  json_write_count(out, "open", side->count.open);
  write_shares(out, b, &side->count);
  json_write_count(out, "busiest_week", side->busiest);
  if (b->order->capacity) json_write_count(out, "weeks_over", side->weeks_over);
  else json_write_null(out, "weeks_over");
  json_write_count(out, "breaches", b->ledger.sides[at].breaches);
}

static void write_stages(struct buffer *out, const struct ledger_side *side) {
  json_open(out, "stages", "[");
  for (int32_t i = 0; i < side->definition->stage_count; i++) {
    json_open(out, NULL, "{");
    json_write_text(out, "stage", side->definition->stages[i].name);
    json_write_count(out, "entered", side->entered[i]);
    json_close(out, "}");
  }
  json_close(out, "]");
}

static void write_sign(struct buffer *out, const struct backtest *b, const struct backtest_count *count) {
  write_count(out, count);
  write_shares(out, b, count);
  json_close(out, "}");
}

static void write_signs(struct buffer *out, const struct backtest *b, int32_t at) {
  const struct definition *d = b->ledger.sides[at].definition;
  const struct backtest_count *count = b->signs[at];
  json_open(out, "rules", "[");
  for (int32_t i = 0; i < d->score_count; i++) {
    for (int32_t j = 0; j < d->scores[i].rule_count; j++) {
      json_open(out, NULL, "{");
      json_write_text(out, "score", d->scores[i].name);
      json_write_text(out, "rule", d->scores[i].rules[j].name);
      write_sign(out, b, count++);
    }
  }
  json_close(out, "]");
  json_open(out, "criteria", "[");
  for (int32_t i = 0; i < d->criterion_count; i++) {
    json_open(out, NULL, "{");
    json_write_text(out, "criterion", d->criteria[i].name);
    write_sign(out, b, count++);
  }
  json_close(out, "]");
}

static void write_side(struct buffer *out, const struct backtest *b, const char *name, int32_t at) {
  const struct ledger_side *side = &b->ledger.sides[at];
  json_open(out, name, "{");
  json_open(out, "definition", "{");
  json_write_text(out, "name", side->definition->name);
  json_write_count(out, "version", side->definition->version);
  json_write_text(out, "digest", side->definition->digest);
  json_close(out, "}");
  json_write_text(out, "handover", side->definition->stages[side->handover].name);
  write_figures(out, b, at);
  write_stages(out, side);
  write_signs(out, b, at);
  json_close(out, "}");
}

/* --- both --- */

static void write_compared(struct buffer *out, const struct backtest *b) {
  json_open(out, "compared", "{");
  for (int32_t how = 0; how < HOW_COUNT; how++) {
    int64_t median_ms = b->compared[how].median_ms;
    json_open(out, backtest_hows[how], "{");
    write_count(out, &b->compared[how].count);
    if (median_ms == TIME_NONE) json_write_null(out, "median_ms");
    else json_write_integer(out, "median_ms", median_ms);
    json_close(out, "}");
  }
  json_close(out, "}");
}

static void write_weeks(struct buffer *out, const struct backtest *b) {
  int64_t first, count = backtest_weeks(b, &first);
  json_open(out, "weeks", "[");
  for (int64_t week = first; week < first + count; week++) {
    json_open(out, NULL, "{");
    json_write_time(out, "from", backtest_week_ms(week));
    json_write_count(out, "old", backtest_week_count(b, BACKTEST_OLD, week));
    json_write_count(out, "new", backtest_week_count(b, BACKTEST_NEW, week));
    json_close(out, "}");
  }
  json_close(out, "]");
}

static void write_sweep(struct buffer *out, const struct backtest *b, const struct sweep *sweep) {
  if (!sweep) {
    json_write_null(out, "sweep");
    return;
  }
  json_open(out, "sweep", "{");
  json_write_text(out, "pointer", sweep->pointer);
  json_member(out, "as_it_stands");
  buffer_append_text(out, sweep->as_it_stands);
  json_open(out, "points", "[");
  for (int32_t i = 0; i < sweep->count; i++) {
    json_open(out, NULL, "{");
    json_member(out, "value");
    buffer_append_text(out, sweep->values[i]);
    write_figures(out, b, BACKTEST_PAIR + i);
    json_close(out, "}");
  }
  json_close(out, "]");
  json_close(out, "}");
}

static void write_gates(struct buffer *out, const struct gate *gates, int32_t count) {
  json_open(out, "fail_if", "[");
  for (int32_t i = 0; i < count; i++) {
    const struct gate *gate = &gates[i];
    json_open(out, NULL, "{");
    json_write_text(out, "condition", slice_of(gate->text));
    write_share(out, "value", gate->value);
    write_share(out, "limit", gate->limit);
    json_write_flag(out, "fails", gate->fails);
    json_write_text(out, "why", *gate->why ? slice_of(gate->why) : (struct slice){0});
    json_close(out, "}");
  }
  json_close(out, "]");
}

static void write_log(struct buffer *out, const struct backtest *b) {
  json_open(out, "log", "{");
  json_write_time(out, "from", b->ledger.from_ms);
  json_write_time(out, "to", b->ledger.to_ms);
  json_write_count(out, "events", b->ledger.events);
  json_write_count(out, "dead_letters", b->dead_letters);
  write_count(out, &b->all);
  json_open(out, "unseen", "[");
  for (int32_t i = 0; i < b->cut_count; i++) {
    json_open(out, NULL, "{");
    json_write_text(out, "topic", b->cuts[i].topic);
    json_write_integer(out, "partition", b->cuts[i].partition);
    json_write_integer(out, "first_offset", b->cuts[i].first);
    json_close(out, "}");
  }
  json_close(out, "]");
  json_close(out, "}");
}

static void write_patterns(struct buffer *out, const char *name, const cJSON *patterns) {
  json_member(out, name);
  canonical_append(out, patterns, NULL, 0);
}

void backtest_print_json(const struct backtest_result *result, struct buffer *out) {
  const struct backtest *b = result->backtest;
  json_open(out, NULL, "{");
  write_side(out, b, "old", BACKTEST_OLD);
  write_side(out, b, "new", BACKTEST_NEW);
  write_compared(out, b);
  write_weeks(out, b);
  write_sweep(out, b, result->sweep);
  write_gates(out, result->gates, result->gate_count);
  write_log(out, b);
  write_patterns(out, "won", b->order->outcome->won);
  write_patterns(out, "rejected", b->order->outcome->rejected);
  if (b->order->capacity) json_write_integer(out, "capacity", b->order->capacity);
  else json_write_null(out, "capacity");
  json_close(out, "}\n");
}
