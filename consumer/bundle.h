/* bundle.h: an audit's evidence in one archive, which can be audited without Kafka. docs/log.md, Bundles, is the format:
 *
 *     definitions/NNN.json                            as they were published or given
 *     partitions/P/stage-changes/NNNNNN.records       parts: whole records, offsets ascend over all parts
 *     partitions/P/dead-letters/NNNNNN.records
 *     partitions/P/journal/NNNNNN.records
 *     partitions/P/inputs/TOPIC/NNNNNN.records
 *     trust.txt                                       the keys that were trusted, if any were
 *     manifest.json                                   what it is, and the audit's result
 *     SHA256SUMS                                      of all of these
 *
 * A record: i64 offset, i64 timestamp in ms (-1: none), u32 bytes of the key, u32 bytes of the value (2^32-1: null), u32 bytes of the
 * headers, key, value, headers; little endian. Headers are a sequence of u32 bytes of a name, u32 bytes of a value (2^32-1: null), name, value.
 * To change any of it, count BUNDLE_FORMAT up. May use: decode.h, buffer.h. */
#ifndef HANDOVER_CONSUMER_BUNDLE_H
#define HANDOVER_CONSUMER_BUNDLE_H

#include "../producer/buffer.h"
#include "decode.h"

enum {
  BUNDLE_FORMAT = 1,
  BUNDLE_TOPIC = 249 + 1, /* of a topic's name, as Kafka has it */
  BUNDLE_NAME = 320,      /* of a member's */
  BUNDLE_DEFINITIONS = 1000,
  BUNDLE_PARTS = 1000000, /* of one stream */
  BUNDLE_PARTITIONS = 100000,
  BUNDLE_MEMBERS = 4000000,
  BUNDLE_PART = 4 << 20,        /* how large a part becomes, and what the last record adds */
  BUNDLE_PART_MOST = 256 << 20, /* how large one may be */
  BUNDLE_TEXT_MOST = 256 << 20, /* manifest, sums */
};

enum bundle_kind {
  BUNDLE_MANIFEST,
  BUNDLE_SUMS,
  BUNDLE_TRUST,
  BUNDLE_DEFINITION, /* number */
  BUNDLE_CHANGES,    /* partition, number of the part; these four are streams */
  BUNDLE_DEAD_LETTERS,
  BUNDLE_JOURNAL,
  BUNDLE_INPUT, /* and topic */
};

struct bundle_name {
  enum bundle_kind kind;
  int32_t partition;
  uint32_t number;
  char topic[BUNDLE_TOPIC];
};

void bundle_name_format(const struct bundle_name *name, char text[BUNDLE_NAME]);
/* False: no member of a bundle is called so. */
bool bundle_name_parse(const char *text, struct bundle_name *name);
/* What all parts of a stream have before their number. */
void bundle_name_stream(const struct bundle_name *name, char text[BUNDLE_NAME]);

void bundle_record_append(struct buffer *part, const struct record *record, struct slice headers);
/* The record that `rest` begins with, and goes past it; topic and partition are left. False: it is none. */
bool bundle_record_take(struct slice *rest, struct record *record, struct slice *headers);
void bundle_header_append(struct buffer *headers, struct slice name, struct slice value);
/* The first header of this name; at == NULL: there is none, or it is null. */
struct slice bundle_header(struct slice headers, const char *name);

#endif
