/* plan.h: what the engine works out once a definition: where a lead keeps its state, which rules an event name can touch,
 * which stages time alone can change. A function of the definition; immutable afterwards.
 *
 * A lead's cells are slots and lists (lead.h): slot i is cell i, list i is cell slot_count + i. */
#ifndef HANDOVER_ENGINE_PLAN_H
#define HANDOVER_ENGINE_PLAN_H

#include "definition.h"

/* What time alone can do to a truth, or to a score, as long as no event comes. */
enum { MOTION_NONE = 0, MOTION_RISES = 1, MOTION_FALLS = 2 }; /* false may become true; true may become false; both */

struct rule_plan {
  int32_t score; /* the rule's place: definition.scores[score].rules[rule] */
  int32_t rule;
  int32_t accumulator; /* slot, or NONE (with `lasts`) */
  int32_t kept;        /* list of event times, or NONE */
  int32_t counted;     /* list of counted times of at_most with `per`, or NONE */
  int32_t count;       /* slot of at_most without `per`, or NONE */
  int32_t quiet;       /* slot: periods of this quiet counted, or NONE */
};

struct score_plan {
  int32_t first_rule; /* into rules: this score's are consecutive */
  int32_t as_of;      /* slot: the minute of the accumulators (scores from events), which follow one after the other */
  int32_t accumulators; /* how many */
  int32_t cached;       /* slot: the value (scores from attributes) */
  int32_t *quiet;       /* its rules with quiet_every, by the plan's numbers */
  int32_t quiet_count;
  bool lasting; /* has a rule with lasts */
};

struct dispatch { /* what an event of one name can touch, in document order */
  int32_t *rules;
  int32_t rule_count;
  int32_t *happened;
  int32_t happened_count;
};

struct stage_plan {
  int32_t next;     /* the rung above, or NONE (top, off the ladder) */
  int32_t climb;    /* the same where it has an `enter` */
  uint32_t asks;    /* criteria of attributes that climb's `enter` cannot do without, by struct judged */
  bool reviewed;    /* a move's `when` or the next rung's `enter` uses time */
  bool timeless;    /* once settled, nothing comes of time: no SLA, no move, no review */
  bool rises;       /* time alone can make one of them true that is false now */
  bool *next_names; /* criteria that climb's `enter` names, itself or through others; NULL where climb is NONE */
  uint64_t moves;   /* bit i: move i starts here */
  uint32_t slas;    /* bit i: SLA i runs here */
};

struct plan {
  struct rule_plan *rules;
  int32_t rule_count;
  struct score_plan scores[LIMIT_SCORES];
  struct stage_plan stages[LIMIT_STAGES];
  struct dispatch *dispatch;             /* name_count + 1: the last is for names that no pattern mentions */
  int32_t attribute[LIMIT_ATTRIBUTES];   /* slot (number: a double; boolean: 0 or 1), or list (text) */
  int32_t known[LIMIT_ATTRIBUTES];       /* the same as a cell: it is there where the attribute is known */
  int32_t stay, entered, created;        /* slots: struct stay, moments in ms */
  int32_t entries;                       /* slots, one a stage: how often it has been entered */
  int32_t sla_deadline[LIMIT_SLAS];      /* slot */
  int32_t *happened;                     /* list */
  uint8_t criteria[LIMIT_CRITERIA];      /* MOTION_* of each */
  int32_t of_attributes[LIMIT_CRITERIA]; /* bit in struct judged of a criterion that attributes alone decide; NONE */
  int32_t judged;                        /* slot: struct judged */
  int32_t ids;                           /* list, or NONE (deduplicate 0) */
  uint64_t attribute_fields; /* bits of the fields that attributes are taken from, as event.present has them */
  bool quiet;                /* some score has quiet_every */
  bool review_always;        /* leave out no review: the naive way, which tests hold the shortcut against */
  int32_t slot_count, list_count;
  int32_t text_count;   /* lists below it are texts, the others are of 8-byte elements */
  uint32_t first_cells; /* room for those that a new lead soon has */
  uint32_t stride;      /* of a record: bytes */
};

/* Fills definition->plan. Memory that runs out ends the process. */
void definition_plan(struct definition *definition);
void definition_plan_destroy(struct definition *definition);

/* Does the condition use, itself or through criteria and scores, what time alone can change? */
bool condition_uses_time(const struct definition *definition, const struct condition *condition);

#endif
