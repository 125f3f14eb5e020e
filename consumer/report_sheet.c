/* report_sheet.c: a table is gathered, then laid out. */
#include "report_sheet.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "report_words.h"
#include "terminal.h"

enum { SENTENCE = 1024, NAME_COLUMNS = 28, BETWEEN = 2 };

/* --- tables --- */

static const char *next_cell(const char *cell) { return cell + strlen(cell) + 1; }

static void lay_out_page(struct sheet *sheet) {
  const char *cell = sheet->cells.at, *row[SHEET_COLUMNS];
  sheet->page->numbers_from = sheet->names;
  for (size_t i = 0; i < sheet->cell_count; i += sheet->columns) {
    for (size_t column = 0; column < sheet->columns; column++, cell = next_cell(cell)) row[column] = cell;
    page_row(sheet->page, row, sheet->columns);
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
  for (size_t column = 0; column < sheet->columns; column++, *cell = next_cell(*cell)) {
    int pad = widths[column] - cell_columns(*cell);
    bool name = column < sheet->names, last = column + 1 == sheet->columns;
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
    int columns = cell_columns(cell), *width = &widths[i % sheet->columns];
    if (columns > *width) *width = columns;
  }
  cell = sheet->cells.at;
  for (size_t i = 0; i < sheet->cell_count; i += sheet->columns) lay_out_row(sheet, &cell, widths);
}

static void close_table(struct sheet *sheet) {
  if (!sheet->columns) return;
  assert(sheet->cell_count % sheet->columns == 0);
  if (sheet->page) lay_out_page(sheet);
  else lay_out_text(sheet);
  buffer_fini(&sheet->cells);
  sheet->cell_count = sheet->columns = 0;
}

void sheet_table(struct sheet *sheet, size_t columns, size_t names) {
  assert(columns > 0 && columns <= SHEET_COLUMNS);
  close_table(sheet);
  sheet->columns = columns;
  sheet->names = names;
}

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

void sheet_name(struct sheet *sheet, struct slice text, const char *otherwise) {
  struct buffer words = {0};
  if (text.at) buffer_append(&words, text.at, text.length);
  else buffer_append_text(&words, otherwise);
  sheet_cell(sheet, &words);
}

void sheet_heads(struct sheet *sheet, const char *const *heads, size_t count) {
  for (size_t i = 0; i < count; i++) sheet_name(sheet, slice_of(heads[i]), "");
}

void sheet_count(struct sheet *sheet, uint64_t count) {
  struct buffer words = {0};
  buffer_printf(&words, "%" PRIu64, count);
  sheet_cell(sheet, &words);
}

void sheet_part(struct sheet *sheet, uint64_t part, uint64_t whole) {
  struct buffer words = {0};
  report_per_cent(&words, part, whole);
  sheet_cell(sheet, &words);
}

void sheet_duration(struct sheet *sheet, int64_t ms, bool known) {
  struct buffer words = {0};
  if (known) report_duration(&words, ms);
  else buffer_append_text(&words, "\u2013");
  sheet_cell(sheet, &words);
}

/* --- the rest --- */

void sheet_heading(struct sheet *sheet, const char *text) {
  close_table(sheet);
  if (sheet->page) page_heading(sheet->page, 2, text);
  else buffer_printf(sheet->out, "\n%s\n", text);
}

void sheet_say(struct sheet *sheet, const char *format, ...) {
  char text[SENTENCE];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  close_table(sheet);
  if (sheet->page) {
    page_text(sheet->page, text);
    return;
  }
  struct terminal terminal = {.buffer = sheet->out};
  terminal_words(&terminal, slice_of(text), 0);
  terminal_line(&terminal);
}

void sheet_end(struct sheet *sheet) { close_table(sheet); }
