/* terminal.c: UTF-8 character by character. Ranges of characters by Unicode 15. May use: libc, buffer.h, utf8.h. */
#include "terminal.h"

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "utf8.h"

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */
#define ELLIPSIS "\xE2\x80\xA6"    /* U+2026 */

enum { REPLACEMENT_CHARACTER = 0xFFFD };

struct range {
  uint32_t first, last;
};

struct character {
  uint32_t code;   /* REPLACEMENT_CHARACTER where the bytes are none, or must not be shown */
  uint32_t length; /* bytes */
  int columns;
};

static const struct range obeyed[] = {
    {0x00, 0x1F},     {0x7F, 0x9F},     {0x061C, 0x061C}, {0x200B, 0x200B}, {0x200E, 0x200F},
    {0x2028, 0x202E}, {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F},
};
static const struct range combining[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F}, {0x1AB0, 0x1AFF},
    {0x1DC0, 0x1DFF}, {0x200C, 0x200D}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xE0100, 0xE01EF},
};
static const struct range wide[] = {
    {0x1100, 0x115F}, {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},
    {0xA000, 0xA4CF}, {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
};

#define IN(ranges, code) in_ranges(ranges, sizeof(ranges) / sizeof *(ranges), code)

static bool in_ranges(const struct range *ranges, size_t count, uint32_t code) {
  for (size_t i = 0; i < count; i++) {
    if (code >= ranges[i].first && code <= ranges[i].last) return true;
  }
  return false;
}

/* The character at `at`, which is within the text. */
static struct character character_at(struct slice text, uint32_t at) {
  const unsigned char *bytes = (const unsigned char *)text.at + at;
  uint32_t length = *bytes < 0x80 ? 1 : (uint32_t)utf8_length(text.at + at, text.length - at);
  if (length == 0) return (struct character){REPLACEMENT_CHARACTER, 1, 1};
  uint32_t code = length == 1 ? *bytes : *bytes & (0x7Fu >> length);
  for (uint32_t i = 1; i < length; i++) code = code << 6 | (bytes[i] & 0x3F);
  if (IN(obeyed, code)) return (struct character){REPLACEMENT_CHARACTER, length, 1};
  return (struct character){code, length, IN(combining, code) ? 0 : IN(wide, code) ? 2 : 1};
}

bool terminal_colour(int descriptor) {
  const char *no_colour = getenv("NO_COLOR"), *kind = getenv("TERM");
  if (no_colour && *no_colour) return false;
  return isatty(descriptor) && kind && *kind && strcmp(kind, "dumb") != 0;
}

int terminal_columns(struct slice text) {
  int columns = 0;
  for (uint32_t at = 0; at < text.length;) {
    struct character character = character_at(text, at);
    columns += character.columns;
    at += character.length;
  }
  return columns;
}

void terminal_text(struct terminal *terminal, struct slice text, int most) {
  bool cut = terminal_columns(text) > most;
  int used = 0, room = cut ? most - 1 : most;
  for (uint32_t at = 0; at < text.length;) {
    struct character character = character_at(text, at);
    if (used + character.columns > room) break;
    if (character.code == REPLACEMENT_CHARACTER) {
      buffer_append_text(terminal->buffer, REPLACEMENT);
    } else {
      buffer_append(terminal->buffer, text.at + at, character.length);
    }
    used += character.columns;
    at += character.length;
  }
  if (cut && most > 0) {
    buffer_append_text(terminal->buffer, ELLIPSIS);
    used++;
  }
  terminal->column += used;
}

void terminal_escaped(struct terminal *terminal, struct slice text) {
  for (uint32_t at = 0; at < text.length;) {
    struct character character = character_at(text, at);
    bool plain = character.code != REPLACEMENT_CHARACTER || text.at[at] == '\n' || text.at[at] == '\t';
    if (plain) buffer_append(terminal->buffer, text.at + at, character.length);
    for (uint32_t i = 0; i < character.length && !plain; i++)
      buffer_printf(terminal->buffer, "\\x%02x", (unsigned char)text.at[at + i]);
    at += character.length;
  }
}

void terminal_line(struct terminal *terminal) {
  buffer_append(terminal->buffer, "\n", 1);
  terminal->column = 0;
}

void terminal_to(struct terminal *terminal, int column) {
  if (terminal->column > 0 && terminal->column >= column) terminal_line(terminal);
  for (; terminal->column < column; terminal->column++) buffer_append(terminal->buffer, " ", 1);
}

static struct slice next_word(struct slice *rest) {
  while (rest->length > 0 && *rest->at == ' ') *rest = (struct slice){rest->at + 1, rest->length - 1};
  const char *space = rest->length > 0 ? memchr(rest->at, ' ', rest->length) : NULL;
  struct slice word = {rest->at, space ? (uint32_t)(space - rest->at) : rest->length};
  *rest = (struct slice){rest->at + word.length, rest->length - word.length};
  return word;
}

void terminal_words(struct terminal *terminal, struct slice text, int indent) {
  bool first = true; /* of its line */
  for (struct slice word = next_word(&text); word.length > 0; word = next_word(&text)) {
    int columns = terminal_columns(word) + !first;
    if (terminal->column + columns > TERMINAL_COLUMNS && terminal->column > indent) {
      terminal_line(terminal);
      terminal_to(terminal, indent);
      first = true;
    }
    if (!first) terminal_text(terminal, SLICE(" "), 1);
    terminal_text(terminal, word, TERMINAL_COLUMNS - terminal->column);
    first = false;
  }
}

void terminal_style(struct terminal *terminal, const char *style) {
  if (terminal->colour) buffer_printf(terminal->buffer, "\033[%sm", style);
}

void terminal_plain(struct terminal *terminal) { terminal_style(terminal, "0"); }
