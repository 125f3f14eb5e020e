/* plot.h: the pieces of a drawing: SVG within a page, no scripts, whole numbers, the same bytes each time.
 *
 * A drawing is PLOT_WIDTH wide, so that a telephone shows it as it is. A bar has its name and its figures above it. May use: page.h,
 * terminal.h. */
#ifndef HANDOVER_CONSUMER_PLOT_H
#define HANDOVER_CONSUMER_PLOT_H

#include <stdint.h>

#include "../config/page.h"
#include "engine/slice.h"

enum {
  PLOT_WIDTH = 480,
  PLOT_ROW = 42,   /* from bar to bar */
  PLOT_THICK = 14, /* a bar, below its line of text */
  PLOT_BASE = 13,  /* from a row's top to its text's base line */
  PLOT_BELOW = 19, /* from a row's top to its bar */
  PLOT_LEGEND = 26,
};

#define PLOT_BLUE "#2b5c8a"
#define PLOT_PALE "#9db8d2"
#define PLOT_RED "#b8432f"
#define PLOT_AMBER "#e0a43a"
#define PLOT_GREY "#c9d1da"
#define PLOT_INK "#1c2430"

struct plot { /* zero it to start */
  struct buffer svg;
  struct page page; /* writes to svg, for its escapes */
};

/* Under a heading of its title. */
void plot_begin(struct plot *plot, struct page *page, int height, const char *title);
void plot_end(struct plot *plot, struct page *page); /* onto the page */

void plot_rect(struct plot *plot, int x, int y, int width, int height, const char *colour);
void plot_line(struct plot *plot, int x1, int y1, int x2, int y2, const char *colour);
void plot_dot(struct plot *plot, int x, int y, int radius, const char *colour);
/* anchor: "start", "middle" or "end". Frees the words. */
void plot_say(struct plot *plot, int x, int y, const char *anchor, struct buffer *words);
void plot_say_plain(struct plot *plot, int x, int y, const char *anchor, const char *text);
/* A name above a bar, cut where it is long, and figures (or NULL) at its end, whose words it frees. */
void plot_say_row(struct plot *plot, int top, struct slice name, struct buffer *figures);
void plot_legend(struct plot *plot, const char *const *names, const char *const *colours, int count);
/* part of whole, drawn `length` long: of something there is at least a pixel. */
int plot_scaled(uint64_t part, uint64_t whole, int length);

#endif
