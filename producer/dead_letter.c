/* dead_letter.c: one pass over the bytes: runs that need nothing, escapes, and what is no UTF-8. */
#include "dead_letter.h"

#include <inttypes.h>

struct piece {
  uint32_t length; /* of a character, or of what is none */
  bool good;
};

/* `left` > 0. The second byte alone decides about overlong forms, surrogates and what lies beyond U+10FFFF. */
static struct piece piece_at(const unsigned char *at, uint32_t left) {
  unsigned char first = at[0], low = 0x80, high = 0xBF;
  if (first < 0x80) return (struct piece){1, true};
  if (first < 0xC2 || first > 0xF4) return (struct piece){1, false};
  uint32_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (first == 0xE0) low = 0xA0;
  if (first == 0xED) high = 0x9F;
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;
  for (uint32_t i = 1; i < length; i++) {
    if (i == left || at[i] < low || at[i] > high) return (struct piece){i, false};
    low = 0x80;
    high = 0xBF;
  }
  return (struct piece){length, true};
}

static bool plain(const unsigned char *at, struct piece piece) {
  return piece.good && *at >= 0x20 && *at != '"' && *at != '\\';
}

static void append_escaped(struct buffer *buffer, unsigned char byte) {
  static const char shorts[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
  const char *found = byte ? strchr(shorts, byte) : NULL;
  if (found) {
    char code[2] = {'\\', letters[found - shorts]};
    buffer_append(buffer, code, sizeof code);
  } else {
    buffer_printf(buffer, "\\u%04x", byte);
  }
}

void dead_letter_append_text(struct buffer *buffer, struct slice bytes) {
  const unsigned char *at = (const unsigned char *)bytes.at;
  buffer_append(buffer, "\"", 1);
  for (uint32_t i = 0; i < bytes.length;) {
    uint32_t from = i;
    struct piece piece = {0, true};
    while (i < bytes.length) {
      piece = piece_at(at + i, bytes.length - i);
      if (!plain(at + i, piece)) break;
      i += piece.length;
    }
    if (i > from) buffer_append(buffer, bytes.at + from, i - from);
    if (i == bytes.length) break;
    if (piece.good) {
      append_escaped(buffer, at[i]);
    } else {
      buffer_append(buffer, "\xEF\xBF\xBD", 3);
    }
    i += piece.length;
  }
  buffer_append(buffer, "\"", 1);
}

void dead_letter_encode(struct buffer *buffer, const struct record *record, enum reject reject, const char *detail) {
  const struct position *position = &record->position;
  buffer_printf(buffer, "{\"reason\":\"%s\",\"detail\":", reject_name(reject));
  dead_letter_append_text(buffer, slice_of(detail));
  buffer_append_text(buffer, ",\"topic\":");
  dead_letter_append_text(buffer, position->topic);
  buffer_printf(buffer, ",\"partition\":%" PRId32 ",\"offset\":%" PRId64 ",\"value\":", position->partition,
                position->offset);
  dead_letter_append_text(buffer, record->payload.at ? record->payload : SLICE(""));
  buffer_append_text(buffer, "}\n");
}
