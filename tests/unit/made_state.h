/* made_state.h: lanes with some history in them, for tests of what is saved: two versions of a definition that use everything
 * that a lead can hold, and events by a seed. */
#ifndef HANDOVER_TESTS_MADE_STATE_H
#define HANDOVER_TESTS_MADE_STATE_H

#include <stdlib.h>

#include "../../config/definition.h"
#include "../../consumer/lane.h"
#include "../../consumer/snapshot.h"
#include "../../producer/encode.h"

#define MADE_BEGIN INT64_C(1767225600000)    /* 2026-01-01 */
#define MADE_TAKEOVER INT64_C(1769904000000) /* 2026-02-01: version 2 */
#define MADE_MIDDLE                                                                                                   \
  "\"name\":\"made\",\"teams\":[\"m\",\"s\"],\"events\":\"segment\",\"attributes\":{\"email\":\"/traits/email\","     \
  "\"size\":{\"at\":\"/traits/size\",\"type\":\"number\"},\"wants\":{\"at\":\"/traits/wants\",\"type\":\"boolean\"}," \
  "\"old\":{\"at\":\"/traits/old\",\"type\":\"boolean\"},\"title\":\"/traits/title\"},"                               \
  "\"criteria\":{\"reached\":{\"attribute\":\"email\",\"present\":true},\"seen\":{\"happened\":\"V\",\"times\":3,"    \
  "\"within\":\"9d\"},"                                                                                               \
  "\"ever\":{\"happened\":[\"U\",\"W\"],\"times\":2}},\"moves\":["                                                    \
  "{\"name\":\"said no\",\"from\":[\"b\",\"c\"],\"to\":\"out\",\"when\":{\"event\":\"No\"},\"reset\":[\"points\"]},"  \
  "{\"name\":\"again\",\"from\":\"out\",\"to\":\"a\",\"after\":\"5d\"}],"                                             \
  "\"slas\":[{\"name\":\"answer\",\"stage\":\"c\",\"within\":\"4h\",\"calendar\":\"office\",\"met_by\":\"W\"},"       \
  "{\"name\":\"look\",\"stage\":\"b\",\"within\":\"2d\",\"met_by\":\"U\"}],"                                          \
  "\"calendars\":{\"office\":{\"hours\":{\"mon-fri\":[\"09:00-17:00\"]}}},"
#define MADE_RULES(keep, times)                                                                                  \
  "{\"name\":\"v\",\"event\":\"V\",\"points\":4,\"cap\":30},{\"name\":\"lasting\",\"event\":\"U\",\"points\":6," \
  "\"lasts\":\"20d\",\"fading\":true,\"keep\":" keep                                                             \
  "},{\"name\":\"often\",\"event\":\"W\",\"points\":3.5,\"at_most\":{\"times\":" times                           \
  ",\"per\":\"2d\"}},{\"name\":\"some\",\"event\":\"X\",\"points\":7,\"at_most\":{\"times\":" times              \
  "}},"                                                                                                          \
  "{\"name\":\"quiet\",\"quiet_every\":\"3d\",\"points\":-2},{\"name\":\"no\",\"event\":\"No\",\"points\":-11}"
#define MADE_SCORES(rules)                                                                                             \
  "\"scores\":{\"fit\":{\"from\":\"attributes\",\"rules\":[{\"name\":\"large\",\"when\":{\"attribute\":\"size\",\"at_" \
  "least\":50},\"points\":20},"                                                                                        \
  "{\"name\":\"wants\",\"when\":{\"attribute\":\"wants\",\"is\":true},\"points\":5}]},"                                \
  "\"points\":{\"from\":\"events\",\"half_life\":\"7d\",\"min\":-50,\"max\":100,\"rules\":[" rules                     \
  "]},"                                                                                                                \
  "\"total\":{\"from\":\"scores\",\"of\":[\"fit\",\"points\"],\"max\":200}},"

static const char *const made_texts[] = {
    "{\"handover\":1,\"version\":1,\"effective_from\":\"2026-01-01T00:00:00Z\",\"deduplicate\":5," MADE_MIDDLE MADE_SCORES(
        MADE_RULES("5", "4")) "\"stages\":[{\"name\":\"a\",\"owner\":\"m\"},{\"name\":\"b\",\"owner\":\"m\",\"enter\":{\"any\":[\"seen\","
                              "{\"score\":\"total\",\"at_least\":15}]}},{\"name\":\"c\",\"owner\":\"s\",\"route\":true,\"enter\":{\"all\":["
                              "\"reached\",{\"score\":\"total\",\"at_least\":25}]}},{\"name\":\"out\",\"owner\":\"m\",\"off_ladder\":true}],"
                              "\"routes\":[{\"queue\":\"big\",\"when\":{\"attribute\":\"size\",\"at_least\":60},\"members\":[\"ana\",\"bo\"]},"
                              "{\"queue\":\"rest\"}]}",
    "{\"handover\":1,\"version\":2,\"effective_from\":\"2026-02-01T00:00:00Z\",\"deduplicate\":3,\"review_every\":\"6h\"," MADE_MIDDLE
        MADE_SCORES(MADE_RULES("3", "2")) "\"stages\":[{\"name\":\"a\",\"owner\":\"m\"},{\"name\":\"b\",\"owner\":\"m\",\"enter\":{\"any\":["
                                          "\"seen\",\"ever\",{\"score\":\"total\",\"at_least\":12}]}},{\"name\":\"c\",\"owner\":\"s\",\"route\":true,"
                                          "\"enter\":{\"all\":[\"reached\",{\"score\":\"total\",\"at_least\":21}]}},"
                                          "{\"name\":\"out\",\"owner\":\"m\",\"off_ladder\":true}],\"routes\":[{\"queue\":\"all\",\"members\":"
                                          "[\"cy\",\"ana\"]}]}",
};

