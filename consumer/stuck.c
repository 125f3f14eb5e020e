/* stuck.c: waits, reads the end of the journal, shuts out. */
#include "stuck.h"

#include <string.h>

#include "log.h"

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

void stuck_over(struct stuck *stuck) { stuck->since_ns = 0; }

/* True: no transaction is open in the journal, which each one writes to: it is only slow. */
static bool begin(struct stuck *stuck) {
  int64_t first, end, stable;
  if (!source_ends(stuck->source, SOURCE_JOURNAL, stuck->partition, &first, &end) ||
      !source_stable_end(stuck->source, SOURCE_JOURNAL, stuck->partition, &stable))
    return false;
  if (stable >= end) {
    stuck_over(stuck);
    return true;
  }
  stuck->producer[0] = '\0';
  stuck->journal = source_peek(stuck->source, stuck->partition, end - first > BACK ? end - BACK : first);
  return false;
}

void stuck_fini(struct stuck *stuck) {
  if (!stuck->journal) return;
  source_peek_end(stuck->source, stuck->partition, stuck->journal);
  stuck->journal = NULL;
}

static void note_producer(struct stuck *stuck, const rd_kafka_message_t *message) {
  rd_kafka_headers_t *headers;
  const void *name;
  size_t length;
  if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
      rd_kafka_header_get_last(headers, "producer", &name, &length) != RD_KAFKA_RESP_ERR_NO_ERROR ||
      length >= sizeof stuck->producer)
    return;
  memcpy(stuck->producer, name, length);
  stuck->producer[length] = '\0';
}

/* All has been read, or cannot be: the waiting begins anew. */
static bool end(struct stuck *stuck) {
  if (stuck->producer[0]) fence_out(stuck->fence, slice_of(stuck->producer));
  stuck_fini(stuck);
  stuck_over(stuck);
  return true;
}

bool stuck_look(struct stuck *stuck) {
  rd_kafka_message_t *message;
  if (!stuck->journal) return begin(stuck);
  if (!stream_read(stuck->journal, &message, 1, WAIT_MS)) return false;
  bool over = message->err != RD_KAFKA_RESP_ERR_NO_ERROR; /* PARTITION_EOF, as a rule */
  if (!over) note_producer(stuck, message);
  rd_kafka_message_destroy(message);
  return over && end(stuck);
}
