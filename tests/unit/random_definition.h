/* random_definition.h: definitions of every kind by a seed, for tests that hold one way of deciding against another. */
#ifndef HANDOVER_TESTS_RANDOM_DEFINITION_H
#define HANDOVER_TESTS_RANDOM_DEFINITION_H

#include <stdint.h>

#include "../../producer/buffer.h"

static uint64_t random_state;

static inline uint32_t below(uint32_t n) {
  random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)((random_state >> 33) % n);
}

static inline const char *pick(const char *const *from, uint32_t count) { return from[below(count)]; }
#define PICK(...) pick((const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

enum place { ANYWHERE, NO_EVENT };

static inline void add_leaf(struct buffer *out, enum place place, int criteria) {
  switch (below(place == ANYWHERE ? 7 : 6)) {
    case 0:
      buffer_printf(out, "{\"score\":\"%s\",\"%s\":%d}", PICK("s", "t", "f"),
                    PICK("at_least", "at_most", "above", "below"), (int)below(30) - 10);
      break;
    case 1: buffer_printf(out, "{\"quiet_for\":\"%s\"}", PICK("3h", "1d", "5d")); break;
    case 2:
      buffer_printf(out, "{\"happened\":\"%s\",\"times\":%u%s}", PICK("V", "U", "W"), 1 + below(3),
                    PICK("", ",\"within\":\"1d\"", ",\"within\":\"7h\""));
      break;
    case 3: buffer_printf(out, "{\"attribute\":\"n\",\"%s\":%u}", PICK("above", "below"), below(10)); break;
    case 4:
      if (criteria > 0) {
        buffer_printf(out, "\"c%u\"", below((uint32_t)criteria));
        break;
      }
      __attribute__((fallthrough));
    case 5: buffer_printf(out, "{\"score\":\"s\",\"%s\":%d}", PICK("at_least", "below"), (int)below(40) - 15); break;
    default: buffer_printf(out, "{\"event\":\"%s\"}", PICK("V", "U", "W")); break;
  }
}

static inline void add_condition(struct buffer *out, enum place place, int criteria, uint32_t depth) {
  uint32_t kind = depth ? below(6) : 5;
  if (kind > 3) {
    add_leaf(out, place, criteria);
    return;
  }
  buffer_append_text(out,
                     (const char *const[]){"{\"all\":[", "{\"any\":[", "{\"not\":", "{\"at_least\":2,\"of\":["}[kind]);
  uint32_t children = kind == 2 ? 1 : 2 + below(2);
  for (uint32_t i = 0; i < children; i++) {
    if (i) buffer_append_text(out, ",");
    add_condition(out, place, criteria, depth - 1);
  }
  buffer_append_text(out, kind == 2 ? "}" : "]}");
}

static inline void add_move(struct buffer *out, int index) {
  static const char *const stages[] = {"a", "b", "c", "d"};
  uint32_t from = below(4), to = (from + 1 + below(3)) % 4;
  buffer_printf(out, "%s{\"name\":\"m%d\",\"from\":\"%s\",\"to\":\"%s\"", index ? "," : "", index,
                below(4) ? stages[from] : "*", stages[to]);
  bool after = below(3) == 0;
  if (after) buffer_printf(out, ",\"after\":\"%s\"", PICK("2h", "30h", "6d"));
  if (!after || below(2)) {
    buffer_append_text(out, ",\"when\":");
    add_condition(out, after ? NO_EVENT : ANYWHERE, 3, 2);
  }
  if (below(3) == 0) buffer_append_text(out, ",\"reset\":[\"s\"]");
  buffer_append_text(out, "}");
}

static inline void add_scores(struct buffer *out) {
  buffer_printf(out, "\"scores\":{\"s\":{\"from\":\"events\"%s,\"min\":%d,\"max\":60,\"rules\":[",
                PICK("", ",\"half_life\":\"1d\"", ",\"half_life\":\"9d\""), (int)below(2) * -50);
  buffer_printf(out, "{\"name\":\"v\",\"event\":\"V\",\"points\":%u%s}", 1 + below(20), PICK("", ",\"cap\":25"));
  buffer_printf(out, ",{\"name\":\"u\",\"event\":\"U\",\"points\":%d}", -1 - (int)below(20));
  if (below(2))
    buffer_printf(out, ",{\"name\":\"w\",\"event\":\"W\",\"points\":%d,\"lasts\":\"%s\"%s}", below(2) ? 12 : -12,
                  PICK("1d", "4d"), PICK("", ",\"fading\":true"));
  if (below(2))
    buffer_printf(out, ",{\"name\":\"q\",\"quiet_every\":\"%s\",\"points\":%d}", PICK("5h", "1d", "3d"),
                  below(2) ? 3 : -7);
  buffer_append_text(
      out,
      "]},\"f\":{\"from\":\"attributes\",\"rules\":[{\"name\":\"r\",\"when\":{\"attribute\":\"n\",\"above\":4},"
      "\"points\":9}]},\"t\":{\"from\":\"scores\",\"of\":[\"s\",\"f\"]}},");
}

/* A version of a definition named "r", with the stages a to d, from the random state. */
static inline void add_definition(struct buffer *out, uint32_t version, const char *effective_from) {
  buffer_printf(out,
                "{\"handover\":1,\"name\":\"r\",\"version\":%u,\"effective_from\":\"%s\",\"teams\":[\"m\"],"
                "\"events\":\"segment\",\"attributes\":{\"n\":{\"at\":\"/n\",\"type\":\"number\"}},",
                version, effective_from);
  buffer_printf(out, "\"review_every\":\"%s\",\"lateness\":\"%s\",", PICK("1h", "6h", "1d"), PICK("5m", "1h", "2d"));
  add_scores(out);
  buffer_append_text(out, "\"criteria\":{");
  for (int i = 0; i < 3; i++) {
    buffer_printf(out, "%s\"c%d\":", i ? "," : "", i);
    add_condition(out, NO_EVENT, i, 2);
  }
  buffer_append_text(out, "},\"stages\":[{\"name\":\"a\",\"owner\":\"m\"},{\"name\":\"b\",\"owner\":\"m\",\"enter\":");
  add_condition(out, ANYWHERE, 3, 2);
  buffer_append_text(out, "},{\"name\":\"c\",\"owner\":\"m\",\"enter\":");
  add_condition(out, ANYWHERE, 3, 2);
  buffer_append_text(out, "},{\"name\":\"d\",\"owner\":\"m\",\"off_ladder\":true}],\"moves\":[");
  int moves = 1 + (int)below(4);
  for (int i = 0; i < moves; i++) add_move(out, i);
  buffer_append_text(out, "],\"slas\":[{\"name\":\"sla\",\"stage\":\"b\",\"within\":\"20h\",\"met_by\":\"V\"}]}");
}

#endif
