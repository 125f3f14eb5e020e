/* settings.c: the file and the overrides into struct settings, by the rows of the table. Everything that is wrong is said, not only
 * the first; only what is no JSON ends the reading. May use: libc, settings_parse.h, memory.h. */
#include "settings.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../consumer/engine/memory.h"
#include "settings_parse.h"

/* The file */

enum token settings_next(struct parse *parse) {
  enum token token = reader_next(&parse->reader);
  parse->place = (struct place){parse->reader.token_line, parse->reader.token_column};
  return token;
}

bool settings_broken(struct parse *parse, const char *wanted) {
  parse->place = (struct place){parse->reader.token_line, parse->reader.token_column};
  settings_complain(parse, "%s", parse->reader.why ? parse->reader.why : wanted);
  return false;
}

bool settings_mistyped(struct parse *parse, const struct setting *setting, enum token token) {
  static const char *const wanted[SETTING_TYPES] = {"a text",
                                                    "a topic's name, a text",
                                                    "a whole number",
                                                    "true or false",
                                                    "a word",
                                                    "a list of texts",
                                                    "a list of topics",
                                                    "an object of texts",
                                                    "a list of receivers, which are objects",
                                                    "a list of durations",
                                                    "an object"};
  struct place place = parse->place;
  if (!reader_skip(&parse->reader, token, 1)) return settings_broken(parse, "a value is wanted here");
  parse->place = place;
  settings_complain(parse, "%s must be %s", setting->name, wanted[setting->type]);
  return true;
}

bool settings_read_entries(struct parse *parse, const struct setting *setting, settings_read_entry *read) {
  enum token token = settings_next(parse);
  while (token != TOKEN_ARRAY_END) {
    if (!read(parse, setting, token)) return false;
    token = settings_next(parse);
    if (token == TOKEN_ARRAY_END) break;
    if (token != TOKEN_COMMA) return settings_broken(parse, "a comma or ] is wanted here");
    token = settings_next(parse);
    if (token == TOKEN_ARRAY_END) return settings_broken(parse, "no comma before ]");
  }
  return true;
}

static bool read_entry(struct parse *parse, const struct setting *setting, enum token token) {
  if (token != TOKEN_TEXT) return settings_mistyped(parse, setting, token);
  setting_list_put(parse, setting, parse->reader.text);
  return true;
}

static bool read_list(struct parse *parse, const struct setting *setting) {
  struct place start = parse->place;
  size_t problems_before = parse->problems->count;
  setting_list_clear(setting_member(parse->settings, setting));
  if (!settings_read_entries(parse, setting, read_entry)) return false;
  parse->place = start;
  setting_list_end(parse, setting, problems_before);
  return true;
}

/* One member of "kafka": texts, and for convenience numbers and switches. */
static bool read_pair(struct parse *parse, const struct setting *setting) {
  char name[READER_TEXT + 1];
  struct place place = parse->place;
  memcpy(name, parse->reader.text, parse->reader.text_length + 1);
  if (settings_next(parse) != TOKEN_COLON) return settings_broken(parse, "a colon is wanted here");
  enum token token = settings_next(parse);
  const char *value = token == TOKEN_TEXT || token == TOKEN_NUMBER ? parse->reader.text
                      : token == TOKEN_TRUE                        ? "true"
                      : token == TOKEN_FALSE                       ? "false"
                                                                   : NULL;
  if (!value) return settings_mistyped(parse, setting, token);
  parse->place = place;
  for (int32_t i = 0; i < parse->settings->kafka_count; i++) {
    if (strcmp(parse->settings->kafka[i].name, name) == 0)
      settings_complain(parse, "property \"%.100s\" stands there twice", name);
  }
  setting_put_pair(parse, name, value);
  return true;
}

bool settings_read_members(struct parse *parse, const struct setting *setting, settings_read *read) {
  enum token token = settings_next(parse);
  while (token != TOKEN_OBJECT_END) {
    if (token != TOKEN_TEXT) return settings_broken(parse, "a member's name is wanted here");
    if (!read(parse, setting)) return false;
    token = settings_next(parse);
    if (token == TOKEN_OBJECT_END) break;
    if (token != TOKEN_COMMA) return settings_broken(parse, "a comma or } is wanted here");
    token = settings_next(parse);
    if (token == TOKEN_OBJECT_END) return settings_broken(parse, "no comma before }");
  }
  return true;
}

