/* report_count.c: what a stay counts for; report_judge.c says what it is. */
#include "report_count.h"

#include <stdlib.h>

#include "engine/memory.h"
#include "report_judge.h"

enum { ROOM_FIRST = 64 };

/* --- cuts --- */

struct report_cut *report_cut_create(const struct report *report, uint64_t key) {
  struct report_cut *cut = memory_zeroed(1, sizeof *cut);
  cut->key = key;
  cut->name = (uint32_t)key;
  cut->queue = (uint32_t)(key >> 32);
  cut->rows = memory_zeroed((size_t)report->ladder.count, sizeof *cut->rows);
  for (int rank = 0; rank < report->ladder.count; rank++) cut->rows[rank].oldest_ms = -1;
  cut->answers.oldest_ms = -1;
  return cut;
}

struct report_cut *report_cut_at(struct report *report, struct report_cuts *cuts, uint64_t key) {
  struct slice bytes = {(const char *)&key, sizeof key};
  int32_t known = table_find(&cuts->table, bytes, table_hash(bytes));
  if (known >= 0) return cuts->at[known];
  if (cuts->count == REPORT_CUTS) return NULL;
  if (cuts->count == cuts->room) {
    cuts->room = cuts->room ? 2 * cuts->room : ROOM_FIRST;
    cuts->at = memory_grown(cuts->at, cuts->room * sizeof *cuts->at);
  }
  struct report_cut *cut = report_cut_create(report, key);
  cuts->at[cuts->count] = cut;
  table_add(&cuts->table, (struct slice){(const char *)&cut->key, sizeof cut->key}, (int32_t)cuts->count++);
  return cut;
}

static struct report_cut *cut_at(struct report_count *count, struct report_cuts *cuts, uint64_t key) {
  struct report_cut *cut = report_cut_at(count->report, cuts, key);
  if (!cut) count->full = true;
  return cut;
}

static struct report_cut *group_of(struct report_count *count, const struct report_stay *stay) {
  struct report *report = count->report;
  if (report->log->by == REPORT_BY_NOTHING) return NULL;
  return cut_at(count, &report->groups, report_value(report, stay));
}

/* NULL where the stay had no route. */
static struct report_cut *member_of(struct report_count *count, const struct report_fact *fact) {
  if (!fact || !fact->queue) return NULL;
  return cut_at(count, &count->report->members, (uint64_t)fact->queue << 32 | fact->member);
}

/* --- samples --- */

static void sample(struct report_count *count, struct report_spread *spread, int64_t ms) {
  if (count->sample_count == count->sample_room) {
    count->sample_room = count->sample_room ? 2 * count->sample_room : ROOM_FIRST;
    count->samples = memory_grown(count->samples, count->sample_room * sizeof *count->samples);
  }
  count->samples[count->sample_count++] = (struct report_sample){spread, ms};
}

static int by_spread(const void *a, const void *b) {
  const struct report_sample *x = a, *y = b;
  uintptr_t p = (uintptr_t)x->spread, q = (uintptr_t)y->spread;
  if (p != q) return p < q ? -1 : 1;
  return (x->ms > y->ms) - (x->ms < y->ms);
}

/* Nearest rank: the smallest that at least this part of all does not exceed. */
static int64_t nearest(const struct report_sample *samples, size_t count, size_t per_cent) {
  return samples[(count * per_cent + 99) / 100 - 1].ms;
}

void report_count_end(struct report_count *count) {
  struct report_sample *samples = count->samples;
  if (count->sample_count > 0) qsort(samples, count->sample_count, sizeof *samples, by_spread);
  for (size_t from = 0, to; from < count->sample_count; from = to) {
    for (to = from; to < count->sample_count && samples[to].spread == samples[from].spread; to++) continue;
    size_t many = to - from;
    *samples[from].spread =
        (struct report_spread){many, nearest(samples + from, many, 50), nearest(samples + from, many, 90)};
  }
  memory_free(samples);
  *count = (struct report_count){.report = count->report};
}

/* --- stages --- */

static struct report_bar *bar_of(const struct report *report, int64_t ms) {
  int64_t index = (ms - report->bars_from_ms) / (REPORT_WEEK_MS * report->bar_weeks);
  return &report->bars[index];
}

