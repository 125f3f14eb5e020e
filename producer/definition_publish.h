/* definition_publish.h: versions of one definition go to `handover-definitions`, all or none.
 *
 * What is there is read and the new is judged by it within the reach of one transactional producer: a second `publish` at the same time
 * shuts the first one out, so that a version number never gets two contents.
 * May use: librdkafka, catalog, definition_topic, config. */
#ifndef HANDOVER_PRODUCER_DEFINITION_PUBLISH_H
#define HANDOVER_PRODUCER_DEFINITION_PUBLISH_H

#include <librdkafka/rdkafka.h>

#include "../config/definition.h"
#include "../config/settings.h"
#include "../config/trust.h"

enum publication_state {
  PUBLICATION_NEW,
  PUBLICATION_SIGNED, /* it was there as a draft; now it is agreed */
  PUBLICATION_THERE,  /* nothing to be done */
  PUBLICATION_REFUSED,
};

struct publication { /* the caller's */
  const struct definition *definition;
  const char *text; /* the document as it was signed */
  size_t length;
  enum publication_state state; /* filled in, as is why it was refused */
  char why[400];
};

enum publish_outcome { PUBLISH_DONE, PUBLISH_REFUSED, PUBLISH_FAILED };

/* Makes the configuration of its producer out of one of client_conf. */
void definition_publish_configure(const struct settings *settings, rd_kafka_conf_t *conf);

/* `items` are ascending by version, of one name, each fit to run. `dry`: judges, and writes nothing. PUBLISH_REFUSED: at least one
 * item is, and nothing was written; PUBLISH_FAILED: `why` says what did not work. */
enum publish_outcome definition_publish(const struct settings *settings, const struct trust *trust,
                                        rd_kafka_t *producer, struct publication *items, int32_t count, bool dry,
                                        char *why, size_t room);

#endif
