/* topic_reader.h: topics read from an offset up to where they end now, by commands that look into the log.
 *
 * Committed records only; no group, nothing is written. One thread uses a reader and its streams. May use: librdkafka, settings,
 * client. */
#ifndef HANDOVER_CONSUMER_TOPIC_READER_H
#define HANDOVER_CONSUMER_TOPIC_READER_H

#include <librdkafka/rdkafka.h>

#include "../config/settings.h"
#include "decode.h"

enum { TOPIC_READER_WHY = 500 };
#define TOPIC_END INT64_MAX

struct topic_reader;

/* NULL with a sentence in `why`. */
struct topic_reader *topic_reader_open(const struct settings *settings, char *why, size_t room);
void topic_reader_close(struct topic_reader *reader); /* its streams have been ended */

/* Does a broker answer, within wait_ms? False: `why` says what is the matter. */
bool topic_reader_answers(struct topic_reader *reader, int wait_ms, char *why, size_t room);
/* How many partitions a topic has; 0: it is not there; -1: nobody answers, and `why` says what. */
int32_t topic_reader_partitions(struct topic_reader *reader, const char *topic, char *why, size_t room);
/* The cluster's id; "": nobody tells it. */
void topic_reader_cluster(struct topic_reader *reader, char *text, size_t room);

/* One partition, from its first record up to where it ends when it is started (transactions that are open then are left out), or on and
 * on, where it follows. */
struct topic_stream;

/* `topic` must stay. NULL with a sentence in `why`. A partition of a topic is started at most once at a time. */
struct topic_stream *topic_stream_start(struct topic_reader *reader, const char *topic, int32_t partition, bool follow,
                                        char *why, size_t room);
/* The same from an offset on; one that is not kept any more, or not there yet, becomes the nearest that is. TOPIC_END: only what is still to
 * come. */
struct topic_stream *topic_stream_start_at(struct topic_reader *reader, const char *topic, int32_t partition,
                                           int64_t from, bool follow, char *why, size_t room);
/* The offset of the first record whose timestamp is not before time_ms; TOPIC_END: there is none. -1: nobody answers, and `why` says
 * what. */
int64_t topic_reader_offset(struct topic_reader *reader, const char *topic, int32_t partition, int64_t time_ms,
                            char *why, size_t room);
void topic_stream_end(struct topic_stream *stream);
/* Its limit is where the log ends now, what open transactions hold included: whoever follows up to there waits for how they end. False:
 * topic_stream_why says why. */
bool topic_stream_extend(struct topic_stream *stream);

/* The next records, up to `room`; they are good until the next call. 0: it is over, or failed. -1: nothing came within wait_ms. */
int32_t topic_stream_read(struct topic_stream *stream, struct record *records, int32_t room, int wait_ms);
/* The same, waited for. 0: it is over. -1: it failed, nothing comes any more, or somebody interrupts (interrupt_seen): topic_stream_why says
 * it. */
int32_t topic_stream_await(struct topic_stream *stream, struct record *records, int32_t room);
/* The message behind one of them. */
const rd_kafka_message_t *topic_stream_message(const struct topic_stream *stream, int32_t index);
bool topic_stream_over(const struct topic_stream *stream);
const char *topic_stream_why(const struct topic_stream *stream);  /* it failed; "": it did not */
int64_t topic_stream_begin(const struct topic_stream *stream);    /* offset of the first record that is kept … */
int64_t topic_stream_limit(const struct topic_stream *stream);    /* … and where it ended when it was started */
int64_t topic_stream_position(const struct topic_stream *stream); /* everything before this offset has been read */

#endif
