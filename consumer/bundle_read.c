/* bundle_read.c: the archive's members, checked; each stream's parts one after the other. */
#include "bundle_read.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../config/trust.h"
#include "engine/memory.h"
#include "interrupt.h"
#include "terminal.h"

enum { BLOCK = 256 << 10, HEX = SHA256_HEX - 1, SHOWN = 300 };

struct bundle_member {
  char *text; /* its name */
  struct bundle_name name;
  int64_t at; /* within the spool */
  uint32_t length;
  char digest[SHA256_HEX];
};

struct bundle {
  struct bundle_member *members; /* by their names, once all are there: a stream's parts follow each other */
  size_t count, room;
  int spool;
  int64_t end; /* of the spool */
  char sha256[SHA256_HEX];
  struct bundle_manifest manifest;
};

struct bundle_opening {
  struct bundle *bundle;
  const char *path;
  int file;
  struct archive *archive;
  struct sha256 whole, member;
  char block[BLOCK], copy[BLOCK];
  struct buffer shown;
  enum bundle_outcome outcome;
  char *why;
  size_t room;
};

static bool refuse(struct bundle_opening *opening, enum bundle_outcome outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool refuse(struct bundle_opening *opening, enum bundle_outcome outcome, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(opening->why, opening->room, format, arguments);
  va_end(arguments);
  opening->outcome = outcome;
  return false;
}

/* A text that a stranger wrote, until the next one. */
static const char *safe(struct bundle_opening *opening, const char *text) {
  opening->shown.length = 0;
  struct terminal terminal = {.buffer = &opening->shown};
  terminal_text(&terminal, slice_of(text), SHOWN);
  *buffer_reserve(&opening->shown, 1) = 0;
  return opening->shown.at;
}

/* --- the spool --- */

/* Not /tmp, which may be memory. */
static int spool_open(void) {
  char path[4096];
  const char *folder = getenv("TMPDIR");
  if (snprintf(path, sizeof path, "%s/handover.XXXXXX", folder && *folder ? folder : "/var/tmp") >= (int)sizeof path)
    return -1;
  int file = mkstemp(path);
  if (file >= 0) unlink(path);
  return file;
}

static bool spool_write(struct bundle *bundle, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t count = write(bundle->spool, bytes, length);
    if (count < 0 && errno == EINTR && !interrupt_seen()) continue;
    if (count < 0) return false;
    bytes += count;
    length -= (size_t)count;
    bundle->end += count;
  }
  return true;
}

static bool spool_read(const struct bundle *bundle, const struct bundle_member *member, char *bytes) {
  size_t done = 0;
  while (done < member->length) {
    ssize_t count = pread(bundle->spool, bytes + done, member->length - done, member->at + (int64_t)done);
    if (count < 0 && errno == EINTR && !interrupt_seen()) continue;
    if (count <= 0) return false;
    done += (size_t)count;
  }
  return true;
}

/* --- the archive --- */

/* libarchive: the next piece of the packed archive. */
static la_ssize_t on_read(struct archive *archive, void *context, const void **bytes) {
  struct bundle_opening *opening = context;
  ssize_t count;
  do {
    count = read(opening->file, opening->block, sizeof opening->block);
  } while (count < 0 && errno == EINTR && !interrupt_seen());
  if (count < 0) {
    archive_set_error(archive, errno, "%s", interrupt_seen() ? "interrupted" : strerror(errno));
    opening->outcome = BUNDLE_OUTSIDE;
    return -1;
  }
  sha256_add(&opening->whole, opening->block, (size_t)count);
  *bytes = opening->block;
  return count;
}

static uint32_t length_most(enum bundle_kind kind) {
  switch (kind) {
    case BUNDLE_MANIFEST:
    case BUNDLE_SUMS: return BUNDLE_TEXT_MOST;
    case BUNDLE_TRUST: return TRUST_FILE;
    case BUNDLE_DEFINITION: return LIMIT_DEFINITION;
    case BUNDLE_CHANGES:
    case BUNDLE_DEAD_LETTERS:
    case BUNDLE_JOURNAL:
    case BUNDLE_INPUT: break;
  }
  return BUNDLE_PART_MOST;
}

