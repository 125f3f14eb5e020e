/* report_ladder.c: may use: report_log.h. */
#include "report_ladder.h"

#define BIT(stage) (UINT64_C(1) << (stage))

static void place(struct report_ladder *ladder, int stage) {
  ladder->ranks[stage] = ladder->count;
  ladder->stages[ladder->count++] = stage;
}

/* Was `a` entered before `b`? Of one moment, by name. */
static bool earlier(const struct report_log *log, int a, int b) {
  const struct report_stage *x = &log->stages[a], *y = &log->stages[b];
  if (x->first_ms != y->first_ms) return x->first_ms < y->first_ms;
  return slice_compare(report_text(log, x->name), report_text(log, y->name)) < 0;
}

/* Of the stages in `among` the one that was entered first; NONE where there is none. */
static int first_of(const struct report_log *log, uint64_t among) {
  int best = NONE;
  for (int stage = 0; stage < log->stage_count; stage++) {
    if (among & BIT(stage) && (best == NONE || earlier(log, stage, best))) best = stage;
  }
  return best;
}

/* Those in `among` that no other one in it says to be below it. */
static uint64_t lowest_of(const struct report_log *log, uint64_t among) {
  uint64_t above = 0;
  for (int stage = 0; stage < log->stage_count; stage++) {
    if (among & BIT(stage)) above |= log->stages[stage].above;
  }
  return among & ~above;
}

static uint64_t rungs_of(const struct report_log *log) {
  uint64_t rungs = 0;
  for (int stage = 0; stage < log->stage_count; stage++) {
    rungs |= log->stages[stage].above;
    if (log->stages[stage].above) rungs |= BIT(stage);
  }
  return rungs;
}

static void infer(struct report_ladder *ladder, const struct report_log *log) {
  uint64_t left = rungs_of(log);
  ladder->inferred = true;
  while (left) {
    uint64_t lowest = lowest_of(log, left);
    int stage = first_of(log, lowest ? lowest : left); /* none is lowest where versions differ */
    if (stage == NONE) break;
    place(ladder, stage);
    left &= ~BIT(stage);
  }
  ladder->rungs = ladder->count;
}

static bool place_defined(struct report_ladder *ladder, struct report_log *log, const struct definition *definition,
                          bool beside) {
  for (int32_t i = 0; i < definition->stage_count; i++) {
    const struct stage *stage = &definition->stages[i];
    if (stage->off_ladder != beside) continue;
    int known = report_log_stage(log, stage->name);
    if (known == NONE) return false;
    log->stages[known].owner = report_texts_number(&log->texts, stage->owner);
    place(ladder, known);
  }
  if (!beside) ladder->rungs = ladder->count;
  return true;
}

static bool follow(struct report_ladder *ladder, struct report_log *log, const struct definition *definition) {
  if (!place_defined(ladder, log, definition, false) || !place_defined(ladder, log, definition, true)) return false;
  for (int32_t i = 0; i < definition->replace_count; i++) {
    const struct replacement *replacement = &definition->replaces[i];
    int gone = report_log_stage(log, replacement->from);
    if (gone == NONE) return false;
    if (ladder->ranks[gone] == NONE)
      ladder->ranks[gone] = ladder->ranks[report_log_stage(log, definition->stages[replacement->to].name)];
  }
  return true;
}

/* A rung of which nobody says an owner, such as the first one, goes with the rung above it. */
static void lend_owners(const struct report_ladder *ladder, struct report_log *log) {
  for (int rank = ladder->rungs - 2; rank >= 0; rank--) {
    struct report_stage *stage = &log->stages[ladder->stages[rank]];
    if (!stage->owner) stage->owner = log->stages[ladder->stages[rank + 1]].owner;
  }
}

bool report_ladder_make(struct report_ladder *ladder, struct report_log *log, const struct definition *definition) {
  *ladder = (struct report_ladder){0};
  for (int stage = 0; stage < REPORT_STAGES; stage++) ladder->ranks[stage] = NONE;
  if (definition && !follow(ladder, log, definition)) return false;
  ladder->defined = ladder->count;
  if (!definition) infer(ladder, log);
  uint64_t left = 0;
  for (int stage = 0; stage < log->stage_count; stage++) {
    if (ladder->ranks[stage] == NONE) left |= BIT(stage);
  }
  for (int stage; (stage = first_of(log, left)) != NONE; left &= ~BIT(stage)) place(ladder, stage);
  lend_owners(ladder, log);
  return true;
}
