/* definition.h: a definition in the form that the engine runs: arrays and indices, no JSON, no text to look at but names.
 *
 * config/definition.h parses a document into it. It is immutable afterwards, may be shared between threads, and owns
 * everything it points to (one arena, freed by definition_destroy in config/). Counts are within engine/limits.h.
 * Times and durations are milliseconds, points are nanopoints (10⁻⁹), unless a name says otherwise.
 *
 * All orders are those of the document. Indices are into the definition's own arrays; -1 (or NONE) says "none". */
#ifndef HANDOVER_ENGINE_DEFINITION_H
#define HANDOVER_ENGINE_DEFINITION_H

#include "limits.h"
#include "slice.h"

enum { NONE = -1 };

/* --- fields: the JSON Pointers that the decoder looks for, each distinct pointer once --- */

struct field {
  struct slice *tokens; /* unescaped reference tokens of the RFC 6901 pointer; none for the whole document */
  int32_t token_count;
  bool numeric; /* somebody compares or keeps it as a number: the decoder converts it */
};

enum source_kind { SOURCE_FIELD, SOURCE_KEY, SOURCE_TIMESTAMP };

struct source {
  enum source_kind kind;
  int32_t field; /* SOURCE_FIELD */
};

struct sources {
  struct source *at;
  int32_t count;
};

/* --- comparisons: the OP of conditions and of `where` --- */

enum operator{ OP_IS, OP_IN, OP_LIKE, OP_AT_LEAST, OP_AT_MOST, OP_ABOVE, OP_BELOW, OP_PRESENT };

enum operand_kind { OPERAND_TEXT, OPERAND_NUMBER, OPERAND_BOOLEAN };

struct operand {
  enum operand_kind kind;
  struct slice text; /* OPERAND_TEXT; for OP_LIKE a glob */
  double number;     /* OPERAND_NUMBER */
  bool boolean;      /* OPERAND_BOOLEAN, and OP_PRESENT */
};

struct comparison {
  enum operator op;
  struct operand *operands; /* one, or the list of OP_IN and OP_LIKE */
  int32_t operand_count;
};

/* --- patterns: E in the specification --- */

struct where {
  int32_t field;
  struct comparison compare;
};

/* Does an event match? Its name by name_index (or any, where every_name), and all of wheres. Each place in the document
 * that has a pattern has a struct pattern of its own. */
struct pattern {
  bool every_name;
  int32_t *names; /* indices into definition.names, ascending; none where every_name */
  int32_t name_count;
  struct where *wheres;
  int32_t where_count;
};

/* --- conditions --- */

enum condition_kind {
  CONDITION_ALL,       /* children */
  CONDITION_ANY,       /* children */
  CONDITION_NOT,       /* one child */
  CONDITION_AT_LEAST,  /* children, number */
  CONDITION_CRITERION, /* index: into criteria */
  CONDITION_ATTRIBUTE, /* index: into attributes, compare */
  CONDITION_SCORE,     /* index: into scores, op, threshold */
  CONDITION_HAPPENED,  /* index: into happened */
  CONDITION_QUIET_FOR, /* duration_ms */
  CONDITION_EVENT,     /* index: into patterns */
};

struct condition {
  enum condition_kind kind;
  int32_t index;
  int32_t number;              /* CONDITION_AT_LEAST: how many */
  struct condition **children; /* owned by the arena */
  struct condition **by_cost; /* the same, the cheap ones first, for the engine to judge (engine/order.h); the plan's */
  int32_t child_count;
  struct comparison compare; /* CONDITION_ATTRIBUTE */
  enum operator op;          /* CONDITION_SCORE: OP_AT_LEAST, OP_AT_MOST, OP_ABOVE or OP_BELOW */
  int64_t threshold;         /* CONDITION_SCORE: nanopoints */
  int64_t duration_ms;       /* CONDITION_QUIET_FOR */
};

/* A `happened` condition has state, so it is known by `text`: the condition object {"happened":…} in the canonical form
 * of RFC 8785, without descriptions. Two with the same text share one entry. */
struct happened {
  struct slice text;
  int32_t pattern;
  int32_t times;     /* 1..32 */
  int64_t within_ms; /* 0: ever */
};

struct criterion {
  struct slice name;
  struct condition *when;
};

/* --- attributes and scores --- */

