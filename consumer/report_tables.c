/* report_tables.c: may use: report.h, report_sheet.h, report_words.h. */
#include "report_tables.h"

#include <inttypes.h>

#include "report_words.h"

enum {
  ROWS_MOST = 40,
  WEEK_STAGES = 16,
  CENT = 10000 /* millionths */,
  DIGEST_SHOWN = 19 /* sha256: and twelve digits */
};

#define COUNT(heads) (sizeof(heads) / sizeof *(heads))

/* Of so many rows the page and the text show the first ones. */
static uint32_t shown_of(const struct sheet *sheet, uint32_t count) {
  return sheet->files || count < ROWS_MOST ? count : ROWS_MOST;
}

static void say_more(struct sheet *sheet, uint32_t shown, uint32_t count) {
  if (shown < count) sheet_say(sheet, "and %" PRIu32 " more; --json has all", count - shown);
}

/* --- the head --- */

static const char *text_of(struct buffer *words) {
  buffer_append(words, "", 1);
  return words->at;
}

/* Topics in the order in which they were read; their partitions stand together. */
static void say_unseen(const struct report_log *log, struct sheet *sheet) {
  uint32_t to;
  for (uint32_t from = 0; from < log->unseen_count; from = to) {
    const struct report_unseen *first = &log->unseen[from];
    const char *topic = report_text(log, first->topic).at; /* the log's texts end in NUL */
    for (to = from; to < log->unseen_count && log->unseen[to].topic == first->topic; to++) continue;
    if (first->partition == NONE) sheet_say(sheet, "NOT SEEN: there is no topic %s.", topic);
    else
      sheet_say(sheet,
                "NOT SEEN: the beginning of %s. It is gone in partitions: %" PRIu32 "; partition %" PRId32
                " begins at offset %" PRId64 ".",
                topic, to - from, first->partition, first->first);
  }
}

static void say_log(const struct report *report, struct sheet *sheet) {
  const struct report_log *log = report->log;
  say_unseen(log, sheet);
  if (log->duplicates)
    sheet_say(sheet, "Events that came more than once and count once: %" PRIu64 ".", log->duplicates);
  if (log->others) sheet_say(sheet, "Lines of other types, which count for nothing: %" PRIu64 ".", log->others);
  if (report->later_leads)
    sheet_say(sheet,
              "Leads whose first changes are not in the log: %" PRIu64
              ". They count from the first stage that is known.",
              report->later_leads);
  if (report->gaps)
    sheet_say(sheet, "Changes that are missing in the log: %" PRIu64 ". The leads are taken to have gone straight on.",
              report->gaps);
  if (report->renamed)
    sheet_say(sheet, "Stays whose stage was renamed by a later version: %" PRIu64 ". They count under the later name.",
              report->renamed);
}

static void say_ladder(const struct report *report, struct sheet *sheet) {
  const struct report_ladder *ladder = &report->ladder;
  if (ladder->inferred && ladder->count > 0)
    sheet_say(sheet, "The order of the stages is inferred from the events; --definition FILE gives it.");
  if (!ladder->inferred && ladder->count > ladder->defined)
    sheet_say(sheet, "Stages that the definition does not have: %d. They stand last, as if beside the ladder.",
              ladder->count - ladder->defined);
}

static uint64_t changes_of(const struct report *report) {
  uint64_t sum = 0;
  for (int i = 0; i < report->log->version_count; i++) sum += report->versions[i];
  return sum;
}

void report_table_head(const struct report *report, struct sheet *sheet) {
  struct buffer from = {0}, to = {0};
  report_time(&from, report->from_ms, false);
  report_time(&to, report->to_ms, false);
  sheet_say(sheet, "From %s to %s UTC. Stage changes: %" PRIu64 ". Leads that are known: %" PRIu64 ".", text_of(&from),
            text_of(&to), changes_of(report), report->leads);
  buffer_fini(&from);
  buffer_fini(&to);
  say_ladder(report, sheet);
  say_log(report, sheet);
}

/* --- stages --- */

static const struct sheet_head stage_heads[] = {
    {"at start", "at_start"}, {"entered", "entered"},     {"left", "left"}, {"at end", "at_end"},
    {"passed", "passed"},     {"converted", "converted"}, {"rate", "rate"}, {"median", "median_ms"},
    {"p90", "p90_ms"},        {"oldest", "oldest_ms"},
};

