/* engine_site.h: a lane over definitions of a few words, and what it publishes, for tests of the engine. */
#ifndef HANDOVER_TESTS_UNIT_ENGINE_SITE_H
#define HANDOVER_TESTS_UNIT_ENGINE_SITE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "config/definition.h"
#include "consumer/lane.h"
#include "producer/buffer.h"

#define DAY INT64_C(86400000)
#define BEGIN INT64_C(1767225600000) /* 2026-01-01 */
#define LADDER "\"stages\":[{\"name\":\"a\",\"owner\":\"m\"},{\"name\":\"b\",\"owner\":\"m\",\"enter\":"

static inline struct definition *parsed_from(const char *version, const char *moment, const char *body) {
  struct buffer text = {0};
  struct problems problems;
  buffer_printf(&text,
                "{\"handover\":1,\"name\":\"e\",\"version\":%s,\"effective_from\":\"%s\",\"teams\":[\"m\"],"
                "\"events\":\"segment\",%s}",
                version, moment, body);
  struct definition *definition = definition_parse(text.at, text.length, &problems);
  if (!definition) fail_msg("%s: %s", problems.at[0].pointer, problems.at[0].message);
  problems_fini(&problems);
  buffer_fini(&text);
  return definition;
}

/* From the beginning of a day. */
static inline struct definition *parsed(const char *version, const char *day, const char *body) {
  char moment[32];
  snprintf(moment, sizeof moment, "%sT00:00:00Z", day);
  return parsed_from(version, moment, body);
}

static inline struct definition *first(const char *body) { return parsed("1", "2026-01-01", body); }

/* What was published, as letters: of each change the first one of the stage that the lead has come to. */
struct site {
  struct lane *lane;
  struct sink sink;
  char stages[64];
  size_t changes;
  int64_t offset;
};

static inline void take_change(void *context, const struct change *change) {
  struct site *site = context;
  assert_true(site->changes < sizeof site->stages - 1);
  site->stages[site->changes++] = *change->definition->stages[change->to].name.at;
}

static inline void no_letter(void *context, const struct record *record, enum reject reject, const char *detail) {
  (void)context, (void)record, (void)reject;
  fail_msg("%s", detail);
}

static inline void begin(struct site *site, struct definition *const *definitions, int32_t count) {
  *site = (struct site){.sink = {site, take_change, no_letter}};
  site->lane = lane_create(0, (const struct definition *const *)definitions, count, &site->sink, 4096);
}

static inline void end(struct site *site, struct definition *const *definitions, int32_t count) {
  lane_destroy(site->lane);
  for (int32_t i = 0; i < count; i++) definition_destroy(definitions[i]);
}

static inline void send(struct site *site, const char *lead, const char *event, int64_t at_ms, const char *traits) {
  struct buffer line = {0};
  buffer_printf(&line, "{\"userId\":\"%s\",\"event\":\"%s\",\"timestamp\":%lld,\"traits\":{%s}}", lead, event,
                (long long)at_ms, traits);
  struct record record = {{line.at, (uint32_t)line.length}, {0}, TIME_NONE, {SLICE("events"), 0, site->offset++}};
  lane_apply(site->lane, &record, 1);
  buffer_fini(&line);
}

/* For task_save: into a buffer. */
static inline void keep_bytes(void *context, const void *bytes, size_t length) {
  buffer_append(context, bytes, length);
}

#endif
