/* letters.h: the dead letters of a cluster: which are asked about, which have been redriven, one by one.
 *
 * A mark stands behind the letter that it tells of, so the topic is read twice: once for the marks, once for the letters. What is kept in
 * memory is an offset a mark. May use: topic_reader, letter.h. */
#ifndef HANDOVER_CONSUMER_LETTERS_H
#define HANDOVER_CONSUMER_LETTERS_H

#include "letter.h"
#include "topic_reader.h"

enum { LETTERS_PLACES = 256, LETTERS_REASON = 64 };

struct letters_place {
  int32_t partition;
  int64_t offset;
};

struct letters_asked { /* what is not set is not asked for */
  const char *reason, *topic;
  int64_t from_ms, to_ms; /* TIME_NONE; by the record's timestamp, from_ms <= it < to_ms */
  bool open;              /* only those that have not been redriven */
  struct letters_place places[LETTERS_PLACES];
  int32_t place_count; /* 0: all */
};

/* "3:17" or "3/17". */
bool letters_place_parse(const char *text, struct letters_place *place);

struct letters;

/* Everything in `settings` and `reader` outlives them. */
struct letters *letters_create(struct topic_reader *reader, const struct settings *settings);
void letters_destroy(struct letters *letters);

enum letters_outcome {
  LETTERS_DONE,
  LETTERS_STOPPED, /* by whoever takes them */
  LETTERS_FAILED,  /* letters_why says why: no answer, no such topic, interrupted */
};

/* All marks of the partitions that are asked about. `whole`: what open transactions hold is waited for. Call it first. */
enum letters_outcome letters_read_marks(struct letters *letters, const struct letters_asked *asked, bool whole);
bool letters_is_redriven(const struct letters *letters, int32_t partition, int64_t offset);

/* The letters that are asked about, up to where letters_read_marks came, partition by partition, in the order of their offsets. False: no more,
 * please. */
typedef bool letters_take(void *context, const struct letter *letter, const rd_kafka_message_t *message);
enum letters_outcome letters_each(struct letters *letters, const struct letters_asked *asked, letters_take *take,
                                  void *context);

/* Records that are neither letters nor marks, of the last letters_each; those that it did not come to are not counted. */
uint64_t letters_strange(const struct letters *letters);
const char *letters_why(const struct letters *letters);

#endif
