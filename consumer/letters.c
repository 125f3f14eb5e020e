/* letters.c: one partition after the other. */
#include "letters.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "engine/memory.h"
#include "interrupt.h"
#include "progress.h"

enum { READ = 500, WAIT_MS = 100 };
#define PATIENCE_NS INT64_C(30000000000)

struct marks { /* of one partition, ascending once they have been read */
  int64_t *at;
  size_t count, room;
  int64_t end; /* up to here the partition was read */
};

struct letters {
  struct topic_reader *reader;
  const struct settings *settings;
  struct marks *partitions;
  int32_t partition_count;
  uint64_t strange, records;
  struct progress progress;
  char why[TOPIC_READER_WHY];
};

static bool take_digits(const char **text, int64_t most, int64_t *number) {
  const char *from = *text;
  for (*number = 0; **text >= '0' && **text <= '9'; (*text)++) {
    if (*number > (most - (**text - '0')) / 10) return false;
    *number = *number * 10 + (**text - '0');
  }
  return *text > from;
}

bool letters_place_parse(const char *text, struct letters_place *place) {
  int64_t partition;
  if (!take_digits(&text, INT32_MAX, &partition) || (*text != ':' && *text != '/')) return false;
  text++;
  place->partition = (int32_t)partition;
  return take_digits(&text, INT64_MAX - 1, &place->offset) && !*text;
}

struct letters *letters_create(struct topic_reader *reader, const struct settings *settings) {
  struct letters *letters = memory_zeroed(1, sizeof *letters);
  letters->reader = reader;
  letters->settings = settings;
  return letters;
}

void letters_destroy(struct letters *letters) {
  if (!letters) return;
  for (int32_t i = 0; i < letters->partition_count; i++) memory_free(letters->partitions[i].at);
  memory_free(letters->partitions);
  memory_free(letters);
}

uint64_t letters_strange(const struct letters *letters) { return letters->strange; }
const char *letters_why(const struct letters *letters) { return letters->why; }

/* --- reading --- */

static enum letters_outcome fail(struct letters *letters, const char *why) {
  snprintf(letters->why, sizeof letters->why, "%s", why);
  return LETTERS_FAILED;
}

typedef bool take_message(void *context, const rd_kafka_message_t *message);

struct stretch { /* of one partition */
  int32_t partition;
  int64_t from, to; /* TOPIC_END: up to where it ends */
};

static bool is_read(const struct topic_stream *stream, int64_t to) {
  return topic_stream_over(stream) || topic_stream_position(stream) >= to;
}

static enum letters_outcome read_stream(struct letters *letters, struct topic_stream *stream, int64_t to,
                                        take_message *take, void *context) {
  struct record records[READ];
  int64_t until_ns = clock_monotonic_ns() + PATIENCE_NS;
  while (!is_read(stream, to)) {
    int32_t count = topic_stream_read(stream, records, READ, WAIT_MS);
    if (*topic_stream_why(stream)) break;
    if (interrupt_seen()) return LETTERS_STOPPED;
    if (count > 0) until_ns = clock_monotonic_ns() + PATIENCE_NS;
    if (count < 0 && clock_monotonic_ns() > until_ns) return fail(letters, "no answer, or a transaction does not end");
    for (int32_t i = 0; i < count && records[i].position.offset < to; i++)
      if (!take(context, topic_stream_message(stream, i))) return LETTERS_STOPPED;
    letters->records += count > 0 ? (uint64_t)count : 0;
    progress_show(&letters->progress, letters->records, 0, 0);
  }
  return *topic_stream_why(stream) ? fail(letters, topic_stream_why(stream)) : LETTERS_DONE;
}

/* Behind the last record that readers see there may be marks of transactions, which come as the end of the log and move the position; so a
 * stream that follows comes to its limit though no record is there. */
static enum letters_outcome read_stretch(struct letters *letters, const struct stretch *stretch, bool whole,
                                         take_message *take, void *context, int64_t *end) {
  struct topic_stream *stream =
      topic_stream_start_at(letters->reader, letters->settings->dead_letters, stretch->partition, stretch->from, whole,
                            letters->why, sizeof letters->why);
  if (!stream) return LETTERS_FAILED;
  enum letters_outcome outcome = LETTERS_FAILED;
  int64_t to = stretch->to;
  if (whole && !topic_stream_extend(stream)) {
    fail(letters, topic_stream_why(stream));
  } else {
    if (to > topic_stream_limit(stream)) to = topic_stream_limit(stream);
    outcome = read_stream(letters, stream, to, take, context);
  }
  if (end) *end = to;
  topic_stream_end(stream);
  return outcome;
}

/* --- marks --- */

static bool take_mark(void *context, const rd_kafka_message_t *message) {
  struct marks *marks = context;
  struct letter letter;
  int64_t offset;
  if (letter_read(message, &letter, &offset) != LETTER_IS_MARK) return !interrupt_seen();
  if (marks->count == marks->room) {
    marks->room = marks->room ? 2 * marks->room : 64;
    marks->at = memory_grown(marks->at, marks->room * sizeof *marks->at);
  }
  marks->at[marks->count++] = offset;
  return !interrupt_seen();
}

