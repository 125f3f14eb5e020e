/* reader.c: RFC 8259 and UTF-8 to the letter, but for comments where spaces may stand; a byte order mark is an error.
 * May use: libc. */
#include "reader.h"

#include <string.h>

void reader_init(struct reader *reader, const char *bytes, size_t length) {
  memset(reader, 0, sizeof *reader);
  reader->bytes = bytes;
  reader->length = length;
  reader->line = reader->column = 1;
}

/* The byte at `ahead`, or −1 at the end. */
static int peek(const struct reader *reader, size_t ahead) {
  return ahead < reader->length - reader->at ? (unsigned char)reader->bytes[reader->at + ahead] : -1;
}

static void advance(struct reader *reader, size_t count) {
  for (size_t i = 0; i < count; i++) {
    bool end_of_line = reader->bytes[reader->at++] == '\n';
    reader->line += end_of_line;
    reader->column = end_of_line ? 1 : reader->column + 1;
  }
}

static enum token bad(struct reader *reader, const char *why) {
  reader->why = why;
  reader->token_line = reader->line;
  reader->token_column = reader->column;
  return TOKEN_BAD;
}

/* Spaces and comments; false where a comment does not end. */
static bool skip_blank(struct reader *reader) {
  for (;;) {
    int byte = peek(reader, 0), next = peek(reader, 1);
    if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n') {
      advance(reader, 1);
    } else if (byte == '/' && next == '/') {
      while (peek(reader, 0) >= 0 && peek(reader, 0) != '\n') advance(reader, 1);
    } else if (byte == '/' && next == '*') {
      size_t end = 2;
      while (peek(reader, end) >= 0 && (peek(reader, end) != '*' || peek(reader, end + 1) != '/')) end++;
      if (peek(reader, end) < 0) return false;
      advance(reader, end + 2);
    } else {
      return true;
    }
  }
}

/* Texts */

static bool append(struct reader *reader, const char *bytes, size_t length) {
  if (length > READER_TEXT - reader->text_length) return false;
  memcpy(reader->text + reader->text_length, bytes, length);
  reader->text_length += length;
  reader->text[reader->text_length] = 0;
  return true;
}

/* Four hexadecimal digits at `ahead`, or −1. */
static int hexadecimal(const struct reader *reader, size_t ahead) {
  static const char digits[] = "0123456789abcdef0123456789ABCDEF";
  int code = 0;
  for (size_t i = 0; i < 4; i++) {
    int byte = peek(reader, ahead + i);
    const char *digit = byte > 0 ? strchr(digits, byte) : NULL;
    if (!digit) return -1;
    code = code * 16 + (int)((digit - digits) % 16);
  }
  return code;
}

static size_t encode(char out[4], uint32_t code) {
  static const unsigned char heads[] = {0, 0, 0xC0, 0xE0, 0xF0};
  size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (size_t i = length; i-- > 1; code >>= 6) out[i] = (char)(0x80 | (code & 0x3F));
  out[0] = (char)(heads[length == 1 ? 0 : length] | code);
  return length;
}

/* At "u": a character, two of them where it takes a pair. NULL, or why not. */
static const char *read_unicode(struct reader *reader) {
  int code = hexadecimal(reader, 1), low;
  size_t used = 5;
  char bytes[4];
  if (code < 0) return "\\u wants four hexadecimal digits";
  if (code == 0) return "\\u0000 is not allowed";
  if (code >= 0xD800 && code <= 0xDFFF) {
    bool paired = code < 0xDC00 && peek(reader, 5) == '\\' && peek(reader, 6) == 'u';
    low = paired ? hexadecimal(reader, 7) : -1;
    if (low < 0xDC00 || low > 0xDFFF) return "half a surrogate pair";
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    used = 11;
  }
  advance(reader, used);
  return append(reader, bytes, encode(bytes, (uint32_t)code)) ? NULL : "the text is too long";
}

static const char *read_escape(struct reader *reader) {
  static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
  advance(reader, 1);
  int byte = peek(reader, 0);
  if (byte == 'u') return read_unicode(reader);
  const char *name = byte > 0 ? strchr(names, byte) : NULL;
  if (!name) return "no such escape; a backslash is written \\\\";
  advance(reader, 1);
  return append(reader, &values[name - names], 1) ? NULL : "the text is too long";
}

/* Bytes of the UTF-8 character here; 0: none. */
static size_t character(const struct reader *reader) {
  int first = peek(reader, 0), second = peek(reader, 1);
  if (first < 0x80) return 1;
  size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return 0;
  for (size_t i = 1; i < length; i++) {
    if (peek(reader, i) < 0 || (peek(reader, i) & 0xC0) != 0x80) return 0;
  }
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;
  if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
  return length;
}

static enum token read_text(struct reader *reader) {
  reader->text_length = 0;
  reader->text[0] = 0;
  advance(reader, 1);
  for (;;) {
    int byte = peek(reader, 0);
    const char *why = NULL;
    if (byte == '"') {
      advance(reader, 1);
      return TOKEN_TEXT;
    }
    if (byte < 0) return bad(reader, "the text does not end");
    if (byte < 0x20) return bad(reader, "a control character in a text; is a quotation mark missing?");
    if (byte == '\\') {
      why = read_escape(reader);
    } else {
      size_t length = character(reader);
      if (length == 0) return bad(reader, "not UTF-8");
      if (!append(reader, reader->bytes + reader->at, length)) why = "the text is too long";
      advance(reader, length);
    }
    if (why) return bad(reader, why);
  }
}

