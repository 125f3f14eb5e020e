/* explain_show.h: the story of a lead as people read it, on a terminal or as one HTML file. May use: cJSON, story_words.h. */
#ifndef HANDOVER_CONSUMER_EXPLAIN_SHOW_H
#define HANDOVER_CONSUMER_EXPLAIN_SHOW_H

#include "terminal.h"

/* `story` is what explain_run made. */
void explain_show(struct buffer *out, const struct buffer *story, bool html, bool colour);

#endif
