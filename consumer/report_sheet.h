/* report_sheet.h: headings, sentences and tables, as aligned text or as a page (config/page.h), by the same calls.
 *
 * Texts of strangers are made safe in both. May use: page.h, terminal.h, report_words.h. */
#ifndef HANDOVER_CONSUMER_REPORT_SHEET_H
#define HANDOVER_CONSUMER_REPORT_SHEET_H

#include "../config/page.h"
#include "engine/slice.h"

enum { SHEET_COLUMNS = 24 };

struct sheet { /* zero it; set `out`, and `page` where it is to be HTML */
  struct buffer *out;
  struct page *page;
  struct buffer cells; /* each with a NUL behind it */
  size_t cell_count;
  size_t columns; /* of the open table; 0: none is open */
  size_t names;   /* so many columns from the left are names; the others are figures */
};

void sheet_heading(struct sheet *sheet, const char *text);
void sheet_say(struct sheet *sheet, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Begins a table. Then come its cells, row by row, the head's first; a heading or a sentence ends it. */
void sheet_table(struct sheet *sheet, size_t columns, size_t names);
void sheet_heads(struct sheet *sheet, const char *const *heads, size_t count);
void sheet_name(struct sheet *sheet, struct slice text, const char *otherwise); /* where text.at is NULL */
void sheet_count(struct sheet *sheet, uint64_t count);
void sheet_part(struct sheet *sheet, uint64_t part, uint64_t whole); /* "42.9%" */
void sheet_duration(struct sheet *sheet, int64_t ms, bool known);
void sheet_cell(struct sheet *sheet, struct buffer *words); /* frees the words */
void sheet_end(struct sheet *sheet);

#endif