/* Plain files by the names that there are, and of a size. */
static bool check_entry(struct bundle_opening *opening, struct archive_entry *entry, struct bundle_member *member) {
  const char *text = archive_entry_pathname(entry);
  if (!text) return refuse(opening, BUNDLE_USELESS, "a member has a name that cannot be read");
  if (!bundle_name_parse(text, &member->name))
    return refuse(opening, BUNDLE_USELESS, "%s: no member of a bundle is called so", safe(opening, text));
  if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) || archive_entry_symlink(entry))
    return refuse(opening, BUNDLE_USELESS, "%s: is no plain file", text);
  if (!archive_entry_size_is_set(entry) || archive_entry_size(entry) < 0 ||
      archive_entry_size(entry) > length_most(member->name.kind))
    return refuse(opening, BUNDLE_USELESS, "%s: is larger than it may be", text);
  member->length = (uint32_t)archive_entry_size(entry);
  member->text = memory_text(text);
  return true;
}

static bool fail_read(struct bundle_opening *opening, const char *name) {
  enum bundle_outcome outcome = opening->outcome == BUNDLE_GOOD ? BUNDLE_USELESS : opening->outcome;
  const char *error = archive_error_string(opening->archive);
  return refuse(opening, outcome, "%s%s%s", name, *name ? ": " : "", error ? safe(opening, error) : "is no archive");
}

static bool read_content(struct bundle_opening *opening, struct bundle_member *member) {
  uint32_t left = member->length;
  member->at = opening->bundle->end;
  while (left > 0) {
    la_ssize_t count = archive_read_data(opening->archive, opening->copy, left < BLOCK ? left : BLOCK);
    if (count < 0) return fail_read(opening, member->text);
    if (count == 0) return refuse(opening, BUNDLE_USELESS, "%s: ends too early", member->text);
    sha256_add(&opening->member, opening->copy, (size_t)count);
    if (!spool_write(opening->bundle, opening->copy, (size_t)count))
      return refuse(opening, BUNDLE_OUTSIDE, "%s: cannot be kept in TMPDIR, or /var/tmp: %s", member->text,
                    strerror(errno));
    left -= (uint32_t)count;
  }
  sha256_take(&opening->member, member->digest);
  return true;
}

static struct bundle_member *member_new(struct bundle *bundle) {
  if (bundle->count == bundle->room) {
    bundle->room = bundle->room ? bundle->room * 2 : 64;
    bundle->members = memory_grown(bundle->members, bundle->room * sizeof *bundle->members);
  }
  struct bundle_member *member = &bundle->members[bundle->count++];
  *member = (struct bundle_member){0};
  return member;
}

static bool read_members(struct bundle_opening *opening) {
  struct archive_entry *entry;
  for (;;) {
    int result = archive_read_next_header(opening->archive, &entry);
    if (result == ARCHIVE_EOF) return true;
    if (interrupt_seen()) return refuse(opening, BUNDLE_OUTSIDE, "interrupted");
    if (result != ARCHIVE_OK) return fail_read(opening, "");
    if (opening->bundle->count == BUNDLE_MEMBERS)
      return refuse(opening, BUNDLE_USELESS, "it has more than %d members", (int)BUNDLE_MEMBERS);
    struct bundle_member *member = member_new(opening->bundle);
    if (!check_entry(opening, entry, member) || !read_content(opening, member)) return false;
  }
}

/* What is behind the archive's end is in its digest, too. */
static bool read_rest(struct bundle_opening *opening) {
  const void *bytes;
  la_ssize_t count;
  while ((count = on_read(opening->archive, opening, &bytes)) > 0) continue;
  sha256_take(&opening->whole, opening->bundle->sha256);
  return count == 0 || fail_read(opening, "");
}

static bool read_archive(struct bundle_opening *opening) {
  opening->archive = archive_read_new();
  archive_read_support_format_tar(opening->archive);
  archive_read_support_filter_zstd(opening->archive);
  bool good = archive_read_open(opening->archive, opening, NULL, on_read, NULL) == ARCHIVE_OK || fail_read(opening, "");
  good = good && read_members(opening) && read_rest(opening);
  archive_read_free(opening->archive);
  return good;
}

/* --- the members together --- */

static int by_name(const void *a, const void *b) {
  return strcmp(((const struct bundle_member *)a)->text, ((const struct bundle_member *)b)->text);
}

static const struct bundle_member *find(const struct bundle *bundle, const char *text) {
  const struct bundle_member wanted = {.text = (char *)text};
  return bsearch(&wanted, bundle->members, bundle->count, sizeof wanted, by_name);
}

