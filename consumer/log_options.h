/* log_options.h: the options of commands that decide a log from files: which log, by which definitions, trusting whom. */
#ifndef HANDOVER_CONSUMER_LOG_OPTIONS_H
#define HANDOVER_CONSUMER_LOG_OPTIONS_H

#include "definitions.h"
#include "reading.h"
#include "trust_file.h"

struct log_options { /* log_options_init, log_options_fini */
  const char *command;
  const char *paths[DEFINITIONS_MOST];
  int32_t path_count;
  const char *trust_paths[TRUST_FILES];
  size_t trust_count;
  struct trust trust;
  struct definitions definitions;
  struct log_order order;
  bool plain; /* --envelope none was said */
  /* Files of a command's own that are read too; set before log_options_files. */
  const char *const *others;
  size_t other_count;
};

/* For getopt_long: a command's own options stand before and behind. */
#define LOG_OPTIONS                                                                          \
  {"definition", required_argument, NULL, 'd'}, {"trust", required_argument, NULL, 'T'},     \
      {"topic", required_argument, NULL, 't'}, {"partition", required_argument, NULL, 'p'},  \
      {"envelope", required_argument, NULL, 'e'}, {"until", required_argument, NULL, 'u'}, { \
    "max-event-bytes", required_argument, NULL, 'm'                                          \
  }

void log_options_init(struct log_options *options, const char *command);
void log_options_fini(struct log_options *options);

/* One option as getopt_long returned it, with its value: of those above, or a wrong one. False: said what is wrong. */
bool log_options_take(struct log_options *options, int option, const char *value, char **argv, int at);
bool log_options_time(const struct log_options *options, const char *option, const char *text, int64_t *time_ms);

/* The files; that there is a definition; that all inputs are there and readable, and standard input is wanted once. */
bool log_options_files(struct log_options *options, char **files, int count);
/* Is that file one of those that are read, by whatever path? Whoever writes one asks first. */
bool log_options_reads(const struct log_options *options, const char *path);
/* Reads trust files and definitions, into `order` too. */
bool log_options_load(struct log_options *options);

/* "handover COMMAND: what: why"; returns false. */
bool log_options_say(const struct log_options *options, const char *what, const char *why);

#endif
