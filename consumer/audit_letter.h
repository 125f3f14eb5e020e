/* audit_letter.h: dead letters in a form in which audit_compare and audit_diff take them: {"id":"TOPIC/PARTITION/OFFSET","reason","key","value"},
 * where key and value are null or {"bytes","sha256"}. What `detail` says is nobody's promise. May use: bundle.h, encode, sha256, cJSON. */
#ifndef HANDOVER_CONSUMER_AUDIT_LETTER_H
#define HANDOVER_CONSUMER_AUDIT_LETTER_H

#include "bundle.h"

/* Both return how many of the bytes say which one it is. */
size_t audit_letter_decided(struct buffer *out, const struct record *record, enum reject reject);
size_t audit_letter_there(struct buffer *out, const struct record *record, struct slice headers);

/* Says that a letter has been redriven, and is none itself (consumer/letter.h). */
bool audit_letter_is_mark(struct slice headers);

/* "dead letter of engagement/3/1045, not_json", or that it is none. */
void audit_letter_name(struct buffer *out, struct slice bytes);

#endif