static void stage_cells(const struct report *report, struct sheet *sheet, const struct report_row *row, int rank) {
  bool rung = rank + 1 < report->ladder.rungs; /* above the highest there is none */
  sheet_count(sheet, row->at_start);
  sheet_count(sheet, row->entered);
  sheet_count(sheet, row->left);
  sheet_count(sheet, row->at_end);
  sheet_count(sheet, row->passed);
  if (rung) sheet_count(sheet, row->converted);
  else sheet_none(sheet);
  sheet_part(sheet, row->converted, rung ? row->entered : 0);
  sheet_duration(sheet, row->stay.median_ms, row->stay.count > 0);
  sheet_duration(sheet, row->stay.p90_ms, row->stay.count > 0);
  sheet_duration(sheet, row->oldest_ms, row->oldest_ms >= 0);
}

void report_table_stages(const struct report *report, struct sheet *sheet) {
  sheet_table(sheet, (struct sheet_table){.name = "stages",
                                          .heading = "Stages",
                                          .otherwise = "There are none.",
                                          .columns = COUNT(stage_heads) + 2,
                                          .names = 2});
  sheet_head(sheet, "stage", "stage");
  sheet_head(sheet, "owner", "owner");
  sheet_heads(sheet, stage_heads, COUNT(stage_heads));
  for (int rank = 0; rank < report->ladder.count; rank++) {
    sheet_name(sheet, report_stage_name(report, rank));
    sheet_name(sheet, report_text(report->log, report_owner(report, rank)));
    stage_cells(report, sheet, &report->all->rows[rank], rank);
  }
  sheet_say(sheet, report->conserved
                       ? "Conserved in every stage: at start + entered = left + at end."
                       : "NOT CONSERVED: at start + entered is not left + at end. This is an error of the program.");
}

/* --- between owners --- */

/* Behind other figures: what was won, and with amounts for how much; returns how many columns that is. */
static size_t win_columns(const struct report *report) { return report->log->has_amounts ? 3 : 1; }

static void win_heads(const struct report *report, struct sheet *sheet) {
  static const struct sheet_head heads[] = {
      {"won", "won"}, {"revenue", "revenue"}, {"per handover", "revenue_per_handover"}};
  sheet_heads(sheet, heads, win_columns(report));
}

static void win_cells(const struct report *report, struct sheet *sheet, const struct report_answers *answers) {
  sheet_count(sheet, answers->won);
  if (!report->log->has_amounts) return;
  sheet_money(sheet, answers->revenue.sum);
  uint64_t unit = sheet->files ? 1 : CENT; /* people read it in cents */
  if (answers->handed > 0)
    sheet_money(sheet, money_part(answers->revenue.sum, answers->handed * unit) * (money_sum)unit);
  else sheet_none(sheet);
}

static const struct sheet_head answer_heads[] = {
    {"handed over", "handed_over"}, {"accepted", "accepted"}, {"rate", "rate"},
    {"rejected", "rejected"},       {"returned", "returned"}, {"elsewhere", "elsewhere"},
    {"waiting", "waiting"},         {"median", "median_ms"},  {"p90", "p90_ms"},
    {"oldest", "oldest_ms"},
};

static void answer_cells(struct sheet *sheet, const struct report_answers *answers) {
  bool any = answers->answer.count > 0;
  sheet_count(sheet, answers->handed);
  sheet_count(sheet, answers->accepted);
  sheet_part(sheet, answers->accepted, answers->handed - answers->waiting);
  sheet_count(sheet, answers->rejected);
  sheet_count(sheet, answers->returned);
  sheet_count(sheet, answers->elsewhere);
  sheet_count(sheet, answers->waiting);
  sheet_duration(sheet, answers->answer.median_ms, any);
  sheet_duration(sheet, answers->answer.p90_ms, any);
  sheet_duration(sheet, answers->oldest_ms, answers->oldest_ms >= 0);
}