bool settings_read_value(struct parse *parse, const struct setting *setting) {
  enum token token = settings_next(parse);
  switch (setting->type) {
    case SETTING_TEXT:
    case SETTING_TOPIC:
      if (token != TOKEN_TEXT) return settings_mistyped(parse, setting, token);
      setting_put_text(parse, setting, parse->reader.text);
      return true;
    case SETTING_NUMBER:
      if (token != TOKEN_NUMBER) return settings_mistyped(parse, setting, token);
      setting_put_number(parse, setting, parse->reader.whole, parse->reader.number);
      return true;
    case SETTING_SWITCH:
      if (token != TOKEN_TRUE && token != TOKEN_FALSE) return settings_mistyped(parse, setting, token);
      *(bool *)setting_member(parse->settings, setting) = token == TOKEN_TRUE;
      return true;
    case SETTING_CHOICE:
      if (token != TOKEN_TEXT) return settings_mistyped(parse, setting, token);
      setting_put_choice(parse, setting, parse->reader.text);
      return true;
    case SETTING_TEXTS:
    case SETTING_TOPICS:
      return token == TOKEN_ARRAY ? read_list(parse, setting) : settings_mistyped(parse, setting, token);
    case SETTING_KAFKA:
      return token == TOKEN_OBJECT ? settings_read_members(parse, setting, read_pair)
                                   : settings_mistyped(parse, setting, token);
    case SETTING_RECEIVERS:
      return token == TOKEN_ARRAY ? settings_read_receivers(parse, setting) : settings_mistyped(parse, setting, token);
    case SETTING_SCHEDULE:
      return token == TOKEN_ARRAY ? settings_read_schedule(parse, setting) : settings_mistyped(parse, setting, token);
    case SETTING_FILTER:
      return token == TOKEN_OBJECT ? settings_read_filter(parse, setting) : settings_mistyped(parse, setting, token);
    case SETTING_TYPES: break;
  }
  assert(false);
  return false;
}

static bool read_setting(struct parse *parse, const struct setting *none) {
  (void)none;
  char pointer[READER_TEXT + 2];
  struct place place = parse->place;
  bool good;
  snprintf(pointer, sizeof pointer, "/%s", parse->reader.text);
  parse->pointer = pointer;
  const struct setting *setting = setting_find(pointer + 1);
  if (!setting) settings_complain_unknown(parse, pointer + 1);
  if (settings_next(parse) != TOKEN_COLON) {
    good = settings_broken(parse, "a colon is wanted here");
  } else if (!setting) {
    good = reader_skip(&parse->reader, settings_next(parse), 1) || settings_broken(parse, "a value is wanted here");
  } else {
    size_t row = (size_t)(setting - setting_table);
    if (parse->seen[row]) {
      parse->place = place;
      settings_complain(parse, "\"%s\" stands there twice", setting->name);
    }
    parse->seen[row] = true;
    parse->set[row] = place;
    good = settings_read_value(parse, setting);
  }
  parse->pointer = "";
  return good;
}

static void read_file(struct parse *parse, const char *text, size_t length) {
  reader_init(&parse->reader, text, length);
  if (settings_next(parse) != TOKEN_OBJECT) {
    settings_broken(parse, "settings are a JSON object: { \"bootstrap\": \"…\" }");
  } else if (settings_read_members(parse, NULL, read_setting) && settings_next(parse) != TOKEN_END) {
    settings_broken(parse, "something stands behind the last }");
  }
}

/* Overrides, and defaults by the same way */

static void take_override(struct parse *parse, const struct settings_override *override) {
  char name[128];
  const char *equals = strchr(override->text, '=');
  size_t length = equals ? (size_t)(equals - override->text) : 0;
  parse->pointer = override->text;
  parse->place = (struct place){0, 0};
  if (length == 0 || length >= sizeof name) {
    parse->pointer = override->kafka ? "-X" : "--set";
    settings_complain(parse, "wants %s=value", override->kafka ? "property" : "name");
    return;
  }
  memcpy(name, override->text, length);
  name[length] = 0;
  parse->pointer = name; /* never the value: it may be a secret put in the wrong place */
  const struct setting *setting = override->kafka ? NULL : setting_find(name);
  if (override->kafka) {
    setting_put_pair(parse, name, equals + 1);
  } else if (setting) {
    parse->set[setting - setting_table] = parse->place;
    setting_put_from_text(parse, setting, equals + 1);
  } else {
    settings_complain_unknown(parse, name);
  }
  parse->pointer = "";
}

static void take_defaults(struct parse *parse) {
  for (size_t i = 0; i < setting_table_rows; i++) {
    const struct setting *setting = &setting_table[i];
    bool text = setting->type == SETTING_TEXT || setting->type == SETTING_TOPIC;
    if (text) {
      *(char **)setting_member(parse->settings, setting) = memory_text("");
    }
    if (*setting->initial) setting_put_from_text(parse, setting, setting->initial);
  }
  assert(parse->problems->count == 0);
}

