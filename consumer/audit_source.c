/* audit_source.c: the one or the other. */
#include "audit_source.h"

#include <stdio.h>

#include "engine/memory.h"
#include "topic_reader.h"

enum { WAIT_MS = 100 };

struct audit_source {
  const struct audit_origin *origin;
  struct topic_reader *reader;
};

struct audit_stream {
  struct bundle_name name;
  struct topic_stream *kafka;
  struct bundle_reader *bundle;
  struct bundle_copy *copy;
  int64_t hold; /* records from this offset on are held back, until it is known whether they belong into the copy */
  struct buffer held;    /* as in a part */
  struct buffer headers; /* of one record */
};

const char *audit_origin_topic(const struct audit_origin *origin, enum bundle_kind kind) {
  const struct settings *settings = origin->settings;
  if (!settings) return bundle_manifest_topic(bundle_manifest(origin->bundle), kind);
  return kind == BUNDLE_JOURNAL   ? settings->journal
         : kind == BUNDLE_CHANGES ? settings->stage_changes
                                  : settings->dead_letters;
}

bool audit_origin_has(const struct audit_origin *origin, const struct bundle_name *name) {
  return !origin->bundle || bundle_manifest_find(bundle_manifest(origin->bundle), name);
}

uint32_t audit_origin_event_bytes_max(const struct audit_origin *origin) {
  return origin->settings ? (uint32_t)origin->settings->event_bytes_max
                          : bundle_manifest(origin->bundle)->event_bytes_max;
}

struct audit_source *audit_source_open(const struct audit_origin *origin, char *why, size_t room) {
  struct audit_source *source = memory_zeroed(1, sizeof *source);
  source->origin = origin;
  if (!origin->settings) return source;
  source->reader = topic_reader_open(origin->settings, why, room);
  if (source->reader) return source;
  memory_free(source);
  return NULL;
}

void audit_source_close(struct audit_source *source) {
  if (!source) return;
  topic_reader_close(source->reader);
  memory_free(source);
}

int32_t audit_source_partitions(struct audit_source *source, char *why, size_t room) {
  if (!source->reader) return bundle_manifest(source->origin->bundle)->partitions;
  const char *journal = audit_origin_topic(source->origin, BUNDLE_JOURNAL);
  int32_t count = topic_reader_partitions(source->reader, journal, why, room);
  if (count == 0) snprintf(why, room, "%.200s: there is no such topic: has a daemon ever run here?", journal);
  return count;
}

void audit_source_cluster(struct audit_source *source, char *text, size_t room) {
  topic_reader_cluster(source->reader, text, room);
}

/* --- streams --- */

static bool start_kafka(struct audit_stream *stream, struct audit_source *source, const char *topic, char *why,
                        size_t room) {
  const struct bundle_name *name = &stream->name;
  stream->kafka = topic_stream_start(source->reader, topic, name->partition, name->kind != BUNDLE_INPUT, why, room);
  if (!stream->kafka) return false;
  if (source->origin->copy)
    stream->copy = bundle_copy_start(source->origin->copy, name, topic_stream_begin(stream->kafka));
  bool published = name->kind == BUNDLE_CHANGES || name->kind == BUNDLE_DEAD_LETTERS;
  stream->hold = published ? topic_stream_limit(stream->kafka) : INT64_MAX;
  return true;
}

struct audit_stream *audit_stream_start(struct audit_source *source, const struct bundle_name *name, char *why,
                                        size_t room) {
  struct audit_stream *stream = memory_zeroed(1, sizeof *stream);
  stream->name = *name;
  const char *topic = name->kind == BUNDLE_INPUT ? stream->name.topic : audit_origin_topic(source->origin, name->kind);
  if (!source->reader) {
    stream->bundle = bundle_reader_start(source->origin->bundle, name, slice_of(topic));
    return stream;
  }
  if (start_kafka(stream, source, topic, why, room)) return stream;
  memory_free(stream);
  return NULL;
}

bool audit_stream_extend(struct audit_stream *stream) { return stream->bundle || topic_stream_extend(stream->kafka); }

/* Of what is proven by its value the headers say nothing more. */
static void copy(struct audit_stream *stream, const struct record *records, int32_t count) {
  bool letters = stream->name.kind == BUNDLE_DEAD_LETTERS;
  for (int32_t i = 0; i < count; i++) {
    struct slice headers = letters ? audit_stream_headers(stream, i) : (struct slice){0};
    if (records[i].position.offset >= stream->hold) bundle_record_append(&stream->held, &records[i], headers);
    else bundle_copy_add(stream->copy, &records[i], headers);
  }
}

int32_t audit_stream_read(struct audit_stream *stream, struct record *records, int32_t room) {
  if (stream->bundle) return bundle_reader_read(stream->bundle, records, room);
  int32_t count = topic_stream_read(stream->kafka, records, room, WAIT_MS);
  if (stream->copy) copy(stream, records, count);
  return count;
}

struct slice audit_stream_headers(struct audit_stream *stream, int32_t index) {
  if (stream->bundle) return bundle_reader_headers(stream->bundle, index);
  rd_kafka_headers_t *headers;
  const char *name;
  const void *value;
  size_t length;
  stream->headers.length = 0;
  if (rd_kafka_message_headers(topic_stream_message(stream->kafka, index), &headers)) return (struct slice){0};
  for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &length) == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
    bundle_header_append(&stream->headers, slice_of(name), (struct slice){value, value ? (uint32_t)length : 0});
  return (struct slice){stream->headers.at, (uint32_t)stream->headers.length};
}

int64_t audit_stream_begin(const struct audit_stream *stream) {
  return stream->bundle ? bundle_reader_begin(stream->bundle) : topic_stream_begin(stream->kafka);
}

const char *audit_stream_why(const struct audit_stream *stream) {
  return stream->bundle ? bundle_reader_why(stream->bundle) : topic_stream_why(stream->kafka);
}

int64_t audit_stream_limit(const struct audit_stream *stream) {
  return stream->bundle ? INT64_MAX : topic_stream_limit(stream->kafka);
}

bool audit_stream_is_at_limit(const struct audit_stream *stream) {
  if (stream->bundle) return bundle_reader_over(stream->bundle);
  return topic_stream_position(stream->kafka) >= topic_stream_limit(stream->kafka);
}

bool audit_stream_agrees(struct audit_stream *stream, char *why, size_t room) {
  return !stream->bundle || bundle_reader_agrees(stream->bundle, why, room);
}

static void copy_held(struct audit_stream *stream, int64_t behind) {
  struct slice rest = {stream->held.at, (uint32_t)stream->held.length}, headers;
  struct record record;
  while (rest.length > 0 && bundle_record_take(&rest, &record, &headers) && record.position.offset < behind)
    bundle_copy_add(stream->copy, &record, headers);
}

void audit_stream_end(struct audit_stream *stream, int64_t behind) {
  if (!stream) return;
  if (stream->copy) copy_held(stream, behind);
  bundle_copy_end(stream->copy);
  bundle_reader_end(stream->bundle);
  topic_stream_end(stream->kafka);
  buffer_fini(&stream->held);
  buffer_fini(&stream->headers);
  memory_free(stream);
}
