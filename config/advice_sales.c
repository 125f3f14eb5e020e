/* advice_sales.c: advice on what sales is promised and can answer: ways around the ladder, SLAs, saying no, reasons. */
#include "advice_find.h"

#define DAY_MS INT64_C(86400000)

/* The stages that sales owns, a bit each. */
static uint32_t stages_of_sales(const struct definition *d, int32_t handover) {
  uint32_t owned = 0;
  for (int32_t i = 0; i < d->stage_count; i++)
    owned |= (uint32_t)slice_equal(d->stages[i].owner, d->stages[handover].owner) << i;
  return owned;
}

/* --- ways around the ladder --- */

/* Events and moves by which people ask for sales, or by which sales says that it knows the lead. */
static const char *const asks_for_sales[] = {"request", "demo", "contact", "quote", "trial",    "raise",       "ask",
                                             "call",    "book", "meeting", "deal",  "accept",   "opportunity", "talk",
                                             "sign",    "buy",  "order",   "chat",  "proposal", NULL};

/* Does it ask for more of the lead than to be reachable: something known, done, or counted? What is ruled out asks for nothing. */
static bool asks_of_lead(const struct definition *d, const struct condition *c) {
  if (c->kind == CONDITION_NOT) return false;
  if (c->kind == CONDITION_SCORE || c->kind == CONDITION_HAPPENED) return true;
  if (c->kind == CONDITION_CRITERION) return asks_of_lead(d, d->criteria[c->index].when);
  if (c->kind == CONDITION_ATTRIBUTE) return !is_contact(d->attributes[c->index].name);
  for (int32_t i = 0; i < c->child_count; i++)
    if (asks_of_lead(d, c->children[i])) return true;
  return false;
}

/* Is it an event by which somebody asks for sales? */
static bool asks_by_event(const struct definition *d, const struct condition *c) {
  for (int32_t i = 0; i < c->child_count; i++)
    if (asks_by_event(d, c->children[i])) return true;
  if (c->kind != CONDITION_EVENT) return false;
  const struct pattern *pattern = &d->patterns[c->index];
  for (int32_t i = 0; i < pattern->name_count; i++)
    if (name_speaks(d->names[pattern->names[i]], asks_for_sales)) return true;
  return false;
}

static void advise_shortcuts(struct adviser *a, uint32_t owned) {
  const struct definition *d = a->definition;
  for (int32_t i = 0; i < d->move_count; i++) {
    const struct move *move = &d->moves[i];
    if (!(owned >> move->to & 1) || !(move->from & ~owned) || d->stages[move->to].off_ladder) continue;
    if (move->when && (asks_of_lead(d, move->when) || asks_by_event(d, move->when))) continue;
    if (name_speaks(move->name, asks_for_sales)) continue;
    advise(a, advice_item(a, "moves", i),
           "ask for a criterion of fit or need as well, or let only those through who ask for sales",
           "move \"%.*s\" goes around the ladder: it brings leads to sales that neither fit, nor need anything, nor "
           "raised "
           "a hand",
           NAMED(move->name));
  }
}

/* --- SLAs --- */

static void advise_sla(struct adviser *a, int32_t i, uint32_t owned) {
  const struct definition *d = a->definition;
  const struct sla *sla = &d->slas[i];
  const cJSON *node = advice_item(a, "slas", i);
  if (owned >> sla->stage & 1 && sla->calendar == NONE && sla->within_ms < 3 * DAY_MS)
    advise(
        a, node, "give it a \"calendar\" with the hours in which sales works",
        "SLA \"%.*s\" is shorter than a weekend and runs through nights and holidays: who comes on Friday evening is "
        "late before anyone is back",
        NAMED(sla->name));
  for (int32_t j = 0; j < d->move_count; j++) {
    const struct move *move = &d->moves[j];
    if (move->when || !(move->from >> sla->stage & 1) || move->after_ms > sla->within_ms) continue;
    advise(a, node, "make it shorter than the move's \"after\", or the move later",
           "SLA \"%.*s\" can never be missed: move \"%.*s\" takes the lead away before its time is over",
           NAMED(sla->name), NAMED(move->name));
    return;
  }
}

/* --- saying no --- */

/* Does an event take leads from these stages back, to marketing or beside the ladder? */
static bool is_no(const struct definition *d, const struct move *move, uint32_t from, uint32_t owned) {
  bool back = !(owned >> move->to & 1) || d->stages[move->to].off_ladder;
  return move->from & from && back && move->when && condition_uses_event(move->when);
}

static void advise_no(struct adviser *a, int32_t handover, uint32_t owned) {
  const struct definition *d = a->definition;
  bool can = false;
  for (int32_t i = 0; i < d->move_count; i++) {
    const struct move *move = &d->moves[i];
    can = can || is_no(d, move, UINT32_C(1) << handover, owned);
    if (!is_no(d, move, owned, owned) || move->reason != NONE) continue;
    advise(a, advice_item(a, "moves", i), "say with \"reason\" where the event has it",
           "move \"%.*s\" takes leads back from sales without a reason: nobody learns what was wrong with them",
           NAMED(move->name));
  }
  if (!can)
    advise(a, advice_item(a, "stages", handover),
           "add a move that an event like \"Lead Rejected\" takes, with a \"reason\"",
           "sales cannot say no: no event takes a lead back out of stage \"%.*s\"", NAMED(d->stages[handover].name));
}

void advise_sales(struct adviser *a, int32_t handover) {
  uint32_t owned = stages_of_sales(a->definition, handover);
  advise_shortcuts(a, owned);
  for (int32_t i = 0; i < a->definition->sla_count; i++) advise_sla(a, i, owned);
  advise_no(a, handover, owned);
}
