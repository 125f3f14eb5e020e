/* source_unpack.c: read(2), inflate and ZSTD_decompressStream behind one call.
 *
 * Plain bytes are read to where the caller wants them; packed ones go through `packed`. A file that ends within a member or frame,
 * or before the first one, is broken: what was unpacked until then has been handed out. */
#include "source_unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "engine/memory.h"
#include "interrupt.h"

enum { PACKED_BYTES = 256 << 10, GZIP_WINDOW = 16 + MAX_WBITS };

enum packing { PACKING_NONE, PACKING_GZIP, PACKING_ZSTD };

struct source_unpack {
  int descriptor;
  bool live;
  enum packing packing;
  uint64_t packed_bytes;
  size_t at, end;              /* of `packed` */
  bool within;                 /* a member or frame has begun and is not over */
  bool begun;                  /* one has begun */
  enum source_outcome trouble; /* what it broke with, told once all before it is handed out */
  char trouble_why[SOURCE_WHY];
  z_stream gzip;   /* PACKING_GZIP */
  ZSTD_DCtx *zstd; /* PACKING_ZSTD */
  char packed[PACKED_BYTES];
};

static enum source_outcome say(enum source_outcome outcome, char *why, const char *text) {
  snprintf(why, SOURCE_WHY, "%s", text);
  return outcome;
}

/* read(2), until there is something. */
static enum source_outcome take(struct source_unpack *unpack, char *to, size_t room, size_t *got, char *why) {
  for (;;) {
    if (interrupt_seen()) return SOURCE_INTERRUPTED;
    ssize_t count = read(unpack->descriptor, to, room);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return say(SOURCE_FAILED, why, strerror(errno));
    if (count == 0) return SOURCE_END;
    unpack->packed_bytes += (uint64_t)count;
    *got = (size_t)count;
    return SOURCE_OK;
  }
}

static enum source_outcome fill(struct source_unpack *unpack, char *why) {
  size_t got;
  enum source_outcome outcome = take(unpack, unpack->packed, sizeof unpack->packed, &got, why);
  if (outcome != SOURCE_OK) return outcome;
  unpack->at = 0;
  unpack->end = got;
  return SOURCE_OK;
}

static enum source_outcome inflate_some(struct source_unpack *unpack, char *to, size_t room, size_t *got, char *why) {
  z_stream *z = &unpack->gzip;
  if (!unpack->within) inflateReset(z);
  unpack->within = unpack->begun = true;
  z->next_in = (Bytef *)unpack->packed + unpack->at;
  z->avail_in = (uInt)(unpack->end - unpack->at);
  z->next_out = (Bytef *)to;
  z->avail_out = (uInt)(room < PACKED_BYTES ? room : PACKED_BYTES);
  int result = inflate(z, Z_NO_FLUSH);
  unpack->at = unpack->end - z->avail_in;
  *got = (size_t)(z->next_out - (Bytef *)to);
  if (result == Z_STREAM_END) unpack->within = false;
  if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR) return SOURCE_OK;
  snprintf(why, SOURCE_WHY, "not good gzip: %s", z->msg ? z->msg : "broken");
  return result == Z_MEM_ERROR ? SOURCE_FAILED : SOURCE_BAD;
}

static enum source_outcome zstd_some(struct source_unpack *unpack, char *to, size_t room, size_t *got, char *why) {
  ZSTD_inBuffer in = {unpack->packed, unpack->end, unpack->at};
  ZSTD_outBuffer out = {to, room, 0};
  size_t result = ZSTD_decompressStream(unpack->zstd, &out, &in);
  unpack->begun = true;
  unpack->within = result != 0;
  unpack->at = in.pos;
  *got = out.pos;
  if (!ZSTD_isError(result)) return SOURCE_OK;
  snprintf(why, SOURCE_WHY, "not good zstd: %s", ZSTD_getErrorName(result));
  return SOURCE_BAD;
}

