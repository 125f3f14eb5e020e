/* report_json.c: a report as one JSON object. Durations are whole milliseconds, times RFC 3339; what is not known is null. */
#include <inttypes.h>

#include "../producer/encode.h"
#include "report_print.h"
#include "report_words.h"

static void put_member(struct buffer *out, const char *name) {
  char last = out->at[out->length - 1];
  buffer_printf(out, last == '{' || last == '[' ? "\"%s\":" : ",\"%s\":", name);
}

static void put_count(struct buffer *out, const char *name, uint64_t count) {
  put_member(out, name);
  buffer_printf(out, "%" PRIu64, count);
}

static void put_text(struct buffer *out, const char *name, struct slice text) {
  put_member(out, name);
  if (text.at) json_append_string(out, text);
  else buffer_append_text(out, "null");
}

static void put_ms(struct buffer *out, const char *name, int64_t ms, bool known) {
  put_member(out, name);
  if (known) json_append_integer(out, ms);
  else buffer_append_text(out, "null");
}

static void put_time(struct buffer *out, const char *name, int64_t ms) {
  put_member(out, name);
  buffer_append_text(out, "\"");
  time_append(out, ms);
  buffer_append_text(out, "\"");
}

static void put_flag(struct buffer *out, const char *name, bool flag) {
  put_member(out, name);
  buffer_append_text(out, flag ? "true" : "false");
}

static void open_object(struct buffer *out) { buffer_append_text(out, out->at[out->length - 1] == '}' ? ",{" : "{"); }

static void close_with(struct buffer *out, const char *bracket) { buffer_append_text(out, bracket); }

static void open_list(struct buffer *out, const char *name) {
  put_member(out, name);
  buffer_append_text(out, "[");
}

static void put_spread(struct buffer *out, const char *name, const struct report_spread *spread) {
  put_member(out, name);
  open_object(out);
  put_count(out, "count", spread->count);
  put_ms(out, "median_ms", spread->median_ms, spread->count > 0);
  put_ms(out, "p90_ms", spread->p90_ms, spread->count > 0);
  close_with(out, "}");
}

static void put_money(struct buffer *out, const char *name, const char *unknown, const struct money *money) {
  put_member(out, name);
  money_append(out, money->sum);
  put_count(out, unknown, money->unknown);
}

static void put_stages(const struct report *report, const struct report_cut *cut, struct buffer *out) {
  open_list(out, "stages");
  for (int rank = 0; rank < report->ladder.count; rank++) {
    const struct report_row *row = &cut->rows[rank];
    open_object(out);
    put_text(out, "stage", report_stage_name(report, rank));
    put_text(out, "owner", report_text(report->log, report_owner(report, rank)));
    put_flag(out, "rung", rank < report->ladder.rungs);
    put_count(out, "at_start", row->at_start);
    put_count(out, "entered", row->entered);
    put_count(out, "left", row->left);
    put_count(out, "at_end", row->at_end);
    put_count(out, "passed", row->passed);
    put_count(out, "left_up", row->up);
    put_count(out, "converted", row->converted);
    if (report->log->has_amounts) {
      put_money(out, "pipeline", "pipeline_unknown", &row->pipeline);
      put_money(out, "entered_value", "entered_unknown", &row->came);
    }
    put_spread(out, "stay", &row->stay);
    put_ms(out, "oldest_ms", row->oldest_ms, row->oldest_ms >= 0);
    close_with(out, "}");
  }
  close_with(out, "]");
}

static void put_answers(struct buffer *out, const struct report_answers *answers) {
  put_count(out, "handed_over", answers->handed);
  put_count(out, "accepted", answers->accepted);
  put_count(out, "rejected", answers->rejected);
  put_count(out, "returned", answers->returned);
  put_count(out, "elsewhere", answers->elsewhere);
  put_count(out, "waiting", answers->waiting);
}

static void put_all_answers(const struct report *report, struct buffer *out, const struct report_answers *answers) {
  put_answers(out, answers);
  put_spread(out, "answer", &answers->answer);
  put_ms(out, "oldest_ms", answers->oldest_ms, answers->oldest_ms >= 0);
  put_count(out, "won", answers->won);
  if (!report->log->has_amounts) return;
  put_money(out, "revenue", "revenue_unknown", &answers->revenue);
  put_member(out, "revenue_per_handover");
  if (answers->handed > 0) money_append(out, money_part(answers->revenue.sum, answers->handed));
  else buffer_append_text(out, "null");
}

