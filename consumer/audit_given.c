/* audit_given.c: known.c reads what is outside of bundles. */
#include "audit_given.h"

#include <stdio.h>

#include "../config/definition.h"
#include "engine/memory.h"

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, WHY = 900 };

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover audit: %.300s: %s\n", what, why);
  return false;
}

/* --- keys --- */

static bool read_bundled_trust(struct audit_given *given, const struct bundle *bundle) {
  const struct bundle_name name = {.kind = BUNDLE_TRUST};
  char why[WHY];
  size_t length;
  struct problems problems = {0};
  char *text = bundle_text(bundle, &name, &length, why, sizeof why);
  if (!text) return !*why || say("bundle", why);
  bool good = trust_parse(&given->known.trust, text, length, &problems);
  if (!good) fprintf(stderr, "handover audit: trust.txt:%d: %s\n", problems.at[0].line, problems.at[0].message);
  problems_fini(&problems);
  memory_free(text);
  given->keys = AUDIT_KEYS_BUNDLE;
  return good;
}

/* --- definitions --- */

/* What cannot be used is left out: if something was decided by it, that is found out. */
static void take_bundled(struct audit_given *given, const char *text, size_t length) {
  struct problems problems;
  char why[WHY];
  struct definition *definition = definition_parse_trusting(text, length, &given->known.trust, &problems);
  problems_fini(&problems);
  if (definition && catalog_add(given->known.catalog, definition, why, sizeof why) == CATALOG_ADDED)
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

/* What comes from files comes first into a bundle. */
static void copy_files(struct audit_given *given) {
  const struct definitions *files = &given->known.files;
  if (!given->copy || given->files_copied) return;
  given->files_copied = true;
  if (given->paths.trust_count > 0) bundle_writer_trust(given->copy, &given->known.trust);
  for (int32_t i = 0; i < files->count; i++) bundle_writer_definition(given->copy, files->at[i], files->texts[i], -1);
}

static void on_taken(void *context, const struct definition *definition, struct slice text, int64_t offset) {
  struct audit_given *given = context;
  copy_files(given);
  bundle_writer_definition(given->copy, definition, text, offset);
}

static int read_kafka(struct audit_given *given, const struct audit_origin *origin) {
  given->copy = origin->copy;
  given->known.published.taken = origin->copy ? on_taken : NULL;
  given->known.published.context = given;
  int status = known_read(&given->known, "audit", origin->settings, &given->paths, true, (struct slice){NULL, 0});
  if (given->known.signatures) given->keys = AUDIT_KEYS_GIVEN;
  if (status == STATUS_OK) copy_files(given);
  return status;
}

static int read_archive(struct audit_given *given, const struct bundle *bundle) {
  bool given_keys = given->paths.trust_count > 0;
  if (given_keys) given->keys = AUDIT_KEYS_GIVEN;
  else if (!read_bundled_trust(given, bundle)) return STATUS_USAGE;
  int status = known_read(&given->known, "audit", NULL, &given->paths, false, (struct slice){NULL, 0});
  if (status == STATUS_OK && !read_bundled(given, bundle)) status = STATUS_OUTSIDE;
  return status;
}

int audit_given_read(struct audit_given *given, const struct audit_origin *origin) {
  return origin->bundle ? read_archive(given, origin->bundle) : read_kafka(given, origin);
}

void audit_given_fini(struct audit_given *given) {
  known_fini(&given->known);
  for (int32_t i = 0; i < given->bundled_count; i++) definition_destroy(given->bundled[i]);
}
