/* options.h: `--settings FILE`, `--set name=value` and `-X property=value`, as every command takes them that talks to Kafka. */
#ifndef HANDOVER_CONSUMER_OPTIONS_H
#define HANDOVER_CONSUMER_OPTIONS_H

#include "../config/settings.h"

enum { OPTIONS_OVERRIDES = 128 };

struct options {    /* zero it to start */
  const char *file; /* NULL: none */
  struct settings_override overrides[OPTIONS_OVERRIDES];
  size_t count;
};

/* Notes one override; `text` must stay. False where there are too many. */
bool options_override(struct options *options, const char *text, bool kafka);

/* Reads and checks; says everything that is wrong on standard error as `handover COMMAND: …`. False: exit status 2. The
 * caller calls settings_fini in any case. `instance` is filled in with the host's name where it is not set. */
bool options_load(const struct options *options, const char *command, struct settings *settings);

#endif
