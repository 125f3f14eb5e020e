/* journal_record.c: a record of the journal, read back: strict, for what is read here decides what a restart takes for true.
 *
 * An object is a table of members; each is taken by a function of its own. The first thing that is wrong ends it. */
#include <inttypes.h>
#include <stdio.h>

#include "../config/reader.h"
#include "decode.h"
#include "engine/memory.h"
#include "journal.h"

struct parse {
  struct reader reader;
  struct journal_record *record;
  struct journal_entry entry; /* the one that is being read */
  char *why;
  size_t room;
};

struct row {
  const char *name;
  bool (*take)(struct parse *parse, const char *name);
};

static bool refuse(struct parse *parse, const char *what, const char *wanted) {
  snprintf(parse->why, parse->room, "%s: %s", what, wanted);
  return false;
}

static bool take(struct parse *parse, enum token token, const char *what, const char *wanted) {
  return reader_next(&parse->reader) == token || refuse(parse, what, wanted);
}

/* Whole, without a sign, least <= number <= most. */
static bool take_number(struct parse *parse, const char *what, int64_t least, int64_t most, int64_t *number) {
  const struct reader *reader = &parse->reader;
  if (reader_next(&parse->reader) == TOKEN_NUMBER && reader->whole && reader->text[0] != '-' &&
      reader->number >= least && reader->number <= most) {
    *number = reader->number;
    return true;
  }
  char range[96];
  snprintf(range, sizeof range, "a whole number from %" PRId64 " to %" PRId64 " is wanted", least, most);
  return refuse(parse, what, range);
}

/* The members of an object whose { has been read. *seen: bit i for table[i]. */
static bool take_members(struct parse *parse, const struct row *table, size_t rows, unsigned *seen) {
  enum token token = reader_next(&parse->reader);
  *seen = 0;
  while (token != TOKEN_OBJECT_END) {
    size_t i = 0;
    while (i < rows && (token != TOKEN_TEXT || strcmp(parse->reader.text, table[i].name) != 0)) i++;
    if (i == rows) return refuse(parse, "a member", "its name is not known");
    if (*seen >> i & 1) return refuse(parse, table[i].name, "stands there twice");
    *seen |= 1u << i;
    if (!take(parse, TOKEN_COLON, table[i].name, "a colon is wanted")) return false;
    if (!table[i].take(parse, table[i].name)) return false;
    token = reader_next(&parse->reader);
    if (token == TOKEN_COMMA) token = reader_next(&parse->reader);
  }
  return true;
}

/* --- hex --- */

static int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

/* All of a text: 64 digits, lower case. */
static bool hex(const char *text, size_t length, uint8_t bytes[JOURNAL_CHAIN]) {
  if (length != 2 * (size_t)JOURNAL_CHAIN) return false;
  for (size_t i = 0; i < JOURNAL_CHAIN; i++) {
    int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = (uint8_t)(high << 4 | low);
  }
  return true;
}

/* --- entries --- */

static bool take_clock(struct parse *parse, const char *name) {
  parse->entry.kind = JOURNAL_CLOCK;
  return take_number(parse, name, 0, TIME_END - 1, &parse->entry.mark_ms);
}

static bool take_definition(struct parse *parse, const char *name) {
  int64_t version = 0;
  parse->entry.kind = JOURNAL_DEFINITION;
  if (!take_number(parse, name, 1, UINT32_MAX, &version)) return false;
  parse->entry.version = (uint32_t)version;
  return true;
}

static bool take_digest(struct parse *parse, const char *name) {
  static const char prefix[] = "sha256:";
  enum { PREFIX = sizeof prefix - 1 };
  const struct reader *reader = &parse->reader;
  uint8_t bytes[JOURNAL_CHAIN];
  if (reader_next(&parse->reader) != TOKEN_TEXT || reader->text_length != DIGEST_TEXT - 1 ||
      memcmp(reader->text, prefix, PREFIX) != 0 || !hex(reader->text + PREFIX, reader->text_length - PREFIX, bytes))
    return refuse(parse, name, "sha256: and 64 hexadecimal digits are wanted");
  memcpy(parse->entry.digest, reader->text, DIGEST_TEXT);
  return true;
}