enum attribute_type { ATTRIBUTE_TEXT, ATTRIBUTE_NUMBER, ATTRIBUTE_BOOLEAN };

struct attribute {
  struct slice name;
  enum attribute_type type;
  int32_t *fields; /* pointers, in order; the first that is there counts */
  int32_t field_count;
  bool share;
};

enum score_kind { SCORE_ATTRIBUTES, SCORE_EVENTS, SCORE_SCORES };

struct rule {
  struct slice name;
  int64_t points;         /* nanopoints, not 0 */
  struct condition *when; /* of a score from attributes; else NULL */
  int32_t pattern;        /* of a score from events with `event`; else NONE */
  int64_t quiet_every_ms; /* of a score from events with `quiet_every`; else 0 */
  int64_t lasts_ms;       /* 0: fades with the score's half-life */
  bool fading;
  int32_t keep;           /* with lasts: 1..256 */
  int64_t cap;            /* nanopoints > 0; 0: none */
  int32_t at_most_times;  /* 0: no at_most */
  int64_t at_most_per_ms; /* 0: ever */
};

struct score {
  struct slice name;
  enum score_kind kind;
  int64_t half_life_min; /* minutes; 0: none */
  int64_t min, max;      /* nanopoints */
  struct rule *rules;
  int32_t rule_count;
  int32_t *of; /* SCORE_SCORES: indices into scores (may be later ones) */
  int32_t of_count;
};

/* --- stages, moves, SLAs, routes, calendars --- */

struct stage {
  struct slice name, owner;
  struct condition *enter; /* NULL: none */
  bool off_ladder, route;
};

struct move {
  struct slice name;
  uint32_t from; /* bit i: from stage i. "*" is every stage but `to` */
  int32_t to;
  struct condition *when; /* NULL: none */
  int64_t after_ms;       /* 0: none */
  int32_t reason;         /* field, or NONE */
  uint32_t reset;         /* bit i: score i */
};

struct sla {
  struct slice name;
  int32_t stage;
  int64_t within_ms;
  int32_t calendar; /* NONE: the clock on the wall */
  int32_t met_by;   /* pattern */
};

struct member {
  struct slice name;
  int32_t weight; /* 1..100 */
};

struct route {
  struct slice queue;
  struct condition *when; /* NULL: always */
  struct member *members;
  int32_t member_count;
};

struct opening { /* of one weekday, minutes since local midnight, 0..1440, ascending, may touch */
  int32_t from_min, to_min;
};

struct offset {
  int64_t from_ms;   /* UTC */
  int64_t offset_ms; /* local = UTC + offset */
};

struct calendar {
  struct slice name;
  struct opening *openings[7]; /* 0: Monday */
  int32_t opening_count[7];
  int32_t *holidays; /* local days since 1970-01-01, ascending, distinct */
  int32_t holiday_count;
  struct offset *offsets; /* ascending; none: UTC */
  int32_t offset_count;
};

/* Stages of earlier versions that are gone: `from` is a name of then, `to` a stage of this version. */
struct replacement {
  struct slice from;
  int32_t to;
};

struct definition {
  struct slice name;
  uint32_t version;
  int64_t effective_from_ms;
  struct slice digest; /* "sha256:…" */
  bool agreed;         /* every team has a valid signoff by a trusted key */

  int64_t max_ahead_ms, lateness_ms, review_every_ms;
  int32_t deduplicate;
  struct sources lead, time, id, event_name;

  struct field *fields;
  int32_t field_count;
  struct slice *names; /* event names that any pattern mentions, ascending by bytes, distinct */
  int32_t name_count;
  struct pattern *patterns;
  int32_t pattern_count;

  struct attribute *attributes;
  int32_t attribute_count;
  struct criterion *criteria;
  int32_t criterion_count;
  struct happened *happened;
  int32_t happened_count;
  struct score *scores;
  int32_t score_count;
  struct stage *stages;
  int32_t stage_count;
  struct move *moves;
  int32_t move_count;
  struct sla *slas;
  int32_t sla_count;
  struct route *routes;
  int32_t route_count;
  struct calendar *calendars;
  int32_t calendar_count;
  struct replacement *replaces;
  int32_t replace_count;

  struct plan *plan; /* the engine's own: tables derived by definition_plan (engine/plan.h) */
};

#endif
