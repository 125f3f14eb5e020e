/* audit_given.c: those of the files come first, then those that were published, or that the bundle has. */
#include "audit_given.h"

#include <stdio.h>

#include "../config/definition.h"
#include "definition_files.h"
#include "engine/memory.h"
#include "interrupt.h"

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, WHY = 900 };

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover audit: %.300s: %s\n", what, why);
  return false;
}

bool audit_given_definition(struct audit_given *given, const char *path) {
  if (given->path_count == DEFINITIONS_MOST) return say("--definition", "more than 256");
  given->paths[given->path_count++] = path;
  return true;
}

bool audit_given_trust(struct audit_given *given, const char *path) {
  if (given->trust_count == TRUST_FILES) return say("--trust", "more than 64");
  given->trusts[given->trust_count++] = path;
  return true;
}

/* --- keys --- */

static bool read_bundled_trust(struct audit_given *given, const struct bundle *bundle) {
  const struct bundle_name name = {.kind = BUNDLE_TRUST};
  char why[WHY];
  size_t length;
  struct problems problems = {0};
  char *text = bundle_text(bundle, &name, &length, why, sizeof why);
  if (!text) return !*why || say("bundle", why);
  bool good = trust_parse(&given->trust, text, length, &problems);
  if (!good) fprintf(stderr, "handover audit: trust.txt:%d: %s\n", problems.at[0].line, problems.at[0].message);
  problems_fini(&problems);
  memory_free(text);
  given->keys = AUDIT_KEYS_BUNDLE;
  return good;
}

static bool read_trust(struct audit_given *given, const struct audit_origin *origin) {
  if (origin->bundle && given->trust_count == 0) return read_bundled_trust(given, origin->bundle);
  if (!trust_file_read(&given->trust, "audit", given->trusts, given->trust_count)) return false;
  if (given->trust_count > 0) given->keys = AUDIT_KEYS_GIVEN;
  if (origin->copy && given->trust_count > 0) bundle_writer_trust(origin->copy, &given->trust);
  return true;
}

/* --- definitions --- */

static bool read_files(struct audit_given *given, const struct audit_origin *origin) {
  struct definition_files files = {0};
  char why[WHY];
  bool good = true;
  if (!definition_files_find(&files, given->paths, given->path_count, why, sizeof why)) good = say("--definition", why);
  good = good && definitions_read(&given->files, "audit", (const char *const *)files.at, files.count, &given->trust);
  definition_files_fini(&files);
  for (int32_t i = 0; i < given->files.count && good; i++) {
    if (catalog_add(given->catalog, given->files.at[i], why, sizeof why) != CATALOG_ADDED)
      good = say("--definition", why);
    else if (origin->copy) bundle_writer_definition(origin->copy, given->files.at[i], given->files.texts[i], -1);
  }
  return good;
}

static void on_taken(void *context, const struct definition *definition, struct slice text, int64_t offset) {
  bundle_writer_definition(context, definition, text, offset);
}

/* What cannot be used is left out: if something was decided by it, that is found out. */
static bool read_published(struct audit_given *given, const struct audit_origin *origin) {
  const struct definition *newest = catalog_newest(given->catalog);
  struct slice name = newest ? newest->name : slice_of(origin->settings->definition_name);
  char why[WHY];
  given->published.catalog = given->catalog;
  given->published.taken = origin->copy ? on_taken : NULL;
  given->published.context = origin->copy;
  snprintf(given->published.name, sizeof given->published.name, "%.*s", (int)name.length, name.at);
  return published_read(&given->published, origin->settings, &given->trust, why, sizeof why) ||
         say(origin->settings->bootstrap, interrupt_seen() ? "interrupted" : why);
}

/* Likewise. */
static void take_bundled(struct audit_given *given, const char *text, size_t length) {
  struct problems problems;
  char why[WHY];
  struct definition *definition = definition_parse_trusting(text, length, &given->trust, &problems);
  problems_fini(&problems);
  if (definition && catalog_add(given->catalog, definition, why, sizeof why) == CATALOG_ADDED)
    given->bundled[given->bundled_count++] = definition;
  else definition_destroy(definition);
}

static bool read_bundled(struct audit_given *given, const struct bundle *bundle) {
  struct bundle_name name = {.kind = BUNDLE_DEFINITION};
  char why[WHY], *text;
  size_t length;
  while ((text = bundle_text(bundle, &name, &length, why, sizeof why))) {
    take_bundled(given, text, length);
    memory_free(text);
    name.number++;
  }
  return !*why || say("bundle", why);
}

int audit_given_read(struct audit_given *given, const struct audit_origin *origin) {
  bool good = true;
  given->catalog = catalog_create();
  for (int32_t i = 0; origin->settings && i < origin->settings->definitions.count && good; i++)
    good = audit_given_definition(given, origin->settings->definitions.at[i]);
  for (int32_t i = 0; origin->settings && i < origin->settings->trust.count && good; i++)
    good = audit_given_trust(given, origin->settings->trust.at[i]);
  if (!good || !read_trust(given, origin) || !read_files(given, origin)) return STATUS_USAGE;
  good = origin->settings ? read_published(given, origin) : read_bundled(given, origin->bundle);
  return good ? STATUS_OK : STATUS_OUTSIDE;
}

void audit_given_fini(struct audit_given *given) {
  catalog_destroy(given->catalog);
  published_fini(&given->published);
  for (int32_t i = 0; i < given->bundled_count; i++) definition_destroy(given->bundled[i]);
  definitions_fini(&given->files);
  trust_fini(&given->trust);
}
