/* bundle_manifest.c: written member by member; read with cJSON, member by member. */
#include "bundle_manifest.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../producer/encode.h"
#include "engine/memory.h"

#define WHOLE_MOST 9007199254740991.0 /* every whole number up to here is a double */

static const char *const kind_names[] = {[BUNDLE_CHANGES] = "stage_changes",
                                         [BUNDLE_DEAD_LETTERS] = "dead_letters",
                                         [BUNDLE_JOURNAL] = "journal",
                                         [BUNDLE_INPUT] = "input"};

void bundle_manifest_fini(struct bundle_manifest *manifest) {
  memory_free(manifest->streams);
  memory_free(manifest->definitions);
  *manifest = (struct bundle_manifest){0};
}

static bool is_power(int32_t count) { return (count & (count - 1)) == 0; }

void bundle_manifest_stream(struct bundle_manifest *manifest, const struct bundle_stream *stream) {
  int32_t count = manifest->stream_count++;
  if (is_power(count))
    manifest->streams = memory_grown(manifest->streams, (count ? 2 * (size_t)count : 1) * sizeof *manifest->streams);
  manifest->streams[count] = *stream;
}

void bundle_manifest_definition(struct bundle_manifest *manifest, const struct bundle_definition *definition) {
  int32_t count = manifest->definition_count++;
  if (is_power(count))
    manifest->definitions =
        memory_grown(manifest->definitions, (count ? 2 * (size_t)count : 1) * sizeof *manifest->definitions);
  manifest->definitions[count] = *definition;
}

static int by_name(const void *a, const void *b) {
  const struct bundle_name *x = a, *y = b;
  if (x->partition != y->partition) return x->partition < y->partition ? -1 : 1;
  if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
  return strcmp(x->topic, y->topic);
}

static int by_stream(const void *a, const void *b) {
  return by_name(&((const struct bundle_stream *)a)->name, &((const struct bundle_stream *)b)->name);
}

static void sort(struct bundle_manifest *manifest) {
  if (manifest->stream_count > 0)
    qsort(manifest->streams, (size_t)manifest->stream_count, sizeof *manifest->streams, by_stream);
}

const struct bundle_stream *bundle_manifest_find(const struct bundle_manifest *manifest,
                                                 const struct bundle_name *name) {
  const struct bundle_stream wanted = {.name = *name};
  if (manifest->stream_count == 0) return NULL;
  return bsearch(&wanted, manifest->streams, (size_t)manifest->stream_count, sizeof wanted, by_stream);
}

/* --- writing --- */

static void text(struct buffer *out, const char *name, struct slice value) {
  buffer_printf(out, "\"%s\":", name);
  json_append_string(out, value);
  buffer_append_text(out, ",");
}

static void append_offset(struct buffer *out, const char *name, int64_t offset) {
  if (offset < 0) buffer_printf(out, ",\"%s\":null", name);
  else buffer_printf(out, ",\"%s\":%" PRId64, name, offset);
}

const char *bundle_manifest_topic(const struct bundle_manifest *manifest, enum bundle_kind kind) {
  switch (kind) {
    case BUNDLE_JOURNAL: return manifest->journal;
    case BUNDLE_CHANGES: return manifest->stage_changes;
    case BUNDLE_DEAD_LETTERS: return manifest->dead_letters;
    default: return "";
  }
}

static void append_definition(struct buffer *out, const struct bundle_definition *definition) {
  const struct bundle_name name = {.kind = BUNDLE_DEFINITION, .number = definition->number};
  char member[BUNDLE_NAME];
  bundle_name_format(&name, member);
  buffer_append_text(out, "{");
  text(out, "member", slice_of(member));
  text(out, "name", slice_of(definition->name));
  buffer_printf(out, "\"version\":%" PRIu32 ",\"digest\":\"%s\",\"from\":\"%s\"", definition->version,
                definition->digest, definition->offset < 0 ? "file" : "published");
  append_offset(out, "offset", definition->offset);
  buffer_append_text(out, "}");
}