/* The settings together */

static void look_at(struct parse *parse, const char *name, char pointer[128]) {
  snprintf(pointer, 128, "/%s", name);
  parse->pointer = pointer;
  parse->place = parse->set[setting_find(name) - setting_table];
}

static void check_topics(struct parse *parse) {
  static const char *const names[] = {"stage_changes", "dead_letters",      "state",
                                      "journal",       "definitions_topic", "undelivered"};
  enum { OUTPUTS = sizeof names / sizeof *names };
  const struct settings_list *inputs = &parse->settings->inputs;
  char pointer[128];
  for (size_t i = 0; i < OUTPUTS; i++) {
    const char *topic = *(char **)setting_member(parse->settings, setting_find(names[i]));
    look_at(parse, names[i], pointer);
    for (int32_t j = 0; j < inputs->count; j++) {
      if (strcmp(inputs->at[j], topic) == 0) settings_complain(parse, "%s: \"%s\" is an input too", names[i], topic);
    }
    for (size_t j = 0; j < i; j++) {
      const char *other = *(char **)setting_member(parse->settings, setting_find(names[j]));
      if (strcmp(other, topic) == 0)
        settings_complain(parse, "%s: \"%s\" is %s too; each needs a topic of its own", names[i], topic, names[j]);
    }
  }
}

static const char *pair_get(const struct settings *settings, const char *name) {
  for (int32_t i = 0; i < settings->kafka_count; i++) {
    if (strcmp(settings->kafka[i].name, name) == 0) return settings->kafka[i].value;
  }
  return "";
}

static void check_password(struct parse *parse) {
  const struct settings *settings = parse->settings;
  const char *protocol = pair_get(settings, "security.protocol"), *mechanism = pair_get(settings, "sasl.mechanism");
  char pointer[128];
  if (!*mechanism) mechanism = pair_get(settings, "sasl.mechanisms");
  if (settings->insecure || strcasecmp(protocol, "sasl_plaintext") != 0 || strcasecmp(mechanism, "PLAIN") != 0) return;
  look_at(parse, "kafka", pointer);
  settings_complain(parse,
                    "SASL PLAIN without TLS sends the password in the clear: use security.protocol sasl_ssl, a SCRAM "
                    "mechanism, or set "
                    "insecure to true");
}

/* OpenSSL's own choice is safe: TLS 1.2 at least, and no cipher without encryption or a certificate. */
static void check_ciphers(struct parse *parse) {
  static const char *const weak[] = {"@SECLEVEL", "NULL", "ADH", "AECDH"};
  const char *ciphers = pair_get(parse->settings, "ssl.cipher.suites");
  char pointer[128];
  for (size_t i = 0; i < sizeof weak / sizeof *weak && !parse->settings->insecure; i++) {
    if (!strstr(ciphers, weak[i])) continue;
    look_at(parse, "kafka", pointer);
    settings_complain(parse, "ssl.cipher.suites: %s lowers what TLS protects: leave it out, or set insecure to true",
                      weak[i]);
  }
}

static void check_together(struct parse *parse) {
  char pointer[128];
  check_topics(parse);
  check_password(parse);
  check_ciphers(parse);
  if (!*parse->settings->bootstrap) {
    look_at(parse, "bootstrap", pointer);
    settings_complain(parse, "bootstrap is required: Kafka's addresses, such as \"localhost:9092\"");
  }
}

bool settings_parse(struct settings *settings, const char *text, size_t length,
                    const struct settings_override *overrides, size_t count, struct problems *problems) {
  struct parse *parse = memory_zeroed(1, sizeof *parse);
  memset(settings, 0, sizeof *settings);
  *problems = (struct problems){0};
  parse->settings = settings;
  parse->problems = problems;
  parse->pointer = "";
  take_defaults(parse);
  if (text) read_file(parse, text, length);
  for (size_t i = 0; i < count; i++) take_override(parse, &overrides[i]);
  if (problems->count == 0) check_together(parse);
  free(parse);
  return problems->count == 0;
}

void settings_fini(struct settings *settings) {
  for (size_t i = 0; i < setting_table_rows; i++) {
    void *at = (char *)settings + setting_table[i].offset;
    enum setting_type type = setting_table[i].type;
    if (type == SETTING_TEXT || type == SETTING_TOPIC) free(*(char **)at);
    if (type == SETTING_TEXTS || type == SETTING_TOPICS) setting_list_clear(at);
  }
  for (int32_t i = 0; i < settings->kafka_count; i++) {
    free(settings->kafka[i].name);
    free(settings->kafka[i].value);
  }
  receivers_fini(&settings->receivers);
  memset(settings, 0, sizeof *settings);
}
