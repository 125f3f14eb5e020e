/* advice_find.h: what the files advice*.c share: the compiled definition beside its tree. For these files alone.
 *
 * Indices of the definition are positions in the tree: both have the document's order. */
#ifndef HANDOVER_CONFIG_ADVICE_FIND_H
#define HANDOVER_CONFIG_ADVICE_FIND_H

#include "advice.h"
#include "document.h"

struct adviser {
  const struct definition *definition;
  struct document document;
  struct advices *advices;
};

/* Notes an advice at the node's value. */
void advise(struct adviser *a, const cJSON *node, const char *remedy, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The i-th of a section ("stages"), or the document where it is not there; a member of an object, or NULL. */
const cJSON *advice_item(const struct adviser *a, const char *section, int32_t i);
const cJSON *advice_member(const cJSON *object, const char *name);
/* A criterion's condition, without the object that may describe it. */
const cJSON *advice_criterion(const struct adviser *a, int32_t criterion);
#define NAMED(slice) (int)(slice).length, (slice).at

/* --- advice_reach.c: what can be true --- */

struct range { /* nanopoints */
  int64_t least, most;
};

/* What a score can be, from its rules, their caps and limits, and its own min and max. */
struct range score_bounds(const struct definition *d, int32_t score);
/* Can no lead ever meet the condition? False where that cannot be said. */
bool condition_never(const struct definition *d, const struct condition *condition);
/* Can an attribute of this type compare so with one operand at all? */
bool operand_fits(enum attribute_type type, enum operator op, const struct operand *operand);

/* --- what is judged by words: a word counts where it begins a word, whatever its case; lists end in NULL --- */

/* Does any text within the node speak of it? */
bool node_speaks(const cJSON *node, const char *const *words);
/* The same of a name: an event's, an attribute's. */
bool name_speaks(struct slice name, const char *const *words);
/* Is it an attribute by which a lead is reached? */
bool is_contact(struct slice name);

/* --- advice_condition.c, advice_points.c, advice_use.c, advice_path.c, advice_sales.c, advice_stage.c --- */

void advise_conditions(struct adviser *a);
/* Does a threshold that can be reached take too many events too fast? `c` compares a score. */
void advise_pace(struct adviser *a, const cJSON *node, const struct condition *c);
void advise_points(struct adviser *a);
void advise_unused(struct adviser *a);
void advise_path(struct adviser *a);
void advise_sales(struct adviser *a, int32_t handover);
void advise_stages(struct adviser *a);
bool condition_uses_event(const struct condition *condition);

#endif
