/* plan.c: draws a plan. Rates differ from seed to seed: some worlds are calm, some have one kind of fault only. */
#include "plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "broker.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)

const char *const fault_names[FAULT_COUNT] = {"kill",    "power", "freeze",   "zombie",      "cut",
                                              "stop",    "expel", "late end", "lost answer", "slow markers",
                                              "refused", "busy",  "disk",     "slow disk"};

static int64_t between(struct chance *c, int64_t least, int64_t most) {
  return least + (int64_t)(chance_next(c) % (uint64_t)(most - least + 1));
}

/* --- definitions: whole seconds --- */

static void draw_version(struct chance *c, struct family_version *v, int32_t number) {
  v->number = number;
  v->lateness_ms = between(c, 60, 600) * SECOND;
  v->review_ms = (int64_t[]){5, 10, 15, 30}[chance_below(c, 4)] * MINUTE;
  v->fresh_ms = 1800 * SECOND; /* a condition keeps its state by its own text */
  v->quiet_ms = between(c, 600, 4000) * SECOND;
  v->rested_ms = between(c, 600, 3600) * SECOND;
  v->answer_ms = between(c, 120, 1800) * SECOND;
  v->visit_points = between(c, 3, 9);
  v->visit_cap = between(c, 12, 30);
  v->left_points = -between(c, 1, 6);
  v->engaged_at = between(c, 6, 12);
}

static void draw_definitions(struct chance *c, struct plan *p) {
  draw_version(c, &p->versions[0], 1);
  draw_version(c, &p->versions[1], 2);
  p->versions[0].effective_from_ms = machine_wall_at(0) - INT64_C(1440) * MINUTE;
  p->second_ns = chance_below(c, 2) ? p->events[0].at_ns + between(c, 0, p->end_ns - p->events[0].at_ns) : NEVER;
  int64_t about_ns = p->second_ns == NEVER ? p->end_ns : p->second_ns;
  int64_t from_ms = machine_wall_at(about_ns) + between(c, -3600, 3600) * SECOND;
  p->versions[1].effective_from_ms = from_ms / SECOND * SECOND;
}

/* --- events --- */

static const char *numbered(struct chance *c, const char *text, uint32_t of) {
  return arena_format("%s-%d", text, (int)chance_below(c, of));
}

static void draw_event(struct chance *c, const struct plan *p, struct planned_event *e) {
  static const char *const names[] = {"Visited", "Visited", "Visited",  "Visited", "Left",
                                      "Asked",   "Asked",   "Answered", "Seen"};
  int32_t lead = (int32_t)chance_below(c, (uint32_t)p->leads);
  e->input = (int32_t)chance_below(c, (uint32_t)p->inputs);
  e->partition = lead % p->partitions;
  e->event.good = chance_below(c, 12) != 0;
  e->event.lead = arena_format("lead-%d", (int)lead);
  e->event.name = names[chance_below(c, sizeof names / sizeof *names)];
  e->event.id = chance_below(c, 3) ? numbered(c, "id", 8) : NULL;
  e->event.mail = chance_below(c, 4) ? NULL : chance_below(c, 3) ? numbered(c, "mail", 5) : "";
  e->event.reason = chance_below(c, 2) ? numbered(c, "reason", 4) : NULL;
  e->behind_ms = chance_below(c, 4) ? between(c, 0, 60) * SECOND : between(c, -400, 1200) * SECOND;
}

/* Bursts, and pauses in which the clock has to say what time it is. */
static void draw_events(struct chance *c, struct plan *p) {
  int64_t at_ns = 1000 * MS + between(c, 0, 300) * MS;
  int64_t pause_ms = between(c, 20, 400);
  uint32_t burst = 1 + chance_below(c, 30);
  p->event_count = 10 + (int32_t)chance_below(c, chance_below(c, 6) ? 110 : PLAN_EVENTS - 10);
  for (int32_t i = 0; i < p->event_count; i++) {
    at_ns += chance_below(c, burst) ? between(c, 0, 4) * MS / 2 : between(c, 0, pause_ms) * MS;
    p->events[i].at_ns = at_ns;
    draw_event(c, p, &p->events[i]);
  }
  p->event_limit = p->event_count;
  p->end_ns = at_ns + 300 * MS;
}

