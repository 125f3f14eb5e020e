/* letter.h: a record of the dead letters' topic (docs/log.md, Dead letters): a letter, or a mark that says which letter of the same
 * partition has been redriven.
 *
 *   letter   key, value, timestamp   of the record that could not be used, as they came
 *            reason, detail          why
 *            topic, partition, offset  where it was
 *            record.NAME             each header that it had
 *   mark     redriven                the offset of a letter of this partition; key and value are null
 *
 * A record that has been redriven says so in two headers of its own: handover-letter (PARTITION/OFFSET of the letter) and handover-attempt (the
 * how manieth try it is). May use: librdkafka, message.h, sink_kafka.h (names). */
#ifndef HANDOVER_CONSUMER_LETTER_H
#define HANDOVER_CONSUMER_LETTER_H

#include <librdkafka/rdkafka.h>

#include "decode.h"

#define LETTER_MARK_HEADER "redriven"
#define LETTER_OF_HEADER "handover-letter"
#define LETTER_ATTEMPT_HEADER "handover-attempt"

struct letter { /* borrowed from the message */
  int32_t partition;
  int64_t offset, timestamp_ms; /* TIME_NONE: it has none */
  struct slice key, value;      /* at == NULL: null */
  struct slice reason, detail;
  struct position record; /* where it was */
  int32_t attempts;       /* how often it had been redriven when it came */
};

enum letter_kind { LETTER_IS, LETTER_IS_MARK, LETTER_IS_NONE /* something else has written to the topic */ };

/* Of a mark *marked is the letter's offset. Of none `letter` has what a record has: place, time, key, value. */
enum letter_kind letter_read(const rd_kafka_message_t *message, struct letter *letter, int64_t *marked);

/* The headers that its record had, and those that say that it has been redriven: the caller's. */
rd_kafka_headers_t *letter_headers(const rd_kafka_message_t *message, const struct letter *letter);

/* The i-th header that its record had, from *at on, which is 0 to start with; false: there are no more. `value.at` NULL: null. */
bool letter_header(const rd_kafka_message_t *message, size_t *at, struct slice *name, struct slice *value);

#endif
