/* report_judge.c: may use: report.h. */
#include "report_judge.h"

/* --- stays --- */

bool report_is_up(const struct report *report, int from, int to) { return to < report->ladder.rungs && to > from; }

bool report_is_over(const struct report *report, const struct report_stay *stay) {
  return stay->left_ms != TIME_NONE && stay->left_ms < report->to_ms;
}

/* From one owner's stage to another's, as far as both are known. */
static bool crosses(const struct report *report, int from, int to) {
  uint32_t a = report_owner(report, from), b = report_owner(report, to);
  return a && b && a != b;
}

static bool is_handover(const struct report *report, int from, int to) {
  bool beside = from >= report->ladder.rungs;
  return crosses(report, from, to) && to < report->ladder.rungs && (beside || to > from);
}

bool report_is_handover(const struct report *report, const struct report_stay *stay) {
  const int *ranks = report->ladder.ranks;
  return stay->in && is_handover(report, ranks[stay->in->from], ranks[stay->stage]);
}

bool report_is_back(const struct report *report, const struct report_stay *stay) {
  if (!stay->out) return false;
  int from = report->ladder.ranks[stay->stage], to = report->ladder.ranks[stay->after];
  return crosses(report, from, to) && !is_handover(report, from, to);
}

enum report_outcome report_outcome(const struct report *report, const struct report_stay *stay) {
  if (!report_is_over(report, stay)) return REPORT_WAITING;
  int from = report->ladder.ranks[stay->stage], to = report->ladder.ranks[stay->after];
  if (report_is_up(report, from, to)) return REPORT_ACCEPTED;
  if (!stay->out || !crosses(report, from, to)) return REPORT_ELSEWHERE;
  return stay->out->reason ? REPORT_REJECTED : REPORT_RETURNED;
}

uint32_t report_value(const struct report *report, const struct report_stay *stay) {
  enum report_by by = report->log->by;
  if (by == REPORT_BY_OWNER) return report_owner(report, report->ladder.ranks[stay->stage]);
  if (stay->in) return stay->in->value;
  return stay->out && by != REPORT_BY_MEMBER && by != REPORT_BY_QUEUE ? stay->out->value : 0;
}

int64_t report_amount(const struct report_stay *stay) {
  return stay->in ? stay->in->amount : stay->out ? stay->out->amount : MONEY_NONE;
}

const struct report_stay *report_win(const struct report *report, const struct report_lead *lead,
                                     const struct report_stay *stay) {
  const struct report_stay *end = lead->stays + lead->stay_count;
  for (const struct report_stay *next = stay; next < end && next->entered_ms < report->to_ms; next++) {
    if (report->ladder.ranks[next->stage] == report_top(report)) return next;
    if (next > stay && report_is_handover(report, next)) return NULL;
  }
  return NULL;
}

/* --- SLAs --- */

/* Within a definition an SLA has its name alone, and its stage may be renamed during the stay. */
static bool same_name(const struct report_log *log, uint32_t a, uint32_t b) {
  return log->slas[a].name == log->slas[b].name;
}

/* The first breach that is not before this `since`. */
static size_t first_breach(const struct report_lead *lead, int64_t since_ms) {
  size_t low = 0, high = lead->breach_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (lead->breaches[middle]->since_ms < since_ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* Was the lead's SLA that began then breached before the end of the period? */
static bool is_breached(const struct report *report, const struct report_lead *lead, int64_t since_ms, uint32_t sla) {
  for (size_t i = first_breach(lead, since_ms); i < lead->breach_count && lead->breaches[i]->since_ms == since_ms;
       i++) {
    const struct report_fact *breach = lead->breaches[i];
    if (same_name(report->log, breach->sla, sla) && breach->time_ms < report->to_ms) return true;
  }
  return false;
}

static bool is_due(const struct report_log *log, const struct report_stay *stay, const struct report_fact *breach) {
  for (uint32_t i = 0; stay->in && i < stay->in->due_count; i++) {
    if (same_name(log, breach->sla, log->promises[stay->in->due + i].sla)) return true;
  }
  return false;
}

/* The first stay that does not begin before this moment. */
static size_t first_stay(const struct report_lead *lead, int64_t since_ms) {
  size_t low = 0, high = lead->stay_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (lead->stays[middle].entered_ms < since_ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

static void see_stay(const struct report *report, const struct report_lead *lead, const struct report_stay *stay,
                     report_see_sla *see, void *context) {
  for (uint32_t i = 0; stay->in && i < stay->in->due_count; i++) {
    const struct report_promise *promise = &report->log->promises[stay->in->due + i];
    bool breached = is_breached(report, lead, stay->entered_ms, promise->sla);
    bool running = !breached && promise->by_ms >= report->to_ms && !report_is_over(report, stay);
    see(context,
        &(struct report_sla_run){promise->sla, stay->entered_ms, promise->by_ms, breached, running, stay->in, stay});
  }
}

/* A breach, unless a change has announced its SLA: one of the first stage, or one that a later version brought. */
static void see_breach(const struct report *report, const struct report_lead *lead, const struct report_fact *breach,
                       report_see_sla *see, void *context) {
  const struct report_stay *stay = NULL;
  if (breach->time_ms >= report->to_ms) return;
  for (size_t i = first_stay(lead, breach->since_ms); i < lead->stay_count; i++) {
    if (lead->stays[i].entered_ms != breach->since_ms) break;
    if (is_due(report->log, &lead->stays[i], breach)) return;
    if (!stay && lead->stays[i].stage == breach->from) stay = &lead->stays[i];
  }
  see(context, &(struct report_sla_run){breach->sla, breach->since_ms, TIME_NONE, true, false, breach, stay});
}

void report_judge_slas(const struct report *report, const struct report_lead *lead, report_see_sla *see,
                       void *context) {
  for (size_t i = 0; i < lead->stay_count; i++) see_stay(report, lead, &lead->stays[i], see, context);
  for (size_t i = 0; i < lead->breach_count; i++) see_breach(report, lead, lead->breaches[i], see, context);
}
