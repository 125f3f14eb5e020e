/* audit_source.h: where an audit reads: Kafka's topics, which a bundle may be made of by the way, or a bundle.
 *
 * A source and its streams belong to one thread. May use: topic_reader, bundle_read, bundle_write. */
#ifndef HANDOVER_CONSUMER_AUDIT_SOURCE_H
#define HANDOVER_CONSUMER_AUDIT_SOURCE_H

#include "../config/settings.h"
#include "bundle_read.h"
#include "bundle_write.h"

struct audit_origin {              /* outlives its sources */
  const struct settings *settings; /* Kafka; NULL: the bundle */
  const struct bundle *bundle;
  struct bundle_writer *copy; /* what is read of Kafka goes there, too; NULL: nowhere */
};

/* Of the journal, the changes, the dead letters. */
const char *audit_origin_topic(const struct audit_origin *origin, enum bundle_kind kind);
/* Has it dead letters? Bundles of others may have none. */
bool audit_origin_has(const struct audit_origin *origin, const struct bundle_name *name);
uint32_t audit_origin_event_bytes_max(const struct audit_origin *origin);

struct audit_source;
/* NULL with a sentence in `why`. */
struct audit_source *audit_source_open(const struct audit_origin *origin, char *why, size_t room);
void audit_source_close(struct audit_source *source);
/* 0 or less, with a sentence in `why`: there are none, or nobody answers. */
int32_t audit_source_partitions(struct audit_source *source, char *why, size_t room);
/* The cluster's id, "" where nobody tells it. */
void audit_source_cluster(struct audit_source *source, char *text, size_t room);

/* One partition of a topic, from its first record on. Inputs are read up to where they ended when they were started. Of all
 * others more may come behind their limit, which audit_stream_extend moves to where the log ends now; what open transactions hold
 * included. */
struct audit_stream;
/* NULL with a sentence in `why`. */
struct audit_stream *audit_stream_start(struct audit_source *source, const struct bundle_name *name, char *why,
                                        size_t room);
bool audit_stream_extend(struct audit_stream *stream);
/* The next records, up to `room`; they are good until the next call. 0: it is over, or failed. -1: nothing came within a moment. */
int32_t audit_stream_read(struct audit_stream *stream, struct record *records, int32_t room);
struct slice audit_stream_headers(struct audit_stream *stream, int32_t index); /* of one of them, as in bundle.h */
int64_t audit_stream_begin(const struct audit_stream *stream);                 /* before it nothing is kept any more */
const char *audit_stream_why(const struct audit_stream *stream);               /* it failed; "": it did not */
int64_t audit_stream_limit(const struct audit_stream *stream);                 /* INT64_MAX: all that there is counts */
bool audit_stream_is_at_limit(const struct audit_stream *stream);
/* It has been read up to its limit: is it what a bundle's manifest says of it? */
bool audit_stream_agrees(struct audit_stream *stream, char *why, size_t room);
/* `behind`: of what was published after the audit began, what comes from this offset on belongs into no copy. */
void audit_stream_end(struct audit_stream *stream, int64_t behind);

#endif
