/* metrics_text.h: Prometheus' text format 0.0.4, read strictly: what a daemon serves at /metrics (metrics_render.c writes it), and
 * nothing that is not quite that. Bounded: lines, labels. May use: decode.h (numbers), slice.h. */
#ifndef HANDOVER_CONSUMER_METRICS_TEXT_H
#define HANDOVER_CONSUMER_METRICS_TEXT_H

#include "engine/slice.h"

enum { METRICS_TEXT_LINE = 4096, METRICS_TEXT_LABELS = 8 };

struct metrics_sample { /* good until the callback returns */
  struct slice name;
  struct metrics_label {
    struct slice name, value; /* the value without its escapes: any bytes */
  } labels[METRICS_TEXT_LABELS];
  int32_t label_count;
  double value; /* may be infinite, or no number */
};

typedef void metrics_text_take(void *context, const struct metrics_sample *sample);

/* Each sample, in order. False: line *line (from 1) is none, or too long; those before it were taken. *why is a static sentence. */
bool metrics_text_read(struct slice text, metrics_text_take *take, void *context, int32_t *line, const char **why);

/* A label's value; at NULL: there is none. */
struct slice metrics_label(const struct metrics_sample *sample, const char *name);

#endif
