/* report_event.h: the bytes of one published event (docs/engine.md, What is published) to what a report needs of it.
 *
 * It is read by the decoder of events (decode.h), by a definition that has nothing but the pointers. May use: decode. */
#ifndef HANDOVER_CONSUMER_REPORT_EVENT_H
#define HANDOVER_CONSUMER_REPORT_EVENT_H

#include "decode.h"
#include "engine/limits.h"

enum { REPORT_WHY = 256 };

enum report_kind { REPORT_CHANGE, REPORT_BREACH };

enum report_by {
  REPORT_BY_NOTHING,
  REPORT_BY_OWNER,
  REPORT_BY_MEMBER,
  REPORT_BY_QUEUE,
  REPORT_BY_VERSION,
  REPORT_BY_ATTRIBUTE
};

struct report_due {
  struct slice sla;
  int64_t by_ms;
};

struct report_event { /* slices: at NULL where there is none; good as long as the bytes, and until the next read */
  enum report_kind kind;
  struct slice topic; /* of the id: topic/partition/offset/n */
  int32_t partition;
  int64_t offset;
  uint32_t n;
  struct slice lead, from, to, owner; /* from: of a breach its stage; owner: of `to`, of a breach of its stage */
  struct slice sla;                   /* of a breach */
  int64_t time_ms, since_ms;          /* since_ms <= time_ms */
  struct slice move, reason, queue, member;
  struct slice skipped[LIMIT_STAGES], next; /* next: the rung above `to`, where it is said */
  int32_t skipped_count;
  struct report_due due[LIMIT_SLAS];
  int32_t due_count;
  struct slice definition, version, digest;
  bool agreed;
  struct slice attribute; /* the one that was asked for: a string's text, a number, true or false as it is written */
  struct slice amount;    /* a number as it is written */
};

enum report_reading { REPORT_READ, REPORT_OTHER, REPORT_BAD };

struct report_reader;

/* `attribute`, `amount`: the names of attributes, or no texts. */
struct report_reader *report_reader_create(struct slice attribute, struct slice amount);
void report_reader_destroy(struct report_reader *reader);

/* REPORT_OTHER: an object of another type. REPORT_BAD: of no use, and `why` (of REPORT_WHY bytes) says what is wrong with it. */
enum report_reading report_reader_read(struct report_reader *reader, struct slice bytes, struct report_event *event,
                                       char *why);

#endif
