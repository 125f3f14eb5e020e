/* fingerprint.h: what was read of the inputs as one short text, so that a record that is altered afterwards is noticed, whatever
 * follows from it.
 *
 * The text is "xxh3:" and 32 hexadecimal digits (XXH3 of 128 bits), or "sha256:" and 64. It is over these bytes (numbers little
 * endian), which hold all that a decision can depend on:
 *
 *   before the first record, and before each that is of another topic than the one before it:
 *     i64 -1, i32 bytes of the topic's name, the name
 *   of each record, in the order in which they were taken:
 *     i64 offset, i64 timestamp in ms (-1: it has none), i32 bytes of the key (-1: null), i32 bytes of the payload (-1: null),
 *     the key, the payload
 *
 * Offsets are not negative, so no two sequences of records have the same bytes. Of no records it is the hash of nothing. To change
 * the form: raise "journal" (journal.h). One thread. May use: decode.h, libxxhash, libcrypto. */
#ifndef HANDOVER_CONSUMER_FINGERPRINT_H
#define HANDOVER_CONSUMER_FINGERPRINT_H

#include "decode.h"

/* The values of the setting journal_inputs, in the order of its table. */
enum fingerprint_kind { FINGERPRINT_XXH3, FINGERPRINT_SHA256, FINGERPRINT_KINDS };

enum { FINGERPRINT_TOPIC = 249, FINGERPRINT_TEXT = 7 + 64 + 1 };

struct fingerprint {
  enum fingerprint_kind kind;
  struct XXH3_state_s *xxh3;
  struct evp_md_ctx_st *sha256, *copy; /* what is gathered; for looking at it */
  char topic[FINGERPRINT_TOPIC];       /* of the record that was taken last */
  uint32_t topic_length;               /* 0: none was taken */
};

/* Of no records, FINGERPRINT_XXH3. */
void fingerprint_init(struct fingerprint *fingerprint);
void fingerprint_fini(struct fingerprint *fingerprint);

/* Of no records, from here on of this kind. */
void fingerprint_start(struct fingerprint *fingerprint, enum fingerprint_kind kind);
/* More records, all of one topic (1 to FINGERPRINT_TOPIC bytes). How they are cut into calls makes no difference. Allocates nothing. */
void fingerprint_take(struct fingerprint *fingerprint, const struct record *records, int32_t count);
/* As it stands now; more may be taken. */
void fingerprint_format(struct fingerprint *fingerprint, char text[FINGERPRINT_TEXT]);

/* Is it such a text, to the letter? Then *kind says which. */
bool fingerprint_parse(struct slice text, enum fingerprint_kind *kind);

#endif