void report_table_handovers(const struct report *report, struct sheet *sheet) {
  sheet_table(sheet, (struct sheet_table){.name = "handovers",
                                          .heading = "Handed over",
                                          .otherwise = "Nothing was handed over.",
                                          .columns = COUNT(answer_heads) + 1 + win_columns(report),
                                          .names = 1});
  sheet_head(sheet, "to", "to");
  sheet_heads(sheet, answer_heads, COUNT(answer_heads));
  win_heads(report, sheet);
  for (uint32_t i = 0; i < report->receiver_count; i++) {
    sheet_name(sheet, report_text(report->log, report->receivers[i].owner));
    answer_cells(sheet, &report->receivers[i].answers);
    win_cells(report, sheet, &report->receivers[i].answers);
  }
}

void report_table_backs(const struct report *report, struct sheet *sheet) {
  static const struct sheet_head heads[] = {
      {"from", "from"}, {"to", "to"}, {"move", "move"}, {"reason", "reason"}, {"changes", "changes"}};
  uint32_t shown = shown_of(sheet, report->backs.count);
  sheet_table(sheet, (struct sheet_table){.name = "given_back",
                                          .heading = "Given back",
                                          .otherwise = "Nothing was given back.",
                                          .columns = COUNT(heads),
                                          .names = 4});
  sheet_heads(sheet, heads, COUNT(heads));
  for (uint32_t i = 0; i < shown; i++) {
    const struct report_back *back = report->backs.at[i];
    sheet_name(sheet, report_stage_name(report, (int)back->key[0]));
    sheet_name(sheet, report_stage_name(report, (int)back->key[1]));
    sheet_name(sheet, report_text(report->log, back->key[2]));
    sheet_name(sheet, report_text(report->log, back->key[3]));
    sheet_count(sheet, back->count);
  }
  say_more(sheet, shown, report->backs.count);
}

/* --- SLAs --- */

static void kept_cells(struct sheet *sheet, const struct report_promises *promises) {
  sheet_count(sheet, promises->kept);
  sheet_count(sheet, promises->breached);
  sheet_count(sheet, promises->running);
  sheet_part(sheet, promises->kept, promises->kept + promises->breached);
}

void report_table_slas(const struct report *report, struct sheet *sheet) {
  static const struct sheet_head heads[] = {{"SLA", "sla"},   {"stage", "stage"},       {"began", "began"},
                                            {"kept", "kept"}, {"breached", "breached"}, {"running", "running"},
                                            {"rate", "rate"}};
  const struct report_log *log = report->log;
  sheet_table(sheet, (struct sheet_table){.name = "slas", .heading = "SLAs", .columns = COUNT(heads), .names = 2});
  sheet_heads(sheet, heads, COUNT(heads));
  for (int i = 0; i < log->sla_count; i++) {
    const struct report_sla *sla = &log->slas[report->sla_order[i]];
    sheet_name(sheet, report_text(log, sla->name));
    sheet_name(sheet, report_text(log, log->stages[sla->stage].name));
    sheet_count(sheet, report->slas[report->sla_order[i]].started);
    kept_cells(sheet, &report->slas[report->sla_order[i]]);
  }
}

static const struct sheet_head brief_heads[] = {
    {"handed over", "handed_over"}, {"accepted", "accepted"}, {"rejected", "rejected"},   {"returned", "returned"},
    {"waiting", "waiting"},         {"median", "median_ms"},  {"SLAs kept", "slas_kept"}, {"breached", "slas_breached"},
    {"running", "slas_running"},    {"rate", "slas_rate"},
};

static void brief_cells(struct sheet *sheet, const struct report_cut *cut) {
  const struct report_answers *answers = &cut->answers;
  sheet_count(sheet, answers->handed);
  sheet_count(sheet, answers->accepted);
  sheet_count(sheet, answers->rejected);
  sheet_count(sheet, answers->returned);
  sheet_count(sheet, answers->waiting);
  sheet_duration(sheet, answers->answer.median_ms, answers->answer.count > 0);
  kept_cells(sheet, &cut->promises);
}

