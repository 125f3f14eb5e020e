/* definition_watch.c: each definition, wherever it comes from, goes through `take`. */
#include "definition_watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../config/trust.h"
#include "crash.h"
#include "definition_files.h"
#include "definition_topic.h"
#include "engine/memory.h"
#include "log.h"
#include "trust_file.h"

enum { WHY = 600, OPEN_MS = 10000, LOOKS = 16 };

struct definition_watch {
  struct definition_watch_order order;
  struct trust trust;
  struct definition_topic *topic;
  char name[LIMIT_TEXT + 1];  /* whose versions are taken; "": the first that is published */
  char other[LIMIT_TEXT + 1]; /* another name that is published; "": none was seen */
  struct definition *owned[CATALOG_MOST];
  int32_t owned_count;
};

void definition_announce(struct metrics *metrics, const struct definition *definition) {
  char name[LIMIT_TEXT + 1], digest[80];
  snprintf(name, sizeof name, "%.*s", (int)definition->name.length, definition->name.at);
  snprintf(digest, sizeof digest, "%.*s", (int)definition->digest.length, definition->digest.at);
  metrics_definition(metrics, name, definition->version, digest, definition->agreed);
  log_info("definition", definition->agreed ? "agreed" : "not agreed: it runs as a draft", log_text("name", name),
           log_number("version", definition->version), log_text("digest", digest));
}

/* --- whose signatures count --- */

/* All of them, or what there was before. */
static bool read_trust(struct definition_watch *watch) {
  const struct settings_list *files = &watch->order.settings->trust;
  struct trust trust = {0};
  bool good = true;
  for (int32_t i = 0; i < files->count; i++) {
    struct problems problems = {0};
    if (!trust_file_add(&trust, files->at[i], &problems)) {
      log_error("keys refused", problems.at[0].message, log_text("from", files->at[i]),
                log_number("line", problems.at[0].line));
      good = false;
    }
    problems_fini(&problems);
  }
  struct trust unused = good ? watch->trust : trust;
  if (good) watch->trust = trust;
  trust_fini(&unused);
  return good;
}

/* --- one definition --- */

static void refuse(struct definition_watch *watch, const char *from, const char *why) {
  log_error("definition refused", why, log_text("from", from));
  metrics_add(watch->order.metrics, 0, METRIC_DEFINITIONS_REFUSED, 1);
}

static void refuse_problem(struct definition_watch *watch, const char *from, const struct problems *problems) {
  const struct problem *p = &problems->at[0];
  char why[WHY];
  snprintf(why, sizeof why, "%s%s%.400s%s", p->pointer, *p->pointer ? ": " : "", p->message,
           problems->count > 1 ? " (`handover check` says what else)" : "");
  refuse(watch, from, why);
}

static bool may_run(const struct definition_watch *watch, const struct definition *definition) {
  return definition->agreed || watch->order.settings->draft ||
         catalog_find(watch->order.catalog, definition->version, definition->digest, false);
}

/* Takes the definition over. What is refused is said; CATALOG_MISFIT: for whatever reason but other content. */
static enum catalog_outcome take(struct definition_watch *watch, struct definition *definition, const char *from,
                                 char *why, size_t room) {
  enum catalog_outcome outcome = CATALOG_MISFIT;
  if (may_run(watch, definition)) {
    outcome = catalog_add(watch->order.catalog, definition, why, room);
  } else {
    snprintf(why, room, "not every team has signed version %" PRIu32 " with a key that \"trust\" names",
             definition->version);
  }
  if (outcome == CATALOG_OTHER || outcome == CATALOG_MISFIT) refuse(watch, from, why);
  if (outcome == CATALOG_ADDED || outcome == CATALOG_SIGNED) definition_announce(watch->order.metrics, definition);
  if (outcome == CATALOG_ADDED) {
    watch->owned[watch->owned_count++] = definition;
    CRASH_POINT("learn-known");
  } else {
    definition_destroy(definition);
  }
  return outcome;
}

