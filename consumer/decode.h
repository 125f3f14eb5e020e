/* decode.h: a record's bytes to an event, or a reject with its reason. Strict JSON (RFC 8259, UTF-8), one pass, no tree, no
 * malloc a record.
 *
 * What a pointer finds: where an object repeats a member name, the first one counts, at every level. A decoder serves one
 * definition and one thread; an event's slices point into the record's bytes or into the decoder's scratch for that slot. */
#ifndef HANDOVER_CONSUMER_DECODE_H
#define HANDOVER_CONSUMER_DECODE_H

#include "engine/definition.h"
#include "engine/event.h"

enum reject { /* in the order in which they are checked; reject_name gives the reason's text */
              REJECT_NONE = 0,
              REJECT_TOO_LARGE,
              REJECT_NOT_JSON,
              REJECT_NOT_OBJECT,
              REJECT_NO_LEAD,
              REJECT_NO_TIME,
              REJECT_BAD_TIME,
              REJECT_NO_NAME,
              REJECT_COUNT,
};

/* One record as it came. */
struct record {
  struct slice payload; /* at == NULL: a null payload (not_json) */
  struct slice key;     /* at == NULL: no key. Used by @key only where 1..255 bytes of valid UTF-8 */
  int64_t timestamp_ms; /* TIME_NONE where it has none */
  struct position position;
};

struct decoder;

/* `slots`: how many events may be held at once (a batch), at least 1. `event_bytes_max`: above it `too_large`. The definition
 * must outlive the decoder. */
struct decoder *decoder_create(const struct definition *definition, int32_t slots, uint32_t event_bytes_max);
void decoder_destroy(struct decoder *decoder);

/* From here on strings may hold bytes that are not UTF-8: for lines in which `kcat -J` quotes payloads as they are. */
void decoder_any_bytes(struct decoder *decoder);

/* Decodes into slot `slot`'s event (*event is owned by the decoder and good until the slot is used again). On a reject *event
 * is untouched and `detail` (of 160 bytes, never NULL) says more, for people. */
enum reject decoder_decode(struct decoder *decoder, int32_t slot, const struct record *record, struct event **event,
                           char *detail);

/* For the record during which a version took over: the fields and name_index by this decoder's definition, while lead, time, id and
 * name stay as another version decoded them. They are copied from `from`, an event of another decoder (or slot) that may end then.
 * The payload is known to be a good one. */
struct event *decoder_redecode(struct decoder *decoder, int32_t slot, const struct record *record,
                               const struct event *from);

const char *reject_name(enum reject reject); /* "too_large", "not_json", … */

/* The strict grammar alone: is it one JSON value with nothing after it? On false *at is the offset of the first wrong byte
 * and *why a static sentence. Shared with config/. */
bool json_valid(const char *bytes, size_t length, size_t *at, const char **why);
/* All of `text` is a JSON number (RFC 8259)? Then its nearest double in *number (may be infinite). */
bool json_number(struct slice text, double *number);
/* RFC 3339 as docs/definition.md has it (offset up to ±23:59, fraction cut to ms, no leap second), within 1970..2200. */
bool time_parse(struct slice text, int64_t *time_ms);

#endif
