/* definition_topic.h: `handover-definitions` read from its beginning: one partition; key NAME/VERSION, value the document as it was
 * signed, comments and all. May use: librdkafka, settings, client, log, interrupt. */
#ifndef HANDOVER_CONSUMER_DEFINITION_TOPIC_H
#define HANDOVER_CONSUMER_DEFINITION_TOPIC_H

#include "../config/settings.h"
#include "engine/slice.h"

enum { DEFINITION_KEY = 300 }; /* room for any key */

struct definition_topic;

/* NULL with a sentence in `why`. */
struct definition_topic *definition_topic_open(const struct settings *settings, char *why, size_t room);
void definition_topic_close(struct definition_topic *topic);

enum definition_topic_outcome {
  DEFINITION_TOPIC_RECORD,
  DEFINITION_TOPIC_END, /* all that has been committed is read; more may come */
  DEFINITION_TOPIC_NOTHING,
  DEFINITION_TOPIC_ERROR, /* `definition_topic_why` */
};

struct published_definition { /* within the record, until the next read */
  int64_t offset;
  struct slice key, value; /* at == NULL: null */
};

/* Waits for up to wait_ms for the next record. */
enum definition_topic_outcome definition_topic_read(struct definition_topic *topic, int wait_ms,
                                                    struct published_definition *published);
/* All that is there, one record after the other, until `take` returns false. False: it did, or nothing came for so long, or a signal came
 * (interrupt.h), which definition_topic_why tells. */
bool definition_topic_read_all(struct definition_topic *topic, int64_t patience_ms,
                               bool (*take)(void *context, const struct published_definition *published),
                               void *context);
/* The next record is the first one again. */
void definition_topic_rewind(struct definition_topic *topic);
const char *definition_topic_why(const struct definition_topic *topic);

/* "acme-qualified-lead/3" */
void definition_key(char key[DEFINITION_KEY], struct slice name, uint32_t version);
/* The name is what comes before the last slash. False: it is no such key. */
bool definition_key_parse(struct slice key, struct slice *name, uint32_t *version);

#endif
