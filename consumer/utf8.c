/* utf8.c: a lead byte says how long a character is and what its second byte may be; the others are 80..BF. */
#include "utf8.h"

static inline size_t length_of(const unsigned char *at, size_t left) {
  unsigned lead = at[0];
  if (lead < 0xc2 || lead > 0xf4) return 0;
  size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (left < length) return 0;
  unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (at[1] < low || at[1] > high) return 0;
  for (size_t i = 2; i < length; i++)
    if ((at[i] & 0xc0) != 0x80) return 0;
  return length;
}

size_t utf8_length(const char *at, size_t left) { return left ? length_of((const unsigned char *)at, left) : 0; }

const char *utf8_run(const char *at, const char *end) {
  while (at < end && (unsigned char)*at >= 0x80) {
    size_t length = length_of((const unsigned char *)at, (size_t)(end - at));
    if (!length) return NULL;
    at += length;
  }
  return at;
}

bool utf8_valid(struct slice text) {
  const char *at = text.at, *end = text.length ? text.at + text.length : at;
  while (at < end) {
    if ((unsigned char)*at < 0x80) at++;
    else if (!(at = utf8_run(at, end))) return false;
  }
  return true;
}

size_t utf8_write(char *at, uint32_t code) {
  size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  static const unsigned char leads[5] = {0, 0, 0xc0, 0xe0, 0xf0};
  for (size_t i = length - 1; i > 0; i--, code >>= 6) at[i] = (char)(0x80 | (code & 0x3f));
  at[0] = (char)(leads[length] | code);
  return length;
}
