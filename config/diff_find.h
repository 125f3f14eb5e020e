/* diff_find.h: what the files diff*.c share. For these files alone. */
#ifndef HANDOVER_CONFIG_DIFF_FIND_H
#define HANDOVER_CONFIG_DIFF_FIND_H

#include "diff.h"
#include "phrase.h"

struct differ {
  const struct diff_side *before, *after;
  struct diff *diff;
};

/* for EACH(member, list): over its children, none where there is no list.
 * NOLINTNEXTLINE(bugprone-macro-parentheses): `item` is declared */
#define EACH(item, list) (const cJSON *item = (list) ? (list)->child : NULL; item; item = item->next)

/* --- diff_effect.c: what a change comes to --- */

/* Of a condition: it holds for more leads; of a score: it is higher; of an SLA: there is more time. Bits: EITHER is both. */
enum direction { SAME = 0, MORE = 1, LESS = 2, EITHER = 3 };

enum diff_cause {
  BY_NONE,
  BY_CRITERION,
  BY_SCORE,
  BY_ACTIVITY,
  BY_ATTRIBUTE,
  BY_STAGE, /* its `enter`, or another thing of it */
  BY_MOVE,
  BY_MOVE_ALONE, /* a move that is new or gone: how often it is taken says nothing */
  BY_ROUTE,
  BY_SLA,
};

struct cause {
  enum diff_cause kind;
  const char *name; /* as the documents have it */
  enum direction direction;
};

enum direction direction_flipped(enum direction direction);
/* Two changes of one thing together. */
enum direction direction_both(enum direction a, enum direction b);
/* Fills effect, outcome and stages of a change. */
void diff_effect(const struct differ *d, struct diff_change *change, const struct cause *causes, size_t count);

/* --- diff.c --- */

/* Notes a change and empties the sentence. Causes of kind BY_NONE have no effect. */
void diff_note(struct differ *d, enum diff_section section, struct buffer *sentence, const struct cause *causes,
               size_t count);

/* Where a change stands: its sentences begin with `label`; what the thing there causes when it holds for more leads. */
struct place {
  enum diff_section section;
  const char *label;
  struct cause causes[2];
};

void place_note(struct differ *d, const struct place *place, enum direction direction, struct buffer *text);
/* "LABEL: " to begin a sentence with. */
void place_begin(const struct place *place, struct buffer *text);

/* The things of a section: objects by their member names, the others by their member `key`. */
const char *thing_name(const cJSON *thing, const char *key);
const cJSON *thing_find(const cJSON *list, const char *key, const char *name);
/* The same order of those that are in both? */
bool things_ordered(const char *key, const cJSON *a, const cJSON *b);
/* Notes where the description of a thing is another. */
void diff_description(struct differ *d, const char *label, const cJSON *a, const cJSON *b);

/* --- diff_key.c: two ways of saying the same have one key --- */

void key_condition(struct buffer *out, const cJSON *node);
void key_pattern(struct buffer *out, const cJSON *node);
/* A text or a list of texts, in any order. */
void key_texts(struct buffer *out, const cJSON *node);
/* Of any condition, with a zero behind it; memory_free it. */
char *condition_key(const cJSON *node);
bool same_bytes(const struct buffer *a, const struct buffer *b);
bool same_condition(const cJSON *a, const cJSON *b); /* both may be NULL */
bool same_pattern(const cJSON *a, const cJSON *b);
int64_t duration_s(const char *duration); /* "" is 0 */
/* The condition with nested lists of one kind made flat, lists of one taken apart, and double negations gone; cJSON_Delete it. */
cJSON *flat_condition(const cJSON *node);

/* --- diff_condition.c, diff_stage.c, diff_score.c, diff_sales.c, diff_data.c --- */

void compare_conditions(struct differ *d, const struct place *place, const cJSON *a, const cJSON *b);
enum direction pattern_direction(const cJSON *a, const cJSON *b);
/* The texts of b that a has not. Lists or single ones; false where there are none. */
bool texts_gained(struct buffer *out, const cJSON *a, const cJSON *b, const char *conjunction);
/* "LABEL: WHAT is NEW; before: OLD", where the texts differ. */
void compare_phrases(struct differ *d, const struct place *place, enum direction direction, const char *what,
                     struct buffer *a, struct buffer *b);

void diff_agreement(struct differ *d);
void diff_stages(struct differ *d);
void diff_criteria(struct differ *d);
void diff_scores(struct differ *d);
void diff_moves(struct differ *d);
void diff_slas(struct differ *d);
void diff_routes(struct differ *d);
void diff_calendars(struct differ *d);
void diff_attributes(struct differ *d);
void diff_events(struct differ *d);
void diff_takeover(struct differ *d);

#endif
