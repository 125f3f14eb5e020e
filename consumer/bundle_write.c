/* bundle_write.c: libarchive packs; a mutex lets one member in after the other. */
#include "bundle_write.h"

#include <archive.h>
#include <archive_entry.h>
#include <assert.h>
#include <pthread.h>
#include <stdio.h>

#include "clock.h"
#include "engine/memory.h"
#include "replace.h"

enum { WHY = 500, BLOCK = 256 << 10, MODE = 0644 };

#define LEVEL "1" /* events: 3 takes more than twice the time, and no less room */

struct bundle_writer {
  struct beside file;
  int64_t made_ms;
  struct archive *archive;
  struct sha256 whole; /* of the file */
  struct buffer sums;
  struct bundle_manifest manifest;
  pthread_mutex_t lock; /* all of this, but `made_ms` */
  char why[WHY];        /* nothing comes of it */
};

struct bundle_copy {
  struct bundle_writer *writer;
  struct bundle_stream stream;
  struct buffer part;
};

/* --- the archive --- */

/* The first that goes wrong counts. */
static void note(struct bundle_writer *writer, const char *why) {
  if (!*writer->why) snprintf(writer->why, sizeof writer->why, "%s", why ? why : "it cannot be written");
}

/* libarchive: a piece of the packed archive. What goes wrong is noted and hidden from libarchive, which would not clear up after it. */
static la_ssize_t on_write(struct archive *archive, void *context, const void *bytes, size_t length) {
  (void)archive;
  struct bundle_writer *writer = context;
  char why[WHY];
  if (*writer->why) return (la_ssize_t)length;
  if (!beside_write(&writer->file, bytes, length, why, sizeof why)) note(writer, why);
  sha256_add(&writer->whole, bytes, length);
  return (la_ssize_t)length;
}

static bool check(struct bundle_writer *writer, int result) {
  if (result != ARCHIVE_OK) note(writer, archive_error_string(writer->archive));
  return result == ARCHIVE_OK;
}

static bool put_bytes(struct bundle_writer *writer, const char *bytes, size_t length) {
  while (length > 0) {
    la_ssize_t count = archive_write_data(writer->archive, bytes, length);
    if (count <= 0) return check(writer, ARCHIVE_FATAL);
    bytes += count;
    length -= (size_t)count;
  }
  return true;
}

/* Under the lock. */
static void put_member(struct bundle_writer *writer, const char *name, const char *bytes, size_t length) {
  if (*writer->why) return;
  struct archive_entry *entry = archive_entry_new();
  archive_entry_set_pathname(entry, name);
  archive_entry_set_size(entry, (la_int64_t)length);
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_perm(entry, MODE);
  archive_entry_set_mtime(entry, (time_t)(writer->made_ms / 1000), 0);
  if (check(writer, archive_write_header(writer->archive, entry))) put_bytes(writer, bytes, length);
  archive_entry_free(entry);
}

static void put(struct bundle_writer *writer, const char *name, const char *bytes, size_t length) {
  char hex[SHA256_HEX];
  struct sha256 hash;
  sha256_init(&hash);
  sha256_add(&hash, bytes, length);
  sha256_take(&hash, hex);
  sha256_fini(&hash);
  pthread_mutex_lock(&writer->lock);
  buffer_printf(&writer->sums, "%s  %s\n", hex, name);
  put_member(writer, name, bytes, length);
  pthread_mutex_unlock(&writer->lock);
}

static void put_named(struct bundle_writer *writer, const struct bundle_name *name, const char *bytes, size_t length) {
  char text[BUNDLE_NAME];
  bundle_name_format(name, text);
  put(writer, text, bytes, length);
}

/* --- the outside --- */

static void archive_open(struct bundle_writer *writer) {
  writer->archive = archive_write_new();
  bool good = check(writer, archive_write_set_format_pax_restricted(writer->archive)) &&
              check(writer, archive_write_add_filter_zstd(writer->archive)) &&
              check(writer, archive_write_set_filter_option(writer->archive, "zstd", "compression-level", LEVEL)) &&
              check(writer, archive_write_set_bytes_per_block(writer->archive, BLOCK)) &&
              check(writer, archive_write_set_bytes_in_last_block(writer->archive, 1)) &&
              check(writer, archive_write_open(writer->archive, writer, NULL, on_write, NULL));
  (void)good; /* noted */
}

struct bundle_writer *bundle_writer_open(const char *path, bool over, char *why, size_t room) {
  struct bundle_writer *writer = memory_zeroed(1, sizeof *writer);
  if (!beside_open(&writer->file, path, over && access(path, F_OK) == 0, why, room)) {
    memory_free(writer);
    return NULL;
  }
  writer->made_ms = clock_wall_ms();
  sha256_init(&writer->whole);
  pthread_mutex_init(&writer->lock, NULL);
  archive_open(writer);
  return writer;
}

