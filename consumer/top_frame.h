/* top_frame.h: one picture of `handover top`, as text: lines that fit into a screen.
 *
 *   wide, from 76 columns on: lag beside the funnel, SLAs beside dead letters; narrow: one below the other. The last changes get the lines
 *   that are left. May use: top_daemons.h, top_log.h, tap.h, terminal.h. */
#ifndef HANDOVER_CONSUMER_TOP_FRAME_H
#define HANDOVER_CONSUMER_TOP_FRAME_H

#include "../producer/buffer.h"
#include "top_daemons.h"
#include "top_log.h"

enum { TOP_TROUBLES = 8, TOP_TROUBLE = 300 };

struct top_view {
  const char *group; /* NULL: nobody asked Kafka */
  int64_t now_ms;
  const struct top_daemons *daemons;        /* NULL: no daemon is asked */
  const struct top_log *log;                /* NULL: stage changes are not looked at */
  int64_t log_left;                         /* records that have not been read yet */
  char troubles[TOP_TROUBLES][TOP_TROUBLE]; /* what does not answer, and why */
  int32_t trouble_count;
};

/* At most `rows` lines of at most `columns`; rows 0: as many as it takes. Each ends with LF. */
void top_frame(struct buffer *out, const struct top_view *view, int columns, int rows, bool colour);

#endif
