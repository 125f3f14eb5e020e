/* backtest_tables.c: may use: backtest_print.h, report_sheet.h, report_words.h. */
#include "backtest_tables.h"

#include <inttypes.h>

#include "../config/canonical.h"
#include "report_words.h"

enum { CURVE = 26, WEEKS_MOST = 60, FIGURE_COLUMNS = 3 };

#define COUNT(heads) (sizeof(heads) / sizeof *(heads))
#define NONE_TEXT "\u2013"

/* --- cells --- */

static void put_ratio(struct sheet *sheet, struct ratio ratio, int decimals) {
  int64_t millionths = ratio_millionths(ratio);
  struct buffer words = {0};
  if (millionths == BACKTEST_UNKNOWN) buffer_append_text(&words, NONE_TEXT);
  else buffer_printf(&words, "%.*f", decimals, (double)millionths / (double)BACKTEST_ONE);
  sheet_cell(sheet, &words);
}

static void put_share(struct sheet *sheet, const struct backtest_count *count) {
  sheet_part(sheet, count->won, count->leads);
}

static void put_outcomes(struct sheet *sheet, const struct backtest_count *count) {
  sheet_count(sheet, count->won);
  sheet_count(sheet, count->rejected);
  sheet_count(sheet, count->open);
}

static void put_shares(const struct backtest *b, struct sheet *sheet, const struct backtest_count *count) {
  put_share(sheet, count);
  sheet_part(sheet, count->won, b->all.won);
  put_ratio(sheet, backtest_lift(b, count), 2);
}

static void put_text(struct sheet *sheet, const char *text) { sheet_name(sheet, slice_of(text)); }

/* --- the head --- */

static void say_patterns(struct sheet *sheet, const char *what, const cJSON *patterns, const char *none) {
  struct buffer words = {0};
  const cJSON *pattern;
  cJSON_ArrayForEach(pattern, patterns) {
    if (words.length) buffer_append_text(&words, ", ");
    if (cJSON_IsString(pattern)) buffer_append_text(&words, pattern->valuestring);
    else canonical_append(&words, pattern, NULL, 0);
  }
  buffer_append(&words, "", 1);
  sheet_say(sheet, "%s: %s.", what, words.length > 1 ? words.at : none);
  buffer_fini(&words);
}

static void say_log(const struct backtest *b, struct sheet *sheet) {
  struct buffer words = {0};
  if (b->ledger.from_ms == TIME_NONE) {
    sheet_say(sheet, "The log has no events.");
    return;
  }
  report_time(&words, b->ledger.from_ms, false);
  buffer_append_text(&words, " to ");
  report_time(&words, b->ledger.to_ms, false);
  buffer_append(&words, "", 1);
  sheet_say(sheet, "From %s UTC. Events: %" PRIu64 ". Dead letters: %" PRIu64 ".", words.at, b->ledger.events,
            b->dead_letters);
  buffer_fini(&words);
  sheet_say(sheet, "Leads: %" PRIu64 ", of them won %" PRIu64 ", rejected %" PRIu64 ", open %" PRIu64 ".", b->all.leads,
            b->all.won, b->all.rejected, b->all.open);
}

static void say_unseen(const struct backtest *b, struct sheet *sheet) {
  for (int32_t i = 0; i < b->cut_count; i++) {
    const struct backtest_cut *cut = &b->cuts[i];
    sheet_say(sheet, "NOT SEEN: the beginning of %.*s, partition %" PRId32 ": it begins at offset %" PRId64 ".",
              (int)cut->topic.length, cut->topic.at, cut->partition, cut->first);
  }
}

static void say_side(const struct backtest *b, struct sheet *sheet, const char *who, int32_t at) {
  const struct definition *d = b->ledger.sides[at].definition;
  struct slice stage = d->stages[b->ledger.sides[at].handover].name;
  sheet_say(sheet, "%s: %.*s, version %u, handed over from \"%.*s\" on.", who, (int)d->name.length, d->name.at,
            d->version, (int)stage.length, stage.at);
}

