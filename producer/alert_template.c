/* alert_template.c: one walk over the text that checks and renders. A walk with `shown` false goes the same way and writes nothing. */
#include "alert_template.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../consumer/decode.h"

enum { DEPTH_MOST = 8, EACH_MOST = 1000, TAGS_MOST = 100000 /* that one rendering comes by */ };

enum tag_kind {
  TAG_END_OF_TEXT,
  TAG_VALUE,
  TAG_JSON,
  TAG_TIME,
  TAG_WORD,
  TAG_IF,
  TAG_EACH,
  TAG_SEP,
  TAG_ELSE,
  TAG_END
};

struct tag {
  enum tag_kind kind;
  const char *at, *next; /* its first brace, and behind it: with the line break that it takes along */
  struct slice argument; /* a pointer, or a word */
  int32_t most;          /* each */
};

struct item { /* what {{.}} is */
  const cJSON *node;
  bool there;
};

struct walk {
  const char *text;
  const struct alert_words *words; /* NULL: it is only checked */
  struct buffer *out;
  char *why;
  size_t room;
  size_t most;   /* of the buffer's length */
  int32_t *tags; /* come by; a link's count, too */
  bool failed;   /* or there would be too much of it: it ends here */
};

/* --- tags --- */

static bool fail(struct walk *walk, const char *at, const char *what) {
  int line = 1;
  for (const char *c = walk->text; c < at; c++) line += *c == '\n';
  if (!walk->failed && walk->why) snprintf(walk->why, walk->room, "line %d: %s", line, what);
  walk->failed = true;
  return false;
}

static bool is_block(enum tag_kind kind) { return kind >= TAG_IF; }

/* A block's tag that is alone in its line begins with it and ends behind it. */
static void take_line(const struct walk *walk, struct tag *tag) {
  const char *before = tag->at, *after = tag->next;
  while (before > walk->text && (before[-1] == ' ' || before[-1] == '\t')) before--;
  while (*after == ' ' || *after == '\t' || *after == '\r') after++;
  bool alone = (before == walk->text || before[-1] == '\n') && (*after == '\n' || !*after);
  if (!alone) return;
  tag->at = before;
  tag->next = after + (*after == '\n');
}

static struct slice trim(const char *at, const char *end) {
  while (at < end && *at == ' ') at++;
  while (end > at && end[-1] == ' ') end--;
  return (struct slice){at, (uint32_t)(end - at)};
}

/* Takes a word off the front, and the spaces behind it. */
static bool begins(struct slice *text, const char *word) {
  size_t length = strlen(word);
  if (text->length < length || memcmp(text->at, word, length) != 0) return false;
  if (text->length > length && text->at[length] != ' ') return false;
  *text = trim(text->at + length, text->at + text->length);
  return true;
}

static bool is_pointer(struct slice text) {
  return (text.length > 0 && text.at[0] == '/') ||
         (text.length > 0 && text.at[0] == '.' && (text.length == 1 || text.at[1] == '/'));
}

static void take_count(struct tag *tag) {
  int32_t number = 0;
  struct slice rest = tag->argument;
  while (rest.length > 0 && *rest.at >= '0' && *rest.at <= '9' && number <= EACH_MOST) {
    number = number * 10 + (*rest.at - '0');
    rest = (struct slice){rest.at + 1, rest.length - 1};
  }
  if (rest.length == tag->argument.length) return;
  tag->most = number;
  tag->argument = trim(rest.at, rest.at + rest.length);
}

