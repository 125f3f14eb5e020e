/* load_options.h: which load: --events, --leads, --days, --seed, --zipf, --uniform, as `generate` and `bench` take them. */
#ifndef HANDOVER_CONSUMER_LOAD_OPTIONS_H
#define HANDOVER_CONSUMER_LOAD_OPTIONS_H

#include "load.h"

/* For getopt_long's list. */
#define LOAD_OPTIONS                                                                  \
  {"events", required_argument, NULL, 'e'}, {"leads", required_argument, NULL, 'l'},  \
      {"days", required_argument, NULL, 'D'}, {"seed", required_argument, NULL, 'S'}, \
      {"zipf", no_argument, NULL, 'z'}, {                                             \
    "uniform", no_argument, NULL, 'u'                                                 \
  }
/* For helps. */
#define LOAD_HELP                                                                                                      \
  "  --events N           how many events; default: 1000000\n"                                                         \
  "  --leads N            how many leads there are; default: 100000\n"                                                 \
  "  --days N             event times go evenly over so many days from 2026-01-01 on; default: 90\n"                   \
  "  --seed N             another seed makes other events; default: 1\n"                                               \
  "  --zipf               few leads have most events, the usual case (the default): the lead of rank r is as likely\n" \
  "                       as 1/r\n"                                                                                    \
  "  --uniform            all leads are as likely\n"

void load_options_init(struct load_order *order);
/* Is the option one of those above? Then *good is whether its value is one; said on standard error where not. */
bool load_options_take(struct load_order *order, const char *command, int option, const char *value, bool *good);
/* A whole number in a range, as options have them; said on standard error where it is none. */
bool load_options_number(const char *command, const char *option, const char *text, uint64_t least, uint64_t most,
                         uint64_t *number);

#endif
