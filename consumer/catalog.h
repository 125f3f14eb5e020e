/* catalog.h: the versions of the definition that one daemon knows: from files, and from `handover-definitions` while it runs.
 *
 * It only grows. One thread adds (the main one), any may look: what is found stays as it is until the catalog's end. Of each version
 * there are two forms, agreed and not agreed, because a task replays what was published before the teams had signed.
 * May use: the engine. */
#ifndef HANDOVER_CONSUMER_CATALOG_H
#define HANDOVER_CONSUMER_CATALOG_H

#include "engine/definition.h"

enum { CATALOG_MOST = 256 }; /* versions */

struct catalog;

struct catalog *catalog_create(void);
/* The definitions themselves are their owners'. */
void catalog_destroy(struct catalog *catalog);

enum catalog_outcome {
  CATALOG_ADDED,  /* a new version; the definition must stay until the catalog's end, this one alone */
  CATALOG_SIGNED, /* known, and agreed from now on */
  CATALOG_KNOWN,  /* nothing new */
  CATALOG_OTHER,  /* refused: the version is known with other content. `why` says so */
  CATALOG_MISFIT, /* refused: another name, a stage that is gone, too many versions. `why` says so */
};

enum catalog_outcome catalog_add(struct catalog *catalog, const struct definition *definition, char *why, size_t room);

/* Versions in the order in which they came, in the form that holds now. */
int32_t catalog_count(const struct catalog *catalog);
const struct definition *catalog_at(const struct catalog *catalog, int32_t index);
const struct definition *catalog_newest(const struct catalog *catalog); /* the highest version; NULL: none */
/* By what the log says of it; NULL: it is not here. */
const struct definition *catalog_find(const struct catalog *catalog, uint32_t version, struct slice digest,
                                      bool agreed);
/* Moves on with each version that was added or signed. */
uint32_t catalog_stamp(const struct catalog *catalog);

#endif