struct bundle_manifest *bundle_writer_manifest(struct bundle_writer *writer) {
  return &writer->manifest;
}

void bundle_writer_definition(struct bundle_writer *writer, const struct definition *definition, struct slice bytes,
                              int64_t offset) {
  const struct bundle_name name = {.kind = BUNDLE_DEFINITION, .number = (uint32_t)writer->manifest.definition_count};
  struct bundle_definition row = {.number = name.number, .version = definition->version, .offset = offset};
  snprintf(row.name, sizeof row.name, "%.*s", (int)definition->name.length, definition->name.at);
  snprintf(row.digest, sizeof row.digest, "%.*s", (int)definition->digest.length, definition->digest.at);
  assert(name.number < BUNDLE_DEFINITIONS); /* a catalog's versions, and the signatures of each */
  bundle_manifest_definition(&writer->manifest, &row);
  put_named(writer, &name, bytes.at, bytes.length);
}

void bundle_writer_trust(struct bundle_writer *writer, const struct trust *trust) {
  const struct bundle_name name = {.kind = BUNDLE_TRUST};
  struct buffer text = {0};
  trust_append(&text, trust);
  put_named(writer, &name, text.at, text.length);
  buffer_fini(&text);
}

void bundle_writer_fail(struct bundle_writer *writer, const char *why) {
  pthread_mutex_lock(&writer->lock);
  note(writer, why);
  pthread_mutex_unlock(&writer->lock);
}

static void put_end(struct bundle_writer *writer, struct slice result) {
  const struct bundle_name manifest = {.kind = BUNDLE_MANIFEST};
  struct buffer text = {0};
  bundle_manifest_append(&text, &writer->manifest, writer->made_ms, result);
  put_named(writer, &manifest, text.at, text.length);
  buffer_fini(&text);
  put_member(writer, "SHA256SUMS", writer->sums.at, writer->sums.length);
  if (!*writer->why) check(writer, archive_write_close(writer->archive));
}

bool bundle_writer_finish(struct bundle_writer *writer, struct slice result, char sha256[SHA256_HEX], char *why,
                          size_t room) {
  put_end(writer, result);
  sha256_take(&writer->whole, sha256);
  bool good = !*writer->why;
  if (good) good = beside_settle(&writer->file, why, room);
  else snprintf(why, room, "%s", writer->why);
  bundle_writer_drop(writer);
  return good;
}

void bundle_writer_drop(struct bundle_writer *writer) {
  if (!writer) return;
  note(writer, "it is given up"); /* whatever is left in it is not written */
  archive_write_free(writer->archive);
  beside_drop(&writer->file);
  sha256_fini(&writer->whole);
  buffer_fini(&writer->sums);
  bundle_manifest_fini(&writer->manifest);
  pthread_mutex_destroy(&writer->lock);
  memory_free(writer);
}

/* --- streams --- */

struct bundle_copy *bundle_copy_start(struct bundle_writer *writer, const struct bundle_name *name, int64_t begin) {
  struct bundle_copy *copy = memory_zeroed(1, sizeof *copy);
  copy->writer = writer;
  copy->stream = (struct bundle_stream){.name = *name, .first = -1, .last = -1, .begin = begin};
  return copy;
}

static void put_part(struct bundle_copy *copy) {
  struct bundle_name name = copy->stream.name;
  name.number = copy->stream.parts++;
  if (copy->stream.parts > BUNDLE_PARTS) bundle_writer_fail(copy->writer, "more than a million parts of one topic");
  else put_named(copy->writer, &name, copy->part.at, copy->part.length);
  copy->part.length = 0;
}

void bundle_copy_add(struct bundle_copy *copy, const struct record *record, struct slice headers) {
  struct bundle_stream *stream = &copy->stream;
  if (stream->records++ == 0) stream->first = record->position.offset;
  stream->last = record->position.offset;
  bundle_record_append(&copy->part, record, headers);
  if (copy->part.length >= BUNDLE_PART) put_part(copy);
}

void bundle_copy_end(struct bundle_copy *copy) {
  if (!copy) return;
  if (copy->part.length > 0) put_part(copy);
  pthread_mutex_lock(&copy->writer->lock);
  bundle_manifest_stream(&copy->writer->manifest, &copy->stream);
  pthread_mutex_unlock(&copy->writer->lock);
  buffer_fini(&copy->part);
  memory_free(copy);
}