/* --- what goes wrong --- */

static void draw_fault(struct chance *c, const struct plan *p, struct planned *f, int32_t only) {
  f->fault = only >= 0 && chance_below(c, 3) ? (enum fault)only : (enum fault)chance_below(c, FAULT_COUNT);
  f->instance = (int32_t)chance_below(c, (uint32_t)p->instances);
  f->at_ns = between(c, p->start_ns[0], p->end_ns);
  f->for_ns = (chance_below(c, 3) ? between(c, 1, 300) : between(c, 300, 2500)) * MS;
  f->count = 1 + (int32_t)chance_below(c, chance_below(c, 2) ? 6 : 60);
  if (f->fault == FAULT_KILL || f->fault == FAULT_POWER) f->count = (int32_t)chance_below(c, 300);
}

static void draw_faults(struct chance *c, struct plan *p) {
  int32_t only = chance_below(c, 3) ? -1 : (int32_t)chance_below(c, FAULT_COUNT);
  p->fault_count = (int32_t)chance_below(c, chance_below(c, 3) ? 6 : PLAN_FAULTS + 1);
  for (int32_t i = 0; i < p->fault_count; i++) draw_fault(c, p, &p->faults[i], only);
}

void plan_draw(struct plan *p, uint64_t seed) {
  struct chance c = {seed * UINT64_C(0x2545F4914F6CDD1D) + 1};
  memset(p, 0, sizeof *p);
  p->seed = seed;
  p->course = chance_next(&c);
  p->instances = 1 + (int32_t)chance_below(&c, PLAN_INSTANCES);
  p->threads = chance_below(&c, 4) ? 1 : 2;
  p->partitions = 1 + (int32_t)chance_below(&c, PARTITIONS);
  p->inputs = 1 + (int32_t)chance_below(&c, 2);
  p->leads = 1 + (int32_t)chance_below(&c, 12);
  p->hurry = (uint32_t[]){2, 5, 12, 40}[chance_below(&c, 4)];
  for (int32_t i = 0; i < PLAN_INSTANCES; i++)
    p->start_ns[i] = 1000 * MS + (chance_below(&c, 2) ? between(&c, 0, 20) : between(&c, 0, 1500)) * MS;
  p->commit_interval_ms = between(&c, 10, chance_below(&c, 2) ? 60 : 500);
  p->snapshot_records = between(&c, 2, 60);
  p->snapshot_interval_ms = between(&c, 20, 1500);
  p->sha256 = chance_below(&c, 4) == 0;
  draw_events(&c, p);
  draw_definitions(&c, p);
  draw_faults(&c, p);
}

void plan_print(const struct plan *p) {
  printf(
      "  %d instances of %d threads, %d partitions of %d inputs, %d leads, %d of %d events, commits every %d ms, "
      "snapshots every "
      "%d records or %d ms\n",
      (int)p->instances, (int)p->threads, (int)p->partitions, (int)p->inputs, (int)p->leads, (int)p->event_limit,
      (int)p->event_count, (int)p->commit_interval_ms, (int)p->snapshot_records, (int)p->snapshot_interval_ms);
  if (p->second_ns != NEVER) printf("  version 2 is published at %.1f ms\n", (double)p->second_ns / 1e6);
  for (int32_t i = 0; i < p->fault_count; i++) {
    const struct planned *f = &p->faults[i];
    if (f->dropped) continue;
    printf("  fault %d: %s of instance %d at %.1f ms, for %.0f ms, count %d\n", (int)i, fault_names[f->fault],
           (int)f->instance, (double)f->at_ns / 1e6, (double)f->for_ns / 1e6, (int)f->count);
  }
}
