/* report_sheet.h: headings, sentences and tables, as aligned text, as a page (config/page.h) or as CSV, by the same calls.
 *
 * Texts of strangers are made safe in text and page. CSV is RFC 4180 in UTF-8 with a byte order mark, a file a table; what a spreadsheet
 * would take for a formula has a ' before it. May use: page.h, terminal.h, report_words.h. */
#ifndef HANDOVER_CONSUMER_REPORT_SHEET_H
#define HANDOVER_CONSUMER_REPORT_SHEET_H

#include "../config/page.h"
#include "engine/slice.h"
#include "money.h"

enum { SHEET_COLUMNS = 160, SHEET_FILES = 24 };

struct sheet_file {
  const char *name; /* without .csv */
  struct buffer text;
};

struct sheet_files { /* zero it; sheet_files_fini frees */
  struct sheet_file at[SHEET_FILES];
  size_t count;
};
void sheet_files_fini(struct sheet_files *files);

struct sheet_table {
  const char *name;      /* of the CSV file */
  const char *heading;   /* above it; NULL: none */
  const char *otherwise; /* said where the table has no rows; NULL: then there is no heading either */
  size_t columns;
  size_t names; /* so many columns from the left are names; the others are figures */
};

struct sheet { /* zero it; set one of the first three */
  struct buffer *out;
  struct page *page;         /* it is to be HTML: set `out`, too */
  struct sheet_files *files; /* it is to be CSV */
  struct buffer cells;       /* each with a NUL behind it */
  size_t cell_count;
  struct sheet_table table; /* the open one; of no columns: none is open */
};

struct sheet_head {
  const char *text, *name; /* for people; in CSV, as in JSON */
};

void sheet_heading(struct sheet *sheet, const char *text);
/* In CSV there are no sentences. */
void sheet_say(struct sheet *sheet, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Begins a table. Then come its cells, row by row, the head's first; what comes next ends it. */
void sheet_table(struct sheet *sheet, struct sheet_table table);
void sheet_heads(struct sheet *sheet, const struct sheet_head *heads, size_t count);
void sheet_head(struct sheet *sheet, const char *text, const char *name);
void sheet_name(struct sheet *sheet, struct slice text); /* at NULL: there is none */
void sheet_none(struct sheet *sheet);
void sheet_cell(struct sheet *sheet, struct buffer *words); /* as they are; frees them */
void sheet_flag(struct sheet *sheet, bool flag);
void sheet_count(struct sheet *sheet, uint64_t count);
void sheet_part(struct sheet *sheet, uint64_t part, uint64_t whole); /* "42.9%"; in CSV 0.4286 */
void sheet_duration(struct sheet *sheet, int64_t ms, bool known);    /* in CSV whole milliseconds */
void sheet_time(struct sheet *sheet, int64_t ms, bool day);          /* as report_time has it */
void sheet_money(struct sheet *sheet, money_sum sum);                /* "1,234.50"; in CSV 1234.5 */
void sheet_share(struct sheet *sheet, int64_t share); /* in parts of 10,000; -1: of nothing. As sheet_part */
void sheet_end(struct sheet *sheet);

#endif
