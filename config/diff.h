/* diff.h: what changed in meaning between two definitions, in sentences, and what comes of it.
 *
 * Notations that mean the same are no change (diff_key.c). Things are found again by their names. Pure: the documents have been parsed
 * as good, and stay as they are; both have to live as long as what was found. May use: cJSON, engine headers, phrase.h, page.h. */
#ifndef HANDOVER_CONFIG_DIFF_H
#define HANDOVER_CONFIG_DIFF_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "../consumer/engine/definition.h"
#include "../producer/buffer.h"

enum diff_section { /* in the order in which they are told; the names stand in diff.c */
                    DIFF_AGREEMENT,
                    DIFF_STAGES,
                    DIFF_CRITERIA,
                    DIFF_SCORES,
                    DIFF_MOVES,
                    DIFF_SLAS,
                    DIFF_ROUTES,
                    DIFF_CALENDARS,
                    DIFF_ATTRIBUTES,
                    DIFF_EVENTS,
                    DIFF_MEANINGS,                 /* how many of them change what is decided */
                    DIFF_TAKEOVER = DIFF_MEANINGS, /* what the change costs on the day of the takeover */
                    DIFF_WORDS,                    /* descriptions, the summary */
                    DIFF_SECTIONS,
};

enum diff_effect { DIFF_OPEN /* cannot be said */, DIFF_TIGHTER, DIFF_LOOSER, DIFF_MIXED };

struct diff_change {
  enum diff_section section;
  enum diff_effect effect;
  char *sentence;
  char *outcome;   /* what comes of it: "fewer leads will reach “mql”", or "" */
  uint32_t stages; /* bit i: stage i of the later definition is touched */
};

struct diff { /* zero it to start; diff_fini frees */
  struct diff_change *at;
  size_t count;
  int counts[DIFF_SECTIONS];
};

/* One of the two: the tree, and what it was compiled to. */
struct diff_side {
  const cJSON *root;
  const struct definition *definition;
};

/* Returns how many changes in meaning there are. */
int diff_find(struct diff *diff, const struct diff_side *before, const struct diff_side *after);
void diff_fini(struct diff *diff);

void diff_append_text(struct buffer *out, const struct diff *diff, const struct diff_side *before,
                      const struct diff_side *after);
void diff_append_json(struct buffer *out, const struct diff *diff, const struct diff_side *before,
                      const struct diff_side *after);

#endif