/* --- what is published --- */

static bool is_followed(struct definition_watch *watch, struct slice name) {
  if (!*watch->name && name.length < sizeof watch->name)
    snprintf(watch->name, sizeof watch->name, "%.*s", (int)name.length, name.at);
  return slice_equal(slice_of(watch->name), name);
}

static void tell_of_other(struct definition_watch *watch, const char *from, struct slice name) {
  if (*watch->other) return;
  snprintf(watch->other, sizeof watch->other, "%.*s", (int)name.length, name.at);
  log_info("definition", "another definition is published here, which is not followed", log_text("name", watch->other),
           log_text("from", from));
}

/* NULL: it is none, and that has been said. */
static struct definition *parse(struct definition_watch *watch, const struct published_definition *published,
                                struct slice name, uint32_t version, const char *from) {
  struct problems problems = {0};
  struct definition *definition =
      definition_parse_trusting(published->value.at, published->value.length, &watch->trust, &problems);
  if (!definition) refuse_problem(watch, from, &problems);
  problems_fini(&problems);
  if (!definition || (slice_equal(definition->name, name) && definition->version == version)) return definition;
  refuse(watch, from, "its key says another name or version than the definition itself");
  definition_destroy(definition);
  return NULL;
}

static enum catalog_outcome take_published(struct definition_watch *watch, const struct published_definition *published,
                                           char *why, size_t room) {
  struct slice name;
  uint32_t version;
  char from[160];
  snprintf(from, sizeof from, "%.100s at offset %" PRId64, watch->order.settings->definitions_topic, published->offset);
  if (!published->value.at || !definition_key_parse(published->key, &name, &version)) {
    refuse(watch, from, "a key like NAME/VERSION and a definition are wanted; `handover publish` writes them");
    return CATALOG_MISFIT;
  }
  if (!is_followed(watch, name)) {
    tell_of_other(watch, from, name);
    return CATALOG_KNOWN;
  }
  struct definition *definition = parse(watch, published, name, version, from);
  return definition ? take(watch, definition, from, why, room) : CATALOG_MISFIT;
}

void definition_watch_look(struct definition_watch *watch) {
  struct published_definition published;
  char why[WHY];
  for (int i = 0; i < LOOKS; i++) {
    switch (definition_topic_read(watch->topic, 0, &published)) {
      case DEFINITION_TOPIC_RECORD: (void)take_published(watch, &published, why, sizeof why); break;
      case DEFINITION_TOPIC_ERROR:
        log_warning("kafka error", definition_topic_why(watch->topic), log_text("client", "definitions"));
        return;
      case DEFINITION_TOPIC_END:
      case DEFINITION_TOPIC_NOTHING: return;
    }
  }
}

/* --- the start --- */

/* A file that is not what was published under its number would be decided by, here and nowhere else. Of two that were published,
 * the first counts everywhere. */
static bool is_of_a_file(const struct definition_watch *watch, uint32_t version) {
  for (int32_t i = 0; i < watch->owned_count; i++)
    if (watch->owned[i]->version == version) return false;
  return true;
}

struct first_look {
  struct definition_watch *watch;
  char *why;
  size_t room;
  bool refused; /* and `why` says why */
};

static bool take_first(void *context, const struct published_definition *published) {
  struct first_look *look = context;
  struct definition_watch *watch = look->watch;
  char reason[WHY];
  struct slice name;
  uint32_t version;
  if (take_published(watch, published, reason, sizeof reason) != CATALOG_OTHER) return true;
  if (!definition_key_parse(published->key, &name, &version) || !is_of_a_file(watch, version)) return true;
  snprintf(look->why, look->room, "what a file holds is not what was published to %.200s: %.400s",
           watch->order.settings->definitions_topic, reason);
  look->refused = true;
  return false;
}

