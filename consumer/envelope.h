/* envelope.h: a line of `kcat -J`, {"topic":…,"partition":…,"offset":…,"ts":…,"key":…,"payload":…}, to the record that it tells of.
 *
 * It is read by the decoder of events (decode.h), by a definition that has nothing but the six pointers, and
 * those to headers, which kcat writes as one array of names and values by turns. May use: decode. */
#ifndef HANDOVER_CONSUMER_ENVELOPE_H
#define HANDOVER_CONSUMER_ENVELOPE_H

#include "decode.h"

enum { ENVELOPE_WHY = 192 };

struct envelope;

/* One reader, one thread. `slots`: how many records may be held at once. `headers`: how many of a line's headers are looked at. */
struct envelope *envelope_create(int32_t slots, uint32_t line_bytes_max, int32_t headers);
void envelope_destroy(struct envelope *envelope);

/* The record's slices are good as long as the line, and until the slot is used again. False: it is no such line, and `why` (of
 * ENVELOPE_WHY bytes) says what is wrong with it. */
bool envelope_read(struct envelope *envelope, int32_t slot, struct slice line, struct record *record, char *why);
/* The value of the last header of that name, of the line that was read last; at == NULL: it has none. */
struct slice envelope_header(const struct envelope *envelope, struct slice name);

#endif
