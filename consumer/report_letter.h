/* report_letter.h: a line that tells of a dead letter to its reason: one of `replay --dead-letters`, or what `kcat -J` prints of a record
 * of handover-dead-letters, whose reason is a header.
 *
 * May use: decode. */
#ifndef HANDOVER_CONSUMER_REPORT_LETTER_H
#define HANDOVER_CONSUMER_REPORT_LETTER_H

#include "decode.h"

enum { LETTER_WHY = 256 };

struct letter_reader;

struct letter_reader *letter_reader_create(bool kcat);
void letter_reader_destroy(struct letter_reader *reader);

/* The reason is good as long as the line, and until the next read; at NULL: it is no letter, but says that one has been redriven. False: it is no such line, and `why` (of LETTER_WHY bytes) says
 * what is wrong with it. */
bool letter_reader_read(struct letter_reader *reader, struct slice line, struct slice *reason, char *why);

#endif
