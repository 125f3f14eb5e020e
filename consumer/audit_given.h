/* audit_given.h: the definitions and keys that an audit goes by: from files, as published, or out of a bundle. What is used goes into the
 * bundle that is made. May use: known, bundle_read, bundle_write. */
#ifndef HANDOVER_CONSUMER_AUDIT_GIVEN_H
#define HANDOVER_CONSUMER_AUDIT_GIVEN_H

#include "audit.h"
#include "known.h"

struct audit_given { /* zero it to start; `paths` is the command's to fill */
  struct known_paths paths;
  struct known known;
  enum audit_keys keys;
  struct bundle_writer *copy; /* the origin's; NULL: none is made */
  bool files_copied;
  struct definition *bundled[CATALOG_MOST];
  int32_t bundled_count;
};

/* All of it, for an audit of that origin. What is wrong is said on standard error. Returns the exit status. The caller calls
 * audit_given_fini in any case. */
int audit_given_read(struct audit_given *given, const struct audit_origin *origin);
void audit_given_fini(struct audit_given *given);

#endif
