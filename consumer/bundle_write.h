/* bundle_write.h: a bundle being written, by the threads of an audit. What is at hand of each stream is at most a part; nothing is
 * there under the bundle's name until all of it is. May use: bundle, bundle_manifest, replace, sha256, libarchive. */
#ifndef HANDOVER_CONSUMER_BUNDLE_WRITE_H
#define HANDOVER_CONSUMER_BUNDLE_WRITE_H

#include "../config/trust.h"
#include "bundle_manifest.h"
#include "sha256.h"

struct bundle_writer;

/* `over`: in place of a file that is there. NULL with a sentence in `why`. */
struct bundle_writer *bundle_writer_open(const char *path, bool over, char *why, size_t room);
/* The manifest's own members are the caller's to fill in, before bundle_writer_finish. */
struct bundle_manifest *bundle_writer_manifest(struct bundle_writer *writer);
/* One thread: */
void bundle_writer_definition(struct bundle_writer *writer, const struct definition *definition, struct slice text,
                              int64_t offset);
void bundle_writer_trust(struct bundle_writer *writer, const struct trust *trust);
/* Nothing is to come of it, because; the first counts. Any thread. */
void bundle_writer_fail(struct bundle_writer *writer, const char *why);
/* Manifest, digests, the end. False with a sentence in `why`: nothing was made. The writer is gone in any case. */
bool bundle_writer_finish(struct bundle_writer *writer, struct slice result, char sha256[SHA256_HEX], char *why,
                          size_t room);
void bundle_writer_drop(struct bundle_writer *writer);

/* A stream, by one thread. */
struct bundle_copy;
struct bundle_copy *bundle_copy_start(struct bundle_writer *writer, const struct bundle_name *name, int64_t begin);
void bundle_copy_add(struct bundle_copy *copy, const struct record *record, struct slice headers);
void bundle_copy_end(struct bundle_copy *copy); /* NULL is none */

#endif
