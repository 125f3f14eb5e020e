/* definition_compile.h: what the files definition*.c share: one walk over a document that checks and compiles it.
 *
 *     document_parse → check_tree → teams, attributes, the names of everything → criteria, scores, stages, … → finish
 *
 * The walk goes on after an error, so that all are found in one go; what it compiled is thrown away if there was any. Functions
 * called take_* read one value and complain about it; compile_* compile one section. A function that returns false has
 * complained. For these files alone. */
#ifndef HANDOVER_CONFIG_DEFINITION_COMPILE_H
#define HANDOVER_CONFIG_DEFINITION_COMPILE_H

#include "../consumer/engine/definition.h"
#include "definition.h"
#include "definition_arena.h"
#include "document.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define TEN_YEARS_MS (3650 * DAY_MS)

/* The names of one kind, in document order. */
struct names {
  const char *kind, *kinds; /* "stage", "stages", … */
  const char **at;
  const cJSON **nodes; /* what has the name */
  int32_t count;
  bool plain;   /* in a list a name may stand by itself */
  bool partial; /* some could not be read: an unknown name is no error of its own */
};

/* What refers to what among the names of one kind, for cycles: at[from * count + to] is the first reference, or NULL. */
struct uses {
  const cJSON **at;
  int32_t count;
  int32_t from; /* what is being compiled, or NONE */
};

struct compiler {
  struct document document;
  struct problems *problems;
  const struct trust *trust; /* NULL: nobody is trusted */
  size_t problem_count;      /* also of those beyond the cap */
  struct definition *definition;
  struct arena *arena; /* the definition's */
  struct names teams, attributes, criteria, scores, stages, calendars;
  struct uses criterion_uses, score_uses;
  struct texts fields, names, happened;
  bool *numeric; /* fields.room of them */
  size_t numeric_room;
  struct pattern *patterns;
  size_t pattern_count, pattern_room;
  struct happened *happenings; /* happened.room of them */
  size_t happening_room;
  int64_t least_open_ms[LIMIT_CALENDARS];
};

/* definition.c: a definition's memory. */
struct arena *definition_arena(struct definition *definition);

enum { OPEN_UNKNOWN = -1, CALENDAR_WRONG = -2 }; /* least_open_ms: nobody has asked yet; it cannot be said */

/* --- definition_problem.c --- */