static bool take_agreed(struct parse *parse, const char *name) {
  enum token token = reader_next(&parse->reader);
  parse->entry.agreed = token == TOKEN_TRUE;
  return token == TOKEN_TRUE || token == TOKEN_FALSE || refuse(parse, name, "true or false is wanted");
}

static bool take_step(struct parse *parse) {
  static const struct row table[] = {
      {"clock", take_clock}, {"definition", take_definition}, {"digest", take_digest}, {"agreed", take_agreed}};
  enum { CLOCK = 1, DEFINITION = 2 | 4 | 8 };
  unsigned seen;
  if (!take_members(parse, table, sizeof table / sizeof *table, &seen)) return false;
  return seen == CLOCK || seen == DEFINITION ||
         refuse(parse, "an entry", "a clock, or a definition, its digest and whether it is agreed, are wanted");
}

/* The topic's number in the record; a new one is added. */
static bool take_topic(struct parse *parse) {
  struct journal_record *record = parse->record;
  const char *text = parse->reader.text;
  if (!take(parse, TOKEN_TEXT, "a run", "a topic's name is wanted")) return false;
  const size_t length = parse->reader.text_length;
  if (length < 1 || length > JOURNAL_TOPIC) return refuse(parse, "a run", "a topic's name is wanted");
  int32_t topic = 0;
  while (topic < record->topic_count && strcmp(record->topics[topic], text) != 0) topic++;
  if (topic == SETTINGS_INPUTS) return refuse(parse, "a run", "more topics than there can be inputs");
  if (topic == record->topic_count) memcpy(record->topics[record->topic_count++], text, length + 1);
  parse->entry.topic = topic;
  return true;
}

static bool take_run(struct parse *parse) {
  struct journal_entry *run = &parse->entry;
  run->kind = JOURNAL_RUN;
  return take_topic(parse) && take(parse, TOKEN_COMMA, "a run", "an offset is wanted") &&
         take_number(parse, "a run's offset", 0, INT64_MAX - 1, &run->first) &&
         take(parse, TOKEN_COMMA, "a run", "a count is wanted") &&
         take_number(parse, "a run's count", 1, INT64_MAX - run->first, &run->count) &&
         take(parse, TOKEN_ARRAY_END, "a run", "a topic, an offset and a count are wanted");
}

static void entry_keep(struct journal_record *record, const struct journal_entry *entry) {
  if (record->entry_count == record->entry_room) {
    record->entry_room = record->entry_room ? record->entry_room * 2 : 16;
    record->entries = memory_grown(record->entries, (size_t)record->entry_room * sizeof *record->entries);
  }
  record->entries[record->entry_count++] = *entry;
}

static bool take_entries(struct parse *parse, const char *name) {
  if (!take(parse, TOKEN_ARRAY, name, "an array is wanted")) return false;
  enum token token = reader_next(&parse->reader);
  while (token != TOKEN_ARRAY_END) {
    parse->entry = (struct journal_entry){0};
    bool good = token == TOKEN_ARRAY    ? take_run(parse)
                : token == TOKEN_OBJECT ? take_step(parse)
                                        : refuse(parse, name, "an array or an object is wanted");
    if (!good) return false;
    entry_keep(parse->record, &parse->entry);
    token = reader_next(&parse->reader);
    if (token == TOKEN_COMMA) token = reader_next(&parse->reader);
  }
  return true;
}

/* --- the record --- */

static bool take_form(struct parse *parse, const char *name) {
  int64_t form = 0;
  return take_number(parse, name, JOURNAL_FORM, JOURNAL_FORM, &form);
}

static bool take_partition(struct parse *parse, const char *name) {
  int64_t partition = 0;
  if (!take_number(parse, name, 0, INT32_MAX, &partition)) return false;
  parse->record->partition = (int32_t)partition;
  return true;
}

static bool take_count(struct parse *parse, const char *name, uint64_t *count) {
  int64_t number = 0;
  if (!take_number(parse, name, 0, INT64_MAX - 1, &number)) return false;
  *count = (uint64_t)number;
  return true;
}

