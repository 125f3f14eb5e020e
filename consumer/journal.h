/* journal.h: a record of the journal: what the inputs do not say of one task's share in one transaction.
 *
 *   {"journal":2,"partition":3,"sequence":17,"entries":[["engagement",10452,120],{"clock":1772357400000},
 *    {"definition":3,"digest":"sha256:…","agreed":true},["crm",7,1]],"inputs":"xxh3:<32 hex>","published":12,"dead_letters":1,
 *    "chain":"<64 hex>"}
 *
 * (one line, no spaces). entries: what was done, in order.
 *   [topic, first offset, count]   a run: so many records of an input from that offset on. Offsets may have gaps (markers of
 *                                  transactions, compaction): it is records that are counted.
 *   {"clock": ms}                  a clock mark
 *   {"definition": v, "digest", "agreed"}    from here on the task knows this version; when it takes over follows from the
 *                                  records. Once more with another `agreed`: it has been signed since, which is published
 * inputs is the fingerprint of the records that the runs took (fingerprint.h), of this journal record alone.
 * sequence counts a partition's records from 0, so that a reader sees where the journal has been cut or one is missing.
 * chain = SHA-256(chain of the record before ‖ the bytes of every value published to stage-changes, in order); before the
 * first record it is 32 zero bytes. To change the form: raise "journal"; a reader refuses what it does not know.
 *
 * Who owns what: a struct journal borrows the inputs' names and copies everything else; a struct journal_record owns what it
 * holds and nothing of the bytes that it was parsed from. One thread each. May use: decode.h, fingerprint.h, reader.h, buffer.h, libcrypto. */
#ifndef HANDOVER_CONSUMER_JOURNAL_H
#define HANDOVER_CONSUMER_JOURNAL_H

#include "../config/digest.h"
#include "../config/settings.h"
#include "../producer/buffer.h"
#include "engine/slice.h"
#include "fingerprint.h"

enum {
  JOURNAL_CHAIN = 32,
  JOURNAL_FORM = 2,
  JOURNAL_TOPIC = FINGERPRINT_TOPIC, /* bytes of a topic's name */
  JOURNAL_ENTRIES = 2048,            /* of a record, before it has to be committed: it then fits into a megabyte */
  JOURNAL_RECORD = 4 << 20,          /* bytes of a record that is read */
};

enum journal_kind { JOURNAL_RUN, JOURNAL_CLOCK, JOURNAL_DEFINITION };

struct journal_entry {
  enum journal_kind kind;
  int32_t topic;            /* JOURNAL_RUN: into the journal's inputs, or the record's topics */
  int64_t first, count;     /* JOURNAL_RUN: first >= 0, count >= 1 */
  int64_t mark_ms;          /* JOURNAL_CLOCK */
  uint32_t version;         /* JOURNAL_DEFINITION: >= 1 */
  char digest[DIGEST_TEXT]; /* JOURNAL_DEFINITION: "sha256:" and 64 digits */
  bool agreed;              /* JOURNAL_DEFINITION: what is published by it says so */
};

/* --- the writing side --- */

struct journal {
  int32_t partition;
  const char *const *topics; /* the inputs, in the order of the settings */
  int32_t topic_count;
  uint64_t sequence;                 /* of the record that is being gathered */
  uint8_t chain[JOURNAL_CHAIN];      /* of the record before it */
  struct evp_md_ctx_st *hash, *copy; /* over chain and what has been published since; for looking at it */
  struct fingerprint inputs;         /* of the records that were taken since */
  struct journal_entry *entries;
  int32_t entry_count, entry_room;
  uint64_t published, dead_letters;
};

/* Starts at sequence 0 with the zero chain and FINGERPRINT_XXH3. At most SETTINGS_INPUTS topics. */
void journal_init(struct journal *journal, int32_t partition, const char *const *topics, int32_t topic_count);
void journal_fini(struct journal *journal);

/* What the next record continues: after a snapshot, after a record that was read, and after an abort (with the values of
 * the last commit). What was gathered is dropped. */
void journal_resume(struct journal *journal, uint64_t sequence, const uint8_t chain[JOURNAL_CHAIN]);

/* From here on the inputs have a fingerprint of this kind. Nothing has been taken for the record that is being gathered. */
void journal_use(struct journal *journal, enum fingerprint_kind kind);

/* Joins the entry before where that is a run of the same input, which goes forward. */
void journal_run(struct journal *journal, int32_t input, int64_t first, int64_t count);
void journal_clock(struct journal *journal, int64_t mark_ms);
void journal_definition(struct journal *journal, uint32_t version, struct slice digest, bool agreed);

/* Records of one input, those of the runs, are hashed. Allocates nothing. */
void journal_taken(struct journal *journal, const struct record *records, int32_t count);
/* A value goes to stage-changes: it is hashed and counted. Allocates nothing. */
void journal_published(struct journal *journal, struct slice bytes);
void journal_dead_letter(struct journal *journal);

bool journal_empty(const struct journal *journal); /* no entries */
bool journal_full(const struct journal *journal);  /* JOURNAL_ENTRIES are there: commit before adding more */

/* Appends the record; nothing is moved on by it. */
void journal_encode(struct journal *journal, struct buffer *buffer);
/* The record has been committed: sequence and chain move on, what was gathered is emptied. */
void journal_next(struct journal *journal);
/* The chain as it would stand in the record now. */
void journal_chain(struct journal *journal, uint8_t chain[JOURNAL_CHAIN]);

/* --- the reading side --- */

struct journal_record {
  int32_t partition;
  uint64_t sequence, published, dead_letters;
  uint8_t chain[JOURNAL_CHAIN];
  char inputs[FINGERPRINT_TEXT];
  enum fingerprint_kind inputs_kind;
  char topics[SETTINGS_INPUTS][JOURNAL_TOPIC + 1]; /* those that the runs name, each once */
  int32_t topic_count;
  struct journal_entry *entries;
  int32_t entry_count, entry_room;
};

/* Zero the record before the first time; it may be parsed into again and again. Strict: members exactly these, in any
 * order; numbers whole, exact and in range; digests and the chain exact. False: `why` says what is wrong, and the record
 * holds nothing of use. */
bool journal_record_parse(struct journal_record *record, const char *bytes, size_t length, char *why, size_t room);
void journal_record_fini(struct journal_record *record);

/* The journal has taken the records that the record says. It was told by journal_use which kind. */
bool journal_inputs_fit(struct journal *journal, const struct journal_record *record);
/* What to say where they do not fit: "an input was altered, or this record: engagement from 10452 to 10571, crm at 7: not what
 * was read". last[t]: the last offset that was taken of topics[t]. Cut where there is no room. */
void journal_inputs_say(const struct journal_record *record, const int64_t last[SETTINGS_INPUTS], char *text,
                        size_t room);

#endif
