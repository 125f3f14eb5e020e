/* known.c: files first: of what was published, those that go with them. */
#include "known.h"

#include <stdio.h>
#include <string.h>

#include "definition_files.h"
#include "interrupt.h"

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, WHY = 900 };

static bool say(const char *command, const char *what, const char *why) {
  fprintf(stderr, "handover %s: %.300s: %s\n", command, what, why);
  return false;
}

bool known_take_definition(struct known_paths *paths, const char *command, const char *path) {
  if (paths->definition_count == DEFINITIONS_MOST) return say(command, "--definition", "more than 256");
  paths->definitions[paths->definition_count++] = path;
  return true;
}

bool known_take_trust(struct known_paths *paths, const char *command, const char *path) {
  if (paths->trust_count == TRUST_FILES) return say(command, "--trust", "more than 64");
  paths->trusts[paths->trust_count++] = path;
  return true;
}

static bool add_settings(struct known_paths *paths, const char *command, const struct settings *settings) {
  bool good = true;
  for (int32_t i = 0; i < settings->definitions.count && good; i++)
    good = known_take_definition(paths, command, settings->definitions.at[i]);
  for (int32_t i = 0; i < settings->trust.count && good; i++)
    good = known_take_trust(paths, command, settings->trust.at[i]);
  return good;
}

static bool read_files(struct known *known, const char *command, const struct known_paths *paths) {
  struct definition_files files = {0};
  char why[WHY];
  bool good = definition_files_find(&files, paths->definitions, paths->definition_count, why, sizeof why) ||
              say(command, "--definition", why);
  good = good && trust_file_read(&known->trust, command, paths->trusts, paths->trust_count) &&
         definitions_read(&known->files, command, (const char *const *)files.at, files.count, &known->trust);
  definition_files_fini(&files);
  for (int32_t i = 0; i < known->files.count && good; i++) {
    if (catalog_add(known->catalog, known->files.at[i], why, sizeof why) != CATALOG_ADDED)
      good = say(command, "--definition", why);
  }
  return good;
}

/* What cannot be used is left out: if something was decided by it, that is found out. */
static bool read_published(struct known *known, const char *command, const struct settings *settings,
                           struct slice name) {
  const struct definition *newest = catalog_newest(known->catalog);
  char why[WHY];
  if (newest) name = newest->name;
  else if (*settings->definition_name) name = slice_of(settings->definition_name);
  known->published.catalog = known->catalog;
  snprintf(known->published.name, sizeof known->published.name, "%.*s", (int)name.length, name.at ? name.at : "");
  if (published_read(&known->published, settings, &known->trust, why, sizeof why)) return true;
  return interrupt_seen() ? say(command, "interrupted", "nothing was done") : say(command, settings->bootstrap, why);
}

int known_read(struct known *known, const char *command, const struct settings *settings, struct known_paths *paths,
               bool topic, struct slice name) {
  known->catalog = catalog_create();
  if (settings && !add_settings(paths, command, settings)) return STATUS_USAGE;
  known->signatures = paths->trust_count > 0;
  if (!read_files(known, command, paths)) return STATUS_USAGE;
  if (!settings || !topic) return STATUS_OK;
  return read_published(known, command, settings, name) ? STATUS_OK : STATUS_OUTSIDE;
}

void known_fini(struct known *known) {
  catalog_destroy(known->catalog);
  published_fini(&known->published);
  definitions_fini(&known->files);
  trust_fini(&known->trust);
}
