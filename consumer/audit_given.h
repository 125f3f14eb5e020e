/* audit_given.h: the definitions and keys that an audit goes by: from files, as published, or out of a bundle. What is used goes into the
 * bundle that is made. May use: definitions, definition_files, published, trust_file, bundle_read, bundle_write, interrupt. */
#ifndef HANDOVER_CONSUMER_AUDIT_GIVEN_H
#define HANDOVER_CONSUMER_AUDIT_GIVEN_H

#include "audit.h"
#include "definitions.h"
#include "published.h"
#include "trust_file.h"

struct audit_given { /* zero it to start */
  const char *paths[DEFINITIONS_MOST];
  int32_t path_count;
  const char *trusts[TRUST_FILES];
  size_t trust_count;

  struct trust trust;
  enum audit_keys keys;
  struct catalog *catalog;
  struct definitions files;
  struct published published;
  struct definition *bundled[CATALOG_MOST];
  int32_t bundled_count;
};

/* Files are named; false: too many. */
bool audit_given_definition(struct audit_given *given, const char *path);
bool audit_given_trust(struct audit_given *given, const char *path);

/* All of it, for an audit of that origin. What is wrong is said on standard error. Returns the exit status. The caller calls
 * audit_given_fini in any case. */
int audit_given_read(struct audit_given *given, const struct audit_origin *origin);
void audit_given_fini(struct audit_given *given);

#endif