void report_table_members(const struct report *report, struct sheet *sheet) {
  const struct report_cuts *members = &report->members;
  uint32_t shown = shown_of(sheet, members->count);
  sheet_table(sheet, (struct sheet_table){.name = "members",
                                          .heading = "Members",
                                          .columns = COUNT(brief_heads) + win_columns(report) + 2,
                                          .names = 2});
  sheet_head(sheet, "queue", "queue");
  sheet_head(sheet, "member", "member");
  sheet_heads(sheet, brief_heads, COUNT(brief_heads));
  win_heads(report, sheet);
  for (uint32_t i = 0; i < shown; i++) {
    sheet_name(sheet, report_text(report->log, members->at[i]->queue));
    sheet_name(sheet, report_text(report->log, members->at[i]->name));
    brief_cells(sheet, members->at[i]);
    win_cells(report, sheet, &members->at[i]->answers);
  }
  say_more(sheet, shown, members->count);
}

/* --- weeks --- */

/* A column a stage. */
static void week_stage_heads(const struct report *report, struct sheet *sheet, const char *figure, int stages) {
  for (int rank = 0; rank < stages; rank++) {
    struct buffer name = {0};
    struct slice stage = report_stage_name(report, rank);
    buffer_append_text(&name, figure);
    buffer_append(&name, stage.at, stage.length);
    sheet_head(sheet, stage.at, text_of(&name)); /* the log's texts end in NUL */
    buffer_fini(&name);
  }
}

static void week_cells(struct sheet *sheet, const struct report_answers *answers) {
  sheet_count(sheet, answers->handed);
  sheet_count(sheet, answers->accepted);
  sheet_count(sheet, answers->rejected);
  if (!sheet->files) return; /* the page has no room for these */
  sheet_count(sheet, answers->returned);
  sheet_count(sheet, answers->elsewhere);
  sheet_count(sheet, answers->waiting);
}

void report_table_weeks(const struct report *report, struct sheet *sheet) {
  static const struct sheet_head heads[] = {{"handed over", "handed_over"}, {"accepted", "accepted"},
                                            {"rejected", "rejected"},       {"returned", "returned"},
                                            {"elsewhere", "elsewhere"},     {"waiting", "waiting"}};
  int rungs = report->ladder.rungs < WEEK_STAGES ? report->ladder.rungs : WEEK_STAGES;
  int stages = sheet->files ? report->ladder.count : rungs;
  size_t figures = sheet->files ? COUNT(heads) : 3;
  bool single = report->bar_weeks == 1;
  if (stages == 0 && !sheet->files) return;
  sheet_table(sheet, (struct sheet_table){.name = "weeks",
                                          .heading = single ? "Entered, by week" : "Entered, by weeks",
                                          .columns = 1 + (size_t)stages + figures,
                                          .names = 1});
  sheet_head(sheet, single ? "week of" : "weeks from", "from");
  week_stage_heads(report, sheet, "entered_", stages);
  sheet_heads(sheet, heads, figures);
  for (int i = 0; i < report->bar_count; i++) {
    const struct report_bar *bar = &report->bars[i];
    sheet_time(sheet, report_bar_from(report, i), true);
    for (int rank = 0; rank < stages; rank++) sheet_count(sheet, bar->entered[rank]);
    week_cells(sheet, &bar->answers);
  }
}

/* --- money --- */

static void say_revenue(const struct report *report, struct sheet *sheet) {
  struct report_revenue all = report_revenue(report, report->all);
  struct buffer pipeline = {0}, revenue = {0};
  money_append_words(&pipeline, all.pipeline.sum);
  money_append_words(&revenue, all.revenue.sum);
  sheet_say(sheet, "Pipeline: %s (leads below the highest rung: %" PRIu64 "). Revenue: %s (wins: %" PRIu64 ").",
            text_of(&pipeline), all.open, text_of(&revenue), all.wins);
  if (all.pipeline.unknown + all.revenue.unknown > 0)
    sheet_say(sheet, "Without an amount, and so for nothing in these sums: leads: %" PRIu64 ", wins: %" PRIu64 ".",
              all.pipeline.unknown, all.revenue.unknown);
  if (report->log->amounts_cut > 0)
    sheet_say(sheet, "Events with an amount beyond 9,000,000,000,000, which counts as that much: %" PRIu64 ".",
              report->log->amounts_cut);
  buffer_fini(&pipeline);
  buffer_fini(&revenue);
}

