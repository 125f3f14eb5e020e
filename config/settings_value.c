/* settings_value.c: a setting's value: checked, stored, or said to be wrong, with the name that was perhaps meant.
 * May use: libc, settings_parse.h, kafka_table.h. */
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../consumer/engine/memory.h"
#include "kafka_table.h"
#include "settings_parse.h"

enum { PROBLEM_TEXT = 600 };

/* Problems */

__attribute__((format(printf, 5, 0))) static void problem_put(struct problems *problems, const char *pointer, int line,
                                                              int column, const char *format, va_list arguments) {
  char text[PROBLEM_TEXT];
  vsnprintf(text, sizeof text, format, arguments);
  struct problem *grown = memory_grown(problems->at, (problems->count + 1) * sizeof *grown);
  problems->at = grown;
  grown[problems->count++] = (struct problem){memory_text(pointer), line, column, memory_text(text)};
}

void settings_problem(struct problems *problems, const char *pointer, int line, int column, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  problem_put(problems, pointer, line, column, format, arguments);
  va_end(arguments);
}

void settings_complain(struct parse *parse, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  problem_put(parse->problems, parse->pointer, parse->place.line, parse->place.column, format, arguments);
  va_end(arguments);
}

/* Did you mean */

/* Letters to insert, leave out or exchange to get from one name to the other; names of up to 63 bytes. */
static size_t distance(const char *from, const char *to) {
  size_t row[64], width = strlen(to);
  if (strlen(from) > 63 || width > 63) return SIZE_MAX;
  for (size_t j = 0; j <= width; j++) row[j] = j;
  for (size_t i = 1; from[i - 1]; i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= width; j++) {
      size_t best = diagonal + (from[i - 1] != to[j - 1]);
      if (row[j] + 1 < best) best = row[j] + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      diagonal = row[j];
      row[j] = best;
    }
  }
  return row[width];
}

struct guess {
  const char *wrong, *best;
  size_t distance;
};

static void guess_consider(struct guess *guess, const char *name) {
  size_t away = distance(guess->wrong, name), most = strlen(name) > 8 ? 3 : 2;
  if (away <= most && away < guess->distance) {
    guess->distance = away;
    guess->best = name;
  }
}

void settings_complain_unknown(struct parse *parse, const char *name) {
  struct guess guess = {name, NULL, SIZE_MAX};
  for (size_t i = 0; i < setting_table_rows; i++) guess_consider(&guess, setting_table[i].name);
  if (guess.best) {
    settings_complain(parse, "there is no setting \"%.100s\"; did you mean \"%s\"?", name, guess.best);
  } else if (kafka_property_find(name)) {
    settings_complain(parse, "\"%.100s\" is a property of librdkafka: it belongs into \"kafka\", or after -X", name);
  } else {
    settings_complain(parse, "there is no setting \"%.100s\"", name);
  }
}

void settings_complain_unlisted(struct parse *parse, const char *what, const char *name, const void *table,
                                size_t count, size_t stride) {
  struct guess guess = {name, NULL, SIZE_MAX};
  for (size_t i = 0; i < count; i++) {
    const char *listed;
    memcpy(&listed, (const char *)table + i * stride, sizeof listed);
    guess_consider(&guess, listed);
  }
  settings_complain(parse, "%s has no \"%.100s\"%s%s%s", what, name, guess.best ? "; did you mean \"" : "",
                    guess.best ? guess.best : "", guess.best ? "\"?" : "");
}

/* Values into the structure */

void *setting_member(struct settings *settings, const struct setting *setting) {
  return (char *)settings + setting->offset;
}

static bool topic_valid(const char *name) {
  static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  size_t length = strlen(name);
  return length >= 1 && length <= 249 && strspn(name, allowed) == length && strcmp(name, ".") != 0 &&
         strcmp(name, "..") != 0;
}

/* A text that may stand in the settings: no control characters (it ends up in logs and file names). */
static bool text_valid(struct parse *parse, const struct setting *setting, const char *text) {
  size_t length = strlen(text);
  for (const char *at = text; *at; at++) {
    if ((unsigned char)*at < 0x20 || *at == 0x7F) {
      settings_complain(parse, "%s must not hold control characters", setting->name);
      return false;
    }
  }
  if (setting->type == SETTING_TOPIC || setting->type == SETTING_TOPICS) {
    if (topic_valid(text)) return true;
    settings_complain(parse,
                      "%s: \"%.260s\" is no topic's name: 1 to 249 letters, digits, dots, hyphens and underscores",
                      setting->name, text);
    return false;
  }
  bool list = setting->type == SETTING_TEXTS;
  size_t least = list ? 1 : (size_t)setting->min, most = list ? SETTINGS_TEXT : (size_t)setting->max;
  if (length >= least && length <= most) return true;
  settings_complain(parse, "%s must have %zu to %zu bytes", setting->name, least, most);
  return false;
}

void setting_put_text(struct parse *parse, const struct setting *setting, const char *text) {
  char **at = setting_member(parse->settings, setting);
  if (!text_valid(parse, setting, text)) return;
  free(*at);
  *at = memory_text(text);
}

void setting_put_number(struct parse *parse, const struct setting *setting, bool whole, int64_t number) {
  if (whole && number >= setting->min && number <= setting->max) {
    *(int64_t *)setting_member(parse->settings, setting) = number;
  } else {
    settings_complain(parse, "%s must be a whole number from %" PRId64 " to %" PRId64, setting->name, setting->min,
                      setting->max);
  }
}