static void append_stream(struct buffer *out, const struct bundle_manifest *manifest,
                          const struct bundle_stream *stream) {
  const struct bundle_name *name = &stream->name;
  const char *topic = name->kind == BUNDLE_INPUT ? name->topic : bundle_manifest_topic(manifest, name->kind);
  buffer_printf(out, "{\"kind\":\"%s\",", kind_names[name->kind]);
  text(out, "topic", slice_of(topic));
  buffer_printf(out, "\"partition\":%" PRId32 ",\"parts\":%" PRIu32 ",\"records\":%" PRIu64, name->partition,
                stream->parts, stream->records);
  append_offset(out, "first", stream->first);
  append_offset(out, "last", stream->last);
  append_offset(out, "begin", stream->begin);
  buffer_append_text(out, "}");
}

void bundle_manifest_append(struct buffer *out, struct bundle_manifest *manifest, int64_t made_ms,
                            struct slice result) {
  sort(manifest);
  buffer_printf(out, "{\"bundle\":%d,\"program\":\"handover " HANDOVER_VERSION "\",\"made\":\"", BUNDLE_FORMAT);
  time_append(out, made_ms);
  buffer_append_text(out, "\",\n");
  text(out, "cluster", slice_of(manifest->cluster));
  text(out, "group", slice_of(manifest->group));
  text(out, "journal", slice_of(manifest->journal));
  text(out, "stage_changes", slice_of(manifest->stage_changes));
  text(out, "dead_letters", slice_of(manifest->dead_letters));
  text(out, "definitions_topic", slice_of(manifest->definitions_topic));
  buffer_printf(out, "\"event_bytes_max\":%" PRIu32 ",\"partitions\":%" PRId32 ",\n\"definitions\":[",
                manifest->event_bytes_max, manifest->partitions);
  for (int32_t i = 0; i < manifest->definition_count; i++) {
    buffer_append_text(out, i ? ",\n" : "\n");
    append_definition(out, &manifest->definitions[i]);
  }
  buffer_append_text(out, "],\n\"streams\":[");
  for (int32_t i = 0; i < manifest->stream_count; i++) {
    buffer_append_text(out, i ? ",\n" : "\n");
    append_stream(out, manifest, &manifest->streams[i]);
  }
  buffer_append_text(out, "],\n\"result\":");
  buffer_append(out, result.at, result.length);
  buffer_append_text(out, "}\n");
}

/* --- reading --- */

struct reading {
  const char *where; /* "" or which stream */
  char *why;
  size_t room;
};

static bool refuse(const struct reading *reading, const char *name, const char *what) {
  snprintf(reading->why, reading->room, "manifest.json: %s\"%s\" %s", reading->where, name, what);
  return false;
}

static bool read_whole(const struct reading *reading, const cJSON *object, const char *name, int64_t least,
                       int64_t most, int64_t *number) {
  const cJSON *node = cJSON_GetObjectItemCaseSensitive(object, name);
  double value = cJSON_IsNumber(node) ? node->valuedouble : -1;
  if (!(value >= (double)least && value <= (double)most && value <= WHOLE_MOST) || value != (double)(int64_t)value)
    return refuse(reading, name, "is not the number that is wanted");
  *number = (int64_t)value;
  return true;
}

static bool read_offset(const struct reading *reading, const cJSON *object, const char *name, int64_t *offset) {
  *offset = -1;
  if (cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(object, name))) return true;
  return read_whole(reading, object, name, 0, INT64_MAX, offset);
}

static bool read_text(const struct reading *reading, const cJSON *object, const char *name, char *value, size_t room) {
  const cJSON *node = cJSON_GetObjectItemCaseSensitive(object, name);
  if (!cJSON_IsString(node)) return refuse(reading, name, "is missing, or no string");
  if (strlen(node->valuestring) >= room) return refuse(reading, name, "is too long");
  snprintf(value, room, "%s", node->valuestring);
  return true;
}

static bool read_kind(const struct reading *reading, const cJSON *object, enum bundle_kind *kind) {
  char name[20];
  if (!read_text(reading, object, "kind", name, sizeof name)) return false;
  for (int i = BUNDLE_CHANGES; i <= BUNDLE_INPUT; i++) {
    *kind = (enum bundle_kind)i;
    if (strcmp(name, kind_names[i]) == 0) return true;
  }
  return refuse(reading, "kind", "is stage_changes, dead_letters, journal or input");
}

