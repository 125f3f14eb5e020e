/* letters_print.c: columns, and the pages of one letter. May use: terminal.h, json_write, dead_letter (texts that may be anything). */
#include "letters_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../producer/dead_letter.h"
#include "../producer/json_write.h"
#include "terminal.h"

enum {
  TIME_COLUMN = 12,
  REASON_COLUMN = 32,
  RECORD_COLUMN = 43,
  BYTES_COLUMN = 68, /* and 8 wide */
  KEY_COLUMN = 78,
  DETAIL_COLUMN = 95,
  KEY = DETAIL_COLUMN - KEY_COLUMN - 1,
  DETAIL = 60,
  SECOND = 19, /* bytes of "2026-03-01 09:30:00" */
  TAG_COLUMN = 12,
};

#define DIM "2"
#define YELLOW "33"

static void words_moment(struct buffer *words, int64_t time_ms, size_t bytes) {
  size_t from = words->length;
  if (time_ms == TIME_NONE) {
    buffer_append_text(words, "no time");
    return;
  }
  time_append(words, time_ms);
  if (bytes == 0) return;
  words->at[from + 10] = ' '; /* instead of T */
  words->length = from + bytes;
}

static void words_bytes(struct buffer *words, uint64_t bytes) {
  static const char *const units[] = {"kB", "MB", "GB"};
  if (bytes < 1000) {
    buffer_printf(words, "%" PRIu64 " B", bytes);
    return;
  }
  int unit = 0;
  uint64_t tenths = (bytes + 50) / 100;
  for (; tenths >= 10000 && unit < 2; unit++) tenths = (tenths + 500) / 1000;
  buffer_printf(words, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10, units[unit]);
}

static struct slice text_of(const struct buffer *words) { return (struct slice){words->at, (uint32_t)words->length}; }

static void cell(struct terminal *terminal, struct slice text, int next) {
  terminal_text(terminal, text, next - terminal->column - 1);
  terminal_to(terminal, next);
}

static void cell_words(struct terminal *terminal, struct buffer *words, int next) {
  cell(terminal, text_of(words), next);
  words->length = 0;
}

/* The last one: no blanks behind it. */
static void detail(struct terminal *terminal, const struct letter *letter, bool redriven) {
  struct buffer words = {0};
  if (redriven) buffer_append_text(&words, "redriven");
  if (letter->attempts > 0) buffer_printf(&words, "%stry %" PRId32, words.length ? "; " : "", letter->attempts + 1);
  if (letter->detail.length && words.length) buffer_append_text(&words, "; ");
  terminal_text(terminal, text_of(&words), DETAIL);
  terminal_text(terminal, letter->detail, DETAIL);
  while (terminal->buffer->length > 0 && terminal->buffer->at[terminal->buffer->length - 1] == ' ')
    terminal->buffer->length--;
  terminal_line(terminal);
  buffer_fini(&words);
}

void letters_print_head(struct buffer *out) {
  struct terminal terminal = {.buffer = out};
  cell(&terminal, SLICE("letter"), TIME_COLUMN);
  cell(&terminal, SLICE("time"), REASON_COLUMN);
  cell(&terminal, SLICE("reason"), RECORD_COLUMN);
  cell(&terminal, SLICE("record"), BYTES_COLUMN);
  cell(&terminal, SLICE("    size"), KEY_COLUMN);
  cell(&terminal, SLICE("key"), DETAIL_COLUMN);
  terminal_text(&terminal, SLICE("what is wrong"), DETAIL);
  terminal_line(&terminal);
}

/* A long topic loses its beginning, not the place. */
static void words_record(struct buffer *words, const struct position *record, int room) {
  char place[64];
  struct terminal terminal = {.buffer = words};
  snprintf(place, sizeof place, "/%" PRId32 "/%" PRId64, record->partition, record->offset);
  terminal_text(&terminal, record->topic, room - (int)strlen(place));
  buffer_append_text(words, place);
}

void letters_print_row(struct buffer *out, const struct letter *letter, bool redriven, bool colour) {
  struct terminal terminal = {.buffer = out, .colour = colour};
  struct buffer words = {0};
  buffer_printf(&words, "%" PRId32 ":%" PRId64, letter->partition, letter->offset);
  cell_words(&terminal, &words, TIME_COLUMN);
  words_moment(&words, letter->timestamp_ms, SECOND);
  terminal_style(&terminal, DIM);
  cell_words(&terminal, &words, REASON_COLUMN);
  terminal_plain(&terminal);
  terminal_style(&terminal, redriven ? DIM : YELLOW);
  cell(&terminal, letter->reason, RECORD_COLUMN);
  terminal_plain(&terminal);
  words_record(&words, &letter->record, BYTES_COLUMN - RECORD_COLUMN - 1);
  cell_words(&terminal, &words, BYTES_COLUMN);
  words_bytes(&words, letter->value.length);
  for (size_t i = words.length; i < 8; i++) terminal_text(&terminal, SLICE(" "), 1);
  cell_words(&terminal, &words, KEY_COLUMN);
  cell(&terminal, letter->key.at ? letter->key : SLICE("\u2013"), DETAIL_COLUMN);
  detail(&terminal, letter, redriven);
  buffer_fini(&words);
}