static void put_promises(struct buffer *out, const struct report_promises *promises) {
  put_count(out, "began", promises->started);
  put_count(out, "kept", promises->kept);
  put_count(out, "breached", promises->breached);
  put_count(out, "running", promises->running);
}

static void put_cut(const struct report *report, struct buffer *out, const struct report_cut *cut) {
  put_member(out, "handovers");
  open_object(out);
  put_all_answers(report, out, &cut->answers);
  close_with(out, "}");
  put_member(out, "slas");
  open_object(out);
  put_promises(out, &cut->promises);
  close_with(out, "}");
}

static void put_receivers(const struct report *report, struct buffer *out) {
  open_list(out, "handovers");
  for (uint32_t i = 0; i < report->receiver_count; i++) {
    open_object(out);
    put_text(out, "to", report_text(report->log, report->receivers[i].owner));
    put_all_answers(report, out, &report->receivers[i].answers);
    close_with(out, "}");
  }
  close_with(out, "]");
}

static void put_backs(const struct report *report, struct buffer *out) {
  open_list(out, "given_back");
  for (uint32_t i = 0; i < report->backs.count; i++) {
    const struct report_back *back = report->backs.at[i];
    open_object(out);
    put_text(out, "from", report_stage_name(report, (int)back->key[0]));
    put_text(out, "to", report_stage_name(report, (int)back->key[1]));
    put_text(out, "move", report_text(report->log, back->key[2]));
    put_text(out, "reason", report_text(report->log, back->key[3]));
    put_count(out, "changes", back->count);
    close_with(out, "}");
  }
  close_with(out, "]");
}

static void put_slas(const struct report *report, struct buffer *out) {
  const struct report_log *log = report->log;
  open_list(out, "slas");
  for (int i = 0; i < log->sla_count; i++) {
    const struct report_sla *sla = &log->slas[report->sla_order[i]];
    open_object(out);
    put_text(out, "sla", report_text(log, sla->name));
    put_text(out, "stage", report_text(log, log->stages[sla->stage].name));
    put_promises(out, &report->slas[report->sla_order[i]]);
    close_with(out, "}");
  }
  close_with(out, "]");
}

static void put_members(const struct report *report, struct buffer *out) {
  open_list(out, "members");
  for (uint32_t i = 0; i < report->members.count; i++) {
    const struct report_cut *cut = report->members.at[i];
    open_object(out);
    put_text(out, "queue", report_text(report->log, cut->queue));
    put_text(out, "member", report_text(report->log, cut->name));
    put_cut(report, out, cut);
    close_with(out, "}");
  }
  close_with(out, "]");
}

static void put_bar_money(const struct report *report, const struct report_bar *bar, struct buffer *out) {
  put_member(out, "pipeline");
  open_object(out);
  for (int rank = 0; rank < report->ladder.count; rank++) {
    if (rank > 0) buffer_append_text(out, ",");
    json_append_string(out, report_stage_name(report, rank));
    buffer_append_text(out, ":");
    money_append(out, bar->pipeline[rank].sum);
  }
  close_with(out, "}");
  put_money(out, "revenue", "revenue_unknown", &bar->revenue);
}

static void put_weeks(const struct report *report, struct buffer *out) {
  open_list(out, "weeks");
  for (int i = 0; i < report->bar_count; i++) {
    const struct report_bar *bar = &report->bars[i];
    open_object(out);
    put_time(out, "from", report_bar_from(report, i));
    put_count(out, "weeks", (uint64_t)report->bar_weeks);
    put_member(out, "entered");
    open_object(out);
    for (int rank = 0; rank < report->ladder.count; rank++) {
      if (rank > 0) buffer_append_text(out, ",");
      json_append_string(out, report_stage_name(report, rank));
      buffer_printf(out, ":%" PRIu64, bar->entered[rank]);
    }
    close_with(out, "}");
    put_answers(out, &bar->answers);
    if (report->log->has_amounts) put_bar_money(report, bar, out);
    close_with(out, "}");
  }
  close_with(out, "]");
}

static void put_share(struct buffer *out, const char *name, int64_t share) {
  put_member(out, name);
  if (share < 0) buffer_append_text(out, "null");
  else report_fraction(out, (uint64_t)share, REPORT_WHOLE);
}

