/* report_sheet.c: a table is gathered, then laid out. */
#include "report_sheet.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "report_words.h"
#include "terminal.h"

enum { SENTENCE = 1024, NAME_COLUMNS = 28, BETWEEN = 2, SHARES = 10000 };
#define NONE_TEXT "\u2013"
#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* without it a spreadsheet may not take the file for UTF-8 */

/* --- tables --- */

static const char *next_cell(const char *cell) { return cell + strlen(cell) + 1; }

static void lay_out_page(struct sheet *sheet) {
  const char *cell = sheet->cells.at, *row[SHEET_COLUMNS];
  size_t columns = sheet->table.columns;
  page_table(sheet->page);
  sheet->page->numbers_from = sheet->table.names;
  for (size_t i = 0; i < sheet->cell_count; i += columns) {
    for (size_t column = 0; column < columns; column++, cell = next_cell(cell)) row[column] = cell;
    page_row(sheet->page, row, columns);
  }
}

static int cell_columns(const char *cell) {
  int columns = terminal_columns(slice_of(cell));
  return columns < NAME_COLUMNS ? columns : NAME_COLUMNS;
}

static void spaces(struct terminal *terminal, int count) {
  while (count-- > 0) terminal_text(terminal, SLICE(" "), 1);
}

static void lay_out_row(struct sheet *sheet, const char **cell, const int *widths) {
  struct terminal terminal = {.buffer = sheet->out};
  for (size_t column = 0; column < sheet->table.columns; column++, *cell = next_cell(*cell)) {
    int pad = widths[column] - cell_columns(*cell);
    bool name = column < sheet->table.names, last = column + 1 == sheet->table.columns;
    spaces(&terminal, BETWEEN);
    if (!name) spaces(&terminal, pad);
    terminal_text(&terminal, slice_of(*cell), NAME_COLUMNS);
    if (name && !last) spaces(&terminal, pad);
  }
  terminal_line(&terminal);
}

static void lay_out_text(struct sheet *sheet) {
  int widths[SHEET_COLUMNS] = {0};
  const char *cell = sheet->cells.at;
  for (size_t i = 0; i < sheet->cell_count; i++, cell = next_cell(cell)) {
    int columns = cell_columns(cell), *width = &widths[i % sheet->table.columns];
    if (columns > *width) *width = columns;
  }
  cell = sheet->cells.at;
  for (size_t i = 0; i < sheet->cell_count; i += sheet->table.columns) lay_out_row(sheet, &cell, widths);
}

static void lay_out_csv(struct sheet *sheet) {
  assert(sheet->files->count < SHEET_FILES);
  struct sheet_file *file = &sheet->files->at[sheet->files->count++];
  const char *cell = sheet->cells.at;
  file->name = sheet->table.name;
  buffer_append_text(&file->text, BYTE_ORDER_MARK);
  for (size_t i = 0; i < sheet->cell_count; i++, cell = next_cell(cell)) {
    buffer_append_text(&file->text, cell);
    buffer_append_text(&file->text, (i + 1) % sheet->table.columns ? "," : "\r\n");
  }
}

static void put_heading(struct sheet *sheet, const char *text) {
  if (sheet->files) return;
  if (sheet->page) page_heading(sheet->page, 2, text);
  else buffer_printf(sheet->out, "\n%s\n", text);
}

static void put_sentence(struct sheet *sheet, const char *text) {
  if (sheet->files) return;
  if (sheet->page) {
    page_text(sheet->page, text);
    return;
  }
  struct terminal terminal = {.buffer = sheet->out};
  terminal_words(&terminal, slice_of(text), 0);
  terminal_line(&terminal);
}

static void close_table(struct sheet *sheet) {
  const struct sheet_table *table = &sheet->table;
  if (!table->columns) return;
  assert(sheet->cell_count % table->columns == 0);
  bool rows = sheet->cell_count > table->columns;
  if (table->heading && (rows || table->otherwise)) put_heading(sheet, table->heading);
  if (sheet->files) lay_out_csv(sheet);
  else if (rows && sheet->page) lay_out_page(sheet);
  else if (rows) lay_out_text(sheet);
  else if (table->otherwise) put_sentence(sheet, table->otherwise);
  buffer_fini(&sheet->cells);
  sheet->cell_count = 0;
  sheet->table = (struct sheet_table){0};
}

void sheet_table(struct sheet *sheet, struct sheet_table table) {
  assert(table.columns > 0 && table.columns <= SHEET_COLUMNS);
  close_table(sheet);
  sheet->table = table;
}

