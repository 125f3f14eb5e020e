/* log.c: a line is built on the stack and written with one write(): no lock, no allocation, no line torn in two by another thread
 * (pipes keep up to PIPE_BUF = 4096 bytes whole, and so does journald's socket). A field that does not fit is left out whole.
 * May use: libc, clock.h. */
#include "log.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

static const char *const level_names[] = {"error", "warning", "info", "debug"};

static struct { atomic_int descriptor, most, text; /* -1: not yet opened */ } state = {-1, LOG_INFO, -1};

struct line {
  char *at;
  size_t length, room; /* `room` leaves space for the closing brace and the line break */
  bool full;
};

static void put(struct line *line, const char *bytes, size_t length) {
  if (line->full || length > line->room - line->length) {
    line->full = true;
    return;
  }
  memcpy(line->at + line->length, bytes, length);
  line->length += length;
}

static void put_text(struct line *line, const char *text) { put(line, text, strlen(text)); }

/* Bytes of the UTF-8 character at `text` (NUL-terminated), or 0 where it is none. */
static size_t character_length(const unsigned char *text) {
  unsigned char first = text[0];
  if (first < 0x80) return 1;
  size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return 0;
  for (size_t i = 1; i < length; i++) {
    if ((text[i] & 0xC0) != 0x80) return 0;
  }
  bool overlong = (first == 0xE0 && text[1] < 0xA0) || (first == 0xF0 && text[1] < 0x90);
  bool beyond = (first == 0xED && text[1] > 0x9F) || (first == 0xF4 && text[1] > 0x8F);
  return overlong || beyond ? 0 : length;
}

/* Escapes what JSON needs; in readable text control characters, so that nobody forges a line or moves the cursor. U+0080 to
 * U+009F are control characters for a terminal too. */
static void put_escaped(struct line *line, const char *text) {
  const unsigned char *at = (const unsigned char *)text;
  while (*at) {
    size_t length = character_length(at);
    char code[8];
    if (length == 0) {
      put_text(line, "\xEF\xBF\xBD");
      length = 1;
    } else if (*at == '"' || *at == '\\') {
      code[0] = '\\';
      code[1] = (char)*at;
      put(line, code, 2);
    } else if (*at < 0x20 || *at == 0x7F || (*at == 0xC2 && at[1] < 0xA0)) {
      int written = snprintf(code, sizeof code, "\\u%04x", length == 2 ? at[1] : at[0]);
      put(line, code, (size_t)written);
    } else {
      put(line, (const char *)at, length);
    }
    at += length;
  }
}

static void put_quoted(struct line *line, const char *text) {
  put_text(line, "\"");
  put_escaped(line, text);
  put_text(line, "\"");
}

static void put_number(struct line *line, int64_t number) {
  char digits[24];
  int length = snprintf(digits, sizeof digits, "%" PRId64, number);
  put(line, digits, (size_t)length);
}

static void put_time(struct line *line, int64_t time_ms) {
  time_t seconds = (time_t)(time_ms / 1000);
  struct tm utc;
  char text[64];
  if (!gmtime_r(&seconds, &utc)) return;
  int length = snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900, utc.tm_mon + 1,
                        utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, (int)(time_ms % 1000));
  put(line, text, (size_t)length);
}

/* ,"name":value — or nothing where it does not fit. */
static void put_field(struct line *line, bool text, const struct log_field *field) {
  if (line->full) return;
  size_t before = line->length;
  put_text(line, text ? "  " : ",\"");
  put_escaped(line, field->name);
  put_text(line, text ? "=" : "\":");
  if (!field->text) {
    put_number(line, field->number);
  } else if (text && *field->text && !strpbrk(field->text, " \"\\=")) {
    put_escaped(line, field->text);
  } else {
    put_quoted(line, field->text);
  }
  if (line->full) line->length = before;
}

static void put_head(struct line *line, bool text, const struct log_record *record) {
  put_text(line, text ? "" : "{\"time\":\"");
  put_time(line, record->time_ms);
  put_text(line, text ? "  " : "\",\"level\":\"");
  put_text(line, level_names[record->level]);
  if (text) {
    put_text(line, "  ");
    put_escaped(line, record->event);
    put_text(line, ": ");
    put_escaped(line, record->message);
    return;
  }
  put_text(line, "\",\"event\":");
  put_quoted(line, record->event);
  size_t before = line->length;
  put_text(line, ",\"message\":");
  put_quoted(line, record->message);
  if (line->full) line->length = before;
}

size_t log_format(char *line, size_t room, bool text, const struct log_record *record) {
  assert(room >= 256 && record->level <= LOG_DEBUG && strlen(record->event) < 64);
  struct line out = {line, 0, room - 2, false};
  put_head(&out, text, record);
  for (size_t i = 0; i < record->count; i++) {
    if (record->fields[i].name) put_field(&out, text, &record->fields[i]);
  }
  if (!text) line[out.length++] = '}';
  line[out.length++] = '\n';
  return out.length;
}

void log_open(int descriptor, enum log_level most, bool text) {
  atomic_store(&state.most, (int)most);
  atomic_store(&state.text, text);
  atomic_store(&state.descriptor, descriptor);
}

bool log_level_parse(const char *name, enum log_level *level) {
  for (int i = 0; i <= LOG_DEBUG; i++) {
    if (strcmp(name, level_names[i]) == 0) {
      *level = (enum log_level)i;
      return true;
    }
  }
  return false;
}

static void write_whole(int descriptor, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(descriptor, bytes, length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return; /* nobody to tell */
    bytes += written;
    length -= (size_t)written;
  }
}

void log_write(enum log_level level, const char *event, const char *message, size_t count,
               const struct log_field *fields) {
  if ((int)level > atomic_load_explicit(&state.most, memory_order_relaxed)) return;
  int saved = errno;
  if (atomic_load(&state.descriptor) < 0)
    log_open(STDERR_FILENO, (enum log_level)atomic_load(&state.most), isatty(STDERR_FILENO));
  char line[LOG_LINE];
  bool text = atomic_load(&state.text) > 0;
  struct log_record record = {clock_wall_ms(), level, event, message, count, fields};
  size_t length = log_format(line, sizeof line, text, &record);
  write_whole(atomic_load(&state.descriptor), line, length);
  errno = saved;
}
