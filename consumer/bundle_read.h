/* bundle_read.h: a bundle that somebody hands over, read strictly: nothing in it is believed before it has been looked at.
 *
 *   archive, once through ─→ names, sizes, digests ─→ a file without a name (TMPDIR, else /var/tmp), which streams are read from
 *
 * So several threads can read, in any order, and memory does not grow with the log. May use: bundle, bundle_manifest, sha256,
 * libarchive. */
#ifndef HANDOVER_CONSUMER_BUNDLE_READ_H
#define HANDOVER_CONSUMER_BUNDLE_READ_H

#include "bundle_manifest.h"
#include "sha256.h"

enum { BUNDLE_WHY = 700, BUNDLE_BATCH = 512 };

enum bundle_outcome { /* exit statuses */
                      BUNDLE_GOOD = 0,
                      BUNDLE_ALTERED =
                          1, /* it is a bundle, but not as it was made: a digest, a member that is missing */
                      BUNDLE_USELESS = 2, /* it is none */
                      BUNDLE_OUTSIDE = 3, /* it cannot be read, there is no room */
};

struct bundle;

/* "-": standard input. NULL with the outcome and a sentence in `why`. */
struct bundle *bundle_open(const char *path, enum bundle_outcome *outcome, char *why, size_t room);
void bundle_close(struct bundle *bundle);

/* Good until bundle_close; any thread. */
const struct bundle_manifest *bundle_manifest(const struct bundle *bundle);
const char *bundle_sha256(const struct bundle *bundle); /* of the archive */
/* A member's bytes, which the caller frees (memory_free). NULL: it has none of this name, or (with a sentence in `why`, else "") it cannot
 * be read. */
char *bundle_text(const struct bundle *bundle, const struct bundle_name *name, size_t *length, char *why, size_t room);

/* A stream from its first record to its last, by one thread. */
struct bundle_reader;
struct bundle_reader *bundle_reader_start(const struct bundle *bundle, const struct bundle_name *name,
                                          struct slice topic);
void bundle_reader_end(struct bundle_reader *reader);
/* The next records, up to BUNDLE_BATCH, good until the next call; 0: it is over, or failed. */
int32_t bundle_reader_read(struct bundle_reader *reader, struct record *records, int32_t room);
struct slice bundle_reader_headers(const struct bundle_reader *reader, int32_t index); /* of one of them */
int64_t bundle_reader_begin(const struct bundle_reader *reader);                       /* by the manifest */
bool bundle_reader_over(const struct bundle_reader *reader);
const char *bundle_reader_why(const struct bundle_reader *reader); /* it failed; "": it did not */
/* It is over: is it what the manifest says? */
bool bundle_reader_agrees(struct bundle_reader *reader, char *why, size_t room);

#endif