static void count_row(struct report_count *count, struct report_row *row, const struct report_stay *stay) {
  const struct report *report = count->report;
  const int *ranks = report->ladder.ranks;
  bool up = stay->after != NONE && ranks[stay->stage] < report->ladder.rungs &&
            report_is_up(report, ranks[stay->stage], ranks[stay->after]);
  bool entered = report_within(report, stay->entered_ms),
       left = stay->left_ms != TIME_NONE && report_within(report, stay->left_ms);
  row->entered += entered;
  row->left += left;
  row->up += left && up;
  row->converted += entered && up && report_is_over(report, stay);
  if (entered) money_add(&row->came, report_amount(stay));
  if (left) sample(count, &row->stay, stay->left_ms - stay->entered_ms);
}

static void count_passed(const struct report *report, struct report_cut *cut, const struct report_stay *stay) {
  if (!stay->in || !report_within(report, stay->entered_ms)) return;
  for (uint64_t skipped = stay->in->skipped; skipped; skipped &= skipped - 1)
    cut->rows[report->ladder.ranks[__builtin_ctzll(skipped)]].passed++;
}

/* --- between owners --- */

struct handover { /* and what became of it */
  const struct report_stay *stay, *win;
  enum report_outcome outcome;
};

static void count_answer(struct report_count *count, struct report_answers *answers, const struct handover *handover) {
  const struct report_stay *stay = handover->stay;
  enum report_outcome outcome = handover->outcome;
  int64_t waited_ms = count->report->to_ms - stay->entered_ms;
  answers->handed++;
  answers->accepted += outcome == REPORT_ACCEPTED;
  answers->rejected += outcome == REPORT_REJECTED;
  answers->returned += outcome == REPORT_RETURNED;
  answers->elsewhere += outcome == REPORT_ELSEWHERE;
  answers->waiting += outcome == REPORT_WAITING;
  if (outcome != REPORT_WAITING) sample(count, &answers->answer, stay->left_ms - stay->entered_ms);
  else if (waited_ms > answers->oldest_ms) answers->oldest_ms = waited_ms;
  if (!handover->win) return;
  answers->won++;
  money_add(&answers->revenue, report_amount(handover->win));
}

static struct report_receiver *receiver_of(struct report *report, int rank) {
  uint32_t owner = report_owner(report, rank), i = 0;
  while (i < report->receiver_count && report->receivers[i].owner != owner) i++;
  if (i == report->receiver_count) {
    report->receivers[i] = (struct report_receiver){.owner = owner, .answers.oldest_ms = -1};
    report->receiver_count++;
  }
  return &report->receivers[i];
}

static void count_handover(struct report_count *count, const struct report_lead *lead, const struct report_stay *stay,
                           struct report_cut *group) {
  struct report *report = count->report;
  if (!report_within(report, stay->entered_ms) || !report_is_handover(report, stay)) return;
  struct handover handover = {stay, report_win(report, lead, stay), report_outcome(report, stay)};
  struct report_cut *member = member_of(count, stay->in);
  count_answer(count, &report->all->answers, &handover);
  count_answer(count, &receiver_of(report, report->ladder.ranks[stay->stage])->answers, &handover);
  count_answer(count, &bar_of(report, stay->entered_ms)->answers, &handover);
  if (member) count_answer(count, &member->answers, &handover);
  if (group) count_answer(count, &group->answers, &handover);
}

static struct report_back *back_at(struct report_backs *backs, const uint32_t key[4]) {
  struct slice bytes = {(const char *)key, sizeof backs->at[0]->key};
  int32_t known = table_find(&backs->table, bytes, table_hash(bytes));
  if (known >= 0) return backs->at[known];
  if (backs->count == backs->room) {
    backs->room = backs->room ? 2 * backs->room : ROOM_FIRST;
    backs->at = memory_grown(backs->at, backs->room * sizeof *backs->at);
  }
  struct report_back *back = memory_zeroed(1, sizeof *back);
  memcpy(back->key, key, sizeof back->key);
  backs->at[backs->count] = back;
  table_add(&backs->table, (struct slice){(const char *)back->key, sizeof back->key}, (int32_t)backs->count++);
  return back;
}

static void count_back(struct report *report, const struct report_stay *stay) {
  if (!report_is_back(report, stay) || !report_within(report, stay->left_ms)) return;
  int from = report->ladder.ranks[stay->stage], to = report->ladder.ranks[stay->after];
  back_at(&report->backs, (const uint32_t[4]){(uint32_t)from, (uint32_t)to, stay->out->move, stay->out->reason})
      ->count++;
}