static void money_stages(const struct report *report, struct sheet *sheet) {
  static const struct sheet_head heads[] = {{"stage", "stage"},
                                            {"at end", "at_end"},
                                            {"pipeline", "pipeline"},
                                            {"no amount", "pipeline_unknown"},
                                            {"entered", "entered"},
                                            {"value", "entered_value"},
                                            {"no amount", "entered_unknown"}};
  sheet_table(sheet, (struct sheet_table){
                         .name = "money", .heading = "Pipeline and revenue", .columns = COUNT(heads), .names = 1});
  sheet_heads(sheet, heads, COUNT(heads));
  for (int rank = 0; rank < report->ladder.count && report->log->has_amounts; rank++) {
    const struct report_row *row = &report->all->rows[rank];
    sheet_name(sheet, report_stage_name(report, rank));
    sheet_count(sheet, row->at_end);
    sheet_money(sheet, row->pipeline.sum);
    sheet_count(sheet, row->pipeline.unknown);
    sheet_count(sheet, row->entered);
    sheet_money(sheet, row->came.sum);
    sheet_count(sheet, row->came.unknown);
  }
}

static void money_weeks(const struct report *report, struct sheet *sheet) {
  int rungs = report->ladder.rungs < WEEK_STAGES ? report->ladder.rungs : WEEK_STAGES;
  int stages = sheet->files ? report->ladder.count : rungs;
  bool single = report->bar_weeks == 1;
  sheet_table(sheet, (struct sheet_table){.name = "money_weeks",
                                          .heading = single ? "Pipeline at the end of each week, and revenue in it"
                                                            : "Pipeline at the end of the weeks, and revenue in them",
                                          .columns = 3 + (size_t)stages,
                                          .names = 1});
  sheet_head(sheet, single ? "week of" : "weeks from", "from");
  week_stage_heads(report, sheet, "pipeline_", stages);
  sheet_head(sheet, "revenue", "revenue");
  sheet_head(sheet, "no amount", "revenue_unknown");
  for (int i = 0; i < report->bar_count && report->log->has_amounts; i++) {
    const struct report_bar *bar = &report->bars[i];
    sheet_time(sheet, report_bar_from(report, i), true);
    for (int rank = 0; rank < stages; rank++) sheet_money(sheet, bar->pipeline[rank].sum);
    sheet_money(sheet, bar->revenue.sum);
    sheet_count(sheet, bar->revenue.unknown);
  }
}

void report_table_money(const struct report *report, struct sheet *sheet) {
  if (!report->log->has_amounts && !sheet->files) return;
  money_stages(report, sheet);
  say_revenue(report, sheet);
  money_weeks(report, sheet);
}

/* --- groups --- */

static bool is_there(const struct report_row *row) { return row->at_start || row->entered || row->passed; }

static void group_stages(const struct report *report, struct sheet *sheet, const struct report_cut *group) {
  for (int rank = 0; rank < report->ladder.count; rank++) {
    if (!is_there(&group->rows[rank])) continue;
    sheet_name(sheet, report_text(report->log, group->name));
    sheet_name(sheet, report_stage_name(report, rank));
    stage_cells(report, sheet, &group->rows[rank], rank);
  }
}

/* What part of all each value has. */
static void group_shares(const struct report *report, const char *by, struct sheet *sheet, uint32_t shown) {
  static const struct sheet_head heads[] = {{"of handed over", "handed_over_share"},
                                            {"of accepted", "accepted_share"},
                                            {"wins", "wins"},
                                            {"of wins", "wins_share"},
                                            {"pipeline", "pipeline"},
                                            {"of pipeline", "pipeline_share"},
                                            {"revenue", "revenue"},
                                            {"of revenue", "revenue_share"}};
  size_t columns = report->log->has_amounts ? COUNT(heads) : COUNT(heads) - 4;
  sheet_table(sheet, (struct sheet_table){.name = "group_shares", .columns = columns + 1, .names = 1});
  sheet_head(sheet, by, "value");
  sheet_heads(sheet, heads, columns);
  for (uint32_t i = 0; i < shown; i++) {
    const struct report_cut *cut = report->groups.at[i];
    struct report_shares shares = report_shares(report, cut);
    struct report_revenue own = report_revenue(report, cut);
    sheet_name(sheet, report_text(report->log, cut->name));
    sheet_share(sheet, shares.handed);
    sheet_share(sheet, shares.accepted);
    sheet_count(sheet, own.wins);
    sheet_share(sheet, shares.wins);
    if (!report->log->has_amounts) continue;
    sheet_money(sheet, own.pipeline.sum);
    sheet_share(sheet, shares.pipeline);
    sheet_money(sheet, own.revenue.sum);
    sheet_share(sheet, shares.revenue);
  }
}