static bool is_word(struct slice text) {
  static const char *const words[] = {"id", "receiver", "link", "event", "key"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (slice_equal(text, slice_of(words[i]))) return true;
  return false;
}

static bool read_tag(struct walk *walk, struct tag *tag, struct slice inside) {
  static const struct {
    const char *word;
    enum tag_kind kind;
    bool pointer;
  } kinds[] = {{"if", TAG_IF, true},    {"each", TAG_EACH, true},  {"json", TAG_JSON, true}, {"time", TAG_TIME, true},
               {"sep", TAG_SEP, false}, {"else", TAG_ELSE, false}, {"end", TAG_END, false}};
  *tag = (struct tag){TAG_VALUE, tag->at, tag->next, inside, EACH_MOST};
  bool pointer = true;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (!begins(&tag->argument, kinds[i].word)) continue;
    tag->kind = kinds[i].kind;
    pointer = kinds[i].pointer;
    break;
  }
  if (tag->kind == TAG_EACH) take_count(tag);
  if (tag->kind == TAG_VALUE && is_word(tag->argument)) {
    tag->kind = TAG_WORD;
  } else if (tag->kind == TAG_IF && slice_equal(tag->argument, SLICE("link"))) {
    /* is one given? */
  } else if (pointer && !is_pointer(tag->argument)) {
    return fail(walk, tag->at, "{{…}} wants a pointer such as /data/lead, or a word that docs/alerts.md lists");
  } else if (!pointer && tag->argument.length > 0) {
    return fail(walk, tag->at, "{{else}}, {{sep}} and {{end}} have nothing behind the word");
  }
  if (is_block(tag->kind)) take_line(walk, tag);
  return true;
}

/* The next tag from `at` on; the text before it is the caller's. */
static struct tag next_tag(struct walk *walk, const char *at) {
  struct tag tag = {.kind = TAG_END_OF_TEXT, .at = strstr(at, "{{")};
  if (!tag.at) {
    tag.at = tag.next = at + strlen(at);
    return tag;
  }
  if (walk->words && ++*walk->tags > TAGS_MOST) {
    walk->failed = true;
    return tag;
  }
  const char *close = strstr(tag.at, "}}");
  if (!close || memchr(tag.at, '\n', (size_t)(close - tag.at))) {
    fail(walk, tag.at, "{{ without }} in the same line");
    return tag;
  }
  tag.next = close + 2;
  read_tag(walk, &tag, trim(tag.at + 2, close));
  return tag;
}

/* --- values --- */

static void append_url(struct buffer *out, unsigned char byte) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  if (byte && strchr(plain, byte)) {
    buffer_append(out, (const char[]){(char)byte}, 1);
  } else {
    static const char digits[] = "0123456789ABCDEF";
    buffer_append(out, (const char[]){'%', digits[byte >> 4], digits[byte & 15]}, 3);
  }
}

static void append_plain(struct buffer *out, enum alert_escape escape, char byte) {
  const char *entity = escape != ALERT_SLACK ? NULL
                       : byte == '&'         ? "&amp;"
                       : byte == '<'         ? "&lt;"
                       : byte == '>'         ? "&gt;"
                                             : NULL;
  char safe = (unsigned char)byte < 0x20 || byte == 0x7F ? ' ' : byte;
  if (entity) {
    buffer_append_text(out, entity);
  } else {
    buffer_append(out, &safe, 1);
  }
}

void alert_template_escape(struct buffer *out, enum alert_escape escape, struct slice text) {
  if (escape == ALERT_JSON) {
    json_append_escaped(out, text);
    return;
  }
  for (uint32_t i = 0; i < text.length; i++) {
    if (escape == ALERT_URL) {
      append_url(out, (unsigned char)text.at[i]);
    } else {
      append_plain(out, escape, text.at[i]);
    }
  }
}

static const cJSON *look(const struct walk *walk, const struct tag *tag, struct item item) {
  struct slice pointer = tag->argument;
  if (pointer.at[0] == '/') return alert_event_at(walk->words->event, pointer.at, pointer.length);
  return item.there ? alert_event_at(item.node, pointer.at + 1, pointer.length - 1) : NULL;
}

static void put(const struct walk *walk, struct slice text) {
  alert_template_escape(walk->out, walk->words->escape, text);
}

static void append_json(struct buffer *out, const cJSON *node) {
  char *text = cJSON_PrintUnformatted(node);
  if (text) buffer_append_text(out, text);
  cJSON_free(text);
}