/* --- JSON --- */

static void member_bytes(struct buffer *out, const char *name, struct slice bytes) {
  json_member(out, name);
  if (bytes.at) dead_letter_append_text(out, bytes);
  else buffer_append_text(out, "null");
}

static void members(struct buffer *out, const struct letter *letter, bool redriven) {
  char place[64];
  snprintf(place, sizeof place, "%" PRId32 ":%" PRId64, letter->partition, letter->offset);
  json_write_text(out, "letter", slice_of(place));
  json_write_time(out, "time", letter->timestamp_ms);
  member_bytes(out, "reason", letter->reason);
  member_bytes(out, "detail", letter->detail);
  member_bytes(out, "topic", letter->record.topic);
  json_write_integer(out, "partition", letter->record.partition);
  json_write_integer(out, "offset", letter->record.offset);
  member_bytes(out, "key", letter->key);
  if (letter->value.at) json_write_count(out, "bytes", letter->value.length);
  else json_write_null(out, "bytes");
  json_write_integer(out, "attempts", letter->attempts);
  json_write_flag(out, "redriven", redriven);
}

void letters_print_json(struct buffer *out, const struct letter *letter, bool redriven) {
  struct buffer line = {0};
  json_open(&line, NULL, "{");
  members(&line, letter, redriven);
  json_close(&line, "}\n");
  buffer_append(out, line.at, line.length);
  buffer_fini(&line);
}

void letters_print_all_json(struct buffer *out, const struct letter *letter, const rd_kafka_message_t *message,
                            bool redriven) {
  struct slice name, value;
  json_open(out, NULL, "{");
  members(out, letter, redriven);
  json_open(out, "headers", "[");
  for (size_t at = 0; letter_header(message, &at, &name, &value);) {
    json_open(out, NULL, "{");
    member_bytes(out, "name", name);
    member_bytes(out, "value", value);
    json_close(out, "}");
  }
  json_close(out, "]");
  member_bytes(out, "value", letter->value);
  json_close(out, "}\n");
}

/* --- one letter on a page --- */

static void tag(struct terminal *terminal, const char *name) {
  terminal_text(terminal, slice_of(name), TAG_COLUMN);
  terminal_to(terminal, TAG_COLUMN);
}

static void tag_line(struct terminal *terminal, const char *name, struct buffer *words) {
  tag(terminal, name);
  terminal_escaped(terminal, text_of(words));
  terminal_line(terminal);
  words->length = 0;
}

/* What it is, and below it, indented by nothing, every byte. */
static void block(struct terminal *terminal, const char *name, struct slice bytes) {
  tag(terminal, name);
  if (!bytes.at) {
    buffer_append_text(terminal->buffer, "null");
  } else {
    buffer_printf(terminal->buffer, "%" PRIu32 " bytes", bytes.length);
    if (bytes.length > 0) terminal_line(terminal);
    terminal_escaped(terminal, bytes);
  }
  terminal_line(terminal);
}

static void print_headers(struct terminal *terminal, const rd_kafka_message_t *message) {
  struct slice name, value;
  for (size_t at = 0; letter_header(message, &at, &name, &value);) {
    tag(terminal, "header");
    terminal_escaped(terminal, name);
    buffer_append_text(terminal->buffer, ": ");
    terminal_escaped(terminal, value.at ? value : SLICE("null"));
    terminal_line(terminal);
  }
}

void letters_print_all(struct buffer *out, const struct letter *letter, const rd_kafka_message_t *message,
                       bool redriven, const char *topic) {
  struct terminal terminal = {.buffer = out};
  struct buffer words = {0};
  buffer_printf(&words, "%" PRId32 ":%" PRId64 " of %s", letter->partition, letter->offset, topic);
  tag_line(&terminal, "letter", &words);
  buffer_append(&words, letter->reason.at, letter->reason.length);
  tag_line(&terminal, "reason", &words);
  buffer_append(&words, letter->detail.at, letter->detail.length);
  if (words.length > 0) tag_line(&terminal, "detail", &words);
  buffer_append(&words, letter->record.topic.at, letter->record.topic.length);
  buffer_printf(&words, "/%" PRId32 "/%" PRId64 ", ", letter->record.partition, letter->record.offset);
  words_moment(&words, letter->timestamp_ms, 0);
  tag_line(&terminal, "record", &words);
  if (letter->attempts > 0) {
    buffer_printf(&words, "it had been redriven before: this was try %" PRId32, letter->attempts + 1);
    tag_line(&terminal, "attempts", &words);
  }
  buffer_append_text(&words, redriven ? "yes" : "no");
  tag_line(&terminal, "redriven", &words);
  print_headers(&terminal, message);
  block(&terminal, "key", letter->key);
  block(&terminal, "value", letter->value);
  buffer_fini(&words);
}

