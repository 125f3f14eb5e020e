/* zone.h: what a time zone's difference from UTC was, is and will be, from the system's time zone database.
 *
 * Reads TZif files (RFC 9636) below $TZDIR or /usr/share/zoneinfo. The process' own time zone is neither asked nor set. May use:
 * config (definition_text), codec, producer/buffer.h. */
#ifndef HANDOVER_CONSUMER_ZONE_H
#define HANDOVER_CONSUMER_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../producer/buffer.h"

struct zone_change { /* from at_s on */
  int64_t at_s;      /* since 1970, UTC */
  int32_t offset_s;  /* local time minus UTC */
};

struct zone { /* zero it to start */
  struct zone_change *changes;
  int32_t count;
  bool rounded; /* an offset has seconds, which a definition cannot have: it is given to the nearest minute */
};

enum zone_outcome { ZONE_GOOD, ZONE_UNKNOWN /* no such name */, ZONE_BROKEN /* no database, or a file of no use */ };

/* The offsets in force from `from_s` until `to_s` (exclusive), whole minutes; the first stands at 1970, as a definition wants it. Not
 * ZONE_GOOD: a sentence in `why`. The caller calls zone_fini in any case. */
enum zone_outcome zone_read(struct zone *zone, const char *name, int64_t from_s, int64_t to_s, char *why, size_t room);
void zone_fini(struct zone *zone);

/* As JSON for a calendar's "offsets", a line a year, `indent` spaces before the closing bracket. */
void zone_append(struct buffer *out, const struct zone *zone, int indent);

/* A year or a date, like "2026" or "2026-03-01": where it begins, and where it is over. From 1970 to 2199. */
bool zone_period(const char *text, int64_t *begin_s, int64_t *over_s);

/* zone_rule.c: appends what the rule at a file's end (as of POSIX' TZ) says of the time behind the last change up to `to_s`. False: it is no
 * such rule. */
bool zone_rule(struct zone *zone, const char *rule, size_t length, int64_t to_s);
/* Appends a change, in the place of one at the same moment; one that is not later than the last is left out. */
void zone_add(struct zone *zone, int64_t at_s, int32_t offset_s);

#endif