/* Numbers */

static size_t digits(const struct reader *reader, size_t ahead) {
  size_t count = 0;
  while (peek(reader, ahead + count) >= '0' && peek(reader, ahead + count) <= '9') count++;
  return count;
}

/* Length of the number here; 0: none. */
static size_t number_length(const struct reader *reader, bool *whole) {
  size_t at = peek(reader, 0) == '-', count = digits(reader, at);
  *whole = true;
  if (count == 0 || (count > 1 && peek(reader, at) == '0')) return 0;
  at += count;
  if (peek(reader, at) == '.') {
    count = digits(reader, at + 1);
    if (count == 0) return 0;
    at += count + 1;
    *whole = false;
  }
  if (peek(reader, at) == 'e' || peek(reader, at) == 'E') {
    at += peek(reader, at + 1) == '+' || peek(reader, at + 1) == '-' ? 2 : 1;
    count = digits(reader, at);
    if (count == 0) return 0;
    at += count;
    *whole = false;
  }
  return at;
}

static enum token read_number(struct reader *reader) {
  size_t length = number_length(reader, &reader->whole);
  reader->text_length = 0;
  if (length == 0) return bad(reader, "no JSON number");
  if (!append(reader, reader->bytes + reader->at, length)) return bad(reader, "the number is too long");
  advance(reader, length);
  bool negative = reader->text[0] == '-';
  int64_t number = 0;
  for (const char *at = reader->text + negative; reader->whole && *at; at++) {
    if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, *at - '0', &number))
      reader->whole = false;
  }
  if (!reader->whole) number = 0; /* what overflowed may be what cannot be negated */
  reader->number = negative ? -number : number;
  return TOKEN_NUMBER;
}

/* Tokens */

static enum token read_word(struct reader *reader) {
  static const struct {
    const char *word;
    enum token token;
  } words[] = {{"true", TOKEN_TRUE}, {"false", TOKEN_FALSE}, {"null", TOKEN_NULL}};
  for (size_t i = 0; i < 3; i++) {
    size_t length = strlen(words[i].word);
    if (reader->length - reader->at < length || memcmp(reader->bytes + reader->at, words[i].word, length) != 0)
      continue;
    advance(reader, length);
    return words[i].token;
  }
  return bad(reader, "no JSON here");
}

enum token reader_next(struct reader *reader) {
  static const char marks[] = "{}[]:,";
  static const enum token tokens[] = {TOKEN_OBJECT,    TOKEN_OBJECT_END, TOKEN_ARRAY,
                                      TOKEN_ARRAY_END, TOKEN_COLON,      TOKEN_COMMA};
  if (!skip_blank(reader)) return bad(reader, "the comment does not end");
  reader->token_line = reader->line;
  reader->token_column = reader->column;
  int byte = peek(reader, 0);
  if (byte < 0) return TOKEN_END;
  const char *mark = byte > 0 ? strchr(marks, byte) : NULL;
  if (mark) {
    advance(reader, 1);
    return tokens[mark - marks];
  }
  if (byte == '"') return read_text(reader);
  if (byte == '-' || (byte >= '0' && byte <= '9')) return read_number(reader);
  return read_word(reader);
}

static bool unexpected(struct reader *reader, const char *why) {
  if (!reader->why) reader->why = why;
  return false;
}

static bool skip_object(struct reader *reader, int depth) {
  enum token token = reader_next(reader);
  if (token == TOKEN_OBJECT_END) return true;
  for (;;) {
    if (token != TOKEN_TEXT) return unexpected(reader, "a member's name is wanted here");
    if (reader_next(reader) != TOKEN_COLON) return unexpected(reader, "a colon is wanted here");
    if (!reader_skip(reader, reader_next(reader), depth + 1)) return false;
    token = reader_next(reader);
    if (token == TOKEN_OBJECT_END) return true;
    if (token != TOKEN_COMMA) return unexpected(reader, "a comma or } is wanted here");
    token = reader_next(reader);
  }
}

static bool skip_array(struct reader *reader, int depth) {
  enum token token = reader_next(reader);
  if (token == TOKEN_ARRAY_END) return true;
  for (;;) {
    if (!reader_skip(reader, token, depth + 1)) return false;
    token = reader_next(reader);
    if (token == TOKEN_ARRAY_END) return true;
    if (token != TOKEN_COMMA) return unexpected(reader, "a comma or ] is wanted here");
    token = reader_next(reader);
  }
}

bool reader_skip(struct reader *reader, enum token token, int depth) {
  if (depth > READER_DEPTH) return unexpected(reader, "nested too deeply");
  if (token == TOKEN_OBJECT) return skip_object(reader, depth);
  if (token == TOKEN_ARRAY) return skip_array(reader, depth);
  bool value = token == TOKEN_TEXT || token == TOKEN_NUMBER || token == TOKEN_TRUE || token == TOKEN_FALSE ||
               token == TOKEN_NULL;
  return value || unexpected(reader, "a value is wanted here");
}