/* --- sums --- */

static struct letters_sum *sum_of(struct letters_sums *sums, struct slice reason) {
  for (int32_t i = 0; i < sums->count; i++)
    if (slice_equal(reason, slice_of(sums->at[i].reason))) return &sums->at[i];
  if (sums->count == LETTERS_SUMS) return &sums->at[LETTERS_SUMS - 1];
  struct letters_sum *sum = &sums->at[sums->count++];
  *sum = (struct letters_sum){.first_ms = TIME_NONE, .last_ms = TIME_NONE};
  if (sums->count == LETTERS_SUMS || reason.length >= sizeof sum->reason) reason = SLICE("other reasons");
  snprintf(sum->reason, sizeof sum->reason, "%.*s", (int)reason.length, reason.at);
  return sum;
}

void letters_sums_add(struct letters_sums *sums, const struct letter *letter, bool redriven) {
  struct slice reason = letter->reason;
  if (reason.length >= sizeof sums->at->reason || memchr(reason.at, 0, reason.length)) reason = SLICE("other reasons");
  struct letters_sum *sum = sum_of(sums, reason);
  int64_t time_ms = letter->timestamp_ms;
  sum->letters++;
  sum->redriven += redriven;
  sum->bytes += letter->value.length;
  if (time_ms == TIME_NONE) return;
  if (sum->first_ms == TIME_NONE || time_ms < sum->first_ms) sum->first_ms = time_ms;
  if (sum->last_ms == TIME_NONE || time_ms > sum->last_ms) sum->last_ms = time_ms;
}

static int compare(const void *a, const void *b) {
  const struct letters_sum *x = a, *y = b;
  if (x->letters != y->letters) return x->letters < y->letters ? 1 : -1;
  return strcmp(x->reason, y->reason);
}

static struct letters_sums sorted(const struct letters_sums *sums) {
  struct letters_sums all = *sums;
  qsort(all.at, (size_t)all.count, sizeof *all.at, compare);
  return all;
}

static void sum_line(struct buffer *out, const struct letters_sum *sum) {
  struct terminal terminal = {.buffer = out};
  struct buffer words = {0};
  cell(&terminal, slice_of(sum->reason), 26);
  buffer_printf(&words, "%10" PRIu64 "  %10" PRIu64 "  ", sum->letters, sum->redriven);
  cell_words(&terminal, &words, 51);
  words_bytes(&words, sum->bytes);
  for (size_t i = words.length; i < 8; i++) terminal_text(&terminal, SLICE(" "), 1);
  cell_words(&terminal, &words, 62);
  words_moment(&words, sum->first_ms, SECOND);
  cell_words(&terminal, &words, 83);
  words_moment(&words, sum->last_ms, SECOND);
  terminal_text(&terminal, text_of(&words), SECOND);
  terminal_line(&terminal);
  buffer_fini(&words);
}

void letters_sums_print(struct buffer *out, const struct letters_sums *sums) {
  const struct letters_sums all = sorted(sums);
  if (all.count == 0) {
    buffer_append_text(out, "no dead letters\n");
    return;
  }
  buffer_append_text(out, "reason                       letters    redriven      size  first                last\n");
  for (int32_t i = 0; i < all.count; i++) sum_line(out, &all.at[i]);
}

void letters_sums_json(struct buffer *out, const struct letters_sums *sums) {
  const struct letters_sums all = sorted(sums);
  json_open(out, NULL, "[");
  for (int32_t i = 0; i < all.count; i++) {
    json_open(out, NULL, "{");
    member_bytes(out, "reason", slice_of(all.at[i].reason));
    json_write_count(out, "letters", all.at[i].letters);
    json_write_count(out, "redriven", all.at[i].redriven);
    json_write_count(out, "bytes", all.at[i].bytes);
    json_write_time(out, "first", all.at[i].first_ms);
    json_write_time(out, "last", all.at[i].last_ms);
    json_close(out, "}");
  }
  json_close(out, "]\n");
}