static int compare(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static enum letters_outcome find_partitions(struct letters *letters) {
  const char *topic = letters->settings->dead_letters;
  int32_t count = topic_reader_partitions(letters->reader, topic, letters->why, sizeof letters->why);
  if (count < 0) return LETTERS_FAILED;
  if (count == 0) {
    snprintf(letters->why, sizeof letters->why, "%.200s: there is no such topic: has a daemon ever run here?", topic);
    return LETTERS_FAILED;
  }
  letters->partitions = memory_zeroed((size_t)count, sizeof *letters->partitions);
  letters->partition_count = count;
  return LETTERS_DONE;
}

/* A signal between records is no reader's wish to stop. */
static enum letters_outcome judge(struct letters *letters, enum letters_outcome outcome) {
  return outcome == LETTERS_STOPPED && interrupt_seen() ? fail(letters, "interrupted") : outcome;
}

static bool is_asked_about(const struct letters_asked *asked, int32_t partition) {
  for (int32_t i = 0; i < asked->place_count; i++)
    if (asked->places[i].partition == partition) return true;
  return asked->place_count == 0;
}

enum letters_outcome letters_read_marks(struct letters *letters, const struct letters_asked *asked, bool whole) {
  enum letters_outcome outcome = find_partitions(letters);
  progress_start(&letters->progress);
  for (int32_t i = 0; i < letters->partition_count && outcome == LETTERS_DONE; i++) {
    struct marks *marks = &letters->partitions[i];
    if (!is_asked_about(asked, i)) continue;
    const struct stretch all = {i, 0, TOPIC_END};
    outcome = read_stretch(letters, &all, whole, take_mark, marks, &marks->end);
    if (marks->count > 0) qsort(marks->at, marks->count, sizeof *marks->at, compare);
  }
  progress_end(&letters->progress);
  return judge(letters, outcome);
}

bool letters_is_redriven(const struct letters *letters, int32_t partition, int64_t offset) {
  if (partition >= letters->partition_count) return false;
  const struct marks *marks = &letters->partitions[partition];
  return marks->count > 0 && bsearch(&offset, marks->at, marks->count, sizeof *marks->at, compare);
}

/* --- letters --- */

struct asking {
  struct letters *letters;
  const struct letters_asked *asked;
  letters_take *take;
  void *context;
};

static bool is_named(const struct letters_asked *asked, const struct letter *letter) {
  for (int32_t i = 0; i < asked->place_count; i++)
    if (asked->places[i].partition == letter->partition && asked->places[i].offset == letter->offset) return true;
  return asked->place_count == 0;
}

static bool is_asked(const struct asking *asking, const struct letter *letter) {
  const struct letters_asked *asked = asking->asked;
  int64_t time_ms = letter->timestamp_ms;
  if (asked->reason && !slice_equal(letter->reason, slice_of(asked->reason))) return false;
  if (asked->topic && !slice_equal(letter->record.topic, slice_of(asked->topic))) return false;
  if (asked->from_ms != TIME_NONE && (time_ms == TIME_NONE || time_ms < asked->from_ms)) return false;
  if (asked->to_ms != TIME_NONE && (time_ms == TIME_NONE || time_ms >= asked->to_ms)) return false;
  if (asked->open && letters_is_redriven(asking->letters, letter->partition, letter->offset)) return false;
  return is_named(asked, letter);
}

static bool take_letter(void *context, const rd_kafka_message_t *message) {
  struct asking *asking = context;
  struct letter letter;
  int64_t marked;
  if (interrupt_seen()) return false;
  enum letter_kind kind = letter_read(message, &letter, &marked);
  if (kind == LETTER_IS_NONE) asking->letters->strange++;
  if (kind != LETTER_IS || !is_asked(asking, &letter)) return true;
  return asking->take(asking->context, &letter, message);
}

/* From the first to the last place that is named in this partition; all of it where none is named at all. */
static struct stretch stretch_of(const struct letters_asked *asked, int32_t partition) {
  struct stretch stretch = {partition, asked->place_count > 0 ? TOPIC_END : 0, 0};
  if (asked->place_count == 0) stretch.to = TOPIC_END;
  for (int32_t i = 0; i < asked->place_count; i++) {
    const struct letters_place *place = &asked->places[i];
    if (place->partition != partition) continue;
    if (place->offset < stretch.from) stretch.from = place->offset;
    if (place->offset >= stretch.to) stretch.to = place->offset + 1;
  }
  return stretch;
}

enum letters_outcome letters_each(struct letters *letters, const struct letters_asked *asked, letters_take *take,
                                  void *context) {
  struct asking asking = {letters, asked, take, context};
  enum letters_outcome outcome = LETTERS_DONE;
  letters->strange = letters->records = 0;
  for (int32_t i = 0; i < letters->partition_count && outcome == LETTERS_DONE; i++) {
    struct stretch stretch = stretch_of(asked, i);
    if (stretch.to > letters->partitions[i].end) stretch.to = letters->partitions[i].end;
    if (stretch.from < stretch.to) outcome = read_stretch(letters, &stretch, false, take_letter, &asking, NULL);
  }
  return judge(letters, outcome);
}
