/* bundle_manifest.h: what a bundle says it is, as JSON (docs/log.md, Bundles). May use: bundle.h, cJSON, encode. */
#ifndef HANDOVER_CONSUMER_BUNDLE_MANIFEST_H
#define HANDOVER_CONSUMER_BUNDLE_MANIFEST_H

#include "../config/settings.h"
#include "bundle.h"

struct bundle_stream { /* one partition of one topic */
  struct bundle_name name;
  uint32_t parts;
  uint64_t records;
  int64_t first, last; /* offsets; -1: no records */
  int64_t begin;       /* offset of the first that Kafka still had, or would have had */
};

struct bundle_definition {
  uint32_t number;
  char name[LIMIT_TEXT + 1];
  uint32_t version;
  char digest[80];
  int64_t offset; /* where it was published; -1: it came from a file */
};

struct bundle_manifest { /* zero it to start */
  char cluster[256];
  char group[SETTINGS_TEXT];
  char journal[BUNDLE_TOPIC], stage_changes[BUNDLE_TOPIC], dead_letters[BUNDLE_TOPIC], definitions_topic[BUNDLE_TOPIC];
  uint32_t event_bytes_max;
  int32_t partitions;
  struct bundle_stream *streams;
  int32_t stream_count;
  struct bundle_definition *definitions; /* written, not read: what a definition is, its own text says */
  int32_t definition_count;
};

void bundle_manifest_fini(struct bundle_manifest *manifest);
void bundle_manifest_stream(struct bundle_manifest *manifest, const struct bundle_stream *stream);
void bundle_manifest_definition(struct bundle_manifest *manifest, const struct bundle_definition *definition);
/* Of the journal, the changes, the dead letters. */
const char *bundle_manifest_topic(const struct bundle_manifest *manifest, enum bundle_kind kind);
/* NULL: it has none of this name. */
const struct bundle_stream *bundle_manifest_find(const struct bundle_manifest *manifest,
                                                 const struct bundle_name *name);

/* `result`: the audit's, as JSON. Streams come in the order of their names. */
void bundle_manifest_append(struct buffer *out, struct bundle_manifest *manifest, int64_t made_ms, struct slice result);
/* False with a sentence in `why`. */
bool bundle_manifest_parse(struct bundle_manifest *manifest, struct slice text, char *why, size_t room);

#endif
