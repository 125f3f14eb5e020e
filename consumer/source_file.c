/* source_file.c: one buffer, memchr, and the next file where one is over. */
#include "source_file.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/memory.h"

enum { ROOM_FIRST = 256 << 10, ROOM_MOST = SOURCE_LINE + 1 };

struct source_file {
  const char *const *paths;
  size_t count, next;           /* paths[next] is the one to be opened next */
  struct source_unpack *unpack; /* NULL: none is open */
  bool over;                    /* the open file has no more bytes */
  char *buffer;                 /* [start, end) is not handed out yet; no LF before `seen` */
  size_t room, start, seen, end;
  uint64_t lines;                 /* of the open file, handed out before the last read */
  int32_t count_last;             /* handed out by the last read */
  uint64_t done_bytes, all_bytes; /* done: of files that were closed */
  char why[2 * SOURCE_WHY];
};

static const char *const standard_input[] = {"-"};

/* The sum of the files' sizes, or 0 where one is no regular file. */
static uint64_t sizes(const char *const *paths, size_t count) {
  uint64_t sum = 0;
  for (size_t i = 0; i < count; i++) {
    struct stat status;
    bool standard = strcmp(paths[i], "-") == 0;
    if ((standard ? fstat(0, &status) : stat(paths[i], &status)) != 0 || !S_ISREG(status.st_mode)) return 0;
    sum += (uint64_t)status.st_size;
  }
  return sum;
}

struct source_file *source_file_create(const char *const *paths, size_t count) {
  struct source_file *source = memory_zeroed(1, sizeof *source);
  source->paths = count ? paths : standard_input;
  source->count = count ? count : 1;
  source->all_bytes = sizes(source->paths, source->count);
  source->room = ROOM_FIRST;
  source->buffer = memory_grown(NULL, source->room);
  return source;
}

void source_file_destroy(struct source_file *source) {
  if (!source) return;
  source_unpack_close(source->unpack);
  memory_free(source->buffer);
  memory_free(source);
}

static const char *path_now(const struct source_file *source) {
  const char *path = source->paths[source->next - 1];
  return strcmp(path, "-") == 0 ? "standard input" : path;
}

static enum source_outcome explain(struct source_file *source, enum source_outcome outcome, const char *why) {
  snprintf(source->why, sizeof source->why, "%.240s: %s", path_now(source), why);
  return outcome;
}

/* The lines that are whole; at the end of a file also one without LF. */
static int32_t split(struct source_file *source, struct slice *lines, int32_t room) {
  int32_t count = 0;
  while (count < room && source->start < source->end) {
    const char *line = source->buffer + source->start;
    const char *end = source->buffer + source->end;
    const char *stop = memchr(source->buffer + source->seen, '\n', source->end - source->seen);
    if (!stop && !source->over) {
      source->seen = source->end;
      break;
    }
    if (!stop) stop = end;
    lines[count++] = (struct slice){line, (uint32_t)(stop - line)};
    source->start = source->seen = (size_t)(stop - source->buffer) + (stop < end);
  }
  source->lines += (uint64_t)source->count_last;
  source->count_last = count;
  return count;
}

/* Makes room behind what is there: moves it to the front, and where it already fills the buffer, grows it. */
static bool make_room(struct source_file *source) {
  size_t left = source->end - source->start;
  if (source->start > 0) {
    memmove(source->buffer, source->buffer + source->start, left);
    source->seen -= source->start;
    source->start = 0;
    source->end = left;
  }
  if (left < source->room) return true;
  if (source->room == ROOM_MOST) return false;
  source->room = source->room > ROOM_MOST / 2 ? ROOM_MOST : source->room * 2;
  source->buffer = memory_grown(source->buffer, source->room);
  return true;
}

static enum source_outcome refill(struct source_file *source) {
  char why[SOURCE_WHY];
  size_t got = 0;
  if (!make_room(source)) {
    snprintf(why, sizeof why, "line %llu: longer than %d MiB; is it NDJSON, one event a line?",
             (unsigned long long)source->lines + 1, SOURCE_LINE >> 20);
    return explain(source, SOURCE_BAD, why);
  }
  char *to = source->buffer + source->end;
  enum source_outcome outcome = source_unpack_read(source->unpack, to, source->room - source->end, &got, why);
  if (outcome == SOURCE_BAD || outcome == SOURCE_FAILED) return explain(source, outcome, why);
  if (outcome == SOURCE_INTERRUPTED) return outcome;
  source->over = outcome == SOURCE_END;
  source->end += got;
  return SOURCE_OK;
}

static enum source_outcome open_next(struct source_file *source) {
  char why[SOURCE_WHY];
  if (source->unpack) source->done_bytes += source_unpack_packed_bytes(source->unpack);
  source_unpack_close(source->unpack);
  source->unpack = NULL;
  source->over = false;
  source->lines = 0;
  source->start = source->seen = source->end = 0;
  if (source->next == source->count) return SOURCE_END;
  source->unpack = source_unpack_open(source->paths[source->next++], why);
  return source->unpack ? SOURCE_OK : explain(source, SOURCE_BAD, why);
}

enum source_outcome source_file_read(struct source_file *source, struct slice *lines, int32_t room, int32_t *count) {
  assert(room > 0);
  for (;;) {
    *count = split(source, lines, room);
    if (*count > 0) return SOURCE_OK;
    enum source_outcome outcome = source->unpack && !source->over ? refill(source) : open_next(source);
    if (outcome != SOURCE_OK) return outcome;
  }
}

bool source_line_is_empty(struct slice line) {
  for (uint32_t i = 0; i < line.length; i++) {
    if (line.at[i] != ' ' && line.at[i] != '\t' && line.at[i] != '\r') return false;
  }
  return true;
}

struct source_place source_file_place(const struct source_file *source, int32_t index) {
  assert(index >= 0 && index < source->count_last);
  return (struct source_place){path_now(source), source->lines + (uint64_t)index + 1};
}

const char *source_file_why(const struct source_file *source) { return source->why; }

bool source_file_may_wait(const struct source_file *source) {
  if (!source->unpack || !source_unpack_live(source->unpack)) return false;
  size_t left = source->end - source->seen;
  return left == 0 || !memchr(source->buffer + source->seen, '\n', left);
}

struct source_progress source_file_progress(const struct source_file *source) {
  uint64_t open_bytes = source->unpack ? source_unpack_packed_bytes(source->unpack) : 0;
  return (struct source_progress){source->done_bytes + open_bytes, source->all_bytes};
}