static bool sort_members(struct bundle_opening *opening) {
  struct bundle *bundle = opening->bundle;
  if (bundle->count == 0) return refuse(opening, BUNDLE_USELESS, "is no bundle: it is empty");
  qsort(bundle->members, bundle->count, sizeof *bundle->members, by_name);
  for (size_t i = 1; i < bundle->count; i++)
    if (strcmp(bundle->members[i - 1].text, bundle->members[i].text) == 0)
      return refuse(opening, BUNDLE_USELESS, "%s: is there twice", bundle->members[i].text);
  return true;
}

static char *load(struct bundle_opening *opening, const char *text, size_t *length) {
  const struct bundle_member *member = find(opening->bundle, text);
  if (!member) {
    refuse(opening, BUNDLE_USELESS, "is no bundle: it has no %s", text);
    return NULL;
  }
  char *bytes = memory_zeroed((size_t)member->length + 1, 1);
  *length = member->length;
  if (spool_read(opening->bundle, member, bytes)) return bytes;
  refuse(opening, BUNDLE_OUTSIDE, "%s: %s", text, strerror(errno));
  memory_free(bytes);
  return NULL;
}

/* One line of SHA256SUMS; its name is ended. */
static bool check_sum(struct bundle_opening *opening, char *line, char *end, char *seen) {
  *end = 0;
  if (end - line < HEX + 3 || line[HEX] != ' ' || line[HEX + 1] != ' ' || strlen(line) != (size_t)(end - line))
    return refuse(opening, BUNDLE_USELESS, "SHA256SUMS: a line is no digest and name: %s", safe(opening, line));
  const char *name = line + HEX + 2;
  const struct bundle_member *member = find(opening->bundle, name);
  if (!member) return refuse(opening, BUNDLE_ALTERED, "%s: is missing, though SHA256SUMS has it", safe(opening, name));
  if (seen[member - opening->bundle->members]++)
    return refuse(opening, BUNDLE_USELESS, "SHA256SUMS: has %s twice", name);
  if (memcmp(member->digest, line, HEX) != 0)
    return refuse(opening, BUNDLE_ALTERED, "%s: its digest is not the one in SHA256SUMS: it has been altered", name);
  return true;
}

static bool check_lines(struct bundle_opening *opening, char *text, size_t length, char *seen) {
  for (char *at = text; at < text + length;) {
    char *end = memchr(at, '\n', (size_t)(text + length - at));
    if (!end) return refuse(opening, BUNDLE_USELESS, "SHA256SUMS: its last line does not end");
    if (!check_sum(opening, at, end, seen)) return false;
    at = end + 1;
  }
  const struct bundle *bundle = opening->bundle;
  for (size_t i = 0; i < bundle->count; i++)
    if (!seen[i] && bundle->members[i].name.kind != BUNDLE_SUMS)
      return refuse(opening, BUNDLE_ALTERED, "%s: SHA256SUMS does not have it", bundle->members[i].text);
  return true;
}

static bool check_sums(struct bundle_opening *opening) {
  size_t length;
  char *text = load(opening, "SHA256SUMS", &length);
  if (!text) return false;
  char *seen = memory_zeroed(opening->bundle->count, 1);
  bool good = check_lines(opening, text, length, seen);
  memory_free(seen);
  memory_free(text);
  return good;
}

static bool is_numbered(const struct bundle_member *member) { return member->name.kind >= BUNDLE_DEFINITION; }

static bool is_next(const struct bundle_member *before, const struct bundle_member *member) {
  const struct bundle_name *a = &before->name, *b = &member->name;
  return a->kind == b->kind && a->partition == b->partition && strcmp(a->topic, b->topic) == 0;
}

/* Definitions, and the parts of a stream, are numbered from 0 without gaps; how many parts there are the manifest knows. */
static bool check_numbers(struct bundle_opening *opening) {
  const struct bundle *bundle = opening->bundle;
  for (size_t i = 0; i < bundle->count; i++) {
    const struct bundle_member *member = &bundle->members[i];
    if (!is_numbered(member)) continue;
    uint32_t wanted = i > 0 && is_next(member - 1, member) ? member[-1].name.number + 1 : 0;
    if (member->name.number != wanted)
      return refuse(opening, BUNDLE_ALTERED, "%s: number %" PRIu32 " is missing before it", member->text, wanted);
    if (member->name.kind == BUNDLE_DEFINITION) continue;
    const struct bundle_stream *stream = bundle_manifest_find(&bundle->manifest, &member->name);
    if (!stream || stream->parts <= wanted)
      return refuse(opening, BUNDLE_ALTERED, "%s: manifest.json does not have it", member->text);
  }
  return true;
}

