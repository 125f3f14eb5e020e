/* report_json.c: a report as one JSON object. Durations are whole milliseconds, times RFC 3339; what is not known is null. */
#include <inttypes.h>

#include "../producer/json_write.h"
#include "report_print.h"
#include "report_words.h"

static void put_ms(struct buffer *out, const char *name, int64_t ms, bool known) {
  if (known) json_write_integer(out, name, ms);
  else json_write_null(out, name);
}

static void put_spread(struct buffer *out, const char *name, const struct report_spread *spread) {
  json_member(out, name);
  json_open(out, NULL, "{");
  json_write_count(out, "count", spread->count);
  put_ms(out, "median_ms", spread->median_ms, spread->count > 0);
  put_ms(out, "p90_ms", spread->p90_ms, spread->count > 0);
  json_close(out, "}");
}

static void put_money(struct buffer *out, const char *name, const char *unknown, const struct money *money) {
  json_member(out, name);
  money_append(out, money->sum);
  json_write_count(out, unknown, money->unknown);
}

static void put_stages(const struct report *report, const struct report_cut *cut, struct buffer *out) {
  json_open(out, "stages", "[");
  for (int rank = 0; rank < report->ladder.count; rank++) {
    const struct report_row *row = &cut->rows[rank];
    json_open(out, NULL, "{");
    json_write_text(out, "stage", report_stage_name(report, rank));
    json_write_text(out, "owner", report_text(report->log, report_owner(report, rank)));
    json_write_flag(out, "rung", rank < report->ladder.rungs);
    json_write_count(out, "at_start", row->at_start);
    json_write_count(out, "entered", row->entered);
    json_write_count(out, "left", row->left);
    json_write_count(out, "at_end", row->at_end);
    json_write_count(out, "passed", row->passed);
    json_write_count(out, "left_up", row->up);
    json_write_count(out, "converted", row->converted);
    if (report->log->has_amounts) {
      put_money(out, "pipeline", "pipeline_unknown", &row->pipeline);
      put_money(out, "entered_value", "entered_unknown", &row->came);
    }
    put_spread(out, "stay", &row->stay);
    put_ms(out, "oldest_ms", row->oldest_ms, row->oldest_ms >= 0);
    json_close(out, "}");
  }
  json_close(out, "]");
}

static void put_answers(struct buffer *out, const struct report_answers *answers) {
  json_write_count(out, "handed_over", answers->handed);
  json_write_count(out, "accepted", answers->accepted);
  json_write_count(out, "rejected", answers->rejected);
  json_write_count(out, "returned", answers->returned);
  json_write_count(out, "elsewhere", answers->elsewhere);
  json_write_count(out, "waiting", answers->waiting);
}

static void put_all_answers(const struct report *report, struct buffer *out, const struct report_answers *answers) {
  put_answers(out, answers);
  put_spread(out, "answer", &answers->answer);
  put_ms(out, "oldest_ms", answers->oldest_ms, answers->oldest_ms >= 0);
  json_write_count(out, "won", answers->won);
  if (!report->log->has_amounts) return;
  put_money(out, "revenue", "revenue_unknown", &answers->revenue);
  json_member(out, "revenue_per_handover");
  if (answers->handed > 0) money_append(out, money_part(answers->revenue.sum, answers->handed));
  else buffer_append_text(out, "null");
}

static void put_promises(struct buffer *out, const struct report_promises *promises) {
  json_write_count(out, "began", promises->started);
  json_write_count(out, "kept", promises->kept);
  json_write_count(out, "breached", promises->breached);
  json_write_count(out, "running", promises->running);
}

static void put_cut(const struct report *report, struct buffer *out, const struct report_cut *cut) {
  json_member(out, "handovers");
  json_open(out, NULL, "{");
  put_all_answers(report, out, &cut->answers);
  json_close(out, "}");
  json_member(out, "slas");
  json_open(out, NULL, "{");
  put_promises(out, &cut->promises);
  json_close(out, "}");
}