/* What part of all this value has. */
static void put_shares(const struct report *report, const struct report_cut *cut, struct buffer *out) {
  struct report_shares shares = report_shares(report, cut);
  put_member(out, "shares");
  open_object(out);
  put_share(out, "handed_over", shares.handed);
  put_share(out, "accepted", shares.accepted);
  put_share(out, "wins", shares.wins);
  if (report->log->has_amounts) {
    put_share(out, "pipeline", shares.pipeline);
    put_share(out, "revenue", shares.revenue);
  }
  close_with(out, "}");
}

static void put_groups(const struct report *report, const char *by, struct buffer *out) {
  put_text(out, "by", by ? slice_of(by) : (struct slice){NULL, 0});
  open_list(out, "groups");
  for (uint32_t i = 0; i < report->groups.count; i++) {
    const struct report_cut *cut = report->groups.at[i];
    open_object(out);
    put_text(out, "value", report_text(report->log, cut->name));
    put_stages(report, cut, out);
    put_shares(report, cut, out);
    put_cut(report, out, cut);
    close_with(out, "}");
  }
  close_with(out, "]");
}

static void put_versions(const struct report *report, struct buffer *out) {
  const struct report_log *log = report->log;
  open_list(out, "versions");
  for (int i = 0; i < log->version_count; i++) {
    const struct report_version *version = &log->versions[report->version_order[i]];
    open_object(out);
    put_member(out, "version");
    buffer_append(out, report_text(log, version->number).at, report_text(log, version->number).length);
    put_text(out, "digest", report_text(log, version->digest));
    put_flag(out, "agreed", version->agreed);
    put_count(out, "changes", report->versions[report->version_order[i]]);
    close_with(out, "}");
  }
  close_with(out, "]");
}

static void put_unseen(const struct report_log *log, struct buffer *out) {
  open_list(out, "unseen");
  for (uint32_t i = 0; i < log->unseen_count; i++) {
    const struct report_unseen *unseen = &log->unseen[i];
    open_object(out);
    put_text(out, "topic", report_text(log, unseen->topic));
    put_ms(out, "partition", unseen->partition, unseen->partition != NONE);
    put_ms(out, "first_offset", unseen->first, unseen->first != NONE);
    close_with(out, "}");
  }
  close_with(out, "]");
}

static void put_log(const struct report *report, struct buffer *out) {
  const struct report_log *log = report->log;
  put_member(out, "log");
  open_object(out);
  put_count(out, "events", log->fact_count);
  put_count(out, "duplicates", log->duplicates);
  put_count(out, "other_types", log->others);
  put_count(out, "leads", report->leads);
  put_count(out, "leads_cut", report->later_leads);
  put_count(out, "missing_changes", report->gaps);
  put_count(out, "renamed", report->renamed);
  put_unseen(log, out);
  close_with(out, "}");
  open_list(out, "dead_letters");
  for (uint32_t i = 0; i < log->reason_count; i++) {
    open_object(out);
    put_text(out, "reason", report_text(log, log->reasons[i].name));
    put_count(out, "records", log->reasons[i].count);
    close_with(out, "}");
  }
  close_with(out, "]");
}

/* Null where no attribute is the amount. */
static void put_revenue(const struct report *report, struct buffer *out) {
  struct report_revenue all = report_revenue(report, report->all);
  put_member(out, "money");
  if (!report->log->has_amounts) {
    buffer_append_text(out, "null");
    return;
  }
  open_object(out);
  put_text(out, "amount", report_text(report->log, report->log->amount));
  put_count(out, "open", all.open);
  put_money(out, "pipeline", "pipeline_unknown", &all.pipeline);
  put_count(out, "wins", all.wins);
  put_money(out, "revenue", "revenue_unknown", &all.revenue);
  put_count(out, "amounts_cut", report->log->amounts_cut);
  close_with(out, "}");
}

void report_print_json(const struct report *report, const char *by, struct buffer *out) {
  buffer_append_text(out, "{");
  put_text(out, "definition", report_text(report->log, report->log->definition));
  put_time(out, "from", report->from_ms);
  put_time(out, "to", report->to_ms);
  put_flag(out, "order_inferred", report->ladder.inferred);
  put_flag(out, "conserved", report->conserved);
  put_stages(report, report->all, out);
  put_receivers(report, out);
  put_backs(report, out);
  put_slas(report, out);
  put_revenue(report, out);
  put_members(report, out);
  put_weeks(report, out);
  put_groups(report, by, out);
  put_versions(report, out);
  put_log(report, out);
  buffer_append_text(out, "}\n");
}
