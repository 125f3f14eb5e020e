/* report_event.c: pointers as a table, and what has to stand at each. */
#include "report_event.h"

#include <stdio.h>

#include "engine/memory.h"
#include "source_file.h"

enum part {
  ID,
  TYPE,
  TIME,
  LEAD,
  FROM,
  TO,
  OWNER,
  SINCE,
  STAGE,
  SLA,
  KIND,
  MOVE,
  NAME,
  REASON,
  NEXT,
  QUEUE,
  MEMBER,
  DEFINITION,
  VERSION,
  DIGEST,
  AGREED,
  ATTRIBUTE,
  SKIPPED,
  DUE = SKIPPED + LIMIT_STAGES,
  AMOUNT = DUE + 2 * LIMIT_SLAS, /* the last: it is left out where it is the attribute */
  PART_COUNT,
};

enum { TOKENS = 4, NUMBER = 4 };
_Static_assert(LIMIT_STAGES >= LIMIT_SLAS, "one row of numbers for both");

static const char *const paths[SKIPPED][TOKENS] = {
    [ID] = {"id"},
    [TYPE] = {"type"},
    [TIME] = {"time"},
    [LEAD] = {"data", "lead"},
    [FROM] = {"data", "from"},
    [TO] = {"data", "to"},
    [OWNER] = {"data", "owner"},
    [SINCE] = {"data", "since"},
    [STAGE] = {"data", "stage"},
    [SLA] = {"data", "sla"},
    [KIND] = {"data", "cause", "kind"},
    [MOVE] = {"data", "cause", "move"},
    [NAME] = {"data", "cause", "name"},
    [REASON] = {"data", "reason"},
    [NEXT] = {"data", "next", "stage"},
    [QUEUE] = {"data", "route", "queue"},
    [MEMBER] = {"data", "route", "assignee"},
    [DEFINITION] = {"data", "definition", "name"},
    [VERSION] = {"data", "definition", "version"},
    [DIGEST] = {"data", "definition", "digest"},
    [AGREED] = {"data", "definition", "agreed"},
    [ATTRIBUTE] = {"data", "attributes"},
};

struct report_reader {
  struct slice tokens[PART_COUNT][TOKENS];
  char numbers[LIMIT_STAGES][NUMBER];
  struct field fields[PART_COUNT];
  int amount; /* which part it is */
  struct source key, timestamp;
  struct definition definition;
  struct decoder *decoder;
};

static void set_path(struct report_reader *reader, int part, const char *const *path) {
  int count = 0;
  for (; count < TOKENS && path[count]; count++) reader->tokens[part][count] = slice_of(path[count]);
  reader->fields[part] = (struct field){.tokens = reader->tokens[part], .token_count = count};
}

static void set_attribute(struct report_reader *reader, int part, struct slice name) {
  set_path(reader, part, (const char *const[TOKENS]){"data", "attributes"});
  reader->tokens[part][2] = name;
  reader->fields[part].token_count = 3;
}

static void set_paths(struct report_reader *reader, struct slice attribute, struct slice amount) {
  for (int part = 0; part < SKIPPED; part++) set_path(reader, part, paths[part]);
  set_attribute(reader, ATTRIBUTE, attribute);
  reader->amount = slice_equal(attribute, amount) ? ATTRIBUTE : AMOUNT;
  if (reader->amount == AMOUNT) set_attribute(reader, AMOUNT, amount);
  for (int i = 0; i < LIMIT_STAGES; i++) {
    const char *number = reader->numbers[i];
    snprintf(reader->numbers[i], NUMBER, "%d", i);
    set_path(reader, SKIPPED + i, (const char *const[TOKENS]){"data", "skipped", number});
    if (i >= LIMIT_SLAS) continue;
    set_path(reader, DUE + 2 * i, (const char *const[TOKENS]){"data", "due", number, "sla"});
    set_path(reader, DUE + 2 * i + 1, (const char *const[TOKENS]){"data", "due", number, "by"});
  }
}

struct report_reader *report_reader_create(struct slice attribute, struct slice amount) {
  struct report_reader *reader = memory_zeroed(1, sizeof *reader);
  struct definition *definition = &reader->definition;
  set_paths(reader, attribute, amount);
  reader->key = (struct source){SOURCE_KEY, NONE};
  reader->timestamp = (struct source){SOURCE_TIMESTAMP, NONE};
  definition->name = SLICE("published");
  definition->version = 1;
  definition->lead = definition->event_name = (struct sources){&reader->key, 1};
  definition->time = (struct sources){&reader->timestamp, 1};
  definition->fields = reader->fields;
  definition->field_count = reader->amount == AMOUNT ? PART_COUNT : AMOUNT;
  reader->decoder = decoder_create(definition, 1, SOURCE_LINE);
  return reader;
}

void report_reader_destroy(struct report_reader *reader) {
  if (!reader) return;
  decoder_destroy(reader->decoder);
  memory_free(reader);
}

/* --- parts --- */

static bool refuse(char *why, const char *part, const char *text) {
  snprintf(why, REPORT_WHY, "%s: %s", part, text);
  return false;
}

static struct slice text_or_none(const struct value *value) {
  static const struct slice empty = {"", 0};
  if (value->kind != VALUE_STRING) return (struct slice){NULL, 0};
  return value->text.at ? value->text : empty;
}

static bool take_text(const struct value *value, const char *part, struct slice *text, char *why) {
  *text = value->text;
  return (value->kind == VALUE_STRING && text->length > 0) || refuse(why, part, "is missing, or no string");
}