static void put_receivers(const struct report *report, struct buffer *out) {
  json_open(out, "handovers", "[");
  for (uint32_t i = 0; i < report->receiver_count; i++) {
    json_open(out, NULL, "{");
    json_write_text(out, "to", report_text(report->log, report->receivers[i].owner));
    put_all_answers(report, out, &report->receivers[i].answers);
    json_close(out, "}");
  }
  json_close(out, "]");
}

static void put_backs(const struct report *report, struct buffer *out) {
  json_open(out, "given_back", "[");
  for (uint32_t i = 0; i < report->backs.count; i++) {
    const struct report_back *back = report->backs.at[i];
    json_open(out, NULL, "{");
    json_write_text(out, "from", report_stage_name(report, (int)back->key[0]));
    json_write_text(out, "to", report_stage_name(report, (int)back->key[1]));
    json_write_text(out, "move", report_text(report->log, back->key[2]));
    json_write_text(out, "reason", report_text(report->log, back->key[3]));
    json_write_count(out, "changes", back->count);
    json_close(out, "}");
  }
  json_close(out, "]");
}

static void put_slas(const struct report *report, struct buffer *out) {
  const struct report_log *log = report->log;
  json_open(out, "slas", "[");
  for (int i = 0; i < log->sla_count; i++) {
    const struct report_sla *sla = &log->slas[report->sla_order[i]];
    json_open(out, NULL, "{");
    json_write_text(out, "sla", report_text(log, sla->name));
    json_write_text(out, "stage", report_text(log, log->stages[sla->stage].name));
    put_promises(out, &report->slas[report->sla_order[i]]);
    json_close(out, "}");
  }
  json_close(out, "]");
}

static void put_members(const struct report *report, struct buffer *out) {
  json_open(out, "members", "[");
  for (uint32_t i = 0; i < report->members.count; i++) {
    const struct report_cut *cut = report->members.at[i];
    json_open(out, NULL, "{");
    json_write_text(out, "queue", report_text(report->log, cut->queue));
    json_write_text(out, "member", report_text(report->log, cut->name));
    put_cut(report, out, cut);
    json_close(out, "}");
  }
  json_close(out, "]");
}

static void put_bar_money(const struct report *report, const struct report_bar *bar, struct buffer *out) {
  json_member(out, "pipeline");
  json_open(out, NULL, "{");
  for (int rank = 0; rank < report->ladder.count; rank++) {
    if (rank > 0) buffer_append_text(out, ",");
    json_append_string(out, report_stage_name(report, rank));
    buffer_append_text(out, ":");
    money_append(out, bar->pipeline[rank].sum);
  }
  json_close(out, "}");
  put_money(out, "revenue", "revenue_unknown", &bar->revenue);
}

static void put_weeks(const struct report *report, struct buffer *out) {
  json_open(out, "weeks", "[");
  for (int i = 0; i < report->bar_count; i++) {
    const struct report_bar *bar = &report->bars[i];
    json_open(out, NULL, "{");
    json_write_time(out, "from", report_bar_from(report, i));
    json_write_count(out, "weeks", (uint64_t)report->bar_weeks);
    json_member(out, "entered");
    json_open(out, NULL, "{");
    for (int rank = 0; rank < report->ladder.count; rank++) {
      if (rank > 0) buffer_append_text(out, ",");
      json_append_string(out, report_stage_name(report, rank));
      buffer_printf(out, ":%" PRIu64, bar->entered[rank]);
    }
    json_close(out, "}");
    put_answers(out, &bar->answers);
    if (report->log->has_amounts) put_bar_money(report, bar, out);
    json_close(out, "}");
  }
  json_close(out, "]");
}

static void put_share(struct buffer *out, const char *name, int64_t share) {
  json_member(out, name);
  if (share < 0) buffer_append_text(out, "null");
  else report_fraction(out, (uint64_t)share, REPORT_WHOLE);
}

/* What part of all this value has. */
static void put_shares(const struct report *report, const struct report_cut *cut, struct buffer *out) {
  struct report_shares shares = report_shares(report, cut);
  json_member(out, "shares");
  json_open(out, NULL, "{");
  put_share(out, "handed_over", shares.handed);
  put_share(out, "accepted", shares.accepted);
  put_share(out, "wins", shares.wins);
  if (report->log->has_amounts) {
    put_share(out, "pipeline", shares.pipeline);
    put_share(out, "revenue", shares.revenue);
  }
  json_close(out, "}");
}

