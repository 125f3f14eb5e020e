/* page.h: a page for people, as Markdown or as one HTML file: headings, paragraphs, lists in lists, tables.
 *
 * Every text is taken as text: what Markdown or HTML would obey is escaped, and control characters and marks that turn the
 * direction of writing are replaced. May use: producer/buffer.h. */
#ifndef HANDOVER_CONFIG_PAGE_H
#define HANDOVER_CONFIG_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "../producer/buffer.h"

struct page { /* zero it; set `out` and `html` */
  struct buffer *out;
  bool html;
  int depth;           /* of the lists that are open */
  bool in_table;       /* rows go on */
  bool cards;          /* rows of tables are cards where the window is narrow */
  bool wide;           /* for tables of many columns, and drawings; cards, too */
  struct buffer heads; /* of an open table whose rows may be cards: its first row, each cell with a NUL behind it */
  size_t numbers_from; /* from this column on cells are figures; 0: none is */
};

/* The bytes at `s`, a text that ends in a zero, that nobody should see as they are: how many, or 0. */
size_t page_hidden(const unsigned char *s);
/* Text of strangers for a terminal or a log: those bytes are replaced. */
void page_plain(struct buffer *out, const char *text);

void page_begin(struct page *page, const char *title);
void page_end(struct page *page);
void page_heading(struct page *page, int level, const char *text);
void page_text(struct page *page, const char *text);
void page_item(struct page *page, int depth, const char *text); /* depth from 1 */
/* The first row after anything else is the table's head; page_table begins another table behind a table. */
void page_table(struct page *page);
void page_row(struct page *page, const char *const *cells, size_t count);
/* A drawing: SVG, as it is. Texts in it go through page_escape. */
void page_drawing(struct page *page, const struct buffer *svg);
void page_escape(struct page *page, const char *text);
void page_signature(struct page *page, const char *text); /* a line to sign on */

#endif
