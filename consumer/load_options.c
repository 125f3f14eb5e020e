/* load_options.c: may use: libc, load.h. */
#include "load_options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void load_options_init(struct load_order *order) {
  *order = (struct load_order){.events = 1000000, .seed = 1, .leads = 100000, .days = 90};
}

bool load_options_number(const char *command, const char *option, const char *text, uint64_t least, uint64_t most,
                         uint64_t *number) {
  char *end;
  errno = 0;
  *number = strtoull(text, &end, 10);
  if (*text >= '0' && *text <= '9' && !*end && !errno && *number >= least && *number <= most) return true;
  fprintf(stderr, "handover %s: %s: a number from %" PRIu64 " to %" PRIu64 " is wanted\n", command, option, least,
          most);
  return false;
}

bool load_options_take(struct load_order *order, const char *command, int option, const char *value, bool *good) {
  uint64_t number;
  *good = true;
  switch (option) {
    case 'e': *good = load_options_number(command, "--events", value, 1, LOAD_EVENTS, &order->events); return true;
    case 'l':
      *good = load_options_number(command, "--leads", value, 1, LOAD_LEADS, &number);
      if (*good) order->leads = (uint32_t)number;
      return true;
    case 'D':
      *good = load_options_number(command, "--days", value, 1, LOAD_DAYS, &number);
      if (*good) order->days = (uint32_t)number;
      return true;
    case 'S': *good = load_options_number(command, "--seed", value, 0, UINT64_MAX, &order->seed); return true;
    case 'z':
    case 'u': order->uniform = option == 'u'; return true;
    default: return false;
  }
}
