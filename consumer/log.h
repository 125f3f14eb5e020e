/* log.h: the daemon's log: one JSON object a line on standard error; readable text where that is a terminal.
 *
 *     log_info("started", "reading events", log_text("group", group), log_number("threads", threads));
 *     {"time":"2026-03-01T09:30:00.000Z","level":"info","event":"started","message":"reading events","group":"handover","threads":2}
 *
 * `event` is a fixed word for programs, `message` a short text for people. Never a lead's id, never a payload: say topic,
 * partition and offset. Any thread may call; a line is one write(). A line longer than LOG_LINE bytes loses its last fields. */
#ifndef HANDOVER_CONSUMER_LOG_H
#define HANDOVER_CONSUMER_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_LINE = 4096 };

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

struct log_field {
  const char *name; /* NULL: no field */
  const char *text; /* NULL: `number` counts */
  int64_t number;
};

static inline struct log_field log_text(const char *name, const char *text) {
  return (struct log_field){name, text ? text : "", 0};
}
static inline struct log_field log_number(const char *name, int64_t number) {
  return (struct log_field){name, NULL, number};
}

#define LOG_FIELDS(...)                                                                                           \
  sizeof((const struct log_field[]){{0}, ##__VA_ARGS__}) / sizeof(struct log_field), (const struct log_field[]) { \
    {0}, ##__VA_ARGS__                                                                                            \
  }

#define log_error(event, message, ...) log_write(LOG_ERROR, event, message, LOG_FIELDS(__VA_ARGS__))
#define log_warning(event, message, ...) log_write(LOG_WARNING, event, message, LOG_FIELDS(__VA_ARGS__))
#define log_info(event, message, ...) log_write(LOG_INFO, event, message, LOG_FIELDS(__VA_ARGS__))
#define log_debug(event, message, ...) log_write(LOG_DEBUG, event, message, LOG_FIELDS(__VA_ARGS__))

/* Before the first line; without it: standard error, LOG_INFO, text where it is a terminal. */
void log_open(int descriptor, enum log_level most, bool text);
bool log_level_parse(const char *name, enum log_level *level); /* "error", "warning", "info", "debug" */

/* Through the macros. Strings may hold anything; bytes that are not UTF-8 become U+FFFD. */
void log_write(enum log_level level, const char *event, const char *message, size_t count,
               const struct log_field *fields);

struct log_record {
  int64_t time_ms;
  enum log_level level;
  const char *event, *message;
  size_t count;
  const struct log_field *fields;
};

/* The line alone, with its line break, into `line` of `room` bytes (at least 256); its length. `text`: readable. */
size_t log_format(char *line, size_t room, bool text, const struct log_record *record);

#endif