static bool take_sequence(struct parse *parse, const char *name) {
  return take_count(parse, name, &parse->record->sequence);
}
static bool take_published(struct parse *parse, const char *name) {
  return take_count(parse, name, &parse->record->published);
}
static bool take_dead(struct parse *parse, const char *name) {
  return take_count(parse, name, &parse->record->dead_letters);
}

static bool take_inputs(struct parse *parse, const char *name) {
  const struct reader *reader = &parse->reader;
  struct journal_record *record = parse->record;
  struct slice text = {reader->text, 0};
  if (reader_next(&parse->reader) == TOKEN_TEXT) text.length = (uint32_t)reader->text_length;
  if (!fingerprint_parse(text, &record->inputs_kind))
    return refuse(parse, name, "xxh3: and 32, or sha256: and 64 hexadecimal digits are wanted");
  memcpy(record->inputs, text.at, text.length);
  record->inputs[text.length] = 0;
  return true;
}

static bool take_chain(struct parse *parse, const char *name) {
  const struct reader *reader = &parse->reader;
  return (reader_next(&parse->reader) == TOKEN_TEXT && hex(reader->text, reader->text_length, parse->record->chain)) ||
         refuse(parse, name, "64 hexadecimal digits are wanted");
}

static bool take_record(struct parse *parse) {
  static const struct row table[] = {
      {"journal", take_form},  {"partition", take_partition}, {"sequence", take_sequence}, {"entries", take_entries},
      {"inputs", take_inputs}, {"published", take_published}, {"dead_letters", take_dead}, {"chain", take_chain},
  };
  enum { ROWS = sizeof table / sizeof *table };
  unsigned seen;
  if (!take(parse, TOKEN_OBJECT, "the record", "an object is wanted") || !take_members(parse, table, ROWS, &seen))
    return false;
  for (size_t i = 0; i < ROWS; i++)
    if (!(seen >> i & 1)) return refuse(parse, table[i].name, "is missing");
  return true;
}

bool journal_record_parse(struct journal_record *record, const char *bytes, size_t length, char *why, size_t room) {
  record->entry_count = record->topic_count = 0;
  struct parse parse = {.record = record, .why = why, .room = room};
  size_t at = 0;
  const char *wrong = "";
  if (length > JOURNAL_RECORD) return refuse(&parse, "the record", "too large");
  if (!json_valid(bytes, length, &at, &wrong)) {
    snprintf(why, room, "no JSON: byte %zu: %s", at, wrong);
    return false;
  }
  reader_init(&parse.reader, bytes, length);
  return take_record(&parse);
}

void journal_record_fini(struct journal_record *record) {
  memory_free(record->entries);
  *record = (struct journal_record){0};
}

/* --- in words --- */

static int64_t first_of(const struct journal_record *record, int32_t topic) {
  for (int32_t i = 0; i < record->entry_count; i++)
    if (record->entries[i].kind == JOURNAL_RUN && record->entries[i].topic == topic) return record->entries[i].first;
  return 0; /* a topic is there by a run */
}

void journal_inputs_say(const struct journal_record *record, const int64_t last[SETTINGS_INPUTS], char *text,
                        size_t room) {
  struct buffer words = {0};
  if (record->topic_count == 0)
    buffer_append_text(&words, "this record was altered: it has a fingerprint of records, but none were read");
  else buffer_append_text(&words, "an input was altered, or this record: ");
  for (int32_t t = 0; t < record->topic_count; t++) {
    int64_t first = first_of(record, t);
    buffer_printf(&words, "%s%s ", t ? ", " : "", record->topics[t]);
    if (first == last[t]) buffer_printf(&words, "at %" PRId64, first);
    else buffer_printf(&words, "from %" PRId64 " to %" PRId64, first, last[t]);
  }
  if (record->topic_count > 0) buffer_append_text(&words, ": not what was read");
  snprintf(text, room, "%.*s", (int)words.length, words.at);
  buffer_fini(&words);
}
