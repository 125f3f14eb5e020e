/* report_read.h: lines of files into a report's log: published events, and dead letters. May use: report_log.h, source_file.h. */
#ifndef HANDOVER_CONSUMER_REPORT_READ_H
#define HANDOVER_CONSUMER_REPORT_READ_H

#include "report_log.h"

struct report_files {
  const char *const *events; /* none: standard input */
  size_t event_count;
  const char *const *letters;
  size_t letter_count;
  bool kcat; /* each line is what `kcat -J` prints */
};

/* Returns the exit status; errors are said on standard error. */
int report_read(struct report_log *log, const struct report_files *files);

#endif