static enum source_outcome unpack_some(struct source_unpack *unpack, char *to, size_t room, size_t *got, char *why) {
  for (;;) {
    *got = 0;
    size_t before = unpack->at;
    if (unpack->trouble == SOURCE_OK && (unpack->within || unpack->at < unpack->end)) {
      bool gzip = unpack->packing == PACKING_GZIP;
      unpack->trouble = (gzip ? inflate_some : zstd_some)(unpack, to, room, got, unpack->trouble_why);
      if (*got > 0) return SOURCE_OK;
    }
    if (unpack->trouble != SOURCE_OK) return say(unpack->trouble, why, unpack->trouble_why);
    if (unpack->at > before && unpack->at < unpack->end) continue;
    enum source_outcome outcome = fill(unpack, why);
    if (outcome == SOURCE_END && (unpack->within || !unpack->begun)) {
      return say(SOURCE_BAD, why, "the packed file ends too early; it is not whole");
    }
    if (outcome != SOURCE_OK) return outcome;
  }
}

enum source_outcome source_unpack_read(struct source_unpack *unpack, char *to, size_t room, size_t *got, char *why) {
  if (interrupt_seen()) return SOURCE_INTERRUPTED;
  if (unpack->packing != PACKING_NONE) return unpack_some(unpack, to, room, got, why);
  if (unpack->at == unpack->end) return take(unpack, to, room, got, why);
  *got = unpack->end - unpack->at < room ? unpack->end - unpack->at : room; /* what was read to see what it is */
  memcpy(to, unpack->packed + unpack->at, *got);
  unpack->at += *got;
  return SOURCE_OK;
}

/* Opening */

static bool has_ending(const char *path, const char *ending) {
  size_t length = strlen(path), wanted = strlen(ending);
  return length > wanted && strcmp(path + length - wanted, ending) == 0;
}

static enum packing packing_of_name(const char *path) {
  if (has_ending(path, ".gz")) return PACKING_GZIP;
  return has_ending(path, ".zst") ? PACKING_ZSTD : PACKING_NONE;
}

/* By the first four bytes, of what may come in pieces. An error is met again by the first read. */
static enum packing packing_of_bytes(struct source_unpack *unpack) {
  static const char gzip[] = "\x1f\x8b", zstd[] = "\x28\xb5\x2f\xfd";
  char why[SOURCE_WHY];
  size_t got;
  while (unpack->end < 4 &&
         take(unpack, unpack->packed + unpack->end, sizeof unpack->packed - unpack->end, &got, why) == SOURCE_OK) {
    unpack->end += got;
    if (unpack->packed[0] != gzip[0] && unpack->packed[0] != zstd[0]) return PACKING_NONE;
  }
  if (unpack->end >= 2 && memcmp(unpack->packed, gzip, 2) == 0) return PACKING_GZIP;
  return unpack->end >= 4 && memcmp(unpack->packed, zstd, 4) == 0 ? PACKING_ZSTD : PACKING_NONE;
}

static bool start(struct source_unpack *unpack) {
  if (unpack->packing == PACKING_GZIP) return inflateInit2(&unpack->gzip, GZIP_WINDOW) == Z_OK;
  if (unpack->packing == PACKING_ZSTD) return (unpack->zstd = ZSTD_createDCtx()) != NULL;
  return true;
}

struct source_unpack *source_unpack_open(const char *path, char *why) {
  bool standard = strcmp(path, "-") == 0;
  struct stat status;
  int descriptor = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 || fstat(descriptor, &status) != 0) {
    say(SOURCE_BAD, why, strerror(errno));
    if (descriptor > STDIN_FILENO) close(descriptor);
    return NULL;
  }
  struct source_unpack *unpack = memory_zeroed(1, sizeof *unpack);
  unpack->descriptor = descriptor;
  unpack->live = !S_ISREG(status.st_mode);
  if (S_ISDIR(status.st_mode)) {
    say(SOURCE_BAD, why, "is a directory");
    goto fail;
  }
  unpack->packing = standard || unpack->live ? packing_of_bytes(unpack) : packing_of_name(path);
  if (start(unpack)) return unpack;
  unpack->packing = PACKING_NONE;
  say(SOURCE_BAD, why, "no memory to unpack it");
fail:
  source_unpack_close(unpack);
  return NULL;
}

void source_unpack_close(struct source_unpack *unpack) {
  if (!unpack) return;
  if (unpack->packing == PACKING_GZIP) inflateEnd(&unpack->gzip);
  ZSTD_freeDCtx(unpack->zstd);
  if (unpack->descriptor != STDIN_FILENO) close(unpack->descriptor);
  memory_free(unpack);
}

bool source_unpack_live(const struct source_unpack *unpack) { return unpack->live; }
uint64_t source_unpack_packed_bytes(const struct source_unpack *unpack) { return unpack->packed_bytes; }