static bool check_streams(struct bundle_opening *opening) {
  const struct bundle *bundle = opening->bundle;
  for (int32_t i = 0; i < bundle->manifest.stream_count; i++) {
    const struct bundle_stream *stream = &bundle->manifest.streams[i];
    struct bundle_name last = stream->name;
    char text[BUNDLE_NAME];
    if (stream->parts == 0) continue;
    last.number = stream->parts - 1;
    bundle_name_format(&last, text);
    if (!find(bundle, text))
      return refuse(opening, BUNDLE_ALTERED, "%s: is missing, though manifest.json has it", text);
  }
  return true;
}

static bool read_manifest(struct bundle_opening *opening) {
  size_t length;
  char *text = load(opening, "manifest.json", &length);
  if (!text) return false;
  bool good = bundle_manifest_parse(&opening->bundle->manifest, (struct slice){text, (uint32_t)length}, opening->why,
                                    opening->room);
  if (!good) opening->outcome = BUNDLE_USELESS;
  memory_free(text);
  return good;
}

/* --- the outside --- */

static bool read_bundle(struct bundle_opening *opening) {
  bool standard = strcmp(opening->path, "-") == 0;
  opening->file = standard ? STDIN_FILENO : open(opening->path, O_RDONLY | O_CLOEXEC);
  if (opening->file < 0) return refuse(opening, BUNDLE_USELESS, "%s", strerror(errno));
  opening->bundle->spool = spool_open();
  bool good = opening->bundle->spool >= 0;
  if (!good) refuse(opening, BUNDLE_OUTSIDE, "no file can be made in TMPDIR, or /var/tmp: %s", strerror(errno));
  good = good && read_archive(opening) && sort_members(opening) && check_sums(opening) && read_manifest(opening) &&
         check_numbers(opening) && check_streams(opening);
  if (!standard) close(opening->file);
  return good;
}

struct bundle *bundle_open(const char *path, enum bundle_outcome *outcome, char *why, size_t room) {
  struct bundle_opening *opening = memory_zeroed(1, sizeof *opening);
  struct bundle *bundle = memory_zeroed(1, sizeof *bundle);
  *opening = (struct bundle_opening){.bundle = bundle, .path = path, .why = why, .room = room};
  bundle->spool = -1;
  sha256_init(&opening->whole);
  sha256_init(&opening->member);
  bool good = read_bundle(opening);
  *outcome = opening->outcome;
  sha256_fini(&opening->whole);
  sha256_fini(&opening->member);
  buffer_fini(&opening->shown);
  memory_free(opening);
  if (good) return bundle;
  bundle_close(bundle);
  return NULL;
}

void bundle_close(struct bundle *bundle) {
  if (!bundle) return;
  for (size_t i = 0; i < bundle->count; i++) free(bundle->members[i].text);
  memory_free(bundle->members);
  if (bundle->spool >= 0) close(bundle->spool);
  bundle_manifest_fini(&bundle->manifest);
  memory_free(bundle);
}

const struct bundle_manifest *bundle_manifest(const struct bundle *bundle) { return &bundle->manifest; }
const char *bundle_sha256(const struct bundle *bundle) { return bundle->sha256; }

char *bundle_text(const struct bundle *bundle, const struct bundle_name *name, size_t *length, char *why, size_t room) {
  char text[BUNDLE_NAME];
  bundle_name_format(name, text);
  const struct bundle_member *member = find(bundle, text);
  *why = 0;
  if (!member) return NULL;
  char *bytes = memory_zeroed((size_t)member->length + 1, 1);
  *length = member->length;
  if (spool_read(bundle, member, bytes)) return bytes;
  snprintf(why, room, "%s: %s", text, strerror(errno));
  memory_free(bytes);
  return NULL;
}

/* --- streams --- */

struct bundle_reader {
  const struct bundle *bundle;
  struct bundle_stream stream; /* what has been read */
  struct slice topic;
  const struct bundle_member *member; /* whose bytes are in `part`; NULL: none yet */
  struct buffer part;
  struct slice rest; /* of the part */
  struct slice headers[BUNDLE_BATCH];
  bool over;
  char why[BUNDLE_WHY];
};

