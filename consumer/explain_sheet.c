/* explain_sheet.c: the two ways of writing, side by side. */
#include "explain_sheet.h"

#include "story_words.h"

enum { WHAT_COLUMN = 18, WHERE_COLUMN = 75, ITEM = 2, COLUMNS = 4 };

static const char *text_of(struct buffer *words) {
  buffer_append(words, "", 1);
  return words->at;
}

void explain_sheet_begin(struct explain_sheet *sheet, struct buffer *out, bool html, bool colour) {
  *sheet = (struct explain_sheet){html, {.out = out, .html = true, .cards = true}, {.buffer = out, .colour = colour}};
}

void explain_sheet_end(struct explain_sheet *sheet) {
  if (sheet->html) page_end(&sheet->page);
}

static void print_words(struct terminal *terminal, struct buffer *words, const char *style, int column) {
  if (words->length > 0) {
    terminal_to(terminal, column);
    terminal_style(terminal, style);
    terminal_words(terminal, words_text(words), column);
    terminal_plain(terminal);
  }
  if (terminal->column > 0) terminal_line(terminal);
}

void explain_sheet_title(struct explain_sheet *sheet, struct buffer *words) {
  if (sheet->html) page_begin(&sheet->page, text_of(words));
  else print_words(&sheet->terminal, words, "1", 0);
  buffer_fini(words);
}

void explain_sheet_heading(struct explain_sheet *sheet, const char *text) {
  if (sheet->html) {
    page_heading(&sheet->page, 2, text);
    return;
  }
  struct buffer words = {0};
  terminal_line(&sheet->terminal);
  buffer_append_text(&words, text);
  print_words(&sheet->terminal, &words, "1", 0);
  buffer_fini(&words);
}

void explain_sheet_text(struct explain_sheet *sheet, struct buffer *words) {
  if (sheet->html) page_text(&sheet->page, text_of(words));
  else print_words(&sheet->terminal, words, "0", 0);
  buffer_fini(words);
}

void explain_sheet_item(struct explain_sheet *sheet, int depth, struct buffer *words) {
  if (sheet->html) {
    page_item(&sheet->page, depth, text_of(words));
  } else {
    terminal_to(&sheet->terminal, ITEM * depth);
    terminal_text(&sheet->terminal, SLICE("- "), ITEM);
    terminal_words(&sheet->terminal, words_text(words), ITEM * (depth + 1));
    terminal_line(&sheet->terminal);
  }
  buffer_fini(words);
}

void explain_sheet_columns(struct explain_sheet *sheet) {
  static const char *const names[COLUMNS] = {"When", "What", "Why", "Scores"};
  if (sheet->html) page_row(&sheet->page, names, COLUMNS);
}

static void page_of_row(struct page *page, struct explain_row *row) {
  if (row->where.length > 0) {
    buffer_append_text(&row->what, " (");
    buffer_append(&row->what, row->where.at, row->where.length);
    buffer_append_text(&row->what, ")");
  }
  if (row->why.length > 0 && row->duty.length > 0) buffer_append_text(&row->why, "; ");
  buffer_append(&row->why, row->duty.at, row->duty.length);
  const char *const cells[COLUMNS] = {text_of(&row->when), text_of(&row->what), text_of(&row->why),
                                      text_of(&row->scores)};
  page_row(page, cells, COLUMNS);
}

static void print_row(struct terminal *terminal, struct explain_row *row) {
  terminal_style(terminal, "2");
  terminal_text(terminal, words_text(&row->when), WHAT_COLUMN - 1);
  terminal_plain(terminal);
  if (row->what.length > 0) terminal_to(terminal, WHAT_COLUMN);
  terminal_style(terminal, row->style);
  terminal_text(terminal, words_text(&row->what), WHERE_COLUMN - WHAT_COLUMN - 1);
  terminal_plain(terminal);
  print_words(terminal, &row->where, "2", WHERE_COLUMN);
  if (row->why.length > 0) print_words(terminal, &row->why, "0", WHAT_COLUMN);
  if (row->duty.length > 0) print_words(terminal, &row->duty, "1", WHAT_COLUMN);
  if (row->scores.length > 0) print_words(terminal, &row->scores, "2", WHAT_COLUMN);
}

void explain_sheet_row(struct explain_sheet *sheet, struct explain_row *row) {
  if (sheet->html) page_of_row(&sheet->page, row);
  else print_row(&sheet->terminal, row);
  explain_row_fini(row);
}
