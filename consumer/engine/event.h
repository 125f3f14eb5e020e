/* event.h: one engagement event as the engine sees it: slices and numbers, no JSON.
 *
 * The decoder (consumer/decode.h) fills it; everything in it points into the record or into the decoder's scratch and is
 * good until the decoder is used again for the same event. The engine copies what it keeps. */
#ifndef HANDOVER_ENGINE_EVENT_H
#define HANDOVER_ENGINE_EVENT_H

#include "slice.h"

enum value_kind {
  VALUE_ABSENT = 0,
  VALUE_NULL,
  VALUE_FALSE,
  VALUE_TRUE,
  VALUE_NUMBER,
  VALUE_STRING,
  VALUE_OBJECT,
  VALUE_ARRAY,
};

/* What stands at one field (a JSON Pointer that the definition uses). */
struct value {
  struct slice text; /* string: decoded UTF-8 (may hold NUL); number, true, false: its JSON text; else empty */
  double number;     /* set where `numeric` */
  uint8_t kind;      /* enum value_kind */
  bool numeric;      /* this is a JSON number, or (where the field asks for numbers) a string that is all a JSON number,
                        and its nearest double is finite */
};

/* Where a record stood in the log, and what Kafka knows of it. */
struct position {
  struct slice topic;
  int32_t partition;
  int64_t offset;
};

static inline uint64_t event_bit(int32_t field) { return UINT64_C(1) << (field < 63 ? field : 63); }

struct event {
  struct slice lead;    /* 1..255 bytes */
  struct slice name;    /* 1..255 bytes */
  struct slice id;      /* at == NULL: no id */
  int64_t time_ms;      /* after max_ahead has been applied */
  int32_t name_index;   /* into definition.names, or -1 where no pattern names it */
  uint64_t present;     /* bit i: something stands at field i; the last bit: at that one or any behind */
  struct value *values; /* definition.field_count of them */
};

#endif