void backtest_table_head(const struct backtest_result *result, struct sheet *sheet) {
  const struct backtest *b = result->backtest;
  const struct outcome *outcome = b->order->outcome;
  say_side(b, sheet, "OLD", BACKTEST_OLD);
  say_side(b, sheet, "NEW", BACKTEST_NEW);
  say_log(b, sheet);
  say_unseen(b, sheet);
  say_patterns(sheet, "Won", outcome->won, "no event says so; --won EVENT does");
  say_patterns(sheet, "Rejected", outcome->rejected, "no event says so; --rejected EVENT does");
}

/* --- figures --- */

static void figure_table(struct sheet *sheet, const char *name, const char *heading, const char *what) {
  sheet_table(sheet, (struct sheet_table){.name = name, .heading = heading, .columns = FIGURE_COLUMNS, .names = 1});
  sheet_head(sheet, what, "what");
  sheet_head(sheet, "OLD", "old");
  sheet_head(sheet, "NEW", "new");
}

static void count_row(struct sheet *sheet, const char *what, uint64_t old, uint64_t new) {
  put_text(sheet, what);
  sheet_count(sheet, old);
  sheet_count(sheet, new);
}

static void per_week_row(const struct backtest *b, struct sheet *sheet, const char *what, uint64_t old, uint64_t new) {
  put_text(sheet, what);
  put_ratio(sheet, backtest_per_week(b, old), 1);
  put_ratio(sheet, backtest_per_week(b, new), 1);
}

static void over_row(const struct backtest *b, struct sheet *sheet) {
  struct buffer words = {0};
  if (!b->order->capacity) return;
  buffer_printf(&words, "weeks over %" PRId64, b->order->capacity);
  sheet_cell(sheet, &words);
  sheet_count(sheet, b->sides[BACKTEST_OLD].weeks_over);
  sheet_count(sheet, b->sides[BACKTEST_NEW].weeks_over);
}

static void share_rows(const struct backtest *b, struct sheet *sheet) {
  const struct backtest_count *old = &b->sides[BACKTEST_OLD].count, *new = &b->sides[BACKTEST_NEW].count;
  put_text(sheet, "precision");
  put_share(sheet, old);
  put_share(sheet, new);
  put_text(sheet, "recall");
  sheet_part(sheet, old->won, b->all.won);
  sheet_part(sheet, new->won, b->all.won);
  put_text(sheet, "lift");
  put_ratio(sheet, backtest_lift(b, old), 2);
  put_ratio(sheet, backtest_lift(b, new), 2);
}

void backtest_table_figures(const struct backtest_result *result, struct sheet *sheet) {
  const struct backtest *b = result->backtest;
  const struct ledger_side *noted = b->ledger.sides;
  const struct backtest_side *old = &b->sides[BACKTEST_OLD], *new = &b->sides[BACKTEST_NEW];
  figure_table(sheet, "figures", "Handed over", "");
  count_row(sheet, "handovers", noted[BACKTEST_OLD].handovers, noted[BACKTEST_NEW].handovers);
  per_week_row(b, sheet, "  a week", noted[BACKTEST_OLD].handovers, noted[BACKTEST_NEW].handovers);
  count_row(sheet, "busiest week", old->busiest, new->busiest);
  over_row(b, sheet);
  count_row(sheet, "leads", old->count.leads + old->late, new->count.leads + new->late);
  count_row(sheet, "  late: won before", old->late, new->late);
  count_row(sheet, "  won", old->count.won, new->count.won);
  count_row(sheet, "  rejected", old->count.rejected, new->count.rejected);
  count_row(sheet, "  open", old->count.open, new->count.open);
  share_rows(b, sheet);
  count_row(sheet, "SLA breaches", noted[BACKTEST_OLD].breaches, noted[BACKTEST_NEW].breaches);
}

void backtest_table_compared(const struct backtest_result *result, struct sheet *sheet) {
  static const struct sheet_head heads[] = {{"NEW hands over", "how"},   {"leads", "leads"}, {"won", "won"},
                                            {"rejected", "rejected"},    {"open", "open"},   {"precision", "precision"},
                                            {"by (median)", "median_ms"}};
  static const char *const words[HOW_COUNT] = {"at the same time", "earlier", "later", "who was not", "not any more"};
  const struct backtest *b = result->backtest;
  sheet_table(sheet, (struct sheet_table){
                         .name = "compared", .heading = "Compared with OLD", .columns = COUNT(heads), .names = 1});
  sheet_heads(sheet, heads, COUNT(heads));
  for (int32_t how = 0; how < HOW_COUNT; how++) {
    const struct backtest_compared *compared = &b->compared[how];
    put_text(sheet, words[how]);
    sheet_count(sheet, compared->count.leads);
    put_outcomes(sheet, &compared->count);
    put_share(sheet, &compared->count);
    sheet_duration(sheet, compared->median_ms, compared->median_ms != TIME_NONE);
  }
}

