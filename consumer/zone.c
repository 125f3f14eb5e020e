/* zone.c: a TZif file: header, the moments at which something changed, which of a few types held from then on, and a rule for
 * all the time after the last of them (zone_rule.c).
 *
 * A file of version 2 or later begins with a block of 32-bit times for old readers; a second one of 64-bit times follows, and the
 * rule between two line breaks. A file's bytes are not trusted: every count is checked against its length. */
#include "zone.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../config/definition.h"
#include "../producer/encode.h"
#include "decode.h"
#include "engine/memory.h"

enum { HEADER = 44, TYPE = 6, NAME_MOST = 64, MINUTE_S = 60, DAY_S = 86400, PATH_ROOM = 4096 };

static const char name_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";

/* --- the file --- */

struct block { /* of a file: where its parts are */
  const unsigned char *times, *indices, *types;
  uint32_t time_count, type_count, leap_count;
  size_t width; /* of a time, in bytes */
  size_t length;
};

static uint32_t read_32(const unsigned char *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int64_t read_time(const struct block *block, uint32_t i) {
  const unsigned char *at = block->times + i * block->width;
  if (block->width == 4) return (int32_t)read_32(at);
  return (int64_t)((uint64_t)read_32(at) << 32 | read_32(at + 4));
}

/* A block at `at`, of `left` bytes that there are. */
static bool read_block(struct block *block, const unsigned char *at, size_t left, size_t width) {
  if (left < HEADER || memcmp(at, "TZif", 4) != 0) return false;
  size_t utc = read_32(at + 20), standard = read_32(at + 24), leaps = read_32(at + 28), times = read_32(at + 32),
         types = read_32(at + 36), letters = read_32(at + 40);
  if (times > left || types > left || letters > left || leaps > left || utc > left || standard > left) return false;
  size_t length = HEADER + times * width + times + types * TYPE + letters + leaps * (width + 4) + standard + utc;
  if (length > left || types == 0) return false;
  *block = (struct block){.times = at + HEADER, .width = width, .length = length};
  block->indices = block->times + times * width;
  block->types = block->indices + times;
  block->time_count = (uint32_t)times;
  block->type_count = (uint32_t)types;
  block->leap_count = (uint32_t)leaps;
  return true;
}

static bool add_type(struct zone *zone, const struct block *block, int64_t at_s, uint32_t type) {
  if (type >= block->type_count) return false;
  int32_t offset_s = (int32_t)read_32(block->types + (size_t)type * TYPE);
  if (offset_s <= -DAY_S || offset_s >= DAY_S) return false;
  zone_add(zone, at_s, offset_s);
  return true;
}

/* Before the first change the first type holds. */
static bool add_block(struct zone *zone, const struct block *block) {
  bool good = add_type(zone, block, INT64_MIN, 0);
  for (uint32_t i = 0; i < block->time_count && good; i++)
    good = add_type(zone, block, read_time(block, i), block->indices[i]);
  return good;
}

static bool parse_file(struct zone *zone, const char *text, size_t length, int64_t to_s, const char **why) {
  const unsigned char *bytes = (const unsigned char *)text;
  struct block block = {0};
  *why = "is no time zone's file";
  if (!read_block(&block, bytes, length, 4)) return false;
  size_t at = 0;
  if (bytes[4] >= '2') {
    at = block.length;
    if (!read_block(&block, bytes + at, length - at, 8)) return false;
  }
  if (block.leap_count) {
    *why = "counts leap seconds, which events do not: take the zone without right/";
    return false;
  }
  if (!add_block(zone, &block)) return false;
  const char *rule = text + at + block.length;
  size_t left = length - at - block.length;
  if (block.width == 4 || left < 2 || rule[0] != '\n') return block.width == 4;
  const char *end = memchr(rule + 1, '\n', left - 1);
  return end && (end == rule + 1 || zone_rule(zone, rule + 1, (size_t)(end - rule - 1), to_s));
}

/* --- the changes --- */

void zone_add(struct zone *zone, int64_t at_s, int32_t offset_s) {
  struct zone_change *last = zone->count ? &zone->changes[zone->count - 1] : NULL;
  if (last && last->at_s > at_s) return;
  if (last && last->at_s == at_s) {
    last->offset_s = offset_s;
    return;
  }
  zone->changes = memory_grown(zone->changes, (size_t)(zone->count + 1) * sizeof *zone->changes);
  zone->changes[zone->count++] = (struct zone_change){at_s, offset_s};
}

static int32_t nearest_minute(int32_t offset_s) {
  int32_t half = offset_s < 0 ? -MINUTE_S / 2 : MINUTE_S / 2;
  return (offset_s + half) / MINUTE_S * MINUTE_S;
}

/* Only what is in force between the two times stays, and of neighbours with the same offset the first. */
static void keep(struct zone *zone, int64_t from_s, int64_t to_s) {
  int32_t first = 0, kept = 0;
  while (first + 1 < zone->count && zone->changes[first + 1].at_s <= from_s) first++;
  zone->changes[first].at_s = 0;
  for (int32_t i = first; i < zone->count && zone->changes[i].at_s < to_s; i++) {
    struct zone_change change = zone->changes[i];
    int32_t offset_s = nearest_minute(change.offset_s);
    zone->rounded |= offset_s != change.offset_s;
    if (kept && zone->changes[kept - 1].offset_s == offset_s) continue;
    zone->changes[kept++] = (struct zone_change){change.at_s, offset_s};
  }
  zone->count = kept;
}

void zone_fini(struct zone *zone) {
  memory_free(zone->changes);
  *zone = (struct zone){0};
}

/* --- by name --- */

/* No dots, so no way out of the folder. */
static bool is_name(const char *name) {
  size_t length = strnlen(name, NAME_MOST + 1);
  return length > 0 && length <= NAME_MOST && strspn(name, name_bytes) == length && name[0] != '/' && name[0] != '-' &&
         name[length - 1] != '/' && !strstr(name, "//");
}

static const char *folder_of_zones(void) {
  const char *folder = getenv("TZDIR");
  return folder && *folder ? folder : "/usr/share/zoneinfo";
}

static enum zone_outcome not_there(const char *folder, int error, char *why, size_t room) {
  struct stat status;
  if (stat(folder, &status) != 0) {
    snprintf(why, room,
             "there is no time zone database in %.300s: install the package tzdata, or say in TZDIR where it is",
             folder);
    return ZONE_BROKEN;
  }
  bool unknown = error == ENOENT || error == EISDIR || error == ENOTDIR;
  if (unknown) snprintf(why, room, "there is no such time zone in %.300s; names are like Europe/Berlin", folder);
  else snprintf(why, room, "cannot be read in %.300s: %s", folder, strerror(error));
  return unknown ? ZONE_UNKNOWN : ZONE_BROKEN;
}

enum zone_outcome zone_read(struct zone *zone, const char *name, int64_t from_s, int64_t to_s, char *why, size_t room) {
  char path[PATH_ROOM];
  const char *folder = folder_of_zones(), *reason;
  size_t length;
  if (!is_name(name)) {
    snprintf(why, room, "is no name of a time zone; they are like Europe/Berlin");
    return ZONE_UNKNOWN;
  }
  if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
    return not_there(folder, ENOENT, why, room);
  char *text = definition_text(path, &length);
  if (!text) return not_there(folder, errno, why, room);
  bool good = parse_file(zone, text, length, to_s, &reason);
  memory_free(text);
  if (!good) {
    snprintf(why, room, "the file in %.300s %s", folder, reason);
    return ZONE_BROKEN;
  }
  keep(zone, from_s, to_s);
  return ZONE_GOOD;
}

/* --- as text --- */

static void append_change(struct buffer *out, const struct zone_change *change) {
  int32_t minutes = abs(change->offset_s) / MINUTE_S;
  buffer_append_text(out, "[\"");
  time_append(out, change->at_s * 1000);
  out->length -= sizeof ".000Z" - 1;
  buffer_printf(out, "Z\", \"%c%02d:%02d\"]", change->offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

/* The year's four digits begin two bytes behind where an entry begins. */
void zone_append(struct buffer *out, const struct zone *zone, int indent) {
  size_t line = 0;
  buffer_append_text(out, "[");
  for (int32_t i = 0; i < zone->count; i++) {
    struct buffer entry = {0};
    append_change(&entry, &zone->changes[i]);
    bool same = line && memcmp(out->at + line, entry.at, 6) == 0;
    buffer_printf(out, same ? ", " : "%s\n%*s", line ? "," : "", indent + 2, "");
    if (!same) line = out->length;
    buffer_append(out, entry.at, entry.length);
    buffer_fini(&entry);
  }
  buffer_printf(out, "\n%*s]", indent, "");
}

bool zone_period(const char *text, int64_t *begin_s, int64_t *over_s) {
  char first[32], last[32];
  int64_t begin_ms, last_ms;
  size_t length = strnlen(text, 11);
  if (length != 4 && length != 10) return false;
  snprintf(first, sizeof first, length == 4 ? "%.10s-01-01T00:00:00Z" : "%.10sT00:00:00Z", text);
  snprintf(last, sizeof last, length == 4 ? "%.10s-12-31T00:00:00Z" : "%.10sT00:00:00Z", text);
  if (!time_parse(slice_of(first), &begin_ms) || !time_parse(slice_of(last), &last_ms)) return false;
  *begin_s = begin_ms / 1000;
  *over_s = last_ms / 1000 + DAY_S;
  return true;
}
