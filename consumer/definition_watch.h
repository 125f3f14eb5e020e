/* definition_watch.h: how a daemon's catalog grows: by what is published to `handover-definitions`, and by files that are read again.
 *
 * A definition comes in when every team has signed it (or drafts may run), when its key is what it says of itself, when its version is
 * not known with other content, and when it fits those that are known. Anything else is said in the log and counted, and changes nothing.
 * The daemon's main thread alone. May use: catalog, definition_topic, trust_file, config, metrics, log. */
#ifndef HANDOVER_CONSUMER_DEFINITION_WATCH_H
#define HANDOVER_CONSUMER_DEFINITION_WATCH_H

#include "../config/settings.h"
#include "catalog.h"
#include "metrics.h"

struct definition_watch_order { /* everything outlives the watch */
  const struct settings *settings;
  struct catalog *catalog;  /* with what the files held at the start */
  const char *const *paths; /* files and folders, which are read again by definition_watch_reload */
  int32_t path_count;
  struct metrics *metrics;
};

struct definition_watch;

/* Reads all that has been published. NULL with a sentence in `why`: nobody answers, a version was published that is not what a file says,
 * there is no definition at all, or it is not clear which. */
struct definition_watch *definition_watch_open(const struct definition_watch_order *order, char *why, size_t room);
/* Definitions that came in go, too: no task may use the catalog any more. */
void definition_watch_close(struct definition_watch *watch);

/* Takes what has been published since; hardly waits. */
void definition_watch_look(struct definition_watch *watch);
/* Keys and files are read again, and so is everything that was published: a key may be trusted now that was not. */
void definition_watch_reload(struct definition_watch *watch);

/* Says in the log and the metrics that this version is known. */
void definition_announce(struct metrics *metrics, const struct definition *definition);

#endif