static bool read_stream(struct reading *reading, struct bundle_manifest *manifest, const cJSON *object) {
  struct bundle_stream stream = {0};
  int64_t partition, parts, records;
  bool good = read_kind(reading, object, &stream.name.kind) &&
              read_text(reading, object, "topic", stream.name.topic, sizeof stream.name.topic) &&
              read_whole(reading, object, "partition", 0, manifest->partitions - 1, &partition) &&
              read_whole(reading, object, "parts", 0, BUNDLE_PARTS, &parts) &&
              read_whole(reading, object, "records", 0, INT64_MAX, &records) &&
              read_offset(reading, object, "first", &stream.first) &&
              read_offset(reading, object, "last", &stream.last) &&
              read_whole(reading, object, "begin", 0, INT64_MAX, &stream.begin);
  if (!good) return false;
  if (stream.name.kind != BUNDLE_INPUT) *stream.name.topic = 0;
  stream.name.partition = (int32_t)partition;
  stream.parts = (uint32_t)parts;
  stream.records = (uint64_t)records;
  bundle_manifest_stream(manifest, &stream);
  return true;
}

static bool read_streams(struct reading *reading, struct bundle_manifest *manifest, const cJSON *list) {
  char where[40];
  const cJSON *node;
  int32_t number = 0;
  if (!cJSON_IsArray(list)) return refuse(reading, "streams", "is missing, or no list");
  cJSON_ArrayForEach(node, list) {
    snprintf(where, sizeof where, "stream %" PRId32 ": ", number++);
    reading->where = where;
    if (!read_stream(reading, manifest, node)) return false;
  }
  reading->where = "";
  sort(manifest);
  for (int32_t i = 1; i < manifest->stream_count; i++)
    if (by_stream(&manifest->streams[i - 1], &manifest->streams[i]) == 0)
      return refuse(reading, "streams", "names one twice");
  return true;
}

static bool read_all(struct reading *reading, struct bundle_manifest *manifest, const cJSON *root) {
  int64_t format, bytes, partitions;
  if (!read_whole(reading, root, "bundle", 0, INT32_MAX, &format)) return false;
  if (format != BUNDLE_FORMAT) return refuse(reading, "bundle", "is a format that this version does not know");
  bool good =
      read_text(reading, root, "cluster", manifest->cluster, sizeof manifest->cluster) &&
      read_text(reading, root, "group", manifest->group, sizeof manifest->group) &&
      read_text(reading, root, "journal", manifest->journal, sizeof manifest->journal) &&
      read_text(reading, root, "stage_changes", manifest->stage_changes, sizeof manifest->stage_changes) &&
      read_text(reading, root, "dead_letters", manifest->dead_letters, sizeof manifest->dead_letters) &&
      read_text(reading, root, "definitions_topic", manifest->definitions_topic, sizeof manifest->definitions_topic) &&
      read_whole(reading, root, "event_bytes_max", 1, INT32_MAX, &bytes) &&
      read_whole(reading, root, "partitions", 1, BUNDLE_PARTITIONS, &partitions);
  if (!good) return false;
  manifest->event_bytes_max = (uint32_t)bytes;
  manifest->partitions = (int32_t)partitions;
  return read_streams(reading, manifest, cJSON_GetObjectItemCaseSensitive(root, "streams"));
}

bool bundle_manifest_parse(struct bundle_manifest *manifest, struct slice bytes, char *why, size_t room) {
  struct reading reading = {"", why, room};
  size_t at;
  const char *wrong;
  if (!json_valid(bytes.at, bytes.length, &at, &wrong)) {
    snprintf(why, room, "manifest.json: at byte %zu: %s", at, wrong);
    return false;
  }
  cJSON *root = cJSON_ParseWithLength(bytes.at, bytes.length);
  bool good = root ? read_all(&reading, manifest, root) : refuse(&reading, "bundle", "is nested too deeply");
  cJSON_Delete(root);
  return good;
}