struct made {
  struct definition *definitions[2];
  struct sink sink;
  struct lane *lane;
  struct buffer published; /* lines */
  uint64_t random;
  int64_t now_ms, offset;
};

static inline void made_change(void *context, const struct change *change) {
  struct made *made = context;
  change_encode(&made->published, change);
  buffer_append_text(&made->published, "\n");
}

static inline void made_dead_letter(void *context, const struct record *record, enum reject reject,
                                    const char *detail) {
  (void)context, (void)record, (void)reject, (void)detail;
  abort(); /* all events are good */
}

/* A fresh lane of partition 3 that knows the first `versions`. What was there before stays the caller's. */
static inline void made_lane(struct made *made, int32_t versions) {
  made->sink = (struct sink){made, made_change, made_dead_letter};
  made->lane = lane_create(3, (const struct definition *const *)made->definitions, versions, &made->sink, 4096);
}

static inline void made_init(struct made *made, uint64_t seed) {
  *made = (struct made){.random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1, .now_ms = MADE_BEGIN};
  for (int32_t i = 0; i < 2; i++) {
    struct problems problems = {0};
    made->definitions[i] = definition_parse(made_texts[i], strlen(made_texts[i]), &problems);
    if (!made->definitions[i]) abort();
    problems_fini(&problems);
  }
  made_lane(made, 2);
}

static inline void made_fini(struct made *made) {
  lane_destroy(made->lane);
  for (int32_t i = 0; i < 2; i++) definition_destroy(made->definitions[i]);
  buffer_fini(&made->published);
}

static inline uint32_t made_below(struct made *made, uint32_t n) {
  made->random = made->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)((made->random >> 33) % n);
}

static inline const char *made_pick(struct made *made, const char *const *from, uint32_t count) {
  return from[made_below(made, count)];
}
#define MADE_PICK(made, ...) \
  made_pick(made, (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* One event of one of `leads`, up to `step_ms` after the one before, some of them late, some twice. */
static inline void made_event(struct made *made, uint32_t leads, uint32_t step_ms) {
  made->now_ms += made_below(made, step_ms);
  int64_t late_ms = made_below(made, 4) ? 0 : (int64_t)made_below(made, 3 * 86400000);
  struct buffer line = {0};
  buffer_printf(
      &line, "{\"userId\":\"lead-%u\",\"messageId\":\"%u\",\"timestamp\":%lld,\"event\":\"%s\",\"n\":%d,\"traits\":{",
      made_below(made, leads), made_below(made, 400), (long long)(made->now_ms - late_ms),
      MADE_PICK(made, "V", "V", "V", "U", "U", "W", "W", "X", "No", "Other"), (int)(made->offset % 10));
  buffer_append_text(
      &line, MADE_PICK(made, "", "\"email\":\"a@b\",\"size\":61", "\"size\":55.5", "\"wants\":true,\"old\":true",
                       "\"email\":null", "\"title\":\"head of \xc3\xbc much and more that is to be kept\"",
                       "\"wants\":false,\"size\":3"));
  buffer_append_text(&line, "}}");
  struct record record = {{line.at, (uint32_t)line.length}, {0}, TIME_NONE, {SLICE("events"), 3, made->offset++}};
  lane_apply(made->lane, &record, 1);
  buffer_fini(&line);
}

static inline void made_events(struct made *made, int32_t count, uint32_t leads, uint32_t step_ms) {
  for (int32_t i = 0; i < count; i++) made_event(made, leads, step_ms);
}

static inline void made_write(void *context, const void *bytes, size_t length) {
  buffer_append(context, bytes, length);
}

/* Its snapshot, whole, into an empty buffer. */
static inline void made_snapshot(const struct made *made, const struct snapshot_head *head, struct buffer *bytes) {
  char tail[SNAPSHOT_TAIL];
  struct snapshot_sum *sum = snapshot_sum_create();
  snapshot_encode_head(head, bytes);
  size_t begin = bytes->length;
  task_save(lane_task(made->lane), made_write, bytes);
  snapshot_sum_add(sum, bytes->at, bytes->length);
  snapshot_sum_tail(sum, bytes->length - begin, tail);
  buffer_append(bytes, tail, sizeof tail);
  snapshot_sum_destroy(sum);
}

static inline struct buffer made_save(const struct made *made) {
  struct buffer bytes = {0};
  task_save(lane_task(made->lane), made_write, &bytes);
  return bytes;
}

#endif
