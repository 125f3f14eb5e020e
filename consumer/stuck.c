/* stuck.c: waits, reads the end of the journal, tries once more, shuts out. */
#include "stuck.h"

#include <string.h>

#include "clock.h"
#include "message.h"

enum {
  PATIENCE_MS = 500, /* markers of a commit that has just been made take some milliseconds */
  BACK = 64,         /* offsets; a transaction takes two of each partition */
  WAIT_MS = 5,
};

bool stuck_for_long(struct stuck *stuck) {
  int64_t now_ns = clock_monotonic_ns();
  if (stuck->since_ns == 0) stuck->since_ns = now_ns;
  return now_ns - stuck->since_ns >= PATIENCE_MS * INT64_C(1000000);
}

void stuck_over(struct stuck *stuck) {
  stuck->since_ns = 0;
  stuck->producer[0] = '\0';
}

/* Nothing of the task is in an open transaction, as far as can be told: it is only slow. */
static bool is_slow(struct stuck *stuck, int64_t journal_end, int64_t journal_stable) {
  return journal_stable >= journal_end && !source_offsets_answer(stuck->source, stuck->partition);
}

/* True: there is nothing to be looked for. */
static bool begin(struct stuck *stuck) {
  int64_t first, end, stable;
  if (!source_ends(stuck->source, SOURCE_JOURNAL, stuck->partition, &first, &end) ||
      !source_stable_end(stuck->source, SOURCE_JOURNAL, stuck->partition, &stable))
    return false;
  if (is_slow(stuck, end, stable)) {
    stuck_over(stuck);
    return true;
  }
  stuck->journal = source_peek(stuck->source, stuck->partition, end - first > BACK ? end - BACK : first);
  return false;
}

void stuck_fini(struct stuck *stuck) {
  if (!stuck->journal) return;
  source_peek_end(stuck->source, stuck->partition, stuck->journal);
  stuck->journal = NULL;
}

static void note_producer(struct stuck *stuck, const rd_kafka_message_t *message) {
  struct slice name = message_header(message, "producer");
  if (!name.at || name.length >= sizeof stuck->producer) return;
  memcpy(stuck->producer, name.at, name.length);
  stuck->producer[name.length] = '\0';
}

/* One more try went wrong, too, since it was known whose transaction it must be. */
static bool shut_out(struct stuck *stuck) {
  fence_out(stuck->fence, slice_of(stuck->producer));
  stuck_over(stuck);
  return true;
}

/* All has been read, or cannot be. */
static bool end(struct stuck *stuck) {
  stuck_fini(stuck);
  if (!stuck->producer[0]) stuck_over(stuck);
  return true;
}

bool stuck_look(struct stuck *stuck) {
  rd_kafka_message_t *message;
  if (!stuck->journal) return stuck->producer[0] ? shut_out(stuck) : begin(stuck);
  if (!stream_read(stuck->journal, &message, 1, WAIT_MS)) return false;
  bool over = message->err != RD_KAFKA_RESP_ERR_NO_ERROR; /* PARTITION_EOF, as a rule */
  if (!over) note_producer(stuck, message);
  rd_kafka_message_destroy(message);
  return over && end(stuck);
}