/* --- stages and weeks --- */

static void put_entered(struct sheet *sheet, const struct ledger_side *side, struct slice name) {
  int32_t stage = ledger_stage(side->definition, name);
  if (stage == NONE) sheet_none(sheet);
  else sheet_count(sheet, side->entered[stage]);
}

static void stage_row(const struct backtest *b, struct sheet *sheet, struct slice name) {
  sheet_name(sheet, name);
  put_entered(sheet, &b->ledger.sides[BACKTEST_OLD], name);
  put_entered(sheet, &b->ledger.sides[BACKTEST_NEW], name);
}

/* NEW's, then those that OLD alone has. */
void backtest_table_stages(const struct backtest_result *result, struct sheet *sheet) {
  const struct backtest *b = result->backtest;
  const struct definition *old = b->ledger.sides[BACKTEST_OLD].definition;
  const struct definition *new = b->ledger.sides[BACKTEST_NEW].definition;
  figure_table(sheet, "stages", "Stages", "entered");
  for (int32_t i = 0; i < new->stage_count; i++) stage_row(b, sheet, new->stages[i].name);
  for (int32_t i = 0; i < old->stage_count; i++)
    if (ledger_stage(new, old->stages[i].name) == NONE) stage_row(b, sheet, old->stages[i].name);
}

void backtest_table_weeks(const struct backtest_result *result, struct sheet *sheet) {
  const struct backtest *b = result->backtest;
  int64_t first, count = backtest_weeks(b, &first);
  if (count == 0) return;
  figure_table(sheet, "weeks", "Handovers by week", "week from");
  int64_t shown = count < WEEKS_MOST ? count : WEEKS_MOST;
  for (int64_t week = first + count - shown; week < first + count; week++) {
    struct buffer words = {0};
    report_time(&words, backtest_week_ms(week), true);
    sheet_cell(sheet, &words);
    sheet_count(sheet, backtest_week_count(b, BACKTEST_OLD, week));
    sheet_count(sheet, backtest_week_count(b, BACKTEST_NEW, week));
  }
  if (shown < count) sheet_say(sheet, "The last %d of %" PRId64 " weeks; --json has all.", WEEKS_MOST, count);
}

/* --- rules and criteria --- */

static void sign_table(struct sheet *sheet, const char *name, const char *heading) {
  static const struct sheet_head heads[] = {
      {"leads", "leads"},         {"won", "won"},       {"rejected", "rejected"}, {"open", "open"},
      {"precision", "precision"}, {"recall", "recall"}, {"lift", "lift"}};
  sheet_table(sheet, (struct sheet_table){.name = name, .heading = heading, .columns = COUNT(heads) + 2, .names = 2});
  sheet_head(sheet, "", "score");
  sheet_head(sheet, "", "rule");
  sheet_heads(sheet, heads, COUNT(heads));
}

static void sign_row(const struct backtest *b, struct sheet *sheet, const struct backtest_count *count) {
  sheet_count(sheet, count->leads);
  put_outcomes(sheet, count);
  put_shares(b, sheet, count);
}

static void table_signs(const struct backtest *b, struct sheet *sheet, int32_t at, const char *name,
                        const char *heading) {
  const struct definition *d = b->ledger.sides[at].definition;
  const struct backtest_count *count = b->signs[at];
  if (b->ledger.signs[at].bits == 0) return;
  sign_table(sheet, name, heading);
  put_text(sheet, "all that it hands over");
  put_text(sheet, "");
  sign_row(b, sheet, &b->sides[at].count);
  for (int32_t i = 0; i < d->score_count; i++) {
    for (int32_t j = 0; j < d->scores[i].rule_count; j++) {
      sheet_name(sheet, d->scores[i].name);
      sheet_name(sheet, d->scores[i].rules[j].name);
      sign_row(b, sheet, count++);
    }
  }
  for (int32_t i = 0; i < d->criterion_count; i++) {
    put_text(sheet, "criterion");
    sheet_name(sheet, d->criteria[i].name);
    sign_row(b, sheet, count++);
  }
}

