/* backtest_ledger.c: notes, lead by lead; what follows from them is backtest_figures.c's. */
#include "backtest_ledger.h"

#include <assert.h>

#include "engine/memory.h"

enum { ROOM_FIRST = 256, WORD = 64 };

/* --- sides --- */

static struct ledger_signs signs_of(const struct definition *d) {
  struct ledger_signs signs = {0};
  for (int32_t i = 0; i < d->score_count; i++) signs.rules += d->scores[i].rule_count;
  signs.bits = signs.rules + d->criterion_count;
  signs.words = (signs.bits + WORD - 1) / WORD;
  return signs;
}

void ledger_begin(struct ledger *ledger, const struct definition *const *definitions, const int32_t *handovers,
                  int32_t count, const struct outcome *outcome) {
  assert(count >= BACKTEST_PAIR);
  *ledger = (struct ledger){.outcome = outcome, .side_count = count, .from_ms = TIME_NONE, .to_ms = TIME_NONE};
  ledger->sides = memory_zeroed((size_t)count, sizeof *ledger->sides);
  for (int32_t i = 0; i < count; i++)
    ledger->sides[i] = (struct ledger_side){.definition = definitions[i], .handover = handovers[i]};
  for (int32_t i = 0; i < BACKTEST_PAIR; i++) ledger->signs[i] = signs_of(definitions[i]);
}

void ledger_end(struct ledger *ledger) {
  for (int32_t i = 0; i < ledger->side_count; i++) memory_free(ledger->sides[i].weeks.at);
  memory_free(ledger->sides);
}

void ledger_leads_fini(struct ledger_leads *leads) {
  memory_free(leads->won_ms);
  memory_free(leads->rejected);
  memory_free(leads->first_ms);
  for (int32_t i = 0; i < BACKTEST_PAIR; i++) {
    memory_free(leads->firsts[i]);
    memory_free(leads->signs[i]);
  }
}

int32_t ledger_stage(const struct definition *definition, struct slice name) {
  for (int32_t i = 0; i < definition->stage_count; i++)
    if (slice_equal(definition->stages[i].name, name)) return i;
  return NONE;
}

bool ledger_is_handed(const struct ledger_side *side, int32_t stage) {
  return stage >= side->handover && !side->definition->stages[stage].off_ladder;
}

/* --- weeks --- */

int64_t ledger_week(int64_t time_ms) { return (time_ms + LEDGER_MONDAY_MS) / BACKTEST_WEEK_MS; }

/* Makes room for a week, before those that there are or behind them. */
static void weeks_reach(struct ledger_weeks *weeks, int64_t week) {
  int64_t first = weeks->count && weeks->first < week ? weeks->first : week;
  int64_t behind = weeks->count && weeks->first + weeks->count > week ? weeks->first + weeks->count : week + 1;
  if (weeks->count && first == weeks->first && behind == weeks->first + weeks->count) return;
  uint64_t *at = memory_zeroed((size_t)(behind - first), sizeof *at);
  if (weeks->count) memcpy(at + (weeks->first - first), weeks->at, (size_t)weeks->count * sizeof *at);
  memory_free(weeks->at);
  *weeks = (struct ledger_weeks){first, at, behind - first};
}

/* --- leads --- */

static void leads_reach(const struct ledger *ledger, struct ledger_leads *leads, uint32_t lead) {
  size_t sides = (size_t)ledger->side_count;
  if (lead >= leads->room) {
    leads->room = leads->room ? leads->room * 2 : ROOM_FIRST;
    if (leads->room <= lead) leads->room = lead + 1;
    leads->won_ms = memory_grown(leads->won_ms, leads->room * sizeof *leads->won_ms);
    leads->rejected = memory_grown(leads->rejected, leads->room * sizeof *leads->rejected);
    leads->first_ms = memory_grown(leads->first_ms, leads->room * sides * sizeof *leads->first_ms);
  }
  for (; leads->count <= lead; leads->count++) {
    leads->won_ms[leads->count] = TIME_NONE;
    leads->rejected[leads->count] = false;
    for (size_t i = 0; i < sides; i++) leads->first_ms[leads->count * sides + i] = TIME_NONE;
  }
}