/* The entries of a list with commas between them. */
static void append_value(struct buffer *out, const cJSON *node) {
  if (alert_event_scalar(out, node) || !node || cJSON_IsNull(node)) return;
  if (!cJSON_IsArray(node)) {
    append_json(out, node);
    return;
  }
  for (const cJSON *entry = node->child; entry; entry = entry->next) {
    if (entry != node->child) buffer_append_text(out, ", ");
    if (!alert_event_scalar(out, entry)) append_json(out, entry);
  }
}

static void put_value(const struct walk *walk, const cJSON *node) {
  struct buffer text = {0};
  append_value(&text, node);
  put(walk, (struct slice){text.at, (uint32_t)text.length});
  buffer_fini(&text);
}

static void put_time(const struct walk *walk, const cJSON *node) {
  int64_t time_ms;
  if (!cJSON_IsString(node) || !time_parse(slice_of(node->valuestring), &time_ms)) {
    put_value(walk, node);
    return;
  }
  struct buffer canonical = {0};
  char text[64];
  time_append(&canonical, time_ms);
  snprintf(text, sizeof text, "%.10s %.5s UTC", canonical.at, canonical.at + 11);
  buffer_fini(&canonical);
  if (walk->words->escape == ALERT_SLACK) {
    buffer_printf(walk->out, "<!date^%" PRId64 "^{date_short_pretty} {time}|%s>", time_ms / 1000, text);
  } else {
    put(walk, slice_of(text));
  }
}

static void put_json(const struct walk *walk, const cJSON *node) {
  struct buffer text = {0};
  if (node) append_json(&text, node);
  if (!node) buffer_append_text(&text, "null");
  if (walk->words->escape == ALERT_JSON) {
    buffer_append(walk->out, text.at, text.length);
  } else {
    put(walk, (struct slice){text.at, (uint32_t)text.length});
  }
  buffer_fini(&text);
}

static void render(struct buffer *out, const char *text, const struct alert_words *words, int32_t *tags);

/* The link's own values are escaped for an address, then the whole for where it stands. */
static void put_link(const struct walk *walk) {
  struct alert_words words = *walk->words;
  struct buffer link = {0};
  words.escape = ALERT_URL;
  words.link = "";
  render(&link, walk->words->link, &words, walk->tags);
  put(walk, (struct slice){link.at, (uint32_t)link.length});
  buffer_fini(&link);
}

static void put_word(const struct walk *walk, struct slice word, struct item item) {
  const struct alert_words *words = walk->words;
  if (slice_equal(word, SLICE("id"))) put(walk, slice_of(words->id));
  if (slice_equal(word, SLICE("receiver"))) put(walk, slice_of(words->receiver));
  if (slice_equal(word, SLICE("link"))) put_link(walk);
  if (slice_equal(word, SLICE("key")) && item.there && item.node->string) put(walk, slice_of(item.node->string));
  if (!slice_equal(word, SLICE("event"))) return;
  if (words->escape == ALERT_JSON) {
    buffer_append(walk->out, words->bytes.at, words->bytes.length);
  } else {
    put(walk, words->bytes);
  }
}

static bool is_something(const cJSON *node) {
  if (!node || cJSON_IsNull(node) || cJSON_IsFalse(node)) return false;
  if (cJSON_IsString(node)) return *node->valuestring;
  return (!cJSON_IsArray(node) && !cJSON_IsObject(node)) || node->child;
}

/* --- the walk --- */

struct place {
  struct item item;
  int depth;
  bool shown;
};

static struct tag walk_block(struct walk *walk, const char *at, struct place place);

/* A branch that is there only for the walk's sake. */
static struct place hidden(struct place place, bool shown) {
  place.shown = place.shown && shown;
  return place;
}

/* Behind the tag that ends it. */
static const char *walk_if(struct walk *walk, const struct tag *tag, struct place place) {
  bool link = slice_equal(tag->argument, SLICE("link"));
  bool holds = place.shown && (link ? *walk->words->link : is_something(look(walk, tag, place.item)));
  struct tag end = walk_block(walk, tag->next, hidden(place, holds));
  if (end.kind == TAG_ELSE) end = walk_block(walk, end.next, hidden(place, !holds));
  if (end.kind != TAG_END) fail(walk, tag->at, "{{if …}} wants one {{else}} at the most, and {{end}}");
  return end.next;
}

