/* explain_sheet.h: where a story is written: a terminal, or a page of HTML (config/page.h). Texts are made safe here. */
#ifndef HANDOVER_CONSUMER_EXPLAIN_SHEET_H
#define HANDOVER_CONSUMER_EXPLAIN_SHEET_H

#include "../config/page.h"
#include "explain_row.h"
#include "terminal.h"

struct sheet {
  bool html;
  struct page page;
  struct terminal terminal;
};

void sheet_begin(struct sheet *sheet, struct buffer *out, bool html, bool colour);
void sheet_end(struct sheet *sheet);

/* Those that take words empty them. */
void sheet_title(struct sheet *sheet, struct buffer *words);
void sheet_heading(struct sheet *sheet, const char *text);
void sheet_text(struct sheet *sheet, struct buffer *words);
void sheet_item(struct sheet *sheet, int depth, struct buffer *words); /* depth from 1 */
void sheet_columns(struct sheet *sheet);                               /* before the first row */
void sheet_row(struct sheet *sheet, struct explain_row *row);

#endif
