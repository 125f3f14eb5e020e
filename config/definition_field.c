/* definition_field.c: JSON Pointers, each distinct one a field; where events keep their parts; attributes. */
#include <string.h>

#include "../consumer/engine/memory.h"
#include "definition_compile.h"

/* --- pointers --- */

/* RFC 6901: "" or /-separated names, in which ~ stands before 0 or 1. */
static bool is_pointer(const char *text) {
  if (*text && *text != '/') return false;
  for (; (text = strchr(text, '~')); text++)
    if (text[1] != '0' && text[1] != '1') return false;
  return true;
}

static void complain_pointer(struct compiler *c, const char *pointer, size_t at) {
  if (*pointer == '@') {
    complain_at(
        c, at,
        "a JSON Pointer is wanted here; \"%.*s\" is none, and only some parts of \"events\" take @key or @timestamp",
        SHOWN(pointer));
  } else if (*pointer != '/') {
    complain_at(c, at, "a JSON Pointer begins with a slash; did you mean \"/%.*s\"?", SHOWN(pointer));
  } else {
    complain_at(c, at,
                "in a JSON Pointer ~ stands before 0 or 1 only (~0 is ~, ~1 is / within a name); this is \"%.*s\"",
                SHOWN(pointer));
  }
}

int32_t take_pointer(struct compiler *c, const char *pointer, size_t at) {
  if (!is_pointer(pointer)) {
    complain_pointer(c, pointer, at);
    return NONE;
  }
  int32_t field = texts_add(&c->fields, c->arena, slice_of(pointer));
  if (c->fields.room > c->numeric_room) {
    c->numeric = memory_grown(c->numeric, c->fields.room * sizeof *c->numeric);
    memset(c->numeric + c->numeric_room, 0, (c->fields.room - c->numeric_room) * sizeof *c->numeric);
    c->numeric_room = c->fields.room;
  }
  return field;
}

void mark_numeric(struct compiler *c, int32_t field) { c->numeric[field] = true; }

/* One reference token up to the next slash, unescaped. */
static struct slice take_token(struct compiler *c, struct slice text) {
  char *token = arena_take(c->arena, (size_t)text.length + 1, 1);
  uint32_t length = 0;
  for (uint32_t i = 0; i < text.length; i++) {
    bool escape = text.at[i] == '~';
    i += escape;
    token[length++] = !escape ? text.at[i] : text.at[i] == '0' ? '~' : '/';
  }
  return (struct slice){token, length};
}

static void compile_field(struct compiler *c, struct slice pointer, struct field *field) {
  int32_t count = 0;
  for (uint32_t i = 0; i < pointer.length; i++) count += pointer.at[i] == '/';
  field->tokens = arena_take(c->arena, (size_t)count, sizeof *field->tokens);
  for (uint32_t i = 0; i < pointer.length;) {
    uint32_t end = ++i;
    while (end < pointer.length && pointer.at[end] != '/') end++;
    field->tokens[field->token_count++] = take_token(c, (struct slice){pointer.at + i, end - i});
    i = end;
  }
}

void finish_fields(struct compiler *c) {
  struct definition *d = c->definition;
  d->field_count = (int32_t)c->fields.count;
  d->fields = arena_take(c->arena, c->fields.count, sizeof *d->fields);
  for (size_t i = 0; i < c->fields.count; i++) {
    compile_field(c, c->fields.at[i], &d->fields[i]);
    d->fields[i].numeric = c->numeric[i];
  }
}

/* --- events --- */

static const struct part {
  const char *name, *what;
  const char *special;
  enum source_kind kind; /* of the special */
} parts[] = {{"lead", "\"lead\"", "@key", SOURCE_KEY},
             {"time", "\"time\"", "@timestamp", SOURCE_TIMESTAMP},
             {"id", "\"id\"", "@key", SOURCE_KEY},
             {"name", "\"name\"", "@key", SOURCE_KEY}};

enum { PARTS = sizeof parts / sizeof *parts, PRESET_SOURCES = 3 };

static const struct preset {
  const char *name;
  const char *parts[PARTS][PRESET_SOURCES];
} presets[] = {
    {"segment",
     {{"/userId", "/traits/email", "@key"}, {"/timestamp", "@timestamp"}, {"/messageId"}, {"/event", "/type"}}},
    {"cloudevents", {{"/subject", "@key"}, {"/time", "@timestamp"}, {"/id"}, {"/type"}}}};

enum { PRESETS = sizeof presets / sizeof *presets };

static struct sources *part_sources(struct compiler *c, size_t part) {
  struct sources *all[PARTS] = {&c->definition->lead, &c->definition->time, &c->definition->id,
                                &c->definition->event_name};
  return all[part];
}

