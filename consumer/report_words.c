/* report_words.c: may use: buffer.h, encode.h. */
#include "report_words.h"

#include <inttypes.h>

#include "../producer/encode.h"

enum { MINUTE_COLUMNS = 16, DAY_COLUMNS = 10 };

void report_duration(struct buffer *words, int64_t ms) {
  static const struct {
    int64_t ms;
    char name;
  } units[] = {{86400000, 'd'}, {3600000, 'h'}, {60000, 'm'}, {1000, 's'}};
  enum { LAST = sizeof units / sizeof *units - 1 };
  int first = 0;
  while (first < LAST && ms < units[first].ms) first++;
  buffer_printf(words, "%" PRId64 "%c", ms / units[first].ms, units[first].name);
  if (first == LAST) return;
  int64_t rest = ms % units[first].ms / units[first + 1].ms;
  if (rest > 0) buffer_printf(words, " %" PRId64 "%c", rest, units[first + 1].name);
}

void report_time(struct buffer *words, int64_t ms, bool day) {
  struct buffer iso = {0};
  time_append(&iso, ms);
  iso.at[DAY_COLUMNS] = ' '; /* instead of T */
  buffer_append(words, iso.at, day ? DAY_COLUMNS : MINUTE_COLUMNS);
  buffer_fini(&iso);
}

void report_per_cent(struct buffer *words, uint64_t part, uint64_t whole) {
  if (whole == 0) {
    buffer_append_text(words, "\u2013");
    return;
  }
  uint64_t tenths = (part * 1000 + whole / 2) / whole;
  buffer_printf(words, "%" PRIu64 ".%" PRIu64 "%%", tenths / 10, tenths % 10);
}

void report_fraction(struct buffer *words, uint64_t part, uint64_t whole) {
  uint64_t parts = (part * 10000 + whole / 2) / whole;
  buffer_printf(words, "%" PRIu64 ".%04" PRIu64, parts / 10000, parts % 10000);
}