/* --- SLAs --- */

static void add_promise(struct report_promises *promises, bool breached, bool running) {
  promises->started++;
  promises->breached += breached;
  promises->running += running;
  promises->kept += !breached && !running;
}

static void count_sla(void *context, const struct report_sla_run *run) {
  struct report_count *count = context;
  if (!report_within(count->report, run->since_ms)) return;
  struct report_cut *member = member_of(count, run->told), *group = run->stay ? group_of(count, run->stay) : NULL;
  add_promise(&count->report->all->promises, run->breached, run->running);
  add_promise(&count->report->slas[run->sla], run->breached, run->running);
  if (member) add_promise(&member->promises, run->breached, run->running);
  if (group) add_promise(&group->promises, run->breached, run->running);
}

/* --- leads --- */

/* Inside when a bar ends: by then it had begun, and was not over. */
static void count_bars(const struct report *report, const struct report_stay *stay, int rank) {
  int64_t first_ms = stay->entered_ms > report->from_ms ? stay->entered_ms : report->from_ms;
  int64_t amount = report_amount(stay);
  if (report_within(report, stay->entered_ms)) bar_of(report, stay->entered_ms)->entered[rank]++;
  if (rank == report_top(report) && report_within(report, stay->entered_ms))
    money_add(&bar_of(report, stay->entered_ms)->revenue, amount);
  if (stay->entered_ms >= report->to_ms) return;
  for (struct report_bar *bar = bar_of(report, first_ms); bar < report->bars + report->bar_count; bar++) {
    int64_t end_ms = report_bar_from(report, (int)(bar - report->bars) + 1);
    if (end_ms > report->to_ms) end_ms = report->to_ms;
    if (stay->left_ms != TIME_NONE && stay->left_ms < end_ms) return;
    money_add(&bar->pipeline[rank], amount);
  }
}

static void count_stay(struct report_count *count, const struct report_lead *lead, const struct report_stay *stay) {
  struct report *report = count->report;
  struct report_cut *group = group_of(count, stay);
  int rank = report->ladder.ranks[stay->stage];
  count_row(count, &report->all->rows[rank], stay);
  count_passed(report, report->all, stay);
  if (group) {
    count_row(count, &group->rows[rank], stay);
    count_passed(report, group, stay);
  }
  count_bars(report, stay, rank);
  count_handover(count, lead, stay, group);
  count_back(report, stay);
}

/* Where the lead stands just before a moment; NULL: it is not known yet. */
static const struct report_stay *stay_before(const struct report_lead *lead, int64_t ms) {
  size_t i = lead->stay_count;
  while (i > 0 && lead->stays[i - 1].entered_ms >= ms) i--;
  return i > 0 ? &lead->stays[i - 1] : NULL;
}

static void count_start(struct report_count *count, const struct report_stay *stay) {
  struct report *report = count->report;
  int rank = report->ladder.ranks[stay->stage];
  struct report_cut *group = group_of(count, stay);
  report->all->rows[rank].at_start++;
  if (group) group->rows[rank].at_start++;
}

static void stand(struct report_row *row, int64_t age_ms, int64_t amount) {
  row->at_end++;
  money_add(&row->pipeline, amount);
  if (age_ms > row->oldest_ms) row->oldest_ms = age_ms;
}

static void count_end(struct report_count *count, const struct report_stay *stay) {
  struct report *report = count->report;
  int rank = report->ladder.ranks[stay->stage];
  int64_t age_ms = report->to_ms - stay->entered_ms;
  struct report_cut *group = group_of(count, stay);
  stand(&report->all->rows[rank], age_ms, report_amount(stay));
  if (group) stand(&group->rows[rank], age_ms, report_amount(stay));
}

void report_count_lead(void *context, const struct report_lead *lead) {
  struct report_count *count = context;
  struct report *report = count->report;
  if (lead->stay_count == 0 || count->full) return;
  report->leads++;
  report->later_leads += report->ladder.ranks[lead->stays[0].stage] != 0;
  report->gaps += lead->gaps;
  report->renamed += lead->renamed;
  const struct report_stay *start = stay_before(lead, report->from_ms), *end = stay_before(lead, report->to_ms);
  if (start) count_start(count, start);
  if (end) count_end(count, end);
  for (size_t i = 0; i < lead->stay_count && !count->full; i++) count_stay(count, lead, &lead->stays[i]);
  report_judge_slas(report, lead, count_sla, count);
}
