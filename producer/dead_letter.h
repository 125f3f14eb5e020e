/* dead_letter.h: what could not be used, as one JSON object a line:
 * {"reason","detail","topic","partition","offset","value"}. May use: encode, the decoder's names of reasons. */
#ifndef HANDOVER_PRODUCER_DEAD_LETTER_H
#define HANDOVER_PRODUCER_DEAD_LETTER_H

#include "../consumer/decode.h"
#include "encode.h"

/* With the LF. The value of a null payload is "". */
void dead_letter_encode(struct buffer *buffer, const struct record *record, enum reject reject, const char *detail);

/* Quoted and escaped as published strings are. Of bytes that are not UTF-8 each longest beginning of a character stands as one
 * U+FFFD (Unicode, 3.9, U+FFFD Substitution of Maximal Subparts), and each other byte too. */
void dead_letter_append_text(struct buffer *buffer, struct slice bytes);

#endif
