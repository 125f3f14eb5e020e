/* decode_scan.h: the grammar of JSON in steps over bytes, as the decoder's fast walk takes them.
 *
 * A step takes where it begins and returns what is behind it, or NULL where the text is not JSON. The text ends in '}', and no
 * step but that through a string goes past one: so only strings look for the end, and whoever has gone behind a '}' has to look
 * whether it was the last byte. On entry to every step the text has not ended. Nothing behind the end is ever read. */
#ifndef HANDOVER_CONSUMER_DECODE_SCAN_H
#define HANDOVER_CONSUMER_DECODE_SCAN_H

#include "engine/slice.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct scan {
  const char *begin, *end; /* end[-1] is '}' */
  bool any_bytes;          /* strings may hold what is not UTF-8 */
};

/* A run of bytes in a string stops at a quotation mark, a backslash, a control character and what is not ASCII.
 * scan_stops: which of the SCAN_BLOCK bytes at `at` are such: byte i is bit i << SCAN_SHIFT (with SCAN_SHIFT 3, the bit 7 above). */
#ifdef __SSE2__
enum { SCAN_BLOCK = 16, SCAN_SHIFT = 0 };

static inline uint64_t scan_stops(const char *at) {
  __m128i block = _mm_loadu_si128((const __m128i *)(const void *)at);
  __m128i low = _mm_cmplt_epi8(block, _mm_set1_epi8(' ')); /* signed: 80..FF are low as well */
  __m128i quote = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
  __m128i backslash = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
  return (unsigned)_mm_movemask_epi8(_mm_or_si128(low, _mm_or_si128(quote, backslash)));
}
#else
enum { SCAN_BLOCK = 8, SCAN_SHIFT = 3 };

/* The top bit of each byte that is 0, no other. */
static inline uint64_t scan_zero_bytes(uint64_t word) {
  const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
  return ~(((word & low) + low) | word | low);
}

static inline uint64_t scan_stops(const char *at) {
  const uint64_t every = UINT64_C(0x0101010101010101);
  uint64_t word;
  memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return scan_zero_bytes(word & every * 0xe0) | scan_zero_bytes(word ^ every * '"') |
         scan_zero_bytes(word ^ every * '\\') | (word & every * 0x80);
}
#endif

/* Within the last SCAN_BLOCK bytes: the last block, without what is before `at`. */
const char *scan_last_run(const struct scan *scan, const char *at);

/* Where the run from `at` on stops; `end` where it does not. */
static inline const char *scan_run(const struct scan *scan, const char *at) {
  for (; scan->end - at >= SCAN_BLOCK; at += SCAN_BLOCK) {
    uint64_t stops = scan_stops(at);
    if (stops) return at + (__builtin_ctzll(stops) >> SCAN_SHIFT);
  }
  return scan_last_run(scan, at);
}

/* An escape (*escaped becomes true) or characters that are not ASCII; NULL also at the end and at a control character. */
const char *scan_unusual(const struct scan *scan, const char *at, bool *escaped);

/* From behind the opening quotation mark to the closing one. */
static inline const char *scan_string(const struct scan *scan, const char *at, bool *escaped) {
  for (;;) {
    at = scan_run(scan, at);
    if (at < scan->end && *at == '"') return at;
    if (!(at = scan_unusual(scan, at, escaped))) return NULL;
  }
}

/* Decodes what stands between the quotation marks of a string that scan_string has found good; returns how many bytes, at most as
 * many as it had. */
uint32_t scan_unescape(struct slice raw, char *text);

static inline const char *scan_white(const char *at) {
  if ((unsigned char)*at > ' ') return at; /* nearly always */
  while (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r') at++;
  return at;
}

const char *scan_number(const char *at);
/* true, false or null, by its first letter. */
const char *scan_word(const char *at);
/* Any value, with at most `room` levels of nesting. Behind it the text has not ended. */
const char *scan_value(const struct scan *scan, const char *at, int room);

#endif
