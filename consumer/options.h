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

/* For getopt_long's list; -X stands in its short options. */
#define OPTIONS_LONG \
  {"settings", required_argument, NULL, 'f'}, { "set", required_argument, NULL, 's' }

/* What getopt_long has just found, where it is none of the command's own: --settings, --set, -X, or nothing that there is. False: that has
 * been said on standard error as `handover COMMAND: …`. */
bool options_take(struct options *options, const char *command, int option, char **argv);
/* A time like 2026-03-01T00:00:00Z. False: that it is none has been said. */
bool options_time(const char *command, const char *option, const char *text, int64_t *time_ms);
/* --draft. */
bool options_draft(struct options *options, const char *command);
/* Is it said where Kafka is? */
bool options_given(const struct options *options, const char *command);

/* Reads and checks; says everything that is wrong on standard error as `handover COMMAND: …`. False: exit status 2. The
 * caller calls settings_fini in any case. `instance` is filled in with the host's name where it is not set. */
bool options_load(const struct options *options, const char *command, struct settings *settings);

#endif
