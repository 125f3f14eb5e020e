/* metric_table.h: every metric by name; metrics.c renders it, docs/metrics.md follows from it. */
#ifndef HANDOVER_CONSUMER_METRIC_TABLE_H
#define HANDOVER_CONSUMER_METRIC_TABLE_H

#include "../producer/encode.h"

enum metric_source { /* where a row's samples come from */
                     SOURCE_BUILD,
                     SOURCE_DEFINITIONS,
                     SOURCE_NUMBER, /* index: enum metric */
                     SOURCE_REJECTS,
                     SOURCE_TRANSITIONS,
                     SOURCE_BREACHES,
                     SOURCE_STAGES,
                     SOURCE_LAG,
                     SOURCE_EVENT_TIME,
                     SOURCE_RESTORE,
                     SOURCE_RESULTS,
                     SOURCE_DURATION,
                     SOURCE_PROCESS,   /* index: enum process_number */
                     SOURCE_ALERT,     /* index: enum alert_number; of `handover alert` alone */
                     SOURCE_ALERT_CUT, /* of it, too */
                     SOURCE_COUNT,
};

struct metric_row {
  const char *name, *type, *labels; /* labels: "a, b", or "" */
  enum metric_source source;
  int index;
  const char *help; /* one sentence, without what the text format escapes */
};

extern const struct metric_row metric_table[];
extern const size_t metric_table_rows;

/* docs/metrics.md. */
void metric_table_document(struct buffer *buffer);

#endif
