/* published.h: the versions of one definition that have been published, as daemons take them, for commands. May use: definition_topic,
 * catalog, config. */
#ifndef HANDOVER_CONSUMER_PUBLISHED_H
#define HANDOVER_CONSUMER_PUBLISHED_H

#include "../config/settings.h"
#include "../config/trust.h"
#include "catalog.h"

struct published {           /* zero it to start */
  struct catalog *catalog;   /* into which they come; the caller's, and ended before published_fini */
  char name[LIMIT_TEXT + 1]; /* whose versions are taken; "": the first that is published */
  uint32_t newest;           /* version; 0: none has been published */
  struct definition *owned[CATALOG_MOST];
  int32_t owned_count;
  /* Of each record that brought a version, or its signatures; may be NULL. */
  void (*taken)(void *context, const struct definition *definition, struct slice text, int64_t offset);
  void *context;
};

/* Reads all of settings.definitions_topic. Records that daemons refuse for what they are count for nothing. False: it cannot be read, and
 * `why` says why. The caller calls published_fini in any case. */
bool published_read(struct published *published, const struct settings *settings, const struct trust *trust, char *why,
                    size_t room);
void published_fini(struct published *published);

#endif
