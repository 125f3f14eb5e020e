/* published.c: key and document have to say the same. */
#include "published.h"

#include <stdio.h>
#include <string.h>

#include "definition_topic.h"

enum { PATIENCE_MS = 20000 };

struct taking {
  struct published *published;
  const struct trust *trust;
};

static bool is_wanted(struct published *published, struct slice name) {
  if (!*published->name && name.length < sizeof published->name)
    snprintf(published->name, sizeof published->name, "%.*s", (int)name.length, name.at);
  return slice_equal(slice_of(published->name), name);
}

static bool take(void *context, const struct published_definition *record) {
  const struct taking *taking = context;
  struct published *published = taking->published;
  char why[400];
  struct slice name;
  uint32_t version;
  struct problems problems = {0};
  if (!record->value.at || !definition_key_parse(record->key, &name, &version) || !is_wanted(published, name))
    return true;
  struct definition *definition =
      definition_parse_trusting(record->value.at, record->value.length, taking->trust, &problems);
  problems_fini(&problems);
  if (!definition) return true;
  bool fits = slice_equal(definition->name, name) && definition->version == version;
  enum catalog_outcome outcome = fits ? catalog_add(published->catalog, definition, why, sizeof why) : CATALOG_MISFIT;
  if (published->taken && (outcome == CATALOG_ADDED || outcome == CATALOG_SIGNED))
    published->taken(published->context, definition, record->value, record->offset);
  if (outcome != CATALOG_ADDED) {
    definition_destroy(definition);
    return true;
  }
  published->owned[published->owned_count++] = definition;
  if (version > published->newest) published->newest = version;
  return true;
}

bool published_read(struct published *published, const struct settings *settings, const struct trust *trust, char *why,
                    size_t room) {
  struct taking taking = {published, trust};
  struct definition_topic *topic = definition_topic_open(settings, why, room);
  if (!topic) return false;
  bool good = definition_topic_read_all(topic, PATIENCE_MS, take, &taking);
  if (!good)
    snprintf(why, room, "%.200s cannot be read: %.300s; `handover topics` says what is missing",
             settings->definitions_topic, definition_topic_why(topic));
  definition_topic_close(topic);
  return good;
}

void published_fini(struct published *published) {
  for (int32_t i = 0; i < published->owned_count; i++) definition_destroy(published->owned[i]);
  published->owned_count = 0;
}
