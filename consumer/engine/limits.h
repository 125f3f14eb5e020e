/* limits.h: every maximum of the definition language and of the engine, in one place (docs/definition.md). */
#ifndef HANDOVER_ENGINE_LIMITS_H
#define HANDOVER_ENGINE_LIMITS_H

enum {
  LIMIT_STAGES = 16,
  LIMIT_MOVES = 64,
  LIMIT_SLAS = 16,
  LIMIT_ROUTES = 64,
  LIMIT_CALENDARS = 16,
  LIMIT_ATTRIBUTES = 64,
  LIMIT_CRITERIA = 128,
  LIMIT_SCORES = 8,
  LIMIT_RULES = 128,          /* a score */
  LIMIT_TIMES = 32,           /* `happened` times, `at_most` times */
  LIMIT_KEEP = 256,           /* event times kept by a rule with `lasts` */
  LIMIT_DEDUPLICATE = 64,     /* message ids remembered a lead */
  LIMIT_TEXT = 255,           /* bytes of a name, lead, id or attribute text */
  LIMIT_DEPTH = 64,           /* nesting of JSON, in events and definitions */
  LIMIT_DEFINITION = 1 << 20, /* bytes of a definition */
  LIMIT_EVENT = 1 << 20,      /* bytes of an event, by default */
};

#define NANOPOINT INT64_C(1000000000)                 /* nanopoints a point */
#define LIMIT_SCORE (INT64_C(1000000000) * NANOPOINT) /* ±10⁹ points: what an accumulator is kept within */
#define TIME_NONE INT64_MIN                           /* "no such time", and −∞ */
#define TIME_NEVER INT64_MAX                          /* a deadline that does not come */
#define TIME_END INT64_C(7258118400000)               /* 2200-01-01T00:00:00Z, exclusive */

#endif
