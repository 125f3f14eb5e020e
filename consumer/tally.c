/* tally.c: a handful of rows, found by looking at each. May use: story.h, memory. */
#include "tally.h"

#include <inttypes.h>
#include <stdio.h>

#include "engine/memory.h"

enum {
  TITLE_COLUMN = 2,
  ROWS_COLUMN = 16,
  ROW_COLUMNS = 31,
  ROWS_BESIDE = 3,
  NAME = 40,
  NUMBER = 32,
};

static void rows_add(struct tally_rows *rows, struct slice from, struct slice to) {
  for (size_t i = 0; i < rows->count; i++) {
    if (!slice_equal(rows->at[i].from, from) || !slice_equal(rows->at[i].to, to)) continue;
    rows->at[i].count++;
    return;
  }
  if (rows->count == rows->room) {
    rows->room = rows->room ? rows->room * 2 : 32;
    rows->at = memory_grown(rows->at, rows->room * sizeof *rows->at);
  }
  rows->at[rows->count++] = (struct tally_row){from, to, 1};
}

static uint64_t rows_sum(const struct tally_rows *rows) {
  uint64_t sum = 0;
  for (size_t i = 0; i < rows->count; i++) sum += rows->at[i].count;
  return sum;
}

void tally_event(struct tally *tally, const cJSON *event) {
  const cJSON *data = cJSON_GetObjectItemCaseSensitive(event, "data");
  if (story_is(event, "lead.stage.changed")) {
    rows_add(&tally->changes, story_text(data, "from"), story_text(data, "to"));
  } else if (story_is(event, "lead.sla.breached")) {
    rows_add(&tally->breaches, story_text(data, "sla"), (struct slice){NULL, 0});
  }
}

void tally_dead_letter(struct tally *tally, struct slice reason) {
  rows_add(&tally->dead_letters, reason, (struct slice){NULL, 0});
}

void tally_fini(struct tally *tally) {
  memory_free(tally->changes.at);
  memory_free(tally->breaches.at);
  memory_free(tally->dead_letters.at);
  *tally = (struct tally){0};
}

/* "4,512": at most 26 bytes and the end. */
static const char *number_format(char *text, uint64_t number) {
  char digits[NUMBER], *to = text;
  int length = snprintf(digits, sizeof digits, "%" PRIu64, number);
  for (int i = 0; i < length; i++) {
    if (i > 0 && (length - i) % 3 == 0) *to++ = ',';
    *to++ = digits[i];
  }
  *to = 0;
  return text;
}

static void words_count(struct buffer *words, uint64_t count, const char *one, const char *many) {
  char number[NUMBER];
  buffer_printf(words, "%s %s", number_format(number, count), count == 1 ? one : many);
}

/* "10 universe → suspect", three beside each other. */
static void print_row(struct terminal *terminal, const struct tally_row *row, int column) {
  char number[NUMBER];
  struct buffer words = {0};
  terminal_to(terminal, column);
  buffer_printf(&words, "%4s ", number_format(number, row->count));
  terminal_text(terminal, (struct slice){words.at, (uint32_t)words.length}, NUMBER);
  buffer_fini(&words);
  terminal_text(terminal, row->from, NAME);
  if (row->to.at) terminal_text(terminal, SLICE(" → "), NAME);
  terminal_text(terminal, row->to, NAME);
}

static void print_rows(struct terminal *terminal, const char *title, const struct tally_rows *rows) {
  if (rows->count == 0) return;
  terminal_to(terminal, TITLE_COLUMN);
  terminal_text(terminal, slice_of(title), NAME);
  for (size_t i = 0; i < rows->count; i++)
    print_row(terminal, &rows->at[i], ROWS_COLUMN + (int)(i % ROWS_BESIDE) * ROW_COLUMNS);
  terminal_line(terminal);
}

void tally_print(const struct tally *tally, struct buffer *buffer, bool colour) {
  struct terminal terminal = {.buffer = buffer, .colour = colour};
  struct buffer words = {0};
  words_count(&words, tally->records, "record", "records");
  buffer_append_text(&words, " of ");
  words_count(&words, tally->leads, "lead", "leads");
  buffer_append_text(&words, ": ");
  words_count(&words, rows_sum(&tally->changes), "stage change", "stage changes");
  buffer_append_text(&words, ", ");
  words_count(&words, rows_sum(&tally->breaches), "SLA breach", "SLA breaches");
  buffer_append_text(&words, ", ");
  words_count(&words, rows_sum(&tally->dead_letters), "dead letter", "dead letters");
  terminal_style(&terminal, "1");
  terminal_words(&terminal, (struct slice){words.at, (uint32_t)words.length}, 0);
  terminal_plain(&terminal);
  terminal_line(&terminal);
  buffer_fini(&words);
  print_rows(&terminal, "stage changes", &tally->changes);
  print_rows(&terminal, "SLA breaches", &tally->breaches);
  print_rows(&terminal, "dead letters", &tally->dead_letters);
}