void backtest_table_signs(const struct backtest_result *result, struct sheet *sheet) {
  table_signs(result->backtest, sheet, BACKTEST_NEW, "signs_new", "Rules and criteria of NEW at the first handover");
  table_signs(result->backtest, sheet, BACKTEST_OLD, "signs_old", "Rules and criteria of OLD at the first handover");
}

/* --- the sweep --- */

/* A line from 0 % to 100 %: P where the precision is, R the recall, X both. For terminals. */
static void put_curve(const struct backtest *b, struct sheet *sheet, const struct backtest_count *count) {
  int64_t precision = ratio_millionths(backtest_precision(count)), recall = ratio_millionths(backtest_recall(b, count));
  int p = precision == BACKTEST_UNKNOWN ? -1 : (int)(precision * (CURVE - 1) / BACKTEST_ONE);
  int r = recall == BACKTEST_UNKNOWN ? -1 : (int)(recall * (CURVE - 1) / BACKTEST_ONE);
  struct buffer words = {0};
  for (int i = 0; i < CURVE; i++)
    buffer_append_text(&words, i == p && i == r ? "X" : i == p ? "P" : i == r ? "R" : "\u00b7");
  sheet_cell(sheet, &words);
}

static void sweep_row(const struct backtest *b, struct sheet *sheet, int32_t at) {
  const struct backtest_side *side = &b->sides[at];
  sheet_count(sheet, b->ledger.sides[at].handovers);
  put_ratio(sheet, backtest_per_week(b, b->ledger.sides[at].handovers), 1);
  if (b->order->capacity) sheet_count(sheet, side->weeks_over);
  sheet_count(sheet, side->count.leads + side->late);
  sheet_count(sheet, side->count.won);
  put_shares(b, sheet, &side->count);
  if (!sheet->page) put_curve(b, sheet, &side->count);
}

void backtest_table_sweep(const struct backtest_result *result, struct sheet *sheet) {
  static const struct sheet_head heads[] = {
      {"leads", "leads"}, {"won", "won"}, {"precision", "precision"}, {"recall", "recall"}, {"lift", "lift"}};
  const struct backtest *b = result->backtest;
  const struct sweep *sweep = result->sweep;
  if (!sweep) return;
  sheet_heading(sheet, "Loose to tight");
  sheet_say(sheet, "NEW with other values of %.*s. As it stands: %s.", (int)sweep->pointer.length, sweep->pointer.at,
            sweep->as_it_stands);
  size_t columns = 3 + COUNT(heads) + (b->order->capacity > 0) + !sheet->page;
  sheet_table(sheet, (struct sheet_table){.name = "sweep", .columns = columns, .names = 1});
  sheet_head(sheet, "value", "value");
  sheet_head(sheet, "handovers", "handovers");
  sheet_head(sheet, "a week", "per_week");
  if (b->order->capacity) sheet_head(sheet, "weeks over", "weeks_over");
  sheet_heads(sheet, heads, COUNT(heads));
  if (!sheet->page) sheet_head(sheet, "0%   Precision, Recall  100%", "curve");
  for (int32_t i = 0; i < sweep->count; i++) {
    put_text(sheet, sweep->values[i]);
    sweep_row(b, sheet, BACKTEST_PAIR + i);
  }
}

/* --- conditions --- */

void backtest_table_gates(const struct backtest_result *result, struct sheet *sheet) {
  static const struct sheet_head heads[] = {
      {"condition", "condition"}, {"answer", "answer"}, {"is", "is"}, {"limit", "limit"}};
  if (result->gate_count == 0) return;
  sheet_table(sheet,
              (struct sheet_table){.name = "fail_if", .heading = "Fails if", .columns = COUNT(heads), .names = 2});
  sheet_heads(sheet, heads, COUNT(heads));
  for (int32_t i = 0; i < result->gate_count; i++) {
    const struct gate *gate = &result->gates[i];
    put_text(sheet, gate->text);
    put_text(sheet, !gate->fails ? "passes" : *gate->why ? gate->why : "FAILS");
    put_ratio(sheet, gate->value, 3);
    put_ratio(sheet, gate->limit, 3);
  }
}
