/* tap.c: see tap.h. */
#include "tap.h"

#include <stdio.h>

#include "../producer/encode.h"
#include "story_words.h"

enum { LEAD_COLUMN = 21, CHANGE_COLUMN = 44, WHY_COLUMN = 72, NARROW = 100, ENDLESS = 1 << 20, SECOND = 19 };

#define DIM "2"
#define BOLD "1"
#define CYAN "36"
#define YELLOW "33"
#define BOLD_RED "1;31"

/* --- what is wanted --- */

bool tap_attribute_take(struct tap_filter *filter, const char *text) {
  const char *equal = strchr(text, '=');
  if (!equal || equal == text || filter->attribute_count == TAP_ATTRIBUTES) return false;
  filter->attributes[filter->attribute_count++] = (struct tap_attribute){text, equal + 1, (size_t)(equal - text)};
  return true;
}

static bool is(struct slice text, const char *wanted) { return !wanted || slice_equal(text, slice_of(wanted)); }

static bool has_value(const cJSON *item, const char *wanted) {
  struct buffer text = {0};
  if (cJSON_IsString(item)) buffer_append_text(&text, item->valuestring);
  else if (cJSON_IsBool(item)) buffer_append_text(&text, cJSON_IsTrue(item) ? "true" : "false");
  else if (cJSON_IsNumber(item)) json_append_double(&text, item->valuedouble);
  bool same = item && slice_equal(words_text(&text), slice_of(wanted));
  buffer_fini(&text);
  return same;
}

static bool has_attribute(const cJSON *attributes, const struct tap_attribute *wanted) {
  const cJSON *item;
  cJSON_ArrayForEach(item, attributes) {
    if (item->string && strlen(item->string) == wanted->name_length &&
        memcmp(item->string, wanted->name, wanted->name_length) == 0)
      return has_value(item, wanted->value);
  }
  return false;
}

/* Of a breach the stage is where the lead is, and where it is still. */
static bool has_stages(const struct tap_filter *filter, const cJSON *data, bool change) {
  if (change) return is(story_text(data, "from"), filter->from) && is(story_text(data, "to"), filter->to);
  return !filter->to && is(story_text(data, "stage"), filter->from);
}

bool tap_wants(const struct tap_filter *filter, const cJSON *event) {
  const cJSON *data = story_member(event, "data"), *route = story_member(data, "route");
  bool change = story_is(event, "lead.stage.changed"), breach = story_is(event, "lead.sla.breached");
  if (!cJSON_IsObject(data) || !(change || breach)) return false;
  if ((filter->type == TAP_CHANGES && !change) || (filter->type == TAP_BREACHES && !breach)) return false;
  bool good = has_stages(filter, data, change) && is(story_text(data, "lead"), filter->lead) &&
              is(story_text(data, "owner"), filter->owner) && is(story_text(route, "queue"), filter->queue) &&
              is(story_text(route, "assignee"), filter->member);
  for (int32_t i = 0; i < filter->attribute_count && good; i++)
    good = has_attribute(story_member(data, "attributes"), &filter->attributes[i]);
  return good;
}

/* --- the line --- */

struct line {
  struct terminal terminal;
  int columns;
};

static void put(struct line *line, struct buffer *words, const char *style) {
  int room = line->columns - line->terminal.column;
  if (room > 0) {
    terminal_style(&line->terminal, style);
    terminal_text(&line->terminal, words_text(words), room);
    terminal_plain(&line->terminal);
  }
  words->length = 0;
}

/* To the column, where the line is wide enough for columns; at least two blanks in any case. */
static void align(struct line *line, int column) {
  int to = line->columns < NARROW || line->terminal.column > column - 2 ? line->terminal.column + 2 : column;
  if (to < line->columns) terminal_to(&line->terminal, to);
}

static void words_second(struct buffer *words, struct slice time) {
  if (time.length <= SECOND || time.at[10] != 'T') {
    words_name(words, time);
    return;
  }
  buffer_append(words, time.at, SECOND);
  words->at[words->length - SECOND + 10] = ' ';
}

static void put_head(struct line *line, const cJSON *event, const cJSON *data, struct buffer *words) {
  words_second(words, story_text(event, "time"));
  put(line, words, DIM);
  align(line, LEAD_COLUMN);
  words_name(words, story_text(data, "lead"));
  put(line, words, BOLD);
  align(line, CHANGE_COLUMN);
}

static void put_change(struct line *line, const cJSON *data, struct buffer *words) {
  struct buffer duty = {0};
  words_name(words, story_text(data, "from"));
  words_add(words, " → ");
  words_name(words, story_text(data, "to"));
  put(line, words, story_text(data, "reason").length > 0 ? YELLOW : CYAN);
  align(line, WHY_COLUMN);
  words_cause(words, data);
  words_duty(&duty, data);
  if (duty.length > 0) words_add(words, "; ");
  buffer_append(words, duty.at, duty.length);
  buffer_fini(&duty);
  put(line, words, "0");
}

static void put_breach(struct line *line, const cJSON *data, struct buffer *words) {
  words_name(words, story_text(data, "stage"));
  words_add(words, ": SLA BREACHED");
  put(line, words, BOLD_RED);
  align(line, WHY_COLUMN);
  words_name(words, story_text(data, "sla"));
  words_add(words, "; ");
  words_since(words, data);
  put(line, words, BOLD_RED);
}

void tap_line(struct buffer *out, const cJSON *event, int columns, bool colour) {
  struct line line = {{.buffer = out, .colour = colour}, columns > 0 ? columns : ENDLESS};
  const cJSON *data = story_member(event, "data");
  bool change = story_is(event, "lead.stage.changed");
  struct buffer words = {0};
  if (!cJSON_IsObject(data) || !(change || story_is(event, "lead.sla.breached"))) return;
  put_head(&line, event, data, &words);
  (change ? put_change : put_breach)(&line, data, &words);
  terminal_line(&line.terminal);
  buffer_fini(&words);
}
