/* story.c: the columns of the first line, and the lines below it. May use: cJSON, terminal.h, encode.h (times). */
#include "story.h"

#include "../producer/encode.h"
#include "story_words.h"

enum {
  WHO_COLUMN = 18, /* and where further lines begin */
  CHANGE_COLUMN = 48,
  CAUSE_COLUMN = 75,
  ROOM = TERMINAL_COLUMNS - WHO_COLUMN, /* of further lines */
  REASON_COLUMN = 38,                   /* of a dead letter */
  DETAIL_COLUMN = 50,
};

#define PLAIN "0"
#define DIM "2"
#define BOLD "1"
#define CYAN "36"
#define YELLOW "33"
#define BOLD_RED "1;31"

struct slice story_text(const cJSON *object, const char *name) {
  const char *text = cJSON_GetStringValue(story_member(object, name));
  return text ? slice_of(text) : (struct slice){NULL, 0};
}

bool story_is(const cJSON *event, const char *type) { return slice_equal(story_text(event, "type"), slice_of(type)); }

/* Words onto the terminal; they are gone then. */

static void print_cell(struct terminal *terminal, struct buffer *words, const char *style, int next_column) {
  terminal_style(terminal, style);
  terminal_text(terminal, words_text(words), next_column - terminal->column - 1);
  terminal_plain(terminal);
  terminal_to(terminal, next_column);
  buffer_fini(words);
}

/* From `column` on, over as many lines as it takes. */
static void print_words(struct terminal *terminal, struct buffer *words, const char *style, int column) {
  if (words->length > 0) {
    terminal_to(terminal, column);
    terminal_style(terminal, style);
    terminal_words(terminal, words_text(words), column);
    terminal_plain(terminal);
  }
  if (terminal->column > 0) terminal_line(terminal);
  buffer_fini(words);
}

/* The first line */

static void print_head(struct terminal *terminal, const cJSON *event, const cJSON *data) {
  struct buffer time = {0}, who = {0};
  words_time(&time, story_text(event, "time"), 2);
  words_who(&who, data);
  print_cell(terminal, &time, DIM, WHO_COLUMN);
  print_cell(terminal, &who, BOLD, CHANGE_COLUMN);
}

static void print_stages(struct terminal *terminal, const cJSON *data) {
  terminal_style(terminal, story_text(data, "reason").length > 0 ? YELLOW : CYAN);
  terminal_text(terminal, story_text(data, "from"), STORY_NAME);
  terminal_text(terminal, SLICE(" → "), STORY_NAME);
  terminal_text(terminal, story_text(data, "to"), STORY_NAME);
  terminal_plain(terminal);
}

static void print_cause(struct terminal *terminal, const cJSON *data) {
  struct buffer words = {0};
  words_cause(&words, data);
  print_words(terminal, &words, PLAIN, CAUSE_COLUMN);
}

/* What is below */

/* Where somebody has to act: the points, and below them who has to do what. */
static void print_duty(struct terminal *terminal, const cJSON *data, struct buffer *duty) {
  struct buffer points = {0}, missing = {0};
  words_points(&points, data, ROOM);
  words_missing(&missing, data);
  if (missing.length > 0) words_add(duty, "; ");
  buffer_append(duty, missing.at, missing.length);
  buffer_fini(&missing);
  print_words(terminal, &points, DIM, WHO_COLUMN);
  print_words(terminal, duty, BOLD, WHO_COLUMN);
}

/* Where nobody has to: one line, and none where a move without more to come says it all. */
static void print_outlook(struct terminal *terminal, const cJSON *data) {
  struct buffer points = {0}, missing = {0};
  words_missing(&missing, data);
  if (missing.length > 0 || story_text(story_member(data, "cause"), "move").length == 0)
    words_points(&points, data, ROOM - words_columns(&missing) - 2);
  if (points.length > 0 && missing.length > 0) words_add(&points, "; ");
  buffer_append(&points, missing.at, missing.length);
  buffer_fini(&missing);
  print_words(terminal, &points, DIM, WHO_COLUMN);
}

static void print_change(struct terminal *terminal, const cJSON *event, const cJSON *data) {
  struct buffer duty = {0};
  print_head(terminal, event, data);
  print_stages(terminal, data);
  print_cause(terminal, data);
  words_duty(&duty, data);
  if (duty.length > 0) {
    print_duty(terminal, data, &duty);
  } else {
    print_outlook(terminal, data);
  }
}

static void print_breach(struct terminal *terminal, const cJSON *event, const cJSON *data) {
  struct buffer sla = {0}, who = {0};
  print_head(terminal, event, data);
  terminal_style(terminal, BOLD_RED);
  terminal_text(terminal, story_text(data, "stage"), STORY_NAME);
  terminal_text(terminal, SLICE(": SLA BREACHED"), STORY_NAME);
  terminal_plain(terminal);
  words_name(&sla, story_text(data, "sla"));
  print_words(terminal, &sla, BOLD_RED, CAUSE_COLUMN);
  words_since(&who, data);
  print_words(terminal, &who, BOLD_RED, WHO_COLUMN);
}

bool story_event(struct buffer *buffer, const cJSON *event, bool colour) {
  struct terminal terminal = {.buffer = buffer, .colour = colour};
  const cJSON *data = story_member(event, "data");
  if (!cJSON_IsObject(data)) return false;
  if (story_is(event, "lead.stage.changed")) {
    print_change(&terminal, event, data);
  } else if (story_is(event, "lead.sla.breached")) {
    print_breach(&terminal, event, data);
  } else {
    return false;
  }
  return true;
}

void story_dead_letter(struct buffer *buffer, const struct story_dead_letter *letter, bool colour) {
  struct terminal terminal = {.buffer = buffer, .colour = colour};
  struct buffer iso = {0}, time = {0}, where = {0}, reason = {0};
  if (letter->timestamp_ms >= 0) time_append(&iso, letter->timestamp_ms);
  words_time(&time, words_text(&iso), 2);
  words_name(&where, letter->topic);
  buffer_printf(&where, "/%d/%lld", (int)letter->partition, (long long)letter->offset);
  words_name(&reason, letter->reason);
  print_cell(&terminal, &time, DIM, WHO_COLUMN);
  print_cell(&terminal, &where, DIM, REASON_COLUMN);
  print_cell(&terminal, &reason, YELLOW, DETAIL_COLUMN);
  terminal_text(&terminal, letter->detail, TERMINAL_COLUMNS - DETAIL_COLUMN);
  terminal_line(&terminal);
  buffer_fini(&iso);
}
