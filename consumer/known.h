/* known.h: every version of one definition that a command can get hold of: of its own files, of those that the settings name, and of those
 * that have been published. May use: definitions, published, trust_file, settings. */
#ifndef HANDOVER_CONSUMER_KNOWN_H
#define HANDOVER_CONSUMER_KNOWN_H

#include "definitions.h"
#include "published.h"
#include "trust_file.h"

struct known_paths { /* what the command line names; zero it to start */
  const char *definitions[DEFINITIONS_MOST];
  int32_t definition_count;
  const char *trusts[TRUST_FILES];
  size_t trust_count;
};

/* --definition, --trust: false where there are too many, which has been said. */
bool known_take_definition(struct known_paths *paths, const char *command, const char *path);
bool known_take_trust(struct known_paths *paths, const char *command, const char *path);

struct known { /* zero it to start */
  struct catalog *catalog;
  struct definitions files;
  struct published published;
  struct trust trust;
  bool signatures; /* some trust file is named: what is called agreed has to be signed by its keys */
};

/* Reads them all; the settings' files come to `paths` (settings NULL: files alone, with the keys that are in `trust` already). `topic`: is the topic of definitions there to be read? `name`: whose versions are meant where no file says it and the settings do not, ""
 * for the first that was published. Returns the exit status: 0, 2 or 3; what is wrong has been said on standard error. The caller calls
 * known_fini in any case. */
int known_read(struct known *known, const char *command, const struct settings *settings, struct known_paths *paths,
               bool topic, struct slice name);
void known_fini(struct known *known);

#endif