static void add_source(struct compiler *c, const struct part *part, const char *text, size_t at, struct sources *to) {
  struct source source = {.kind = part->kind, .field = NONE};
  if (*text == '@' && strcmp(text, part->special) != 0) {
    complain_at(c, at, "%s takes JSON Pointers and %s; this is \"%.*s\"", part->what, part->special, SHOWN(text));
    return;
  }
  if (*text != '@') {
    source.kind = SOURCE_FIELD;
    source.field = take_pointer(c, text, at);
  }
  to->at[to->count++] = source;
}

static void compile_preset(struct compiler *c, const struct preset *preset) {
  for (size_t i = 0; i < PARTS; i++) {
    struct sources *to = part_sources(c, i);
    to->at = arena_take(c->arena, PRESET_SOURCES, sizeof *to->at);
    for (size_t j = 0; j < PRESET_SOURCES && preset->parts[i][j]; j++)
      add_source(c, &parts[i], preset->parts[i][j], 0, to);
  }
}

static void compile_part(struct compiler *c, const cJSON *node, size_t index) {
  struct sources *to = part_sources(c, index);
  int32_t count;
  const cJSON *first = take_one_or_list(c, node, parts[index].what, &count);
  to->at = arena_take(c->arena, (size_t)count, sizeof *to->at);
  for (const cJSON *each = first; each && count > 0; each = each->next, count--)
    if (take_text(c, each, "a JSON Pointer"))
      add_source(c, &parts[index], each->valuestring, document_value(&c->document, each), to);
}

void compile_events(struct compiler *c, const cJSON *node) {
  static const struct known_member members[] = {{"lead", true}, {"time", true},       {"id", false},
                                                {"name", true}, {"max_ahead", false}, {"description", false}};
  c->definition->max_ahead_ms = 5 * MINUTE_MS;
  if (cJSON_IsString(node)) {
    const char *names[PRESETS];
    for (size_t i = 0; i < PRESETS; i++) names[i] = presets[i].name;
    int32_t preset = take_choice(c, node, "the preset for events", names, PRESETS);
    if (preset != NONE) compile_preset(c, &presets[preset]);
    return;
  }
  if (!cJSON_IsObject(node)) {
    complain(c, node, "\"events\" must be a preset's name, or an object, in braces; this is %s", kind_of(node));
    return;
  }
  (void)TAKE_OBJECT(c, node, "\"events\"", members);
  for (size_t i = 0; i < PARTS; i++) {
    const cJSON *part = member_of(node, parts[i].name);
    if (part) compile_part(c, part, i);
  }
  const cJSON *max_ahead = member_of(node, "max_ahead");
  if (max_ahead) (void)take_duration(c, max_ahead, "\"max_ahead\"", &c->definition->max_ahead_ms);
  take_description(c, node);
}

/* --- attributes --- */

static void compile_at(struct compiler *c, const cJSON *node, struct attribute *attribute) {
  int32_t count;
  const cJSON *first = take_one_or_list(c, node, "an attribute's JSON Pointers", &count);
  attribute->fields = arena_take(c->arena, (size_t)count, sizeof *attribute->fields);
  for (const cJSON *each = first; each && count > 0; each = each->next, count--) {
    if (!take_text(c, each, "a JSON Pointer")) continue;
    int32_t field = take_pointer(c, each->valuestring, document_value(&c->document, each));
    if (field == NONE) continue;
    if (attribute->type == ATTRIBUTE_NUMBER) mark_numeric(c, field);
    attribute->fields[attribute->field_count++] = field;
  }
}

static void compile_attribute(struct compiler *c, const cJSON *node, struct attribute *attribute) {
  static const struct known_member members[] = {{"at", true}, {"type", false}, {"share", false}};
  static const char *const types[] = {"text", "number", "boolean"}; /* as enum attribute_type */
  attribute->share = true;
  if (!cJSON_IsObject(node)) {
    compile_at(c, node, attribute);
    return;
  }
  (void)TAKE_OBJECT(c, node, "an attribute", members);
  const cJSON *at = member_of(node, "at"), *type = member_of(node, "type"), *share = member_of(node, "share");
  if (type) {
    int32_t choice = take_choice(c, type, "an attribute's type", types, sizeof types / sizeof *types);
    if (choice != NONE) attribute->type = (enum attribute_type)choice;
  }
  if (at) compile_at(c, at, attribute);
  if (share) (void)take_boolean(c, share, "\"share\"", &attribute->share);
}

void compile_attributes(struct compiler *c) {
  struct definition *d = c->definition;
  d->attributes = arena_take(c->arena, (size_t)c->attributes.count, sizeof *d->attributes);
  d->attribute_count = c->attributes.count;
  for (int32_t i = 0; i < c->attributes.count; i++) {
    d->attributes[i].name = keep_text(c, c->attributes.at[i]);
    compile_attribute(c, c->attributes.nodes[i], &d->attributes[i]);
  }
}