static void put_groups(const struct report *report, const char *by, struct buffer *out) {
  json_write_text(out, "by", by ? slice_of(by) : (struct slice){NULL, 0});
  json_open(out, "groups", "[");
  for (uint32_t i = 0; i < report->groups.count; i++) {
    const struct report_cut *cut = report->groups.at[i];
    json_open(out, NULL, "{");
    json_write_text(out, "value", report_text(report->log, cut->name));
    put_stages(report, cut, out);
    put_shares(report, cut, out);
    put_cut(report, out, cut);
    json_close(out, "}");
  }
  json_close(out, "]");
}

static void put_versions(const struct report *report, struct buffer *out) {
  const struct report_log *log = report->log;
  json_open(out, "versions", "[");
  for (int i = 0; i < log->version_count; i++) {
    const struct report_version *version = &log->versions[report->version_order[i]];
    json_open(out, NULL, "{");
    json_member(out, "version");
    buffer_append(out, report_text(log, version->number).at, report_text(log, version->number).length);
    json_write_text(out, "digest", report_text(log, version->digest));
    json_write_flag(out, "agreed", version->agreed);
    json_write_count(out, "changes", report->versions[report->version_order[i]]);
    json_close(out, "}");
  }
  json_close(out, "]");
}

static void put_unseen(const struct report_log *log, struct buffer *out) {
  json_open(out, "unseen", "[");
  for (uint32_t i = 0; i < log->unseen_count; i++) {
    const struct report_unseen *unseen = &log->unseen[i];
    json_open(out, NULL, "{");
    json_write_text(out, "topic", report_text(log, unseen->topic));
    put_ms(out, "partition", unseen->partition, unseen->partition != NONE);
    put_ms(out, "first_offset", unseen->first, unseen->first != NONE);
    json_close(out, "}");
  }
  json_close(out, "]");
}

static void put_log(const struct report *report, struct buffer *out) {
  const struct report_log *log = report->log;
  json_member(out, "log");
  json_open(out, NULL, "{");
  json_write_count(out, "events", log->fact_count);
  json_write_count(out, "duplicates", log->duplicates);
  json_write_count(out, "other_types", log->others);
  json_write_count(out, "leads", report->leads);
  json_write_count(out, "leads_cut", report->later_leads);
  json_write_count(out, "missing_changes", report->gaps);
  json_write_count(out, "renamed", report->renamed);
  put_unseen(log, out);
  json_close(out, "}");
  json_open(out, "dead_letters", "[");
  for (uint32_t i = 0; i < log->reason_count; i++) {
    json_open(out, NULL, "{");
    json_write_text(out, "reason", report_text(log, log->reasons[i].name));
    json_write_count(out, "records", log->reasons[i].count);
    json_close(out, "}");
  }
  json_close(out, "]");
}

/* Null where no attribute is the amount. */
static void put_revenue(const struct report *report, struct buffer *out) {
  struct report_revenue all = report_revenue(report, report->all);
  json_member(out, "money");
  if (!report->log->has_amounts) {
    buffer_append_text(out, "null");
    return;
  }
  json_open(out, NULL, "{");
  json_write_text(out, "amount", report_text(report->log, report->log->amount));
  json_write_count(out, "open", all.open);
  put_money(out, "pipeline", "pipeline_unknown", &all.pipeline);
  json_write_count(out, "wins", all.wins);
  put_money(out, "revenue", "revenue_unknown", &all.revenue);
  json_write_count(out, "amounts_cut", report->log->amounts_cut);
  json_close(out, "}");
}

void report_print_json(const struct report *report, const char *by, struct buffer *out) {
  buffer_append_text(out, "{");
  json_write_text(out, "definition", report_text(report->log, report->log->definition));
  json_write_time(out, "from", report->from_ms);
  json_write_time(out, "to", report->to_ms);
  json_write_flag(out, "order_inferred", report->ladder.inferred);
  json_write_flag(out, "conserved", report->conserved);
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