static bool take_time(const struct value *value, const char *part, int64_t *time_ms, char *why) {
  return (value->kind == VALUE_STRING && time_parse(value->text, time_ms)) ||
         refuse(why, part, "is missing, or no time");
}

/* The number behind the last '/', which is cut off. */
static bool cut_number(struct slice *text, int64_t most, int64_t *number) {
  uint64_t sum = 0, factor = 1;
  uint32_t digits = 0;
  while (digits < text->length && digits < 19) {
    unsigned digit = (unsigned char)text->at[text->length - 1 - digits] - (unsigned)'0';
    if (digit > 9) break;
    sum += digit * factor;
    factor *= 10;
    digits++;
  }
  if (digits == 0 || digits >= text->length || text->at[text->length - 1 - digits] != '/') return false;
  text->length -= digits + 1;
  *number = (int64_t)sum;
  return sum <= (uint64_t)most;
}

static bool take_id(const struct value *value, struct report_event *event, char *why) {
  struct slice text = value->text;
  int64_t n, partition;
  if (value->kind != VALUE_STRING || !cut_number(&text, UINT32_MAX, &n) ||
      !cut_number(&text, INT64_MAX, &event->offset) || !cut_number(&text, INT32_MAX, &partition) || text.length == 0)
    return refuse(why, "id", "is missing, or not topic/partition/offset/n");
  event->topic = text;
  event->partition = (int32_t)partition;
  event->n = (uint32_t)n;
  return true;
}

static bool take_common(const struct value *values, int amount, struct report_event *event, char *why) {
  if (!take_id(&values[ID], event, why) || !take_text(&values[LEAD], "data.lead", &event->lead, why) ||
      !take_time(&values[TIME], "time", &event->time_ms, why) ||
      !take_time(&values[SINCE], "data.since", &event->since_ms, why) ||
      !take_text(&values[DEFINITION], "data.definition.name", &event->definition, why) ||
      !take_text(&values[OWNER], "data.owner", &event->owner, why))
    return false;
  if (event->since_ms > event->time_ms) return refuse(why, "data.since", "is later than time");
  if (values[VERSION].kind != VALUE_NUMBER) return refuse(why, "data.definition.version", "is missing, or no number");
  event->version = values[VERSION].text;
  event->digest = text_or_none(&values[DIGEST]);
  event->agreed = values[AGREED].kind == VALUE_TRUE;
  event->queue = text_or_none(&values[QUEUE]);
  event->member = text_or_none(&values[MEMBER]);
  const struct value *attribute = &values[ATTRIBUTE];
  bool there = attribute->kind >= VALUE_FALSE && attribute->kind <= VALUE_STRING;
  event->attribute =
      there ? attribute->kind == VALUE_STRING ? text_or_none(attribute) : attribute->text : (struct slice){NULL, 0};
  if (values[amount].kind == VALUE_NUMBER) event->amount = values[amount].text;
  return true;
}

static bool take_dues(const struct value *values, struct report_event *event, char *why) {
  for (int i = 0; i < LIMIT_SLAS && values[DUE + 2 * i].kind != VALUE_ABSENT; i++) {
    struct report_due *due = &event->due[event->due_count++];
    if (!take_text(&values[DUE + 2 * i], "data.due", &due->sla, why)) return false;
    if (values[DUE + 2 * i + 1].kind != VALUE_STRING) return refuse(why, "data.due", "has no time");
    if (!time_parse(values[DUE + 2 * i + 1].text, &due->by_ms)) due->by_ms = TIME_END; /* later than any event */
  }
  return true;
}

/* A timer's step says its move as `name`; an event's step says the event so. */
static bool take_change(const struct value *values, struct report_event *event, char *why) {
  event->kind = REPORT_CHANGE;
  if (!take_text(&values[FROM], "data.from", &event->from, why) || !take_text(&values[TO], "data.to", &event->to, why))
    return false;
  bool timer = slice_equal(text_or_none(&values[KIND]), SLICE("move"));
  event->move = text_or_none(&values[timer ? NAME : MOVE]);
  event->reason = text_or_none(&values[REASON]);
  event->next = text_or_none(&values[NEXT]);
  for (int i = 0; i < LIMIT_STAGES && values[SKIPPED + i].kind == VALUE_STRING; i++)
    event->skipped[event->skipped_count++] = values[SKIPPED + i].text;
  return take_dues(values, event, why);
}

static bool take_breach(const struct value *values, struct report_event *event, char *why) {
  event->kind = REPORT_BREACH;
  return take_text(&values[STAGE], "data.stage", &event->from, why) &&
         take_text(&values[SLA], "data.sla", &event->sla, why);
}

enum report_reading report_reader_read(struct report_reader *reader, struct slice bytes, struct report_event *event,
                                       char *why) {
  struct record record = {.payload = bytes, .key = SLICE("-"), .timestamp_ms = 0};
  struct event *found;
  char detail[160];
  enum reject reject = decoder_decode(reader->decoder, 0, &record, &found, detail);
  if (reject != REJECT_NONE) {
    snprintf(why, REPORT_WHY, "%s: %.160s", reject_name(reject), detail);
    return REPORT_BAD;
  }
  const struct value *values = found->values;
  struct slice type = text_or_none(&values[TYPE]);
  bool change = slice_equal(type, SLICE("lead.stage.changed")), breach = slice_equal(type, SLICE("lead.sla.breached"));
  if (!change && !breach) return REPORT_OTHER;
  *event = (struct report_event){0};
  bool good =
      take_common(values, reader->amount, event, why) && (change ? take_change : take_breach)(values, event, why);
  return good ? REPORT_READ : REPORT_BAD;
}