void setting_put_choice(struct parse *parse, const struct setting *setting, const char *text) {
  static const char between[] = " or ";
  const char *word = setting->unit;
  for (int32_t i = 0; *word; i++) {
    const char *end = strstr(word, between);
    size_t length = end ? (size_t)(end - word) : strlen(word);
    if (strlen(text) == length && memcmp(text, word, length) == 0) {
      *(int32_t *)setting_member(parse->settings, setting) = i;
      return;
    }
    word += end ? length + sizeof between - 1 : length;
  }
  settings_complain(parse, "%s must be %s", setting->name, setting->unit);
}

void setting_list_clear(struct settings_list *list) {
  for (int32_t i = 0; i < list->count; i++) free(list->at[i]);
  list->count = 0;
}

void setting_list_put(struct parse *parse, const struct setting *setting, const char *text) {
  struct settings_list *list = setting_member(parse->settings, setting);
  if (!text_valid(parse, setting, text)) return;
  for (int32_t i = 0; i < list->count; i++) {
    if (strcmp(list->at[i], text) != 0) continue;
    settings_complain(parse, "%s: \"%.260s\" stands there twice", setting->name, text);
    return;
  }
  if (list->count == (int32_t)setting->max) {
    settings_complain(parse, "%s can have at most %" PRId64 " entries", setting->name, setting->max);
  } else {
    list->at[list->count++] = memory_text(text);
  }
}

void setting_list_end(struct parse *parse, const struct setting *setting, size_t problems_before) {
  const struct settings_list *list = setting_member(parse->settings, setting);
  if (list->count < setting->min && parse->problems->count == problems_before) {
    settings_complain(parse, "%s must have at least %" PRId64 " entry", setting->name, setting->min);
  }
}

bool settings_kafka_allowed(const char *name, const char **why) {
  bool allowed = kafka_property_find(name) != NULL;
  if (!allowed) *why = kafka_refusal_why(name);
  return allowed;
}

static void complain_property(struct parse *parse, const char *name, const char *why) {
  struct guess guess = {name, NULL, SIZE_MAX};
  for (size_t i = 0; i < kafka_property_count; i++) guess_consider(&guess, kafka_properties[i].name);
  bool listed = strcmp(why, kafka_refusal_why("")) != 0;
  if (guess.best && !listed) {
    settings_complain(parse, "property \"%.100s\" is not known; did you mean \"%s\"?", name, guess.best);
  } else {
    settings_complain(parse, "property \"%.100s\" cannot be set: %s", name, why);
  }
}

void setting_put_pair(struct parse *parse, const char *name, const char *value) {
  struct settings *settings = parse->settings;
  const char *why;
  int32_t i = 0;
  if (!settings_kafka_allowed(name, &why)) {
    complain_property(parse, name, why);
    return;
  }
  while (i < settings->kafka_count && strcmp(settings->kafka[i].name, name) != 0) i++;
  assert(i < SETTINGS_KAFKA); /* the allowlist is shorter */
  if (i == settings->kafka_count) {
    settings->kafka[settings->kafka_count++] = (struct settings_pair){memory_text(name), memory_text(value)};
  } else {
    free(settings->kafka[i].value);
    settings->kafka[i].value = memory_text(value);
  }
}

static void put_list(struct parse *parse, const struct setting *setting, const char *text) {
  size_t problems_before = parse->problems->count;
  char entry[SETTINGS_TEXT + 1];
  setting_list_clear(setting_member(parse->settings, setting));
  while (*text) {
    size_t length = strcspn(text, ",");
    if (length > SETTINGS_TEXT) {
      settings_complain(parse, "%s: an entry is too long", setting->name);
      return;
    }
    memcpy(entry, text, length);
    entry[length] = 0;
    setting_list_put(parse, setting, entry);
    text += length + (text[length] == ',');
  }
  setting_list_end(parse, setting, problems_before);
}

void setting_put_from_text(struct parse *parse, const struct setting *setting, const char *text) {
  struct reader reader;
  bool truth = strcmp(text, "true") == 0;
  switch (setting->type) {
    case SETTING_TEXT:
    case SETTING_TOPIC: setting_put_text(parse, setting, text); break;
    case SETTING_NUMBER: {
      reader_init(&reader, text, strlen(text));
      bool number = reader_next(&reader) == TOKEN_NUMBER && reader.whole && reader.text_length == strlen(text);
      setting_put_number(parse, setting, number, reader.number);
      break;
    }
    case SETTING_SWITCH:
      if (!truth && strcmp(text, "false") != 0) settings_complain(parse, "%s must be true or false", setting->name);
      *(bool *)setting_member(parse->settings, setting) = truth;
      break;
    case SETTING_CHOICE: setting_put_choice(parse, setting, text); break;
    case SETTING_TEXTS:
    case SETTING_TOPICS: put_list(parse, setting, text); break;
    case SETTING_KAFKA: settings_complain(parse, "properties of librdkafka are set by -X property=value"); break;
    case SETTING_RECEIVERS: settings_complain(parse, "receivers are set in the file"); break;
    case SETTING_SCHEDULE:
    case SETTING_FILTER:
    case SETTING_TYPES: assert(false);
  }
}
