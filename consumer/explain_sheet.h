/* explain_sheet.h: where a story is written: a terminal, or a page of HTML (config/page.h). Texts are made safe here. */
#ifndef HANDOVER_CONSUMER_EXPLAIN_SHEET_H
#define HANDOVER_CONSUMER_EXPLAIN_SHEET_H

#include "../config/page.h"
#include "explain_row.h"
#include "terminal.h"

struct explain_sheet {
  bool html;
  struct page page;
  struct terminal terminal;
};

void explain_sheet_begin(struct explain_sheet *sheet, struct buffer *out, bool html, bool colour);
void explain_sheet_end(struct explain_sheet *sheet);

/* Those that take words empty them. */
void explain_sheet_title(struct explain_sheet *sheet, struct buffer *words);
void explain_sheet_heading(struct explain_sheet *sheet, const char *text);
void explain_sheet_text(struct explain_sheet *sheet, struct buffer *words);
void explain_sheet_item(struct explain_sheet *sheet, int depth, struct buffer *words); /* depth from 1 */
void explain_sheet_columns(struct explain_sheet *sheet);                               /* before the first row */
void explain_sheet_row(struct explain_sheet *sheet, struct explain_row *row);

#endif
