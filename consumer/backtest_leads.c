/* backtest_leads.c: for --leads: whom OLD and NEW treat differently, a line each, in the order of partitions and first events. */

#include "../producer/json_write.h"
#include "backtest_print.h"
#include "engine/memory.h"

enum { PIECE = 1 << 16 };

/* Of each lead its place among a side's first handovers, plus one; 0: none. */
static uint32_t *places_of(const struct ledger_leads *leads, int32_t side) {
  uint32_t *places = memory_zeroed(leads->count, sizeof *places);
  for (uint32_t i = 0; i < leads->first_count[side]; i++) places[leads->firsts[side][i].lead] = i + 1;
  return places;
}

static void write_first(struct buffer *out, const char *name, const struct backtest *b,
                        const struct ledger_leads *leads, int32_t side, uint32_t place) {
  if (place == 0) {
    json_write_null(out, name);
    return;
  }
  const struct definition *d = b->ledger.sides[side].definition;
  const struct ledger_first *first = &leads->firsts[side][place - 1];
  int64_t at_ms = ledger_first_ms(&b->ledger, leads, side, first->lead);
  json_open(out, name, "{");
  json_write_time(out, "at", at_ms);
  json_write_text(out, "from", d->stages[first->from].name);
  json_write_text(out, "to", d->stages[first->to].name);
  json_write_text(out, "move", first->move == NONE ? (struct slice){0} : d->moves[first->move].name);
  json_write_flag(out, "late", backtest_is_late(leads, first->lead, at_ms));
  json_close(out, "}");
}

static void write_lead(struct buffer *out, const struct backtest *b, const struct backtest_partition *partition,
                       uint32_t lead, const uint32_t *old_places, const uint32_t *new_places) {
  const struct ledger_leads *leads = &partition->leads;
  enum backtest_how how = backtest_how_of(b, leads, lead);
  if (how == HOW_SAME || how == HOW_COUNT) return;
  bool won = leads->won_ms[lead] != TIME_NONE;
  buffer_append_text(out, "{");
  json_write_text(out, "lead", task_lead(panel_task(partition->panel), lead));
  json_write_integer(out, "partition", leads->partition);
  json_write_text(out, "how", slice_of(backtest_hows[how]));
  json_write_text(out, "outcome", won ? SLICE("won") : leads->rejected[lead] ? SLICE("rejected") : SLICE("open"));
  json_write_time(out, "won_at", leads->won_ms[lead]);
  write_first(out, "old", b, leads, BACKTEST_OLD, old_places[lead]);
  write_first(out, "new", b, leads, BACKTEST_NEW, new_places[lead]);
  json_close(out, "}\n");
}

static bool flush(struct buffer *out, FILE *file, size_t least) {
  if (out->length < least) return true;
  bool good = fwrite(out->at, 1, out->length, file) == out->length;
  out->length = 0;
  return good;
}

static bool print_partition(const struct backtest *b, const struct backtest_partition *partition, FILE *file) {
  uint32_t *old_places = places_of(&partition->leads, BACKTEST_OLD),
           *new_places = places_of(&partition->leads, BACKTEST_NEW);
  struct buffer out = {0};
  bool good = true;
  for (uint32_t lead = 0; lead < partition->leads.count && good; lead++) {
    write_lead(&out, b, partition, lead, old_places, new_places);
    good = flush(&out, file, PIECE);
  }
  good = good && flush(&out, file, 1);
  buffer_fini(&out);
  memory_free(old_places);
  memory_free(new_places);
  return good;
}

bool backtest_print_leads(const struct backtest *b, FILE *file) {
  bool good = true;
  for (int32_t i = 0; i < b->partition_count && good; i++) good = print_partition(b, &b->partitions[i], file);
  return good && fflush(file) == 0;
}
