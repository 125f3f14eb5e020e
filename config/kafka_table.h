/* kafka_table.h: librdkafka's properties that people may set, and why others may not be. */
#ifndef HANDOVER_CONFIG_KAFKA_TABLE_H
#define HANDOVER_CONFIG_KAFKA_TABLE_H

#include <stddef.h>

enum kafka_scope { KAFKA_BOTH, KAFKA_CONSUMER, KAFKA_PRODUCER };

struct kafka_property {
  const char *name;
  enum kafka_scope scope;
};

struct kafka_refusal {
  const char *name; /* "x.": all that begin so */
  const char *why;  /* "it …" */
};

extern const struct kafka_property kafka_properties[];
extern const size_t kafka_property_count;
extern const struct kafka_refusal kafka_refusals[];
extern const size_t kafka_refusal_count;

/* NULL where it may not be set. */
const struct kafka_property *kafka_property_find(const char *name);
/* Never NULL. */
const char *kafka_refusal_why(const char *name);

#endif