/* One entry: up to {{sep}}, and, where another follows, behind it. */
static struct tag walk_entry(struct walk *walk, const struct tag *tag, struct place place, bool last) {
  struct tag end = walk_block(walk, tag->next, place);
  if (end.kind == TAG_SEP) end = walk_block(walk, end.next, hidden(place, !last));
  return end;
}

static const char *walk_each(struct walk *walk, const struct tag *tag, struct place place) {
  const cJSON *list = place.shown ? look(walk, tag, place.item) : NULL;
  const cJSON *entry = list && (cJSON_IsArray(list) || cJSON_IsObject(list)) ? list->child : NULL;
  bool any = entry && tag->most > 0;
  struct tag end = {0};
  if (!any) end = walk_entry(walk, tag, hidden(place, false), true);
  for (int32_t i = 0; any && entry && i < tag->most && !walk->failed; i++, entry = entry->next) {
    struct place within = place;
    within.item = (struct item){entry, true};
    end = walk_entry(walk, tag, within, !entry->next || i + 1 == tag->most);
  }
  if (end.kind == TAG_ELSE) end = walk_block(walk, end.next, hidden(place, !any));
  if (end.kind != TAG_END)
    fail(walk, tag->at, "{{each …}} wants one {{sep}} and one {{else}} at the most, and {{end}}");
  return end.next;
}

/* What makes it too long is taken back, and it ends. */
static void bound(struct walk *walk, size_t before) {
  if (walk->out->length <= walk->most) return;
  walk->out->length = before;
  walk->failed = true;
}

static const char *walk_tag(struct walk *walk, const struct tag *tag, struct place place) {
  place.depth++;
  if (is_block(tag->kind) && place.depth > DEPTH_MOST) fail(walk, tag->at, "more than eight {{if}} and {{each}} deep");
  if (walk->failed) return tag->next;
  if (tag->kind == TAG_IF) return walk_if(walk, tag, place);
  if (tag->kind == TAG_EACH) return walk_each(walk, tag, place);
  if (!place.shown) return tag->next;
  size_t before = walk->out->length;
  if (tag->kind == TAG_WORD) put_word(walk, tag->argument, place.item);
  if (tag->kind == TAG_VALUE) put_value(walk, look(walk, tag, place.item));
  if (tag->kind == TAG_JSON) put_json(walk, look(walk, tag, place.item));
  if (tag->kind == TAG_TIME) put_time(walk, look(walk, tag, place.item));
  bound(walk, before);
  return tag->next;
}

/* Up to the tag that ends it: else, sep, end or the text's end. */
static struct tag walk_block(struct walk *walk, const char *at, struct place place) {
  for (;;) {
    struct tag tag = next_tag(walk, at);
    if (walk->failed) return tag;
    if (place.shown) {
      size_t before = walk->out->length;
      buffer_append(walk->out, at, (size_t)(tag.at - at));
      bound(walk, before);
    }
    if (tag.kind == TAG_END_OF_TEXT || tag.kind >= TAG_SEP) return tag;
    at = walk_tag(walk, &tag, place);
    if (walk->failed) return tag;
  }
}

bool alert_template_check(const char *text, char *why, size_t room) {
  struct walk walk = {.text = text, .why = why, .room = room};
  struct tag end = walk_block(&walk, text, (struct place){0});
  if (!walk.failed && end.kind != TAG_END_OF_TEXT) fail(&walk, end.at, "it belongs to no {{if}} or {{each}}");
  return !walk.failed;
}

static void render(struct buffer *out, const char *text, const struct alert_words *words, int32_t *tags) {
  struct walk walk = {
      .text = text, .words = words, .out = out, .most = out->length + ALERT_RENDERED_BYTES, .tags = tags};
  walk_block(&walk, text, (struct place){.shown = true});
}

void alert_template_render(struct buffer *out, const char *text, const struct alert_words *words) {
  int32_t tags = 0;
  render(out, text, words, &tags);
}
