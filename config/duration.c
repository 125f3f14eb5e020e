/* duration.c: digits and one letter. */
#include "duration.h"

#include <stddef.h>

#define SECOND_MS INT64_C(1000)
#define DAY_MS (86400 * SECOND_MS)

static const struct unit {
  char name;
  int64_t ms;
} units[] = {{'s', SECOND_MS}, {'m', 60 * SECOND_MS}, {'h', 3600 * SECOND_MS}, {'d', DAY_MS}, {'w', 7 * DAY_MS}};

int64_t duration_parse(const char *text) {
  int64_t number = 0;
  int digits = 0;
  if (*text == '0') return 0;
  for (; *text >= '0' && *text <= '9' && digits < 7; text++, digits++) number = number * 10 + (*text - '0');
  if (digits == 0 || digits > 6 || *text == 0 || text[1] != 0) return 0;
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (units[i].name == *text) return number * units[i].ms;
  return 0;
}
