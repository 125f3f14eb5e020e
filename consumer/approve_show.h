/* approve_show.h: what somebody sees before they sign: the definition, what changed, who has signed. May use: config. */
#ifndef HANDOVER_CONSUMER_APPROVE_SHOW_H
#define HANDOVER_CONSUMER_APPROVE_SHOW_H

#include "../config/diff.h"
#include "../config/document.h"

/* Name, version and digest. */
void show_definition(struct buffer *out, const struct definition *definition);
/* What changed in meaning, as `handover diff` says it. */
void show_changes(struct buffer *out, const struct diff_side *before, const struct diff_side *after);
/* A line a team: who signed, whose signature does not fit and why, who is missing. By any key: nobody is asked whom to trust. */
void show_signoffs(struct buffer *out, const cJSON *root, const char *digest);
/* Which teams are missing yet. */
void show_missing(struct buffer *out, const cJSON *root, const char *digest);

#endif