void report_table_groups(const struct report *report, const char *by, struct sheet *sheet) {
  const struct report_cuts *groups = &report->groups;
  uint32_t shown = shown_of(sheet, groups->count);
  struct buffer title = {0};
  if ((!by || shown == 0) && !sheet->files) return;
  if (!by) by = "value";
  buffer_printf(&title, "By %s", by);
  sheet_table(sheet,
              (struct sheet_table){
                  .name = "group_stages", .heading = text_of(&title), .columns = COUNT(stage_heads) + 2, .names = 2});
  sheet_head(sheet, by, "value");
  sheet_head(sheet, "stage", "stage");
  sheet_heads(sheet, stage_heads, COUNT(stage_heads));
  for (uint32_t i = 0; i < shown; i++) group_stages(report, sheet, groups->at[i]);
  sheet_table(sheet, (struct sheet_table){
                         .name = "groups", .columns = COUNT(brief_heads) + win_columns(report) + 1, .names = 1});
  buffer_fini(&title);
  sheet_head(sheet, by, "value");
  sheet_heads(sheet, brief_heads, COUNT(brief_heads));
  win_heads(report, sheet);
  for (uint32_t i = 0; i < shown; i++) {
    sheet_name(sheet, report_text(report->log, groups->at[i]->name));
    brief_cells(sheet, groups->at[i]);
    win_cells(report, sheet, &groups->at[i]->answers);
  }
  group_shares(report, by, sheet, shown);
  say_more(sheet, shown, groups->count);
}

/* --- versions, dead letters --- */

void report_table_versions(const struct report *report, struct sheet *sheet) {
  static const struct sheet_head heads[] = {
      {"version", "version"}, {"digest", "digest"}, {"agreed", "agreed"}, {"changes", "changes"}};
  const struct report_log *log = report->log;
  sheet_table(sheet,
              (struct sheet_table){
                  .name = "versions", .heading = "Versions of the definition", .columns = COUNT(heads), .names = 3});
  sheet_heads(sheet, heads, COUNT(heads));
  for (int i = 0; i < log->version_count; i++) {
    const struct report_version *version = &log->versions[report->version_order[i]];
    struct slice digest = report_text(log, version->digest);
    if (digest.length > DIGEST_SHOWN && !sheet->files) digest.length = DIGEST_SHOWN;
    sheet_name(sheet, report_text(log, version->number));
    sheet_name(sheet, digest);
    sheet_flag(sheet, version->agreed);
    sheet_count(sheet, report->versions[report->version_order[i]]);
  }
}

void report_table_dead_letters(const struct report *report, struct sheet *sheet) {
  static const struct sheet_head heads[] = {{"reason", "reason"}, {"records", "records"}};
  const struct report_log *log = report->log;
  sheet_table(sheet, (struct sheet_table){
                         .name = "dead_letters", .heading = "Dead letters", .columns = COUNT(heads), .names = 1});
  sheet_heads(sheet, heads, COUNT(heads));
  for (uint32_t i = 0; i < log->reason_count; i++) {
    sheet_name(sheet, report_text(log, log->reasons[i].name));
    sheet_count(sheet, log->reasons[i].count);
  }
}

/* --- all of them --- */

void report_tables(const struct report *report, const char *by, struct sheet *sheet) {
  report_table_stages(report, sheet);
  report_table_handovers(report, sheet);
  report_table_backs(report, sheet);
  report_table_slas(report, sheet);
  report_table_members(report, sheet);
  report_table_weeks(report, sheet);
  report_table_money(report, sheet);
  report_table_groups(report, by, sheet);
  report_table_versions(report, sheet);
  report_table_dead_letters(report, sheet);
  sheet_end(sheet);
}