void ledger_event(struct ledger *ledger, struct ledger_leads *leads, uint32_t lead, const struct event *event) {
  ledger->events++;
  if (ledger->from_ms == TIME_NONE || event->time_ms < ledger->from_ms) ledger->from_ms = event->time_ms;
  if (event->time_ms > ledger->to_ms) ledger->to_ms = event->time_ms;
  if (lead >= leads->count) leads_reach(ledger, leads, lead);
  if (outcome_won(ledger->outcome, event)) {
    bool sooner = leads->won_ms[lead] == TIME_NONE || event->time_ms < leads->won_ms[lead];
    if (sooner) leads->won_ms[lead] = event->time_ms;
  }
  if (outcome_rejected(ledger->outcome, event)) leads->rejected[lead] = true;
}

static void set_bit(uint64_t *words, int32_t bit) { words[bit / WORD] |= UINT64_C(1) << bit % WORD; }

/* Which rules brought points, and which criteria were met. */
static void note_signs(const struct ledger_signs *signs, uint64_t *words, const struct change *change) {
  const struct definition *d = change->definition;
  int32_t before[LIMIT_SCORES] = {0}; /* rules of the scores before */
  for (int32_t i = 1; i < d->score_count; i++) before[i] = before[i - 1] + d->scores[i - 1].rule_count;
  for (int32_t i = 0; i < change->contribution_count; i++)
    set_bit(words, before[change->contributions[i].score] + change->contributions[i].rule);
  for (int32_t i = 0; i < d->criterion_count; i++)
    if (change->criteria[i]) set_bit(words, signs->rules + i);
}

static void note_first(const struct ledger *ledger, struct ledger_leads *leads, int32_t side, uint32_t lead,
                       const struct change *change) {
  const struct ledger_signs *signs = &ledger->signs[side];
  size_t words = (size_t)signs->words;
  uint32_t at = leads->first_count[side]++;
  if (at == leads->first_room[side]) {
    uint32_t room = at ? at * 2 : ROOM_FIRST;
    leads->first_room[side] = room;
    leads->firsts[side] = memory_grown(leads->firsts[side], room * sizeof *leads->firsts[side]);
    leads->signs[side] = memory_grown(leads->signs[side], room * words * sizeof(uint64_t));
  }
  leads->firsts[side][at] = (struct ledger_first){lead, change->from, change->to, change->move};
  uint64_t *bits = leads->signs[side] + at * words;
  if (words) memset(bits, 0, words * sizeof *bits);
  note_signs(signs, bits, change);
}

void ledger_change(struct ledger *ledger, struct ledger_leads *leads, int32_t side, uint32_t lead,
                   const struct change *change) {
  struct ledger_side *s = &ledger->sides[side];
  if (change->type == CHANGE_BREACH) {
    s->breaches++;
    return;
  }
  s->entered[change->to]++;
  if (!ledger_is_handed(s, change->to) || ledger_is_handed(s, change->from)) return;
  s->handovers++;
  int64_t week = ledger_week(change->time_ms);
  weeks_reach(&s->weeks, week);
  s->weeks.at[week - s->weeks.first]++;
  leads_reach(ledger, leads, lead);
  int64_t *first_ms = &leads->first_ms[(size_t)lead * (size_t)ledger->side_count + (size_t)side];
  if (*first_ms != TIME_NONE) return;
  *first_ms = change->time_ms;
  if (side < BACKTEST_PAIR) note_first(ledger, leads, side, lead, change);
}

int64_t ledger_first_ms(const struct ledger *ledger, const struct ledger_leads *leads, int32_t side, uint32_t lead) {
  return leads->first_ms[(size_t)lead * (size_t)ledger->side_count + (size_t)side];
}
