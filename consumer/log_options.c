/* log_options.c: checks of single values, then of all inputs together. */
#include "log_options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source_file.h"

enum { TOPIC = 249, WHY = 400 };

void log_options_init(struct log_options *options, const char *command) {
  *options = (struct log_options){.command = command};
  options->order = (struct log_order){.topic = "events", .until_ms = TIME_NONE, .event_bytes_max = LIMIT_EVENT};
}

void log_options_fini(struct log_options *options) {
  definitions_fini(&options->definitions);
  trust_fini(&options->trust);
}

bool log_options_say(const struct log_options *options, const char *what, const char *why) {
  fprintf(stderr, "handover %s: %.300s: %s\n", options->command, what, why);
  return false;
}

static bool number_parse(const struct log_options *options, const char *option, const char *text, int64_t from,
                         int64_t to, int64_t *number) {
  char *end, why[WHY];
  errno = 0;
  long long parsed = strtoll(text, &end, 10);
  if (*text >= '0' && *text <= '9' && !*end && errno == 0 && parsed >= from && parsed <= to) {
    *number = parsed;
    return true;
  }
  snprintf(why, sizeof why, "\"%.100s\" is no number from %" PRId64 " to %" PRId64, text, from, to);
  return log_options_say(options, option, why);
}

static bool topic_take(struct log_options *options, const char *text) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  size_t length = strlen(text);
  options->order.topic = text;
  if (length >= 1 && length <= TOPIC && strspn(text, letters) == length) return true;
  return log_options_say(options, "--topic", "a topic's name is 1 to 249 of a-z A-Z 0-9 . _ -");
}

static bool envelope_take(struct log_options *options, const char *text) {
  options->order.kcat = strcmp(text, "kcat") == 0;
  options->plain = strcmp(text, "none") == 0;
  if (options->order.kcat || options->plain) return true;
  return log_options_say(options, "--envelope", "is none or kcat");
}

bool log_options_time(const struct log_options *options, const char *option, const char *text, int64_t *time_ms) {
  if (strlen(text) < WHY && time_parse(slice_of(text), time_ms)) return true;
  return log_options_say(options, option, "is a time like 2026-03-01T00:00:00Z, from 1970 to 2199");
}

static bool definition_take(struct log_options *options, const char *path) {
  if (options->path_count == DEFINITIONS_MOST) return log_options_say(options, "--definition", "more than 256");
  options->paths[options->path_count++] = path;
  return true;
}

static bool trust_take(struct log_options *options, const char *path) {
  if (options->trust_count == TRUST_FILES) return log_options_say(options, "--trust", "more than 64");
  options->trust_paths[options->trust_count++] = path;
  return true;
}

bool log_options_take(struct log_options *options, int option, const char *value, char **argv, int at) {
  int64_t number = 0;
  bool good = true;
  switch (option) {
    case 'd': return definition_take(options, value);
    case 'T': return trust_take(options, value);
    case 't': return topic_take(options, value);
    case 'p':
      good = number_parse(options, "--partition", value, 0, INT32_MAX, &number);
      options->order.partition = (int32_t)number;
      return good;
    case 'e': return envelope_take(options, value);
    case 'u': return log_options_time(options, "--until", value, &options->order.until_ms);
    case 'm':
      good = number_parse(options, "--max-event-bytes", value, 1, SOURCE_LINE, &number);
      options->order.event_bytes_max = (uint32_t)number;
      return good;
    case ':': return log_options_say(options, argv[at - 1], "a value is missing");
    default: return log_options_say(options, argv[at - 1], "there is no such option, or it takes no value");
  }
}

static bool is_standard(const char *path) { return strcmp(path, "-") == 0; }

/* Says what cannot be read; counts where standard input is wanted. */
static bool files_check(const struct log_options *options, const char *const *paths, size_t count, int *standard) {
  bool good = true;
  for (size_t i = 0; i < count; i++) {
    if (is_standard(paths[i])) {
      (*standard)++;
    } else if (access(paths[i], R_OK) != 0) {
      good = log_options_say(options, paths[i], strerror(errno));
    }
  }
  return good;
}

/* Said before anything is done. */
static bool inputs_check(const struct log_options *options) {
  const struct log_order *order = &options->order;
  int standard = order->file_count == 0;
  for (int32_t i = 0; i < options->path_count; i++) standard += is_standard(options->paths[i]);
  bool others = files_check(options, options->others, options->other_count, &standard);
  bool good = files_check(options, order->files, order->file_count, &standard) && others;
  if (standard <= 1) return good;
  return log_options_say(options, "standard input", "can be read once only: say -, or no FILE, in one place");
}

bool log_options_files(struct log_options *options, char **files, int count) {
  options->order.files = (const char *const *)files;
  options->order.file_count = (size_t)count;
  return inputs_check(options);
}

static bool is_same(const struct stat *a, const char *path) {
  struct stat b;
  return stat(path, &b) == 0 && S_ISREG(b.st_mode) && a->st_dev == b.st_dev && a->st_ino == b.st_ino;
}

static bool is_among(const struct stat *a, const char *const *paths, size_t count) {
  bool found = false;
  for (size_t i = 0; i < count; i++) found = found || is_same(a, paths[i]);
  return found;
}

bool log_options_reads(const struct log_options *options, const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && (is_among(&status, options->order.files, options->order.file_count) ||
                                      is_among(&status, options->others, options->other_count) ||
                                      is_among(&status, options->paths, (size_t)options->path_count));
}

bool log_options_load(struct log_options *options) {
  if (!trust_file_read(&options->trust, options->command, options->trust_paths, options->trust_count)) return false;
  if (!definitions_read(&options->definitions, options->command, options->paths, options->path_count, &options->trust))
    return false;
  options->order.definitions = (const struct definition *const *)options->definitions.at;
  options->order.definition_count = options->definitions.count;
  return true;
}
