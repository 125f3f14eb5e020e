/* alert_metrics.c: the rows of the table that are of `handover alert`. */
#include "alert_metrics.h"

#include <inttypes.h>

#include "../consumer/metric_table.h"
#include "../consumer/metrics.h"

void alert_metrics_render(void *context, struct buffer *buffer) {
  struct alert_metrics *metrics = context;
  for (size_t i = 0; i < metric_table_rows; i++) {
    const struct metric_row *row = &metric_table[i];
    if (row->source != SOURCE_ALERT && row->source != SOURCE_ALERT_CUT) continue;
    metrics_render_head(buffer, row);
    if (row->source == SOURCE_ALERT_CUT) {
      buffer_printf(buffer, "%s %" PRId64 "\n", row->name, atomic_load(&metrics->cut));
      continue;
    }
    for (int32_t r = 0; r < metrics->receivers->count; r++) {
      buffer_printf(buffer, "%s{receiver=\"%s\"} %" PRId64 "\n", row->name, metrics->receivers->at[r].name,
                    atomic_load(&metrics->at[r][row->index]));
    }
  }
  metrics_render_process(buffer);
}
