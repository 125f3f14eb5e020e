/* sink_file.h: changes as NDJSON to one descriptor, dead letters to another. What a sink (consumer/lane.h) calls back.
 *
 * Bytes are gathered and written in large pieces. The first write that fails is remembered, and nothing is written after it; the
 * caller looks at sink_file_failed now and then, and at what sink_file_flush returns. SIGPIPE has to be ignored. */
#ifndef HANDOVER_PRODUCER_SINK_FILE_H
#define HANDOVER_PRODUCER_SINK_FILE_H

#include "dead_letter.h"
#include "encode.h"

enum { SINK_FILE_PIECE = 256 << 10 }; /* written once this much is there */

struct sink_output {
  int descriptor; /* -1: none, and what comes is dropped */
  const char *name;
  int error; /* errno of the write that failed; EINTR: given up after SIGINT or SIGTERM */
  struct buffer buffer;
};

struct sink_file {
  struct sink_output changes, dead_letters;
};

/* Descriptors and names stay the caller's. */
void sink_file_init(struct sink_file *sink, int changes, int dead_letters, const char *dead_letters_name);
void sink_file_fini(struct sink_file *sink); /* does not flush */

void sink_file_change(struct sink_file *sink, const struct change *change);
void sink_file_dead_letter(struct sink_file *sink, const struct record *record, enum reject reject, const char *detail);

/* Writes what is there. False: a write has failed, now or before. */
bool sink_file_flush(struct sink_file *sink);
/* The output that failed, or NULL. */
const struct sink_output *sink_file_failed(const struct sink_file *sink);

#endif
