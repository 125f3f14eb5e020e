/* terminal.h: text of strangers on a terminal: nothing that it would obey, columns that stand below each other.
 *
 * Names and attributes come from outside and may hold anything. Control characters, marks that turn the direction of writing and bytes
 * that are not UTF-8 become U+FFFD. Columns are counted as terminals do: two for wide characters, none for combining ones.
 * May use: buffer.h, slice.h. */
#ifndef HANDOVER_CONSUMER_TERMINAL_H
#define HANDOVER_CONSUMER_TERMINAL_H

#include "../producer/buffer.h"
#include "engine/slice.h"

enum { TERMINAL_COLUMNS = 110 };

struct terminal { /* what is written so far: zero it, set `buffer` and `colour` */
  struct buffer *buffer;
  bool colour;
  int column; /* where the next character stands, from 0 */
};

/* Colours: where `descriptor` is a terminal that knows them and NO_COLOR is not set. */
bool terminal_colour(int descriptor);

/* Columns of the text as terminal_text would write it. */
int terminal_columns(struct slice text);

/* At most `most` columns; what is cut ends in "…". */
void terminal_text(struct terminal *terminal, struct slice text, int most);
/* Goes on in this column: in this line, or in the next where this one has no room for it and a space. */
void terminal_to(struct terminal *terminal, int column);
/* All of it, over any number of lines: an end of line and a tab are what they are, of what a terminal would obey and of what is no UTF-8 each
 * byte stands as "\x1b". */
void terminal_escaped(struct terminal *terminal, struct slice text);
void terminal_line(struct terminal *terminal); /* ends the line */

/* Words between spaces, from here on, broken before TERMINAL_COLUMNS; further lines begin in column `indent`. */
void terminal_words(struct terminal *terminal, struct slice text, int indent);

/* "1;31" and the like: until terminal_plain. Nothing without colour. */
void terminal_style(struct terminal *terminal, const char *style);
void terminal_plain(struct terminal *terminal);

#endif