static const struct bundle_member *next_member(const struct bundle_reader *reader) {
  char text[BUNDLE_NAME];
  struct bundle_name name = reader->stream.name;
  name.number = reader->stream.parts;
  bundle_name_format(&name, text);
  return find(reader->bundle, text);
}

static void end(struct bundle_reader *reader, const char *what) {
  if (what) snprintf(reader->why, sizeof reader->why, "%s: %s", reader->member->text, what);
  reader->over = true;
}

/* The next part that has something in it. */
static void load_part(struct bundle_reader *reader) {
  while (!reader->over && reader->rest.length == 0) {
    const struct bundle_member *member = next_member(reader);
    if (!member) {
      end(reader, NULL);
      return;
    }
    reader->member = member;
    reader->stream.parts++;
    reader->part.length = 0;
    char *bytes = buffer_reserve(&reader->part, member->length);
    if (!spool_read(reader->bundle, member, bytes)) end(reader, strerror(errno));
    else reader->rest = (struct slice){bytes, member->length};
  }
}

struct bundle_reader *bundle_reader_start(const struct bundle *bundle, const struct bundle_name *name,
                                          struct slice topic) {
  struct bundle_reader *reader = memory_zeroed(1, sizeof *reader);
  reader->bundle = bundle;
  reader->topic = topic;
  reader->stream = (struct bundle_stream){.name = *name, .first = -1, .last = -1};
  load_part(reader);
  return reader;
}

void bundle_reader_end(struct bundle_reader *reader) {
  if (!reader) return;
  buffer_fini(&reader->part);
  memory_free(reader);
}

/* The next one of the part. */
static bool take(struct bundle_reader *reader, struct record *record, struct slice *headers) {
  struct bundle_stream *stream = &reader->stream;
  char what[120];
  *record = (struct record){.position = {reader->topic, stream->name.partition, 0}};
  if (!bundle_record_take(&reader->rest, record, headers)) {
    snprintf(what, sizeof what, "what follows the record at offset %" PRId64 " is none", stream->last);
    end(reader, what);
    return false;
  }
  if (record->position.offset <= stream->last) {
    snprintf(what, sizeof what, "the record at offset %" PRId64 " comes after that at %" PRId64,
             record->position.offset, stream->last);
    end(reader, what);
    return false;
  }
  if (stream->records++ == 0) stream->first = record->position.offset;
  stream->last = record->position.offset;
  return true;
}

int32_t bundle_reader_read(struct bundle_reader *reader, struct record *records, int32_t room) {
  int32_t count = 0;
  load_part(reader);
  if (room > BUNDLE_BATCH) room = BUNDLE_BATCH;
  while (!reader->over && count < room && reader->rest.length > 0)
    if (take(reader, &records[count], &reader->headers[count])) count++;
  return count;
}

struct slice bundle_reader_headers(const struct bundle_reader *reader, int32_t index) {
  return reader->headers[index];
}

int64_t bundle_reader_begin(const struct bundle_reader *reader) {
  const struct bundle_stream *stream = bundle_manifest_find(&reader->bundle->manifest, &reader->stream.name);
  return stream ? stream->begin : 0;
}

/* As soon as the last one has been handed out. */
bool bundle_reader_over(const struct bundle_reader *reader) {
  return reader->over || (reader->rest.length == 0 && !next_member(reader));
}

const char *bundle_reader_why(const struct bundle_reader *reader) { return reader->why; }

static void append_stream(char *text, size_t room, const struct bundle_stream *stream) {
  if (!stream || stream->records == 0) snprintf(text, room, "none");
  else
    snprintf(text, room, "%" PRIu64 ", offsets %" PRId64 " to %" PRId64, stream->records, stream->first, stream->last);
}

bool bundle_reader_agrees(struct bundle_reader *reader, char *why, size_t room) {
  const struct bundle_stream *is = &reader->stream;
  const struct bundle_stream *told = bundle_manifest_find(&reader->bundle->manifest, &is->name);
  char is_text[100], told_text[100];
  if (told ? told->records == is->records && told->first == is->first && told->last == is->last : is->records == 0)
    return true;
  append_stream(is_text, sizeof is_text, is);
  append_stream(told_text, sizeof told_text, told);
  snprintf(why, room, "records of %.*s in the bundle: %s; by its manifest: %s", (int)reader->topic.length,
           reader->topic.at, is_text, told_text);
  return false;
}