/* --- cells --- */

void sheet_cell(struct sheet *sheet, struct buffer *words) {
  size_t from = sheet->cells.length;
  buffer_append(&sheet->cells, words->at, words->length);
  for (size_t i = from; i < sheet->cells.length; i++) { /* a NUL would end the cell */
    if (!sheet->cells.at[i]) sheet->cells.at[i] = '\x01';
  }
  buffer_append(&sheet->cells, "", 1);
  sheet->cell_count++;
  buffer_fini(words);
}

/* Would a spreadsheet take it for a formula? (OWASP, CSV injection; the wide forms of = + - @ among them.) */
static bool is_formula(struct slice text) {
  static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
  if (text.length == 0) return false;
  bool found = text.at[0] && strchr("=+-@\t\r\n", text.at[0]);
  for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
    found = found || (text.length >= 3 && memcmp(text.at, wide[i], 3) == 0);
  return found;
}

static void append_csv(struct buffer *words, struct slice text) {
  buffer_append_text(words, is_formula(text) ? "\"'" : "\"");
  for (uint32_t i = 0; i < text.length; i++) {
    if (text.at[i] == '"') buffer_append_text(words, "\"");
    buffer_append(words, text.at + i, 1);
  }
  buffer_append_text(words, "\"");
}

void sheet_name(struct sheet *sheet, struct slice text) {
  struct buffer words = {0};
  if (text.at && sheet->files) append_csv(&words, text);
  else if (text.at) buffer_append(&words, text.at, text.length);
  else if (!sheet->files) buffer_append_text(&words, NONE_TEXT);
  sheet_cell(sheet, &words);
}

void sheet_none(struct sheet *sheet) { sheet_name(sheet, (struct slice){NULL, 0}); }

void sheet_head(struct sheet *sheet, const char *text, const char *name) {
  sheet_name(sheet, slice_of(sheet->files ? name : text));
}

void sheet_heads(struct sheet *sheet, const struct sheet_head *heads, size_t count) {
  for (size_t i = 0; i < count; i++) sheet_head(sheet, heads[i].text, heads[i].name);
}

void sheet_flag(struct sheet *sheet, bool flag) {
  struct buffer words = {0};
  if (sheet->files) buffer_append_text(&words, flag ? "true" : "false");
  else buffer_append_text(&words, flag ? "yes" : "no");
  sheet_cell(sheet, &words);
}

void sheet_count(struct sheet *sheet, uint64_t count) {
  struct buffer words = {0};
  buffer_printf(&words, "%" PRIu64, count);
  sheet_cell(sheet, &words);
}

void sheet_part(struct sheet *sheet, uint64_t part, uint64_t whole) {
  struct buffer words = {0};
  if (!sheet->files) report_per_cent(&words, part, whole);
  else if (whole > 0) report_fraction(&words, part, whole);
  sheet_cell(sheet, &words);
}

void sheet_share(struct sheet *sheet, int64_t share) {
  sheet_part(sheet, share < 0 ? 0 : (uint64_t)share, share < 0 ? 0 : SHARES);
}

void sheet_money(struct sheet *sheet, money_sum sum) {
  struct buffer words = {0};
  (sheet->files ? money_append : money_append_words)(&words, sum);
  sheet_cell(sheet, &words);
}

void sheet_duration(struct sheet *sheet, int64_t ms, bool known) {
  struct buffer words = {0};
  if (known && sheet->files) buffer_printf(&words, "%" PRId64, ms);
  else if (known) report_duration(&words, ms);
  else if (!sheet->files) buffer_append_text(&words, NONE_TEXT);
  sheet_cell(sheet, &words);
}

void sheet_time(struct sheet *sheet, int64_t ms, bool day) {
  struct buffer words = {0};
  report_time(&words, ms, day);
  sheet_cell(sheet, &words);
}

/* --- the rest --- */

void sheet_heading(struct sheet *sheet, const char *text) {
  close_table(sheet);
  put_heading(sheet, text);
}

void sheet_say(struct sheet *sheet, const char *format, ...) {
  char text[SENTENCE];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  close_table(sheet);
  put_sentence(sheet, text);
}

void sheet_end(struct sheet *sheet) { close_table(sheet); }

void sheet_files_fini(struct sheet_files *files) {
  for (size_t i = 0; i < files->count; i++) buffer_fini(&files->at[i].text);
  files->count = 0;
}