static bool read_all(struct definition_watch *watch, char *why, size_t room) {
  struct first_look look = {watch, why, room, false};
  if (definition_topic_read_all(watch->topic, OPEN_MS, take_first, &look)) return true;
  if (!look.refused)
    snprintf(why, room, "%.200s cannot be read: %s", watch->order.settings->definitions_topic,
             definition_topic_why(watch->topic));
  return false;
}

/* The setting, or what the files hold, or the only one that is published. */
static bool choose_name(struct definition_watch *watch, char *why, size_t room) {
  const struct definition *newest = catalog_newest(watch->order.catalog);
  const char *wanted = watch->order.settings->definition_name;
  if (newest) snprintf(watch->name, sizeof watch->name, "%.*s", (int)newest->name.length, newest->name.at);
  if (newest && *wanted && strcmp(wanted, watch->name) != 0) {
    snprintf(why, room, "definition_name is \"%.200s\", but the files hold \"%.255s\"", wanted, watch->name);
    return false;
  }
  if (!newest) snprintf(watch->name, sizeof watch->name, "%s", wanted);
  return true;
}

static bool has_one(const struct definition_watch *watch, bool named, char *why, size_t room) {
  const char *topic = watch->order.settings->definitions_topic;
  if (!named && *watch->other) {
    snprintf(why, room, "%.200s holds \"%.255s\" and \"%.255s\": the setting definition_name says which it is to be",
             topic, watch->name, watch->other);
    return false;
  }
  if (catalog_count(watch->order.catalog) > 0) return true;
  snprintf(
      why, room,
      "there is no definition that may run: --definition names a file, and `handover publish` brings one to %.200s",
      topic);
  return false;
}

static bool open_all(struct definition_watch *watch, char *why, size_t room) {
  const struct settings *settings = watch->order.settings;
  if (!read_trust(watch)) {
    snprintf(why, room, "the files that \"trust\" names cannot all be read");
    return false;
  }
  if (!choose_name(watch, why, room)) return false;
  bool named = *watch->name;
  watch->topic = definition_topic_open(settings, why, room);
  return watch->topic && read_all(watch, why, room) && has_one(watch, named, why, room);
}

struct definition_watch *definition_watch_open(const struct definition_watch_order *order, char *why, size_t room) {
  struct definition_watch *watch = memory_zeroed(1, sizeof *watch);
  watch->order = *order;
  if (open_all(watch, why, room)) return watch;
  definition_watch_close(watch);
  return NULL;
}

void definition_watch_close(struct definition_watch *watch) {
  if (!watch) return;
  definition_topic_close(watch->topic);
  for (int32_t i = 0; i < watch->owned_count; i++) definition_destroy(watch->owned[i]);
  trust_fini(&watch->trust);
  memory_free(watch);
}

/* --- once more --- */

static void reread_file(struct definition_watch *watch, const char *path) {
  struct problems problems = {0};
  char why[WHY];
  if (strcmp(path, "-") == 0) return;
  struct definition *definition = definition_read_trusting(path, &watch->trust, &problems);
  if (!definition) refuse_problem(watch, path, &problems);
  problems_fini(&problems);
  if (definition) (void)take(watch, definition, path, why, sizeof why);
}

void definition_watch_reload(struct definition_watch *watch) {
  if (!read_trust(watch)) log_error("reload", "the keys that were trusted before are trusted still");
  struct definition_files files = {0};
  char why[WHY];
  if (!definition_files_find(&files, watch->order.paths, watch->order.path_count, why, sizeof why))
    refuse(watch, "files", why);
  for (int32_t i = 0; i < files.count; i++) reread_file(watch, files.at[i]);
  definition_files_fini(&files);
  definition_topic_rewind(watch->topic);
  log_info("reload", "keys and files have been read again, and what was published is being read again",
           log_number("versions", catalog_count(watch->order.catalog)));
}