/* Complains at the node's value; at its name; at an offset of the document. */
void complain(struct compiler *c, const cJSON *node, const char *format, ...) __attribute__((format(printf, 3, 4)));
void complain_name(struct compiler *c, const cJSON *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void complain_at(struct compiler *c, size_t at, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* For "%.*s" in messages: the bytes of a text's first characters that are shown, and the text. */
int shown_bytes(const char *text);
#define SHOWN(text) shown_bytes(text), (text)
void problem_add(struct problems *problems, const char *pointer, int line, int column, const char *message);
/* Puts the problems in the order of the document and adds "and N more" where the cap cut. */
void problems_finish(struct compiler *c);
/* What is wrong with any document: repeated members, numbers beyond the doubles, \u0000. */
void check_tree(struct compiler *c);

/* --- definition_value.c --- */

struct known_member {
  const char *name;
  bool required;
};

const char *kind_of(const cJSON *node); /* "text", "a number", … */
const cJSON *member_of(const cJSON *object, const char *name);
bool is_text(const cJSON *node, const char *text);

/* Is it an object with these members alone, the required ones there? `what`: "a move". True where it is an object. */
bool take_object(struct compiler *c, const cJSON *node, const char *what, const struct known_member *members,
                 size_t count);
#define TAKE_OBJECT(c, node, what, members) take_object(c, node, what, members, sizeof(members) / sizeof *(members))
/* Has the object an unknown member that was meant to be this one? */
bool is_misspelt(const cJSON *object, const char *name, const struct known_member *members, size_t count);
#define IS_MISSPELT(object, name, members) is_misspelt(object, name, members, sizeof(members) / sizeof *(members))
/* A list, not empty, of at most `most` (0: any number). */
bool take_list(struct compiler *c, const cJSON *node, const char *what, int32_t most, int32_t *count);
/* One value, or a list of them that is not empty: the first, and how many. */
const cJSON *take_one_or_list(struct compiler *c, const cJSON *node, const char *what, int32_t *count);

bool take_text(struct compiler *c, const cJSON *node, const char *what);
/* Which of a few texts it is, or NONE. */
int32_t take_choice(struct compiler *c, const cJSON *node, const char *what, const char *const *choices, size_t count);
bool take_name(struct compiler *c, const cJSON *node, const char *what);  /* a text of 1..255 bytes */
bool check_name(struct compiler *c, const cJSON *node, const char *what); /* the same of the member's own name */
bool take_boolean(struct compiler *c, const cJSON *node, const char *what, bool *value);
bool take_integer(struct compiler *c, const cJSON *node, const char *what, int64_t least, int64_t most, int64_t *value);
bool take_number(struct compiler *c, const cJSON *node, const char *what, double *value);
/* Exact nanopoints of a number within ±limit (whole points) with no more decimals than that. */
bool take_points(struct compiler *c, const cJSON *node, const char *what, int64_t limit, int decimals, int64_t *value);
bool take_threshold(struct compiler *c, const cJSON *node, const char *what, int64_t *value); /* ±10⁹, six decimals */
bool take_duration(struct compiler *c, const cJSON *node, const char *what, int64_t *value_ms);
bool take_time(struct compiler *c, const cJSON *node, const char *what, int64_t *value_ms);
void take_description(struct compiler *c, const cJSON *node); /* the `description` of this object, if any */

struct slice keep_text(struct compiler *c, const char *text);

/* --- definition_name.c --- */

/* Notes the names of a section: member names of an object, or the `name` (or `member`) of each object in a list. At most
 * `most`; complains about names that are wrong or stand twice. False: nothing of the section can be compiled. */
bool names_of_members(struct compiler *c, struct names *names, const cJSON *node, int32_t most);
bool names_of_list(struct compiler *c, struct names *names, const cJSON *node, const char *member, int32_t most);
/* The index of the name that a text node says, or NONE: unknown names are complained about. */
int32_t take_reference(struct compiler *c, const cJSON *node, const struct names *names);
int32_t find_name(const struct names *names, const char *name);

/* --- definition_field.c: JSON Pointers, events, attributes --- */

int32_t take_pointer(struct compiler *c, const char *pointer, size_t at); /* field, or NONE; complains at that offset */
void compile_events(struct compiler *c, const cJSON *node);
void compile_attributes(struct compiler *c);
void mark_numeric(struct compiler *c, int32_t field);
void finish_fields(struct compiler *c);

/* --- definition_pattern.c: comparisons, event patterns --- */

/* The member of an object of these members that is its one operator, or NULL. */
const cJSON *take_operator(struct compiler *c, const cJSON *object, const char *what,
                           const struct known_member *members, size_t count, enum operator* op);
/* What the operator's member compares with. */
bool take_operands(struct compiler *c, const cJSON *node, enum operator op, struct comparison *compare);
int32_t take_pattern(struct compiler *c, const cJSON *node, const char *what); /* pattern, or NONE */
void finish_patterns(struct compiler *c);

/* --- definition_condition.c --- */

enum { /* what a condition may use besides attributes and connectives */
       USE_CRITERIA = 1,
       USE_SCORES = 2,
       USE_HISTORY = 4, /* happened, quiet_for */
       USE_EVENT = 8,
       USE_ALL = 15,
};

/* `where`: "a criterion", for errors. NULL where it is wrong. */
struct condition *take_condition(struct compiler *c, const cJSON *node, unsigned use, const char *where);
void compile_criteria(struct compiler *c);
void finish_happened(struct compiler *c);

/* --- definition_cycle.c --- */

void uses_init(struct compiler *c, struct uses *uses, const struct names *names);
void uses_note(struct uses *uses, int32_t to, const cJSON *reference);
void check_cycles(struct compiler *c); /* of criteria and of scores */

/* --- definition_score.c, definition_stage.c, definition_move.c, definition_calendar.c --- */

void compile_scores(struct compiler *c);
void compile_stages(struct compiler *c);
void compile_replaces(struct compiler *c, const cJSON *node);
void compile_moves(struct compiler *c, const cJSON *node);
void compile_slas(struct compiler *c, const cJSON *node);
void compile_routes(struct compiler *c, const cJSON *node);
void compile_calendars(struct compiler *c);

/* --- definition_worktime.c --- */

/* The least open time that any ten years from a start within 1970..2200 have. */
int64_t calendar_least_open(const struct calendar *calendar);
/* Complains where some start leaves an SLA without an end for ten years. */
void check_working_time(struct compiler *c, const cJSON *within, int32_t calendar, int64_t within_ms);

#endif
